"""Take wrong input out again: what a file, a source or some hours delivered is withdrawn by messages in the topics.

A retraction goes the way of the data. For each row that counts in its source's layer and is to go, a row without values is
published, released after it; where the source had said something of the hour before, as far as the topics still hold it, that
is published again instead. So a recomputation of the topics gives the same, in whatever order they are read, and every mean,
index and page follows as it follows any revision. Of hours of stations another source's row comes forward by itself
(streams.memory.cityhours.strongest); of the other feeds it is published again (streams.intake.withdrawals). Nothing is removed:
the store keeps the replaced rows in its history, and the same bytes brought again are a new delivery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from standards.errors import AirshedError
from standards.pollutants import ITEMS
from streams.intake import intents
from streams.intake.releases import NEXT_S
from streams.intake.withdrawals import FEEDS, Replaced, replaced
from streams.memory import cityhours
from streams.memory.observed import layer_of
from streams.records import (
    STATUSES,
    Block,
    EmissionBlock,
    Intake,
    ObservationBlock,
    RecordError,
    SpeciesBlock,
    released,
)
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
    """What is to go: rows of a file (its name, or the first digits of its SHA-256), of a source, a run, the hours [first, end).

    Hours alone are those of what was measured at stations: a forecast, its tags and an inventory are named.
    """

    file: str = ""
    source: str = ""
    run: str = ""
    first: int | None = None
    end: int | None = None

    def covers(self, block: Block) -> bool:
        """Tell whether rows of a block are meant."""
        if (self.source and block.source != self.source) or (self.run and getattr(block, "run", "") != self.run):
            return False
        if not (self.file or self.source or self.run) and not isinstance(block, ObservationBlock | SpeciesBlock):
            return False
        by_digest = len(self.file) >= LEAST_DIGITS and block.digest.startswith(self.file)
        if self.file and not by_digest and self.file not in (block.file, Path(block.file).name):
            return False
        first, end = self.hours_of(block)
        return first < end

    def hours_of(self, block: Block) -> tuple[int, int]:
        """Give the hours [first, end) of a block that are meant."""
        last = block.first_hour + block.hours
        return max(block.first_hour, self.first or 0), last if self.end is None else min(last, self.end)


@dataclass(frozen=True, slots=True)
class Retraction:
    """What is published: rows without values, and rows from before; files whose rows go, as (digest, source).

    rows: how many are taken out, hours of stations, of a run's places, or of a city's emissions; rows_restored: how many of
    them get back what was known before. kept_back: rows that go although something from before is known, because that has
    not the status or revision to stand in their place.
    """

    withdrawn: tuple[Block, ...]
    restored: tuple[Block, ...]
    files: frozenset[tuple[str, str]]
    rows: int
    rows_restored: int
    kept_back: int


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
    parts = [part for schema in messages.TOPICS for part in _of_topic(topics, schema, wrong, said)]
    found = Retraction(
        tuple(block for part in parts for block in part.withdrawn),
        tuple(block for part in parts for block in part.restored),
        frozenset().union(*(part.files for part in parts)),
        *(sum(getattr(part, name) for part in parts) for name in ("rows", "rows_restored", "kept_back")),
    )
    if not found.rows:
        raise NothingToRetract(
            f"no row of {said.what} counts among what the topics in {topics} hold: nothing is taken out. What came can be "
            f"retracted as long as its segments are kept"
        )
    return found


def publish(topics: Path, retraction: Retraction, said: Said) -> None:
    """Append a retraction to the topics and its counts to the books, and let its files come again; all of it or nothing.

    What is to be appended is written down first. Whoever is killed on the way leaves that to finish (streams.intake.intents).
    """
    blocks, key = (*retraction.withdrawn, *retraction.restored), f"retraction-{said.digest[:24]}"
    lines: dict[str, list[str]] = {}
    for block in blocks:
        lines.setdefault(messages.TOPICS[messages.schema_of(block)], []).append(messages.block_line(block))
    lines[messages.INTAKE_TOPIC] = [messages.intake_line(each) for each in _counted(blocks, said)]
    at = max(released(block) for block in blocks)
    intents.carry_out(topics, intents.Intent(key, lines, sorted(retraction.files), at))


def _of_topic(topics: Path, schema: str, wrong: Wrong, said: Said) -> Iterator[Retraction | Replaced]:
    """Work out what goes of one feed, layer by layer: first which layers and hours are meant, then all that stands there."""
    meant: dict[Hashable, tuple[int, int]] = {}
    for block in _blocks(topics, schema):
        if wrong.covers(block):
            (first, end), hours = meant.get(_layer(block), (1 << 40, 0)), wrong.hours_of(block)
            meant[_layer(block)] = min(first, hours[0]), max(end, hours[1])
    layers: dict[Hashable, list[Block]] = {layer: [] for layer in meant}
    for block in _blocks(topics, schema) if meant else ():
        first, end = meant.get(_layer(block), (0, 0))
        if block.first_hour < end and first < block.first_hour + block.hours:
            layers[_layer(block)].append(block)
    for layer, blocks in layers.items():
        if schema == messages.OBSERVATION:
            at = max(said.at, *(released(block) + NEXT_S for block in blocks))
            yield _of_layer(blocks, *meant[layer], wrong, said, at)
        else:
            yield replaced(
                blocks, lambda block: wrong.hours_of(block) if wrong.covers(block) else None, meant[layer], said
            )


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
    rows, kept_back = int(goes.sum()), int((known & ~back).sum())
    return Retraction(tuple(withdrawn), tuple(restored), files, rows, int(back.sum()), kept_back)


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


def _counted(blocks: Iterable[Block], said: Said) -> Iterator[Intake]:
    for block in blocks:
        counts = _rows_by_hour(block)
        yield Intake(
            source=block.source, file=block.file or said.name, received_at=said.at, digest=block.digest or said.digest,
            rows_in={block.first_hour + int(hour): int(counts[hour]) for hour in np.flatnonzero(counts)},
            simulated=block.simulated, released_at=block.released_at,
        )  # fmt: skip


def _rows_by_hour(block: Block) -> np.ndarray:
    """Count the rows of a block as the desks do, int (hour,)."""
    if isinstance(block, ObservationBlock | SpeciesBlock):
        return block.present.sum(axis=0)
    return np.full(block.hours, 1 if isinstance(block, EmissionBlock) else len(block.places))


def _layer(block: Block) -> Hashable:
    if isinstance(block, ObservationBlock):
        return block.city, layer_of(block)
    return FEEDS[type(block)].layer(block)


def _blocks(topics: Path, schema: str) -> Iterator[Block]:
    topic = open_topic(topics / messages.TOPICS[schema])
    for segment in topic.segments():
        for line in topic.read(segment):
            try:
                yield messages.block_from(line)
            except (WireError, RecordError):  # the store has it as a reject
                continue
