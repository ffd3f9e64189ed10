"""Made-up days of a run, hour by hour from a generator of each hour, so that a part of a day is a part of the same day."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from research.virtual_airshed.chance import generator
from research.virtual_airshed.flow import PATTERNS, Flow, patterns_of
from research.virtual_airshed.grid import Cells, Grid, shipped_grid
from research.virtual_airshed.ground import GroundHours
from research.virtual_airshed.observe.observer import Manner, Observer, observer_of
from research.virtual_airshed.observe.sites import RESEARCH_SITES, sites_of
from research.virtual_airshed.run import Day
from research.virtual_airshed.tracers import CARRIED, SECTORS, Tags
from research.virtual_airshed.weather.fields import Weather
from streams import registry as registries
from streams.records import SPECIES
from streams.registry import Registry

FIRST_HOUR = 394_457
"""The hour to 2015-01-01T01:00+08:00, which is 2014-12-31T17:00Z: 16,435 days and 17 hours after 1970-01-01."""
LEVELS = {
    "so2": 250.0, "sulphate": 90.0, "nox": 1_200.0, "nitrate": 200.0, "ammonia": 600.0, "co": 40_000.0,
    "primary": 30.0, "coarse": 35.0, "alkanes": 40.0, "alkenes": 6.0, "aromatics": 18.0, "ovoc": 12.0,
    "isoprene": 0.8, "soa": 8.0, "ox": 2_400.0,
}  # fmt: skip
"""Of the order of a city's air, in tracers.UNITS."""
TAGS = Tags(shipped_grid().cities)


def made_day(first_hour: int = FIRST_HOUR, hours: int = 24, *, cells: Cells | None = None) -> Day:
    """Make some hours; cells: where tags are kept, None for none."""
    made = [_hour(hour, cells) for hour in range(first_hour, first_hour + hours)]
    amounts, temperature, humidity, balance, wind, kg = (
        np.stack(parts, axis=-1) for parts in zip(*(m[:6] for m in made), strict=True)
    )
    nothing = np.zeros((hours, *shipped_grid().shape))
    weather = Weather(
        first_hour,
        np.zeros((hours + 1, *shipped_grid().shape)),
        wind,
        np.zeros(hours),
        *(nothing,) * 6,
        np.zeros(hours),
        np.zeros(hours),
    )
    tagged = {name: np.stack([m[6][name] for m in made], axis=-1) for name in made[0][6]}
    return Day(first_hour, weather, GroundHours(amounts, temperature, humidity, balance), tagged, kg)


def _hour(hour: int, cells: Cells | None):
    chance, shape = generator(99, "made", str(hour)), shipped_grid().shape
    levels = np.array([LEVELS[name] for name in CARRIED])[:, None, None]
    amounts = levels * np.exp(0.3 * chance.standard_normal((len(CARRIED), *shape)))
    temperature, humidity = 15.0 + 5.0 * chance.standard_normal(shape), 40.0 + 55.0 * chance.random(shape)
    wind = chance.standard_normal((2, len(PATTERNS)))
    kg = 500.0 * chance.random((len(TAGS.cities), len(SECTORS), len(SPECIES)))
    tagged = {}
    if cells is not None:
        for name, total in zip(CARRIED, amounts, strict=True):
            tag = np.zeros((cells.row.size, TAGS.width_of(name)))
            parts = (
                chance.dirichlet(np.ones(len(SECTORS) + 1), size=cells.row.size)
                * total[cells.row, cells.column][:, None]
            )
            tag[:, 0], tag[:, TAGS.sectors], tag[:, TAGS.inflow] = parts.sum(axis=1), parts[:, :-1], parts[:, -1]
            tagged[name] = tag
    return amounts, temperature, humidity, np.full(shape, 9.0), wind, kg, tagged


@lru_cache(maxsize=1)
def patterns() -> Flow:
    """Give the patterns of the wind over the shipped grid."""
    return patterns_of(shipped_grid())


@lru_cache(maxsize=1)
def super_cells() -> Cells:
    """Give the cells of the research sites."""
    sites = sites_of(shipped_grid(), RESEARCH_SITES)
    return Cells(sites.row, sites.column)


def made_observer(
    *, seed: int = 1, faults: float = 0.0, noise: float = 1.0, micro: int = 20, tagged: bool = True
) -> Observer:
    """Set up instruments over the shipped grid."""
    grid: Grid = shipped_grid()
    manner = Manner(seed=seed, faults=faults, noise=noise)
    tags = TAGS if tagged else Tags(grid.cities, tagged=False)
    return observer_of(
        grid, patterns(), registries.load(), manner=manner, micro_count=micro, tags=tags, cells=super_cells()
    )


def registry_with(observer: Observer) -> Registry:
    """Give the shipped registry with the stations of an observer in it."""
    shipped = registries.load()
    own = {station.code: station for network in observer.networks for station in network.sites.stations}
    return dataclasses.replace(shipped, stations=MappingProxyType({**shipped.stations, **own}))
