"""How much of a change between two periods was the weather's: observed, normalised ("us"), and the rest, each with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ml.normalise.fitted import Fitted
from ml.normalise.month_change import LEAK
from ml.normalise.normalised import SEASON_DAYS
from ml.normalise.trend import blocks_of

SHARE = 0.9
"""What the intervals hold."""
LEAST_SKILL = 0.3
"""R2 of fortnights not seen below which the weather explains too little to part it from the rest (our choice)."""
LEAST_HOURS = 0.5
"""Share of a period's hours that must be there (our choice)."""
LEAST_WINDOWS = 6
"""So many windows of the record tell how wrong the mean of one is; of longer periods a sixth of the record stands for them."""
LEAST_DAYS = 5
"""Days below which nothing is said of how far chance moves their mean (our choice)."""
DRAWS = 499
WHY_HOURS, WHY_SKILL, WHY_SEASONS = "hours", "skill", "seasons"
"""Why a change is not told: too few hours in a period, too little skill, periods of different times of the year."""
Days = tuple[np.datetime64, np.datetime64]
"""First and last local day of a period, both in it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A value with the ends of its interval of SHARE [unit of the series]; the ends are NaN where nothing tells them."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class WeatherChange:
    """A change from a base to now [unit of the series].

    observed = us + weather. us: of the series in the usual weather of the season; it holds what emissions, inflow and all else
    that is no weather did. weather: the rest, which is the weather's and what the model has wrong. Their intervals are the
    model's error and LEAK; that of observed is how far chance moves the means of such periods. why: a code of WHY_…, empty where
    all is told; else us and weather are NaN. now, base: observed means. hours: of both. skill: R2 of fortnights not seen.
    """

    observed: Told
    us: Told
    weather: Told
    now: float
    base: float
    hours: tuple[int, int]
    skill: float
    why: str = ""


def weather_change(fit: Fitted, *, now: Days, base: Days, hours_per_day: int = 24, seed: int = 1) -> WeatherChange:
    """Part the change of a series between two periods of the same time of the year.

    fit: as fitted gives it. now, base: first and last local day. hours_per_day: that the series has on a whole day.
    Refused, with `why`, not raised: fewer than LEAST_HOURS of the hours of a period, skill below LEAST_SKILL, periods whose
    first or last days lie more than SEASON_DAYS apart in the year: there the usual weather is not the same either.
    Source: Grange and Carslaw 2019, Sci. Total Environ. 653:578 (change of the normalised series); intervals by how wrong models
    are of stretches they have not seen, as placebo periods in ml.normalise.changes; blocks: Kunsch 1989, Ann. Statist. 17:1217.
    """
    inside = [(fit.days >= first) & (fit.days <= last) for first, last in (now, base)]
    seen = [_mean(fit.observed, fit.hours, each) for each in inside]
    counts = [int(fit.hours[each].sum()) for each in inside]
    observed = _observed(fit, inside, seen, seed)
    nothing = Told(math.nan, math.nan, math.nan)
    why = _refused(fit, now, base, counts, hours_per_day)
    if why:
        return WeatherChange(observed, nothing, nothing, *seen, (counts[0], counts[1]), fit.skill, why)
    by_seed = np.array([_mean(row, fit.hours, inside[0]) - _mean(row, fit.hours, inside[1]) for row in fit.by_seed])
    error = math.hypot(*(mean_error(fit, _length(each)) for each in (now, base)), _spread(by_seed))
    us, change = float(by_seed.mean()), seen[0] - seen[1]
    half = math.hypot(error * _factor(), LEAK * (change - us))
    return WeatherChange(
        observed, Told(us, us - half, us + half), Told(change - us, change - us - half, change - us + half), *seen,
        (counts[0], counts[1]), fit.skill,
    )  # fmt: skip


def mean_error(fit: Fitted, length: int) -> float:
    """Give how wrong models are of the mean of so many days that they have not seen: root mean square over the record's windows
    [unit of the series], NaN where there are fewer than LEAST_WINDOWS."""
    length = max(min(length, fit.record_days // LEAST_WINDOWS), 1)
    off, at = fit.observed - fit.held_out, (fit.days - fit.days[0]).astype(np.int64) // length
    sums, counts = (np.bincount(at, weights=each) for each in (off, np.ones(len(off))))
    usual = float(np.median(counts[counts > 0]))
    means = sums[counts >= LEAST_HOURS * usual] / counts[counts >= LEAST_HOURS * usual]
    return float(np.sqrt((means**2).mean())) if len(means) >= LEAST_WINDOWS - 1 else math.nan


def half_width(fit: Fitted, by_seed: np.ndarray, length: int) -> float:
    """Give the half width of the interval of a normalised mean over so many days; by_seed: that mean by seed."""
    return math.hypot(mean_error(fit, length), _spread(by_seed)) * _factor()


def _factor() -> float:
    from scipy.stats import t as student

    return float(student.ppf(0.5 + SHARE / 2, LEAST_WINDOWS - 1))


def _spread(by_seed: np.ndarray) -> float:
    return float(by_seed.std(ddof=1)) if len(by_seed) > 1 else 0.0


def _refused(fit: Fitted, now: Days, base: Days, counts: list[int], hours_per_day: int) -> str:
    if any(n < LEAST_HOURS * hours_per_day * _length(each) for n, each in zip(counts, (now, base), strict=True)):
        return WHY_HOURS
    if not fit.skill >= LEAST_SKILL:
        return WHY_SKILL
    return "" if all(_apart(a, b) <= SEASON_DAYS for a, b in zip(now, base, strict=True)) else WHY_SEASONS


def _apart(one: np.datetime64, other: np.datetime64) -> int:
    """Tell how many days lie between two days in the year, whatever their years."""
    of_year = [int((d - d.astype("datetime64[Y]").astype("datetime64[D]")).astype(int)) for d in (one, other)]
    away = abs(of_year[0] - of_year[1])
    return min(away, 365 - away)


def _length(period: Days) -> int:
    return int((period[1] - period[0]).astype(np.int64)) + 1


def _mean(values: np.ndarray, hours: np.ndarray, inside: np.ndarray) -> float:
    total = float(hours[inside].sum())
    return float((values[inside] * hours[inside]).sum() / total) if total > 0 else math.nan


def _observed(fit: Fitted, inside: list[np.ndarray], seen: list[float], seed: int) -> Told:
    """Give the observed change with how far the means of such periods move by chance: days drawn anew in moving blocks."""
    change, chance, drawn = seen[0] - seen[1], np.random.default_rng(seed), []
    for each in inside:
        days, at = np.unique(fit.days[each], return_inverse=True)
        if len(days) < LEAST_DAYS:
            return Told(change, math.nan, math.nan)
        daily = np.bincount(at, weights=fit.observed[each]) / np.bincount(at)
        daily -= daily.mean()
        drawn.append(np.array([blocks_of(daily, chance).mean() for _ in range(DRAWS)]))
    low, high = np.quantile(change + drawn[0] - drawn[1], [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return Told(change, float(low), float(high))
