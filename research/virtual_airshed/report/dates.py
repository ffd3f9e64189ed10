"""Hours and days of a run as local hours, months, seasons and weekdays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from research.virtual_airshed.reference.describing import SEASONS
from standards.days import hour_of_day, natural_day

LEAST_DAYS = 10
"""A season is shown where a run has at least this many of its days."""


@dataclass(frozen=True, eq=False)
class Days:
    """Natural days, as days since 1970-01-01 (day,)."""

    number: np.ndarray

    @cached_property
    def date(self) -> np.ndarray:
        """Dates (day,), datetime64[D]."""
        return self.number.astype("datetime64[D]")

    @cached_property
    def month(self) -> np.ndarray:
        """Months 1 to 12 (day,)."""
        return self.date.astype("datetime64[M]").astype(int) % 12 + 1

    @cached_property
    def weekday(self) -> np.ndarray:
        """Days of the week, 0 on Monday (day,); 1970-01-01 was a Thursday."""
        return (self.number + 3) % 7

    def in_season(self, season: str) -> np.ndarray:
        """Tell which days lie in one of SEASONS, or all for "year" (day,)."""
        return np.ones(self.number.size, bool) if season == "year" else np.isin(self.month, SEASONS[season])

    def seasons(self) -> tuple[str, ...]:
        """Name the seasons with LEAST_DAYS or more, in the order of the year."""
        return tuple(season for season in SEASONS if self.in_season(season).sum() >= LEAST_DAYS)

    def pair(self) -> tuple[str, ...]:
        """Name the two seasons that are set against each other: winter and summer where both are there, else those
        that are, at most two.
        """
        there = self.seasons()
        return ("winter", "summer") if {"winter", "summer"} <= set(there) else there[:2] or ("year",)


def days_of_hours(first_hour: int, hours: int) -> tuple[Days, np.ndarray]:
    """Give the natural day of each of consecutive hours and its local hour 1 to 24, both (hour,)."""
    marks = first_hour + np.arange(hours)
    return Days(np.asarray(natural_day(marks))), np.asarray(hour_of_day(marks))


def days_from(first_day: int, days: int) -> Days:
    """Give consecutive natural days."""
    return Days(first_day + np.arange(days))
