"""The trend of a normalised series: Theil-Sen over months, with an interval that knows that months go together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ml.normalise.design import year_fraction
from standards.assessment.trends import theil_sen

DRAWS, SHARE = 500, 0.95
LEAST_MONTHS = 24
"""Months that a trend needs: two years (our choice)."""


@dataclass(frozen=True, slots=True)
class Trend:
    """slope [unit a-1], its interval low to high holding `share`; percent [% a-1] of the line's beginning, NaN
    where that is not above 0. months: how
    many counted.

    All NaN with fewer than LEAST_MONTHS months.
    """

    slope: float
    low: float
    high: float
    percent: float
    months: int
    share: float = SHARE


def trend_of(
    months: np.ndarray, by_seed: np.ndarray, *, seed: int = 1, draws: int = DRAWS, share: float = SHARE
) -> Trend:
    """Estimate the trend of monthly values.

    months: datetime64[M] (month,). by_seed [any unit]: (seed, month), one row for each model; the slope is that of their
    mean. Each draw takes one of the models and lays moving blocks of its residuals along its line, so the interval holds what
    months share and what models differ in; what is wrong in all models alike it does not hold. Returns Trend.
    Missing: a month that is NaN in any row is left out.
    Source: slope: standards.assessment.trends.theil_sen; moving blocks: Kunsch 1989, Ann. Statist. 17:1217; their length, the
    cube root of the number of months: Hall et al. 1995, Biometrika 82:561.
    """
    by_seed = np.atleast_2d(by_seed)
    present = np.isfinite(by_seed).all(axis=0)
    times, rows = year_fraction(months[present]), by_seed[:, present]
    if len(times) < LEAST_MONTHS:
        return Trend(*[math.nan] * 4, len(times), share)
    line = theil_sen(rows.mean(axis=0), times)
    chance = np.random.default_rng(seed)
    slopes = np.array([_redrawn(row, times, chance) for row in rows[chance.integers(len(rows), size=draws)]])
    low, high = np.quantile(slopes, [(1 - share) / 2, (1 + share) / 2])
    begin = line.intercept + line.slope * times[0]
    return Trend(
        line.slope,
        float(low),
        float(high),
        float(100.0 * line.slope / begin) if begin > 0 else math.nan,
        len(times),
        share,
    )


def _redrawn(values: np.ndarray, times: np.ndarray, chance: np.random.Generator) -> float:
    line = theil_sen(values, times)
    straight = line.intercept + line.slope * times
    return theil_sen(straight + blocks_of(values - straight, chance), times).slope


def blocks_of(residuals: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Draw moving blocks of a series until it is as long as before (time,); a block is the cube root of the length,
    rounded up."""
    n = len(residuals)
    length = math.ceil(n ** (1 / 3))
    starts = chance.integers(n - length + 1, size=math.ceil(n / length))
    return residuals[(starts[:, None] + np.arange(length)).ravel()[:n]]
