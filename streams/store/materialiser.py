"""Tail the topics and store what they bring: rows, counts and the position in the topic in ONE transaction.

A process that is killed at any moment therefore loses nothing and doubles nothing: either a segment is stored and
recorded, or it is neither and comes again. A line that cannot be used never stops the others: it becomes a row of the
table rejected.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa

from streams.store.columns import Rows
from streams.store.connect import begin_write, named
from streams.store.lines import (
    EPOCH,
    UNREADABLE,
    Count,
    Effect,
    effect_of,
    files_summed,
    reject_row,
    summed,
    unreadable,
)
from streams.store.refusals import StoreDamaged, damage
from streams.store.schema import topic_position
from streams.store.upserts import add_counts, claim_counts, claim_segment, keep_files, keep_rejects, upsert
from streams.wire.messages import RESULT_TOPIC, damage_of
from streams.wire.seals import Damage, Line
from streams.wire.topics import Topic

BATCH_ROWS = 200_000
"""A transaction is closed after the segment with which it has grown beyond this many rows."""
FLUSH_ROWS = 100_000
"""Decoded rows are handed to the database in portions of about this many, to bound memory."""
RETRY_S, DAMAGED_RETRY_S = 1.0, 30.0
"""Pause after the database could not be reached [s], and after it was found damaged, which somebody has to mend."""

_log = logging.getLogger(__name__)


class Materialiser:
    """Stores the new segments of topics, oldest first; the store knows which segments it has."""

    def __init__(
        self,
        engine: sa.Engine,
        topics: Sequence[Topic],
        *,
        batch_rows: int = BATCH_ROWS,
        clock: Callable[[], float] = time.time,
        prove: Callable[[sa.Connection], object] = lambda connection: None,
    ) -> None:
        """prove: called first in each transaction; it raises where this process may not write any more (streams.store.lease)."""
        self._engine, self._topics, self._batch_rows, self._clock = engine, tuple(topics), batch_rows, clock
        self._prove = prove
        self._stored = {topic.name: _positions(engine, topic.name) for topic in topics}

    def step(self) -> int:
        """Store what is new, up to about one batch; give the number of segments, 0 where nothing is new."""
        new = [(topic, segment) for topic in self._topics for segment in topic.segments(self._stored[topic.name])]
        if not new:
            return 0
        driver = self._engine.dialect.dbapi
        try:
            done = self._store(new)
        except (sa.exc.IntegrityError, sa.exc.DataError, driver.IntegrityError, driver.DataError) as error:
            _log.warning("a batch was refused by the database, storing it line by line: %s", error)
            done = self._store(new[:1], line_by_line=True)
        for topic, segment in done:
            self._stored[topic.name].add(segment)
        return len(done)

    def run(
        self, stop: threading.Event, poll_s: float = 0.05, idle: Callable[[], object] = lambda: None,
        changed: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        """Store what is new until stop is set, looking every poll_s [s]; waits where the database cannot be reached.

        idle: called whenever nothing is new. changed: tells cheaply whether anything may have come since it was asked last.
        """
        driver = self._engine.dialect.dbapi
        due = True
        while not stop.is_set():
            try:
                due = changed() or due
                if due and self.step():
                    continue
                due = False
                idle()
                stop.wait(poll_s)
            except (sa.exc.OperationalError, sa.exc.InterfaceError, driver.OperationalError) as error:
                due = True
                _log.error("the store cannot be written, trying again in %s s: %s", RETRY_S, error)
                stop.wait(RETRY_S)
            except (StoreDamaged, driver.DatabaseError) as error:
                told = error if isinstance(error, StoreDamaged) else damage(error, named(self._engine))
                if told is None:
                    raise
                due = True
                _log.error("nothing is stored, trying again in %.0f s: %s", DAMAGED_RETRY_S, told)
                stop.wait(DAMAGED_RETRY_S)

    def prune(self, older_than_s: float, results_s: float | None = None) -> int:
        """Remove segments that are stored and older than older_than_s [s] and forget their positions; give how many.

        results_s: the age of results [s], where it is another one. Their files are of no use to the engine once they are visible:
        a checkpoint names hidden ones alone, and what was assessed is kept in the store.
        """
        removed = 0
        for topic in self._topics:
            stored = self._stored[topic.name]
            age_s = results_s if results_s is not None and topic.name == RESULT_TOPIC else older_than_s
            removed += len(topic.retain(age_s, keep=set(topic.segments(stored))))
            gone = stored.difference(topic.segments())
            if gone:
                with begin_write(self._engine) as connection:
                    _forget(connection, topic.name, gone)
                stored -= gone
        return removed

    def _store(self, new: list[tuple[Topic, str]], *, line_by_line: bool = False) -> list[tuple[Topic, str]]:
        done: list[tuple[Topic, str]] = []
        now = EPOCH + dt.timedelta(seconds=self._clock())
        with begin_write(self._engine) as connection:
            self._prove(connection)
            batch = _Batch(connection, now, line_by_line=line_by_line)
            for topic, segment in new:
                if claim_segment(connection, {"topic": topic.name, "segment": segment, "stored_at": now}):
                    batch.take(topic, segment)
                done.append((topic, segment))
                if batch.written >= self._batch_rows:
                    break
            batch.close()
        return done


class _Batch:
    """The effects of lines on their way into one transaction."""

    def __init__(self, connection: sa.Connection, now: dt.datetime, *, line_by_line: bool) -> None:
        self._connection, self._now, self._line_by_line = connection, now, line_by_line
        self._rows: list[Rows] = []
        self._waiting = self.written = 0
        self._counts: list[Count] = []
        self._rejects: list[dict] = []
        self._files: list[dict] = []
        self._placed: dict[str, dict[bool, Effect]] = {}

    def take(self, topic: Topic, segment: str) -> None:
        source = "engine" if topic.name == RESULT_TOPIC else topic.name
        for number, found in enumerate(_lines(topic, segment), start=1):
            if isinstance(found, Damage):
                _log.error("%s/%s is damaged at byte %d: %s", topic.name, segment, found.start, found.reason)
                self._rejects.append(reject_row(damage_of(found, topic.name), self._now))
                continue
            line = found.text
            try:
                effect = effect_of(line)
                if self._line_by_line:
                    self._write_alone(effect)
                self._add(effect)
            except UNREADABLE as error:
                reject = unreadable(line, error, source=source, position=f"{segment}:{number}")
                self._rejects.append(reject_row(reject, self._now))

    def close(self) -> None:
        """Write everything that is left; counts are summed, because a statement may touch a key only once."""
        self._flush()
        if self._rejects:
            keep_rejects(self._connection, self._rejects)
        for place in claim_counts(self._connection, self._placed, self._now):
            for effect in self._placed[place].values():
                self._counts += effect.counts
                self._files += effect.files
        if self._files:
            keep_files(self._connection, files_summed(self._files))
        if self._counts:
            add_counts(self._connection, summed(self._counts))

    def _add(self, effect: Effect) -> None:
        if effect.position:
            # By the hour and by the file; told again in the same transaction, the first time counts.
            self._placed.setdefault(effect.position, {}).setdefault(bool(effect.files), effect)
        else:
            self._counts += effect.counts
            self._files += effect.files
        self._rejects += effect.rejects
        self.written += len(effect.rejects) + len(effect.counts)
        rows = effect.rows
        if rows and not self._line_by_line:
            self._rows.append(rows)
            self._waiting += len(rows)
        if self._waiting >= FLUSH_ROWS:
            self._flush()

    def _flush(self) -> None:
        upsert(self._connection, self._rows)
        self._rows.clear()
        self.written, self._waiting = self.written + self._waiting, 0

    def _write_alone(self, effect: Effect) -> None:
        """Try the rows of one line; where the database refuses them, only they are undone."""
        driver = self._connection.dialect.dbapi
        try:
            with self._connection.begin_nested():
                if effect.rows:
                    upsert(self._connection, [effect.rows])
                    self.written += len(effect.rows)
        except (driver.IntegrityError, driver.DataError) as error:
            raise ValueError(f"the database refuses it: {error}") from error


def _lines(topic: Topic, segment: str) -> Iterator[Line | Damage]:
    try:
        yield from topic.checked(segment)
    except FileNotFoundError:
        _log.error("segment %s of topic %s has gone before it was stored", segment, topic.name)


def _positions(engine: sa.Engine, topic: str) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(topic_position.c.segment).where(topic_position.c.topic == topic)))


def _forget(connection: sa.Connection, topic: str, segments: set[str]) -> None:
    statement = sa.delete(topic_position).where(
        topic_position.c.topic == topic, topic_position.c.segment == sa.bindparam("gone")
    )
    connection.execute(statement, [{"gone": segment} for segment in segments])
