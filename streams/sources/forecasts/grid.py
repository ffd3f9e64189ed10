"""Horizontal grids of models: where a place lies in the grid, in fractions of rows and columns.

Two kinds: a grid that is straight in some map projection (or in lon/lat), and one that is known only by the lon and
lat of its cell centres. Rows and columns are counted from 0 at the first cell's centre; a place half a cell outside is
at -0.5.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyproj import Proj

EARTH_RADIUS_M = 6_370_000.0
"""The sphere on which WRF, MCIP and the I/O API compute; lon and lat are taken as they are, without a change of datum.
"""
_NEWTON_STEPS = 12
_MOST_DISTANCES = 4_000_000
"""Distances that are held at a time, each in float64."""


@dataclass(frozen=True, eq=False)
class StraightGrid:
    """A grid with straight axes x (column,) and y (row,): metres in `projection`, or degrees where that is empty."""

    x: np.ndarray
    y: np.ndarray
    projection: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.y.size, self.x.size

    @cached_property
    def signature(self) -> str:
        """A text that two grids share only where they are the same."""
        return _signature(self.projection.encode(), self.x, self.y)

    @cached_property
    def lonlat(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitudes and latitudes of the cell centres [deg], each (row, column), longitudes in -180 to 180."""
        x, y = np.meshgrid(self.x, self.y)
        lon, lat = Proj(self.projection)(x, y, inverse=True) if self.projection else (x, y)
        return (np.asarray(lon) + 180) % 360 - 180, np.asarray(lat)

    def locate(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give row and column [cells from the first centre] of places [deg]; NaN where the projection cannot reach
        them.
        """
        if self.projection:
            # As lists: an array of one place would be taken for a number.
            both = Proj(self.projection)(np.asarray(lon, float).tolist(), np.asarray(lat, float).tolist())
            x, y = (np.where(np.isfinite(v), v, np.nan) for v in both)
        else:
            west = min(self.x[0], self.x[-1]) - 0.5 * abs(self.x[1] - self.x[0])
            x, y = west + (np.asarray(lon) - west) % 360, np.asarray(lat)
        return _position(self.y, y), _position(self.x, x)

    def angle(self) -> np.ndarray:
        """Give the angle from east to the columns' direction [rad, counter-clockwise], (row, column)."""
        return _angle(*self.lonlat) if self.projection else np.zeros(self.shape)


@dataclass(frozen=True, eq=False)
class CurvedGrid:
    """A grid known by the centres of its cells: lon and lat [deg], each (row, column)."""

    lon: np.ndarray
    lat: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.lon.shape  # type: ignore[return-value]

    @cached_property
    def signature(self) -> str:
        """A text that two grids share only where they are the same."""
        return _signature(b"curved", self.lon, self.lat)

    @property
    def lonlat(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitudes and latitudes of the cell centres [deg], each (row, column), longitudes in -180 to 180."""
        return (self.lon + 180) % 360 - 180, self.lat

    def locate(self, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give row and column [cells] of places [deg]: the nearest centre, then Newton steps on the bilinear cell."""
        middle = float(self.lon[self.shape[0] // 2, self.shape[1] // 2])
        gx, gy = _around(self.lon, middle), self.lat
        px, py = _around(np.asarray(lon, float), middle), np.asarray(lat, float)
        row, column = _nearest(gx, gy, px, py)
        rows, columns = self.shape
        for _ in range(_NEWTON_STEPS):
            r0, c0 = (np.clip(np.floor(v), 0, n - 2).astype(int) for v, n in ((row, rows), (column, columns)))
            f, g = row - r0, column - c0
            (x, x_f, x_g), (y, y_f, y_g) = (_bilinear_with_slopes(a, r0, c0, f, g) for a in (gx, gy))
            det = x_f * y_g - x_g * y_f
            dx, dy = px - x, py - y
            # Far outside the grid the steps may run away: one cell beyond the edge is outside enough.
            row = np.clip(row + (dx * y_g - dy * x_g) / det, -1.0, rows)
            column = np.clip(column + (dy * x_f - dx * y_f) / det, -1.0, columns)
        return row, column

    def angle(self) -> np.ndarray:
        """Give the angle from east to the columns' direction [rad, counter-clockwise], (row, column)."""
        return _angle(*self.lonlat)


Grid = StraightGrid | CurvedGrid


def lambert(lat_1: float, lat_2: float, lon_0: float, lat_0: float) -> str:
    """Write a Lambert conformal conic projection [deg] on the models' sphere."""
    return (
        f"+proj=lcc +lat_1={lat_1} +lat_2={lat_2} +lon_0={lon_0} +lat_0={lat_0} +R={EARTH_RADIUS_M} +units=m +no_defs"
    )


def polar(pole: float, lat_ts: float, lon_0: float) -> str:
    """Write a polar stereographic projection, true at lat_ts [deg], on the models' sphere; pole is +1 (north) or -1."""
    return (
        f"+proj=stere +lat_0={90 * np.sign(pole)} +lat_ts={lat_ts} +lon_0={lon_0} +R={EARTH_RADIUS_M} +units=m +no_defs"
    )


def mercator(lat_ts: float, lon_0: float) -> str:
    """Write an equatorial Mercator projection, true at lat_ts [deg], on the models' sphere."""
    return f"+proj=merc +lat_ts={lat_ts} +lon_0={lon_0} +R={EARTH_RADIUS_M} +units=m +no_defs"


def bounds_text(grid: Grid) -> str:
    """Write the bounds of a grid, for instance "lon -125.10 to -66.20, lat 20.31 to 52.90"."""
    plain = isinstance(grid, StraightGrid) and not grid.projection
    lon, lat = ((grid.x + 180) % 360 - 180, grid.y) if plain else grid.lonlat
    return f"lon {np.nanmin(lon):.2f} to {np.nanmax(lon):.2f}, lat {np.nanmin(lat):.2f} to {np.nanmax(lat):.2f}"


def _signature(kind: bytes, *arrays: np.ndarray) -> str:
    digest = hashlib.blake2b(kind, digest_size=16)
    for array in arrays:
        digest.update(str(array.shape).encode() + np.ascontiguousarray(array, np.float64).tobytes())
    return digest.hexdigest()


def _position(axis: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Give positions along a rising or falling axis in cells; beyond the ends the outermost spacing goes on."""
    if axis.size == 1:
        return np.where(np.isclose(at, axis[0]), 0.0, np.nan)
    sign = 1.0 if axis[-1] > axis[0] else -1.0
    rising, at = sign * axis, sign * at
    cell = np.clip(np.searchsorted(rising, at, side="right") - 1, 0, axis.size - 2)
    return cell + (at - rising[cell]) / (rising[cell + 1] - rising[cell])


def _around(lon: np.ndarray, middle: float) -> np.ndarray:
    return (lon - middle + 180) % 360 - 180


def _nearest(gx: np.ndarray, gy: np.ndarray, px: np.ndarray, py: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give row and column of the nearest centre, found on every fourth centre first so that large grids stay cheap."""
    every = 4 if min(gx.shape) > 16 else 1
    coarse_x, coarse_y = gx[::every, ::every], gy[::every, ::every]
    shrink = np.cos(np.radians(np.nanmean(gy))) ** 2
    best, batch = np.empty(px.size, int), max(1, min(256, _MOST_DISTANCES // coarse_x.size))
    for start in range(0, px.size, batch):
        part = slice(start, start + batch)
        dx, dy = px[part, None] - coarse_x.ravel(), py[part, None] - coarse_y.ravel()
        best[part] = np.argmin(shrink * dx**2 + dy**2, axis=1)
    row, column = np.unravel_index(best, coarse_x.shape)
    return row * float(every), column * float(every)


def _bilinear_with_slopes(
    a: np.ndarray, r: np.ndarray, c: np.ndarray, f: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Give the bilinear value in cells (r, c) at fractions (f, g), and its slopes along rows and columns."""
    a00, a01, a10, a11 = a[r, c], a[r, c + 1], a[r + 1, c], a[r + 1, c + 1]
    along_f = (a10 - a00) * (1 - g) + (a11 - a01) * g
    along_g = (a01 - a00) * (1 - f) + (a11 - a10) * f
    return a00 * (1 - g) + a01 * g + f * along_f, along_f, along_g


def _angle(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    if lon.shape[1] < 2:
        return np.zeros(lon.shape)
    east = (np.gradient(np.unwrap(lon, axis=1, period=360), axis=1)) * np.cos(np.radians(lat))
    return np.arctan2(np.gradient(lat, axis=1), east)
