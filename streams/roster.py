"""The desks' view of a registry: where the cities lie, and which stations ought to report in which hours."""

from __future__ import annotations

import datetime as dt

from standards.days import day_of_date, first_hour_of_day
from streams.citydesk import Roster
from streams.join.joined import Place
from streams.registry import Registry

ALWAYS = (0, 10_000_000)
"""First and last epoch hour of a station without dates."""


def roster_of(registry: Registry) -> Roster:
    """Give the roster of a registry; a station counts from the first to the last hour of its valid natural days."""
    cities = tuple(Place(city.code, city.lon, city.lat) for city in registry.cities.values())
    stations: dict[str, list[tuple[str, int, int]]] = {place.code: [] for place in cities}
    for station in registry.stations.values():
        if station.city in stations:
            stations[station.city].append((station.code, _first(station.valid_from), _last(station.valid_to)))
    return Roster(cities, {city: tuple(sorted(rows)) for city, rows in stations.items()})


def _first(day: dt.date | None) -> int:
    return ALWAYS[0] if day is None else int(first_hour_of_day(day_of_date(day)))


def _last(day: dt.date | None) -> int:
    return ALWAYS[1] if day is None else int(first_hour_of_day(day_of_date(day) + 1)) - 1
