"""Is everything stored? A replay ends when the books balance: each row that came in is accounted for, and nothing is in flight."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from streams.store.schema import ACCOUNTED, source_hour, topic_position
from streams.wire import messages
from streams.wire.topics import open_topic

LEFT_BEHIND_S = 10.0


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
    is_open = sa.case((source_hour.c.rows_in > ACCOUNTED, 1), else_=0)
    sums = [sa.func.coalesce(sa.func.sum(each), 0) for each in (source_hour.c.rows_in, ACCOUNTED, is_open)]
    with store.connect() as connection:
        rows_in, accounted, open_hours = (int(each) for each in connection.execute(sa.select(*sums)).one())
        stored = {tuple(row) for row in connection.execute(sa.select(topic_position.c.topic, topic_position.c.segment))}
    waiting = 0
    for name in (messages.RESULT_TOPIC, messages.INTAKE_TOPIC):
        waiting += sum((name, segment) not in stored for segment in open_topic(topics / name).segments())
    return Progress(rows_in, accounted, open_hours, waiting, _in_flight(topics / messages.RESULT_TOPIC))


def remove_leftovers(topics: Path, older_than_s: float = 3600.0) -> int:
    """Remove hidden result files that a killed engine left behind and that nothing has touched for long; give how many."""
    left = [path for path, age_s, _ in _hidden(topics / messages.RESULT_TOPIC) if age_s > older_than_s]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _in_flight(folder: Path) -> int:
    # The sink writes hidden files and shows them with the checkpoint that covers them, within a second. What has not been
    # touched for longer belongs to an engine that was killed: its content is written again after the recovery.
    return sum(size for _, age_s, size in _hidden(folder) if age_s < LEFT_BEHIND_S)


def _hidden(folder: Path) -> Iterator[tuple[Path, float, int]]:
    for path in folder.rglob(".part-*"):
        with contextlib.suppress(FileNotFoundError):
            state = path.stat()
            yield path, time.time() - state.st_mtime, state.st_size
