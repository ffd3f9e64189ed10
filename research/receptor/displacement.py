"""DISP: how far each element of a profile can be displaced while Q rises by no more than so much, all else fitted again.

The true profile of Q: at each level everything but the displaced element is at its minimum. The element is not searched for; the
fit minimises Q - t h for a growing force t on h, the element at a mean contribution of 1. At its minimum the slope of the
profile is t, so a fit near a level gives the place of the level to first order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from research.receptor.factorise import in_turn
from research.receptor.problem import HELD, Fit, Problem, fitted
from research.receptor.refusals import ReceptorError
from research.receptor.solution import Solution, plain

LEVELS = (4.0, 8.0, 15.0, 25.0)
"""By how much Q may rise, dQmax as EPA PMF 5 has it."""
BS_LEVELS = (0.5, 1.0, 2.0, 4.0)
TOLERANCE, MOST, WINDOW = 1e-3, 400, 10
NEAR, NEAR_ABSOLUTE = 0.02, 0.05
REACHED = 0.1
"""A bound is told as reached where a fit came within this share of its level."""
TRIES = 14
SAME = 0.6
"""A factor is itself as long as no other base factor resembles its contributions more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """Intervals of profiles by displacement.

    levels: of dQ. low, high: float64 (level, factor, species) [unit of the table], NaN for species that were not displaced.
    reached: bool (level, side low or high, factor, species), whether a fit came near the level; a bound of 0 always did. swaps:
    int64 (level, factor), in how many of the displaced fits of the factor's elements factors changed places. largest_decrease:
    of Q in any fit, at most 0: below -0.5 or so the base was no minimum. fits: how many were made.
    """

    levels: tuple[float, ...]
    species: tuple[str, ...]
    base: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reached: np.ndarray
    swaps: np.ndarray
    largest_decrease: float
    q: float
    fits: int

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return {
            "levels": list(self.levels), "species": list(self.species), "low": plain(self.low), "high": plain(self.high),
            "reached": self.reached.tolist(), "swaps": self.swaps.tolist(), "largest_decrease": self.largest_decrease,
            "largest_decrease_pct": 100.0 * self.largest_decrease / self.q if self.q else 0.0, "fits": self.fits,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """One element displaced to one side: where it was at each level, whether that was reached, swaps, the lowest dQ, fits."""

    at: np.ndarray
    reached: np.ndarray
    swapped: np.ndarray
    lowest: float
    fits: int


def displace(
    solution: Solution, *, levels: Sequence[float] = LEVELS, species: Sequence[str] | None = None,
    threads: int | None = None, tell: Callable[[int, int], None] | None = None,
) -> Displacement:  # fmt: skip
    """Displace every element of the profiles, or those of some species, to both sides.

    levels: of dQ, ascending. tell: as factorise.
    Errors: ReceptorError for an unknown species, or levels that do not ascend.
    Source: Paatero et al. 2014, Atmos. Meas. Tech. 7:781; Brown et al. 2015, Sci. Total Environ. 518:626.
    """
    if not levels or list(levels) != sorted(set(levels)) or levels[0] <= 0:
        raise ReceptorError(f"levels of dQ are {list(levels)}, expected ascending numbers above 0")
    if unknown := [each for each in species or () if each not in solution.species]:
        raise ReceptorError(f"{unknown[0]!r} is not modelled, expected some of {', '.join(solution.species)}")
    chosen = [j for j, each in enumerate(solution.species) if species is None or each in species]
    base = Fit(solution.g, solution.f, solution.objective, solution.q_true, solution.q_robust, 0)
    work = [(k, j, side) for k in range(solution.factors) for j in chosen for side in (-1, 1)]
    problem = solution.problem
    sides = in_turn(lambda item: displaced(problem, base, *item, levels), work, threads=threads, tell=tell)
    shape = (len(levels), solution.factors, len(solution.species))
    low, high, reached = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros((shape[0], 2, *shape[1:]), bool)
    swaps = np.zeros(shape[:2], np.int64)
    for (k, j, side), found in zip(work, sides, strict=True):
        # what holds at a level holds at the next: a bound that was not reached is no narrower than the one before
        furthest = np.minimum if side < 0 else np.maximum
        (low if side < 0 else high)[:, k, j] = furthest.accumulate(furthest(found.at, solution.profiles[k, j]))
        reached[:, 0 if side < 0 else 1, k, j] = found.reached
        swaps[:, k] += found.swapped
    return Displacement(
        levels=tuple(map(float, levels)), species=solution.species, base=solution.profiles, low=low, high=high, reached=reached,
        swaps=swaps, largest_decrease=min(0.0, *(each.lowest for each in sides)), q=solution.objective,
        fits=sum(each.fits for each in sides),
    )  # fmt: skip


def displaced(
    problem: Problem,
    base: Fit,
    k: int,
    j: int,
    side: int,
    levels: Sequence[float],
    *,
    tolerance: float = TOLERANCE,
    most: int = MOST,
) -> Side:
    """Displace one element: factor k, species j, side -1 or 1; its value at each level [unit of the problem's x]."""
    here, count = float(base.f[j, k]), len(levels)
    at, reached, swapped = np.full(count, np.nan), np.zeros(count, bool), np.zeros(count, np.int64)
    if side < 0 and here <= 1e-12:
        return Side(np.zeros(count), np.ones(count, bool), swapped, 0.0, 0)
    curve = float((problem.w[:, j] * base.g[:, k] ** 2).sum())
    if curve <= 0.0:
        return Side(np.full(count, here), reached, swapped, 0.0, 0)
    # with all else fixed dQ = curve * dh^2 and t = 2 sqrt(curve * dQ); the true profile is flatter
    t = side * 0.5 * 2.0 * np.sqrt(curve * levels[0])
    walk = _Walk(problem, base, k, j, tolerance, most)
    start = base
    for n, level in enumerate(levels):
        fit, h, rise, t, close = walk.to(level, t, start)
        if h <= 1e-12 and side < 0 and rise < level:
            at[n:], reached[n:] = 0.0, True
            swapped[n:] = _swapped(base, fit)
            break
        at[n] = max(h + (level - rise) / t, 0.0) if close else h
        reached[n], swapped[n] = close, _swapped(base, fit)
        start = fit
        if n + 1 < count:
            t *= np.sqrt(levels[n + 1] / max(rise, 0.25 * level))
    return Side(at, reached, swapped, walk.lowest, walk.fits)


class _Walk:
    """Fits of one element under forces; remembers the lowest dQ and the forces on both sides of a level."""

    def __init__(self, problem: Problem, base: Fit, k: int, j: int, tolerance: float, most: int) -> None:
        self.problem, self.base, self.k, self.j = problem, base, k, j
        self.tolerance, self.most = tolerance, most
        self.lowest, self.fits = 0.0, 0

    def to(self, level: float, t: float, start: Fit) -> tuple[Fit, float, float, float, bool]:
        """Find the force whose fit lies near a level; give fit, element, dQ, force, and whether it came near."""
        under, over, below = 0.0, np.inf, 0.0
        best = None
        for _ in range(TRIES):
            fit, h, rise = self._fit(t, start)
            if best is None or abs(rise - level) < abs(best[2] - level):
                best = (fit, h, rise, t)
            if abs(rise - level) < NEAR * level + NEAR_ABSOLUTE or (t < 0 and h <= 1e-12 and rise <= level):
                return fit, h, rise, t, True
            if rise < level:
                under, below, start = max(under, abs(t)), rise, fit
            else:
                over = min(over, abs(t))
            step = abs(t) * float(np.clip(np.sqrt(level / max(rise, 1e-6)), 0.3, 4.0))
            if over < np.inf and not under < step < over:
                step = 0.5 * (under + over)  # the profile jumps here, or the estimate left what is known
            if over - under < 1e-4 * over:
                break
            t = np.sign(t) * step
        fit, h, rise, t = best
        return fit, h, rise, t, abs(rise - level) <= REACHED * level and below <= level

    def _fit(self, t: float, start: Fit) -> tuple[Fit, float, float]:
        means = HELD if self.problem.floor < 0.0 else None
        fit = fitted(self.problem, start.g, start.f, tolerance=self.tolerance, most=self.most, window=WINDOW, means=means,
                     displaced=(self.k, self.j, float(t)))  # fmt: skip
        self.fits += 1
        h = float(fit.f[self.j, self.k] * fit.g[:, self.k].mean())
        rise = fit.objective + t * h - self.base.objective
        self.lowest = min(self.lowest, rise)
        return fit, h, rise


def _swapped(base: Fit, fit: Fit) -> int:
    return int((nearest(fit.g, base.g) != np.arange(base.g.shape[1])).any())


def nearest(g: np.ndarray, base: np.ndarray, least: float = -1.0) -> np.ndarray:
    """Give for each factor of g the factor of base whose contributions it resembles most by r, -1 where r is below least."""
    a, b = (each - each.mean(axis=0) for each in (g, base))
    size = np.sqrt(np.outer((a**2).sum(axis=0), (b**2).sum(axis=0)))
    r = a.T @ b / np.where(size > 0, size, np.inf)
    return np.where(r.max(axis=1) >= least, r.argmax(axis=1), -1)
