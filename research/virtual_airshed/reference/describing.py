"""Numbers that describe the daily air of some cities: levels by season, high ozone, bad days, persistence, likeness
of the cities.

The same function describes real and simulated days, so that the two can be held against each other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
LEVEL_ITEMS = ("so2_ugm3", "no2_ugm3", "co_mgm3", "pm10_ugm3", "pm25_ugm3", "o3_1h_max_ugm3")
"""Daily values that are described: means, and the largest hourly mean of ozone."""
BAD_DAY = {"pm25_ugm3": 75.0, "o3_1h_max_ugm3": 160.0, "o3_mda8_ugm3": 160.0}
"""A day above counts as bad [ug/m3]: the daily limits of GB 3095-2012 for PM2.5 and MDA8; for the hourly maximum the
same number."""
LIKENESS_ITEMS = ("pm25_ugm3", "o3_1h_max_ugm3")
ODD_SERIES = {"o3_1h_max_ugm3": ("511800",)}
"""Real series that do not go with the rest: until the summer of 2016 Ya'an's ozone has no season (May 2015: 60,
December 2015: 45 ug/m3), and its correlation with the other cities is 0.15 to 0.37, theirs with each other 0.60
to 0.86.
"""
COLUMNS = ("statistic", "item", "season", "city", "value")
MONTH_COLUMNS = ("item", "city", "month", "value")
DAYS_PER_YEAR = 365.25


def describe(daily: pd.DataFrame) -> pd.DataFrame:
    """Describe daily values: one row a statistic, COLUMNS.

    daily: index (city, date), a column for each item that is known (LEVEL_ITEMS, o3_mda8_ugm3) [ug/m3, CO mg/m3].
    Statistics: `mean` by season and of the year, `sd` by season, `p90`, `bad_days` a year, `lag1` and `lag3`
    (correlation with the same city so many days before), `likeness` (mean of the correlations between the cities).
    season is "year" for what is of the whole year; city is "" for what is of all. Missing: NaN days are left out; a
    statistic without days is NaN.
    """
    rows: list[tuple] = []
    for item in daily.columns:
        table = daily[item].unstack("city")
        table.index = pd.DatetimeIndex(table.index)
        table = table.asfreq("D")
        rows += _levels(item, table)
        if item in LIKENESS_ITEMS:
            rows += _course(item, table)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _levels(item: str, table: pd.DataFrame) -> list[tuple]:
    rows = []
    for season, months in {"year": tuple(range(1, 13)), **SEASONS}.items():
        part = table[table.index.month.isin(months)]
        rows += [("mean", item, season, city, part[city].mean()) for city in table]
        if season != "year":
            rows += [("sd", item, season, city, part[city].std()) for city in table]
    rows += [("p90", item, "year", city, table[city].quantile(0.9)) for city in table]
    if item in BAD_DAY:
        bad = (table > BAD_DAY[item]).sum() / table.notna().sum().replace(0, np.nan) * DAYS_PER_YEAR
        rows += [("bad_days", item, "year", city, bad[city]) for city in table]
    return rows


def _course(item: str, table: pd.DataFrame) -> list[tuple]:
    rows = [(f"lag{lag}", item, "year", city, table[city].autocorr(lag)) for lag in (1, 3) for city in table]
    sound = table.drop(columns=[city for city in ODD_SERIES.get(item, ()) if city in table])
    whole = (("likeness", table), ("likeness_sound", sound))
    return [*rows, *((name, item, "year", "", _likeness(part)) for name, part in whole)]


def monthly_means(daily: pd.DataFrame) -> pd.DataFrame:
    """Average daily values by month of the year: one row a number, MONTH_COLUMNS.

    daily: as describe takes it; years are put together. Missing: NaN days are left out; a month without days is NaN.
    """
    months = daily.index.get_level_values("date").month
    means = daily.groupby([daily.index.get_level_values("city"), months]).mean().rename_axis(["city", "month"])
    long = means.rename_axis("item", axis=1).stack(future_stack=True).rename("value").reset_index()
    return long.sort_values(["item", "city", "month"], ignore_index=True)[list(MONTH_COLUMNS)]


def _likeness(table: pd.DataFrame) -> float:
    pairs = table.corr().to_numpy()[np.triu_indices(table.shape[1], 1)]
    return float(np.nanmean(pairs)) if pairs.size and np.isfinite(pairs).any() else float("nan")
