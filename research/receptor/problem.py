"""What the kernels are given: weights, terms that pull on elements, and one call of the fit with its settings by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.receptor import kernels
from research.receptor.refusals import ReceptorError
from research.receptor.table import WEAK, WEAK_FACTOR, Table

HUBER = 4.0
"""Beyond this scaled residual a value is an outlier in the robust sum (EPA PMF 5)."""
FREE, RESCALED, HELD = 0, 1, 2
"""How the mean of contributions becomes 1: at the end, after every step, or by forces that hold it."""


class Terms(NamedTuple):
    """What pulls on elements besides the data; shapes as research.receptor.kernels.fit has them."""

    f_low: np.ndarray
    f_high: np.ndarray
    f_more: np.ndarray
    f_pull: np.ndarray
    g_pull: np.ndarray
    pairs: np.ndarray
    groups: np.ndarray


class Fit(NamedTuple):
    """One fit: contributions g (sample, factor) of mean 1, profiles f (species, factor), sums, steps."""

    g: np.ndarray
    f: np.ndarray
    objective: float
    q_true: float
    q_robust: float
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Values x and weights w = 1 / u^2, float64 (sample, species), of what is modelled; w and x are 0 where missing."""

    x: np.ndarray
    w: np.ndarray
    robust: bool = True
    floor: float = 0.0


def problem_of(table: Table, *, robust: bool, floor: float) -> Problem:
    """Take the used samples and modelled species of a table. Errors: ReceptorError for a floor above 0 or below -1."""
    if not -1.0 <= floor <= 0.0:
        raise ReceptorError(f"floor of contributions is {floor:g}, expected -1 to 0 (EPA PMF 5: -0.2)")
    rows = np.ix_(table.used, table.modelled)
    x, u = table.concentration[rows], table.uncertainty[rows].copy()
    weak = [table.category[j] == WEAK for j in table.modelled]
    u[:, weak] *= WEAK_FACTOR
    there = ~np.isnan(x)
    x = np.where(there, x, 0.0)
    u = np.sqrt(np.where(there, u, 1.0) ** 2 + (table.extra_pct / 100.0 * x) ** 2)
    return Problem(x=x, w=np.where(there, 1.0 / u**2, 0.0), robust=robust, floor=float(floor))


def no_terms(factors: int) -> Terms:
    """Give the terms of a fit that nothing but the data pulls on."""
    none = np.empty((0, factors))
    return Terms(np.zeros((1, factors)), np.full((1, factors), np.inf), none, none, none, np.empty((0, 5)),
                 np.empty((0, 1), np.int64))  # fmt: skip


def fitted(
    problem: Problem, g: np.ndarray, f: np.ndarray, *, tolerance: float, most: int = 5000, window: int = 20,
    robust: bool | None = None, means: int | None = None, terms: Terms | None = None,
    displaced: tuple[int, int, float] = (-1, 0, 0.0),
) -> Fit:  # fmt: skip
    """Fit from a start. tolerance: it ends where the sum fell by less in a window of steps. displaced: factor, species, force.

    robust, means: as the problem and its floor want it, unless given.
    """
    robust = problem.robust if robust is None else robust
    means = (RESCALED if problem.floor < 0.0 else FREE) if means is None else means
    terms = no_terms(g.shape[1]) if terms is None else terms
    return Fit(*kernels.fit(
        problem.x, problem.w, np.ascontiguousarray(g), np.ascontiguousarray(f), -problem.floor, means, robust, HUBER,
        float(tolerance), window, most, *terms, *displaced,
    ))  # fmt: skip


def sums(problem: Problem, g: np.ndarray, f: np.ndarray) -> tuple[float, float, float]:
    """Give the sum that is minimised, Q(true) and Q(robust) of contributions g and profiles f (species, factor)."""
    room = np.empty(problem.x.shape[::-1])
    xt, wt = np.ascontiguousarray(problem.x.T), np.ascontiguousarray(problem.w.T)
    return kernels.misfit(
        xt, wt, np.ascontiguousarray(g), np.ascontiguousarray(f), HUBER, problem.robust, room, room.copy()
    )
