"""Whose the stations of a file by name are: the city the file is of, and the code behind each name.

A name alone says little: 市监测站 stands in dozens of cities. So a file is of one city, told by its own name, or, where
that names none, by the names of its stations: at least half of them are of that city, and one of them is no name that might
stand anywhere. A file named after a city that is not one of the registry's is that city's, whatever its stations are called.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from streams.registry import Registry, Station

_ANYWHERE = re.compile(
    r"([省市区县州].*|.*(监测.*站|环保.*|环境.*|气象.*|政府|人大|政协|党校|法院|检察院|.*局|管委会|委员会|开发区|高新.*|经开.*"
    r"|新区|老城区|城[东南西北区中].*|[东南西北]区.*|水厂|自来水.*|污水.*|电厂|公园|广场|植物园|动物园|体育.*|图书馆|博物馆|文化.*|大学"
    r"|学院|学校|中学|小学|[一二三四五六七八九]中|师范.*|医院|卫校|车站|宾馆|行政.*|中心|大厦|小区))"
)
"""Names that stand in many cities, of offices, works, schools and parks."""
PRESENT_TOO = "the former name of a station whose present name stands in the file too"
SEVERAL = "several stations have this name"
UNKNOWN = "no station of the city has this name"


@dataclass(frozen=True, slots=True)
class City:
    """What a file's name says: the code of one of the registry's cities, or the names of others, or nothing of either."""

    code: str | None = None
    elsewhere: tuple[str, ...] = ()


def city_of_file(name: str, registry: Registry) -> City:
    """Tell from the name of a file whose it is; one that names several cities says nothing."""
    own, others = registry.cities_in(name)
    if own:
        return City(next(iter(own)) if len(own) == 1 and not others else None)
    return City(elsewhere=tuple(sorted(others)))


def city_of_names(names: Collection[str], registry: Registry) -> str | None:
    """Tell from the names of a file's stations which of the registry's cities it is of, None where they leave it open."""
    known = {city: [name for name in names if _here(name, city, registry)] for city in registry.cities}
    most = max(map(len, known.values()), default=0)
    best = [city for city in known if len(known[city]) == most]
    if len(best) != 1 or most * 2 < len(names):
        return None
    return best[0] if any(_tells(name, registry) for name in known[best[0]]) else None


def codes_of(names: Collection[str], city: str, registry: Registry) -> Mapping[str, str | None]:
    """Give the code of each name of a city's file, None where it has none there; why_not says why.

    A former name is taken where the station's present one is absent, and no other former one of it is there.
    """
    found = {name: _station(name, city, registry) for name in names}
    times: dict[str, list[str]] = {}
    for name, station in found.items():
        if station:
            times.setdefault(station.code, []).append(name)
    return {
        name: station.code if station and (name == station.name_zh or len(times[station.code]) == 1) else None
        for name, station in found.items()
    }


def why_not(name: str, city: str, registry: Registry) -> str:
    """Tell why a name has no code in a city's file."""
    here = _here(name, city, registry)
    return PRESENT_TOO if _station(name, city, registry) else SEVERAL if here else UNKNOWN


def _tells(name: str, registry: Registry) -> bool:
    return len(registry.stations_named(name)) == 1 and not _ANYWHERE.fullmatch(name)


def _here(name: str, city: str, registry: Registry) -> list[Station]:
    return [station for station in registry.stations_named(name) if station.city == city]


def _station(name: str, city: str, registry: Registry) -> Station | None:
    return registry.station_named(city, name)
