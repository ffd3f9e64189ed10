"""Many random starts, the best of them, and how many ended there."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from research.receptor.problem import HELD, Fit, Problem, fitted, problem_of
from research.receptor.refusals import ReceptorError
from research.receptor.solution import Run, Settings, Solution, solution_of
from research.receptor.table import Table, require_signal

TIGHT = 1e-5
"""How little the sum of what is kept may still fall in a window of steps."""
SETTLED, CREEPING = 1e-4, 1e-2
"""How little the sum of a start may still fall; with a floor it creeps on along flat directions, and the best is settled later."""
FIRST_PASS = 1.0
"""Where the plain sum fell by less, the robust one takes over: begun at once it locks on to the wrong outliers."""
MOST_STEPS, MOST_TIGHT = 3000, 20_000
NEAR_PCT, POLISHED = 0.2, 6
"""So near to the best and so many of the runs are settled, with means that are held, before one of them is taken to its end."""
HIT_PCT = 0.02
LEAST_Q, ROUNDING = 1.0, 1e-5
"""Data are of the rank that leaves less than this of Q, or a singular value below this share of the largest."""


def factorise(
    table: Table, *, factors: int, starts: int = 100, seed: int = 1, robust: bool = True, floor: float = 0.0,
    tolerance: float | None = None, hit_pct: float = HIT_PCT, threads: int | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Solution:  # fmt: skip
    """Factorise a table: of many random starts the one with the lowest Q.

    factors: how many. robust: minimise Huber's sum, after the plain one, and choose by Q(robust); else by Q(true). floor: how
    far below 0 a contribution of mean 1 may go, 0 or -0.2 as EPA PMF 5. tolerance: a start ends where its sum fell by less in
    twenty steps; 1e-4, or 1e-2 with a floor below 0, unless given: without a floor a looser one stops on plateaus. hit_pct: a run
    within so many percent of the best is a hit. tell: is told how many of how many starts are done; what it raises ends the
    work. The same seed gives the same answer with any number of threads.
    Missing: values without a number count as the table says.
    Errors: ReceptorError where there are more factors than the data have rank, a species is 0 throughout, or a setting makes no
    sense.
    Source: Paatero and Tapper 1994, Environmetrics 5:111; Paatero 1997, Chemom. Intell. Lab. Syst. 37:23.
    """
    require_signal(table)
    problem = problem_of(table, robust=robust, floor=floor)
    require_factors(problem, factors)
    if starts < 1:
        raise ReceptorError(f"starts are {starts}, expected one at least")
    tolerance = (CREEPING if floor < 0.0 else SETTLED) if tolerance is None else tolerance
    settings = Settings(factors=factors, starts=starts, seed=seed, robust=robust, floor=floor, tolerance=tolerance,
                        hit_pct=hit_pct)  # fmt: skip
    fits = in_turn(
        lambda n: from_start(problem, factors, [seed, n], tolerance), range(starts), threads=threads, tell=tell
    )
    sums = np.array([_chosen_by(problem, fit) for fit in fits])
    near = [
        int(n) for n in np.argsort(sums, kind="stable")[:POLISHED] if sums[n] <= sums.min() * (1.0 + NEAR_PCT / 100.0)
    ]
    settled = in_turn(lambda n: to_the_end(problem, fits[n], tolerance=tolerance), near, threads=threads)
    for n, fit in zip(near, settled, strict=True):
        fits[n], sums[n] = fit, _chosen_by(problem, fit)
    best = min(near, key=lambda n: sums[n])
    fits[best] = to_the_end(problem, fits[best])
    sums[best] = _chosen_by(problem, fits[best])
    runs = tuple(Run(n + 1, *map(float, (fit.q_true, fit.q_robust, fit.objective)), int(fit.steps), fit.steps < MOST_STEPS
                     or n in near) for n, fit in enumerate(fits))  # fmt: skip
    hits = int((sums <= sums[best] * (1.0 + hit_pct / 100.0)).sum())
    return solution_of(table, settings, in_order(fits[best]), runs=runs, run=best + 1, hits=hits)


def from_start(problem: Problem, factors: int, seed: Sequence[int], tolerance: float) -> Fit:
    """Fit from one random start: normal contributions and profiles around their means, folded at 0; first plain, then robust."""
    chance = np.random.default_rng(seed)
    n, m = problem.x.shape
    count = (problem.w > 0).sum(axis=0)
    mean = np.maximum(problem.x.sum(axis=0) / np.maximum(count, 1), 1e-12)
    g, f = np.abs(chance.normal(1.0, 1.0, (n, factors))), np.abs(chance.normal(1.0, 1.0, (m, factors)))
    f *= mean[:, None] / factors
    if problem.robust:
        g, f, *_ = fitted(problem, g, f, tolerance=FIRST_PASS, most=MOST_STEPS, robust=False)
    return fitted(problem, g, f, tolerance=tolerance, most=MOST_STEPS)


def to_the_end(problem: Problem, fit: Fit, *, tolerance: float = TIGHT) -> Fit:
    """Take a fit to its very end; with a floor below 0 by forces that hold the means."""
    return fitted(
        problem, fit.g, fit.f, tolerance=tolerance, most=MOST_TIGHT, means=HELD if problem.floor < 0 else None
    )


def in_order(fit: Fit) -> Fit:
    """Order the factors by how much of the species they explain, the most first."""
    total = fit.f.sum(axis=1, keepdims=True)
    order = np.argsort(-(fit.f / np.where(total > 0, total, 1.0)).sum(axis=0), kind="stable")
    return fit._replace(g=np.ascontiguousarray(fit.g[:, order]), f=np.ascontiguousarray(fit.f[:, order]))


def require_factors(problem: Problem, factors: int) -> None:
    """Raise ReceptorError where so many factors cannot be told apart in the data."""
    if factors < 1:
        raise ReceptorError(f"factors are {factors}, expected one at least")
    rank = _rank(problem)
    if factors > rank:
        n, m = problem.x.shape
        raise ReceptorError(f"{factors} factors are asked of data of rank {rank} ({n} samples, {m} species), expected {rank} at "
                            f"most")  # fmt: skip


def _rank(problem: Problem) -> int:
    """Give how many factors, of any sign, leave nothing but rounding: figures of a file are never of a rank exactly."""
    scale = np.sqrt(problem.w.mean(axis=0))
    left, sizes, right = np.linalg.svd(problem.x * scale, full_matrices=False)
    rest = problem.x * scale
    for rank in range(1, sizes.size):
        rest = rest - sizes[rank - 1] * np.outer(left[:, rank - 1], right[rank - 1])
        if sizes[rank] <= ROUNDING * sizes[0] or (problem.w * (rest / scale) ** 2).sum() < LEAST_Q:
            return rank
    return sizes.size


def in_turn(
    work: Callable[[Any], Any],
    items: Sequence[Any],
    *,
    threads: int | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> list[Any]:
    """Work through items, some at a time, and give what came of each in their order; tell is told after each."""
    with ThreadPoolExecutor(threads or min(os.cpu_count() or 1, 8)) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            found = []
            for each in futures:
                found.append(each.result())
                if tell is not None:
                    tell(len(found), len(items))
            return found
        except BaseException:
            for each in futures:
                each.cancel()
            raise


def _chosen_by(problem: Problem, fit: Fit) -> float:
    return fit.q_robust if problem.robust else fit.q_true
