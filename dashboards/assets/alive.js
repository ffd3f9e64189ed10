// Keeps the screen honest: clock, ages and the freshness badge are counted here every second, against the server's clock,
// so that they go on ageing when the server, the network or the feed stops.
window.airshed = { offset: 0, heardAt: Date.now(), trouble: "", without: {}, lost: false };
(function () {
  const LOST_AFTER = 15, LATE = 3600, STALE = 3 * 3600; // [s]; the last two as in moment.py
  const state = window.airshed;

  let read = "", known = null;
  function words() {
    const text = document.getElementById("words")?.dataset.words || "";
    if (text !== read) [read, known] = [text, text ? JSON.parse(text) : null];
    return known;
  }
  function ahead() {
    return Number(document.getElementById("words").dataset.ahead); // [s] of clocks in Beijing, from moment.py
  }
  function put(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }
  function fill(template, n) {
    return template.replace("{n}", n).replace("{hours}", n);
  }
  function span(seconds, w) {
    if (seconds < 60) return w["age.now"];
    if (seconds < 2 * 3600) return fill(w["age.minutes"], Math.floor(seconds / 60));
    if (seconds < 48 * 3600) return fill(w["age.hours"], Math.floor(seconds / 3600));
    return fill(w["age.days"], Math.floor(seconds / 86400));
  }
  // What the platform has to do without, above the page's own notices: it comes and goes with what the server says.
  function missing() {
    const place = document.getElementById("notices");
    const lang = (document.querySelector(".shell")?.lang || document.documentElement.lang).slice(0, 2);
    const said = (state.without || {})[lang] || "";
    let notice = document.getElementById("platform-notice");
    if (!said) return notice?.remove();
    if (!notice && place) {
      notice = document.createElement("div");
      Object.assign(notice, { id: "platform-notice", className: "notice waiting" });
      notice.setAttribute("role", "status");
      place.before(notice);
    }
    put(notice, said);
  }
  function freshness(badge, now) {
    const silent = (Date.now() - state.heardAt) / 1000;
    if (silent > LOST_AFTER) return ["lost", silent];
    if (state.trouble && badge.dataset.hour) return ["unreadable", silent];
    const mode = badge.dataset.mode, age = now - Number(badge.dataset.hour);
    if (mode === "waiting" || mode === "back" || mode === "replay") return [mode, age];
    return [age > STALE ? "stale" : age > LATE ? "late" : "live", age];
  }
  function paint() {
    const w = words(), badge = document.getElementById("badge");
    if (!w || !badge) return;
    const now = (Date.now() + state.offset) / 1000;
    const [mode, age] = freshness(badge, now);
    if (document.body.dataset.fresh !== mode) document.body.dataset.fresh = mode;
    put(badge, w["mode." + mode] + (mode === "waiting" ? "" : " · " + span(Math.max(age, 0), w)));
    const beijing = new Date((now + ahead()) * 1000).toISOString();
    put(document.getElementById("clock"), beijing.slice(0, 10) + " " + beijing.slice(11, 19));
    for (const element of document.querySelectorAll("[data-age-of]")) {
      const old = now - Number(element.dataset.ageOf);
      put(element, span(Math.max(old, 0), w));
      const late = Number(element.dataset.lateAfter || LATE), stale = Number(element.dataset.staleAfter || STALE); // of its own source
      element.classList.toggle("late", old > late);
      element.classList.toggle("stale", old > stale);
      element.closest("[data-tile]")?.classList.toggle("tile-stale", old > stale);
    }
    if (mode === "lost") state.lost = true;
    else if (state.lost) {
      state.lost = false;
      if (state.back) state.back();
      else window.location.reload(); // back after an outage: take the page anew
    }
  }
  const changes = new MutationObserver(look);
  function look() {
    paint();
    changes.takeRecords(); // what was written just now is no change of the page
  }
  setInterval(look, 1000);
  changes.observe(document, { childList: true, subtree: true });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    airshed: {
      heard: function (beat) {
        if (beat) {
          state.heardAt = Date.now();
          state.offset = beat.now * 1000 - Date.now();
          state.trouble = beat.trouble;
          state.without = beat.without;
          missing();
          paint();
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
