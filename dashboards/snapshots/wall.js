// The wallboard: rotates the scenes, walks through the hours to come on the map, and lets the keyboard halt it.
// One timer, and listeners on the document alone: what is exchanged below them leaves nothing behind.
// The clock of the machine is not asked: time is counted by performance.now(), which no setting of a clock moves.
(function () {
  const root = document.documentElement, query = new URLSearchParams(location.search);
  const GROUND = { dark: "#0b1420", light: "#eef2f6" }, TICK = 500, NOW_PART = 0.2; // [ms], share of a scene
  const theme = query.get("theme") === "light" ? "light" : "dark";
  root.dataset.theme = theme;
  root.style.background = GROUND[theme]; // before the first paint where this script stands in the head
  const wanted = Number(query.get("seconds"));
  const lasts = 1000 * (wanted >= 3 && wanted <= 3600 ? wanted : 15);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let order = [], at = 0, spent = 0, before = 0, paused = false, frame = 0;

  function scenes() {
    return [...document.querySelectorAll("[data-scene]")];
  }
  function chosen() {
    const known = scenes().map((each) => each.dataset.scene);
    const asked = (query.get("scenes") || "").split(",").filter((name) => known.includes(name));
    return asked.length ? asked : known;
  }
  function mark(element, name, value) {
    if (element && element.getAttribute(name) !== value) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
  }
  function put(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }
  // Marks what is shown; also after an exchange, which has brought elements without marks, before they are painted.
  function apply() {
    for (const scene of scenes()) mark(scene, "data-shown", scene.dataset.scene === order[at] ? "" : null);
    for (const link of document.querySelectorAll("[data-goto]")) {
      mark(link, "aria-current", link.dataset.goto === order[at] ? "true" : null);
      link.hidden = !order.includes(link.dataset.goto);
    }
    const halted = document.querySelector(".pager .paused");
    if (halted && halted.hidden === paused) halted.hidden = !paused;
    colour();
  }
  function go(to) {
    at = (to + order.length) % order.length;
    spent = 0;
    frame = 0;
    apply();
    const shown = document.querySelector("[data-shown]");
    if (shown && shown.animate && !still.matches) shown.animate([{ opacity: 0.2 }, { opacity: 1 }], { duration: 400 });
  }
  // Colours the map by a column of the table beside it; the first is the hour shown.
  function colour() {
    const table = document.getElementById("frames");
    if (!table) return;
    const heads = [...table.querySelectorAll("[data-frame-title]")];
    heads.forEach((head, i) => head.classList.toggle("on", i === frame));
    put(document.querySelector(".map-tile h3"), heads[frame].dataset.frameTitle);
    mark(document.querySelector(".wall-map"), "data-ahead", frame ? "" : null);
    for (const row of table.querySelectorAll("[data-city]")) {
      const cells = row.querySelectorAll("td"), cell = cells[frame], code = row.dataset.city;
      cells.forEach((each, i) => each.classList.toggle("on", i === frame));
      const level = [...cell.classList].find((name) => /^l\d$/.test(name)) || "l0";
      mark(document.querySelector('[data-map="' + code + '"]'), "class", "area " + level);
      put(document.querySelector('[data-number="' + code + '"]'), cell.textContent);
    }
  }
  function walk() {
    const count = document.querySelectorAll("#frames [data-frame-title]").length;
    if (order[at] !== "map" || still.matches || count < 2) return;
    const part = spent / lasts;
    const next = part < NOW_PART ? 0 : Math.min(count - 1, 1 + Math.floor(((part - NOW_PART) / (1 - NOW_PART)) * (count - 1)));
    if (next !== frame) {
      frame = next;
      colour();
    }
  }
  function tick() {
    const now = performance.now(), passed = Math.min(now - before, 4 * TICK); // a machine that slept does not skip scenes
    before = now;
    if (paused) return;
    spent += passed;
    if (spent >= lasts && order.length > 1) go(at + 1);
    else if (spent >= lasts) spent = 0;
    walk();
  }
  function pause() {
    paused = !paused;
    apply();
  }
  function pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = { " ": pause, ArrowRight: () => go(at + 1), ArrowLeft: () => go(at - 1) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
  function clicked(event) {
    const link = event.target.closest && event.target.closest("[data-goto]");
    if (!link || !order.includes(link.dataset.goto)) return;
    event.preventDefault();
    go(order.indexOf(link.dataset.goto));
  }
  function start() {
    order = chosen();
    if (!order.length) return;
    root.dataset.rotating = "";
    apply();
    before = performance.now();
    document.addEventListener("exchanged", apply);
    document.addEventListener("keydown", pressed);
    document.addEventListener("click", clicked);
    setInterval(tick, TICK);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
