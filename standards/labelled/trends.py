"""Trends of yearly values on labelled data (standards.assessment.trends): a row for each place, or one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

import standards.assessment.trends as trends
from standards.labelled.one import One, Years, by_place, years_of
from standards.labelled.shapes import Data
from standards.labelled.words import pure, reference

_VERDICTS = {trends.FALLING: "falling", trends.NOT_SIGNIFICANT: "not significant", trends.RISING: "rising", None: ""}


def spearman(yearly: One) -> Data:
    """Judge the trend of each place.

    yearly [any unit]: a Series or DataArray by year (a level or dimension "year"), and by city or station where there
    is more. Returns a DataFrame or Dataset by place with r_s, n, critical and verdict ("falling", "not significant",
    "rising", empty where there is none).
    Missing: as standards.assessment.trends.spearman; years that are not there are missing.
    Errors: ValueError where there is no year, or a place has one twice.
    """
    years = years_of(yearly)
    found = [trends.spearman(row) for row in years.values]
    made = {
        "r_s": (np.array([each.r_s for each in found]), pure("rank correlation with time", "秩相关系数")),
        "n": (np.array([each.n for each in found], np.int64), pure("years with a value", "年数")),
        "critical": (np.array([each.critical for each in found]), pure("critical value", "临界值")),
        "verdict": (
            np.array([_VERDICTS[each.verdict] for each in found], object), pure("verdict of the trend", "变化趋势", units=None)
        ),
    }  # fmt: skip
    return _given(made, years, trends.spearman)


def mann_kendall(yearly: One) -> Data:
    """Test each place for a monotonic trend: yearly, missing and errors as spearman.

    Returns s, z, p and n by place, as standards.assessment.trends.mann_kendall.
    """
    years = years_of(yearly)
    found = [trends.mann_kendall(row) for row in years.values]
    made = {
        "s": (np.array([each.s for each in found], np.int64), pure("sum of the signs of all differences", "S统计量")),
        "z": (np.array([each.z for each in found]), pure("standard normal score", "Z统计量")),
        "p": (np.array([each.p for each in found]), pure("two-sided probability", "双侧概率")),
        "n": (np.array([each.n for each in found], np.int64), pure("years with a value", "年数")),
    }
    return _given(made, years, trends.mann_kendall)


def theil_sen(yearly: One) -> Data:
    """Estimate the slope of each place per year: yearly, missing and errors as spearman.

    Returns slope [unit of yearly a year], intercept [unit of yearly] at the year 0 of the calendar, and n by place.
    """
    years = years_of(yearly)
    found = [trends.theil_sen(row, years.years.astype(np.float64)) for row in years.values]
    unit = yearly.attrs.get("units")
    made = {
        "slope": (
            np.array([each.slope for each in found]),
            pure("median of all pairwise slopes", "Theil-Sen斜率", units=f"{unit} year-1" if unit else None),
        ),
        "intercept": (
            np.array([each.intercept for each in found]), pure("value of the line at year 0", "截距", units=unit)
        ),
        "n": (np.array([each.n for each in found], np.int64), pure("years with a value", "年数")),
    }  # fmt: skip
    return _given(made, years, trends.theil_sen)


def moving_year_mean(yearly: One, *, years: int = trends.MOVING_YEARS, min_years: int = trends.MOVING_YEARS_MIN) -> One:
    """Average over the years that end with each one, for each place.

    yearly: as spearman. years, min_years: as standards.assessment.trends.moving_year_mean. Returns the same kind by place and
    consecutive years, gaps filled with missing.
    Missing, errors: as standards.assessment.trends.moving_year_mean, and as spearman.
    """
    found = years_of(yearly)
    means = trends.moving_year_mean(found.values, years=years, min_years=min_years)
    words = {"long_name": f"mean of {years} years", "long_name_zh": f"{years}年滑动平均"}
    kept = {"units": yearly.attrs["units"]} if "units" in yearly.attrs else {}
    attrs = kept | words | dict(found.about) | {"references": reference(trends.moving_year_mean)}
    span = pd.Index(found.years, name="year")
    if found.alone:
        made = pd.Series(means[0], span, name=yearly.name)
    else:
        rows = found.places.repeat(len(span))
        levels = [rows.get_level_values(i) for i in range(rows.nlevels)]
        index = pd.MultiIndex.from_arrays(
            [*levels, np.tile(span, len(found.places))], names=[*found.places.names, "year"]
        )
        made = pd.Series(means.reshape(-1), index, name=yearly.name)
    if found.is_array:
        made = xr.DataArray.from_series(made)
    made.attrs = attrs
    return made


def _given(made: dict, years: Years, function: object) -> Data:
    first, last = (years.years[0], years.years[-1]) if len(years.years) else ("", "")
    about = dict(years.about) | {"references": reference(function), "years": f"{first} to {last}"}
    return by_place(made, years.places, about, is_array=years.is_array)
