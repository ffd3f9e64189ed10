// Keeps a page that came as text up to date: asks /now, and exchanges the parts that a new data version changed.
// Clock, ages and the badge are painted by alive.js, which is told here what the server said.
(function () {
  const EVERY = 3500, SPREAD = 1000, AFTER_CHANGE = 1000, RELOAD_SPREAD = 20000; // [ms]
  const body = document.body, root = document.documentElement;
  let version = body.dataset.version, leaving = false;

  function heard(now) {
    window.dash_clientside.airshed.heard({ now: now.now, trouble: now.trouble, without: now.without });
  }
  // What the reader opened stays open, and what has the focus keeps it.
  function put(part, text) {
    const open = [...part.querySelectorAll("details")].map((each) => each.open);
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    const at = focused ? [...part.querySelectorAll("a,button,summary,input,select,[tabindex]")].indexOf(focused) : -1;
    part.innerHTML = text;
    part.querySelectorAll("details").forEach((each, i) => { if (open[i]) each.open = true; });
    if (at >= 0) part.querySelectorAll("a,button,summary,input,select,[tabindex]")[at]?.focus({ preventScroll: true });
    part.dispatchEvent(new CustomEvent("exchanged", { bubbles: true }));
  }
  const shown = new Map();
  async function take(wanted) {
    const answer = await fetch("/fragments/" + wanted + body.dataset.path);
    if (!answer.ok) return;
    const made = await answer.json();
    for (const [name, text] of Object.entries(made.parts)) {
      const part = document.getElementById(name);
      if (part && shown.get(name) !== text) {
        put(part, text);
        shown.set(name, text);
      }
    }
    version = made.version;
    body.dataset.version = version;
  }
  // A new release brings new scripts: the page is taken anew, once it can be had, and not by all screens at once.
  async function renew() {
    if (leaving) return;
    leaving = true;
    await new Promise((done) => setTimeout(done, Math.random() * RELOAD_SPREAD));
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok) return location.reload();
    } catch (error) { /* the server is not there yet */ }
    leaving = false;
  }
  // Examples name the address that this browser uses, where the server does not know by which it is reached.
  function host() {
    for (const code of document.querySelectorAll("code[data-host]"))
      code.textContent = code.textContent.replaceAll(code.dataset.host, location.origin);
  }
  host();
  document.addEventListener("exchanged", host);
  async function ask() {
    const giveUp = new AbortController(), timer = setTimeout(() => giveUp.abort(), 8000);
    try {
      const answer = await fetch("/now", { cache: "no-store", signal: giveUp.signal });
      if (answer.ok) {
        const now = await answer.json();
        heard(now);
        if (now.release !== body.dataset.release) renew();
        else if (now.version !== version) {
          await new Promise((done) => setTimeout(done, Math.random() * AFTER_CHANGE));
          await take(now.version);
        }
      }
    } catch (error) { /* no answer: alive.js says since when */ } finally {
      clearTimeout(timer);
    }
    setTimeout(ask, EVERY - SPREAD / 2 + Math.random() * SPREAD);
  }

  function remembered(name) {
    try { return localStorage.getItem(name); } catch (error) { return null; }
  }
  function palette(wanted) {
    if (wanted) root.dataset.palette = "cvd";
    else delete root.dataset.palette;
    document.getElementById("palette")?.setAttribute("aria-pressed", String(wanted));
  }
  const button = document.getElementById("palette");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      const wanted = root.dataset.palette !== "cvd";
      palette(wanted);
      try { localStorage.setItem("palette", wanted ? "cvd" : ""); } catch (error) { /* not remembered */ }
    });
  }
  palette(remembered("palette") === "cvd");
  window.airshed.back = function () {}; // after an outage the next answer brings what changed; nothing is loaded anew
  setTimeout(ask, Math.random() * 1000);
})();
