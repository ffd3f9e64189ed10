"""Watch for work: `python -m ml.attributing --data DIR --store URL [--registry DIR]`.

It knows nothing but the standard library and the folders of the topics, so that it costs next to nothing while there is
nothing to do; what attributes is a process that it starts (ml.attributing.worker).
"""

from __future__ import annotations

import argparse
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

INTAKE, RESULTS = "intake", "air"
"""The folders of the topics that tell of files that came, and of rows that were made of them."""
LOOK_S, SELDOM_S = 1.0, 10.0
"""How often it is looked whether files came, and whether rows did [s]."""
GIVEN = ("forecast.tag_hour", "forecast.station_hour", "emission.city_hour")
"""Topics of which one at least must have something: without tags, weather and inventory there is nothing to say."""
JUST_S = 30.0
"""What came so shortly before a worker ended may not have been seen by it [s]."""
FAILED_S = 30.0
"""A worker that failed is started again after this [s]."""


def main() -> int:
    """Watch for work and see that it is done."""
    parser = argparse.ArgumentParser(prog="python -m ml.attributing", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data directory; topics are in DATA/topics")
    parser.add_argument("--store", default=os.environ.get("AIRSHED_STORE"))
    parser.add_argument("--registry", type=Path)
    given = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    registry = [] if given.registry is None else ["--registry", str(given.registry)]
    command = [
        sys.executable,
        "-m",
        "ml.attributing.worker",
        "--data",
        str(given.data),
        *registry,
    ]
    # By the environment: an address may hold a password, and the list of processes is open to everyone on the machine.
    environment = {**os.environ, "AIRSHED_STORE": given.store}
    start = functools.partial(subprocess.Popen, command, stdin=subprocess.DEVNULL, env=environment)
    watch(given.data / "topics", start, stop)
    return 0


def watch(topics: Path, start: Callable[[], subprocess.Popen[bytes]], stop: threading.Event) -> None:
    """Start a worker whenever something came and none is running, until stop is set; then end it."""
    worker: subprocess.Popen[bytes] | None = None
    known, looked, failed, changed, due = 0, 0.0, 0.0, 0.0, False
    results: dict[str, int] = {}
    while not stop.wait(LOOK_S):
        came = _stamp(topics / INTAKE)
        new, known = came != known, came
        if time.monotonic() - looked > SELDOM_S:
            looked, before = time.monotonic(), results
            results = {name: _stamp(topics / RESULTS / name) for name in _folders(topics / RESULTS)}
            new = new or results != before
        if new:
            due, changed = True, time.monotonic()
        if worker is not None and worker.poll() is not None:
            failed = time.monotonic() if worker.returncode else 0.0
            # One that ended of itself has seen all but what came right before.
            due = bool(worker.returncode) or time.monotonic() - changed < JUST_S
            worker = None
        waits = failed and time.monotonic() - failed < FAILED_S
        if due and worker is None and not waits and any((topics / name).exists() for name in GIVEN):
            worker, due = start(), False
    if worker is not None and worker.poll() is None:
        worker.kill()  # at any moment it loses and doubles nothing
        worker.wait()


def _stamp(folder: Path) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except FileNotFoundError:
        return 0


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return ["", *(entry.name for entry in entries if entry.name[0] not in "._" and entry.is_dir())]
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    sys.exit(main())
