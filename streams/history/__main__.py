"""Take a bounded history into a store and end: `python -m streams.history --data DIR --store URL [--until FILE]`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from standards import logged
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.history.workers import WorkerFailed
from streams.registry import load
from streams.registry.roster import roster_of
from streams.store import open_store
from streams.store.connect import ending_in_words, require_place
from streams.store.feeders import StrangerError, refusing_strangers, require_welcome
from streams.store.identity import IdentityError, identity_of
from streams.store.lease import FedElsewhere, LeaseLost, take
from streams.store.materialiser import Materialiser
from streams.store.reasons import told_in
from streams.wire import messages
from streams.wire.stamps import next_stamp
from streams.wire.topics import open_topic

LOG = logging.getLogger("airshed.history")


@ending_in_words
def main() -> int:
    """Take all that the topics hold, and what comes until FILE is there; then end."""
    parser = argparse.ArgumentParser(prog="python -m streams.history", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data directory; topics are in DATA/topics")
    parser.add_argument(
        "--store", default=os.environ.get("AIRSHED_STORE"), help="database URL (default: AIRSHED_STORE)"
    )
    parser.add_argument("--registry", type=Path, default=None, help="folder of the registry's files")
    parser.add_argument("--workers", type=int, default=max(1, min(os.cpu_count() or 1, 8) - 1))
    parser.add_argument("--until", type=Path, default=None, help="go on until this file is there")
    given = parser.parse_args()
    logged.begin(os.environ, phrase=told_in)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        require_place(given.store, given.data)
        engine = open_store(given.store, before_upgrade=refusing_strangers(given.data))
        require_welcome(engine, given.data)
        lease = take(engine, identity_of(given.data))
        history = History(
            given.data / "topics", given.data / "history", roster_of(load(given.registry)),
            StoreSink(engine, lease.prove), workers=given.workers, stamp=lambda: next_stamp(given.data),
        )  # fmt: skip
        segments = history.run(lambda: given.until is None or given.until.exists())
        intake = Materialiser(engine, [open_topic(given.data / "topics" / messages.INTAKE_TOPIC)], prove=lease.prove)
        while intake.step():
            pass
        lease.release()
    except (WorkerFailed, StrangerError, FedElsewhere, LeaseLost, IdentityError) as error:
        LOG.error("%s", error)
        return 1
    engine.dispose()
    LOG.info("%d segments are in", segments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
