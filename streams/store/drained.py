"""Is everything stored? A replay ends when the books balance: each row that came in is accounted for, and nothing is in flight."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from streams.records import Rejected
from streams.store.connect import begin_write
from streams.store.health import OpenHour, open_hours
from streams.store.lines import EPOCH, reject_row
from streams.store.schema import ACCOUNTED, IS_OPEN, rejected, source_hour, source_total, topic_position
from streams.store.upserts import keep_rejects
from streams.wire import messages
from streams.wire.topics import open_topic

LEFT_BEHIND_S, LEFTOVER_S = 10.0, 3600.0
"""Hidden files that nothing has touched for longer [s] belong to an engine that was killed; after the second they may go."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the store is: rows that came in and were accounted for, source-hours whose books are open, and what is on its way."""

    rows_in: int
    accounted: int
    open_hours: int
    waiting_segments: int
    in_flight_bytes: int

    @property
    def drained(self) -> bool:
        """True where nothing is left to wait for."""
        return not self.open_hours and not self.waiting_segments and not self.in_flight_bytes


def progress(store: sa.Engine, topics: Path) -> Progress:
    """Compare what the topics hold with what the store has."""
    total = source_total.c
    accounted = total.accepted + total.duplicate + total.late + total.rejected
    sums = [sa.func.coalesce(sa.func.sum(each), 0) for each in (total.rows_in, accounted)]
    under_way = sa.select(sa.func.count()).where(IS_OPEN, source_hour.c.rows_in > ACCOUNTED)
    with store.connect() as connection:
        rows_in, known = (int(each) for each in connection.execute(sa.select(*sums)).one())
        still_open = connection.scalar(under_way)
        segments = sa.select(topic_position.c.topic, topic_position.c.segment).where(
            topic_position.c.topic.in_((messages.RESULT_TOPIC, messages.INTAKE_TOPIC))
        )
        stored = {tuple(row) for row in connection.execute(segments)}
    waiting = 0
    for name in (messages.RESULT_TOPIC, messages.INTAKE_TOPIC):
        waiting += sum((name, segment) not in stored for segment in open_topic(topics / name).segments())
    return Progress(rows_in, known, still_open, waiting, _in_flight(topics / messages.RESULT_TOPIC))


def report_lost(store: sa.Engine, received_before: dt.datetime) -> int:
    """Keep a reject for each hour of a source that is open and whose last rows came before a moment; give how many are new.

    Their segments leave the topics, so nothing can account for them any more. Each is told once, and its books stay open.
    """
    with store.connect() as connection:
        lost = [each for each in open_hours(connection, received_before=received_before) if each.difference > 0]
        rows = [reject_row(_lost(each), each.last_received_at) for each in lost]
        known = {id_ for row in rows for id_ in connection.scalars(sa.select(rejected.c.id).filter_by(id=row["id"]))}
    new = [row for row in rows if row["id"] not in known]
    if new:
        with begin_write(store) as connection:
            keep_rejects(connection, new)
    return len(new)


def remove_leftovers(topics: Path, older_than_s: float = LEFTOVER_S) -> int:
    """Remove hidden result files that a killed engine left behind and that nothing has touched for long; give how many."""
    left = [path for path, age_s, _ in _hidden(topics / messages.RESULT_TOPIC) if age_s > older_than_s]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _lost(hour: OpenHour) -> Rejected:
    when = None if hour.hour_end is None else (hour.hour_end - EPOCH) // dt.timedelta(hours=1)
    value = "an hour that could not be read" if hour.hour_end is None else f"{hour.hour_end:%Y-%m-%dT%H:%MZ}"
    return Rejected(
        hour.source, "books of the hour", "never accounted for", value, "accepted, duplicate, late or rejected",
        hour_end=when, rows=hour.difference,
    )  # fmt: skip


def _in_flight(folder: Path) -> int:
    # The sink writes hidden files and shows them with the checkpoint that covers them, within a second. What has not been
    # touched for longer belongs to an engine that was killed: its content is written again after the recovery.
    # One from far ahead of the clock is left too: the clock was set back since, and nobody would wait until then.
    return sum(size for _, age_s, size in _hidden(folder) if abs(age_s) < LEFT_BEHIND_S)


def _hidden(folder: Path) -> Iterator[tuple[Path, float, int]]:
    for path in folder.rglob(".part-*"):
        with contextlib.suppress(FileNotFoundError):
            state = path.stat()
            yield path, time.time() - state.st_mtime, state.st_size
