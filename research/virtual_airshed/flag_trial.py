"""What instruments with faults show of a run, for those who judge quality flags: hours as read, faults as put in. SIMULATED."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.observe.fault_events import events_in
from research.virtual_airshed.observe.faults import NOTHING, Fault, Marked, mark, record
from research.virtual_airshed.observe.micro import micro_stations
from research.virtual_airshed.observe.networks import Network, measured, network_of
from research.virtual_airshed.observe.sites import national_stations, sites_of
from research.virtual_airshed.observe.station_lines import REJECTIONS
from research.virtual_airshed.reference.simulated import receptors
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import World
from standards.pollutants import ITEMS

LOST_ROWS = ("gap_row", "cut", "no_offset", "unknown")
"""Kinds of events that leave the platform without the row."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What the stations of one feed show of a run.

    values [ug/m3, CO mg/m3]: float64 (item, station, hour), NaN where missing or rejected. cities: of each station.
    """

    feed: str
    codes: tuple[str, ...]
    cities: tuple[str, ...]
    first_hour: int
    values: np.ndarray
    faults: tuple[Fault, ...]


class Watched:
    """Collects what the stations of one feed show, day after day, with the faults that were put in."""

    def __init__(self, network: Network, *, seed: int, faults: float) -> None:
        self.network, self._seed, self._scale = network, seed, faults
        self._held: Mapping[str, float] = NOTHING
        self._first_hour: int | None = None
        self._values: list[np.ndarray] = []
        self._found: list[Fault] = []

    def add(self, day: Day) -> None:
        """Add a day."""
        series = measured(day, self.network, seed=self._seed, noise=1.0)
        events = events_in(
            self.network.feed, series.codes, series.hours, seed=self._seed, scale=self._scale, columns=series.failing
        )
        marked = mark(series, events, self._held)
        self._held = marked.held
        if self._first_hour is None:
            self._first_hour = day.first_hour
        # As a year of many stations is held: single precision is finer than what is written.
        self._values.append(as_read(marked).astype(np.float32))
        self._found += record(marked, rejections=REJECTIONS)

    def trial(self) -> Trial | None:
        """Give what was collected, None without days."""
        if self._first_hour is None:
            return None
        stations = self.network.sites.stations
        decimals = np.array(self.network.instruments.make.decimals)[:, None, None]
        scale = 10.0**decimals
        values = np.rint(np.concatenate(self._values, axis=-1).astype(float) * scale) / scale
        codes, cities = tuple(s.code for s in stations), tuple(s.city for s in stations)
        return Trial(self.network.feed, codes, cities, self._first_hour, values, tuple(self._found))


def as_read(marked: Marked) -> np.ndarray:
    """Give the items as the platform reads them (item, station, hour): missing where a parser must reject the row or cell."""
    values = marked.values[: len(ITEMS)].copy()
    lost = np.logical_or.reduce([marked.rows_of(kind) for kind in LOST_ROWS])
    values[:, lost] = np.nan
    for column, station, hour in marked.wrong_texts:
        if column < len(ITEMS):
            values[column, station, hour] = np.nan
    return values


def watched_networks(scenario: Scenario, world: World) -> tuple[Watched, ...]:
    """Set up the national stations and the micro-stations of a scenario."""
    places = {
        "stations": national_stations(world.registry),
        "micro": micro_stations(world.grid, world.registry, count=scenario.micro_stations, seed=scenario.seed),
    }
    return tuple(
        Watched(
            network_of(feed, sites_of(world.grid, stations), world.patterns, seed=scenario.seed),
            seed=scenario.seed, faults=scenario.faults,
        )
        for feed, stations in places.items() if stations
    )  # fmt: skip


def trials(scenario: Scenario, world: World) -> tuple[Trial, ...]:
    """Run a scenario without tags and give what each feed's stations show of it."""
    world = scenario.world(world)
    watched = watched_networks(scenario, world)
    cells = receptors(world, scenario.start).cells
    for day in simulate(scenario.plan(), world, tags=Tags(world.grid.cities, tagged=False), cells=cells):
        for each in watched:
            each.add(day)
    return tuple(each.trial() for each in watched)
