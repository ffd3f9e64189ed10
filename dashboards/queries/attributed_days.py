"""Who made the air of a city day by day, as stored; and the wind of these days."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dashboards.asked import Days
from dashboards.moment import SHANGHAI
from streams.store.schema import air_city_hour, attribution

Row = dict[str, Any]
HOUR = dt.timedelta(hours=1)
FEWEST_WINDS = 12
"""Hours with a wind below which a day has none."""


def attributed_days(
    connection: sa.Connection, city: str, item: str, days: Days, hour: dt.datetime
) -> dict[dt.date, Row]:
    """Give the rows of days of a city, by day of Beijing, that had ended by an hour (naive UTC).

    item: "o3" for the hours of the largest 8-hour mean, of ozone or, where no day has it, of odd oxygen; any other for PM2.5 of
    the natural day. Missing: a day without a row is not there.
    """
    c, span = attribution.c, "mda8" if item == "o3" else "day"
    quantities: Sequence[str] = ("o3", "ox") if item == "o3" else ("pm25",)
    first, last = days.moments
    query = sa.select(attribution).where(
        c.city == city, c.hour_end.between(first + HOUR, min(last + HOUR, hour)), c.span == span,
        c.quantity.in_(quantities),
    )  # fmt: skip
    rows = [dict(row) for row in connection.execute(query.order_by(c.hour_end)).mappings()]
    # Ozone and odd oxygen are no parts of one whole: one of them is shown for all days.
    shown = next((each for each in quantities if any(row["quantity"] == each for row in rows)), None)
    return {(row["hour_end"] - HOUR + SHANGHAI).date(): row for row in rows if row["quantity"] == shown}


def winds(connection: sa.Connection, city: str, days: Days, hour: dt.datetime) -> dict[dt.date, tuple[float, float]]:
    """Give the mean wind of each day, to the east and north [m/s]; a day with fewer than FEWEST_WINDS hours is not there."""
    c = air_city_hour.c
    first, last = days.moments
    query = sa.select(c.hour_end, c.wind_u_ms, c.wind_v_ms).where(
        c.city == city, c.hour_end.between(first + HOUR, min(last + HOUR, hour)), c.wind_u_ms.is_not(None),
        c.wind_v_ms.is_not(None),
    )  # fmt: skip
    by_day: dict[dt.date, list[tuple[float, float]]] = {}
    for end, u, v in connection.execute(query):
        by_day.setdefault((end - HOUR + SHANGHAI).date(), []).append((u, v))
    return {
        day: (math.fsum(u for u, _ in found) / len(found), math.fsum(v for _, v in found) / len(found))
        for day, found in by_day.items()
        if len(found) >= FEWEST_WINDS
    }
