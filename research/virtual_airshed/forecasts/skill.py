"""How good the forecast runs are: means of the cities' stations beside those of the nature run, and their scores by lead day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.virtual_airshed.forecasts.runs import Forecast
from research.virtual_airshed.ground import GroundHours
from research.virtual_airshed.receptors import Receptors, over_cells
from standards.days import natural_day
from standards.labelled.columns import HOUR_COLUMNS
from standards.labelled.lead_scores import scores_by_lead
from standards.pollutants import ITEMS

SCORES = ("r", "nmb", "nme", "rmse")


@dataclass(frozen=True, eq=False)
class CitySeries:
    """Hourly means of the stations of each city: items (item, city, hour) [ug/m3, CO mg/m3], the first hour's end as an epoch hour.

    run: epoch hour of the run's start, None for the nature run.
    """

    first_hour: int
    items: np.ndarray
    run: int | None = None


def city_series(ground: GroundHours, receptors: Receptors, *, first_hour: int, run: int | None = None) -> CitySeries:
    """Take the means of the cities' stations near the ground."""
    items = ground.at(receptors.cells.row, receptors.cells.column).items()
    return CitySeries(first_hour, over_cells(receptors.weight, items), run)


def forecast_series_of(forecast: Forecast, receptors: Receptors) -> CitySeries:
    """Take the means of the cities' stations of a run."""
    return city_series(forecast.ground, receptors, first_hour=forecast.init + 1, run=forecast.init)


def pairs(truth: CitySeries, runs: Iterable[CitySeries], cities: Sequence[str]) -> pd.DataFrame:
    """Put runs beside the nature run: a row for each run, city and hour that both have; columns as air_joined_hour has them."""
    return pd.concat([_beside(truth, each, cities) for each in runs], ignore_index=True)


def daily(hours: pd.DataFrame, *, least_hours: int = 24) -> pd.DataFrame:
    """Average pairs over the natural days of a run of which at least least_hours are there."""
    grouped = hours.groupby(["run", "city", "lead_day"], as_index=False)
    means = grouped.mean(numeric_only=True)
    return means[grouped.size()["size"] >= least_hours].reset_index(drop=True)


def skill(
    found: pd.DataFrame,
    *,
    items: Sequence[str] = ITEMS,
    by: str | Sequence[str] = "lead_day",
    names: Sequence[str] = SCORES,
) -> pd.DataFrame:
    """Score pairs by lead day (standards.verification.scores): a row for each item and group, a column for each score, and n.

    found: what pairs or daily gave. by: what to group by, for instance ("city", "lead_day"). names: of
    standards.verification.scores.SCORES;
    r [1], nmb and nme [%], rmse [ug/m3, CO mg/m3].
    """
    return pd.concat({item: scores_by_lead(found, item, by=by, names=names) for item in items}, names=["item"])


def _beside(truth: CitySeries, run: CitySeries, cities: Sequence[str]) -> pd.DataFrame:
    first = max(truth.first_hour, run.first_hour)
    end = min(each.first_hour + each.items.shape[-1] for each in (truth, run))
    hours = np.arange(first, max(end, first))
    city, hour = (v.ravel() for v in np.meshgrid(np.asarray(cities), hours, indexing="ij"))
    table = {"run": run.run, "city": city, "hour_end": hour, "lead_day": natural_day(hour) - natural_day(run.run)}
    for i, item in enumerate(ITEMS):
        for prefix, each in (("", truth), ("forecast_", run)):
            values = each.items[i, :, first - each.first_hour : first - each.first_hour + hours.size]
            table[f"{prefix}{HOUR_COLUMNS[item]}"] = values.ravel()
    made = pd.DataFrame(table)
    made.attrs = {"simulated": True}
    return made
