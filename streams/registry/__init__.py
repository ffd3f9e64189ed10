"""The cities and stations that are assessed, from files a user edits: cities.csv, stations.csv, cities.geojson.

`load()` reads the shipped files, `load(folder)` a user's own; `Registry.import_stations(path)` adds or replaces some.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from streams.registry.files import RegistryError, read_cities, read_stations
from streams.registry.national_cities import CityNames, plain
from streams.registry.places import COUNTING_KINDS, GROUPS, KINDS, REFERENCE_KINDS, City, Station, group_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from shapely.geometry.base import BaseGeometry

SHIPPED = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Registry:
    """Cities and stations by code. The outlines are read when first asked for: most users of a registry need none."""

    cities: Mapping[str, City]
    stations: Mapping[str, Station]
    outlines_path: Path

    def stations_of(self, city: str, on: dt.date, *, kinds: Collection[str] = COUNTING_KINDS) -> tuple[str, ...]:
        """Give the codes of the stations that count for a city on a natural day, sorted; empty for an unknown city.

        kinds: which kinds are asked for; by default those that a city is assessed from.
        """
        members = (self.stations[code] for code in self._codes_by_city.get(city, ()))
        return tuple(each.code for each in members if each.kind in kinds and each.valid_on(on))

    def city_of(self, station: str) -> str | None:
        """Give the code of the city a station belongs to, None for a station that the registry does not know."""
        known = self.stations.get(station)
        return known.city if known else None

    def city_named(self, name: str) -> City | None:
        """Find a city by code, Chinese name (with or without 市) or English name; None where there is none."""
        return self._cities_by_name.get(plain(name.strip().removesuffix("市")))

    def cities_in(self, text: str) -> tuple[set[str], set[str]]:
        """Give the codes of the registry's cities that a text names, and the names of others of the country; both may be empty."""
        return self._city_names.named_in(text)

    def stations_named(self, name: str) -> tuple[Station, ...]:
        """Give all stations that bear or bore a name: 市监测站 stands in three of the eight cities."""
        return self._stations_by_name.get(name.strip(), ())

    def station_named(self, city: str, name: str) -> Station | None:
        """Find a station by its present name in a city (code or name), else by a former one; None where none or several match."""
        found = self.city_named(city)
        here = [s for s in self.stations_named(name) if found and s.city == found.code]
        matches = [s for s in here if s.name_zh == name.strip()] or here
        return matches[0] if len(matches) == 1 else None

    def outline(self, city: str) -> BaseGeometry:
        """Give the outline of a city [deg, WGS-84] as a shapely geometry; raise RegistryError where there is none."""
        from streams.registry.outlines import read_outlines

        if "outlines" not in self.__dict__:
            self.__dict__["outlines"] = read_outlines(self.outlines_path)
        if city not in self.__dict__["outlines"]:
            raise RegistryError(f"{self.outlines_path} has no outline of {city!r}, expected a feature with that code")
        return self.__dict__["outlines"][city]

    def check(self) -> list[str]:
        """Tell what looks wrong without being fatal: stations outside the outline of their city, with the distance."""
        from streams.registry.outlines import misplaced

        return misplaced(self)

    def import_stations(self, path: str | Path) -> Registry:
        """Give a registry with the stations of a CSV file added; a code that is known already is replaced."""
        return dataclasses.replace(
            self, stations=MappingProxyType({**self.stations, **read_stations(Path(path), dict(self.cities))})
        )

    @cached_property
    def _codes_by_city(self) -> dict[str, tuple[str, ...]]:
        codes: dict[str, list[str]] = {}
        for code in sorted(self.stations):
            codes.setdefault(self.stations[code].city, []).append(code)
        return {city: tuple(members) for city, members in codes.items()}

    @cached_property
    def _stations_by_name(self) -> dict[str, tuple[Station, ...]]:
        named: dict[str, tuple[Station, ...]] = {}
        for station in self.stations.values():
            for name in dict.fromkeys((station.name_zh, *station.aliases)):
                named[name] = (*named.get(name, ()), station)
        return named

    @cached_property
    def _cities_by_name(self) -> dict[str, City]:
        return {
            plain(name.removesuffix("市")): city
            for city in self.cities.values()
            for name in (city.code, city.name_zh, city.name_en)
        }

    @cached_property
    def _city_names(self) -> CityNames:
        return CityNames(self.cities.values())


def load(folder: str | Path | None = None) -> Registry:
    """Read a registry from a folder (None: the shipped one); a file the folder lacks is taken from the shipped ones.

    Raise RegistryError naming file, line, value and expectation.
    """
    base = Path(folder) if folder is not None else SHIPPED
    if not base.is_dir():
        raise RegistryError(f"{base} is not a folder, expected one with {FILES}")
    cities_path, stations_path, outlines_path = (p if (p := base / n).exists() else SHIPPED / n for n in FILES)
    cities = read_cities(cities_path)
    return Registry(MappingProxyType(cities), MappingProxyType(read_stations(stations_path, cities)), outlines_path)


FILES = ("cities.csv", "stations.csv", "cities.geojson")
"""The files of a registry."""
__all__ = [
    "COUNTING_KINDS", "FILES", "GROUPS", "KINDS", "REFERENCE_KINDS", "SHIPPED", "City", "Registry", "RegistryError", "Station",
    "group_key", "load",
]  # fmt: skip
