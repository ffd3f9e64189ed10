"""What a grid of peak ozone over precursors tells: isopleths, the ridge, ways of cutting, the cheapest way to a target.

The grid is a function of two factors, by which the day's VOC and NOx are multiplied. Between its nodes it is a bicubic
spline through them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RectBivariateSpline

from research.ozone.errors import OzoneError
from research.ozone.records import Recorded
from standards.level_lines import level_lines

FINE = 401
"""Points along each factor at which a spline is looked at when something is searched."""
CUTS = (0.0, 0.5, 1.0, 2.0, float("inf"))
"""Ratios of joint cuts that are laid out: per cent of NOx for each per cent of VOC."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Peak ozone [ppb] float64 (voc, nox) over factors of VOC (voc,) and NOx (nox,), both growing."""

    voc_factor: np.ndarray
    nox_factor: np.ndarray
    o3_ppb: np.ndarray

    def __post_init__(self) -> None:
        for name in ("voc_factor", "nox_factor"):
            axis = getattr(self, name)
            if axis.ndim != 1 or len(axis) < 4 or not (np.diff(axis) > 0).all() or axis[0] < 0:
                raise OzoneError(f"{name} is {axis.tolist()}, expected four or more growing factors from 0 on")
        if self.o3_ppb.shape != (len(self.voc_factor), len(self.nox_factor)):
            expected = (len(self.voc_factor), len(self.nox_factor))
            raise OzoneError(f"o3_ppb has the shape {self.o3_ppb.shape}, expected {expected}: voc, nox")
        if not np.isfinite(self.o3_ppb).all():
            raise OzoneError("o3_ppb has values that are no numbers, expected a full grid")

    @property
    def spline(self) -> RectBivariateSpline:
        """The bicubic spline through the nodes."""
        return RectBivariateSpline(self.voc_factor, self.nox_factor, self.o3_ppb)

    def at(self, voc: np.ndarray | float, nox: np.ndarray | float) -> np.ndarray:
        """Give the ozone [ppb] at factors, broadcast; NaN outside the grid."""
        voc, nox = np.broadcast_arrays(np.asarray(voc, float), np.asarray(nox, float))
        inside = (voc >= self.voc_factor[0]) & (voc <= self.voc_factor[-1])
        inside &= (nox >= self.nox_factor[0]) & (nox <= self.nox_factor[-1])
        return np.where(inside, self.spline.ev(voc, nox), np.nan)

    def slopes(self, voc: float = 1.0, nox: float = 1.0) -> tuple[float, float]:
        """Give how ozone changes with VOC and with NOx at a point: dO3/dln VOC and dO3/dln NOx [ppb]."""
        spline = self.spline
        return float(voc * spline.ev(voc, nox, dx=1)), float(nox * spline.ev(voc, nox, dy=1))


@dataclass(frozen=True, slots=True, eq=False)
class Ridge(Recorded):
    """The ridge: for each factor of VOC the factor of NOx at which ozone is highest, and that ozone [ppb].

    Above it (more NOx) ozone falls with NOx, below it grows. inside: False where the highest lies at an edge of the grid,
    so that the true one is beyond.
    """

    voc_factor: np.ndarray
    nox_factor: np.ndarray
    o3_ppb: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class CutPath(Recorded):
    """Ozone along a joint cut.

    nox_per_voc: how many per cent of NOx are cut for each per cent of VOC (inf: NOx alone). cut: share of the precursor
    that is cut more (step,), from 0. voc_factor, nox_factor: what is left (step,). o3_ppb: (step,). highest_ppb: the highest
    on the way. worse_until: cut up to which ozone stays above the start; 0 where it never is, NaN where it is at the end.
    """

    nox_per_voc: float
    cut: np.ndarray
    voc_factor: np.ndarray
    nox_factor: np.ndarray
    o3_ppb: np.ndarray
    highest_ppb: float
    worse_until: float


@dataclass(frozen=True, slots=True)
class CheapestCut(Recorded):
    """The cut that reaches a target for the least cost: what is left of VOC and NOx, the cost in the units of the caller, and
    the ozone [ppb]. reached: False where no cut on the grid does, and then the numbers are those of the lowest ozone."""

    target_ppb: float
    reached: bool
    voc_factor: float
    nox_factor: float
    cost: float
    o3_ppb: float


def ridge(grid: Grid) -> Ridge:
    """Find the ridge of a grid, for each of its factors of VOC."""
    nox = np.linspace(grid.nox_factor[0], grid.nox_factor[-1], FINE)
    o3 = grid.spline(grid.voc_factor, nox)
    at = o3.argmax(axis=1)
    inside = (at > 0) & (at < FINE - 1)
    return Ridge(grid.voc_factor, nox[at], o3[np.arange(len(at)), at], inside)


def cut_path(grid: Grid, nox_per_voc: float, *, start: tuple[float, float] = (1.0, 1.0), steps: int = 100) -> CutPath:
    """Follow ozone along a joint cut, from a point of the grid to where one precursor is gone or the grid ends.

    nox_per_voc: 0 for VOC alone, 1 for equal shares, infinity for NOx alone. start: factors of VOC and NOx.
    Errors: ValueError for a ratio below 0 and a start outside the grid.
    """
    if not nox_per_voc >= 0.0:
        raise OzoneError(f"nox_per_voc is {nox_per_voc}, expected 0 or more, infinity for NOx alone")
    if np.isnan(grid.at(*start)):
        raise OzoneError(f"start is {start}, expected factors inside the grid")
    of_voc, of_nox = (1.0 / max(nox_per_voc, 1.0), min(nox_per_voc, 1.0)) if np.isfinite(nox_per_voc) else (0.0, 1.0)
    ends = [
        (1.0 - lowest / begin) / share
        for share, begin, lowest in ((of_voc, start[0], grid.voc_factor[0]), (of_nox, start[1], grid.nox_factor[0]))
        if share > 0.0
    ]
    cut = np.linspace(0.0, min(ends), steps + 1)
    voc, nox = start[0] * (1.0 - of_voc * cut), start[1] * (1.0 - of_nox * cut)
    o3 = grid.at(np.maximum(voc, grid.voc_factor[0]), np.maximum(nox, grid.nox_factor[0]))
    above = np.flatnonzero(o3 > o3[0] + 1e-6)
    worse = 0.0 if not len(above) else float(cut[above[-1] + 1]) if above[-1] < steps else float("nan")
    return CutPath(float(nox_per_voc), cut, voc, nox, o3, float(o3.max()), worse)


def cheapest_cut(
    grid: Grid,
    target_ppb: float,
    *,
    voc_cost: float = 1.0,
    nox_cost: float = 1.0,
    start: tuple[float, float] = (1.0, 1.0),
) -> CheapestCut:
    """Find the cut of VOC and NOx that brings ozone to a target for the least cost.

    target_ppb: peak ozone to reach. voc_cost, nox_cost: of cutting all of each, in any common unit; the cost of a cut grows
    with its share. start: where the air is now. Only cuts are looked at, no rises.
    Errors: ValueError for costs below 0 or both 0, and a start outside the grid.
    """
    if min(voc_cost, nox_cost) < 0.0 or voc_cost + nox_cost <= 0.0:
        raise OzoneError(f"costs are {voc_cost} and {nox_cost}, expected 0 or more and not both 0")
    if np.isnan(grid.at(*start)):
        raise OzoneError(f"start is {start}, expected factors inside the grid")
    voc = np.linspace(grid.voc_factor[0], start[0], FINE)
    nox = np.linspace(grid.nox_factor[0], start[1], FINE)
    o3 = grid.spline(voc, nox)
    cost = voc_cost * (1.0 - voc / start[0])[:, None] + nox_cost * (1.0 - nox / start[1])
    reached = bool((o3 <= target_ppb).any())
    at = np.unravel_index(np.where(o3 <= target_ppb, cost, np.inf).argmin() if reached else o3.argmin(), o3.shape)
    return CheapestCut(float(target_ppb), reached, float(voc[at[0]]), float(nox[at[1]]), float(cost[at]), float(o3[at]))


def isopleths(grid: Grid, levels: Sequence[float]) -> Mapping[float, list[np.ndarray]]:
    """Draw the lines of equal ozone.

    levels: [ppb]. Returns for each level its lines, each float64 (point, 2): factors of VOC and of NOx in the order along the
    line; closed lines end where they begin. A level that the grid does not reach has no line.
    """
    return {float(level): level_lines(grid.voc_factor, grid.nox_factor, grid.o3_ppb, float(level)) for level in levels}
