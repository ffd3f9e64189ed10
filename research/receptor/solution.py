"""What a factorisation gives: contributions, profiles, sums and runs; residuals, shares, and the whole as plain JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from research.receptor.problem import Fit, Problem, problem_of
from research.receptor.table import WEAK, Table, signal_to_noise

NO_UNIT = "the table names no one unit of all its species"
"""Why the unit of a record is null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a factorisation was made. hit_pct: a run within so many percent of the best sum is a hit of it."""

    factors: int
    starts: int
    seed: int
    robust: bool
    floor: float
    tolerance: float
    hit_pct: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run from a random start: its number from 1, Q(true), Q(robust), the sum that was minimised, steps, and its end."""

    number: int
    q_true: float
    q_robust: float
    objective: float
    steps: int
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A factorisation of a table.

    contributions: float64 (sample, factor), mean 1 over the used samples, NaN in others. profiles: float64 (factor, species)
    [unit of the table], of the modelled species. run: number of the run it came from, 0 for a constrained or given one. hits:
    how many runs ended at the best. names: of the factors, as a person gave them.
    """

    table: Table
    settings: Settings
    contributions: np.ndarray
    profiles: np.ndarray
    q_true: float
    q_robust: float
    q_expected: float
    objective: float
    runs: tuple[Run, ...]
    run: int
    hits: int
    names: tuple[str, ...]

    @property
    def species(self) -> tuple[str, ...]:
        """Give the species of the profiles."""
        return self.table.names

    @property
    def factors(self) -> int:
        """Give the number of factors."""
        return self.profiles.shape[0]

    @property
    def problem(self) -> Problem:
        """Give what the kernels were given."""
        return problem_of(self.table, robust=self.settings.robust, floor=self.settings.floor)

    @property
    def g(self) -> np.ndarray:
        """Give the contributions of the used samples, as the kernels take them."""
        return np.ascontiguousarray(self.contributions[self.table.used])

    @property
    def f(self) -> np.ndarray:
        """Give the profiles as (species, factor), as the kernels take them."""
        return np.ascontiguousarray(self.profiles.T)

    def shares(self) -> np.ndarray:
        """Give which share of each species the factors explain [1], (factor, species): they sum to 1; NaN where none does."""
        total = self.profiles.sum(axis=0)
        return self.profiles / np.where(total > 0, total, np.nan)

    def composition(self) -> np.ndarray:
        """Give which share of each factor its species make [1], (factor, species); NaN for a factor of nothing."""
        total = self.profiles.sum(axis=1, keepdims=True)
        return self.profiles / np.where(total > 0, total, np.nan)

    def modelled(self) -> np.ndarray:
        """Give what the factors explain of each sample and species [unit], (sample, species), NaN in samples not used."""
        return self.contributions @ self.profiles

    def scaled_residuals(self) -> np.ndarray:
        """Give residuals over the uncertainty that they were weighed by [1], (sample, species), NaN where there is no value."""
        problem, found = self.problem, np.full((self.table.times.size, len(self.species)), np.nan)
        off = (problem.x - self.g @ self.profiles) * np.sqrt(problem.w)
        found[self.table.used] = np.where(problem.w > 0, off, np.nan)
        return found

    def as_record(self, **intervals: Any) -> dict[str, Any]:
        """Give all of it as plain JSON; intervals: what displacement, bootstrap or others found, each by its own as_record."""
        used = self.table.used
        noise = signal_to_noise(self.table.concentration[used], self.table.uncertainty[used])
        return {
            "format": "receptor/1", "source": self.table.source, "simulated": self.table.simulated, "digest": self.table.digest(),
            "unit": self.table.unit or None, "unit_reason": None if self.table.unit else NO_UNIT,
            "settings": asdict(self.settings), "extra_pct": self.table.extra_pct,
            "species": list(self.species), "names": list(self.names), "run": self.run, "hits": self.hits,
            "categories": dict(zip(self.table.species, self.table.category, strict=True)),
            "signal_to_noise": dict(zip(self.table.species, plain(noise), strict=True)),
            "times": [str(each) for each in self.table.times], "used": self.table.used.tolist(),
            "q": {"true": self.q_true, "robust": self.q_robust, "expected": self.q_expected, "minimised": self.objective},
            "profiles": plain(self.profiles), "shares": plain(self.shares()), "contributions": plain(self.contributions),
            "runs": [asdict(each) for each in self.runs], **{name: each.as_record() for name, each in intervals.items()},
        }  # fmt: skip


def solution_of(
    table: Table, settings: Settings, fit: Fit, *, runs: tuple[Run, ...] = (), run: int = 0, hits: int = 0,
    names: tuple[str, ...] | None = None,
) -> Solution:  # fmt: skip
    """Lay a fit out as a solution, its factors in the order in which they stand."""
    contributions = np.full((table.times.size, fit.f.shape[1]), np.nan)
    contributions[table.used] = fit.g
    return Solution(
        table=table, settings=settings, contributions=contributions, profiles=np.ascontiguousarray(fit.f.T),
        q_true=float(fit.q_true), q_robust=float(fit.q_robust), q_expected=q_expected(table, settings.factors),
        objective=float(fit.objective), runs=runs, run=run, hits=hits,
        names=names or tuple(f"Factor {k + 1}" for k in range(settings.factors)),
    )  # fmt: skip


def q_expected(table: Table, factors: int) -> float:
    """Give the expected Q: values of species that are not weak, less the elements of contributions and profiles.

    Source: EPA PMF 5.0 User Guide, EPA/600/R-14/108. Missing values count for nothing. Not below 1.
    """
    rows = table.concentration[np.ix_(table.used, table.modelled)]
    strong = [table.category[j] != WEAK for j in table.modelled]
    return float(max(int((~np.isnan(rows[:, strong])).sum()) - factors * (rows.shape[0] + rows.shape[1]), 1))


def plain(values: np.ndarray) -> Any:
    """Give an array as nested lists, None for what is not a number."""
    return np.where(np.isfinite(values), values, None).tolist()
