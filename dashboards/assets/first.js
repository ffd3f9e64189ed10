// The first answers that Dash asks for stand in its page already (dashboards/first.py): each is taken once, from there.
(function () {
  const told = new Map();
  for (const each of document.querySelectorAll("script[data-answers]")) told.set(each.dataset.answers, each);
  const ask = window.fetch;
  if (!told.size) return;
  window.fetch = function (address, options) {
    const own = told.get(String(address));
    if (!own) return ask.call(window, address, options);
    told.delete(String(address));
    if (!told.size) window.fetch = ask;
    return Promise.resolve(new Response(own.textContent, { headers: { "Content-Type": "application/json" } }));
  };
})();
