"""Which months a demo's past has, and in which order they are made: the newest first, so that this quarter shows first. Pure.

A month stands alone: its air is run from a spin-up of its own (making.SPIN_UP_DAYS), its weather, instruments and faults
follow from the seed and the hour alone. So neither the order nor a stop between two months changes what a month holds.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from standards.days import first_hour_of_day

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """The natural days [first, end) of one month, or of the part of it that is wanted."""

    first: dt.date
    end: dt.date

    @property
    def name(self) -> str:
        """The month as YYYY-MM."""
        return f"{self.first:%Y-%m}"

    @property
    def span(self) -> str:
        """The days as FIRST/END, by which the store knows it."""
        return f"{self.first}/{self.end}"

    @classmethod
    def of(cls, span: str) -> Month:
        """Read a span."""
        return cls(*map(dt.date.fromisoformat, span.split("/")))

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.first).days

    @property
    def first_hour(self) -> int:
        """The epoch hour of its first hour's end."""
        return int(first_hour_of_day((self.first - _EPOCH).days))

    @property
    def end_hour(self) -> int:
        """The epoch hour of the first hour's end after it."""
        return self.first_hour + 24 * self.days


def past_months(live_from: dt.date) -> tuple[Month, ...]:
    """Give the months from 1 January of the year before up to the day on which the live demo begins, the newest first."""
    found, first = [], dt.date(live_from.year - 1, 1, 1)
    while first < live_from:
        after = (first + dt.timedelta(days=31)).replace(day=1)
        found.append(Month(first, min(after, live_from)))
        first = after
    return tuple(reversed(found))
