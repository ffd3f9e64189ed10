"""The desks of some cities over a history: lines of the topics in, rows and counts out, the state in plain memory.

Blocks of observations of one city that follow one another are taken together, so that a history of daily files costs the arrays'
fixed price once a month and not once a day. The rows are those of the engine's job: it calls the same desks.
"""

from __future__ import annotations

import logging
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from streams.desks import citydesk, routing
from streams.memory.archive import Archive
from streams.memory.book import LAYOUT, Book
from streams.memory.shelf import Shelf
from streams.records import Block, ObservationBlock, RecordError, RegionUpdate, Rejected
from streams.registry.roster import Roster
from streams.results import Rows
from streams.store.bulk import prepared
from streams.store.columns import Rows as StoredRows
from streams.store.lines import count_file, file_of
from streams.store.rows import RowsError
from streams.wire import messages
from streams.wire.arrays import WireError
from streams.wire.seals import Damage

LOG = logging.getLogger("airshed.history")
TOGETHER_H = 62 * 24
"""Blocks are taken together while they span at most this [h]."""
Counts = dict[tuple[str, int], list[int]]
"""By source and epoch hour: rows accepted, duplicate, late."""
Files = dict[tuple[str, str], dict[str, Any]]
"""By digest and name what became of the rows of a file, as the store adds it up (streams.store.lines.file_of)."""


class Pieces(dict):
    """The mapping of a city's state as a dict."""

    put = dict.__setitem__


@dataclass(slots=True)
class Results:
    """What came out: rows ready to be stored, updates for the region, counts, and lines that could not be used."""

    rows: list[StoredRows] = field(default_factory=list)
    updates: list[RegionUpdate] = field(default_factory=list)
    counts: Counts = field(default_factory=dict)
    files: Files = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)


@dataclass(slots=True)
class _City:
    book: Book
    held: Pieces
    waiting: list[ObservationBlock] = field(default_factory=list)
    first: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """Whose desks one process works at: keys alone, or, where all_but is true, of all keys but these."""

    keys: frozenset[str]
    all_but: bool = False

    def __contains__(self, key: str) -> bool:
        return (key in self.keys) is not self.all_but


class Cities:
    """The desks of the cities, and of the groups of other stations, that are in a share."""

    def __init__(self, roster: Roster, mine: Share, *, version: int, archive: Path | None = None) -> None:
        self.roster, self.mine, self.version = roster, mine, version
        # What is written is forced to the disk at once, before a state that names it is kept.
        self._archive = Archive(archive, layout=LAYOUT, lasting=False) if archive else None
        self._cities: dict[str, _City] = {}
        self.results = Results()

    def take(self, line: str) -> None:
        """Take a line of a feed's topic; what it leads to is in results, some of it only after finish."""
        for key, routed in routing.route(line, tuple(place.code for place in self.roster.cities)):
            if key in self.mine:
                self._take(key, routed)

    def miss(self, damage: Damage, topic: str) -> None:
        """Say what of a topic could not be read; of several processes that read it, the one with the unreadable does."""
        if routing.UNREADABLE in self.mine:
            LOG.error("%s/%s is damaged at byte %d: %s", topic, damage.file, damage.start, damage.reason)
            self.results.rejected.append(messages.damage_of(damage, topic))

    def finish(self) -> None:
        """Take what is still waiting to be taken together with more."""
        for key, city in self._cities.items():
            self._flush(key, city)

    def drain(self) -> Results:
        """Give what has come out since the last call."""
        found, self.results = self.results, Results()
        return found

    def state(self) -> bytes:
        """Write the state of all desks: plain dicts, lists, texts, numbers and arrays."""
        if self._archive:
            self._archive.settle()
        kept = {key: (city.book.state(), dict(city.held)) for key, city in self._cities.items()}
        return pickle.dumps({"layout": LAYOUT, "cities": kept})

    def restore(self, state: bytes) -> None:
        """Go on from a state; one of another layout is not read, as in the engine."""
        kept = pickle.loads(state)
        if kept["layout"] == LAYOUT:
            for key, (book, held) in kept["cities"].items():
                if key in self.mine:
                    self._cities[key] = _City(Book(**book), Pieces(held))

    def _take(self, key: str, line: str) -> None:
        if routing.is_notice(line):
            return  # models score what is live
        try:
            block = messages.block_from(line)
        except (WireError, RecordError) as error:
            self.results.rejected.append(_reject(line, error))
            return
        city = self._cities.setdefault(key, _City(Book(version=self.version), Pieces()))
        if not isinstance(block, ObservationBlock):
            self._handle([block], key, city)
            return
        end = block.first_hour + block.hours
        if city.waiting and (
            max(end, city.end) - min(block.first_hour, city.first) > TOGETHER_H
            or (block.first_hour < city.end and end > city.first and _disagree(block, city.waiting))
        ):
            self._flush(key, city)
        if not city.waiting:
            city.first, city.end = block.first_hour, end
        city.first, city.end = min(city.first, block.first_hour), max(city.end, end)
        city.waiting.append(block)

    def _flush(self, key: str, city: _City) -> None:
        if city.waiting:
            waiting, city.waiting = city.waiting, []
            self._handle(waiting, key, city)

    def _handle(self, blocks: list[Block], key: str, city: _City) -> None:
        try:
            shelf = Shelf(city.held, self._archive, key)
            outcome = citydesk.handle_all(blocks, key, city.book, shelf, self.roster)
        except Exception as error:
            # As in the engine: a block that cannot be assessed must not stop those that could be. Of several, each has its try.
            if len(blocks) > 1:
                for block in blocks:
                    self._handle([block], key, city)
                return
            LOG.exception("a block of %s could not be assessed", key)
            self.results.rejected.append(_reject(messages.block_line(blocks[0]), error))
            return
        for rows in outcome.rows:
            if rows.table == "source_hour":
                _count(rows, self.results.counts)
            elif rows.table == "source_file":
                count_file(file_of(rows), self.results.files)
            else:
                self._add(rows)
        self.results.updates += outcome.region
        self.results.rejected += outcome.rejected

    def _add(self, rows: Rows) -> None:
        # Decoded here, where there are several processes, and not by the one that stores.
        try:
            self.results.rows += prepared([rows])
        except RowsError as error:
            self.results.rejected.append(Rejected("engine", rows.table, str(error)[:200], "", "rows that fit", rows=0))


def _disagree(block: ObservationBlock, waiting: list[ObservationBlock]) -> bool:
    """Tell whether a block says something else of an hour than those that wait: taken together, nobody would learn what
    it replaced.
    """
    mine = {*block.stations}
    return any(not mine.isdisjoint(other.stations) and _apart(block, other) for other in waiting)


def _apart(one: ObservationBlock, other: ObservationBlock) -> bool:
    first, end = max(one.first_hour, other.first_hour), min(one.first_hour + one.hours, other.first_hour + other.hours)
    if first >= end:
        return False
    both = [each for each in one.stations if each in other.stations]
    mine, theirs = (_told(block, both, first, end) for block in (one, other))
    apart = (mine[0] != theirs[0]) & ((mine[0] == mine[0]) | (theirs[0] == theirs[0]))
    return bool((apart.any(axis=0) & mine[1] & theirs[1]).any())


def _told(block: ObservationBlock, stations: list[str], first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    rows, span = (
        [block.stations.index(each) for each in stations],
        slice(first - block.first_hour, end - block.first_hour),
    )
    return block.values[:, rows, span], block.present[rows, span]


def _count(rows: Rows, counts: Counts) -> None:
    columns: dict[str, Any] = dict(rows.columns())
    source = columns["source"].value
    numbers = [columns[name].values.tolist() for name in ("hour_end", "accepted", "duplicate", "late")]
    for hour, accepted, duplicate, late in zip(*numbers, strict=True):
        known = counts.get((source, hour))
        if known is None:
            counts[source, hour] = [accepted, duplicate, late]
        else:
            known[0], known[1], known[2] = known[0] + accepted, known[1] + duplicate, known[2] + late


def _reject(line: str, error: Exception) -> Rejected:
    return Rejected("engine", "message", str(error)[:200], line[:120], "a block of a known schema", rows=0)
