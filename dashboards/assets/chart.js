// Tells the values of a chart under the pointer, or under the arrow keys where the chart has the focus.
(function () {
  let tip = null;
  function hide() {
    if (tip) tip.remove();
    tip = null;
  }
  function time(first, hours) { // first: "YYYY-MM-DD HH:MM", counted on as if it were UTC
    const at = new Date(Date.parse(first.replace(" ", "T") + "Z") + hours * 3600e3).toISOString();
    return at.slice(0, 10) + " " + at.slice(11, 16);
  }
  function row(text, className) {
    const element = document.createElement("div");
    element.textContent = text;
    if (className) element.className = className;
    return element;
  }
  function show(plot, share) {
    const data = JSON.parse(plot.dataset.chart), at = Math.round(Math.min(Math.max(share, 0), 1) * (data.count - 1));
    const told = data.lines.filter((line) => line.values[at] !== null);
    hide();
    tip = document.createElement("div");
    tip.className = "chart-tip";
    tip.setAttribute("role", "status");
    tip.append(row(time(data.first, at), "when"));
    for (const line of told) tip.append(row(line.name + " " + line.values[at] + (line.notes[at] ? " · " + line.notes[at] : "")));
    if (!told.length) tip.append(row("NA"));
    const across = data.count > 1 ? at / (data.count - 1) : 0;
    tip.style.setProperty("--at", 100 * across + "%");
    tip.classList.toggle("left", across > 0.5);
    plot.append(tip);
    plot.dataset.at = at;
  }
  document.addEventListener("pointermove", function (event) {
    const plot = event.target.closest ? event.target.closest("[data-chart]") : null;
    if (!plot) return hide();
    const box = plot.getBoundingClientRect();
    show(plot, (event.clientX - box.left) / box.width);
  });
  document.addEventListener("keydown", function (event) {
    const plot = document.activeElement && document.activeElement.closest("[data-chart]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") hide();
    if (!plot || !step) return;
    const count = JSON.parse(plot.dataset.chart).count;
    show(plot, (Number(plot.dataset.at || 0) + step) / Math.max(count - 1, 1));
    event.preventDefault();
  });
  document.addEventListener("focusout", hide);
})();
