"""One city's desk: takes the blocks of all feeds in any order and gives back the rows that they change.

gather (pieces of keyed state) -> decide (merge, assess: pure) -> apply (pieces back, rows out). The engine only forwards to it;
tests drive it with a dict. Each feed has rows of its own, and a block touches only those of its feed: they meet in the view
air_joined_hour, and, where a model scores them, in streams.desks.scoredesk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from streams.assess.emitted import emission_rows
from streams.assess.forecasts import city_forecast_rows, station_forecast_rows
from streams.assess.hours import Assessment, affected, assess, context
from streams.desks import vocdesk
from streams.desks.accounts import count_rows
from streams.memory import cityhours
from streams.memory.book import CITY, OTHERS, Book, Draft, Mapping
from streams.memory.cityhours import CityHours
from streams.memory.emissions import load_emissions, merge_emissions
from streams.memory.observed import load_observed, save_observed
from streams.memory.runs import merge_run
from streams.records import Block, EmissionBlock, ForecastBlock, ObservationBlock, RegionUpdate, VocBlock
from streams.registry.roster import Roster
from streams.results import Rows


@dataclass(frozen=True, slots=True)
class Changed:
    """The hours [first, end) in which the city's joined hours are other than before; run: in that run alone, None: in all."""

    feed: str
    first: int
    end: int
    run: str | None = None


@dataclass(slots=True)
class Outcome:
    """What a block led to: result rows, perhaps an update for the region, and what changed of the city's joined hours."""

    rows: list[Rows] = field(default_factory=list)
    region: RegionUpdate | None = None
    changed: Changed | None = None


def handle(block: Block, key: str, book: Book, held: Mapping, roster: Roster) -> Outcome:
    """Take one block at the desk of key; book and held are changed when all has succeeded, and not at all where it fails."""
    return handle_all([block], key, book, held, roster)


def handle_all(blocks: Sequence[Block], key: str, book: Book, held: Mapping, roster: Roster) -> Outcome:
    """Take one block of any feed, or several of observations at once, whose hours are then assessed together.

    The rows are those that the blocks would give one after the other, without what later ones of them replace.
    """
    draft, changes = book.copy(), Draft(held)
    draft.version += 1
    desk = _Desk(key, draft, changes, roster)
    first = blocks[0]
    if isinstance(first, ObservationBlock):
        outcome = desk.observations(blocks)
    elif isinstance(first, ForecastBlock):
        outcome = desk.forecast(first)
    elif isinstance(first, VocBlock):
        city = desk.place.code if desk.place else None
        outcome = Outcome(vocdesk.handle(first, changes, city=city, version=draft.version))
    else:
        outcome = desk.emission(first)
    changes.apply()
    for name in Book.__slots__:
        setattr(book, name, getattr(draft, name))
    return outcome


def observed_hours(key: str, book: Book, held: Mapping, roster: Roster, first: int, end: int) -> Assessment:
    """Assess the city's hours [first, end) again as they are held, for whoever needs them without rows of their own."""
    registered = tuple(code for code, *_ in roster.members(key).points)
    found = load_observed(book, held, *context(first, end), registered)
    return _assessed(key, book, roster, found.together(), found.sources, first, end)


def _assessed(
    key: str, book: Book, roster: Roster, hours: CityHours, sources: tuple[str, ...], first: int, end: int
) -> Assessment:
    place = roster.place(key)
    return assess(
        hours.window(*context(first, end)), first, end, city=place.code if place else None, members=roster.members(key),
        sources=sources, version=book.version, around=roster.cities,
    )  # fmt: skip


class _Desk:
    def __init__(self, key: str, book: Book, held: Mapping, roster: Roster) -> None:
        self.key, self.book, self.held, self.roster = key, book, held, roster
        self.place, self.members = roster.place(key), roster.members(key)
        self.outcome = Outcome()

    def observations(self, blocks: Sequence[ObservationBlock]) -> Outcome:
        news = [(block, cityhours.from_block(block)) for block in blocks]
        late = [self._drop_late(new) for _, new in news]
        accepted = [np.zeros(block.hours, int) for block in blocks]
        for group in (CITY, OTHERS):
            mine = [(block.source, new.only(self._of_group(block, group))) for block, new in news]
            for counts, differing in zip(accepted, self._observe(mine, group), strict=True):
                counts += differing
        for (block, new), counts, gone in zip(news, accepted, late, strict=True):
            present = (new.rank != cityhours.ABSENT).sum(axis=0)
            self._account(block, block.first_hour, counts, present - counts, gone)
        return self.outcome

    def _of_group(self, block: ObservationBlock, group: str) -> np.ndarray:
        others = self.members.others(block.stations)
        return others if group == OTHERS else ~others

    def _observe(self, news: list[tuple[str, CityHours]], group: str) -> list[np.ndarray]:
        """Take hours of one group of stations, each of a source; return how many rows of each were accepted, int (hour,)."""
        counts = [np.zeros(new.hours, int) for _, new in news]
        some = [new for _, new in news if (new.rank != cityhours.ABSENT).any()]
        if not some:
            return counts
        first, end = min(new.first_hour for new in some), max(new.end for new in some)
        stations = tuple({station for new in some for station in new.stations})
        observed = load_observed(self.book, self.held, *context(*affected(first, end)), stations, group=group)
        moved: dict[str, list[CityHours]] = {}
        for i, (source, new) in enumerate(news):
            if (new.rank != cityhours.ABSENT).any():
                kept, differs = observed.take(source, new)
                counts[i] = differs.sum(axis=0)
                if kept:
                    moved.setdefault(source, []).append(new)
        for source, parts in moved.items():
            span = min(part.first_hour for part in parts), max(part.end for part in parts)
            save_observed(self.book, self.held, observed, source, *span, group=group)
        spans = [_span(new.first_hour, each) for (_, new), each in zip(news, counts, strict=True) if each.any()]
        if spans:
            low, high = affected(min(first for first, _ in spans), max(end for _, end in spans))
            self._assess(observed.together(), observed.sources, low, high, of_city=group == CITY)
        return counts

    def _drop_late(self, new: CityHours) -> np.ndarray:
        late = np.zeros(new.hours, int)
        gone = min(max(self.book.usable - new.first_hour, 0), new.hours)
        if gone:
            late[:gone] = (new.rank[:, :gone] != cityhours.ABSENT).sum(axis=0)
            new.rank[:, :gone] = cityhours.ABSENT
        return late

    def _assess(self, hours: CityHours, sources: tuple[str, ...], first: int, end: int, *, of_city: bool) -> None:
        result = _assessed(self.key, self.book, self.roster, hours, sources, first, end)
        self.outcome.rows += result.tables
        if self.place is None or not of_city:
            return
        # Moving means go on for some hours after the last row; the region is told only of hours that have happened.
        known = result.rank != cityhours.ABSENT
        pm25_24h, o3_8h = (np.where(known, each, np.nan) for each in (result.pm25_24h, result.o3_8h))
        self.outcome.region = RegionUpdate(self.key, first, pm25_24h, o3_8h, result.simulated)
        self.outcome.changed = Changed("observation", first, end)

    def forecast(self, block: ForecastBlock) -> Outcome:
        late = self._late_hours(block)
        places = len(block.places)
        if late == block.hours:
            whole = np.full(block.hours, places)
            self._account(block, block.first_hour, 0 * whole, 0 * whole, whole)
            return self.outcome
        if late:
            self._account(block, block.first_hour, np.zeros(late, int), np.zeros(late, int), np.full(late, places))
            block = replace(
                block, first_hour=block.first_hour + late, values=np.ascontiguousarray(block.values[..., late:])
            )
        news = merge_run(self.book, self.held, block, self.members)
        accepted = news.fresh.sum(axis=0)
        self._account(block, block.first_hour, accepted, places - accepted, np.zeros(block.hours, int))
        city, version = self.place.code if self.place else None, self.book.version
        if news.fresh.any():
            self._emit(station_forecast_rows(block, news.fresh, news.again, city=city, version=version))
        if self.place is not None and news.city.any():
            self._emit(
                city_forecast_rows(
                    news.run, block.first_hour, news.city, city=city, around=self.roster.cities, version=version
                )
            )
            self.outcome.changed = Changed("forecast", news.run.first_hour, news.run.end, block.run)
        return self.outcome

    def _late_hours(self, block: ForecastBlock) -> int:
        if block.run not in self.book.runs and block.run_init <= self.book.forgotten_init:
            return block.hours
        return min(max(self.book.usable - block.first_hour, 0), block.hours)

    def emission(self, block: EmissionBlock) -> Outcome:
        gone = max(self.book.usable, self.book.emission_frontier) - block.first_hour
        late = np.arange(block.hours) < gone
        if late.any():
            block = replace(block, values=np.where(late, np.nan, block.values))
        changed = merge_emissions(self.book, self.held, block) & ~late
        if block.city != self.key:
            # Another city's, held because it may lie upwind: there are no rows of it here, but models see it.
            if self.place is not None and changed.any():
                self.outcome.changed = Changed("emission", *_span(block.first_hour, changed))
            return self.outcome
        self._account(block, block.first_hour, changed.astype(int), (~changed & ~late).astype(int), late.astype(int))
        if self.place is None or not changed.any():
            return self.outcome
        first, end = _span(block.first_hour, changed)
        own = load_emissions(self.book, self.held, first, end, city=self.key, origins=())
        self._emit(
            emission_rows(
                own,
                changed[first - block.first_hour : end - block.first_hour],
                city=self.key,
                version=self.book.version,
            )
        )
        self.outcome.changed = Changed("emission", first, end)
        return self.outcome

    def _account(self, block: Block, first: int, accepted: np.ndarray, duplicate: np.ndarray, late: np.ndarray) -> None:
        self.outcome.rows += count_rows(block, first, accepted, duplicate, late)

    def _emit(self, rows: Rows | None) -> None:
        if rows is not None:
            self.outcome.rows.append(rows)


def _span(first_hour: int, some: np.ndarray) -> tuple[int, int]:
    # The hours [first, end) between the first and the last of consecutive hours in which there is something.
    at = np.flatnonzero(some)
    return first_hour + int(at[0]), first_hour + int(at[-1]) + 1
