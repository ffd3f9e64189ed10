"""Instruments with faults look at a run, the platform's quality flags look at what they show, and the two are compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from research.virtual_airshed.observe.fault_events import events_in
from research.virtual_airshed.observe.faults import NOTHING, Fault, Marked, mark, record
from research.virtual_airshed.observe.networks import measured, network_of
from research.virtual_airshed.observe.score import score_flags
from research.virtual_airshed.observe.sites import national_stations, sites_of
from research.virtual_airshed.observe.station_lines import REJECTIONS
from research.virtual_airshed.run import Day
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.world import World
from standards.pollutants import ITEMS
from streams.assess.quality import KINDS, quality_flags

FEED = "stations"
LOST_ROWS = ("gap_row", "cut", "no_offset", "unknown")
"""Kinds of events that leave the platform without the row."""


class FlagScores:
    """Collects what the national stations show, day after day, with the faults that were put in."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        registry, self._seed, self._faults = world.registry, scenario.seed, scenario.faults
        stations = national_stations(registry)
        self._network = network_of(FEED, sites_of(world.grid, stations), world.patterns, seed=self._seed)
        self._city = np.array([each.city for each in stations])
        self._held: Mapping[str, float] = NOTHING
        self._first_hour: int | None = None
        self._values: list[np.ndarray] = []
        self._found: list[Fault] = []

    def add(self, day: Day) -> None:
        """Add a day."""
        series = measured(day, self._network, seed=self._seed, noise=1.0)
        events = events_in(
            FEED, series.codes, series.hours, seed=self._seed, scale=self._faults, columns=series.failing
        )
        marked = mark(series, events, self._held)
        self._held = marked.held
        if self._first_hour is None:
            self._first_hour = day.first_hour
        self._values.append(as_read(marked).astype(np.float32))
        self._found += record(marked, rejections=REJECTIONS)

    def table(self) -> pd.DataFrame | None:
        """Score the flags, city by city as the platform judges them; the table of observe.score, None without days."""
        if self._first_hour is None:
            return None
        values = np.concatenate(self._values, axis=-1).astype(float)
        flags = np.zeros((len(KINDS), *values.shape), bool)
        for city in np.unique(self._city):
            own = self._city == city
            flags[:, :, own] = quality_flags(values[:, own])
        codes = self._network.sites.codes
        return score_flags(flags, values, self._found, stations=codes, first_hour=self._first_hour, feed=FEED)


def as_read(marked: Marked) -> np.ndarray:
    """Give the items as the platform reads them (item, station, hour): missing where a parser must reject the row or cell."""
    values = marked.values[: len(ITEMS)].copy()
    lost = np.logical_or.reduce([marked.rows_of(kind) for kind in LOST_ROWS])
    values[:, lost] = np.nan
    for column, station, hour in marked.wrong_texts:
        if column < len(ITEMS):
            values[column, station, hour] = np.nan
    return values
