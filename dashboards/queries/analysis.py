"""Hours of a span as arrays: one question by a key or an index, and only the columns that are shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from dashboards.analysis.choice import Quantity, Span
from standards.pollutants import POLLUTANTS
from streams.store.flags import set_aside
from streams.store.history import superseded_rows
from streams.store.schema import (
    air_city_day,
    air_city_hour,
    air_station_hour,
    attribution,
    emission_city_hour,
    forecast_city_hour,
    row_history,
)

Row = dict[str, Any]
LISTED = 20
"""Revised hours whose old values are read, the newest."""


@dataclass(frozen=True)
class Hours:
    """One quantity hour by hour. values: NaN where missing, one an hour of the span. simulated: any hour of it.

    editions: the editions, models or methods behind it, in order of appearance. revised: places of hours of a later revision.
    """

    values: np.ndarray
    simulated: bool = False
    editions: tuple[str, ...] = ()
    revised: tuple[int, ...] = ()

    @property
    def n(self) -> int:
        """Hours with a value."""
        return int(np.isfinite(self.values).sum())


def hours_of(connection: sa.Connection, quantity: Quantity, span: Span) -> Hours:
    """Read one quantity of one place; what is not stored is NaN. Of several runs the one that started last counts."""
    return _READERS[quantity.kind](connection, quantity, span)


def grid_of(
    connection: sa.Connection, cities: Sequence[str], item: str, span: Span
) -> tuple[np.ndarray, bool, tuple[str, ...]]:
    """Give an item or the index of cities, (cities, hours) with NaN where missing, whether any is simulated, and the editions."""
    c = air_city_hour.c
    query = sa.select(c.city, _raw(c.hour_end), _air_column(air_city_hour, item), _raw(c.simulated), c.edition)
    query = query.where(c.city.in_(cities), c.hour_end.between(span.first, span.last))
    rows = _fetched(connection, query)
    grid = np.full((len(cities), span.count), np.nan)
    if rows:
        codes, hours, values, simulated, editions = zip(*rows, strict=True)
        order = {city: i for i, city in enumerate(cities)}
        grid[[order[code] for code in codes], _places(hours, span)] = np.array(values, dtype=float)
        return grid, any(simulated), tuple(dict.fromkeys(editions))
    return grid, False, ()


def wind_of(connection: sa.Connection, city: str, item: str, span: Span) -> tuple[np.ndarray, np.ndarray, Hours]:
    """Give wind east and north [m/s] and an item, each an hour of the span with NaN where missing."""
    c = air_city_hour.c
    columns = (
        _raw(c.hour_end),
        _air_column(air_city_hour, item),
        c.wind_u_ms,
        c.wind_v_ms,
        _raw(c.simulated),
        c.edition,
    )
    rows = _fetched(connection, sa.select(*columns).where(c.city == city, c.hour_end.between(span.first, span.last)))
    if not rows:
        nothing = np.full(span.count, np.nan)
        return nothing, nothing, Hours(nothing)
    hours, values, u, v, simulated, editions = zip(*rows, strict=True)
    placed = [_placed(hours, each, span) for each in (values, u, v)]
    return placed[1], placed[2], Hours(placed[0], any(simulated), tuple(dict.fromkeys(editions)))


@dataclass(frozen=True)
class Day:
    """A day of a city as stored. aqi, value: None for NA; value: the item's mean of the day, of ozone its largest 8 hours."""

    day: dt.date
    aqi: int | None
    value: float | None
    simulated: bool
    edition: str
    status: str


def days_of(connection: sa.Connection, city: str, item: str, first: dt.date, last: dt.date) -> list[Day]:
    """Give the stored days of a city from first to last, both included, in order."""
    c = air_city_day.c
    value = c.aqi if item == "aqi" else c[{"o3": "o3_mda8_ugm3"}.get(item) or POLLUTANTS[item].column]
    query = sa.select(c.day, c.aqi, value.label("value"), c.simulated, c.edition, c.status)
    rows = connection.execute(query.where(c.city == city, c.day.between(first, last)).order_by(c.day))
    return [Day(*row) for row in rows]


def replaced(
    connection: sa.Connection, quantity: Quantity, span: Span
) -> tuple[list[dt.datetime], list[tuple[dt.datetime, list[Row]]]]:
    """Give the hours of a quantity of the air whose rows were replaced, and of the LISTED newest of them the old rows.

    One look into the index of the keys, which for one place are in the order of time; other kinds keep no old rows.
    """
    if quantity.kind != "air":
        return [], []
    table = table_of(quantity)
    c = row_history.c
    first, last = (f"{quantity.place}/{hour:%Y-%m-%dT%HZ}" for hour in (span.first, span.last))
    query = sa.select(c.key).where(c.table == table.name, c.key.between(first, last)).distinct()
    hours = sorted(dt.datetime.strptime(key.split("/")[1], "%Y-%m-%dT%HZ") for (key,) in connection.execute(query))
    newest = hours[: -LISTED - 1 : -1]
    rows = superseded_rows(connection, table.name, [(quantity.place, hour) for hour in newest]) if newest else {}
    return hours, [(hour, rows[quantity.place, hour]) for hour in newest if (quantity.place, hour) in rows]


def old_value(row: Row, name: str) -> float | None:
    """Give what a replaced row said of an item or the index."""
    value = row.get("aqi" if name == "aqi" else POLLUTANTS[name].column)
    return None if value is None else float(value)


def table_of(quantity: Quantity) -> sa.Table:
    """Give the table of what is observed at a place: of cities or of stations."""
    return air_city_hour if quantity.place.isdigit() and len(quantity.place) == 6 else air_station_hour


def _air(connection: sa.Connection, quantity: Quantity, span: Span) -> Hours:
    table = table_of(quantity)
    place = table.c.city if table is air_city_hour else table.c.station
    value = (table.c.wind_u_ms, table.c.wind_v_ms) if quantity.kind == "wind" else (_air_column(table, quantity.name),)
    c = table.c
    flags = c.flags if table is air_station_hour else sa.literal("")
    query = sa.select(
        _raw(c.hour_end), _raw(c.simulated), c.edition, c.status, c.revision, flags.label("flags"), *value
    )
    rows = _fetched(connection, query.where(place == quantity.place, c.hour_end.between(span.first, span.last)))
    if not rows:
        return Hours(np.full(span.count, np.nan))
    hours, simulated, editions, status, revision, flags, *values = zip(*rows, strict=True)
    placed = [_placed(hours, each, span) for each in values]
    aside = [h for h, f, s in zip(hours, flags, status, strict=True)
             if f and quantity.name in set_aside({"flags": f, "status": s})]  # fmt: skip
    if aside:
        placed[0][_places(aside, span)] = np.nan
    return Hours(np.hypot(*placed) if len(placed) == 2 else placed[0], any(simulated), tuple(dict.fromkeys(editions)),
                 tuple(_places([hour for hour, number in zip(hours, revision, strict=True) if number], span).tolist()))  # fmt: skip


def _forecast(connection: sa.Connection, quantity: Quantity, span: Span) -> Hours:
    c = forecast_city_hour.c
    if quantity.kind == "weather":
        value = (c.wind_u_ms, c.wind_v_ms) if quantity.name == "wind_speed" else (c[quantity.name],)
    else:
        value = (c["forecast_aqi" if quantity.name == "aqi" else f"forecast_{POLLUTANTS[quantity.name].column}"],)
    query = sa.select(_raw(c.hour_end), _raw(c.simulated), c.run, *value).where(
        c.city == quantity.place, c.hour_end.between(span.first, span.last), c.lead_day == quantity.lead_day
    )
    rows = _fetched(connection, query.order_by(c.run_init))
    if not rows:
        return Hours(np.full(span.count, np.nan))
    hours, simulated, runs, *values = zip(*rows, strict=True)
    placed = [_placed(hours, each, span) for each in values]  # the run that started last is written last, and stays
    models = tuple(dict.fromkeys(run.partition("/")[0] for run in runs))
    return Hours(np.hypot(*placed) if len(placed) == 2 else placed[0], any(simulated), models)


def _emission(connection: sa.Connection, quantity: Quantity, span: Span) -> Hours:
    c = emission_city_hour.c
    columns = (_raw(c.hour_end), _raw(c.simulated), c.inventory, c[f"{quantity.name}_kgh"])
    return _single(connection, sa.select(*columns).where(c.city == quantity.place), c.hour_end, span)


def _attribution(connection: sa.Connection, quantity: Quantity, span: Span) -> Hours:
    c = attribution.c
    query = sa.select(_raw(c.hour_end), _raw(c.simulated), c.method, c.total)
    query = query.where(c.city == quantity.place, c.quantity == quantity.name, c.span == "hour")
    return _single(connection, query, c.hour_end, span)


def _single(connection: sa.Connection, query: sa.Select, hour_end: sa.Column, span: Span) -> Hours:
    rows = _fetched(connection, query.where(hour_end.between(span.first, span.last)))
    if not rows:
        return Hours(np.full(span.count, np.nan))
    hours, simulated, named, values = zip(*rows, strict=True)
    return Hours(_placed(hours, values, span), any(simulated), tuple(dict.fromkeys(n for n in named if n)))


def _air_column(table: sa.Table, item: str) -> sa.Column:
    return table.c["aqi" if item == "aqi" else POLLUTANTS[item].column]


def _placed(hours: Sequence[dt.datetime], values: Sequence[float | None], span: Span) -> np.ndarray:
    placed = np.full(span.count, np.nan)
    placed[_places(hours, span)] = np.array(values, dtype=float)  # None becomes NaN
    return placed


def _places(hours: Sequence[Any], span: Span) -> np.ndarray:
    first = np.datetime64(span.first, "h").astype(int)
    return np.array(hours, dtype="datetime64[us]").astype("datetime64[h]").astype(int) - first


def _fetched(connection: sa.Connection, query: sa.Select) -> list[tuple[Any, ...]]:
    """Give the rows as the driver gives them: making a Row of each would take as long again."""
    with connection.execute(query) as result:
        return result.cursor.fetchall()


def _raw(column: sa.Column) -> sa.ColumnElement:
    """Ask for a column as the driver gives it (text, a number, or a moment): half the time of a year goes into making objects."""
    return sa.type_coerce(column, sa.types.NullType())


_READERS = {
    "air": _air, "wind": _air, "weather": _forecast, "forecast": _forecast, "emission": _emission,
    "attribution": _attribution,
}  # fmt: skip
