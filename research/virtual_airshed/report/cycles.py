"""Cycles of the day, the year and the week at the sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.virtual_airshed.reference.describing import monthly_means
from research.virtual_airshed.report.dates import days_of_hours
from research.virtual_airshed.report.series import SiteHours
from research.virtual_airshed.report.weekend import SUNDAY, Weeks
from standards.pollutants import ITEMS

CLOCK = np.arange(1, 25)


def by_clock(hours: SiteHours, values: np.ndarray, season: str) -> np.ndarray:
    """Average a series over the days of a season by local hour 1 to 24: (..., hour) to (..., 24), NaN without days."""
    days, clock = days_of_hours(hours.first_hour, hours.hours)
    inside = days.in_season(season)
    columns = [values[..., inside & (clock == h)] for h in CLOCK]
    return np.stack(
        [v.mean(axis=-1, dtype=float) if v.shape[-1] else np.full(v.shape[:-1], np.nan) for v in columns], axis=-1
    )


def by_month(daily: pd.DataFrame, item: str) -> pd.DataFrame:
    """Average daily values by month: index month 1 to 12, a column for each city; NaN without days."""
    means = monthly_means(daily[[item]])
    return means.pivot(index="month", columns="city", values="value").reindex(range(1, 13))


@dataclass(frozen=True, eq=False)
class SundayEffect:
    """What the emissions of quiet weekends change on Sundays, in the same weather: means over the weeks.

    no2_ugm3, o3_ugm3: by local hour (site, 24). no2_pct, o3_pct: of the day's mean of NO2 and of the 8 hours from
    12 to 20 of ozone, over what there would be on a Sunday with Wednesday's emissions (site,) [%].
    """

    no2_ugm3: np.ndarray
    o3_ugm3: np.ndarray
    no2_pct: np.ndarray
    o3_pct: np.ndarray


def sunday_effect(weeks: Weeks) -> SundayEffect:
    """Give the effect of Sundays from the weeks with and without weekends."""
    no2, o3 = ITEMS.index("no2"), ITEMS.index("o3")
    kept, changed = (v[..., SUNDAY, :].mean(axis=2) for v in (weeks.kept, weeks.changed))
    afternoon = slice(12, 20)
    shares = []
    for item, part in ((no2, slice(None)), (o3, afternoon)):
        a, b = (v[item][:, part].mean(axis=-1) for v in (kept, changed))
        shares.append(100.0 * (a / b - 1.0))
    return SundayEffect(kept[no2] - changed[no2], kept[o3] - changed[o3], *shares)


@dataclass(frozen=True, eq=False)
class WeekComposite:
    """Means by day of the week over the departures from the week around, and the standard error of the mean [%]:
    (weekday,).
    """

    mean_pct: np.ndarray
    error_pct: np.ndarray


def week_composite(daily: pd.Series) -> WeekComposite:
    """Put days of the week together. daily: by date. Every day is set against the mean of the seven days around it;
    the ends drop out.
    """
    around = daily.rolling(7, center=True).mean()
    away = (100.0 * (daily / around - 1.0)).dropna()
    groups = away.groupby(away.index.dayofweek)
    return WeekComposite(*(groups.agg(f).reindex(range(7)).to_numpy() for f in ("mean", "sem")))
