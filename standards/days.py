"""Natural days: from hours to days of Asia/Shanghai, which are what the standards average over.

An epoch hour labels the END of its hour, in whole hours since 1970-01-01T00:00Z. A natural day is the hours ending
01:00 to 24:00 local time, so the hour ending 00:00 belongs to the day before. China has kept UTC+8 without summer time
since 1992.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

HOURS_PER_DAY = 24
UTC_OFFSET_HOURS = 8
"""Asia/Shanghai; the one home of this number (a test holds it)."""
SHANGHAI = dt.timezone(dt.timedelta(hours=UTC_OFFSET_HOURS), "Asia/Shanghai")
_EPOCH = dt.date(1970, 1, 1)


def natural_day(hour_end: int | np.ndarray) -> int | np.ndarray:
    """Give the natural day of an hour as days since 1970-01-01 in Asia/Shanghai.

    hour_end [epoch hours]: int or int array. Returns int, or int array of the same shape [days].
    Source: GB 3095-2026 clause 3 (daily mean: the hourly means of a natural day).
    """
    return (hour_end + UTC_OFFSET_HOURS - 1) // HOURS_PER_DAY


def hour_of_day(hour_end: int | np.ndarray) -> int | np.ndarray:
    """Give the local hour, 1 to 24, at which the hour ends.

    hour_end [epoch hours]: int or int array. Returns int, or int array of the same shape [h].
    """
    return (hour_end + UTC_OFFSET_HOURS - 1) % HOURS_PER_DAY + 1


def first_hour_of_day(day: int | np.ndarray) -> int | np.ndarray:
    """Give the epoch hour that ends at 01:00 local time of a natural day.

    day [days since 1970-01-01 local]: int or int array. Returns int, or int array of the same shape [epoch hours].
    """
    return day * HOURS_PER_DAY + 1 - UTC_OFFSET_HOURS


def date_of_day(day: int) -> dt.date:
    """Give the calendar date of a natural day [days since 1970-01-01 local]."""
    return _EPOCH + dt.timedelta(days=int(day))


def day_of_date(date: dt.date) -> int:
    """Give the natural day [days since 1970-01-01 local] of a calendar date."""
    return (date - _EPOCH).days


def split_days(values: np.ndarray, first_hour: int) -> tuple[np.ndarray, int]:
    """Cut an hourly series into whole natural days.

    values [any unit]: (..., hour), time on the last axis. first_hour: epoch hour of the first value.
    Returns (by_day, first_day): float64 (..., day, 24), the hours ending 01:00 to 24:00, and the first natural day.
    Missing: hours outside the series are NaN; no hours give no days.
    """
    values = np.asarray(values, dtype=np.float64)
    hours = values.shape[-1]
    first_day = int(natural_day(first_hour))
    lead = int(hour_of_day(first_hour)) - 1
    days = -(-(lead + hours) // HOURS_PER_DAY) if hours else 0
    if lead == 0 and hours == days * HOURS_PER_DAY:
        return values.reshape(*values.shape[:-1], days, HOURS_PER_DAY), first_day
    padded = np.full((*values.shape[:-1], days * HOURS_PER_DAY), np.nan)
    padded[..., lead : lead + hours] = values
    return padded.reshape(*values.shape[:-1], days, HOURS_PER_DAY), first_day
