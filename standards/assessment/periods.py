"""Periods of assessment: month, quarter, half-year, year and campaign, as natural days with both ends included."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from standards.days import date_of_day, day_of_date

KINDS = ("month", "quarter", "half_year", "year", "campaign")
"""The kinds of period; each has its own rule of validity in the tables of HJ 663."""


@dataclass(frozen=True, slots=True)
class Period:
    """Some consecutive natural days.

    kind: one of KINDS. name: for instance "2023-01", "2023-Q1", "2023-H1", "2023". first_day, last_day [days since
    1970-01-01 local]: both belong to the period.
    Errors: ValueError where the kind is unknown or the last day lies before the first.
    """

    kind: str
    name: str
    first_day: int
    last_day: int

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is {self.kind!r}, expected one of {', '.join(KINDS)}")
        if self.last_day < self.first_day:
            raise ValueError(
                f"period {self.name!r} ends on {self.last_date} before it begins on {self.first_date}, expected an end "
                "on or after the beginning"
            )

    @property
    def n_days(self) -> int:
        """Days of the period."""
        return self.last_day - self.first_day + 1

    @property
    def first_date(self) -> dt.date:
        """Calendar date of the first day."""
        return date_of_day(self.first_day)

    @property
    def last_date(self) -> dt.date:
        """Calendar date of the last day."""
        return date_of_day(self.last_day)

    def months(self) -> list[Period]:
        """Give the calendar months that lie wholly in the period, in order."""
        found = []
        year, number = self.first_date.year, self.first_date.month
        while (each := month(year, number)).first_day <= self.last_day:
            if each.first_day >= self.first_day and each.last_day <= self.last_day:
                found.append(each)
            year, number = (year, number + 1) if number < 12 else (year + 1, 1)
        return found


def month(year: int, number: int) -> Period:
    """Give a calendar month, number 1 to 12."""
    return _months("month", f"{_year(year)}-{number:02d}", year, _within("month", number, 12), 1)


def quarter(year: int, number: int) -> Period:
    """Give a calendar quarter, number 1 to 4."""
    return _months("quarter", f"{_year(year)}-Q{number}", year, 3 * _within("quarter", number, 4) - 2, 3)


def half_year(year: int, number: int) -> Period:
    """Give a half of a calendar year, number 1 or 2."""
    return _months("half_year", f"{_year(year)}-H{number}", year, 6 * _within("half-year", number, 2) - 5, 6)


def year(number: int) -> Period:
    """Give a calendar year, for instance 2023."""
    return _months("year", f"{_year(number)}", number, 1, 12)


def campaign(name: str, first: dt.date, last: dt.date) -> Period:
    """Give any run of days under a name of its own.

    first, last: calendar dates in local time, both included.
    Errors: ValueError where one is not a plain date (a datetime would hide its zone) or last lies before first.
    """
    for label, value in (("first", first), ("last", last)):
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise ValueError(f"{label} is {value!r}, expected a datetime.date in local time")
    return Period("campaign", name, day_of_date(first), day_of_date(last))


def _months(kind: str, name: str, number: int, first_month: int, count: int) -> Period:
    after = first_month + count
    following = dt.date(number + 1, 1, 1) if after > 12 else dt.date(number, after, 1)
    return Period(kind, name, day_of_date(dt.date(number, first_month, 1)), day_of_date(following) - 1)


def _year(number: int) -> int:
    return _within("year", number, 9998)


def _within(what: str, number: int, most: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
        raise ValueError(f"{what} is {number!r}, expected a whole number from 1 to {most}")
    return number
