// A link with data-state changes the selection in place: the URL is the state, the sections redraw themselves.
(function () {
  function select(search) {
    const query = Object.fromEntries(new URLSearchParams(search));
    window.dash_clientside.set_props("view", { data: query });
  }
  document.addEventListener("click", function (event) {
    const link = event.target.closest("a[data-state]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const href = link.getAttribute("href");
    window.history.pushState(null, "", href);
    select(href);
  });
  window.addEventListener("popstate", function () {
    if (document.getElementById("words")) select(window.location.search);
  });
})();
