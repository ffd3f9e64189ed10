"""Run the materialiser as a process: `python -m streams.store --data DIR --store URL [--retain-days N]`."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from standards import logged
from standards.clocks import DAY_S, ClockWatch
from streams.in_hand import HANDS, InHand, run_of
from streams.store.absence import NOTE, Absence, open_when_there
from streams.store.drained import LEFTOVER_S, progress, remove_leftovers, report_lost
from streams.store.lines import EPOCH
from streams.store.materialiser import Materialiser
from streams.store.reasons import told_in
from streams.store.tag_retention import settings_of, thin_tags
from streams.wire import messages
from streams.wire.changes import FolderChanges
from streams.wire.topics import open_topic

LOG = logging.getLogger("airshed.store")
PRUNE_EVERY_S = 3600.0
MOVED_DAYS = 1.0
"""A clock that went ahead by more than this was set: nobody removes by it what may be young [d]."""


def main() -> int:
    """Store what the topics hold and what comes."""
    parser = argparse.ArgumentParser(prog="python -m streams.store", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data directory; topics are in DATA/topics")
    parser.add_argument(
        "--store", default=os.environ.get("AIRSHED_STORE"), help="database URL (default: AIRSHED_STORE)"
    )
    parser.add_argument(
        "--retain-days", type=float, default=30.0, help="remove topic segments that are stored and older"
    )
    given = parser.parse_args()
    logged.begin(os.environ, phrase=told_in)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    folders = [given.data / "topics" / name for name in messages.STORED_TOPICS]
    topics, changes = [open_topic(folder) for folder in folders], [FolderChanges(folder) for folder in folders]
    absence = Absence(given.data / NOTE)
    engine = open_when_there(given.store, stop, absence)
    if engine is None:
        return 0
    materialiser = Materialiser(engine, topics, in_hand=InHand(given.data / HANDS / "store", run_of(os.environ)))
    materialiser.run(
        stop, absence=absence, idle=Hourly(lambda: prune(materialiser, engine, given.data / "topics", given.retain_days * DAY_S)),
        changed=lambda: any(each.look() for each in changes),
    )  # fmt: skip
    return 0


class Hourly:
    """Calls what removes by age at most once in PRUNE_EVERY_S, the first time after as long, and never by a clock that was set.

    A clock that went ahead by more than MOVED_DAYS while this ran would make everything old; the next start goes by it.
    """

    def __init__(
        self, call: Callable[[], object], *, wall: Callable[[], float] = time.time,
        even: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.call, self.even, self.last = call, even, even()
        self.watch = ClockWatch(wall, even)

    def __call__(self) -> None:
        if self.even() - self.last <= PRUNE_EVERY_S:
            return
        self.last = self.even()
        ahead = self.watch.since_start() / DAY_S
        if ahead > MOVED_DAYS:
            LOG.warning(
                "the clock went ahead by %.1f days while this ran: nothing old is removed until the next start", ahead
            )
        else:
            self.call()


def prune(materialiser: Materialiser, engine: sa.Engine, topics: Path, older_than_s: float) -> int:
    """Remove segments older than older_than_s [s]: of results when they are stored, of feeds whatever row is still open.

    What is open for so long is told as never accounted for, once. What a killed engine left behind goes when nothing waits for it.
    """
    horizon = EPOCH + dt.timedelta(seconds=time.time() - older_than_s)
    if lost := report_lost(engine, horizon):
        LOG.warning("the rows of %d hours were never accounted for; the rejects name them", lost)
    days, lead_hours = settings_of(os.environ)
    if thinned := thin_tags(engine, EPOCH + dt.timedelta(seconds=time.time()), days=days, lead_hours=lead_hours):
        LOG.info("thinned %d rows of long leads", thinned)
    removed = materialiser.prune(older_than_s)
    removed += sum(len(open_topic(topics / name).retain(older_than_s)) for name in messages.TOPICS.values())
    if progress(engine, topics).drained:
        removed += remove_leftovers(topics)
    elif older_than_s > LEFTOVER_S:
        removed += remove_leftovers(topics, older_than_s=older_than_s)
    _remove_empty_folders(topics / messages.RESULT_TOPIC, older_than_s)
    if removed:
        LOG.info("removed %d old segments", removed)
    return removed


def _remove_empty_folders(folder: Path, older_than_s: float) -> None:
    # Each day has a folder of results, and whoever waits for results asks about every one of them.
    for inner in [entry for entry in folder.iterdir() if entry.is_dir()] if folder.exists() else []:
        with contextlib.suppress(OSError):  # not empty
            if time.time() - inner.stat().st_mtime > older_than_s:
                inner.rmdir()


if __name__ == "__main__":
    sys.exit(main())
