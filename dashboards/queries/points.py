"""What stands behind one point of a figure: its row, what it said before, and the rows of stations that it was made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dashboards.analysis.choice import Quantity
from dashboards.queries.analysis import table_of
from dashboards.queries.origins import Origin, origins
from streams.store.history import superseded_rows
from streams.store.schema import (
    air_city_day,
    air_station_hour,
    attribution,
    emission_city_hour,
    forecast_city_hour,
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Behind:
    """A row, None where there is none; its replaced versions, oldest first; by station the rows of its hour and their origins."""

    row: Row | None
    superseded: list[Row] = field(default_factory=list)
    stations: Mapping[str, Row] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)


def behind_hour(connection: sa.Connection, quantity: Quantity, hour: dt.datetime, stations: Collection[str]) -> Behind:
    """Give what stands behind a quantity of an hour. stations: of the city, whose rows may have been joined into it."""
    if quantity.kind not in ("air", "wind"):
        return Behind(_told(connection, quantity, hour))
    table = table_of(quantity)
    key = table.c.station if table is air_station_hour else table.c.city
    row = _one(connection, sa.select(table).where(key == quantity.place, table.c.hour_end == hour))
    old = superseded_rows(connection, table.name, [(quantity.place, hour)]).get((quantity.place, hour), [])
    codes = [quantity.place] if table is air_station_hour else list(stations)
    c = air_station_hour.c
    query = sa.select(air_station_hour).where(c.station.in_(codes), c.hour_end == hour)
    rows = {found["station"]: dict(found) for found in connection.execute(query).mappings()}
    return Behind(row, old, rows, origins(connection, rows))


def behind_day(connection: sa.Connection, city: str, day: dt.date) -> Row | None:
    """Give the row of a natural day of a city."""
    c = air_city_day.c
    return _one(connection, sa.select(air_city_day).where(c.city == city, c.day == day))


def _told(connection: sa.Connection, quantity: Quantity, hour: dt.datetime) -> Row | None:
    """Give the row that a model, an inventory or a method told; of several runs the one that started last."""
    if quantity.kind == "emission":
        c = emission_city_hour.c
        return _one(connection, sa.select(emission_city_hour).where(c.city == quantity.place, c.hour_end == hour))
    if quantity.kind == "attribution":
        c = attribution.c
        at = c.city == quantity.place, c.hour_end == hour, c.quantity == quantity.name, c.span == "hour"
        return _one(connection, sa.select(attribution).where(*at))
    c = forecast_city_hour.c
    at = c.city == quantity.place, c.hour_end == hour, c.lead_day == quantity.lead_day
    return _one(connection, sa.select(forecast_city_hour).where(*at).order_by(c.run_init.desc()).limit(1))


def _one(connection: sa.Connection, query: sa.Select) -> Row | None:
    found = connection.execute(query).mappings().first()
    return None if found is None else dict(found)
