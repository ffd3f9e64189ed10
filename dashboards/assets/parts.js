// The two parts of dash.dcc that the portal uses, in place of Dash's bundle of them all: a value, and the address.
window.dash_core_components = (function () {
  const ADDRESS = ["pathname", "search", "hash", "href"];
  function Store() { // what it holds lies in Dash's own state
    return null;
  }
  function Location(props) { // tells where the browser is, and never moves it
    const newest = window.React.useRef(props);
    newest.current = props;
    window.React.useEffect(function () {
      function look() {
        const moved = ADDRESS.filter((name) => newest.current[name] !== window.location[name]);
        if (moved.length) newest.current.setProps(Object.fromEntries(moved.map((name) => [name, window.location[name]])));
      }
      look();
      window.addEventListener("popstate", look);
      return function () { window.removeEventListener("popstate", look); };
    }, []);
    return null;
  }
  return { Store, Location };
})();
