"""Work out one request in a process of its own: `python -m research.bench.worker [--registry DIR] [--lost RUNNER]`.

The store is that of AIRSHED_STORE. What a computation loads goes with it, and so does a fault of a library.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import sqlalchemy as sa

from research.bench.at_work import now_utc, runner_of, work_one
from standards import logged
from streams.registry import load
from streams.store import begin_write, open_store
from streams.store import bench_requests as requests
from streams.store.connect import ending_in_words
from streams.store.reasons import told_in

_LOG = logging.getLogger("airshed.bench")
NICE = 10
"""It gives way to all that is live."""


@ending_in_words
def main() -> int:
    """Take a request that waits, and end."""
    parser = argparse.ArgumentParser(prog="python -m research.bench.worker", description=main.__doc__)
    parser.add_argument("--registry", type=Path)
    parser.add_argument("--lost", help="a process that has ended: what it had in hand is queued once more")
    given = parser.parse_args()
    logged.begin(os.environ, phrase=told_in)
    os.nice(NICE)
    engine = open_store(create=False)
    # Heard by a thread: a handler of Python would wait for the end of a long kernel in the main one.
    told, tells = os.pipe()
    os.set_blocking(tells, False)
    signal.set_wakeup_fd(tells)
    signal.signal(signal.SIGTERM, lambda *_: None)
    threading.Thread(target=_give_back, args=(engine, told), daemon=True).start()
    with begin_write(engine) as connection:
        gone = requests.lost(connection, now_utc())
        gone += requests.lost(connection, now_utc(), runner=given.lost) if given.lost else []
    for each in gone:
        _LOG.warning("the process of %s of %s ended under it; it is now %s", each.kind, each.station, each.state)
    work_one(engine, load(given.registry), hard=True)
    return 0


def _give_back(engine: sa.Engine, told: int) -> None:
    """Wait for the end of the platform: what is in hand is queued again, and that is no death."""
    os.read(told, 1)
    with begin_write(engine) as connection:
        requests.give_back(connection, runner_of())
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
