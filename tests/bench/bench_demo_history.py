"""The demo's past beside the live hour: `python -m tests.bench.bench_demo_history [--probes N]` prints JSON.

Starts `up` with the demo and its past on a new folder, as a visitor does. Says when the portal answered, the first quarter of a
year and all months of observations were in, what memory and processor the past took, how much the folder has grown. Meanwhile a
file with one station's hour is laid down every few seconds and waited for in the store: published to stored, once while the past
is brought and once, before, without it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil

from tests.integration.processes import ROOT

PORT, LATEST_S, PAST = 8797, 900.0, "research.virtual_airshed.past"
PROBE_S, POLL_S = 1.0, 0.01
QUARTER = 3
"""Months of a quarter, the newest first: the part of the month that is under way is one of them."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--probes", type=int, default=40, help="files before the past begins, and as many at most while it lasts"
    )
    parser.add_argument("--forecasts", action="store_true", help="wait for the forecast runs too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), given.probes, forecasts=given.forecasts), indent=2))


def measured(data: Path, probes: int, *, forecasts: bool) -> dict:
    """Run a new demo in a folder until its past is in; give the figures."""
    begun, load = time.monotonic(), os.getloadavg()[0]
    with _running([sys.executable, "-m", "infra", "up", "--data", str(data), "--port", str(PORT), "--no-history"]):
        _wait(_answers)
        portal = time.monotonic()
        store = data / "store.sqlite"
        _wait(lambda: _first(store, "SELECT count(*) FROM air_city_hour WHERE simulated") or 0)
        _wait_until_caught_up(store)
        without = [_probe(data, store, n) for n in range(probes)]
        grown, start = _size(data), time.monotonic()
        command = [sys.executable, "-m", PAST, "--data", str(data), "--store", f"sqlite:///{store}"]
        with _running(command) as past:
            moments, beside, rss = {}, [], 0
            while past.poll() is None and time.monotonic() - start < LATEST_S:
                done = _done(store)
                for months in range(1, done + 1):
                    moments.setdefault(months, time.monotonic() - start)
                with contextlib.suppress(psutil.Error):
                    process = psutil.Process(past.pid)
                    rss, cpu = max(rss, process.memory_info().rss), sum(process.cpu_times()[:2])
                if done == _planned(store) and not forecasts and done:
                    break
                if len(beside) < 4 * probes:
                    beside.append(_probe(data, store, probes + len(beside)))
                else:
                    time.sleep(PROBE_S)
            grown = _size(data) - grown
    return {
        "load_before": round(load, 2), "portal_s": round(portal - begun, 1),
        "first_quarter_s": round(moments.get(QUARTER, float("nan")), 1), "months": len(moments),
        "all_months_s": round(max(moments.values()), 1), "cpu_s": round(cpu, 1), "peak_rss_mib": rss >> 20,
        "grown_mib": grown >> 20,
        "published_to_stored_s": {"without": _spread(without), "beside_the_past": _spread(beside)},
    }  # fmt: skip


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen]:
    environment = {**os.environ, "AIRSHED_BOOTSTRAP": "off", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _answers() -> bool:
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", PORT))


def _wait(seen: Callable[[], object], seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain")
        time.sleep(0.2)


def _wait_until_caught_up(store: Path) -> None:
    """Wait until the live demo has stored an hour that ended less than an hour and a few minutes ago, and is quiet for a while."""
    newest = "SELECT max(hour_end) > datetime('now', '-70 minutes') FROM air_city_hour WHERE simulated"
    _wait(lambda: _first(store, newest))
    time.sleep(20)


def _first(store: Path, query: str, *values: object) -> object:
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(_open(store)) as connection:
        row = connection.execute(query, values).fetchone()
        return row and row[0]
    return None


def _open(store: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{store}?mode=ro", uri=True)


def _done(store: Path) -> int:
    return int(_first(store, "SELECT count(*) FROM topic_position WHERE topic = 'simulated-past/observed'") or 0)


def _planned(store: Path) -> int:
    return int(_first(store, "SELECT count(*) FROM topic_position WHERE topic = 'simulated-past/planned'") or 0)


def _probe(data: Path, store: Path, number: int) -> float:
    """Lay down an hour of a station, as its newest revision, and give the seconds until the store has it."""
    time.sleep(PROBE_S)
    hour = time.strftime("%Y-%m-%dT%H:00Z", time.gmtime(time.time() - 5 * 3600))
    value = (1000 + number) / 10
    path = data / "simulated" / "outbox" / "stations" / f"probe_{number:04d}.csv"
    hidden = path.with_name(f".{path.name}.part")
    hidden.write_text(
        f"station,hour_end,pm25_ugm3,status,revision,simulated\n1431A,{hour},{value},reviewed,{100 + number},true\n"
    )
    begun = time.monotonic()
    hidden.rename(path)
    query = "SELECT count(*) FROM air_station_hour WHERE station = '1431A' AND pm25_ugm3 = ?"
    while not _first(store, query, value):
        if time.monotonic() - begun > 60:
            return float("inf")
        time.sleep(POLL_S)
    return time.monotonic() - begun


def _size(folder: Path) -> int:
    found = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # a segment or a file under a hidden name that has gone
            found += path.stat().st_size
    return found


def _spread(seconds: list[float]) -> dict:
    found = np.asarray(seconds)
    return {"files": found.size, **{f"p{q}": round(float(np.quantile(found, q / 100)), 2) for q in (50, 90, 99)}}


if __name__ == "__main__":
    main()
