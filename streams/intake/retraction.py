"""Take wrong input out again: what a file, a source or some hours delivered is withdrawn by messages in the topics.

A retraction goes the way of the data. For each row that counts in its source's layer and is to go, a row without values is
published, released after it; where the source had said something of the hour before, as far as the topics still hold it, that is
published again instead. So a recomputation of the topics gives the same, in whatever order they are read, and every mean, index
and page follows as it follows any revision. Another source's row comes forward by itself (streams.memory.cityhours.strongest).
Nothing is removed: the store keeps the replaced rows in its history, and the same bytes brought again are a new delivery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from standards.errors import AirshedError
from standards.pollutants import ITEMS
from streams.intake.releases import JOURNAL, NEXT_S, Releases
from streams.memory import cityhours
from streams.memory.observed import layer_of
from streams.records import STATUSES, Intake, ObservationBlock, RecordError, released
from streams.wire import messages
from streams.wire.arrays import WireError
from streams.wire.topics import open_topic

LEAST_DIGITS = 8
"""So many digits of a file's SHA-256 name it at least."""
LONGEST_SAID = 400


class NothingToRetract(AirshedError, ValueError):
    """No row that counts is to go; the message says what was looked for and where."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is to go: rows of a file (its name, or the first digits of its SHA-256), of a source, of the hours [first, end)."""

    file: str = ""
    source: str = ""
    first: int | None = None
    end: int | None = None

    def covers(self, block: ObservationBlock) -> bool:
        """Tell whether rows of a block are meant."""
        if self.source and block.source != self.source:
            return False
        by_digest = len(self.file) >= LEAST_DIGITS and block.digest.startswith(self.file)
        if self.file and not by_digest and self.file not in (block.file, Path(block.file).name):
            return False
        first, end = self.hours_of(block)
        return first < end

    def hours_of(self, block: ObservationBlock) -> tuple[int, int]:
        """Give the hours [first, end) of a block that are meant."""
        last = block.first_hour + block.hours
        return max(block.first_hour, self.first or 0), last if self.end is None else min(last, self.end)


@dataclass(frozen=True, slots=True)
class Retraction:
    """What is published: rows without values, and rows from before; files whose rows go, as (digest, source).

    kept_back: rows that go although something from before is known, because that has not the status or revision to stand in
    their place.
    """

    withdrawn: tuple[ObservationBlock, ...]
    restored: tuple[ObservationBlock, ...]
    files: frozenset[tuple[str, str]]
    kept_back: int

    @property
    def rows(self) -> int:
        """How many station-hours are taken out."""
        return sum(int(block.present.sum()) for block in (*self.withdrawn, *self.restored))

    @property
    def rows_restored(self) -> int:
        """How many of them get back what was known before."""
        return sum(int(block.present.sum()) for block in self.restored)


@dataclass(frozen=True, slots=True)
class Said:
    """Who takes it out and why, when [epoch s], and what was asked for, in words."""

    what: str
    by: str
    why: str
    at: float

    @property
    def name(self) -> str:
        """What stands in the store in the place of a file's name."""
        return f"retraction of {self.what}, by {self.by}: {self.why}"[:LONGEST_SAID]

    @property
    def digest(self) -> str:
        """The SHA-256 that names it, as one names a file."""
        told = [self.what, self.by, self.why, self.at]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def plan(topics: Path, wrong: Wrong, said: Said) -> Retraction:
    """Find the rows that count and are to go, and what takes their place; changes nothing.

    Raises NothingToRetract where there are none.
    """
    meant: dict[tuple[str, str], tuple[int, int]] = {}
    for block in _blocks(topics):
        if wrong.covers(block):
            first, end = meant.get(_layer(block), (1 << 40, 0))
            hours = wrong.hours_of(block)
            meant[_layer(block)] = min(first, hours[0]), max(end, hours[1])
    layers: dict[tuple[str, str], list[ObservationBlock]] = {layer: [] for layer in meant}
    for block in _blocks(topics):
        first, end = meant.get(_layer(block), (0, 0))
        if block.first_hour < end and first < block.first_hour + block.hours:
            layers[_layer(block)].append(block)
    latest = max((released(block) for each in layers.values() for block in each), default=0.0)
    at = max(said.at, latest + NEXT_S)
    parts = [_of_layer(blocks, *meant[layer], wrong, said, at) for layer, blocks in layers.items()]
    found = Retraction(
        tuple(block for part in parts for block in part.withdrawn),
        tuple(block for part in parts for block in part.restored),
        frozenset().union(*(part.files for part in parts)),
        sum(part.kept_back for part in parts),
    )
    if not found.rows:
        raise NothingToRetract(
            f"no row of {said.what} counts among what the topics in {topics} hold: nothing is taken out. Hours of stations can be "
            f"retracted as long as their segments are kept"
        )
    return found


def sources_of(topics: Path) -> set[str]:
    """Give the sources whose hours of stations the topics hold."""
    return {block.source for block in _blocks(topics)}


def publish(topics: Path, retraction: Retraction, said: Said) -> None:
    """Append a retraction to the topics and its counts to the books, and let its files come again."""
    blocks, key = (*retraction.withdrawn, *retraction.restored), f"retraction-{said.digest[:24]}"
    feed = open_topic(topics / messages.TOPICS[messages.OBSERVATION])
    feed.append([messages.block_line(block) for block in blocks], key=key)
    intake = open_topic(topics / messages.INTAKE_TOPIC)
    intake.append([messages.intake_line(each) for each in _counted(blocks, said)], key=key)
    journal = Releases(topics / messages.INTAKE_TOPIC / JOURNAL)
    for digest, source in sorted(retraction.files):
        at = max(released(block) for block in blocks)
        for name in (source, f"{source}-simulated"):
            journal.retract(digest, name, at)


def _of_layer(blocks: list[ObservationBlock], first: int, end: int, wrong: Wrong, said: Said, at: float) -> Retraction:
    """Work out one layer: which rows count with all that came, and which without what is wrong."""
    stations = tuple(sorted({station for block in blocks for station in block.stations}))
    held, owner = _merged(blocks, first, end, stations)
    left, heir = _merged([_without(block, wrong) for block in blocks], first, end, stations)
    goes = np.zeros(owner.shape, bool)
    for number, block in enumerate(blocks):
        if wrong.covers(block):
            hours = wrong.hours_of(block)
            goes[:, max(hours[0] - first, 0) : hours[1] - first] |= (
                owner[:, max(hours[0] - first, 0) : hours[1] - first] == number
            )
    goes &= held.line != cityhours.WITHDRAWN
    known = goes & (heir >= 0) & (left.line != cityhours.WITHDRAWN)
    back = known & (left.rank == held.rank) & (left.simulated == held.simulated)
    withdrawn = _empty_rows(blocks[0], held, goes & ~back, said, at)
    restored = [
        _cut(blocks[number], heir == number, back, first, stations, at + NEXT_S, said.at)
        for number in np.unique(heir[back]).tolist()
    ]
    files = frozenset((blocks[n].digest, blocks[n].source) for n in np.unique(owner[goes]).tolist() if blocks[n].digest)
    return Retraction(tuple(withdrawn), tuple(restored), files, int((known & ~back).sum()))


def _merged(
    blocks: Iterable[ObservationBlock], first: int, end: int, stations: tuple[str, ...]
) -> tuple[cityhours.CityHours, np.ndarray]:
    """Merge blocks as a city's desk does; give the rows that count, and which block each is of, -1 where there is none."""
    held = cityhours.empty(first, end - first, stations)
    owner, position = np.full(held.rank.shape, -1), {station: i for i, station in enumerate(stations)}
    for number, block in enumerate(blocks):
        new = cityhours.from_block(block).window(max(first, block.first_hour), min(end, block.first_hour + block.hours))
        wins, _ = cityhours.merge(held, new)
        rows = [position[station] for station in new.stations]
        span = slice(new.first_hour - first, new.end - first)
        owner[rows, span] = np.where(wins, number, owner[rows, span])
    return held, owner


def _without(block: ObservationBlock, wrong: Wrong) -> ObservationBlock:
    if not wrong.covers(block):
        return block
    first, end = wrong.hours_of(block)
    present = block.present.copy()
    present[:, first - block.first_hour : end - block.first_hour] = False
    return replace(block, present=present)


def _empty_rows(
    like: ObservationBlock, held: cityhours.CityHours, goes: np.ndarray, said: Said, at: float
) -> Iterator[ObservationBlock]:
    """Give rows without values in the place of those that go, with the standing that these have."""
    for rank, simulated in sorted({*zip(held.rank[goes].tolist(), held.simulated[goes].tolist(), strict=True)}):
        status, revision = divmod(rank, cityhours.REVISIONS)
        here = goes & (held.rank == rank) & (held.simulated == simulated)
        yield replace(
            like, stations=held.stations, first_hour=held.first_hour,
            values=np.full((len(ITEMS), *here.shape), np.nan), present=here, wind_ms=None,
            lines=np.full(here.shape, cityhours.WITHDRAWN, np.int32), status=STATUSES[status], revision=revision,
            simulated=simulated, received_at=said.at, released_at=at, file=said.name, digest=said.digest,
        )  # fmt: skip


def _cut(
    block: ObservationBlock,
    own: np.ndarray,
    back: np.ndarray,
    first: int,
    stations: tuple[str, ...],
    at: float,
    now: float,
) -> ObservationBlock:
    """Give the rows of a block that come back, released anew."""
    rows = [stations.index(station) for station in block.stations]
    here = np.zeros(block.present.shape, bool)
    begin, end = max(first, block.first_hour), min(first + own.shape[1], block.first_hour + block.hours)
    inside = slice(begin - first, end - first)
    here[:, begin - block.first_hour : end - block.first_hour] = (own & back)[rows, inside]
    return replace(block, present=here, released_at=at, received_at=now)


def _counted(blocks: Iterable[ObservationBlock], said: Said) -> Iterator[Intake]:
    for block in blocks:
        hours = block.first_hour + np.flatnonzero(block.present.any(axis=0))
        counts = block.present.sum(axis=0)
        yield Intake(
            source=block.source, file=block.file or said.name, received_at=said.at, digest=block.digest or said.digest,
            rows_in={int(hour): int(counts[hour - block.first_hour]) for hour in hours},
            simulated=block.simulated, released_at=block.released_at,
        )  # fmt: skip


def _layer(block: ObservationBlock) -> tuple[str, str]:
    return block.city, layer_of(block)


def _blocks(topics: Path) -> Iterator[ObservationBlock]:
    topic = open_topic(topics / messages.TOPICS[messages.OBSERVATION])
    for segment in topic.segments():
        for line in topic.read(segment):
            try:
                yield messages.block_from(line)
            except (WireError, RecordError):  # the store has it as a reject
                continue
