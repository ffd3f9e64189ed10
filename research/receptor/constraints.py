"""What a person knows of a source, put upon a solution: elements that are fixed, bounded, pulled or tied; and rotation.

Always from a base solution, whose sum tells what the knowledge costs: dQ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from research.receptor.problem import FREE, HELD, Fit, Problem, Terms, fitted, no_terms, sums
from research.receptor.refusals import ReceptorError
from research.receptor.solution import Solution, solution_of

TOLERANCE, MOST = 1e-4, 20_000
FIRM = 1e6
"""A tie weighs so many times what the data weigh."""
PULL_STEPS = 18
ROUNDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The element of a factor (its place from 0) and species lies within bounds [unit of the table], at a mean contribution of 1;
    both 0: the species is not in the factor."""

    factor: int
    species: str
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """The element is pulled towards a value [unit of the table] as far as the allowed dQ lets it go."""

    factor: int
    species: str
    to: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The species is so many times the other one in a factor."""

    factor: int
    species: str
    other: str
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AValue:
    """The whole profile of a factor keeps the proportions of a known one, each species up to a share a of its own [1].

    profile: float64 (species of the solution,), in any scale; NaN leaves a species free.
    Source: the a-value of Canonaco et al. 2013, Atmos. Meas. Tech. 6:3649.
    """

    factor: int
    profile: Sequence[float]
    a: float = 0.1


Constraint = Between | Pull | Ratio | AValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Constrained:
    """A solution under constraints, by how much its sum rose over the base's, and the same of Q(robust), in units and in %."""

    solution: Solution
    dq: float
    dq_robust: float

    @property
    def dq_pct(self) -> float:
        """Give dQ in % of the base's sum."""
        return 100.0 * self.dq / (self.solution.objective - self.dq)

    @property
    def dq_robust_pct(self) -> float:
        """Give the rise of Q(robust) in % of the base's."""
        return 100.0 * self.dq_robust / (self.solution.q_robust - self.dq_robust)

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return {
            "dq": self.dq,
            "dq_pct": self.dq_pct,
            "dq_robust": self.dq_robust,
            "dq_robust_pct": self.dq_robust_pct,
            "solution": self.solution.as_record(),
        }


def constrain(base: Solution, constraints: Sequence[Constraint], *, allowed_pct: float = 0.5) -> Constrained:
    """Fit again from a base solution under constraints.

    allowed_pct: by how much pulls may raise the sum, in % of it; bounds, ratios and a-values are kept whatever they cost.
    Errors: ReceptorError for an unknown factor or species, bounds that cross, negative values, what contradicts itself.
    Source: Paatero and Hopke 2009, J. Chemom. 23:91; EPA/600/R-14/108.
    """
    if not constraints:
        raise ReceptorError("no constraint is given, expected one at least")
    for each in constraints:
        _require(base, each)
    pulls = [each for each in constraints if isinstance(each, Pull)]
    problem, terms = base.problem, _terms(base, constraints)
    start = Fit(base.g, np.clip(base.f, terms.f_low, terms.f_high), base.objective, base.q_true, base.q_robust, 0)
    means = FREE if any(isinstance(each, AValue) for each in constraints) else HELD

    def fit_with(strength: float, begun: Fit) -> Fit:
        given = _with_pulls(base, terms, pulls, strength) if pulls else terms
        return _judged(
            problem, fitted(problem, begun.g, begun.f, tolerance=TOLERANCE, most=MOST, means=means, terms=given)
        )

    fit = fit_with(0.0, start)
    if pulls:
        fit = _pulled(fit_with, fit, allowed_pct / 100.0 * base.objective)
    return _told(base, fit)


def rotate(base: Solution, strength: float) -> Constrained:
    """Rotate a solution: a strength above 0 makes profiles unlike each other, below 0 contributions (Fpeak).

    What is added to the sum is strength times the overlap of profiles, sum over pairs of factors and species of the product of
    their shares, or of contributions, over samples; scaled so that 1 costs what the data weigh in the mean. The strengths of EPA
    PMF 5 are on another scale: compare by dQ. A strength of 0 is the base.
    Errors: ReceptorError for a strength that is no number.
    Source: Paatero et al. 2002, Chemom. Intell. Lab. Syst. 60:253.
    """
    if not np.isfinite(strength):
        raise ReceptorError(f"strength of the rotation is {strength}, expected a number")
    if strength == 0.0:
        return Constrained(solution=base, dq=0.0, dq_robust=0.0)
    problem = base.problem
    fit = Fit(base.g, base.f, base.objective, base.q_true, base.q_robust, 0)
    total = np.maximum(base.f.sum(axis=1, keepdims=True), 1e-300)
    of_f = abs(strength) * base.objective / base.f.shape[0] / total**2 / base.factors
    of_g = abs(strength) * base.objective / base.g.shape[0] / base.factors**2
    before = np.inf
    for _ in range(ROUNDS):
        terms = no_terms(base.factors)
        if strength > 0:
            terms = terms._replace(f_pull=-0.5 * of_f * (fit.f.sum(axis=1, keepdims=True) - fit.f))
        else:
            terms = terms._replace(g_pull=-0.5 * of_g * (fit.g.sum(axis=1, keepdims=True) - fit.g))
        fit = _judged(problem, fitted(problem, fit.g, fit.f, tolerance=1e-3, most=2000, means=HELD, terms=terms))
        if abs(before - fit.objective) < 1e-4 * base.objective:
            break
        before = fit.objective
    return _told(base, fit)


def _require(base: Solution, each: Constraint) -> None:
    if not 0 <= each.factor < base.factors:
        raise ReceptorError(f"factor number is {each.factor + 1}, expected 1 to {base.factors}")
    for name in (getattr(each, key) for key in ("species", "other") if hasattr(each, key)):
        if name not in base.species:
            raise ReceptorError(f"{name!r} is not modelled, expected one of {', '.join(base.species)}")
    if isinstance(each, Between) and not 0.0 <= each.low <= each.high:
        raise ReceptorError(f"bounds of {each.species} are {each.low:g} and {each.high:g}, expected 0 <= low <= high")
    if isinstance(each, Pull) and not (np.isfinite(each.to) and each.to >= 0.0):
        raise ReceptorError(f"{each.species} is pulled to {each.to:g}, expected a number from 0")
    if isinstance(each, Ratio) and not (np.isfinite(each.ratio) and each.ratio > 0.0 and each.species != each.other):
        raise ReceptorError(
            f"{each.species} is to be {each.ratio:g} times {each.other}, expected another species and a ratio above 0"
        )
    if isinstance(each, AValue):
        known = np.asarray(each.profile, np.float64)
        if known.shape != (len(base.species),) or (known < 0).any() or not np.nansum(known) > 0:
            raise ReceptorError(
                f"the known profile has the shape {known.shape}, expected {len(base.species)} values from 0, not all 0"
            )
        if not 0.0 <= each.a <= 1.0:
            raise ReceptorError(f"the a-value is {each.a:g}, expected 0 to 1")


def _terms(base: Solution, constraints: Sequence[Constraint]) -> Terms:
    terms = no_terms(base.factors)
    low, high = np.zeros(base.f.shape), np.full(base.f.shape, np.inf)
    ties: list[list[float]] = []
    for each in constraints:
        k = each.factor
        if isinstance(each, Between):
            j = base.species.index(each.species)
            low[j, k], high[j, k] = max(low[j, k], each.low), min(high[j, k], each.high)
        elif isinstance(each, AValue):
            if any(isinstance(other, Between | Pull) and not (isinstance(other, Between) and other.high == 0.0)
                   for other in constraints):  # fmt: skip
                raise ReceptorError(
                    "an a-value leaves the scale of a factor free, expected no bounds or pulls in units beside it"
                )
            known = np.asarray(each.profile, np.float64)
            there = np.isfinite(known)
            known = (
                known * (known[there] @ base.f[there, k]) / (known[there] @ known[there])
            )  # about the scale of the base
            low[there, k], high[there, k] = (1.0 - each.a) * known[there], (1.0 + each.a) * known[there]
        elif isinstance(each, Ratio):
            a, b = base.species.index(each.species), base.species.index(each.other)
            ties.append([k, a, b, each.ratio, FIRM * float((base.problem.w[:, a] * base.g[:, k] ** 2).sum())])
    if (low > high).any():
        j, k = np.argwhere(low > high)[0]
        raise ReceptorError(
            f"the constraints leave no value for {base.species[j]} in factor {k + 1}, expected bounds that meet"
        )
    if ties:
        terms = terms._replace(pairs=np.array(ties), groups=_groups(ties))
    return terms._replace(f_low=low, f_high=high)


def _groups(ties: Sequence[Sequence[float]]) -> np.ndarray:
    """Give the species that ties bind together, -1 behind them, int64 (group, most)."""
    groups: list[set[int]] = []
    for _, a, b, *_ in ties:
        joined = {int(a), int(b)}.union(*(each for each in groups if each & {int(a), int(b)}))
        groups = [each for each in groups if not each & joined] + [joined]
    most = max(map(len, groups))
    return np.array([sorted(each) + [-1] * (most - len(each)) for each in groups], np.int64)


def _with_pulls(base: Solution, terms: Terms, pulls: Sequence[Pull], strength: float) -> Terms:
    more, pull = np.zeros(base.f.shape), np.zeros(base.f.shape)
    for each in pulls:
        j = base.species.index(each.species)
        weight = strength * float((base.problem.w[:, j] * base.g[:, each.factor] ** 2).sum())
        more[j, each.factor] += weight
        pull[j, each.factor] += weight * each.to
    return terms._replace(f_more=more, f_pull=pull)


def _pulled(fit_with: Callable[[float, Fit], Fit], free: Fit, allowed: float) -> Fit:
    """Find the strongest pull that raises the sum by no more than is allowed beyond what the other constraints cost."""
    weak, strong, best = 1e-4, 1e5, free
    fit = fit_with(strong, free)
    if fit.objective - free.objective <= allowed:
        return fit
    for _ in range(PULL_STEPS):
        middle = float(np.sqrt(weak * strong))
        fit = fit_with(middle, best)
        if fit.objective - free.objective <= allowed:
            weak, best = middle, fit
        else:
            strong = middle
    return best


def _judged(problem: Problem, fit: Fit) -> Fit:
    """Give the fit with the sums of the data alone."""
    total, true, robust = sums(problem, fit.g, fit.f)
    return fit._replace(objective=float(total), q_true=float(true), q_robust=float(robust))


def _told(base: Solution, fit: Fit) -> Constrained:
    found = solution_of(base.table, base.settings, fit, names=base.names)
    return Constrained(solution=replace(found, runs=base.runs), dq=fit.objective - base.objective,
                       dq_robust=fit.q_robust - base.q_robust)  # fmt: skip
