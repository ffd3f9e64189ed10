"""The table that a model of a series is trained on: terms of time, and the weather beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from standards.days import UTC_OFFSET_HOURS
from standards.errors import AirshedError

TREND = "trend"
TERMS = (TREND, "day_of_year", "weekday", "hour_of_day")
"""Terms of time, after Grange et al. (2018): date as a number, season, working week, and hour where there is more than one."""
LEAST_ROWS = 365
"""Complete rows that a model needs: a year of days (our choice)."""
LEAST_DAYS = 365
"""From the first to the last of them [days]: a weather that lacks a season is not that of a year."""
LEAST_MONTHS = 12
"""Calendar months that must have rows, so that no season is guessed."""


class TooLittle(AirshedError, ValueError):
    """There are too few data for a normalisation; the message says how many there are and how many it takes."""


@dataclass(frozen=True, eq=False)
class Design:
    """What a model sees. names: features, terms of time first. table: float64 (row, feature). target: (row,) [unit of
    the series].

    rows: int (row,), where each row stands in the series; rows that lack the value or any weather are not there. weather:
    bool (feature,), which features are weather. moments: datetime64[h] (row,), local, within the averaging time.
    """

    names: tuple[str, ...]
    table: np.ndarray
    target: np.ndarray
    rows: np.ndarray
    weather: np.ndarray
    moments: np.ndarray


def design_of(
    values: np.ndarray,
    hour_ends: np.ndarray,
    weather: Mapping[str, np.ndarray],
    *,
    utc_offset_h: float = UTC_OFFSET_HOURS,
) -> Design:
    """Lay out a series and its weather.

    values [any unit]: (time,). hour_ends: epoch hours, end of each averaging time, ascending (time,); of daily values the end
    of the day. weather: name to (time,), in any units. utc_offset_h: of the place's clock. Returns Design.
    Missing: a row that lacks its value or any weather is left out, and stays missing in all that is made of it.
    Errors: TooLittle below LEAST_ROWS, LEAST_DAYS or LEAST_MONTHS; ValueError where shapes differ, times do not ascend, or
    there is no weather.
    Source: Grange et al. 2018, Atmos. Chem. Phys. 18:6223.
    """
    values, hour_ends = np.asarray(values, np.float64), np.asarray(hour_ends)
    _require(values, hour_ends, weather)
    moments = local_moments(hour_ends, utc_offset_h=utc_offset_h)
    time = _terms(moments)
    columns = {**time, **{name: np.asarray(each, np.float64) for name, each in weather.items()}}
    table = np.stack(list(columns.values()), axis=1)
    rows = np.flatnonzero(np.isfinite(values) & np.isfinite(table).all(axis=1))
    _require_enough(rows, moments, len(values))
    return Design(
        tuple(columns), table[rows], values[rows], rows, np.array([n in weather for n in columns]), moments[rows]
    )


def local_moments(hour_ends: np.ndarray, *, utc_offset_h: float = UTC_OFFSET_HOURS) -> np.ndarray:
    """Give the local hour in which averaging times end, as datetime64[h] of its beginning, so that a day's mean is of its day."""
    return (np.asarray(hour_ends) - 1 + int(utc_offset_h)).astype("datetime64[h]")


def months_of(moments: np.ndarray) -> np.ndarray:
    """Give the calendar month of moments as datetime64[M]."""
    return moments.astype("datetime64[M]")


def day_of_year(moments: np.ndarray) -> np.ndarray:
    """Give the day of the year of moments, 1 to 366."""
    days = moments.astype("datetime64[D]")
    return (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1


def _terms(moments: np.ndarray) -> dict[str, np.ndarray]:
    hours = moments.astype(np.int64)
    every = dict(zip(TERMS, (hours / 24.0, day_of_year(moments), (hours // 24 + 3) % 7, hours % 24), strict=True))
    if len(np.unique(every["hour_of_day"])) == 1:
        del every["hour_of_day"]
    return {name: each.astype(np.float64) for name, each in every.items()}


def _require(values: np.ndarray, hour_ends: np.ndarray, weather: Mapping[str, np.ndarray]) -> None:
    if values.ndim != 1 or hour_ends.shape != values.shape:
        raise ValueError(f"values have shape {values.shape} and hour_ends {hour_ends.shape}, expected one row each")
    if np.any(np.diff(hour_ends) <= 0):
        raise ValueError("hour_ends do not ascend, expected each time once and in order")
    if not weather:
        raise ValueError("no weather is given, expected at least one variable")
    for name, each in weather.items():
        if name in TERMS or np.shape(each) != values.shape:
            raise ValueError(
                f"weather {name!r} has shape {np.shape(each)}, expected {values.shape} and a name of its own"
            )


def _require_enough(rows: np.ndarray, moments: np.ndarray, length: int) -> None:
    used = moments[rows]
    days = int((used[-1] - used[0]).astype(np.int64) // 24) + 1 if len(rows) else 0
    months = len(np.unique(used.astype("datetime64[M]").astype(np.int64) % 12))
    if len(rows) < LEAST_ROWS or days < LEAST_DAYS or months < LEAST_MONTHS:
        raise TooLittle(
            f"{len(rows)} of {length} rows have a value and all weather, over {days} days and {months} calendar months; "
            f"expected at least {LEAST_ROWS} rows over {LEAST_DAYS} days and all {LEAST_MONTHS} months"
        )


def year_fraction(month: np.ndarray) -> np.ndarray:
    """Give the middle of calendar months (datetime64[M]) as years since 1970 [a]."""
    return (month.astype(np.int64) + 0.5) / 12.0


__all__ = ["Design", "TooLittle", "day_of_year", "design_of", "local_moments", "months_of", "year_fraction"]
