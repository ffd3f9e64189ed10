"""How much of a change was the weather's, from stored months; and how far an episode lay above the usual weather of its season.

Every question goes by the key: city, item and month, or city and hour.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboards.moment import SHANGHAI
from ml.normalise.beside import AFTERNOON
from ml.normalise.month_change import MonthChange, change_of_months
from standards.pollutants import POLLUTANTS
from streams.store.normalised import months_between
from streams.store.schema import air_city_hour

Row = dict[str, Any]
Months = tuple[dt.date, dt.date]
"""First days of the first and the last month, both included."""
HOUR = dt.timedelta(hours=1)
WHY_LATER = "later"
"""Why nothing is told: what is stored knows of hours after the one shown."""


@dataclass(frozen=True)
class Excess:
    """How far a span lay above its season's usual weather [unit of the item]: observed, normalised, half width; NaN where not told.

    hours: observed ones. why: a code, empty where it is told. row: of the month it began in, for its trace.
    """

    observed: float
    normalised: float
    half: float
    hours: int
    why: str
    row: Row | None

    @property
    def above(self) -> float:
        """Give what the weather of these hours added, with what the model has wrong of them."""
        return self.observed - self.normalised


def month_of(moment: dt.datetime) -> dt.date:
    """Give the first day of the month, by the clock of Beijing, in which the hour that ends at a moment (naive UTC) lies."""
    return (moment - HOUR + SHANGHAI).date().replace(day=1)


def year_before(month: dt.date, years: int = 1) -> dt.date:
    """Give the same month of a year before."""
    return month.replace(year=month.year - years)


def months_back(month: dt.date, count: int) -> dt.date:
    """Give the month so many before."""
    at = month.year * 12 + month.month - 1 - count
    return dt.date(at // 12, at % 12 + 1, 1)


def normalised_between(
    connection: sa.Connection, city: str, item: str, now: Months, base: Months, *, hour: dt.datetime | None = None
) -> MonthChange:
    """Part the change of a city's item between two runs of months; hour: where
    the reader went back to one, nothing that was learned later is told; else None."""
    rows = [months_between(connection, city, item, *each) for each in (now, base)]
    months = (now[1].year - now[0].year) * 12 + now[1].month - now[0].month + 1
    found = change_of_months(*rows, months=months)
    return found if not any(_later(row, hour) for each in rows for row in each) else _untold(found)


def months_until(
    connection: sa.Connection, city: str, item: str, last: dt.date, count: int, *, hour: dt.datetime | None = None
) -> list[Row]:
    """Give the rows of so many months up to one, in their order; those not stored, or learned later, are not there."""
    rows = months_between(connection, city, item, months_back(last, count - 1), last)
    return [row for row in rows if not _later(row, hour)]


def excess(
    connection: sa.Connection, city: str, item: str, first: dt.datetime, last: dt.datetime, *, hour: dt.datetime | None
) -> Excess:  # fmt: skip
    """Tell how far the hours of a city from first to last (naive UTC) lay above the usual weather of the season.

    Of ozone the hours of the afternoon count, as in the stored months. The normalised mean is that of the months, by hours.
    """
    months = {row["month"]: row for row in months_between(connection, city, item, month_of(first), month_of(last))}
    c, column = air_city_hour.c, POLLUTANTS[item].column
    query = sa.select(c.hour_end, c[column]).where(
        c.city == city, c.hour_end.between(first, last), c[column].is_not(None)
    )
    known = [(end, value) for end, value in connection.execute(query) if item != "o3" or _in_afternoon(end)]
    row = months.get(month_of(first))
    values = [value for _, value in known]
    seen = math.fsum(values) / len(values) if values else math.nan
    of_hours = [months.get(month_of(end)) for end, _ in known]
    why = _why(of_hours, hour)
    if why:
        return Excess(seen, math.nan, math.nan, len(values), why, row)
    usual = math.fsum(each["normalised"] for each in of_hours) / len(of_hours)
    known_half = all(each["low"] is not None for each in of_hours)
    half = math.fsum((each["high"] - each["low"]) / 2 for each in of_hours) / len(of_hours) if known_half else math.nan
    return Excess(seen, usual, half, len(values), "", row)


def _why(rows: list[Row | None], hour: dt.datetime | None) -> str:
    if not rows or any(row is None for row in rows):
        return "none"
    if any(_later(row, hour) for row in rows):
        return WHY_LATER
    return next((row["unanswered"] for row in rows if row["unanswered"]), "")


def _in_afternoon(end: dt.datetime) -> bool:
    return AFTERNOON[0] <= (end + SHANGHAI).hour <= AFTERNOON[1]


def _later(row: Row, hour: dt.datetime | None) -> bool:
    """Tell whether a row was learned from days that were not over at an hour."""
    last = row["record_last"]
    return (
        hour is not None
        and last is not None
        and dt.datetime.combine(last, dt.time(), tzinfo=None) + 24 * HOUR - SHANGHAI > hour
    )


def _untold(found: MonthChange) -> MonthChange:
    nan = math.nan
    return MonthChange(nan, nan, nan, nan, nan, nan, found.hours, found.skill, WHY_LATER, found.simulated, found.row)
