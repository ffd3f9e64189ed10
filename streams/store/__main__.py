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
from streams.store.connect import begin_write, ending_in_words
from streams.store.drained import LEFTOVER_S, progress, remove_leftovers, report_lost
from streams.store.feeders import StrangerError
from streams.store.identity import IdentityError, identity_of
from streams.store.lease import FedElsewhere, Lease, LeaseLost, take
from streams.store.lines import EPOCH
from streams.store.materialiser import Materialiser
from streams.store.mending import Mending
from streams.store.reasons import told_in
from streams.store.reject_retention import reject_days, sum_up_rejects
from streams.store.settings import result_days
from streams.store.tag_retention import settings_of, thin_tags
from streams.store.upserts import forget_counts
from streams.store.verifying import Verifying
from streams.wire import messages
from streams.wire.changes import FolderChanges
from streams.wire.topics import open_topic

LOG = logging.getLogger("airshed.store")
RETRY_S = 1.0
"""Pause after the data directory could not be written at the start [s]."""
PRUNE_EVERY_S = 3600.0
MEND_EVERY_S = 60.0
"""How often it is looked whether what is damaged is whole again [s]; a file is read only where it is another one."""
MOVED_DAYS = 1.0
"""A clock that went ahead by more than this was set: nobody removes by it what may be young [d]."""


@ending_in_words
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
    absence = Absence(given.data / NOTE)
    try:
        engine = open_when_there(given.store, stop, absence, feeds=given.data)
        if engine is None:
            return 0
        folders = [given.data / "topics" / name for name in messages.STORED_TOPICS]
        topics, changes = [open_topic(folder) for folder in folders], [FolderChanges(folder) for folder in folders]
        hand = InHand(given.data / HANDS / "store", run_of(os.environ))
        lease = begun(engine, given.data, stop, absence)
        if lease is None:
            return 0
        materialiser = Materialiser(engine, topics, prove=lease.prove, in_hand=hand)
        hourly = Hourly(lambda: prune(
            materialiser, engine, given.data / "topics", given.retain_days * DAY_S, results_s=result_days(os.environ) * DAY_S,
        ))  # fmt: skip
        mending = Mending(engine, given.data / "topics", materialiser.read_again, prove=lease.prove)
        now_and_then = Every(MEND_EVERY_S, mending.look)
        verifying = Verifying(engine, given.data / "topics", materialiser.has, prove=lease.prove)
        materialiser.run(
            stop, absence=absence, idle=lambda: (lease.beat(), hourly(), now_and_then(), verifying.step()),
            changed=lambda: any(each.look() for each in changes),
        )  # fmt: skip
        lease.release()
    except (StrangerError, FedElsewhere, LeaseLost, IdentityError) as error:
        LOG.error("%s", error)
        return 1
    return 0


def begun(engine: sa.Engine, data: Path, stop: threading.Event, absence: Absence) -> Lease | None:
    """Begin to feed the store, as soon as there is room on the disk and the database answers; None where stop is set before."""
    while True:
        try:
            lease = take(engine, identity_of(data))
        except (OSError, sa.exc.SQLAlchemyError) as error:
            pause = absence.away(error)
            if pause is None and not isinstance(error, OSError):
                raise
            if pause is None:
                LOG.error("the store cannot be fed yet, trying again in %s s: %s", RETRY_S, error)
            if stop.wait(pause or RETRY_S):
                return None
        else:
            absence.there()
            return lease


class Every:
    """Calls at most once in so many seconds, the first time at once."""

    def __init__(
        self, every_s: float, call: Callable[[], object], *, even: Callable[[], float] = time.monotonic
    ) -> None:
        self.every_s, self.call, self.even = every_s, call, even
        self.last: float | None = None

    def __call__(self) -> None:
        now = self.even()
        if self.last is None or now - self.last >= self.every_s:
            self.last = now
            self.call()


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


def prune(
    materialiser: Materialiser, engine: sa.Engine, topics: Path, older_than_s: float, *, results_s: float | None = None
) -> int:
    """Remove segments older than older_than_s [s]: of results when they are stored, of feeds whatever row is still open.

    results_s: the age at which results go [s], None: the same one.
    What is open for so long is told as never accounted for, once. What a killed engine left behind goes when nothing waits for it.
    """
    horizon = EPOCH + dt.timedelta(seconds=time.time() - older_than_s)
    if lost := report_lost(engine, horizon):
        LOG.warning("the rows of %d hours were never accounted for; the rejects name them", lost)
    days, lead_hours = settings_of(os.environ)
    if thinned := thin_tags(engine, EPOCH + dt.timedelta(seconds=time.time()), days=days, lead_hours=lead_hours):
        LOG.info("thinned %d rows of long leads", thinned)
    if told := sum_up_rejects(engine, EPOCH + dt.timedelta(seconds=time.time()), days=reject_days(os.environ)):
        LOG.info("summed up %d old rejects", told)
    removed = materialiser.prune(older_than_s, results_s)
    for name in (*messages.TOPICS.values(), messages.INTAKE_TOPIC):
        topic = open_topic(topics / name)
        removed += len(topic.retain(older_than_s)) if name != messages.INTAKE_TOPIC else 0
        with begin_write(engine) as connection:
            forget_counts(connection, name, topic.segments(), before=horizon)
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
