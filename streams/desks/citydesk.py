"""One city's desk: takes the blocks of all feeds in any order and gives back the rows that they change.

gather (pieces of keyed state, or of the archive behind it) -> decide (merge, assess: pure) -> apply (pieces back, rows out). The
engine only forwards to it; tests drive it with a dict. Each feed has rows of its own, and a block touches only those of its feed:
they meet in the view air_joined_hour, and, where a model scores them, in streams.desks.scoredesk.

Hours of any age are assessed. Only where a piece that they need is damaged or missing in the archive are rows late: those that
need it, and with a reject that names the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from streams.assess.emitted import emission_rows
from streams.assess.forecasts import city_forecast_rows, station_forecast_rows
from streams.assess.hours import Assessment, affected, assess, context
from streams.desks import speciesdesk, tagdesk
from streams.desks.accounts import count_rows
from streams.desks.damage import Damage, unusable
from streams.memory import cityhours
from streams.memory.archive import ArchiveError
from streams.memory.book import CITY, OTHERS, PIECE_HOURS, Book, Mapping
from streams.memory.cityhours import CityHours
from streams.memory.emissions import load_emissions, merge_emissions
from streams.memory.observed import layer_of, load_observed, save_observed
from streams.memory.runs import merge_run
from streams.memory.shelf import Draft, Shelf
from streams.records import (
    Block,
    EmissionBlock,
    ForecastBlock,
    ObservationBlock,
    RegionUpdate,
    Rejected,
    SpeciesBlock,
    TagBlock,
)
from streams.registry.roster import Roster
from streams.results import Rows
from streams.spans import hours_of, stretches


@dataclass(frozen=True, slots=True)
class Changed:
    """The hours [first, end) in which the city's joined hours are other than before; run: in that run alone, None: in all."""

    feed: str
    first: int
    end: int
    run: str | None = None


@dataclass(slots=True)
class Outcome:
    """What a block led to: result rows, updates for the region, what changed of the city's joined hours, and what was damaged."""

    rows: list[Rows] = field(default_factory=list)
    region: list[RegionUpdate] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def handle(block: Block, key: str, book: Book, held: Shelf | Mapping, roster: Roster) -> Outcome:
    """Take one block at the desk of key; book and held are changed when all has succeeded, and not at all where it fails."""
    return handle_all([block], key, book, held, roster)


def handle_all(blocks: Sequence[Block], key: str, book: Book, held: Shelf | Mapping, roster: Roster) -> Outcome:
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
    elif isinstance(first, SpeciesBlock):
        outcome = desk.species(first)
    elif isinstance(first, TagBlock):
        outcome = desk.tags(first)
    else:
        outcome = desk.emission(first)
    outcome.rejected = desk.damage.rejected()
    draft.hot = changes.apply(draft.hot)
    for name in Book.__slots__:
        setattr(book, name, getattr(draft, name))
    return outcome


def observed_hours(key: str, book: Book, held: Shelf | Mapping, roster: Roster, first: int, end: int) -> Assessment:
    """Assess the city's hours [first, end) again as they are held, for whoever needs them without rows of their own."""
    registered = tuple(code for code, *_ in roster.members(key).points)
    found = load_observed(held, *context(first, end), registered)
    return _assessed(key, book, roster, found.together(), found.sources, first, end)


def _assessed(
    key: str, book: Book, roster: Roster, hours: CityHours, sources: tuple[str, ...], first: int, end: int
) -> Assessment:
    place = roster.place(key)
    return assess(
        hours.window(*context(first, end)), first, end, city=place.code if place else None, members=roster.members(key),
        sources=sources, version=book.version, around=roster.cities,
    )  # fmt: skip


class _Counts:
    """How many rows of each hour of a block are accepted and late: int (hour,), over what a block or a part of it brings."""

    def __init__(self, block: ObservationBlock) -> None:
        self._first = block.first_hour
        self.accepted, self.late = np.zeros(block.hours, int), np.zeros(block.hours, int)

    def add(self, first: int, *, accepted: np.ndarray | int = 0, late: np.ndarray | int = 0) -> None:
        """Add counts of consecutive hours from first."""
        for mine, more in ((self.accepted, accepted), (self.late, late)):
            if not isinstance(more, int):
                mine[first - self._first :][: len(more)] += more


_News = tuple[str, CityHours, _Counts]
"""The layer of some hours (its source and items), the hours, and where their rows are counted."""


class _Desk:
    def __init__(self, key: str, book: Book, held: Mapping, roster: Roster) -> None:
        self.key, self.book, self.held, self.roster = key, book, held, roster
        self.place, self.members = roster.place(key), roster.members(key)
        self.outcome, self.damage = Outcome(), Damage()

    def observations(self, blocks: Sequence[ObservationBlock]) -> Outcome:
        news = [(block, cityhours.from_block(block)) for block in blocks]
        counts = [_Counts(block) for block in blocks]
        for group in (CITY, OTHERS):
            self._observe(
                [
                    (layer_of(block), new.only(self._of_group(block, group)), n)
                    for (block, new), n in zip(news, counts, strict=True)
                ],
                group,
            )
        for (block, new), n in zip(news, counts, strict=True):
            present = (new.rank != cityhours.ABSENT).sum(axis=0)
            self._account(block, block.first_hour, n.accepted, present - n.accepted - n.late, n.late)
        return self.outcome

    def _of_group(self, block: ObservationBlock, group: str) -> np.ndarray:
        others = self.members.others(block.stations)
        return others if group == OTHERS else ~others

    def _observe(self, news: list[_News], group: str) -> None:
        """Take hours of one group of stations, each of a source, and count what becomes of their rows."""
        news = [each for each in news if (each[1].rank != cityhours.ABSENT).any()]
        if not news:
            return
        first, end = min(new.first_hour for _, new, _ in news), max(new.end for _, new, _ in news)
        stations = tuple({station for _, new, _ in news for station in new.stations})
        try:
            observed = load_observed(self.held, *context(*affected(first, end)), stations, group=group)
        except ArchiveError:
            self._around_damage(news, group, first, end)
            return
        moved: dict[str, list[CityHours]] = {}
        spans = []
        for source, new, counts in news:
            kept, differs = observed.take(source, new)
            accepted = differs.sum(axis=0)
            counts.add(new.first_hour, accepted=accepted)
            if kept:
                moved.setdefault(source, []).append(new)
            if accepted.any():
                spans.append(_span(new.first_hour, accepted))
        for source, parts in moved.items():
            span = min(part.first_hour for part in parts), max(part.end for part in parts)
            save_observed(self.held, observed, source, *span, group=group)
        if moved and group == CITY:
            self.book.observed_end = max(self.book.observed_end, -(-end // PIECE_HOURS) * PIECE_HOURS)
        if spans:
            low, high = affected(min(first for first, _ in spans), max(end for _, end in spans))
            self._assess(observed.together(), observed.sources, low, high, of_city=group == CITY)

    def _around_damage(self, news: list[_News], group: str, first: int, end: int) -> None:
        """Take the hours that need nothing of what is damaged, stretch by stretch; the rows of the others are late."""
        damaged = unusable(self.held, group, *context(*affected(first, end)), self.damage)
        sound = np.array([damaged.spares(*context(*affected(hour, hour + 1))) for hour in range(first, end)])
        for low, high in stretches(sound, first):
            parts = [
                (source, new.window(max(low, new.first_hour), min(high, new.end)), counts)
                for source, new, counts in news
                if new.first_hour < high and new.end > low
            ]
            self._observe(parts, group)
        for _, new, counts in news:
            lost = ~sound[new.first_hour - first : new.end - first]
            counts.add(new.first_hour, late=np.where(lost, (new.rank != cityhours.ABSENT).sum(axis=0), 0))

    def _assess(self, hours: CityHours, sources: tuple[str, ...], first: int, end: int, *, of_city: bool) -> None:
        result = _assessed(self.key, self.book, self.roster, hours, sources, first, end)
        self.outcome.rows += result.tables
        if self.place is None or not of_city:
            return
        # Moving means go on for some hours after the last row; the region is told only of hours that have happened.
        known = result.rank != cityhours.ABSENT
        pm25_24h, o3_8h = (np.where(known, each, np.nan) for each in (result.pm25_24h, result.o3_8h))
        self.outcome.region.append(RegionUpdate(self.key, first, pm25_24h, o3_8h, result.simulated))
        self.outcome.changed.append(Changed("observation", first, end))

    def forecast(self, block: ForecastBlock) -> Outcome:
        none, places = np.zeros(block.hours, int), len(block.places)
        try:
            news = merge_run(self.held, block, self.members)
        except ArchiveError as error:
            # A run is one piece, and whoever looks for it finds it by all of its index: its rows stand or fall together.
            self.damage.note(error)
            self._account(block, block.first_hour, none, none, none + places)
            return self.outcome
        accepted = news.fresh.sum(axis=0)
        self._account(block, block.first_hour, accepted, places - accepted, none)
        city, version = self.place.code if self.place else None, self.book.version
        if news.fresh.any():
            self._emit(station_forecast_rows(block, news.fresh, news.again, city=city, version=version))
        if self.place is not None and news.city.any():
            self._emit(
                city_forecast_rows(
                    news.run, block.first_hour, news.city, city=city, around=self.roster.cities, version=version
                )
            )
            self.outcome.changed.append(Changed("forecast", news.run.first_hour, news.run.end, block.run))
        return self.outcome

    def species(self, block: SpeciesBlock) -> Outcome:
        city, pieces = self.place.code if self.place else None, speciesdesk.FEEDS[type(block)].PIECES
        for part in self._sound_parts(block, pieces, block.present.sum(axis=0)):
            self.outcome.rows += speciesdesk.handle(part, self.held, city=city, version=self.book.version)
        return self.outcome

    def tags(self, block: TagBlock) -> Outcome:
        city = self.place.code if self.place else None
        try:
            self.outcome.rows += tagdesk.handle(
                block, self.held, members=self.members, city=city, version=self.book.version
            )
        except ArchiveError as error:
            self.damage.note(error)
            none = np.zeros(block.hours, int)
            self._account(block, block.first_hour, none, none, none + len(block.places))
        return self.outcome

    def emission(self, block: EmissionBlock) -> Outcome:
        for part in self._sound_parts(block, "e", np.full(block.hours, int(block.city == self.key))):
            self._emit_hours(part)
        return self.outcome

    def _sound_parts(self, block: Block, kind: str, rows: np.ndarray) -> Iterator[Block]:
        """Give a block whose hours stand alone in stretches whose pieces can be used; the rows of the other hours are late."""
        end = block.first_hour + block.hours
        damaged = unusable(self.held, kind, block.first_hour, end, self.damage)
        if not damaged.pieces:
            yield block
            return
        sound = np.array([damaged.spares(hour, hour + 1) for hour in range(block.first_hour, end)])
        for first, last in stretches(sound, block.first_hour):
            yield hours_of(block, first, last)
        none = np.zeros(block.hours, int)
        self._account(block, block.first_hour, none, none, np.where(sound, 0, rows))

    def _emit_hours(self, block: EmissionBlock) -> None:
        changed = merge_emissions(self.held, block)
        if block.city != self.key:
            # Another city's, held because it may lie upwind: there are no rows of it here, but models see it.
            if self.place is not None and changed.any():
                self.outcome.changed.append(Changed("emission", *_span(block.first_hour, changed)))
            return
        self._account(block, block.first_hour, changed.astype(int), (~changed).astype(int), np.zeros(block.hours, int))
        if self.place is None or not changed.any():
            return
        first, end = _span(block.first_hour, changed)
        own = load_emissions(self.held, first, end, city=self.key, origins=())
        hours = changed[first - block.first_hour : end - block.first_hour]
        self._emit(emission_rows(own, hours, city=self.key, version=self.book.version))
        self.outcome.changed.append(Changed("emission", first, end))

    def _account(self, block: Block, first: int, accepted: np.ndarray, duplicate: np.ndarray, late: np.ndarray) -> None:
        self.outcome.rows += count_rows(block, first, accepted, duplicate, late)

    def _emit(self, rows: Rows | None) -> None:
        if rows is not None:
            self.outcome.rows.append(rows)


def _span(first_hour: int, some: np.ndarray) -> tuple[int, int]:
    # The hours [first, end) between the first and the last of consecutive hours in which there is something.
    at = np.flatnonzero(some)
    return first_hour + int(at[0]), first_hour + int(at[-1]) + 1
