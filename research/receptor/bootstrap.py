"""BS and BS-DISP: how far profiles move when samples are drawn anew in blocks, and when elements are displaced in each draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from research.receptor.displacement import BS_LEVELS, Side, displaced, nearest
from research.receptor.factorise import TIGHT, from_start, in_turn, to_the_end
from research.receptor.problem import Fit, Problem, fitted
from research.receptor.refusals import ReceptorError
from research.receptor.solution import Solution, plain

PERCENTILES = (5.0, 25.0, 50.0, 75.0, 95.0)
LEAST_R = 0.6
"""A factor of a draw is mapped to the base factor whose contributions it resembles most, from this r on (EPA PMF 5)."""
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """Profiles of resampled data.

    mapped: int64 (factor, factor + 1), how often a factor of a draw was which base factor, unmapped last. percentiles: float64
    (PERCENTILES, factor, species) [unit of the table] over what was mapped, NaN where nothing was. lower: in how many draws a
    random start ended lower than the start from the base. block: samples in a block.
    """

    resamples: int
    block: int
    starts: int
    seed: int
    least_r: float
    species: tuple[str, ...]
    mapped: np.ndarray
    percentiles: np.ndarray
    lower: int

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return {
            "resamples": self.resamples, "block": self.block, "starts": self.starts, "seed": self.seed, "least_r": self.least_r,
            "species": list(self.species), "mapped": self.mapped.tolist(), "percents": list(PERCENTILES),
            "percentiles": plain(self.percentiles), "lower": self.lower,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapDisplacement:
    """Displacement in resampled data. low, high: (level, factor, species), the 5th and 95th percentile over accepted draws.

    displaced: the species that were, NaN for the others. accepted: draws whose factors are those of the base and changed no places
    at the lowest level. swaps: int64 (level, factor), over all draws that were displaced.
    """

    levels: tuple[float, ...]
    species: tuple[str, ...]
    displaced: tuple[str, ...]
    resamples: int
    accepted: int
    swapped_in_best: int
    low: np.ndarray
    high: np.ndarray
    swaps: np.ndarray
    largest_decrease: float

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return {
            "levels": list(self.levels), "species": list(self.species), "displaced": list(self.displaced),
            "resamples": self.resamples, "accepted": self.accepted,
            "swapped_in_best": self.swapped_in_best, "low": plain(self.low), "high": plain(self.high),
            "swaps": self.swaps.tolist(), "largest_decrease": self.largest_decrease,
        }  # fmt: skip


def bootstrap(
    solution: Solution, *, resamples: int = 100, block: int | None = None, starts: int = 0, seed: int = 1,
    least_r: float = LEAST_R, threads: int | None = None, tell: Callable[[int, int], None] | None = None,
) -> Bootstrap:  # fmt: skip
    """Fit data that are drawn anew in blocks of consecutive samples, from the base and from random starts, and map the factors.

    block: samples in a block, the cube root of their number unless given (the order of Politis and White 2004). starts: random
    starts of each draw besides the one from the base: without any the spread is too small where other minima are near. tell: as
    factorise.
    Errors: ReceptorError for a block longer than the record, or fewer than one draw.
    Source: Brown et al. 2015, Sci. Total Environ. 518:626; Norris et al. 2014, EPA/600/R-14/108.
    """
    block = _block(solution, resamples, block)
    draws = in_turn(lambda n: _draw(solution, block, starts, [seed, n]), range(resamples), threads=threads, tell=tell)
    p, m = solution.factors, len(solution.species)
    mapped, profiles = np.zeros((p, p + 1), np.int64), [[] for _ in range(p)]
    for _, fit, rows, _ in draws:
        to = nearest(fit.g, solution.g[rows], least_r)
        for k in range(p):
            mapped[k, to[k]] += 1  # -1 is the last column: unmapped
            if to[k] >= 0:
                profiles[to[k]].append(fit.f[:, k])
    percentiles = np.full((len(PERCENTILES), p, m), np.nan)
    for k, held in enumerate(profiles):
        if held:
            percentiles[:, k] = np.percentile(np.array(held), PERCENTILES, axis=0)
    return Bootstrap(resamples=resamples, block=block, starts=starts, seed=seed, least_r=least_r, species=solution.species,
                     mapped=mapped, percentiles=percentiles, lower=sum(lower for *_, lower in draws))  # fmt: skip


def bootstrap_displacement(
    solution: Solution, *, species: Sequence[str], resamples: int = 50, block: int | None = None, seed: int = 1,
    levels: Sequence[float] = BS_LEVELS, threads: int | None = None, tell: Callable[[int, int], None] | None = None,
) -> BootstrapDisplacement:  # fmt: skip
    """Displace elements of some species in each of many draws.

    species: those to displace, the markers of the factors as a rule. Others as bootstrap and displace.
    Errors: ReceptorError, as these.
    Source: Paatero et al. 2014, Atmos. Meas. Tech. 7:781; Brown et al. 2015, Sci. Total Environ. 518:626.
    """
    block = _block(solution, resamples, block)
    if not species or any(each not in solution.species for each in species):
        raise ReceptorError(
            f"species to displace are {', '.join(species) or 'none'}, expected some of {', '.join(solution.species)}"
        )
    chosen = [solution.species.index(each) for each in species]
    p = solution.factors

    def of_draw(n: int) -> list[Side] | None:
        problem, fit, rows, _ = _draw(solution, block, 0, [seed, n])
        if (nearest(fit.g, solution.g[rows]) != np.arange(p)).any():
            return None
        settled = to_the_end(problem, fit, tolerance=TIGHT)
        return [displaced(problem, settled, k, j, side, levels) for k in range(p) for j in chosen for side in (-1, 1)]

    draws = in_turn(of_draw, range(resamples), threads=threads, tell=tell)
    held = [each for each in draws if each is not None]
    shape = (len(levels), p, len(chosen), 2)
    at = np.array([[side.at for side in each] for each in held]).reshape(len(held), p, len(chosen), 2, len(levels))
    swapped = np.array([[side.swapped for side in each] for each in held]).reshape(at.shape)
    fine = ~swapped[..., 0].any(axis=(1, 2, 3)) if held else np.zeros(0, bool)
    low, high = (
        np.full((*shape[:2], len(solution.species)), np.nan),
        np.full((*shape[:2], len(solution.species)), np.nan),
    )
    if fine.any():
        low[:, :, chosen] = np.moveaxis(np.percentile(at[fine][:, :, :, 0], 5.0, axis=0), -1, 0)
        high[:, :, chosen] = np.moveaxis(np.percentile(at[fine][:, :, :, 1], 95.0, axis=0), -1, 0)
    return BootstrapDisplacement(
        levels=tuple(map(float, levels)), species=solution.species, displaced=tuple(species),
        resamples=resamples, accepted=int(fine.sum()),
        swapped_in_best=resamples - len(held), low=low, high=high,
        swaps=np.moveaxis(swapped.sum(axis=(0, 2, 3)), -1, 0) if held else np.zeros(shape[:2], np.int64),
        largest_decrease=min((side.lowest for each in held for side in each), default=0.0),
    )  # fmt: skip


def drawn(samples: int, block: int, chance: np.random.Generator) -> np.ndarray:
    """Draw places of samples in blocks of consecutive ones until there are as many as before, int64 (sample,)."""
    first = chance.integers(0, samples - block + 1, -(-samples // block))
    return (first[:, None] + np.arange(block)).ravel()[:samples]


def _draw(solution: Solution, block: int, starts: int, seed: Sequence[int]) -> tuple[Problem, Fit, np.ndarray, bool]:
    whole, g, f = solution.problem, solution.g, solution.f
    rows = drawn(len(g), block, np.random.default_rng(seed))
    problem = Problem(x=np.ascontiguousarray(whole.x[rows]), w=np.ascontiguousarray(whole.w[rows]), robust=whole.robust,
                      floor=whole.floor)  # fmt: skip
    best, lower = fitted(problem, g[rows], f, tolerance=TOLERANCE), False
    for n in range(starts):
        fit = from_start(problem, solution.factors, [*seed, n], 10.0 * TOLERANCE)
        if fit.objective < best.objective - 1.0:
            best, lower = fit, True
    return problem, _aligned(best, g[rows]) if lower else best, rows, lower


def _aligned(fit: Fit, base: np.ndarray) -> Fit:
    p = base.shape[1]
    r = np.nan_to_num(np.corrcoef(fit.g.T, base.T)[:p, p:])
    rows, columns = linear_sum_assignment(-r)
    order = rows[np.argsort(columns)]
    return fit._replace(g=np.ascontiguousarray(fit.g[:, order]), f=np.ascontiguousarray(fit.f[:, order]))


def _block(solution: Solution, resamples: int, block: int | None) -> int:
    samples = len(solution.g)
    block = max(1, round(samples ** (1.0 / 3.0))) if block is None else block
    if resamples < 1:
        raise ReceptorError(f"draws are {resamples}, expected one at least")
    if not 1 <= block <= samples:
        raise ReceptorError(f"block is {block} samples, expected 1 to {samples}")
    return block
