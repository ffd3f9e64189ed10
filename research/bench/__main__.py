"""Watch for requests: `python -m research.bench --store URL [--registry DIR]`.

It knows the standard library and the driver of the database alone, so that it costs next to nothing while nobody asks; each request
is worked out by a process that it starts (research.bench.worker).
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOOK_S = 2.0
"""How often it is looked whether somebody asks [s]."""
SILENT_S = 60
"""streams.store.bench_requests.SILENT, without importing it."""
FAILED_S = 10.0
"""After a worker that failed the next one waits so long [s]."""
STOP_S = 0.15
WAITS = (
    "SELECT 1 FROM bench_request WHERE state = 'queued' UNION ALL "
    "SELECT 1 FROM bench_request WHERE state = 'running' AND beat_at < {} LIMIT 1"
)
Asks = Callable[[], bool]


def main() -> int:
    """Watch for requests and see that they are worked out."""
    parser = argparse.ArgumentParser(prog="python -m research.bench", description=main.__doc__)
    parser.add_argument("--store", default=os.environ.get("AIRSHED_STORE", ""))
    parser.add_argument("--registry", type=Path)
    given = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    registry = [] if given.registry is None else ["--registry", str(given.registry)]
    command = [sys.executable, "-m", "research.bench.worker", *registry]
    # By the environment: an address may hold a password, and the list of processes is open to everyone on the machine.
    environment = {**os.environ, "AIRSHED_STORE": given.store}

    def start(lost: str) -> subprocess.Popen[bytes]:
        more = ["--lost", lost] if lost else []
        return subprocess.Popen([*command, *more], stdin=subprocess.DEVNULL, env=environment)

    watch(asks_of(given.store), start, stop)
    return 0


def watch(asks: Asks, start: Callable[[str], subprocess.Popen[bytes]], stop: threading.Event) -> None:
    """Start a worker whenever a request waits and none is running, until stop is set; then let it give back what it has."""
    worker: subprocess.Popen[bytes] | None = None
    lost, failed = "", 0.0
    while not stop.wait(LOOK_S if worker is None else 0.2):
        if worker is not None and worker.poll() is not None:
            if worker.returncode:
                lost, failed = f"{socket.gethostname()}:{worker.pid}", time.monotonic()
            worker = None
        waits = failed and time.monotonic() - failed < FAILED_S
        if worker is None and not waits and (lost or asks()):
            worker, lost, failed = start(lost), "", 0.0
    if worker is not None and worker.poll() is None:
        worker.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(STOP_S)
        worker.kill()
        worker.wait()


def asks_of(store: str) -> Asks:
    """Give the question whether a request waits, for a store's address; a store that is away or older answers no."""
    parts = urlsplit(store)
    if parts.scheme.startswith("postgres"):
        return lambda: _asks_postgres(store)
    path = unquote(store.removeprefix("sqlite://").removeprefix("/")) if parts.scheme.startswith("sqlite") else store
    return lambda: _asks_file(path)


def _asks_file(path: str) -> bool:
    try:
        uri = f"{Path(path).absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=1.0)) as connection:
            return (
                connection.execute(WAITS.format("?"), (f"{_silent():%Y-%m-%d %H:%M:%S}.000000",)).fetchone() is not None
            )
    except sqlite3.Error:
        return False


def _asks_postgres(store: str) -> bool:
    import psycopg

    try:
        address = "postgresql://" + store.partition("://")[2]
        with psycopg.connect(address, connect_timeout=5) as connection:
            return connection.execute(WAITS.format("%s"), (_silent(),)).fetchone() is not None
    except psycopg.Error:
        return False


def _silent() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(seconds=SILENT_S)


if __name__ == "__main__":
    sys.exit(main())
