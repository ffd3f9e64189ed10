"""The process that attributes, started when there is work: `python -m ml.attributing.worker --data DIR --store URL`.

It ends when its parent has gone, and after a while without work where no model carries tags: then an hour's attribution
waits for nobody's run, and the memory is better given back.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

import sqlalchemy as sa

from ml.attributing.work import Learning, Worker
from standards import logged
from streams.registry.kept import load_or_kept
from streams.store.absence import open_when_there
from streams.store.connect import ending_in_words
from streams.store.reasons import told_in

LOOK_S, RETRY_S = 0.5, 5.0
IDLE_S = 60.0
LOG = logging.getLogger("airshed.attribution")


@ending_in_words
def main() -> int:
    """Attribute what the store gets."""
    parser = argparse.ArgumentParser(prog="python -m ml.attributing.worker", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--store", default=os.environ.get("AIRSHED_STORE"))
    parser.add_argument("--registry", type=Path)
    given = parser.parse_args()
    logged.begin(os.environ, phrase=told_in)
    stop, parent = threading.Event(), os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    learning = Learning(given.store, given.data, given.registry)
    engine = open_when_there(given.store, stop, create=False)
    if engine is None:
        return 0
    worker = Worker(engine, load_or_kept(given.registry), given.data, learn=learning)
    busy = time.monotonic()
    try:
        while not stop.wait(LOOK_S) and os.getppid() == parent:
            try:
                if worker.step():
                    busy = time.monotonic()
            except sa.exc.OperationalError as error:
                LOG.error("the store cannot be read, trying again in %s s: %s", RETRY_S, error)
                stop.wait(RETRY_S)
            if not worker.tagged and time.monotonic() - busy > IDLE_S:
                break
    finally:
        learning.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
