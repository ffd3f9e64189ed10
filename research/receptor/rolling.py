"""Factors through time: windows that roll over a record, and contributions of new hours to factors that are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from research.receptor.displacement import nearest
from research.receptor.factorise import TIGHT, from_start, in_turn, to_the_end
from research.receptor.problem import HUBER, fitted, problem_of
from research.receptor.refusals import ReceptorError
from research.receptor.rows import products, solve_rows
from research.receptor.solution import Solution, plain
from research.receptor.table import Table, rows_of

LEAST_R = 0.6
FITS = 60
"""Passes of robust weights at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """Factors of windows, in the order of the base.

    starts, ends: datetime64[m] (window,), first and last sample. profiles: float64 (window, factor, species) [unit of the table].
    r: (window, factor), of the contributions with the base's. contributions: (sample, factor) in the scale of the base's
    profiles' sums [1], the mean over the windows that hold the sample and know the factor; NaN where none does. spread: their
    standard deviation over the windows, NaN below two.
    """

    base: Solution
    starts: np.ndarray
    ends: np.ndarray
    profiles: np.ndarray
    r: np.ndarray
    contributions: np.ndarray
    spread: np.ndarray

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return {
            "starts": [str(each) for each in self.starts], "ends": [str(each) for each in self.ends], "r": plain(self.r),
            "profiles": plain(self.profiles), "contributions": plain(self.contributions), "spread": plain(self.spread),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHours:
    """Contributions of samples to factors that are known.

    contributions: float64 (sample, factor), in the scale of the known profiles, NaN for a sample without a value. residual:
    (sample,), the root mean square of its scaled residuals [1]; strange: bool (sample,), whether that is beyond what 99 % of the
    samples had that the factors were learned from: then there is a source that the factors do not know.
    """

    times: np.ndarray
    names: tuple[str, ...]
    contributions: np.ndarray
    residual: np.ndarray
    strange: np.ndarray
    simulated: bool

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return {
            "times": [str(each) for each in self.times], "names": list(self.names), "contributions": plain(self.contributions),
            "residual": plain(self.residual), "strange": self.strange.tolist(), "simulated": self.simulated,
        }  # fmt: skip


def roll(
    base: Solution, *, window: np.timedelta64, step: np.timedelta64, starts: int = 0, least: int = 30,
    threads: int | None = None, tell: Callable[[int, int], None] | None = None,
) -> Rolled:  # fmt: skip
    """Fit window after window of a record, each from the base and from random starts, and lay the factors in the base's order.

    window, step: their length and by how much they move on. least: windows with fewer used samples are left out. tell: as
    factorise.
    Errors: ReceptorError where no window has so many samples, or a length is not above 0.
    Source: Parworth et al. 2015, Atmos. Environ. 111:52; Canonaco et al. 2021, Atmos. Meas. Tech. 14:923.
    """
    if window <= np.timedelta64(0, "m") or step <= np.timedelta64(0, "m"):
        raise ReceptorError(f"window and step are {window} and {step}, expected lengths above 0")
    times, used = base.table.times, base.table.used
    firsts = np.arange(times.min(), times.max() - window + step, step)
    inside = [(times >= first) & (times < first + window) for first in firsts]
    inside = [each for each in inside if (each & used).sum() >= max(least, base.factors + 1)]
    if not inside:
        raise ReceptorError(f"no window of {window} has {max(least, base.factors + 1)} samples, expected a longer one")
    found = in_turn(lambda rows: _window(base, rows, starts), inside, threads=threads, tell=tell)
    profiles, r = np.array([each[0] for each in found]), np.array([each[1] for each in found])
    laid = np.full((len(inside), times.size, base.factors), np.nan)
    scale = np.maximum(base.profiles.sum(axis=1), 1e-300)
    for n, rows in enumerate(inside):
        laid[n, rows & used] = np.where(r[n] >= LEAST_R, found[n][2] * profiles[n].sum(axis=1) / scale, np.nan)
    count = np.isfinite(laid).sum(axis=0)
    mean = np.where(count > 0, np.nansum(laid, axis=0) / np.maximum(count, 1), np.nan)
    square = np.nansum((laid - mean) ** 2, axis=0)
    spread = np.where(count > 1, np.sqrt(square / np.maximum(count - 1, 1)), np.nan)
    return Rolled(base=base, starts=np.array([times[rows & used].min() for rows in inside]),
                  ends=np.array([times[rows & used].max() for rows in inside]), profiles=profiles, r=r,
                  contributions=mean, spread=spread)  # fmt: skip


def contributions_of(known: Solution, table: Table) -> NewHours:
    """Give what the factors of a solution contributed to the samples of a table: new hours as they come.

    Robust and with the floor as the solution was made. Others as contributions_to, which has no measure of what is strange.
    """
    if table.unit and known.table.unit and table.unit != known.table.unit:
        raise ReceptorError(
            f"{table.source or 'the table'} is in {table.unit}, expected {known.table.unit} as the factors"
        )
    usual = np.percentile(_rms(known.problem.x, known.problem.w, known.g, known.profiles), 99.0)
    found = contributions_to(known.profiles, known.species, table, names=known.names, robust=known.settings.robust,
                             floor=known.settings.floor, usual=float(usual))  # fmt: skip
    return replace(found, simulated=found.simulated or known.table.simulated)


def contributions_to(
    profiles: np.ndarray, species: Sequence[str], table: Table, *, names: Sequence[str], robust: bool = True, floor: float = 0.0,
    usual: float = np.inf,
) -> NewHours:  # fmt: skip
    """Give what known profiles (factor, species) contributed to the samples of a table, held as they are.

    table: with the species of the profiles, in any order; further ones are left aside. floor: of the contribution of a sample
    in the scale of the profiles. usual: the residual beyond which a sample is strange.
    Missing: a value without a number counts as the table says; a sample that is not used is NaN.
    Errors: ReceptorError where a species is missing.
    """
    if without := [each for each in species if each not in table.names]:
        raise ReceptorError(
            f"{table.source or 'the table'} has no {without[0]}, expected all {len(species)} species of the factors"
        )
    problem = problem_of(table, robust=robust, floor=floor)
    order = [table.names.index(each) for each in species]
    x, w = problem.x[:, order], problem.w[:, order]
    g = _held_profiles(x, w, np.ascontiguousarray(profiles.T), floor, robust)
    found, residual = np.full((table.times.size, len(profiles)), np.nan), np.full(table.times.size, np.nan)
    found[table.used], residual[table.used] = g, _rms(x, w, g, profiles)
    return NewHours(times=table.times, names=tuple(names), contributions=found, residual=residual,
                    strange=np.nan_to_num(residual) > usual, simulated=table.simulated)  # fmt: skip


def _held_profiles(x: np.ndarray, w: np.ndarray, f: np.ndarray, floor: float, robust: bool) -> np.ndarray:
    p = f.shape[1]
    packed, g = np.empty((f.shape[0], p * (p + 1) // 2)), np.zeros((x.shape[0], p))
    products(f, packed)
    low, high, none = np.full((1, p), floor), np.full((1, p), np.inf), np.empty((0, p))
    weights = w
    for _ in range(FITS if robust else 1):
        before = g.copy()
        right = np.ascontiguousarray(((weights * x) @ f).T)
        solve_rows(np.ascontiguousarray((weights @ packed).T), right, none, low, high, g, np.empty((0, 0)))
        if np.abs(g - before).max(initial=0.0) < 1e-9:
            break
        r = np.abs(x - g @ f.T) * np.sqrt(w)
        weights = w * np.where(r > HUBER, HUBER / np.maximum(r, HUBER), 1.0)
    return g


def _rms(x: np.ndarray, w: np.ndarray, g: np.ndarray, profiles: np.ndarray) -> np.ndarray:
    count = np.maximum((w > 0).sum(axis=1), 1)
    return np.sqrt((w * (x - g @ profiles) ** 2).sum(axis=1) / count)


def _window(base: Solution, rows: np.ndarray, starts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = rows_of(base.table, rows)
    problem = problem_of(table, robust=base.settings.robust, floor=base.settings.floor)
    g = base.contributions[rows & base.table.used]
    best = fitted(problem, g, base.f, tolerance=1e-2)
    for n in range(starts):
        fit = from_start(problem, base.factors, [base.settings.seed, n], 1e-2)
        best = fit if fit.objective < best.objective else best
    best = to_the_end(problem, best, tolerance=100 * TIGHT)
    p = base.factors
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.nan_to_num(np.corrcoef(best.g.T, g.T)[:p, p:])
    taken, columns = linear_sum_assignment(-r)
    order = taken[np.argsort(columns)]
    same = nearest(best.g[:, order], g) == np.arange(p)
    return (
        best.f[:, order].T,
        np.where(same, r[order, np.arange(p)], np.minimum(r[order, np.arange(p)], 0.0)),
        best.g[:, order],
    )
