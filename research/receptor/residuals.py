"""How well each species is told: the regression of what is modelled on what was measured, and what lies far off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import kstest

from research.receptor.solution import Solution

FAR = 3.0


@dataclass(frozen=True, slots=True)
class Regression:
    """Modelled against measured of one species: intercept and standard error [unit], slope [1], r2 [1], share beyond 3 [%].

    ks, ks_p: greatest distance of its scaled residuals from a normal distribution of their mean and spread [1], and how probable
    one as great is.
    """

    species: str
    intercept: float
    slope: float
    error: float
    r2: float
    far_pct: float
    ks: float
    ks_p: float


def regressions(solution: Solution) -> tuple[Regression, ...]:
    """Regress what is modelled on what was measured, a species at a time.

    Missing: values that are missing or left out count for nothing; NaN for a species of which all values are the same.
    Source of the test: the one that reproduces what EPA PMF 5 prints, Kolmogorov and Smirnov's with its limit for many samples; as
    mean and spread come from the same residuals, the probability is too high.
    """
    table, used = solution.table, solution.table.used
    measured, modelled = table.concentration[np.ix_(used, table.modelled)], solution.modelled()[used]
    scaled, found = solution.scaled_residuals()[used], []
    for j, name in enumerate(solution.species):
        there = np.isfinite(measured[:, j])
        x, y = measured[there, j], modelled[there, j]
        if x.size < 3 or np.ptp(x) == 0.0:
            found.append(Regression(name, *[np.nan] * 7))
            continue
        slope, intercept = np.polyfit(x, y, 1)
        off = y - slope * x - intercept
        r2 = np.corrcoef(x, y)[0, 1] ** 2 if np.ptp(y) > 0 else 0.0
        error = np.sqrt((off**2).sum() / (x.size - 2))
        far = 100.0 * (np.abs(scaled[there, j]) > FAR).mean()
        told = map(float, (intercept, slope, error, r2, far, *_normal(scaled[there, j])))
        found.append(Regression(name, *told))
    return tuple(found)


def far_off(solution: Solution, limit: float = FAR) -> list[tuple[str, np.datetime64, float]]:
    """Give species, time and scaled residual of all that lies beyond a limit, by species and time."""
    scaled = solution.scaled_residuals()
    places = np.argwhere(np.abs(np.nan_to_num(scaled.T)) > limit)
    return [(solution.species[j], solution.table.times[i], float(scaled[i, j])) for j, i in places]


def _normal(scaled: np.ndarray) -> tuple[float, float]:
    spread = scaled.std(ddof=1)
    if not spread > 0.0:
        return np.nan, np.nan
    found = kstest((scaled - scaled.mean()) / spread, "norm", method="asymp")
    return float(found.statistic), float(found.pvalue)
