"""Statistics of a period from daily values: how many days, which of them valid, mean and percentile.

Means and percentiles here are exact and not rounded: rounding is once, where a number is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standards.assessment.percentiles import percentile
from standards.assessment.periods import Period
from standards.assessment.rules import AssessmentRules
from standards.exact_means import VALUE_MAX, mean_of_steps, to_steps
from standards.pollutants import ITEMS, POLLUTANTS
from standards.validity import (
    SAMPLED_ITEMS,
    SAMPLED_MONTH_MIN_DAYS,
    SAMPLED_QUARTER_MIN_DAYS,
    SAMPLED_YEAR_MIN_DAYS,
)

ON_BAD = ("raise", "missing")
"""What to do with a negative or infinite daily value: refuse it, or take it as missing and count it."""


@dataclass(frozen=True, slots=True)
class PeriodValues:
    """Statistics of six items over a period; "..." is the shape between item and day, for instance cities.

    mean, percentile [ug/m3, CO mg/m3]: float64 (6, ...), exact, NaN without any value; they stand beside valid, which
    says whether they may be judged. days: int16 (6, ...), days that count. min_days: how many the period needs. months:
    the whole months that must be valid too, perhaps none. month_days: int16 (6, ..., month), their days that count.
    month_min_days: int (month,), how many each needs. valid: bool (6, ...).
    """

    period: Period
    mean: np.ndarray
    percentile: np.ndarray
    days: np.ndarray
    min_days: int
    months: tuple[Period, ...]
    month_days: np.ndarray
    month_min_days: np.ndarray
    valid: np.ndarray


def select_days(daily: np.ndarray, first_day: int, period: Period) -> np.ndarray:
    """Cut the days of a period out of a daily series.

    daily [any unit]: (..., day), one column for each consecutive natural day. first_day [days since 1970-01-01 local]:
    of the first column. Returns float64 (..., period.n_days); days outside the series are NaN.
    Errors: ValueError where first_day is not a whole number (a date or a time, naive or not, is none).
    """
    if isinstance(first_day, bool) or not isinstance(first_day, int | np.integer):
        raise ValueError(
            f"first_day is {first_day!r}, expected a whole number of days since 1970-01-01 (days.day_of_date)"
        )
    daily = np.asarray(daily, dtype=np.float64)
    if daily.ndim == 0:
        raise ValueError("daily is one number, expected an array with days on the last axis")
    first_day = int(first_day)
    found = np.full((*daily.shape[:-1], period.n_days), np.nan)
    start, stop = max(first_day, period.first_day), min(first_day + daily.shape[-1], period.last_day + 1)
    if start < stop:
        part = daily[..., start - first_day : stop - first_day]
        found[..., start - period.first_day : stop - period.first_day] = part
    return found


def place_days(values: np.ndarray, days: np.ndarray, period: Period) -> np.ndarray:
    """Put daily values that carry their day, in any order, into the columns of a period.

    values [any unit]: (..., n). days [days since 1970-01-01 local]: int (n,). Returns float64 (..., period.n_days).
    Missing: days without a value are NaN; days outside the period are left out.
    Errors: ValueError where a day comes twice (which of the two would count?), is not a whole number, or days and
    values differ in length.
    """
    values, days = np.asarray(values, dtype=np.float64), np.asarray(days)
    if not np.issubdtype(days.dtype, np.integer):
        raise ValueError(f"days have dtype {days.dtype}, expected whole numbers of days since 1970-01-01")
    if days.ndim != 1 or values.shape[-1:] != days.shape:
        raise ValueError(f"values have shape {values.shape} and days {days.shape}, expected (..., n) and (n,)")
    unique, counts = np.unique(days, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"day {unique[counts > 1][0]} comes {counts.max()} times, expected each day once")
    found = np.full((*values.shape[:-1], period.n_days), np.nan)
    inside = (days >= period.first_day) & (days <= period.last_day)
    found[..., days[inside] - period.first_day] = values[..., inside]
    return found


def require_daily(daily: np.ndarray, *, on_bad: str) -> tuple[np.ndarray, np.ndarray]:
    """Check daily values of six items.

    daily [ug/m3, CO mg/m3]: (6, ..., day), items in the order of ITEMS. on_bad: one of ON_BAD. Returns (daily, bad):
    float64 with bad values as NaN, and bool of the same shape.
    Errors: ValueError where the shape is wrong, on_bad is unknown, or, with on_bad="raise", a value is negative,
    infinite or above 1e6, naming item and value.
    """
    if on_bad not in ON_BAD:
        raise ValueError(f"on_bad is {on_bad!r}, expected one of {ON_BAD}")
    daily = np.asarray(daily, dtype=np.float64)
    if daily.ndim < 2 or daily.shape[0] != len(ITEMS):
        raise ValueError(
            f"daily has shape {daily.shape}, expected ({len(ITEMS)}, ..., day) in the order {', '.join(ITEMS)}"
        )
    bad = (daily < 0) | (daily > VALUE_MAX)
    if not bad.any():
        return daily, bad
    if on_bad == "raise":
        at = tuple(np.argwhere(bad)[0])
        item = ITEMS[at[0]]
        raise ValueError(
            f"{item} is {daily[at]} {POLLUTANTS[item].unit} at column {at[-1]}, expected 0 to {VALUE_MAX:.0f}, or NaN "
            "for missing"
        )
    return np.where(bad, np.nan, daily), bad


def period_values(
    daily: np.ndarray, period: Period, *, rules: AssessmentRules, counted: np.ndarray | None = None
) -> PeriodValues:
    """Compute mean, percentile and validity of six items over a period.

    daily [ug/m3, CO mg/m3]: (6, ..., period.n_days), MDA8 in the o3 row, as select_days gives it. rules: of
    standards.assessment.rules. counted: bool of the shape of daily, the days that count for validity, by default those
    with a value. Returns PeriodValues.
    Missing: NaN does not take part; too few days leave the numbers and make valid False.
    Source: GB 3095 clause 3 (means of daily means) and Table 4 (days); HJ 663-2013 6.1.3, A.6 (percentiles); shares of
    other periods than month and year are assumed (tables/hj663_*.csv).
    """
    daily = np.asarray(daily, dtype=np.float64)
    if daily.ndim < 2 or daily.shape[0] != len(ITEMS) or daily.shape[-1] != period.n_days:
        raise ValueError(f"daily has shape {daily.shape}, expected ({len(ITEMS)}, ..., {period.n_days})")
    steps, present = to_steps(daily)
    mean, _ = mean_of_steps(steps.sum(axis=-1), present.sum(axis=-1), 1)
    counted = present if counted is None else np.broadcast_to(counted, daily.shape)
    days = counted.sum(axis=-1, dtype=np.int16)
    min_days = rules.min_days(period)
    months = tuple(period.months()) if rules.needs_months(period) else ()
    month_days = _month_days(counted, period, months)
    month_min_days = np.array([rules.min_days(each) for each in months], dtype=int)
    return PeriodValues(
        period=period,
        mean=mean,
        percentile=np.stack([percentile(row, p) for row, p in zip(daily, rules.percentile, strict=True)]),
        days=days,
        min_days=min_days,
        months=months,
        month_days=month_days,
        month_min_days=month_min_days,
        valid=(days >= min_days) & (month_days >= month_min_days).all(axis=-1),
    )


def sampled_mean(daily: np.ndarray, period: Period, item: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average an item that is sampled on some days only over a year, or lead over a quarter.

    daily [ug/m3]: (..., period.n_days), values of days with validity.SAMPLED_DAY_MIN_HOURS hours sampled. item: one of
    validity.SAMPLED_ITEMS. Returns (mean, days, valid): float64 [ug/m3], not rounded; int16 values; bool,
    whether there are enough of them in the period and in every month of it. "Evenly spread" is judged by the months.
    Missing: NaN does not take part; too few days leave the mean and make valid False; none gives NaN.
    Errors: ValueError for another item or shape, a period for which the item has no limit, or a negative or infinite
    value.
    Source: GB 3095 Table 4.
    """
    if item not in SAMPLED_ITEMS:
        raise ValueError(f"item is {item!r}, expected one of {', '.join(SAMPLED_ITEMS)}")
    if period.kind != "year" and (item, period.kind) != ("pb", "quarter"):
        expected = "a year or a quarter" if item == "pb" else "a year"
        raise ValueError(f"period of {item} is a {period.kind}, expected {expected}")
    daily = np.asarray(daily, dtype=np.float64)
    if daily.shape[-1:] != (period.n_days,):
        raise ValueError(f"daily has shape {daily.shape}, expected (..., {period.n_days})")
    if (bad := (daily < 0) | (daily > VALUE_MAX)).any():
        raise ValueError(f"{item} is {daily[bad][0]} ug/m3, expected 0 to {VALUE_MAX:.0f}, or NaN for missing")
    present = ~np.isnan(daily)
    days = present.sum(axis=-1, dtype=np.int16)
    month_days = _month_days(present, period, tuple(period.months()))
    least = SAMPLED_YEAR_MIN_DAYS if period.kind == "year" else SAMPLED_QUARTER_MIN_DAYS
    valid = (days >= least) & (month_days >= SAMPLED_MONTH_MIN_DAYS).all(axis=-1)
    total = np.where(present, daily, 0.0).sum(axis=-1)
    return np.divide(total, days, out=np.full(total.shape, np.nan), where=days > 0), days, valid


def _month_days(counted: np.ndarray, period: Period, months: tuple[Period, ...]) -> np.ndarray:
    days = np.zeros((*counted.shape[:-1], len(months)), dtype=np.int16)
    for i, each in enumerate(months):
        days[..., i] = _days_of(counted, period, each).sum(axis=-1)
    return days


def _days_of(values: np.ndarray, period: Period, part: Period) -> np.ndarray:
    return values[..., part.first_day - period.first_day : part.last_day - period.first_day + 1]


def peak_season_mean(mda8: np.ndarray, period: Period, *, rules: AssessmentRules) -> np.ndarray:
    """Average ozone over the six consecutive months of a year that have the highest mean.

    mda8 [ug/m3]: (..., period.n_days) of a year. Returns float64 [ug/m3] of the leading shape: the largest mean of six
    monthly means, within the calendar year (our assumption: the guideline lets the season run over the turn of the
    year).
    Missing: NaN where any month has fewer days than a valid month needs.
    Source: WHO global air quality guidelines 2021 (peak season).
    """
    if period.kind != "year":
        raise ValueError(f"period is a {period.kind}, expected a year")
    mda8 = np.asarray(mda8, dtype=np.float64)
    if mda8.shape[-1:] != (period.n_days,):
        raise ValueError(f"mda8 has shape {mda8.shape}, expected (..., {period.n_days})")
    monthly = []
    for each in period.months():
        steps, present = to_steps(_days_of(mda8, period, each))
        monthly.append(mean_of_steps(steps.sum(axis=-1), present.sum(axis=-1), rules.min_days(each))[0])
    by_month = np.stack(monthly, axis=-1)
    seasons = np.stack([by_month[..., i : i + 6].mean(axis=-1) for i in range(7)], axis=-1)
    return np.where(np.isnan(by_month).any(axis=-1), np.nan, seasons.max(axis=-1))
