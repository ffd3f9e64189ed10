"""Where cities emit and where they are measured, as maps that a trajectory can be laid on.

Of a city the platform knows its outline and its stations, not where in it things are emitted. So each city has two maps: the
town, bells around its assessment points, and the country, its outline near them. A sector is emitted in both by a share.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter
from shapely.geometry.base import BaseGeometry

from streams.registry import Registry

CELL_KM = 5.0
TOWN_KM = 9.0
"""Width of the bell around an assessment point that stands for the town [km]."""
COUNTRY_KM = 60.0
"""The country of a city is its outline within this of one of its points: beyond it lie mountains and forest [km]."""
EDGE_KM = 60.0
"""The region ends this far from the outermost points of the cities' countries [km]; air from beyond is `outside`."""
WIDTHS_KM = (2.0, 5.0, 8.0, 12.0, 18.0, 26.0, 38.0, 55.0, 80.0)
"""Widths to which the maps are smoothed for puffs of that width [km]."""
KM_PER_DEGREE = 111.32


@dataclass(frozen=True, eq=False)
class Places:
    """The stage of the tagger. cities: their codes. receptors: float64 (receptor, 2), positions in the maps [km east, north].

    receptor_city: int (receptor,). weather_at: (city, 2), where the cities' weather is taken to be [km]. density: float64
    (width, row, column, 2 * city), emission per unit of a city's emission, town and country in turn [km-2]. size_km: east and
    north extent of the maps. origin: longitude and latitude of their south-western corner [deg].
    """

    cities: tuple[str, ...]
    receptors: np.ndarray
    receptor_city: np.ndarray
    weather_at: np.ndarray
    density: np.ndarray
    size_km: tuple[float, float]
    origin: tuple[float, float]
    km_per_lon: float


def places_in(registry: Registry, on: dt.date) -> Places:
    """Lay the maps over the cities of a registry, with the assessment points that count on a day."""
    points = {city: [registry.stations[code] for code in registry.stations_of(city, on)] for city in registry.cities}
    return places_of(
        {city: registry.outline(city) for city in registry.cities},
        {city: [(each.lon, each.lat) for each in stations] for city, stations in points.items()},
    )


def places_of(outlines: Mapping[str, BaseGeometry], stations: Mapping[str, list[tuple[float, float]]]) -> Places:
    """Lay the maps over some cities.

    outlines: code to outline [deg]. stations: code to the longitudes and latitudes of its assessment points [deg], which are the
    receptors; of those in one cell one is kept. Errors: ValueError where a city lacks one of both.
    """
    if set(outlines) != set(stations) or not all(stations.values()):
        raise ValueError(
            f"outlines are of {sorted(outlines)}, stations of {sorted(stations)}: expected both of each city"
        )
    cities = tuple(outlines)
    every = np.array([at for city in cities for at in stations[city]])
    per_lon = KM_PER_DEGREE * float(np.cos(np.radians(every[:, 1].mean())))
    scale = np.array([per_lon, KM_PER_DEGREE])
    margin = COUNTRY_KM + EDGE_KM
    low, high = every.min(axis=0) * scale - margin, every.max(axis=0) * scale + margin
    columns, rows = (int(np.ceil(each / CELL_KM)) for each in high - low)
    east, north = np.meshgrid((np.arange(columns) + 0.5) * CELL_KM, (np.arange(rows) + 0.5) * CELL_KM)
    maps, receptors, owner, weather_at = [], [], [], []
    for c, city in enumerate(cities):
        at = np.array(stations[city]) * scale - low
        inside = shapely.contains_xy(outlines[city], (east + low[0]) / scale[0], (north + low[1]) / scale[1])
        maps += _maps(at, east, north, inside)
        kept = np.unique(np.floor(at / CELL_KM), axis=0, return_index=True)[1]
        receptors.append(at[np.sort(kept)])
        owner += [c] * len(kept)
        weather_at.append(at.mean(axis=0))
    density = np.stack(maps, axis=-1) / CELL_KM**2
    smooth = np.stack([gaussian_filter(density, (w / CELL_KM, w / CELL_KM, 0), mode="constant") for w in WIDTHS_KM])
    return Places(
        cities, np.concatenate(receptors), np.array(owner), np.array(weather_at), np.ascontiguousarray(smooth),
        (columns * CELL_KM, rows * CELL_KM), (low[0] / scale[0], low[1] / scale[1]), per_lon,
    )  # fmt: skip


def _maps(at: np.ndarray, east: np.ndarray, north: np.ndarray, inside: np.ndarray) -> list[np.ndarray]:
    # Town and country of one city, each adding up to 1.
    away2 = np.stack([(east - x) ** 2 + (north - y) ** 2 for x, y in at])
    town = np.exp(-away2 / (2 * TOWN_KM**2)).sum(axis=0)
    country = (inside & (away2.min(axis=0) <= COUNTRY_KM**2)).astype(np.float64)
    return [town / town.sum(), country / country.sum() if country.any() else town / town.sum()]
