"""Means over hours and over stations: moving means, 8-hour ozone, natural days, cities.

Every mean here is exact and does not depend on the order of its terms: values are counted in whole millionths of their
unit, summed as integers, and divided once. The result is the double nearest to the exact mean, so that a mean of 34.5
is the double 34.5 and rounds as GB/T 8170 says, whatever came before.

Hourly means are rounded before they enter a mean (HJ 663-2013 6.3): reported_hours is the one place for it.
daily_values does it itself; moving_mean, ozone_8h, mda8, day_mean and city_mean average what they are given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from standards.days import HOURS_PER_DAY, date_of_day, hour_of_day, split_days
from standards.editions import edition_for, limit
from standards.exact_means import mean_of_steps, to_steps
from standards.pollutants import ITEMS, POLLUTANTS
from standards.rounding import half_even_units, round_half_even
from standards.validity import DAY_MIN_HOURS, EIGHT_HOUR_MIN_HOURS, MDA8_FIRST_END, MDA8_MIN_WINDOWS


@dataclass(frozen=True, slots=True)
class DayValues:
    """Values of natural days.

    first_day: natural day of the first column. means [ug/m3, CO mg/m3]: float64 (6, station, day), day means, in the o3
    row the largest 8-hour mean (MDA8), NaN where not valid. hours: int16 (6, station, day), hourly means present.
    o3_windows: int16 (station, day), valid 8-hour means of the day.
    """

    first_day: int
    means: np.ndarray
    hours: np.ndarray
    o3_windows: np.ndarray


def reported_hours(values: np.ndarray, item: str | None = None) -> np.ndarray:
    """Round hourly means to the decimals that they are reported with, before they enter any mean.

    values [ug/m3, CO mg/m3]: (6, ...) in the order of ITEMS, or any shape of one item. item: one of ITEMS, None for
    all six. Returns float64 of the same shape: CO to one decimal, the others to whole numbers, half to even. What is
    already so is given back as it is, without a copy: the national network publishes such values.
    Missing: NaN stays NaN; an infinite value stays, for the mean to refuse.
    Errors: ValueError where the first axis is not of six items and no item is named.
    Source: HJ 663-2013 6.3 (hourly means are rounded before use) and Table 3; GB/T 8170.
    """
    values = np.asarray(values, dtype=np.float64)
    if item is None and values.shape[:1] != (len(ITEMS),):
        raise ValueError(
            f"values have shape {values.shape}, expected ({len(ITEMS)}, ...) in the order {', '.join(ITEMS)}"
        )
    decimals = [POLLUTANTS[each].decimals for each in (ITEMS if item is None else (item,))]
    rows = values if item is None else values[None]
    if all(_at_decimals(row, places) for row, places in zip(rows, decimals, strict=True)):
        return values
    rounded = np.stack(
        [half_even_units(row, places) / 10.0**places for row, places in zip(rows, decimals, strict=True)]
    )
    return rounded if item is None else rounded[0]


def moving_mean(values: np.ndarray, window: int, *, min_count: int) -> tuple[np.ndarray, np.ndarray]:
    """Average over a trailing window that ends at each hour.

    values [any unit]: (..., hour), time on the last axis. window [h]: how many hours, the labelled one included.
    min_count: values that a mean needs. Returns (mean, count): float64 [same unit] and int16, both (..., hour).
    Missing: NaN does not count; a mean of fewer than min_count values is NaN. At the leading edge the window takes
    what is there, and count tells.
    Errors: ValueError where window or min_count is below 1, or a value is infinite or beyond 1e6.
    Source: GB 3095-2026 clause 3 (8-hour mean: 8 consecutive hourly means; moving).
    """
    if window < 1 or min_count < 1:
        raise ValueError(f"window is {window} and min_count {min_count}, expected 1 or more")
    steps, present = to_steps(values)
    return mean_of_steps(_window_sums(steps, window), _window_sums(present, window), min_count)


def ozone_8h(
    o3: np.ndarray, *, min_hours: int = EIGHT_HOUR_MIN_HOURS, first_hour: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Average ozone over 8 consecutive hours, labelled by the end of the last.

    o3 [ug/m3]: (..., hour). min_hours: hourly means that a mean needs. first_hour [epoch hours]: of the first value;
    when given, no window reaches back over local midnight, as the national network publishes (with min_hours=1: its
    value at 01:00 is the hour itself). Returns (mean, count) as moving_mean.
    Missing: fewer than min_hours give NaN.
    Source: GB 3095-2026 clause 3 and Table 4 (at least 6 of 8); without first_hour by the letter.
    """
    if first_hour is None:
        return moving_mean(o3, 8, min_count=min_hours)
    hours = np.shape(o3)[-1]
    by_day, _ = split_days(o3, first_hour)
    mean, count = moving_mean(by_day, 8, min_count=min_hours)
    lead = hour_of_day(first_hour) - 1
    return tuple(part.reshape(*part.shape[:-2], -1)[..., lead : lead + hours] for part in (mean, count))


def mda8(
    o3_by_day: np.ndarray,
    *,
    limit: float | np.ndarray,
    min_windows: int = MDA8_MIN_WINDOWS,
    min_hours: int = EIGHT_HOUR_MIN_HOURS,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the largest 8-hour mean of ozone of each natural day, over the windows that end at 08:00 to 24:00.

    o3_by_day [ug/m3]: (..., 24), hours ending 01:00 to 24:00. limit [ug/m3]: grade-2 limit of the largest 8-hour mean,
    a number or an array of the leading shape. min_windows: valid 8-hour means that a day needs. min_hours: hourly means
    that an 8-hour mean needs. Returns (largest mean, valid windows): float64 [ug/m3] and int16, both of the leading
    shape.
    Missing: with fewer windows the value stands only where it exceeds the limit, otherwise NaN. Whether it exceeds is
    judged on the value as reported, a whole number (our reading: HJ 663 judges compliance on reported decimals).
    Source: GB 3095-2026 clause 3; HJ 663-2013 and HJ 663-2026 6.1.2 (14 windows; the limit).
    """
    means, _ = moving_mean(_whole_days(o3_by_day), 8, min_count=min_hours)
    windows = means[..., MDA8_FIRST_END - 1 :]
    n_windows = np.isfinite(windows).sum(axis=-1, dtype=np.int16)
    largest = np.fmax.reduce(windows, axis=-1)
    valid = (n_windows >= min_windows) | (round_half_even(largest) > limit)
    return np.where(valid, largest, np.nan), n_windows


def day_mean(by_day: np.ndarray, *, min_hours: int = DAY_MIN_HOURS) -> tuple[np.ndarray, np.ndarray]:
    """Average the hourly means of natural days.

    by_day [any unit]: (..., 24), hours ending 01:00 to 24:00. min_hours: hourly means that a day needs. Returns (mean,
    count): float64 [same unit] and int16, both of the leading shape.
    Missing: fewer than min_hours give NaN.
    Source: GB 3095-2026 clause 3 and Table 4 (at least 20 of 24).
    """
    steps, present = to_steps(_whole_days(by_day))
    return mean_of_steps(steps.sum(axis=-1), present.sum(axis=-1), min_hours)


def running_day_max(by_hour: np.ndarray, first_hour: int, *, first_end: int = MDA8_FIRST_END) -> np.ndarray:
    """Find, at each hour, the largest value of its natural day so far: given 8-hour means, the MDA8 of the running day.

    by_hour [any unit]: (..., hour). first_hour [epoch hours]: of the first value. first_end [local hour]: hours of the
    day before it do not take part; the national network lets all take part (first_end=1) while the day runs, and none
    before 08:00 at 24:00. Returns float64 [same unit] (..., hour).
    Missing: NaN until the first value of the day.
    Source: HJ 663-2013 (windows of a day end at 08:00 to 24:00).
    """
    by_day, _ = split_days(by_hour, first_hour)
    taking_part = np.arange(1, HOURS_PER_DAY + 1) >= first_end
    largest = np.fmax.accumulate(np.where(taking_part, by_day, np.nan), axis=-1)
    lead = hour_of_day(first_hour) - 1
    return largest.reshape(*largest.shape[:-2], -1)[..., lead : lead + np.shape(by_hour)[-1]]


def daily_values(
    values: np.ndarray,
    first_hour: int,
    *,
    o3_limit: float | None = None,
    min_hours: int = DAY_MIN_HOURS,
    min_windows: int = MDA8_MIN_WINDOWS,
    min_hours_8h: int = EIGHT_HOUR_MIN_HOURS,
) -> DayValues:
    """Compute the daily values of stations: day means, and MDA8 for ozone.

    values [ug/m3, CO mg/m3]: (6, ..., hour), items in the order of ITEMS. first_hour [epoch hours]: of the first value.
    o3_limit [ug/m3]: the limit that mda8 needs, by default that of the edition in force on each day. min_hours,
    min_windows, min_hours_8h: as day_mean, mda8, ozone_8h. Returns DayValues over every natural day touched.
    Rounding: hourly means first, as reported_hours; the daily values are exact.
    Missing: hours outside the series are missing, so a day that is not yet whole is valid once enough hours are there.
    Source: GB 3095-2026 clause 3, Table 4; HJ 663-2013 6.1.2, 6.3, Table A.1; HJ 663-2026 Table A.2.
    """
    by_day, first_day = split_days(reported_hours(values), first_hour)
    means, hours = day_mean(by_day, min_hours=min_hours)
    o3 = ITEMS.index("o3")
    days = range(first_day, first_day + by_day.shape[-2])
    limits = np.array([_o3_limit(day) if o3_limit is None else o3_limit for day in days])
    means[o3], windows = mda8(by_day[o3], limit=limits, min_windows=min_windows, min_hours=min_hours_8h)
    return DayValues(first_day, means, hours, windows)


def city_mean(
    values: np.ndarray,
    *,
    min_share: float | Callable[[np.ndarray], np.ndarray] = 0.0,
    expected: int | np.ndarray | None = None,
) -> np.ndarray:
    """Average the stations of a city.

    values [ug/m3, CO mg/m3]: (6, station, ...): hourly means, day means, or MDA8 (the city's MDA8 is the mean of the
    stations'). min_share: share of the expected stations that must be present, or a function that gives it for a number
    of stations; for days validity.city_day_min_share. expected: how many stations the city has, a number or an array of
    the last axis, by default as many as values holds. Returns float64 (6, ...) [same units].
    Missing: NaN does not count; no station, or too few, give NaN.
    Source: HJ 663-2013 Table A.2 and 6.1.4, HJ 663-2026 Table A.2 (mean of the stations' values).
    """
    steps, present = to_steps(values)
    stations = np.shape(values)[1] if expected is None else expected
    share = min_share(np.asarray(stations)) if callable(min_share) else min_share
    count = present.sum(axis=1)
    mean, _ = mean_of_steps(steps.sum(axis=1), count, 1)
    # The share is compared as a count: 0.75 of 8 stations is 6.
    return np.where(count >= share * stations - 1e-9, mean, np.nan)


def station_count(values: np.ndarray) -> np.ndarray:
    """Count the stations present in each city value: values (6, station, ...) give int16 (6, ...)."""
    return np.isfinite(values).sum(axis=1, dtype=np.int16)


def _at_decimals(values: np.ndarray, decimals: int) -> bool:
    scale = 10.0**decimals
    near = np.rint(values) if decimals == 0 else np.rint(values * scale) / scale
    return bool(((near == values) | (values != values)).all())


def _o3_limit(day: int) -> float:
    return limit("o3", "8h", edition=edition_for(date_of_day(day)))


def _whole_days(by_day: np.ndarray) -> np.ndarray:
    by_day = np.asarray(by_day, dtype=np.float64)
    if by_day.ndim == 0 or by_day.shape[-1] != HOURS_PER_DAY:
        raise ValueError(f"by_day has shape {by_day.shape}, expected (..., {HOURS_PER_DAY})")
    return by_day


def _window_sums(terms: np.ndarray, window: int) -> np.ndarray:
    sums = np.cumsum(terms, axis=-1, dtype=np.int64)
    if window < sums.shape[-1]:
        sums[..., window:] -= sums[..., :-window].copy()
    return sums
