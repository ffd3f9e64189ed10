// The three parts of dash.dcc that the portal uses, in place of Dash's bundle of them all: a timer, a value, the address.
window.dash_core_components = (function () {
  const ADDRESS = ["pathname", "search", "hash", "href"];
  function effect(run, on) {
    window.React.useEffect(run, on);
  }
  function Interval(props) { // as often as React draws it, one timer: it reads the newest props
    const newest = window.React.useRef(props);
    newest.current = props;
    effect(function () {
      if (props.disabled) return undefined;
      const timer = setInterval(function () {
        const own = newest.current;
        own.setProps({ n_intervals: (own.n_intervals || 0) + 1 });
      }, props.interval);
      return function () { clearInterval(timer); };
    }, [props.interval, props.disabled]);
    return null;
  }
  function Store() { // what it holds lies in Dash's own state
    return null;
  }
  function Location(props) { // tells where the browser is, and never moves it
    const newest = window.React.useRef(props);
    newest.current = props;
    effect(function () {
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
  return { Interval, Store, Location };
})();
