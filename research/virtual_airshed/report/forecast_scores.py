"""Forecast runs out of the middle of a run, and their scores by lead day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from research.virtual_airshed.forecasts.operation import Operation
from research.virtual_airshed.forecasts.runs import Start, run
from research.virtual_airshed.forecasts.skill import CitySeries, forecast_series_of, pairs, skill
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.report.series import SiteHours
from research.virtual_airshed.run import Day
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.world import World

START_HOURS = 24
"""Runs start at 00 UTC, 08:00 in Chengdu."""
LEAST_HOURS = 48
"""A run that would have fewer hours of the nature run beside it is not made."""


class ForecastRuns:
    """Makes the analyses of observations from which some runs start, evenly over a run."""

    def __init__(self, scenario: Scenario, world: World, count: int) -> None:
        first = -(-scenario.first_hour // START_HOURS) * START_HOURS
        possible = np.arange(first, scenario.first_hour + scenario.hours - LEAST_HOURS, START_HOURS)
        some = np.linspace(0, possible.size - 1, min(count, possible.size)).round().astype(int) if possible.size else []
        self.inits = frozenset(int(possible[i]) for i in some)
        # Observed twice a day, as the runs of the outbox are; without runs nothing is.
        self._operation = Operation(scenario, world, every_h=START_HOURS // 2 if self.inits else 0)
        self._starts: list[Start] = []

    def look(self, day: Day) -> None:
        """Look at a day of the nature run; days follow each other."""
        self._starts += [start for start in self._operation.starts(day) if start.init in self.inits]

    def scores(self, stations: Receptors, hours: SiteHours, *, told: Callable[[int, int], None]) -> pd.DataFrame | None:
        """Make the runs and score them against the cities' series of the nature run; None where there are none.

        A row for each item and lead_day: r, nmb [%], nme [%], rmse [ug/m3, CO mg/m3], n; runs: how many there were.
        told: after each run, how many are done, and of how many.
        """
        if not self._starts:
            return None
        model, made = self._operation.model, []
        for number, start in enumerate(self._starts, 1):
            made.append(forecast_series_of(run(model, start), stations))
            told(number, len(self._starts))
        truth = CitySeries(hours.first_hour, hours.items[:, : len(stations.cities)].astype(float))
        found = skill(pairs(truth, made, stations.cities)).reset_index()
        found = found.rename(columns={name: "lead_day" for name in found.columns if str(name).startswith("level_")})
        return found.assign(runs=len(made))
