"""Flows that the ground allows: a few fixed patterns of air through the faces of the cells, from which every hour's wind is mixed.

East and north are potential flows through a basin whose rim lets little air pass: they run along the mountains and lose no air
anywhere. The gyre turns around the middle of the basin. The slope flow runs towards the mountains near their foot; it is
not free of divergence, the layer above takes back what it carries.

Patterns are speeds at the faces [m/s per unit of amplitude]: east faces (row, column + 1), north faces (row + 1, column).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.ndimage import gaussian_filter
from scipy.sparse.linalg import spsolve

from research.virtual_airshed.grid import CELL_M, Grid

PATTERNS = ("east", "north", "gyre", "slope")
OPEN_BELOW_M, CLOSED_ABOVE_M, LEAST_OPEN = 700.0, 2_600.0, 0.1
"""Ground below is open to the wind, above it only LEAST_OPEN of the section is [m above the sea]."""
SMOOTH_CELLS = 2.5
"""Over how many cells the openness is smoothed: air streams round a corner, not along its edge."""
GYRE_CENTRE, GYRE_KM = (104.9, 30.3), 110.0
"""Middle of the basin's eddy [deg] and its radius [km]."""
SLOPE_KM = 45.0
"""How far from the foot of the mountains the slope wind reaches, to 1/e [km]."""
PLAIN_KM = 20.0
"""Patterns have the mean speed 1 over cells that lie farther from the mountains than this [km]."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Speeds through the faces of the cells [m/s]: east float64 (..., row, column + 1), north float64 (..., row + 1, column)."""

    east: np.ndarray
    north: np.ndarray

    def divergence(self) -> np.ndarray:
        """Give the net outflow of each cell, per cell length [m/s], (..., row, column)."""
        return np.diff(self.east, axis=-1) + np.diff(self.north, axis=-2)

    def centred(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the wind in the middle of the cells [m/s]: towards east and north, each (..., row, column)."""
        u = 0.5 * (self.east[..., 1:] + self.east[..., :-1])
        v = 0.5 * (self.north[..., 1:, :] + self.north[..., :-1, :])
        return u, v


def patterns_of(grid: Grid) -> Flow:
    """Give the PATTERNS of a grid, stacked on the first axis."""
    open_ = openness(grid.elevation_m)
    plain = grid.margin_km > PLAIN_KM
    made = [potential_flow(open_, axis=1), potential_flow(open_, axis=0), _gyre(grid, open_), _slope(grid, open_)]
    parts = [
        _scaled(each, plain if name in ("east", "north") else None) for name, each in zip(PATTERNS, made, strict=True)
    ]
    return Flow(np.stack([p.east for p in parts]), np.stack([p.north for p in parts]))


def openness(elevation_m: np.ndarray) -> np.ndarray:
    """Give the share of a cell's section that is open to the wind, LEAST_OPEN to 1, by the height of its ground [m]."""
    closed = (elevation_m - OPEN_BELOW_M) / (CLOSED_ABOVE_M - OPEN_BELOW_M)
    return gaussian_filter(np.clip(1.0 - closed, LEAST_OPEN, 1.0), SMOOTH_CELLS, mode="nearest")


def potential_flow(open_: np.ndarray, *, axis: int) -> Flow:
    """Solve div(open grad p) = 0 with p falling linearly along an axis (1: to the east, 0: to the north) on the outer faces.

    open_: (row, column), how open each cell is. The flow has no divergence in any cell, to the solver's precision.
    """
    rows, columns = open_.shape
    number = np.arange(open_.size).reshape(open_.shape)
    x_face = _between(open_, axis=1)
    y_face = _between(open_, axis=0)
    outer = _outer_pressure(rows, columns, axis)
    matrix = sparse.lil_matrix((open_.size, open_.size))
    right = np.zeros(open_.size)
    for (r, c), n in np.ndenumerate(number):
        for face, (dr, dc) in ((x_face[r, c], (0, -1)), (x_face[r, c + 1], (0, 1)), (y_face[r, c], (-1, 0)),
                               (y_face[r + 1, c], (1, 0))):  # fmt: skip
            matrix[n, n] += face
            if 0 <= r + dr < rows and 0 <= c + dc < columns:
                matrix[n, number[r + dr, c + dc]] -= face
            else:
                right[n] += face * outer[r + dr + 1, c + dc + 1]
    whole = outer.copy()
    whole[1:-1, 1:-1] = spsolve(matrix.tocsr(), right).reshape(open_.shape)
    east = -x_face * np.diff(whole[1:-1], axis=1)
    north = -y_face * np.diff(whole[:, 1:-1], axis=0)
    return Flow(east, north)


def _between(open_: np.ndarray, *, axis: int) -> np.ndarray:
    # Two half cells in a row resist like resistors: the harmonic mean; the outermost half cells stand alone.
    padded = np.pad(open_, [(1, 1) if i == axis else (0, 0) for i in (0, 1)], mode="edge")
    a, b = (np.take(padded, range(i, padded.shape[axis] - 1 + i), axis=axis) for i in (0, 1))
    return 2 * a * b / (a + b)


def _outer_pressure(rows: int, columns: int, axis: int) -> np.ndarray:
    y, x = np.mgrid[0 : rows + 2, 0 : columns + 2].astype(float)
    return -(x if axis == 1 else y)


def _gyre(grid: Grid, open_: np.ndarray) -> Flow:
    """Turn around the middle of the basin, counter-clockwise: the curl of a bell over the corners, nothing where it is closed."""
    lon0, lat0 = GYRE_CENTRE
    x = (grid.lon - lon0) * 111.32 * np.cos(np.radians(lat0))
    y = (grid.lat - lat0) * 111.32
    bell = np.exp(-(x**2 + y**2) / (2 * GYRE_KM**2)) * open_
    padded = np.pad(bell, 1, mode="edge")
    corner = 0.25 * (padded[1:, 1:] + padded[:-1, 1:] + padded[1:, :-1] + padded[:-1, :-1])
    return Flow(-np.diff(corner, axis=0), np.diff(corner, axis=1))


def _slope(grid: Grid, open_: np.ndarray) -> Flow:
    """Run towards the mountains, strongest at their foot: down the gradient of the distance from it."""
    d_north, d_east = np.gradient(grid.margin_km)
    steep = np.hypot(d_north, d_east)
    reach = np.exp(-np.abs(grid.margin_km) / SLOPE_KM) * np.sqrt(open_)
    u, v = (-d / np.maximum(steep, 1e-9) * reach for d in (d_east, d_north))
    east, north = np.zeros((u.shape[0], u.shape[1] + 1)), np.zeros((v.shape[0] + 1, v.shape[1]))
    east[:, 1:-1] = 0.5 * (u[:, 1:] + u[:, :-1])
    north[1:-1] = 0.5 * (v[1:] + v[:-1])
    return Flow(east, north)


def _scaled(flow: Flow, where: np.ndarray | None) -> Flow:
    u, v = flow.centred()
    speed = np.hypot(u, v)
    size = speed[where].mean() if where is not None else speed.max()
    return Flow(flow.east / size, flow.north / size)


__all__ = ["CELL_M", "PATTERNS", "Flow", "openness", "patterns_of", "potential_flow"]
