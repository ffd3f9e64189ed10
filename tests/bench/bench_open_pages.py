"""What an open page costs while nothing changes, and what stays behind of a thousand redraws. Prints JSON.

Run: python -m tests.bench.bench_open_pages [--seconds N] [--redraws N]

Each page stands alone in a Chromium of its own (1366 x 768), on a store whose newest hour is the present one, so that it is live.
Idle: main_percent is the share of one core that the page's thread took (CDP, TaskDuration), browser_percent that of all of
Chromium's processes, server_percent that of the portal and the press together (nobody: with no page open). Redraws: kb is the
growth of the heap of JavaScript over all of them, each time after a forced collection, nodes that of the document's nodes.
of_dash: the same figure over that of the page that Dash draws, in the same run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, CDPSession, Page, Playwright, sync_playwright

from tests.bench.bench_viewers import _wait_for
from tests.dashboards import stores, years

SECONDS, REDRAWS, SETTLE_S = 60.0, 1000, 8.0
DASH = "/analysis"
PAGES = {"/": "[class*=level-]", "/city/510100": ".verdict .aqi", "/wall": "[data-scene]", DASH: ".city-card .aqi"}
SIZE = {"width": 1366, "height": 768}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]
WARM = 20
"""Redraws before the first look at the heap: what is made once is made by then."""
FAST = """(() => {
  const later = window.setTimeout.bind(window), ask = window.fetch.bind(window);
  let count = 0, known = null, parts = null;
  window.redraws = { wanted: 0, done: () => count };
  window.setTimeout = (act, wait, ...more) => later(act, window.redraws.wanted > count ? Math.min(wait || 0, 4) : wait, ...more);
  window.fetch = async (address, options) => {
    const to = String(address);
    if (to === "/now" && window.redraws.wanted > count && parts) {
      return new Response(JSON.stringify({ ...known, version: "turn" + (count + 1) }));
    }
    if (to.startsWith("/fragments/turn")) {
      count += 1;
      const made = Object.entries(parts).map(([name, text]) => [name, text + "<!--" + count + "-->"]);
      return new Response(JSON.stringify({ version: "turn" + count, parts: Object.fromEntries(made) }));
    }
    const answer = await ask(address, options);
    if (to === "/now") {
      known = await answer.clone().json();
      const whole = await ask("/fragments/" + known.version + document.body.dataset.path);
      if (whole.ok) parts = (await whole.json()).parts;
    }
    return answer;
  };
})()"""
"""Lets a page as text believe that its data change as often as it asks, and ask at once: what it does with them is its own."""
TURN = """async ([queries, wanted]) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const ask = window.fetch;
  let redrawn = 0, asked = 0, open = 0;
  window.fetch = (...words) => { asked += 1; open += 1; return ask(...words).finally(() => { open -= 1; }); };
  const seen = new MutationObserver(() => { redrawn += 1; });
  seen.observe(document.querySelector("main"), { childList: true, subtree: true });
  for (let turn = 0; turn < wanted; turn += 1) {
    const before = redrawn, until = performance.now() + 20000;
    window.dash_clientside.set_props("view", { data: queries[turn % queries.length] });
    do await frame(); while ((redrawn === before || open > 0) && performance.now() < until);
    if (redrawn === before) throw new Error("turn " + turn + " drew nothing");
  }
  seen.disconnect();
  window.fetch = ask;
  return asked;
}"""
"""Lets a page of Dash be drawn for one selection after the other, each once the one before is wholly there."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--redraws", type=int, default=REDRAWS)
    given = parser.parse_args()
    with portal() as (address, servers), sync_playwright() as started:
        time.sleep(SETTLE_S)
        nobody = {"server_percent": _server_alone(servers, given.seconds)}
        open_ = {path: _told(_idle(started, address, path, servers, given.seconds)) for path in PAGES}
        redrawn = {path: _told(_redrawn(started, address, path, given.redraws)) for path in PAGES}
    found = {"seconds": given.seconds, "redraws": given.redraws, "nobody": nobody}
    print(json.dumps(found | {"idle": _with_ratios(open_), "redrawn": _with_ratios(redrawn)}, indent=2))


@contextmanager
def portal() -> Iterator[tuple[str, list[psutil.Process]]]:
    """Give the address of a portal with its press, on a month that ends now, and its processes."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        engine = stores.empty_store(Path(folder))
        newest = dt.datetime.now(dt.UTC).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        years.fill(engine, years.MONTH, newest)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        own = ["--store", str(engine.url), "--folder", f"{folder}/portal"]
        commands = [["dashboards.snapshots", *own], ["dashboards", *own, "--port", str(port)]]
        running = [subprocess.Popen([sys.executable, "-m", *each], stderr=subprocess.DEVNULL) for each in commands]
        try:
            _wait_for(port, Path(folder) / "portal")
            yield f"http://127.0.0.1:{port}", [psutil.Process(each.pid) for each in running]
        finally:
            for process in running:
                process.terminate()
                process.wait(10)


@contextmanager
def alone(started: Playwright, address: str, path: str) -> Iterator[tuple[Page, CDPSession]]:
    """Give a page that is open, alone in a Chromium of its own."""
    browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    try:
        with opened(browser, address, path) as found:
            yield found
    finally:
        browser.close()


@contextmanager
def opened(browser: Browser, address: str, path: str) -> Iterator[tuple[Page, CDPSession]]:
    """Give a page that is open and has shown its numbers, and the link to its workings."""
    page = browser.new_page(viewport=SIZE, bypass_csp=True)
    try:
        if path != DASH:
            page.add_init_script(FAST)
        page.goto(f"{address}{path}")
        page.wait_for_selector(PAGES[path], state="attached")
        page.wait_for_load_state("networkidle")
        page.evaluate(
            "window.airshed.back = () => {}"
        )  # a machine so busy that the page calls itself lost: no load anew
        link = page.context.new_cdp_session(page)
        link.send("Performance.enable")
        yield page, link
    finally:
        page.close()


def heap(link: CDPSession) -> tuple[float, int]:
    """Give (bytes of JavaScript in use [kB], nodes) after a forced collection."""
    for _ in range(3):
        link.send("HeapProfiler.collectGarbage")
    return link.send("Runtime.getHeapUsage")["usedSize"] / 1000, int(_metrics(link)["Nodes"])


def redraw(page: Page, path: str, times: int) -> None:
    """Have a page drawn anew so many times."""
    if path == DASH:
        page.evaluate(TURN, [[{"city": "510700"}, {"city": "510100"}], times])
        return
    wanted = page.evaluate("times => (window.redraws.wanted = window.redraws.done() + times)", times)
    page.wait_for_function("wanted => window.redraws.done() >= wanted", arg=wanted, timeout=60_000 + 500 * times)
    page.wait_for_function("document.body.dataset.version.startsWith('turn')")


def _redrawn(started: Playwright, address: str, path: str, times: int) -> dict[str, float]:
    with alone(started, address, path) as (page, link):
        redraw(page, path, WARM)
        before, nodes = heap(link)
        begun, busy = time.perf_counter(), _metrics(link)["TaskDuration"]
        redraw(page, path, times)
        ms = 1000 * (_metrics(link)["TaskDuration"] - busy) / times
        lasted = time.perf_counter() - begun
        after, nodes_after = heap(link)
    return {
        "heap_kb": round(before), "grown_kb": round(after - before, 1), "grown_nodes": nodes_after - nodes,
        "main_ms_each": round(ms, 2), "seconds": round(lasted, 1),
    }  # fmt: skip


def _idle(started: Playwright, address: str, path: str, servers: Sequence[psutil.Process], seconds: float) -> dict:
    with alone(started, address, path) as (page, link):
        page.wait_for_timeout(1000 * SETTLE_S)
        chromium = [each for each in psutil.Process().children(recursive=True) if "chrom" in each.name()]
        before = _metrics(link), _cpu_s(chromium), _cpu_s(servers)
        page.wait_for_timeout(1000 * seconds)
        after = _metrics(link), _cpu_s(chromium), _cpu_s(servers)
    shares = {
        "main_percent": after[0]["TaskDuration"] - before[0]["TaskDuration"], "browser_percent": after[1] - before[1],
        "server_percent": after[2] - before[2],
    }  # fmt: skip
    told = {name: round(100 * value / seconds, 2) for name, value in shares.items()}
    return told | {"layouts": int(after[0]["LayoutCount"] - before[0]["LayoutCount"])}


def _server_alone(servers: Sequence[psutil.Process], seconds: float) -> float:
    before = _cpu_s(servers)
    time.sleep(seconds)
    return round(100 * (_cpu_s(servers) - before) / seconds, 2)


def _metrics(link: CDPSession) -> dict[str, float]:
    return {each["name"]: each["value"] for each in link.send("Performance.getMetrics")["metrics"]}


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    """Give the seconds of processor that processes and their children took so far."""
    family = {each for one in processes for each in (one, *one.children(recursive=True))}
    return sum(times.user + times.system for times in (each.cpu_times() for each in family if each.is_running()))


def _told(found: dict) -> dict:
    """Say a figure as soon as it is there: the whole takes a quarter of an hour."""
    print(found, file=sys.stderr, flush=True)
    return found


def _with_ratios(found: dict[str, dict[str, float]]) -> dict[str, dict]:
    dash = found[DASH]
    ratios = {
        path: {name: round(value / dash[name], 3) for name, value in each.items() if dash[name] > 0}
        for path, each in found.items()
    }
    return {path: each | {"of_dash": ratios[path]} for path, each in found.items()}


if __name__ == "__main__":
    main()
