"""Forecast runs out of the middle of a run, and their scores by lead day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from research.virtual_airshed.forecasts.runs import Start, forecast_model, run
from research.virtual_airshed.forecasts.skill import CitySeries, forecast_series_of, pairs, skill
from research.virtual_airshed.model import Model
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.report.series import SiteHours
from research.virtual_airshed.scenarios import Scenario
from research.virtual_airshed.world import World

START_HOURS = 24
"""Runs start at 00 UTC, 08:00 in Chengdu."""
LEAST_HOURS = 48
"""A run that would have fewer hours of the nature run beside it is not made."""


class ForecastRuns:
    """Keeps the states from which some runs start, evenly over a run; a run.Watch."""

    def __init__(self, scenario: Scenario, count: int) -> None:
        self._scenario = scenario
        first = -(-scenario.first_hour // START_HOURS) * START_HOURS
        possible = np.arange(first, scenario.first_hour + scenario.hours - LEAST_HOURS, START_HOURS)
        some = np.linspace(0, possible.size - 1, min(count, possible.size)).round().astype(int) if possible.size else []
        self.inits = frozenset(int(possible[i]) for i in some)
        self._starts: list[Start] = []

    def __call__(self, hour: int, model: Model) -> None:
        """Look at the model at the end of an hour."""
        if hour in self.inits:
            self._starts.append(Start(hour, model.tracers.copy_totals()))

    def scores(
        self, world: World, stations: Receptors, hours: SiteHours, *, told: Callable[[int, int], None]
    ) -> pd.DataFrame | None:
        """Make the runs and score them against the cities' series of the nature run; None where there are none.

        A row for each item and lead_day: r, nmb [%], nme [%], rmse [ug/m3, CO mg/m3], n; runs: how many there were.
        told: after each run, how many are done, and of how many.
        """
        if not self._starts:
            return None
        model, made = forecast_model(self._scenario, world), []
        for number, start in enumerate(self._starts, 1):
            made.append(forecast_series_of(run(model, start), stations))
            told(number, len(self._starts))
        truth = CitySeries(hours.first_hour, hours.items[:, : len(stations.cities)].astype(float))
        found = skill(pairs(truth, made, stations.cities)).reset_index()
        found = found.rename(columns={name: "lead_day" for name in found.columns if str(name).startswith("level_")})
        return found.assign(runs=len(made))
