"""Verify the segments at rest, slowly and in rounds, so that damage is known before anybody needs what was damaged.

A round reads each visible segment of all topics once, RATE bytes a second. The next one follows soon after a short one, and within
ROUND_S of its beginning, or at once, after a long one.
What is found is a reject of the source "damage", as that which a reader meets, and ends as that does (streams.store.mending).
Segments that the store has not taken yet are left to it: it verifies them as it reads.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from streams.store.connect import begin_write
from streams.store.lines import EPOCH, reject_row
from streams.store.schema import topic_position
from streams.store.upserts import keep_rejects
from streams.wire.messages import STORED_TOPICS, TOPICS, damage_of
from streams.wire.seals import Damage, checked, unreadable
from streams.wire.topics import open_topic

LOG = logging.getLogger("airshed.store")
RATE = 250_000
"""Bytes a second: 21 GB a day, for a thousandth of a core and a disk that hardly notices."""
ROUND_S, STEP_S, MOST_S = 3600.0, 1.0, 4.0
"""From the beginning of a round to that of the next one at most, from step to step, and what a step makes up at most [s]."""
REST_S, REST = 60.0, 9.0
"""Between two rounds lies this at least [s], and so many times as long as the round took: a short one comes again soon."""
LEAST = 4096
"""A file counts as so many bytes at least: to open one costs as much."""
OVERDUE_H = 48.0
"""After so long without a round that came to its end it is said that the topics want verifying [h]."""
VERIFIED = "verified"
"""The topic under which the last round that came to its end is noted."""
_FORM, _MOMENT = re.compile(r"([\d:TZ-]{20}) ([\d:TZ-]{20}) (\d+) (\d+)"), "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Round:
    """A round that came to its end: from when to when (naive UTC) it read how many segments, and bytes, each from end to end."""

    begun: dt.datetime
    ended: dt.datetime
    segments: int
    size: int

    def age_h(self, now: dt.datetime) -> float:
        """Give how long ago it ended [h]; now: UTC."""
        return (now.replace(tzinfo=None) - self.ended).total_seconds() / 3600


def last_round(connection: sa.Connection) -> Round | None:
    """Give the last round that came to its end; None where none did."""
    c = topic_position.c
    told = connection.scalar(sa.select(c.segment).where(c.topic == VERIFIED).order_by(c.segment.desc()).limit(1))
    found = _FORM.fullmatch(told or "")
    if found is None:
        return None
    begun, ended = (dt.datetime.strptime(each, _MOMENT) for each in found.groups()[:2])
    return Round(begun, ended, int(found[3]), int(found[4]))


def forget_rounds(connection: sa.Connection) -> None:
    """Forget when segments were verified: those of a place to which they were just brought were not yet read there."""
    connection.execute(sa.delete(topic_position).where(topic_position.c.topic == VERIFIED))


class Verifying:
    """Goes through the topics, a slice at each step.

    stored: gives the segments of one of the store's own topics that it has taken. prove: called first in each transaction; it
    raises where this process may not write any more. clock: tells the moments that are noted [epoch s], even: how time goes on [s].
    """

    def __init__(
        self, engine: sa.Engine, topics: Path, stored: Callable[[str], Collection[str]], *,
        prove: Callable[[sa.Connection], object] = lambda connection: None, rate: float = RATE,
        clock: Callable[[], float] = time.time, even: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._engine, self._topics, self._stored, self._prove = engine, topics, stored, prove
        self._rate, self._clock, self._even = rate, clock, even
        self._last, self._next, self._begun = even(), even(), even()
        self._round: Iterator[int] | None = None
        self._segments = self._size = 0

    def step(self) -> None:
        """Read a slice where it is time for one. Errors: those of the database."""
        now = self._even()
        if now - self._last < STEP_S or (self._round is None and now < self._next):
            return
        allowed, self._last = min(now - self._last, MOST_S) * self._rate, now
        if self._round is None:
            self._begun, self._round = now, self._slices()
        try:
            for size in self._round:
                allowed -= size
                if allowed <= 0:
                    return
        except Exception:
            self._round, self._next = None, now  # the store is away: all of it again
            raise
        self._round = None
        took = self._even() - self._begun
        self._next = max(now + REST_S, self._begun + min(ROUND_S, (REST + 1) * took))

    def _slices(self) -> Iterator[int]:
        """Go through all segments once, giving what each line or file costs [bytes], and note it at the end."""
        begun, self._segments, self._size = self._clock(), 0, 0
        for name in sorted({*STORED_TOPICS, *TOPICS.values()}):
            if not (self._topics / name).is_dir():
                continue
            segments = open_topic(self._topics / name).segments()
            for segment in segments:
                if name not in STORED_TOPICS or segment in self._stored(name):
                    yield from self._segment(name, segment)
        self._note(begun)

    def _segment(self, name: str, segment: str) -> Iterator[int]:
        found: list[Damage] = []
        place = size = 0
        try:
            with open(self._topics / name / segment, "rb") as file:
                for each in checked(file, segment):
                    found += [each] if isinstance(each, Damage) else []
                    yield max(each.start - place, 0)
                    place = max(each.start, place)
                size = file.seek(0, 2)
        except FileNotFoundError:
            return  # it has left
        except OSError as error:
            found.append(unreadable(segment, error, place))
        self._segments, self._size = self._segments + 1, self._size + size
        if found:
            self._tell(name, found)
        yield max(size - place, LEAST)

    def _tell(self, name: str, found: list[Damage]) -> None:
        now = EPOCH + dt.timedelta(seconds=self._clock())
        with begin_write(self._engine) as connection:
            self._prove(connection)
            keep_rejects(connection, [reject_row(damage_of(each, name, at_rest=True), now) for each in found])
        for each in found:
            LOG.error("%s/%s is damaged at byte %d: %s", name, each.file, each.start, each.reason)

    def _note(self, begun: float) -> None:
        moments = [(EPOCH + dt.timedelta(seconds=each)).strftime(_MOMENT) for each in (begun, self._clock())]
        told = " ".join((*moments, str(self._segments), str(self._size)))
        with begin_write(self._engine) as connection:
            self._prove(connection)
            forget_rounds(connection)
            # Without a moment of its own: it brings nothing for which a page would have to be drawn again.
            connection.execute(sa.insert(topic_position).values(topic=VERIFIED, segment=told, stored_at=EPOCH))
