"""Keyed state in pieces: what one city remembers, behind a mapping that Flink or a plain dict provides.

State is bounded: at most CAPACITY pieces of observations are kept, the oldest hours leave first and take the forecasts and
emissions of their hours with them. What arrives for hours before `Book.usable` is late.

Observations are kept in two GROUPS: the stations that anything about the city can depend on, and the others (micro-stations),
which may be hundreds. So neither is fetched, assessed or kept again for an hour of the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from standards.days import first_hour_of_day, natural_day
from streams.memory import cityhours
from streams.memory.cityhours import CityHours
from streams.memory.held import Emissions, Run, sum_known
from streams.memory.overlay import Layer, overlay
from streams.records import CITY_MEAN, FORECAST_VARIABLES, SPECIES, EmissionBlock, ForecastBlock
from streams.wire import curves

PIECE_HOURS = 240
CAPACITY = 48
"""Pieces of 10 days kept for each city: 480 days of data, enough for a full year and for revisions weeks later."""
EMISSION_CAPACITY = 4 * CAPACITY
"""Pieces of emissions kept: an inventory may come for years ahead of the observations."""
MOST_RUNS = 1200
"""Runs kept for each city: more than two a day over 480 days."""
GROUPS = CITY, OTHERS = "o", "m"
"""Groups of stations, as the first letter of their pieces' keys: what the city may depend on, and the others (registry.members)."""


class Mapping(Protocol):
    """What the engine's keyed map state offers."""

    def get(self, key: str) -> Any:
        """Give the value of a key, None where there is none."""

    def put(self, key: str, value: Any) -> None:
        """Keep a value."""

    def remove(self, key: str) -> None:
        """Forget a key."""


@dataclass(slots=True)
class Book:
    """The small part of the state, read and written with every message: what there is, so that nothing absent is looked up."""

    version: int
    sources: list[str] = field(default_factory=list)
    stations: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(GROUPS, ()))
    """Known stations by group."""
    observed: dict[str, list[int]] = field(default_factory=lambda: {group: [] for group in GROUPS})
    """Pieces of observations by group."""
    emitted: list[int] = field(default_factory=list)
    runs: dict[str, tuple[int, int]] = field(default_factory=dict)
    """First hour and hour after the last of each forecast run."""
    frontier: int = 0
    """Hours before this one have left the state."""
    emission_frontier: int = 0
    """Emissions before this hour have left the state."""
    forgotten_init: int = 0
    """Runs that started in this hour or before may have left the state."""

    @property
    def usable(self) -> int:
        """The first hour that can still be taken: its day and the days before it, which its means reach into, are whole."""
        return int(first_hour_of_day(natural_day(self.frontier - 1) + 3)) if self.frontier else 0

    def source_index(self, source: str) -> int:
        """Give the number of a source, adding it where it is new."""
        if source not in self.sources:
            self.sources = [*self.sources, source]
        return self.sources.index(source)

    def copy(self) -> Book:
        """Give a book that can be changed without changing this one."""
        kept = {name: getattr(self, name) for name in self.__slots__}
        return Book(**{n: v.copy() if isinstance(v, list | dict) else v for n, v in kept.items()})


class Draft:
    """Changes to a mapping that are made only when all of a message has succeeded."""

    def __init__(self, held: Mapping) -> None:
        self._held, self._changes = held, {}

    def get(self, key: str) -> Any:
        """Give the value of a key as changed."""
        return self._changes[key] if key in self._changes else self._held.get(key)

    def put(self, key: str, value: Any) -> None:
        """Note a new value."""
        self._changes[key] = value

    def remove(self, key: str) -> None:
        """Note that a key is to be forgotten."""
        self._changes[key] = None

    def apply(self) -> None:
        """Make the changes."""
        for key, value in self._changes.items():
            if value is not None:
                self._held.put(key, value)
            elif self._held.get(key) is not None:
                self._held.remove(key)


def load_observed(
    book: Book, pieces: Mapping, first: int, end: int, stations: tuple[str, ...], *, group: str = CITY
) -> CityHours:
    """Give the hours of whole pieces around [first, end), for the given stations and those known of their group."""
    roster = tuple(sorted({*book.stations[group], *stations}))
    low, high = first // PIECE_HOURS, -(-end // PIECE_HOURS)
    hours = cityhours.empty(low * PIECE_HOURS, (high - low) * PIECE_HOURS, roster)
    for piece in range(low, high):
        if piece in book.observed[group]:
            cityhours.place(hours, cityhours.unpack(pieces.get(f"{group}{piece}")))
    return hours


def save_observed(book: Book, pieces: Mapping, hours: CityHours, first: int, end: int, *, group: str = CITY) -> None:
    """Keep the pieces of hours that overlap [first, end), and let the oldest leave when there are too many."""
    book.stations[group] = hours.stations
    for piece in range(first // PIECE_HOURS, -(-end // PIECE_HOURS)):
        pieces.put(f"{group}{piece}", cityhours.pack(hours.window(piece * PIECE_HOURS, (piece + 1) * PIECE_HOURS)))
        if piece not in book.observed[group]:
            book.observed[group] = sorted([*book.observed[group], piece])
    while len(held := sorted({*book.observed[CITY], *book.observed[OTHERS]})) > CAPACITY:
        _evict(book, pieces, held[0])


def _evict(book: Book, pieces: Mapping, oldest: int) -> None:
    # The hours leave for both groups at once: a city has one answer to what is late.
    for group in GROUPS:
        if oldest in book.observed[group]:
            book.observed[group] = [piece for piece in book.observed[group] if piece != oldest]
            pieces.remove(f"{group}{oldest}")
    book.frontier = max(book.frontier, (oldest + 1) * PIECE_HOURS)
    for name, (_, end) in list(book.runs.items()):
        if end <= book.frontier:
            pieces.remove(f"f{name}")
            del book.runs[name]
    for piece in [piece for piece in book.emitted if (piece + 1) * PIECE_HOURS <= book.frontier]:
        _forget_emissions(book, pieces, piece)


def merge_run(book: Book, pieces: Mapping, block: ForecastBlock) -> np.ndarray:
    """Merge a block of a run; return bool (place, hour), True where a place has something new.

    A run is never revised: where two files of one run disagree about the city the larger value stays, so that their order does
    not matter. Stations pass through, so of them only what was seen is kept. A run without CITY_MEAN has no values for the city.
    """
    end = block.first_hour + block.hours
    held = load_run(book, pieces, block.run)
    seen = dict(pieces.get(f"f{block.run}")["seen"]) if held else {}
    if held is None:
        nothing = np.full((len(FORECAST_VARIABLES), block.hours), np.nan)
        held = Run(block.run, block.run_init, block.first_hour, nothing, block.simulated)
    stretched = _stretch(held, block.first_hour, end)
    seen = {place: _stretched(known, held.first_hour, stretched) for place, known in seen.items()}
    span = slice(block.first_hour - stretched.first_hour, end - stretched.first_hour)
    fresh = np.ones((len(block.places), block.hours), bool)
    for i, place in enumerate(block.places):
        known = seen.setdefault(place, np.zeros(stretched.end - stretched.first_hour, bool))
        fresh[i] = ~known[span]
        known[span] = True
    if CITY_MEAN in block.places:
        at, part = block.places.index(CITY_MEAN), stretched.values[:, span]
        merged = np.fmax(part, block.values[:, at])
        fresh[at] |= ~((merged == part) | (np.isnan(merged) & np.isnan(part))).all(axis=0)
        part[...] = merged
    run = replace(stretched, simulated=held.simulated or block.simulated)
    if fresh.any():
        book.runs[block.run] = (run.first_hour, run.end)
        values = run.values.astype(np.float32)
        pieces.put(f"f{block.run}", {
            "name": run.name, "run_init": run.run_init, "first_hour": run.first_hour, "values": values,
            "simulated": run.simulated, "seen": seen,
        })  # fmt: skip
        _forget_runs(book, pieces)
    return fresh


def _stretched(known: np.ndarray, first_hour: int, run: Run) -> np.ndarray:
    wider = np.zeros(run.end - run.first_hour, bool)
    wider[first_hour - run.first_hour :][: len(known)] = known
    return wider


def _forget_runs(book: Book, pieces: Mapping) -> None:
    # Where forecasts come and observations do not, no piece of observations leaves and takes the old runs with it.
    while len(book.runs) > MOST_RUNS:
        oldest = min(book.runs, key=lambda name: (name.rpartition("/")[2], name))  # the name ends with the start
        book.forgotten_init = max(book.forgotten_init, pieces.get(f"f{oldest}")["run_init"])
        pieces.remove(f"f{oldest}")
        del book.runs[oldest]


def load_run(book: Book, pieces: Mapping, name: str) -> Run | None:
    """Give a run as held, None where it is not known."""
    if name not in book.runs:
        return None
    packed = {key: value for key, value in pieces.get(f"f{name}").items() if key != "seen"}
    # float32 carries thousandths up to 16,000; the nearest thousandth gives back what the message said.
    return Run(**{**packed, "values": np.rint(packed["values"].astype(float) * 1000) / 1000})


def runs_over(book: Book, pieces: Mapping, first: int, end: int) -> list[Run]:
    """Give the runs that cover any of the hours [first, end), by name."""
    names = sorted(name for name, (start, stop) in book.runs.items() if start < end and stop > first)
    return [load_run(book, pieces, name) for name in names]


def _stretch(run: Run, first: int, end: int) -> Run:
    if run.first_hour <= first and end <= run.end:
        return run
    low, high = min(run.first_hour, first), max(run.end, end)
    values = np.full((len(FORECAST_VARIABLES), high - low), np.nan)
    values[:, run.first_hour - low : run.end - low] = run.values
    return Run(run.name, run.run_init, low, values, run.simulated)


def merge_emissions(book: Book, pieces: Mapping, block: EmissionBlock) -> np.ndarray:
    """Merge a block of any origin; return which of its hours brought something new.

    A piece holds {origin: {(name, measured, simulated): {"sectors", "kgh": curves of (sector, species, hour), "total": float32
    (species, hour)}}}. What is measured and what is simulated is kept apart under whatever name it comes.
    """
    changed = np.zeros(block.hours, bool)
    end = block.first_hour + block.hours
    layer = (block.inventory, block.measured, block.simulated)
    for piece in range(block.first_hour // PIECE_HOURS, -(-end // PIECE_HOURS)):
        held = dict(pieces.get(f"e{piece}")) if piece in book.emitted else {}
        start, stop = max(block.first_hour, piece * PIECE_HOURS), min(end, (piece + 1) * PIECE_HOURS)
        part = slice(start - block.first_hour, stop - block.first_hour)
        span = slice(start - piece * PIECE_HOURS, stop - piece * PIECE_HOURS)
        of_origin = dict(held.get(block.city, {}))
        sectors, kgh, news = _with_hours(of_origin.get(layer), block.sectors, block.values[..., part], span)
        changed[part] = news
        if news.any():
            total = sum_known(kgh.astype(float)).astype(np.float32)
            of_origin[layer] = {"sectors": sectors, "kgh": curves.pack(kgh), "total": total}
            held[block.city] = of_origin
            pieces.put(f"e{piece}", held)
            if piece not in book.emitted:
                book.emitted = sorted([*book.emitted, piece])
    while len(book.emitted) > EMISSION_CAPACITY:
        _forget_emissions(book, pieces, book.emitted[0])
    return changed


def _forget_emissions(book: Book, pieces: Mapping, piece: int) -> None:
    book.emitted = [each for each in book.emitted if each != piece]
    book.emission_frontier = max(book.emission_frontier, (piece + 1) * PIECE_HOURS)
    pieces.remove(f"e{piece}")


def _with_hours(
    before: dict | None, names: tuple[str, ...], values: np.ndarray, span: slice
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Add hours of some sectors to a layer: its sectors, float32 (sector, species, hour), and bool (hour of span,), what is new.

    Where two blocks of one name disagree the larger value stays, so that their order does not matter.
    """
    sectors = tuple(sorted({*names, *(before["sectors"] if before else ())}))
    kgh = np.full((len(sectors), len(SPECIES), PIECE_HOURS), np.nan, np.float32)
    if before:
        kgh[[sectors.index(name) for name in before["sectors"]]] = curves.unpack(before["kgh"])
    then = kgh[..., span].copy()
    rows = [sectors.index(name) for name in names]
    kgh[rows, :, span] = np.fmax(kgh[rows, :, span], values.astype(np.float32))
    now = kgh[..., span]
    return sectors, kgh, ~((now == then) | (np.isnan(now) & np.isnan(then))).all(axis=(0, 1))


def load_emissions(
    book: Book, pieces: Mapping, first: int, end: int, *, city: str, origins: tuple[str, ...]
) -> Emissions:
    """Give the emissions of [first, end): the city's by sector and the origins' totals, each by streams.memory.overlay."""
    spans = [
        span for piece in range(first // PIECE_HOURS, -(-end // PIECE_HOURS)) if (span := _Span(piece, first, end))
    ]
    held = {span: pieces.get(f"e{span.piece}") for span in spans if span.piece in book.emitted}
    own = {span: overlay(_layers(part.get(city, {}), span.inner), span.hours) for span, part in held.items()}
    sectors = tuple(sorted({sector for part in own.values() for sector in part.sectors}))
    kgh = np.full((len(sectors), len(SPECIES), end - first), np.nan)
    others = np.full((len(origins), len(SPECIES), end - first), np.nan)
    inventory, simulated = np.full(end - first, "", object), np.zeros(end - first, bool)
    made_up = np.zeros((len(origins), end - first), bool)
    for span, part in held.items():
        outer, mine = span.outer, own[span]
        kgh[[sectors.index(sector) for sector in mine.sectors], :, outer] = mine.kgh
        inventory[outer], simulated[outer] = mine.inventory, mine.simulated
        for i, origin in enumerate(origins):
            if origin in part:
                others[i, :, outer], made_up[i, outer] = _total(part[origin], span)
    return Emissions(first, sectors, kgh, origins, others, inventory, simulated, made_up)


@dataclass(frozen=True, slots=True)
class _Span:
    """The hours of a piece that are asked for: inner in the piece, outer in what is asked for."""

    piece: int
    first: int
    end: int

    @property
    def inner(self) -> slice:
        start = self.piece * PIECE_HOURS
        return slice(max(self.first - start, 0), min(self.end - start, PIECE_HOURS))

    @property
    def outer(self) -> slice:
        shift = self.piece * PIECE_HOURS - self.first
        return slice(self.inner.start + shift, self.inner.stop + shift)

    @property
    def hours(self) -> int:
        return self.inner.stop - self.inner.start


def _layers(of_origin: dict, hours: slice) -> list[Layer]:
    return [
        Layer(*layer, data["sectors"], curves.unpack(data["kgh"], hours).astype(float))
        for layer, data in of_origin.items()
    ]


def _total(of_origin: dict, span: _Span) -> tuple[np.ndarray, np.ndarray]:
    """Give what an origin emits, (species, hour), and where that is simulated, (hour,)."""
    names = {name for name, measured, _ in of_origin if not measured}
    if len(names) == len(of_origin):
        # Nothing lies over the inventories, and each is of one layer: their totals need not be added up again.
        totals = [Layer(*layer, ("*",), data["total"][None, :, span.inner]) for layer, data in of_origin.items()]
        if len(totals) == 1:
            (only,) = totals
            return only.kgh[0], only.simulated & np.isfinite(only.kgh[0]).any(axis=0)
        result = overlay(totals, span.hours)
    else:
        result = overlay(_layers(of_origin, span.inner), span.hours)
    return sum_known(result.kgh).astype(np.float32), result.simulated
