"""The desks' view of a registry: where the cities lie, and which stations ought to report in which hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from standards.days import day_of_date, first_hour_of_day
from streams.records import CityPlace
from streams.registry import COUNTING_KINDS, Registry
from streams.registry.members import Members

ALWAYS = (0, 10_000_000)
"""First and last epoch hour of a station without dates."""


@dataclass(frozen=True, slots=True)
class Roster:
    """What the desks know of the region.

    cities: where they lie. stations: by city its assessment points (code, first and last epoch hour in which each counts).
    kinds: by city the kind of each other station by code.
    """

    cities: tuple[CityPlace, ...]
    stations: dict[str, tuple[tuple[str, int, int], ...]]
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)

    def place(self, city: str) -> CityPlace | None:
        """Give the place of a city, None for stations that belong to none."""
        return next((place for place in self.cities if place.code == city), None)

    def members(self, city: str) -> Members:
        """Give the stations of a city; of a key that is no city there are none that count."""
        return Members(self.stations.get(city, ()), self.kinds.get(city, {}))


def roster_of(registry: Registry) -> Roster:
    """Give the roster of a registry; a station counts from the first to the last hour of its valid natural days."""
    cities = tuple(CityPlace(city.code, city.lon, city.lat) for city in registry.cities.values())
    points: dict[str, list[tuple[str, int, int]]] = {place.code: [] for place in cities}
    kinds: dict[str, dict[str, str]] = {place.code: {} for place in cities}
    for station in registry.stations.values():
        if station.kind in COUNTING_KINDS:
            points[station.city].append((station.code, _first(station.valid_from), _last(station.valid_to)))
        else:
            kinds[station.city][station.code] = station.kind
    return Roster(cities, {city: tuple(sorted(rows)) for city, rows in points.items()}, kinds)


def _first(day: dt.date | None) -> int:
    return ALWAYS[0] if day is None else int(first_hour_of_day(day_of_date(day)))


def _last(day: dt.date | None) -> int:
    return ALWAYS[1] if day is None else int(first_hour_of_day(day_of_date(day) + 1)) - 1
