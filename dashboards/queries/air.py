"""Assessed hours of cities and stations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from streams.store.schema import COUNTS, air_city_hour, air_station_hour, source_total, topic_position

Row = dict[str, Any]
REACH = dt.timedelta(hours=3)
"""A city or station that is this far behind the hour shown still shows its own last hour, marked as behind."""


def newest_hour(connection: sa.Connection, cities: Sequence[str]) -> dt.datetime | None:
    """Give the newest hour that any city has (naive UTC). One look into the primary key per city."""
    hours = [_newest(city).scalar_subquery() for city in cities]
    return max((hour for hour in connection.execute(sa.select(*hours)).one() if hour is not None), default=None)


def fingerprint(connection: sa.Connection, cities: Sequence[str]) -> str:
    """Give a text that changes when the store does; cheap enough to be asked every second.

    Rows that are counted tell of every block also where the clock of the machine was set back.
    """
    counted = sa.select(sa.func.sum(sum(source_total.c[name] for name in COUNTS))).scalar_subquery()
    newest = sa.select(sa.func.max(topic_position.c.stored_at)).scalar_subquery()
    stored = connection.execute(sa.select(newest, counted)).one()
    versions = [_newest_version(city).scalar_subquery() for city in cities]
    return repr((tuple(stored), newest_hour(connection, cities), tuple(connection.execute(sa.select(*versions)).one())))


def city_hours(connection: sa.Connection, cities: Sequence[str], first: dt.datetime, last: dt.datetime) -> list[Row]:
    """Give the hours of cities from first to last, in order of time."""
    table = air_city_hour
    query = sa.select(table).where(table.c.city.in_(cities), table.c.hour_end.between(first, last))
    return _rows(connection, query.order_by(table.c.hour_end))


def station_hours(connection: sa.Connection, stations: Sequence[str], hour: dt.datetime) -> dict[str, Row]:
    """Give the last hour of each station that ends at hour or not more than REACH before."""
    table = air_station_hour
    reach = table.c.hour_end.between(hour - REACH, hour)
    query = sa.select(table).where(table.c.station.in_(stations), reach).order_by(table.c.hour_end)
    return {row["station"]: row for row in _rows(connection, query)}


def station_levels(
    connection: sa.Connection, stations: Sequence[str], hour: dt.datetime
) -> dict[str, tuple[int | None, bool, bool]]:
    """Give the index (None: NA) of each station's last hour that station_hours would give, whether simulated, whether earlier."""
    c = air_station_hour.c
    reach = c.hour_end.between(hour - REACH, hour)
    query = sa.select(c.station, c.aqi, c.simulated, c.hour_end).where(c.station.in_(stations), reach)
    rows = connection.execute(query.order_by(c.hour_end))
    return {station: (aqi, simulated, at < hour) for station, aqi, simulated, at in rows}


def latest_by_city(rows: Sequence[Row], hour: dt.datetime) -> dict[str, Row]:
    """Give each city's last row that ends at hour or not more than REACH before, out of rows in order of time."""
    return {row["city"]: row for row in rows if hour - REACH <= row["hour_end"] <= hour}


def _newest(city: str) -> sa.Select:
    return sa.select(sa.func.max(air_city_hour.c.hour_end)).where(air_city_hour.c.city == city)


def _newest_version(city: str) -> sa.Select:
    table = air_city_hour
    return sa.select(table.c.version).where(table.c.city == city).order_by(table.c.hour_end.desc()).limit(1)


def _rows(connection: sa.Connection, query: sa.Select) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]
