"""How well each species is told: the regression of what is modelled on what was measured, and what lies far off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.receptor.solution import Solution

FAR = 3.0


@dataclass(frozen=True, slots=True)
class Regression:
    """Modelled against measured of one species: intercept and standard error [unit], slope [1], r2 [1], share beyond 3 [%]."""

    species: str
    intercept: float
    slope: float
    error: float
    r2: float
    far_pct: float


def regressions(solution: Solution) -> tuple[Regression, ...]:
    """Regress what is modelled on what was measured, a species at a time.

    Missing: values that are missing or left out count for nothing; NaN for a species of which all values are the same.
    """
    table, used = solution.table, solution.table.used
    measured, modelled = table.concentration[np.ix_(used, table.modelled)], solution.modelled()[used]
    scaled, found = solution.scaled_residuals()[used], []
    for j, name in enumerate(solution.species):
        there = np.isfinite(measured[:, j])
        x, y = measured[there, j], modelled[there, j]
        if x.size < 3 or np.ptp(x) == 0.0:
            found.append(Regression(name, *[np.nan] * 4, np.nan))
            continue
        slope, intercept = np.polyfit(x, y, 1)
        off = y - slope * x - intercept
        r2 = np.corrcoef(x, y)[0, 1] ** 2 if np.ptp(y) > 0 else 0.0
        error = np.sqrt((off**2).sum() / (x.size - 2))
        far = 100.0 * (np.abs(scaled[there, j]) > FAR).mean()
        found.append(Regression(name, float(intercept), float(slope), float(error), float(r2), float(far)))
    return tuple(found)


def far_off(solution: Solution, limit: float = FAR) -> list[tuple[str, np.datetime64, float]]:
    """Give species, time and scaled residual of all that lies beyond a limit, by species and time."""
    scaled = solution.scaled_residuals()
    places = np.argwhere(np.abs(np.nan_to_num(scaled.T)) > limit)
    return [(solution.species[j], solution.table.times[i], float(scaled[i, j])) for j, i in places]
