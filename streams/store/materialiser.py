"""Tail the topics and store what they bring: rows, counts and the position in the topic in ONE transaction.

A process that is killed at any moment therefore loses nothing and doubles nothing: either a segment is stored and
recorded, or it is neither and comes again. A line that cannot be used never stops the others: it becomes a row of the
table rejected, whatever it raises in Python or in the database; so does one over which the process died twice.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from streams.in_hand import InHand
from streams.store.absence import Absence, is_of_the_store
from streams.store.columns import Rows
from streams.store.connect import begin_write
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
from streams.store.mending import damaged_segments
from streams.store.schema import topic_position
from streams.store.upserts import (
    add_counts,
    claim_counts,
    claim_lines,
    claim_segment,
    keep_files,
    keep_rejects,
    next_moment,
    upsert,
)
from streams.wire.messages import INTAKE_TOPIC, RESULT_TOPIC, damage_of
from streams.wire.seals import Damage, Line
from streams.wire.topics import Topic

BATCH_ROWS = 200_000
"""A transaction is closed after the segment with which it has grown beyond this many rows."""
FLUSH_ROWS = 100_000
"""Decoded rows are handed to the database in portions of about this many, to bound memory."""
ENDED_TWICE = "it ended the program that stores it twice"
EXPECTED = "a message that can be stored"
_BATCH = "a batch"
"""The name of a batch in hand; a line's is its topic, segment and number."""

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
        in_hand: InHand | None = None,
    ) -> None:
        """prove: called first in each transaction; it raises where this process may not write any more (streams.store.lease)."""
        self._engine, self._topics, self._batch_rows, self._clock = engine, tuple(topics), batch_rows, clock
        self._prove = prove
        self._in_hand = in_hand
        self._stored = {topic.name: _positions(engine, topic.name) for topic in topics}

    def step(self) -> int:
        """Store what is new, up to about one batch; give the number of segments, 0 where nothing is new."""
        new = [(topic, segment) for topic in self._topics for segment in topic.segments(self._stored[topic.name])]
        if not new:
            return 0
        done = self._stored_with_care(new)
        for topic, segment in done:
            self._stored[topic.name].add(segment)
        return len(done)

    def _stored_with_care(self, new: list[tuple[Topic, str]]) -> list[tuple[Topic, str]]:
        """Store a batch; where something in it is refused, or has ended the process before, the first segment line by line."""
        if self._in_hand is not None and self._in_hand.poison(_BATCH):
            return self._suspects(new)
        try:
            with self._hold(_BATCH):
                return self._store(new)
        except Exception as error:
            if is_of_the_store(error):
                raise
            _log.warning("a batch was refused by the database, storing it line by line: %s", error)
        return self._store(new[:1], line_by_line=True)

    def _suspects(self, new: list[tuple[Topic, str]]) -> list[tuple[Topic, str]]:
        """Go on after two deaths: a segment at a time, each line noted before it is tried, until all that lies there is stored."""
        done = self._store(new[:1], line_by_line=True)
        if len(new) == 1:
            self._in_hand.forgive()
        return done

    def _hold(self, name: str) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext() if self._in_hand is None else self._in_hand.hold(name)

    def run(
        self, stop: threading.Event, poll_s: float = 0.05, idle: Callable[[], object] = lambda: None,
        changed: Callable[[], bool] = lambda: True, absence: Absence | None = None,
    ) -> None:  # fmt: skip
        """Store what is new until stop is set, looking every poll_s [s]; waits while the store is away, which absence tells.

        idle: called whenever nothing is new. changed: tells cheaply whether anything may have come since it was asked last.
        """
        absence = absence or Absence()
        due = True
        while not stop.is_set():
            try:
                due = changed() or due
                stored = self.step() if due else 0
                if due:
                    absence.there()
                if stored:
                    continue
                due = False
                idle()
                stop.wait(poll_s)
            except Exception as error:
                pause = absence.away(error)
                if pause is None:
                    raise
                due = True
                stop.wait(pause)

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
            if gone and topic.name == INTAKE_TOPIC:
                # Its counts tell no place: one that is put back is known by its damage alone.
                with self._engine.connect() as connection:
                    gone -= damaged_segments(connection, INTAKE_TOPIC)
            if gone:
                with begin_write(self._engine) as connection:
                    _forget(connection, topic.name, gone)
                stored -= gone
        return removed

    def read_again(
        self, name: str, segment: str, unread: Callable[[int], bool], settle: Callable[[sa.Connection], object]
    ) -> None:
        """Store a segment of a topic once more, now that it is whole, and what settle writes, in one transaction.

        unread: tells of the byte at which a line begins whether it could not be read before; of the others nothing is counted.
        Rows are upserts and rejects are known by their content. It goes line by line: what is refused costs itself alone.
        """
        topic = next(each for each in self._topics if each.name == name)
        now = EPOCH + dt.timedelta(seconds=self._clock())
        with begin_write(self._engine) as connection:
            self._prove(connection)
            _forget(connection, name, {segment})  # what a topic has is not counted by place while it is taken again
            read = [f"{segment}@{line.start}" for line in _lines(topic, segment) if not unread(line.start)]
            claim_lines(connection, name, read, now)
            batch = _Batch(connection, now, line_by_line=True, in_hand=self._in_hand, again=True)
            batch.take(topic, segment)
            batch.close()
            claim_segment(connection, {"topic": name, "segment": segment, "stored_at": next_moment(connection, now)})
            settle(connection)
        self._stored[name].add(segment)

    def has(self, name: str) -> Collection[str]:
        """Give the segments of a topic that are stored."""
        return self._stored[name]

    def _store(self, new: list[tuple[Topic, str]], *, line_by_line: bool = False) -> list[tuple[Topic, str]]:
        done: list[tuple[Topic, str]] = []
        now = EPOCH + dt.timedelta(seconds=self._clock())
        with begin_write(self._engine) as connection:
            self._prove(connection)
            batch = _Batch(connection, now, line_by_line=line_by_line, in_hand=self._in_hand)
            moment = next_moment(connection, now)
            for topic, segment in new:
                if claim_segment(connection, {"topic": topic.name, "segment": segment, "stored_at": moment}):
                    batch.take(topic, segment)
                done.append((topic, segment))
                if batch.written >= self._batch_rows:
                    break
            batch.close()
        return done


class _Batch:
    """The effects of lines on their way into one transaction."""

    def __init__(
        self, connection: sa.Connection, now: dt.datetime, *, line_by_line: bool, in_hand: InHand | None = None,
        again: bool = False,
    ) -> None:  # fmt: skip
        """again: what is taken may have been counted: counts that tell no place are those of their own line."""
        self._connection, self._now, self._line_by_line, self._again = connection, now, line_by_line, again
        self._in_hand = in_hand if line_by_line else None
        self._rows: list[Rows] = []
        self._waiting = self.written = 0
        self._counts: list[Count] = []
        self._rejects: list[dict] = []
        self._files: list[dict] = []
        self._placed: dict[str, dict[bool, Effect]] = {}

    def take(self, topic: Topic, segment: str) -> None:
        source, known, damaged = "engine" if topic.name == RESULT_TOPIC else topic.name, set(self._placed), False
        for number, found in enumerate(_lines(topic, segment), start=1):
            if isinstance(found, Damage):
                _log.error("%s/%s is damaged at byte %d: %s", topic.name, segment, found.start, found.reason)
                self._rejects.append(reject_row(damage_of(found, topic.name), self._now))
                damaged = True
                continue
            line, at = found.text, f"{segment}:{number}"
            place = f"{topic.name}/{segment}@{found.start}" if self._again else ""
            try:
                effect = self._alone(line, f"{topic.name}:{at}", place) if self._line_by_line else effect_of(line)
            except Exception as error:
                # Whatever a line raises is the line's own, unless the store is away: then all of it comes again.
                if not isinstance(error, UNREADABLE) and (not self._line_by_line or is_of_the_store(error)):
                    raise
                reject = unreadable(line, error, source=source, position=at)
                self._rejects.append(reject_row(reject, self._now))
            else:
                self._add(effect)
        if damaged:
            self._withhold(self._placed.keys() - known)

    def _withhold(self, places: Collection[str]) -> None:
        """Leave out counts of which only those by hour or only those by file could be read: both are counted when both are told.

        A place that is claimed is counted, so the other half would be lost for good.
        """
        for place in places:
            if len(self._placed[place]) < 2:
                del self._placed[place]

    def _alone(self, line: str, name: str, place: str) -> Effect:
        """Write what one line does by itself, and give what is left to do: counts that are claimed at the end, by their place."""
        if self._in_hand is not None and self._in_hand.poison(name):
            raise ValueError(f"{ENDED_TWICE}, expected {EXPECTED}")
        with contextlib.nullcontext() if self._in_hand is None else self._in_hand.hold(name):
            effect = effect_of(line)
            counted_here = place and not effect.position and (effect.counts or effect.files)
            return self._write_alone(replace(effect, position=place) if counted_here else effect)

    def close(self) -> None:
        """Write everything that is left; counts are summed, because a statement may touch a key only once."""
        self._flush()
        for place in claim_counts(self._connection, self._placed, self._now):
            for effect in self._placed[place].values():
                self._counts += effect.counts
                self._files += effect.files
        _keep(self._connection, self._rejects, self._files, self._counts)

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
        if rows:
            self._rows.append(rows)
            self._waiting += len(rows)
        if self._waiting >= FLUSH_ROWS:
            self._flush()

    def _flush(self) -> None:
        upsert(self._connection, self._rows)
        self._rows.clear()
        self.written, self._waiting = self.written + self._waiting, 0

    def _write_alone(self, effect: Effect) -> Effect:
        """Try what one line does; where the database refuses it, only that is undone."""
        try:
            with self._connection.begin_nested() as tried:
                _keep(self._connection, (), effect.files, effect.counts)
                if effect.position:
                    tried.rollback()
            with self._connection.begin_nested():
                if effect.rows:
                    upsert(self._connection, [effect.rows])
                _keep(self._connection, effect.rejects, (), ())
            self.written += len(effect.rows or ()) + len(effect.rejects)
        except Exception as error:
            if is_of_the_store(error):
                raise
            raise ValueError(f"the database refuses it: {error}") from error
        return replace(effect, rows=None, rejects=()) if effect.position else Effect()


def _keep(
    connection: sa.Connection, rejects: Sequence[dict], files: Sequence[dict], counts: Sequence[Count]
) -> None:  # fmt: skip
    if rejects:
        keep_rejects(connection, rejects)
    if files:
        keep_files(connection, files_summed(files))
    if counts:
        add_counts(connection, summed(counts))


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
