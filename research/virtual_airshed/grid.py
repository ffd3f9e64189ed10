"""The grid of the virtual airshed: 60 x 48 cells of 9 km over the Chengdu Plain and the rim of the basin, and who owns each cell.

A cell belongs to the city whose outline holds its centre, or to none. The ground is drawn from a margin line and four numbers,
not from a terrain model: it is there to block and steer the wind, and to tell plain from mountain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely

from streams import registry as registries
from streams.registry import Registry
from streams.sources.forecasts.grid import StraightGrid, lambert

ROWS, COLUMNS, CELL_M = 60, 48, 9_000.0
CENTRE = (104.0, 30.75)
"""Longitude and latitude of the middle of the grid and of its projection [deg]."""
PARALLELS = (25.0, 40.0)
"""Standard parallels of its Lambert projection [deg]."""
CELL_M2 = CELL_M * CELL_M
TOP_M = 2_000.0
"""Height of the model's top above the ground [m]."""

PLAIN_M, RISE_M, RISE_KM = 480.0, 3_000.0, 45.0
"""Height of the plain above the sea, how much the rim rises above it, and over what distance it does so by 1 - 1/e [m, m, km]."""
MARGIN = ((104.1, 28.0), (103.85, 28.6), (103.5, 28.95), (103.3, 29.45), (102.95, 29.72), (102.88, 30.12), (103.3, 30.62),
          (103.6, 31.05), (104.05, 31.42), (104.55, 31.83), (105.0, 32.12), (105.6, 32.45), (106.6, 32.9))  # fmt: skip
"""Where the plain ends in the west and north, from south to north-east [deg]: the foot of Daliang, Emei and Longmen mountains
(read off a map by eye, to some 10 km)."""
LONGQUAN, LONGQUAN_M, LONGQUAN_KM = ((103.95, 30.15), (104.3, 30.55), (104.55, 31.0)), 350.0, 9.0
"""The ridge between Chengdu and Jianyang [deg], its height above the plain [m] and half-width [km]."""
KM_PER_DEGREE = 111.32


@dataclass(frozen=True, eq=False)
class Grid:
    """Cell centres and what lies there, each (row, column); rows run from south to north, columns from west to east.

    lon, lat [deg]. city: int8, index into `cities`, -1 outside all of them. elevation_m: height of the ground above the sea [m].
    margin_km: distance from the foot of the mountains [km], negative on the mountain side.
    """

    cities: tuple[str, ...]
    lon: np.ndarray
    lat: np.ndarray
    city: np.ndarray
    elevation_m: np.ndarray
    margin_km: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.lon.shape

    def locate(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give rows and columns of some points [deg], in fractions, counted from the first cell's centre (point,)."""
        return _straight().locate(lon, lat)

    def cells_of(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give rows and columns of the cells that hold some points [deg] (point,); ValueError where one lies outside."""
        row, column = (np.rint(v).astype(int) for v in self.locate(lon, lat))
        outside = (row < 0) | (row >= ROWS) | (column < 0) | (column >= COLUMNS)
        if outside.any():
            first = int(np.argmax(outside))
            raise ValueError(f"the point {lon[first]} {lat[first]} lies outside the grid, expected one near {CENTRE}")
        return row, column


@dataclass(frozen=True, eq=False)
class Cells:
    """Some cells of a grid, such as those in which a run keeps every tracer: row, column, int (cell,)."""

    row: np.ndarray
    column: np.ndarray


NO_CELLS = Cells(np.zeros(0, np.int64), np.zeros(0, np.int64))


def grid_of(registry: Registry) -> Grid:
    """Lay the grid over a registry's cities."""
    lon, lat = _straight().lonlat
    owner = np.full(lon.shape, -1, np.int8)
    for number, code in enumerate(registry.cities):
        owner[shapely.contains_xy(registry.outline(code), lon, lat)] = number
    margin_km = _side_km(lon, lat, MARGIN)
    inward = np.maximum(-margin_km, 0.0)
    ridge = LONGQUAN_M * np.exp(-((_distance_km(lon, lat, LONGQUAN) / LONGQUAN_KM) ** 2))
    elevation_m = PLAIN_M + RISE_M * (1 - np.exp(-inward / RISE_KM)) + ridge
    return Grid(tuple(registry.cities), lon, lat, owner, elevation_m, margin_km)


@lru_cache(maxsize=1)
def shipped_grid() -> Grid:
    """Give the grid over the shipped registry's eight cities."""
    return grid_of(registries.load())


@lru_cache(maxsize=1)
def _straight() -> StraightGrid:
    x, y = ((np.arange(n) - (n - 1) / 2) * CELL_M for n in (COLUMNS, ROWS))
    return StraightGrid(x, y, lambert(*PARALLELS, *CENTRE))


def _distance_km(lon: np.ndarray, lat: np.ndarray, line: tuple[tuple[float, float], ...]) -> np.ndarray:
    scale = np.array([KM_PER_DEGREE * np.cos(np.radians(CENTRE[1])), KM_PER_DEGREE])
    track = shapely.LineString(np.array(line) * scale)
    return shapely.distance(shapely.points(lon * scale[0], lat * scale[1]), track)


def _side_km(lon: np.ndarray, lat: np.ndarray, line: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Give the distance from a line that runs from south to north [km], negative to the west of it."""
    far = ((line[-1][0], 60.0), (60.0, 60.0), (60.0, 0.0), (line[0][0], 0.0))
    west = shapely.contains_xy(shapely.Polygon([*line, *far]), lon, lat)
    return np.where(west, -1.0, 1.0) * _distance_km(lon, lat, line)
