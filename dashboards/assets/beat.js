// Asks whether the store has changed, and only then lets Dash draw the sections again: a question through Dash itself would
// run through every part of the page each time. What is told stands beside "beat", see shell.py.
(function () {
  const EVERY = 2000, GIVE_UP = 8000, LOOK = 100; // [ms]
  let told = null;

  function heard(now) {
    window.dash_clientside.airshed.heard({
      now: Number(now.now), trouble: now.trouble,
      without: typeof now.without === "string" ? JSON.parse(now.without) : now.without,
    });
  }
  async function ask(place) {
    const over = new AbortController(), timer = setTimeout(() => over.abort(), GIVE_UP);
    try {
      const query = new URLSearchParams({ known: place.dataset.pulse });
      const answer = await fetch("/beat?" + query, { cache: "no-store", signal: over.signal });
      if (!answer.ok) return;
      const now = await answer.json();
      heard(now);
      if (!now.pulse) return;
      place.dataset.pulse = now.pulse;
      window.dash_clientside.set_props("pulse", { data: now.pulse });
    } catch (error) { /* no answer: alive.js says since when */ } finally {
      clearTimeout(timer);
    }
  }
  async function beat() {
    const place = document.getElementById("beat");
    if (place && place === told) await ask(place);
    else if (place) heard(place.dataset); // the page itself was the first answer
    told = place;
    setTimeout(beat, place ? EVERY : LOOK);
  }
  beat();
})();
