/* The language switch, what stands under the pointer, and where the reader is. */
(() => {
  const root = document.documentElement, tip = document.getElementById("tip");
  const titles = { zh: document.title, en: document.title };
  Object.assign(titles, JSON.parse(document.getElementById("titles").textContent));
  const speak = (lang) => {
    root.dataset.lang = lang;
    root.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = titles[lang];
  };
  speak(root.dataset.lang);
  document.getElementById("language").addEventListener("click", () => speak(root.dataset.lang === "zh" ? "en" : "zh"));

  const fields = new WeakMap();
  const read = (image) => {
    if (!fields.has(image)) {
      const bytes = Uint8Array.from(atob(image.dataset.values), (c) => c.charCodeAt(0));
      fields.set(image, new Int16Array(bytes.buffer));
    }
    return fields.get(image);
  };
  const inMap = (svg, event) => {
    const image = svg.querySelector("image.field[data-values]");
    const box = image.getBoundingClientRect(), rows = 60, columns = 48;
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = rows - 1 - Math.floor(((event.clientY - box.top) / box.height) * rows);
    if (row < 0 || row >= rows || column < 0 || column >= columns) return "";
    const value = read(image)[row * columns + column], step = Number(image.dataset.step);
    if (value === -32768) return "NA";
    const kinds = image.dataset[root.dataset.lang === "zh" ? "kindsZh" : "kindsEn"];
    if (kinds) return kinds.split("|")[Math.floor(value * step)];
    return `${(value * step).toFixed(step < 1 ? 1 : 0)} ${image.dataset[root.dataset.lang]}`;
  };
  const said = (event) => {
    if (!event.target) return "";
    const map = event.target.closest && event.target.closest("svg.map");
    if (map && map.querySelector("image.field[data-values]")) return inMap(map, event);
    const mark = event.target.closest && event.target.closest("svg [data-zh]");
    return mark ? mark.dataset[root.dataset.lang] : "";
  };
  const show = (event) => {
    const words = said(event);
    tip.classList.toggle("on", Boolean(words));
    if (!words) return;
    tip.textContent = words;
    const wide = tip.offsetWidth, high = tip.offsetHeight;
    tip.style.left = `${Math.min(event.clientX + 14, innerWidth - wide - 8)}px`;
    tip.style.top = `${event.clientY - high - 12 < 4 ? event.clientY + 18 : event.clientY - high - 12}px`;
  };
  // The page moves under a mouse that rests: what stands there now is read anew. A finger that scrolls points at nothing.
  let rests = null;
  const pointed = (event) => {
    rests = event.pointerType === "mouse" ? { clientX: event.clientX, clientY: event.clientY } : null;
    show(event);
  };
  const moved = () => {
    if (rests) show({ ...rests, target: document.elementFromPoint(rests.clientX, rests.clientY) });
    else tip.classList.remove("on");
  };
  addEventListener("pointermove", pointed, { passive: true });
  addEventListener("pointerdown", pointed, { passive: true });
  addEventListener("scroll", moved, { passive: true });

  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        links.forEach((a, id) => a.classList.toggle("here", id === entry.target.id));
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  document.querySelectorAll("section[id]").forEach((each) => seen.observe(each));
})();
