"""What a first visit costs on a phone with a slow line, on a store of five years. Prints JSON.

Run: python -m tests.bench.bench_first_visit [rounds]

Chromium, 390 x 844, 1.6 Mbit/s down, 150 ms round trip, processor four times slower (what Lighthouse calls slow 4G), nothing in the
cache. kb: bytes over the wire. shown_s: until the first big number of the page is painted. The page of analysis that Dash draws
stands beside the pages as text in the same run. Medians of the rounds.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.bench.bench_viewers import _wait_for
from tests.dashboards import stores, years

ROUNDS = 3
PAGES = {"/": ".aqi, [class*=level-]", "/city/510100": ".verdict .aqi", "/stations": "[class*=level-]", "/wall": "[data-scene]",
         "/analysis": ".city-card .aqi", "/analysis/series": "main svg"}  # fmt: skip
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        engine = stores.empty_store(Path(folder))
        years.fill(engine, years.HOURS_OF_YEARS)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        own = ["--store", str(engine.url), "--folder", f"{folder}/portal"]
        commands = [["dashboards.snapshots", *own], ["dashboards", *own, "--port", str(port)]]
        running = [subprocess.Popen([sys.executable, "-m", *each], stderr=subprocess.DEVNULL) for each in commands]
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            _wait_for(port, Path(folder) / "portal")
            found = {
                path: [_visit(browser, port, path, wanted) for _ in range(rounds)] for path, wanted in PAGES.items()
            }
        finally:
            browser.close()
            for process in running:
                process.terminate()
                process.wait(10)
    told = {
        path: {name: round(median(each[name] for each in seen), 2) for name in seen[0]} for path, seen in found.items()
    }
    print(json.dumps(told, indent=2))


def _visit(browser: Browser, port: int, path: str, wanted: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    link = context.new_cdp_session(page)
    received = [0.0, 0]
    link.on("Network.loadingFinished", lambda each: received.__setitem__(0, received[0] + each["encodedDataLength"]))
    link.on("Network.requestWillBeSent", lambda _: received.__setitem__(1, received[1] + 1))
    link.send("Network.enable")
    link.send("Network.emulateNetworkConditions", SLOW)
    link.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    began = time.perf_counter()
    page.goto(f"http://127.0.0.1:{port}{path}", wait_until="commit")
    page.wait_for_selector(wanted, timeout=120_000)
    shown = time.perf_counter() - began
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    context.close()
    return {"kb": received[0] / 1000, "requests": received[1], "shown_s": shown}


if __name__ == "__main__":
    main()
