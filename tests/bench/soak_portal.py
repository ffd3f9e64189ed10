"""A wallboard stays open while a month of hours goes by at speed and its portal is killed again and again. Prints JSON.

Run: python -m tests.bench.soak_portal [kills] [days]

The portal and its press run as under `up` on a store that gets the hours of eight cities step by step; before every second step the
portal is killed (SIGKILL) and started anew, as the supervisor does. After each step the wall must show the new hour within
within_s without having been loaded anew; where the portal stays away the wall must say so and never look live. The heap is
measured after a collection at the beginning and at the end.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from dashboards.moment import beijing
from tests.dashboards import stores

KILLS, DAYS, WITHIN_S, SILENT_S = 20, 30, 20.0, 25.0
ROOT = Path(__file__).parents[2]
CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")
LIVE = ("live", "late", "stale", "replay", "back")
"""What the badge says of a page that hears its server."""


@dataclass
class Soak:
    """What was seen: seconds until each new hour stood on the wall, heaps [MB], and what should not be."""

    steps_s: list[float] = field(default_factory=list)
    heap_mb: list[float] = field(default_factory=list)
    looked_live: int = 0
    reloads: int = 0
    errors: list[str] = field(default_factory=list)


def soak(kills: int, days: int) -> Soak:
    """Run it."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        engine = stores.empty_store(Path(folder))
        stores.fill(engine)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        own = ["--store", str(engine.url), "--folder", f"{folder}/portal"]
        press = _run("dashboards.snapshots", *own)
        portal = _run("dashboards", *own, "--port", str(port))
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            _answers(port)
            page = browser.new_page(viewport={"width": 1920, "height": 1080}, bypass_csp=True)
            seen = Soak()
            page.on("pageerror", lambda error: seen.errors.append(str(error)))
            page.goto(f"http://127.0.0.1:{port}/wall")
            page.evaluate("window.same = true")
            seen.heap_mb.append(_heap(page))
            hour, steps = stores.NEWEST, 2 * kills
            for step in range(steps):
                if step % 2:
                    os.killpg(portal.pid, signal.SIGKILL)  # with its worker, as the supervisor ends a session
                    portal.wait()
                    if step == 1:
                        _stays_away(page, seen)
                    portal = _run("dashboards", *own, "--port", str(port))
                hour = _hours(engine, hour, max(1, 24 * days // steps))
                seen.steps_s.append(_shown(page, hour))
            seen.heap_mb.append(_heap(page))
            seen.reloads = int(page.evaluate("window.same !== true"))
            return seen
        finally:
            browser.close()
            for process in (portal, press):
                process.terminate()
                process.wait(10)


def _run(module: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _answers(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError("the portal did not start within 60 s")


def _hours(engine, after: dt.datetime, count: int) -> dt.datetime:
    """Store so many hours of all cities; give the last."""
    for n in range(1, count + 1):
        for city in CITIES:
            stores.add_city_hour(engine, city, after + n * stores.HOUR, 40 + n % 100)
    return after + count * stores.HOUR


def _shown(page: Page, hour: dt.datetime) -> float:
    """Wait until the headline names the hour; give the seconds it took."""
    began = time.monotonic()
    words = beijing(hour)[5:]
    page.wait_for_function(f"document.body.innerText.includes({json.dumps(words)})", timeout=WITHIN_S * 1000)
    return time.monotonic() - began


def _stays_away(page: Page, seen: Soak) -> None:
    """Without its server the wall says so within SILENT_S, and then never again looks as if it heard it."""
    page.wait_for_function("document.body.dataset.fresh === 'lost'", timeout=SILENT_S * 1000)
    for _ in range(5):
        time.sleep(1)
        seen.looked_live += page.evaluate("document.body.dataset.fresh") in LIVE


def _heap(page: Page) -> float:
    link = page.context.new_cdp_session(page)
    link.send("HeapProfiler.collectGarbage")
    used = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
    link.detach()
    return round(used, 2)


def main() -> None:
    """Run and print."""
    kills, days = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((1, KILLS), (2, DAYS)))
    seen = soak(kills, days)
    told = {
        "kills": kills, "days": days, "steps": len(seen.steps_s), "slowest_step_s": round(max(seen.steps_s), 1),
        "heap_mb": seen.heap_mb, "looked_live_without_a_server": seen.looked_live, "reloads": seen.reloads, "errors": seen.errors,
    }  # fmt: skip
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
