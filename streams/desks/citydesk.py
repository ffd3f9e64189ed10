"""One city's desk: takes the blocks of all feeds in any order and gives back the rows that they change.

gather (pieces of keyed state) -> decide (merge, assess, join: pure) -> apply (pieces back, lines out). Flink only forwards to
it; tests drive it with a dict.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from standards.pollutants import ITEMS
from streams.assess.hours import Assessment, affected, assess, context, hourly_report
from streams.assess.joined import joined_rows
from streams.columns import CONCENTRATIONS
from streams.desks import vocdesk
from streams.desks.books import count_lines
from streams.memory import cityhours, pieces
from streams.memory.pieces import CITY, OTHERS, Book, Mapping
from streams.records import CITY_MEAN, Block, EmissionBlock, ForecastBlock, ObservationBlock, RegionUpdate, VocBlock
from streams.registry.roster import Roster
from streams.wire import messages


@dataclass(slots=True)
class Outcome:
    """What a block led to: lines for the result topic, and perhaps an update for the region."""

    lines: list[str] = field(default_factory=list)
    region: RegionUpdate | None = None


def handle(block: Block, key: str, book: Book, held: Mapping, roster: Roster) -> Outcome:
    """Take one block at the desk of key; book and held are changed when all has succeeded, and not at all where it fails."""
    draft, changes = book.copy(), pieces.Draft(held)
    draft.version += 1
    desk = _Desk(key, draft, changes, roster)
    if isinstance(block, ObservationBlock):
        outcome = desk.observation(block)
    elif isinstance(block, ForecastBlock):
        outcome = desk.forecast(block)
    elif isinstance(block, VocBlock):
        city = desk.place.code if desk.place else None
        outcome = Outcome(vocdesk.handle(block, key, changes, city=city, version=draft.version))
    else:
        outcome = desk.emission(block)
    changes.apply()
    for name in Book.__slots__:
        setattr(book, name, getattr(draft, name))
    return outcome


class _Desk:
    def __init__(self, key: str, book: Book, held: Mapping, roster: Roster) -> None:
        self.key, self.book, self.held, self.roster = key, book, held, roster
        self.place, self.members = roster.place(key), roster.members(key)
        self.outcome = Outcome()

    def observation(self, block: ObservationBlock) -> Outcome:
        new = cityhours.from_block(block, self.book.source_index(block.source))
        late = self._drop_late(new)
        present = (new.rank != cityhours.ABSENT).sum(axis=0)
        others = self.members.others(block.stations)
        accepted = self._observe(new.only(~others), CITY) + self._observe(new.only(others), OTHERS)
        self._account(block, block.first_hour, accepted, present - accepted, late)
        return self.outcome

    def _observe(self, new: cityhours.CityHours, group: str) -> np.ndarray:
        """Take the hours of one group of stations; return how many of its rows were accepted, int (hour,)."""
        accepted = np.zeros(new.hours, int)
        if not (new.rank != cityhours.ABSENT).any():
            return accepted
        window = context(*affected(new.first_hour, new.end))
        hours = pieces.load_observed(self.book, self.held, *window, new.stations, group=group)
        accepted += cityhours.merge(hours, new, self.book.sources).sum(axis=0)
        if accepted.any():
            pieces.save_observed(self.book, self.held, hours, new.first_hour, new.end, group=group)
            changed = np.nonzero(accepted)[0]
            first, end = new.first_hour + int(changed[0]), new.first_hour + int(changed[-1]) + 1
            self._assess(hours, *affected(first, end), of_city=group == CITY)
        return accepted

    def _drop_late(self, new: cityhours.CityHours) -> np.ndarray:
        late = np.zeros(new.hours, int)
        gone = min(max(self.book.usable - new.first_hour, 0), new.hours)
        if gone:
            late[:gone] = (new.rank[:, :gone] != cityhours.ABSENT).sum(axis=0)
            new.rank[:, :gone] = cityhours.ABSENT
        return late

    def _assess(self, hours: cityhours.CityHours, first: int, end: int, *, of_city: bool) -> None:
        result = self._assessment(hours.window(*context(first, end)), first, end)
        for table, columns in result.tables.items():
            self._emit(table, columns)
        if self.place is None or not of_city:
            return
        self._join(result)
        # Moving means go on for some hours after the last row; the region is told only of hours that have happened.
        known = result.rank != cityhours.ABSENT
        pm25_24h, o3_8h = (np.where(known, each, np.nan) for each in (result.pm25_24h, result.o3_8h))
        self.outcome.region = RegionUpdate(self.key, first, pm25_24h, o3_8h, result.simulated)

    def _assessment(self, hours: cityhours.CityHours, first: int, end: int) -> Assessment:
        return assess(
            hours, first, end, city=self.place.code if self.place else None, members=self.members,
            sources=self.book.sources, version=self.book.version,
        )  # fmt: skip

    def _observed(self, first: int, end: int) -> Assessment:
        """Assess the city's hours again as they are held, without new rows of their own."""
        registered = tuple(code for code, *_ in self.members.points)
        return self._assessment(
            pieces.load_observed(self.book, self.held, *context(first, end), registered), first, end
        )

    def _join(self, observed: Assessment, *, only: str | None = None) -> None:
        first, end = observed.first_hour, observed.first_hour + len(observed.city_aqi)
        others = tuple(place for place in self.roster.cities if place.code != self.key)
        origins = tuple(place.code for place in others)
        emissions = pieces.load_emissions(self.book, self.held, first, end, city=self.key, origins=origins)
        runs, version = pieces.runs_over(self.book, self.held, first, end), self.book.version
        for rows in joined_rows(observed, runs, emissions, city=self.place, others=others, version=version, only=only):
            self._emit("air_joined_hour", rows)

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
        fresh = pieces.merge_run(self.book, self.held, block)
        accepted = fresh.sum(axis=0)
        self._account(block, block.first_hour, accepted, places - accepted, np.zeros(block.hours, int))
        if accepted.any():
            self._station_forecasts(block, fresh)
            if self.place is not None:
                # The base rows come along: they borrow the newest run's wind where no station measures it.
                self._join(self._observed(block.first_hour, block.first_hour + block.hours), only=block.run)
        return self.outcome

    def _late_hours(self, block: ForecastBlock) -> int:
        if block.run not in self.book.runs and block.run_init <= self.book.forgotten_init:
            return block.hours
        return min(max(self.book.usable - block.first_hour, 0), block.hours)

    def _station_forecasts(self, block: ForecastBlock, fresh: np.ndarray) -> None:
        rows = [i for i, place in enumerate(block.places) if place != CITY_MEAN]
        values = np.ascontiguousarray(block.values[: len(ITEMS), rows])
        keep = np.isfinite(values).any(axis=0) & fresh[rows]
        if not keep.any():
            return
        aqi = hourly_report(values, block.first_hour).aqi
        codes = np.broadcast_to(np.arange(len(rows), dtype=np.uint16)[:, None], keep.shape)
        hour_end = np.broadcast_to(
            np.arange(block.first_hour, block.first_hour + block.hours, dtype=np.int32), keep.shape
        )[keep]
        columns: dict[str, Any] = {
            "station": {"codes": codes[keep], "values": [block.places[i] for i in rows]}, "hour_end": hour_end,
            "run": block.run, "city": self.place.code if self.place else None, "lead_hours": (hour_end - block.run_init),
            "forecast_aqi": aqi[keep], "simulated": block.simulated, "version": self.book.version,
        }  # fmt: skip
        columns[",".join(f"forecast_{name}" for name in CONCENTRATIONS)] = values[:, keep]
        self._emit("forecast_station_hour", columns)

    def emission(self, block: EmissionBlock) -> Outcome:
        gone = max(self.book.usable, self.book.emission_frontier) - block.first_hour
        late = np.arange(block.hours) < gone
        if late.any():
            block = replace(block, values=np.where(late, np.nan, block.values))
        changed = pieces.merge_emissions(self.book, self.held, block) & ~late
        if block.city == self.key:
            accepted = changed.astype(int)
            self._account(block, block.first_hour, accepted, (~changed & ~late).astype(int), late.astype(int))
        hours = np.nonzero(changed)[0]
        if self.place is None or not len(hours):
            return self.outcome
        first, end = block.first_hour + int(hours[0]), block.first_hour + int(hours[-1]) + 1
        for low, high in self._known_spans(first, end):
            self._join(self._observed(low, high))
        return self.outcome

    def _known_spans(self, first: int, end: int) -> list[tuple[int, int]]:
        """Give the parts of [first, end) where observations or forecasts are held: an inventory may cover years without."""
        known = [(p * pieces.PIECE_HOURS, (p + 1) * pieces.PIECE_HOURS) for p in self.book.observed[CITY]]
        known += list(self.book.runs.values())
        spans: list[tuple[int, int]] = []
        for low, high in sorted((max(a, first), min(b, end)) for a, b in known):
            if low >= high:
                continue
            if spans and low <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], high))
            else:
                spans.append((low, high))
        return spans

    def _account(self, block: Block, first: int, accepted: np.ndarray, duplicate: np.ndarray, late: np.ndarray) -> None:
        self.outcome.lines += count_lines(self.key, block.source, first, accepted, duplicate, late)

    def _emit(self, table: str, columns: dict[str, Any]) -> None:
        self.outcome.lines.append(messages.rows_line(table, self.key, columns))
