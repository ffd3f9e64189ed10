"""Run the materialiser as a process: `python -m streams.store --data DIR --store URL [--bounded]`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from streams import messages
from streams.store import open_store
from streams.store.materialiser import Materialiser
from streams.topics import open_topic


def main() -> int:
    """Store what the topics hold and what comes; with --bounded end when all is stored."""
    parser = argparse.ArgumentParser(prog="python -m streams.store", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data directory; topics are in DATA/topics")
    parser.add_argument(
        "--store", default=os.environ.get("AIRSHED_STORE"), help="database URL (default: AIRSHED_STORE)"
    )
    parser.add_argument("--bounded", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stdout)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    topics = [open_topic(given.data / "topics" / name) for name in (messages.RESULT_TOPIC, messages.INTAKE_TOPIC)]
    materialiser = Materialiser(open_store(given.store), topics)
    if given.bounded:
        while not stop.is_set() and materialiser.step():
            pass
    else:
        materialiser.run(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
