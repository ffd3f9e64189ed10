"""What a table holds: its places, found by steps through its key, and whether it knows what somebody asks for.

A DISTINCT would read every row of every year; a key of millions of rows has a few hundred places.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from streams.store.connect import StoreError
from streams.store.grids import keys_of
from streams.store.schema import air_city_hour, air_joined_hour, forecast_city_hour

SOME = 20
"""So many of what is known are named where something is not."""
Wanted = Mapping[str, Collection[str] | None]
"""By column the values that are asked for, None: all."""


def require_usable(table: sa.Table, wanted: Wanted) -> None:
    """Raise StoreError for a restriction that the table does not have, or that is no collection of texts."""
    for name, values in wanted.items():
        if values is None:
            continue
        if isinstance(values, str):
            raise StoreError(f"{name} is the text {values!r}, expected a collection of texts")
        if name not in table.c:
            raise StoreError(f"{table.name} has no {name}, expected a restriction by {', '.join(keys_of(table))}")


def require_known(
    connection: sa.Connection, table: sa.Table, wanted: Wanted, found: Mapping[str, Iterable[Any]]
) -> None:
    """Raise StoreError for a value that is asked for and that the table holds nowhere; found: the columns that were read.

    What was read is known. Only for the rest is the store asked, whatever the period.
    """
    for name, values in wanted.items():
        left = sorted(set(values or ()) - set(found[name])) if values is not None else []
        if unknown := [value for value in left if not _holds(connection, table, name, value)]:
            some = ", ".join(_some(connection, table, name))
            raise StoreError(f"{table.name} has no {name} {', '.join(unknown)}, expected some of {some}")


def places_of(connection: sa.Connection, table: sa.Table, cities: Collection[str] | None = None) -> list[str]:
    """Give the places of a table, of stations only those of some cities, stepping through the key."""
    if table is air_joined_hour:
        return sorted({*places_of(connection, air_city_hour), *places_of(connection, forecast_city_hour)})
    place = next(iter(table.primary_key))
    places: list[str] = []
    while True:
        after = sa.select(sa.func.min(place)).where(place > (places[-1] if places else ""))
        following = connection.scalar(after)
        if following is None:
            break
        places.append(following)
    if cities is None or place.name == "city":
        return places
    return [each for each in places if _city_of(connection, table, place, each) in cities]


def _city_of(connection: sa.Connection, table: sa.Table, place: sa.Column, value: str) -> str | None:
    """Give the city of a station's last row."""
    time = list(table.primary_key)[1]
    return connection.scalar(sa.select(table.c.city).where(place == value).order_by(time.desc()).limit(1))


def _holds(connection: sa.Connection, table: sa.Table, name: str, value: str) -> bool:
    if table is air_joined_hour:
        if name == "run" and value == "":
            return _there(connection, air_city_hour, None)
        tables = (forecast_city_hour,) if name == "run" else (air_city_hour, forecast_city_hour)
        return any(_holds(connection, each, name, value) for each in tables)
    if name == "run":
        return _holds_run(connection, table, value)
    if name == keys_of(table)[0]:
        return _there(connection, table, table.c[name] == value)
    return bool(places_of(connection, table, [value]))


def _holds_run(connection: sa.Connection, table: sa.Table, run: str) -> bool:
    """Look for a run where the index of runs leads: by each city and its start; elsewhere only where that finds nothing."""
    c, start = forecast_city_hour.c, _start_of(run)
    if start is not None:
        for city in places_of(connection, forecast_city_hour):
            if _there(connection, forecast_city_hour, sa.and_(c.city == city, c.run_init == start, c.run == run)):
                return True
    return _there(connection, table, table.c.run == run)


def _start_of(run: str) -> dt.datetime | None:
    """Read the start of a run from its name, for instance "CDAQS/2023-01-19T12Z"; None where it tells none."""
    try:
        return dt.datetime.strptime(run.rpartition("/")[2], "%Y-%m-%dT%HZ")
    except ValueError:
        return None


def _there(connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement | None) -> bool:
    query = sa.select(sa.literal(1)).select_from(table)
    return connection.execute((query if condition is None else query.where(condition)).limit(1)).first() is not None


def _some(connection: sa.Connection, table: sa.Table, name: str) -> list[str]:
    """Name some values that the table knows: the newest runs of a city, the first places, their cities."""
    if name == "run":
        c = forecast_city_hour.c
        first = places_of(connection, forecast_city_hour)[:1]
        newest = (
            sa.select(c.run_init, c.run).where(c.city.in_(first)).distinct().order_by(c.run_init.desc(), c.run.desc())
        )
        return sorted(run for _, run in connection.execute(newest.limit(SOME)))
    places = places_of(connection, table)
    if name == keys_of(table)[0]:
        return places[:SOME]
    place = next(iter(table.primary_key))
    return sorted({_city_of(connection, table, place, each) for each in places} - {None})[:SOME]
