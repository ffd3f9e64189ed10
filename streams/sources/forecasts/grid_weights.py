"""From grid cells to places: bilinear weights at stations and shares of area for cities, as index arrays.

A city's mean is the sum over the cells of (share of the city's area in the cell) x (value of the cell), the shares
counted on points spread evenly over the city. Where the city holds fewer than MIN_CELLS cells the shares would jump
with the grid's offset; there each of the points is interpolated bilinearly instead. Both keep a constant field
constant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from streams.sources.forecasts.grid import Grid

POINTS_PER_CITY = 4_000
"""Points spread over a city's bounding box; 0.5 % is how far a share may be off."""
MIN_CELLS = 9.0
"""Cities of fewer cells are interpolated at their points."""
MIN_INSIDE = 0.95
"""Share of a city's points that the grid must cover for a city mean."""
_EDGE = 1e-6
"""Tolerance in cells [1] for a place exactly on the outermost centre."""


@dataclass(frozen=True)
class Weights:
    """Sparse weights from a window of a grid to places.

    rows, columns: the window. index, weight: (entry,) into the flattened window; starts: (place,) first entry of each
    place.
    """

    places: tuple[tuple[str, str], ...]
    rows: slice
    columns: slice
    index: np.ndarray
    weight: np.ndarray
    starts: np.ndarray

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Take values (hour, row, column) of the window to (place, hour) float64; a missing cell makes its places
        missing.
        """
        picked = values.reshape(values.shape[0], -1)[:, self.index] * self.weight
        return np.add.reduceat(picked, self.starts, axis=1, dtype=np.float64).T


@dataclass(frozen=True)
class Places:
    """What a grid is taken to: stations as (city, code, lon, lat) and city outlines as (city, well-known binary)."""

    stations: tuple[tuple[str, str, float, float], ...]
    outlines: tuple[tuple[str, bytes], ...]


@lru_cache(maxsize=32)
def spread(outline: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Spread points [deg] evenly in degrees over an outline (well-known binary); equal in area within 1 %."""
    shape = shapely.from_wkb(outline)
    west, south, east, north = shape.bounds
    step = np.sqrt((east - west) * (north - south) / POINTS_PER_CITY)
    lon, lat = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
    inside = shapely.contains_xy(shape, lon.ravel(), lat.ravel())
    return lon.ravel()[inside], lat.ravel()[inside]


def outline_key(outline: BaseGeometry) -> bytes:
    """Give an outline as well-known binary, by which it can be compared and kept."""
    return shapely.to_wkb(outline)


def weigh(grid: Grid, places: Places, *, city_mean: str) -> Weights | None:
    """Compute the weights of all places that the grid covers, None where it covers none; kept per grid and places."""
    return _weigh(_Signed(grid, grid.signature), places, city_mean)


class _Signed:
    """A grid that compares by its signature, so that the next file on the same grid finds the weights."""

    def __init__(self, grid: Grid, signature: str) -> None:
        self.grid, self.signature = grid, signature

    def __hash__(self) -> int:
        return hash(self.signature)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Signed) and other.signature == self.signature


@lru_cache(maxsize=32)
def _weigh(signed: _Signed, places: Places, city_mean: str) -> Weights | None:
    grid = signed.grid
    entries = [*_city_entries(grid, places, city_mean), *_station_entries(grid, places)]
    if not entries:
        return None
    rows, columns = (np.concatenate([e[i] for e in entries]) for i in (1, 2))
    window = slice(int(rows.min()), int(rows.max()) + 1), slice(int(columns.min()), int(columns.max()) + 1)
    width = window[1].stop - window[1].start
    counts = [e[3].size for e in entries]
    return Weights(
        places=tuple(e[0] for e in entries), rows=window[0], columns=window[1],
        index=(rows - window[0].start) * width + columns - window[1].start,
        weight=np.concatenate([e[3] for e in entries]).astype(np.float32), starts=np.cumsum([0, *counts[:-1]]),
    )  # fmt: skip


def _station_entries(grid: Grid, places: Places) -> list[tuple]:
    if not places.stations:
        return []
    lon, lat = (np.array([s[i] for s in places.stations], float) for i in (2, 3))
    row, column = grid.locate(lon, lat)
    covered = _within(row, grid.shape[0], _EDGE) & _within(column, grid.shape[1], _EDGE)
    return [
        ((city, code), *_corners(row[i : i + 1], column[i : i + 1], grid.shape))
        for i, (city, code, *_) in enumerate(places.stations)
        if covered[i]
    ]


def _city_entries(grid: Grid, places: Places, city_mean: str) -> list[tuple]:
    entries = []
    for city, outline in places.outlines:
        lon, lat = spread(outline)
        row, column = grid.locate(lon, lat)
        inside = _within(row, grid.shape[0], 0.5) & _within(column, grid.shape[1], 0.5)
        if inside.size == 0 or inside.mean() < MIN_INSIDE:
            continue
        row, column = row[inside], column[inside]
        cells = np.rint(row).astype(int) * grid.shape[1] + np.rint(column).astype(int)
        if _area_in_cells(lon[inside], lat[inside], row, column) < MIN_CELLS:
            entries.append(((city, city_mean), *_corners(row, column, grid.shape)))
            continue
        cells, counts = np.unique(cells, return_counts=True)
        entries.append(((city, city_mean), cells // grid.shape[1], cells % grid.shape[1], counts / counts.sum()))
    return entries


def _area_in_cells(lon: np.ndarray, lat: np.ndarray, row: np.ndarray, column: np.ndarray) -> float:
    """Give the city's area in cells: area of one point [deg2] x points, over the cell's area [deg2] by a local linear
    fit.
    """
    if lon.size < 3:
        return 0.0
    design = np.column_stack([lon, lat, np.ones(lon.size)])
    fit, *_ = np.linalg.lstsq(design, np.column_stack([row, column]), rcond=None)
    cells_per_deg2 = abs(np.linalg.det(fit[:2]))
    steps = [np.diff(np.unique(np.round(v, 9))).min(initial=np.inf) for v in (lon, lat)]
    return float(cells_per_deg2 * lon.size * min(steps) ** 2)


def _corners(row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give rows, columns and weights of the bilinear interpolation averaged over points; each cell once."""
    row, column = np.clip(row, 0, shape[0] - 1), np.clip(column, 0, shape[1] - 1)
    r0, c0 = np.floor(row).astype(int), np.floor(column).astype(int)
    f, g = row - r0, column - c0
    # A weight of nothing may not reach for a cell: it may lie beyond the edge, or be missing.
    r1, c1 = np.where(f > _EDGE, r0 + 1, r0), np.where(g > _EDGE, c0 + 1, c0)
    flat = np.concatenate([r * shape[1] + c for r, c in ((r0, c0), (r0, c1), (r1, c0), (r1, c1))])
    weight = np.concatenate([(1 - f) * (1 - g), (1 - f) * g, f * (1 - g), f * g]) / row.size
    cells, member = np.unique(flat, return_inverse=True)
    return cells // shape[1], cells % shape[1], np.bincount(member, weights=weight)


def _within(at: np.ndarray, count: int, margin: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return (at >= -margin) & (at < count - 1 + margin)
