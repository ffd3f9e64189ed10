"""What becomes of damage that is named in the books: it ends when its segment is whole again, and is kept as history.

Each place of a topic that could not be read is an open reject of the source "damage". Where its segment verifies again, because it
was put back from a backup, what lies in it is read once more: a topic of the store's own by the store, one of a feed by the engine,
which a note beside the segment tells (streams.wire.mended). The reject is then set aside, and says since when all is well.
Damage that nobody mended ends when its segment cannot be read again by anybody: after as long as feeds are kept.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

from streams.store.connect import begin_write
from streams.store.lines import EPOCH
from streams.store.reject_retention import SUMMED
from streams.store.schema import rejected
from streams.wire.mended import note_mended
from streams.wire.messages import AT_REST, DAMAGE, STORED_TOPICS
from streams.wire.seals import OTHER_BYTES, verified

LOG = logging.getLogger("airshed.store")
KEPT = dt.timedelta(days=30)
"""So long after it was named, damage of a segment that is not there any more ends."""
AGAIN_S = 3600.0
"""A file that looks as it did is read again after so long [s]: a disk that did not give it back may do so now."""
READ_AGAIN = "nothing: the segment is whole again since {} and was read once more"
WHOLE_AGAIN = "nothing: the segment is whole again since {}, and its rows were stored before"
LEFT = "nothing can be done any more: the segment has left its topic, seen at {}"
LEFT_STORED = "nothing: the segment has left its topic, seen at {}, and its rows were stored before"
Signature = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A damaged place that is open: bytes [start, end) of a file, topic/segment; end None: all that stands behind start.

    at_rest: whether its rows had been stored before. since: when it was named (naive UTC), None where that is not known.
    """

    id: str
    file: str
    start: int
    end: int | None
    at_rest: bool
    since: dt.datetime | None

    def holds(self, byte: int) -> bool:
        """Tell whether a line that begins at a byte could not be read."""
        return not self.at_rest and self.start <= byte and (self.end is None or byte < self.end)


def is_open() -> sa.ColumnElement[bool]:
    """Write which rejects are damage that is still there; sums of long ago are not."""
    c = rejected.c
    return sa.and_(c.source == DAMAGE, c.set_aside.is_(False), c.reason != SUMMED)


def open_places(connection: sa.Connection) -> tuple[Place, ...]:
    """Give the damaged places that are open, those of a file together, in the order of their bytes."""
    c = rejected.c
    query = sa.select(c.id, c.file, c.position, c.value, c.reason, c.expected, c.received_at).where(is_open())
    return tuple(sorted((_place(row) for row in connection.execute(query)), key=lambda each: (each.file, each.start)))


def damaged_segments(connection: sa.Connection, topic: str) -> set[str]:
    """Give the segments of a topic that have a damaged place which is open."""
    named = (each.file.partition("/") for each in open_places(connection))
    return {segment for name, _, segment in named if name == topic}


def settle(connection: sa.Connection, places: Iterable[Place], words: str, now: dt.datetime) -> None:
    """Set places aside, with words that say since when (naive UTC) there is nothing more to do."""
    told = {"set_aside": True, "expected": words.format(f"{now:%Y-%m-%dT%H:%MZ}")}
    for each in places:
        connection.execute(sa.update(rejected).where(rejected.c.id == each.id).values(told))


def settle_whole(connection: sa.Connection, topics: Path, now: dt.datetime) -> int:
    """Settle the places of the store's own topics whose segments are whole, in a store that has just read them; give how many."""
    count = 0
    for file, places in _by_file(open_places(connection)):
        path = _path(topics, file)
        if file.partition("/")[0] in STORED_TOPICS and path is not None and _signature(path) and _whole(path):
            settle(connection, places, READ_AGAIN, now)
            count += len(places)
    return count


class Mending:
    """Looks after the damaged places that are open; a file is read where it is another one than at the last look, and hourly.

    read_again: reads a segment of the store's own topics once more (Materialiser.read_again). prove: called first in each
    transaction; it raises where this process may not write any more. even: how time goes on [s].
    """

    def __init__(
        self, engine: sa.Engine, topics: Path, read_again: Callable[..., None], *,
        prove: Callable[[sa.Connection], object] = lambda connection: None, clock: Callable[[], float] = time.time,
        even: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._engine, self._topics, self._read_again, self._prove = engine, topics, read_again, prove
        self._clock, self._even = clock, even
        self._seen: dict[str, tuple[Signature, float]] = {}

    def look(self) -> int:
        """Settle what is whole again, or has left for good; give how many places. Errors: those of the database."""
        with self._engine.connect() as connection:
            found = open_places(connection)
        self._seen = {file: self._seen[file] for file in {each.file for each in found} & self._seen.keys()}
        return sum(self._look_at(file, places) for file, places in _by_file(found))

    def _look_at(self, file: str, places: Sequence[Place]) -> int:
        path = _path(self._topics, file)
        signature = None if path is None else _signature(path)
        if signature is None:
            return self._gone(places)
        seen, at = self._seen.get(file, (None, 0.0))
        if seen == signature and self._even() - at < AGAIN_S:
            return 0
        if _whole(path) and _signature(path) == signature:
            try:
                self._mended(file, places)
            except OSError as error:
                LOG.warning("%s is whole again, which cannot be noted yet: %s", file, error)
                return 0
            return len(places)
        self._seen[file] = signature, self._even()
        return 0

    def _mended(self, file: str, places: Sequence[Place]) -> None:
        topic, _, segment = file.partition("/")
        stored = all(each.at_rest for each in places)
        words = WHOLE_AGAIN if stored else READ_AGAIN
        LOG.info("%s is whole again", file)
        if not stored and topic in STORED_TOPICS:
            self._read_again(
                topic, segment, lambda byte: any(each.holds(byte) for each in places),
                lambda connection: settle(connection, places, words, self._now()),
            )  # fmt: skip
            return
        if not stored:
            note_mended(self._topics / topic, segment, clock=self._clock)
        self._settle(places, words)

    def _gone(self, places: Sequence[Place]) -> int:
        """End what nobody can mend: rows that were stored before are not missed, the others are told as long as feeds are kept."""
        horizon, count = self._now() - KEPT, 0
        stored = [each for each in places if each.at_rest]
        old = [each for each in places if not each.at_rest and each.since is not None and each.since < horizon]
        for some, words in ((stored, LEFT_STORED), (old, LEFT)):
            if some:
                self._settle(some, words)
                count += len(some)
        return count

    def _settle(self, places: Sequence[Place], words: str) -> None:
        with begin_write(self._engine) as connection:
            self._prove(connection)
            settle(connection, places, words, self._now())

    def _now(self) -> dt.datetime:
        return EPOCH + dt.timedelta(seconds=self._clock())


def _place(row: sa.Row) -> Place:
    start, size = (
        re.fullmatch(form, text or "") for form, text in ((r"byte (\d+)", row.position), (r"(\d+) bytes", row.value))
    )
    begin = int(start[1]) if start else 0
    alone = start and size and row.reason == f"damaged: {OTHER_BYTES}"
    end = begin + int(size[1]) if alone else None
    return Place(row.id, row.file or "", begin, end, row.expected == AT_REST, row.received_at)


def _by_file(places: Sequence[Place]) -> list[tuple[str, list[Place]]]:
    return [(file, list(some)) for file, some in groupby(places, key=lambda each: each.file)]


def _path(topics: Path, file: str) -> Path | None:
    """Give where a segment lies; None where that names none: books also tell of what lies in no topic."""
    parts = file.split("/")
    return topics.joinpath(*parts) if len(parts) > 1 and all(part and part[0] not in "._" for part in parts) else None


def _signature(path: Path) -> Signature | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _whole(path: Path) -> bool:
    return next(verified(path), None) is None
