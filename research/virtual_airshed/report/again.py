"""Short second runs out of the middle of the first one: without a source, and without weekends. They start from
states that the first run passes through.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from research.virtual_airshed.model import Model
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.report import checks
from research.virtual_airshed.report.checks import Removal
from research.virtual_airshed.report.sites import Sites
from research.virtual_airshed.report.weekend import WEEK_DAYS, weeks_of, without_weekends
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.truth import Contributions
from research.virtual_airshed.world import World


class RemovalRuns:
    """Keeps what runs without a source start from and are held against: the days in the middle of the run."""

    def __init__(self, scenario: Scenario) -> None:
        self._plan, days = scenario.plan(), scenario.days
        self._length = min(checks.REMOVED_DAYS, days - 1)
        self._begin = 1 + (days - 1 - self._length) // 2
        self._totals: dict[str, np.ndarray] = {}
        self._truth: list[Contributions] = []

    def look(self, number: int, model: Model, found: Contributions) -> None:
        """Look at the model at the end of day number (from 0), and at the day's truth at the stations of the cities."""
        if self._begin <= number < self._begin + self._length:
            self._truth.append(found)
        if number == self._begin - 1:
            self._totals = {source: checks.without(model, source) for source in checks.REMOVED}

    def run(self, world: World, stations: Receptors) -> tuple[Removal, ...]:
        """Run them; none where the first run has one day."""
        return tuple(
            checks.removal_of(world, self._plan, source, totals=totals, stations=stations, truth=self._truth)
            for source, totals in self._totals.items()
            if self._truth
        )


class WeekendRun:
    """Keeps what the run without weekends starts from: the state on the eve of the first summer week."""

    def __init__(self, scenario: Scenario) -> None:
        self._plan, self._start = scenario.plan(), scenario.start
        self._begin, self.weeks = weeks_of(scenario.start, scenario.days)
        self._totals: np.ndarray | None = None

    @property
    def first_hour(self) -> int:
        """The epoch hour of the first hour of the weeks."""
        return self._plan.first_hour + 24 * self._begin

    @property
    def hours(self) -> int:
        """How many hours the weeks have, 0 where there are none."""
        return 24 * WEEK_DAYS * self.weeks

    def look(self, number: int, model: Model) -> None:
        """Look at the model at the end of day number (from 0)."""
        if self.weeks and number == self._begin - 1:
            self._totals = model.tracers.copy_totals()

    def run(self, world: World, sites: Sites) -> np.ndarray | None:
        """Run it and give the items at the sites (item, site, hour); None where there is no whole week of summer."""
        if self._totals is None:
            return None
        monday = self._start + dt.timedelta(days=self._begin)
        return without_weekends(world, self._plan, sites, totals=self._totals, monday=monday, weeks=self.weeks)
