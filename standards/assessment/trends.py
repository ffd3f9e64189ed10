"""Trends of yearly values: Spearman's rank correlation as HJ 663 uses it, with Mann-Kendall and Theil-Sen beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from standards.assessment.rules import rules_of
from standards.dated_tables import read_table
from standards.editions import edition_named
from standards.exact_means import mean_of_steps, to_steps

_CRITICAL = {int(row["n"]): Fraction(row["critical"]) for row in read_table("spearman_critical").rows}
SPEARMAN_CRITICAL = {n: float(critical) for n, critical in _CRITICAL.items()}
"""Critical value by number of values (HJ 663-2013 Table B.1)."""

MOVING_YEARS = rules_of(edition_named("2026T")).moving_years
"""Years of a moving mean (tables/hj663_2026.csv)."""
MOVING_YEARS_MIN = rules_of(edition_named("2026T")).moving_years_min
"""Valid years that a moving mean needs (tables/hj663_2026.csv, assumed)."""
FALLING, NOT_SIGNIFICANT, RISING = -1, 0, 1
"""Verdicts of a trend; None where there are too few values."""


@dataclass(frozen=True, slots=True)
class SpearmanTrend:
    """r_s: rank correlation with time, -1 to 1. n: values. critical: for n. verdict: FALLING, NOT_SIGNIFICANT, RISING.

    With fewer than five values r_s and critical are NaN and verdict is None.
    """

    r_s: float
    n: int
    critical: float
    verdict: int | None


@dataclass(frozen=True, slots=True)
class MannKendallTrend:
    """s: sum of the signs of all differences. z: standard normal score. p: two-sided probability. n: values.

    z and p are NaN with fewer than four values; the normal approximation is rough below about ten.
    """

    s: int
    z: float
    p: float
    n: int


@dataclass(frozen=True, slots=True)
class TheilSenTrend:
    """slope [unit of the values per unit of time]: median of all pairwise slopes. intercept [unit of the values]. n."""

    slope: float
    intercept: float
    n: int


def spearman(values: np.ndarray) -> SpearmanTrend:
    """Judge the trend of one series of yearly values.

    values [any unit]: (year,), in the order of time. Returns SpearmanTrend.
    Missing: NaN is left out and the years that remain are numbered anew (our assumption); fewer than five give no
    verdict.
    Notes: r_s = 1 - 6 sum(D^2) / (n (n^2 - 1)), D = rank of the value - rank of the year. A trend where |r_s| is above
    the critical value; equal to it there is basically no change, so that of five years only a perfect order is a trend.
    The comparison is exact. A number of years that the table lacks takes the next shorter one (our reading).
    Equal values share their mean rank and r_s is then the correlation of the ranks, of which the formula is the case
    without ties (our assumption: the standard is silent, and by its formula alone a constant series would have 0.5 and
    rise "significantly" over ten years). A constant series has r_s 0.
    Errors: ValueError where values is not one row, or infinite.
    Source: HJ 663-2013 B.1, B.2, Table B.1.
    """
    series = _series(values)
    series = series[~np.isnan(series)]
    n = len(series)
    if n < min(SPEARMAN_CRITICAL):
        return SpearmanTrend(math.nan, n, math.nan, None)
    # Twice the mean rank, less its mean, is a whole number: the sums are exact, and so is the verdict.
    ranks = (series[None, :] < series[:, None]).sum(axis=1) + (series[None, :] <= series[:, None]).sum(axis=1) - n
    times = 2 * np.arange(n) - (n - 1)
    shared, spread = int((ranks * times).sum()), int((ranks**2).sum()) * int((times**2).sum())
    r_s = shared / math.sqrt(spread) if spread else 0.0
    critical = _CRITICAL[max(length for length in _CRITICAL if length <= n)]
    significant = shared**2 > critical**2 * spread
    return SpearmanTrend(r_s, n, float(critical), int(math.copysign(1, r_s)) if significant else NOT_SIGNIFICANT)


def mann_kendall(values: np.ndarray) -> MannKendallTrend:
    """Test one series for a monotonic trend.

    values [any unit]: (time,). Returns MannKendallTrend, s above 0 where the series rises.
    Missing: NaN is left out; fewer than four values give NaN for z and p.
    Notes: variance corrected for ties, z with the correction for continuity, p from the normal distribution.
    Errors: ValueError where values is not one row, or infinite.
    Source: Mann 1945; Kendall 1975.
    """
    series = _series(values)
    series = series[~np.isnan(series)]
    n = len(series)
    s = int(np.sign(series[None, :] - series[:, None])[np.triu_indices(n, 1)].sum())
    _, ties = np.unique(series, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - int((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if n < 4 or variance == 0:
        return MannKendallTrend(s, 0.0 if n >= 4 else math.nan, 1.0 if n >= 4 else math.nan, n)
    z = (s - (s > 0) + (s < 0)) / math.sqrt(variance)
    return MannKendallTrend(s, z, math.erfc(abs(z) / math.sqrt(2)), n)


def theil_sen(values: np.ndarray, times: np.ndarray | None = None) -> TheilSenTrend:
    """Estimate the slope of one series, robust against outliers.

    values [any unit]: (time,). times [any unit]: (time,), by default 0, 1, 2 ... Returns TheilSenTrend; the intercept
    is the median of the values minus the slope times the median of the times.
    Missing: NaN is left out with its time; fewer than two values give NaN.
    Errors: ValueError where the shapes differ, a value is infinite, or a time comes twice.
    Source: Theil 1950; Sen 1968.
    """
    series = _series(values)
    times = np.arange(len(series), dtype=np.float64) if times is None else _series(times)
    if times.shape != series.shape:
        raise ValueError(f"times have shape {times.shape}, expected {series.shape}")
    if len(np.unique(times)) != len(times) or np.isnan(times).any():
        raise ValueError("a time comes twice or is missing, expected distinct times")
    present = ~np.isnan(series)
    series, times = series[present], times[present]
    if len(series) < 2:
        return TheilSenTrend(math.nan, math.nan, len(series))
    first, second = np.triu_indices(len(series), 1)
    slope = float(np.median((series[second] - series[first]) / (times[second] - times[first])))
    return TheilSenTrend(slope, float(np.median(series) - slope * np.median(times)), len(series))


def moving_year_mean(yearly: np.ndarray, *, years: int = MOVING_YEARS, min_years: int = MOVING_YEARS_MIN) -> np.ndarray:
    """Average yearly values over the years that end with each one.

    yearly [any unit]: (..., year), consecutive years, NaN where a year is not valid. years: length of the mean.
    min_years: valid years that it needs. Returns float64 [same unit] (..., year), exact and not rounded.
    Missing: fewer than min_years give NaN, so the first years have none.
    Errors: ValueError where years or min_years is below 1, or min_years above years.
    Source: HJ 663-2026 (three-year moving mean; its wording was not seen: that the yearly values are averaged, and that
    all three are needed, is assumed in tables/hj663_2026.csv).
    """
    if not 1 <= min_years <= years:
        raise ValueError(f"years is {years} and min_years {min_years}, expected 1 <= min_years <= years")
    steps, present = to_steps(yearly)
    sums, counts = np.zeros_like(steps), np.zeros(steps.shape, dtype=np.int64)
    for back in range(min(years, steps.shape[-1])):
        sums[..., back:] += steps[..., : steps.shape[-1] - back]
        counts[..., back:] += present[..., : steps.shape[-1] - back]
    return mean_of_steps(sums, counts, min_years)[0]


def _series(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"a series has shape {values.shape}, expected one row")
    if np.isinf(values).any():
        raise ValueError(f"a value is {values[np.isinf(values)][0]}, expected a number, or NaN for missing")
    return values
