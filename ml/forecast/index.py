"""The index of a forecast with its probabilities: joint samples of the six items, through the functions of standards.

Quantiles are of one item at a time, the index is of all. Samples keep the order in which the items rose and fell
together on past days (the Schaake shuffle), so that a day with high PM2.5 is a day with high PM10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.forecast.quantiles import LEVELS, between
from standards.editions import Edition
from standards.index.aqi import daily_aqi, hourly_aqi
from standards.index.levels import LEVELS as INDEX_LEVELS
from standards.pollutants import ITEMS


@dataclass(frozen=True, eq=False)
class IndexForecast:
    """The index of forecasts.

    aqi: float64 (quantile, row), quantiles at ml.forecast.quantiles.LEVELS. level: float64 (6, row), probability of
    levels 1 to 6. primary: float64 (6, row), probability that an item of ITEMS is a primary pollutant (several may be
    on a day, none on a good one). heavy: float64 (row,), probability of levels 5 and 6. All NaN where no index is to be
    had.
    """

    aqi: np.ndarray
    level: np.ndarray
    primary: np.ndarray
    heavy: np.ndarray


def templates(past: np.ndarray, days_of_year: np.ndarray, day_of_year: float, *, window_d: float = 45.0) -> np.ndarray:
    """Choose the past days of the season of which the order of items is taken: float64 (6, member).

    past [ug/m3, CO mg/m3]: (6, day) observed daily values, known before the issue. days_of_year [days]: (day,). Days
    with an item missing are left out.
    """
    apart = np.abs((days_of_year - day_of_year + 182.6) % 365.2425 - 182.6)
    return past[:, (apart <= window_d) & np.isfinite(past).all(axis=0)]


def shuffled(quantiles: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Draw joint samples that have the quantiles of each item and the rank order of a template.

    quantiles [unit of each item]: float64 (6, quantile, row) at LEVELS. template: float64 (6, member), complete past
    values.
    Returns float64 (6, member, row): of each item evenly spread over its distribution, ordered over members as the
    template is.
    Missing: an item whose quantiles are NaN is NaN in all members.
    Source: Clark et al. 2004 (J. Hydrometeor. 5:243), the Schaake shuffle.
    """
    members = template.shape[1]
    order = np.argsort(np.argsort(template, axis=1, kind="stable"), axis=1, kind="stable")
    at = (np.arange(members) + 0.5) / members
    made = []
    for item, rank in zip(quantiles, order, strict=True):
        # Between quantiles of the logarithm, so that nothing falls below zero and the upper tail is long.
        values = np.expm1(between(np.log1p(item), LEVELS, at))
        made.append(np.maximum(values, 0.0)[rank])
    return np.array(made)


def index_forecast(
    quantiles: np.ndarray, template: np.ndarray, *, edition: Edition, daily: bool, in_plan: np.ndarray | None = None
) -> IndexForecast:
    """Give the index of forecasts with the probabilities of level and primary pollutant.

    quantiles [ug/m3, CO mg/m3]: float64 (6, quantile, row) in the order of ITEMS, of days (MDA8 in the o3 row) or
    hours. template: as shuffled; with fewer than 20 members there is nothing to take an order from, and all is NaN.
    edition: whose index. in_plan: as daily_aqi.
    Missing: a row without an index by the rules of daily_aqi or hourly_aqi in any member is NaN.
    """
    rows = quantiles.shape[2]
    if template.shape[1] < 20:
        nothing = np.full(rows, np.nan)
        wide = np.full((len(ITEMS), rows), np.nan)
        return IndexForecast(np.full((len(LEVELS), rows), np.nan), wide, wide, nothing)
    samples = shuffled(quantiles, template)
    report = (daily_aqi if daily else hourly_aqi)(samples, edition=edition, in_plan=in_plan)
    there = np.isfinite(report.aqi).all(axis=0)
    level = np.array([(report.level == each.level).mean(axis=0) for each in INDEX_LEVELS])
    primary = np.array([(report.primary >> bit & 1).mean(axis=0) for bit in range(len(ITEMS))])
    aqi = np.full((len(LEVELS), rows), np.nan)
    if there.any():
        aqi[:, there] = np.quantile(report.aqi[:, there], LEVELS, axis=0)
    level, primary = (np.where(there, each, np.nan) for each in (level, primary))
    return IndexForecast(aqi, level, primary, level[4] + level[5])
