"""Two models on the same hours: the difference of their errors, with an interval from blocks of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.gates.evaluation import Evaluation
from ml.gates.scores import complete
from ml.gates.splits import BY_TIME

BLOCK_DAYS = 5
"""Days of a block [d]: errors of one episode belong together, and the air of a basin stands still for some days."""
LEAST_BLOCKS = 6
DRAWS = 2000
LEVEL = 0.95
BETTER, WORSE, OPEN, TOO_FEW = "better", "worse", "open", "too few days"
_BEIJING_H = 7  # the natural day of an hour's end: hours 01:00 to 24:00 of Beijing time are one day


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a model compares with another one for a quantity, in the order of time, on n pairs of blocks of days.

    difference [the quantity's unit]: mean absolute error of the model less that of the other; low, high: its interval
    of LEVEL. verdict: BETTER or WORSE where the interval leaves out 0, OPEN where it does not, TOO_FEW below
    LEAST_BLOCKS blocks.
    """

    quantity: str
    n: int
    blocks: int
    mae: float | None
    other_mae: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: str


def compare(
    model: Sequence[Evaluation], other: Sequence[Evaluation], *, seed: int = 0, draws: int = DRAWS
) -> tuple[Comparison, ...]:
    """Compare two models quantity by quantity, on the hours, leads and places that both have with the same observation."""
    mine, theirs = _by_quantity(model), _by_quantity(other)
    return tuple(_compared(q, mine[q], theirs[q], seed, draws) for q in mine if q in theirs)


def _by_quantity(evaluations: Sequence[Evaluation]) -> dict[str, list[Evaluation]]:
    found: dict[str, list[Evaluation]] = {}
    for each in evaluations:
        if each.split in BY_TIME:
            found.setdefault(each.quantity, []).append(each)
    return found


def _compared(
    quantity: str, mine: Sequence[Evaluation], theirs: Sequence[Evaluation], seed: int, draws: int
) -> Comparison:
    hours, pairs = _pairs(mine, theirs)
    if not len(pairs):
        return Comparison(quantity, 0, 0, None, None, None, None, None, TOO_FEW)
    block = (hours + _BEIJING_H) // 24 // BLOCK_DAYS
    _, at = np.unique(block, return_inverse=True)
    mae, other_mae = pairs.mean(axis=0)
    blocks = int(at.max()) + 1
    low, high = interval(pairs[:, 0] - pairs[:, 1], at, seed=seed, draws=draws)
    verdict = TOO_FEW if blocks < LEAST_BLOCKS else BETTER if high < 0 else WORSE if low > 0 else OPEN
    return Comparison(
        quantity, len(pairs), blocks, float(mae), float(other_mae), float(mae - other_mae), low, high, verdict
    )


def interval(differences: np.ndarray, block: np.ndarray, *, seed: int, draws: int = DRAWS) -> tuple[float, float]:
    """Give the interval of LEVEL of a mean by drawing whole blocks anew, with replacement (a cluster bootstrap).

    differences: float64 (pair,). block: int (pair,), 0 and up, the block of each. Source: Efron and Tibshirani 1993,
    An Introduction to the Bootstrap, 8.6 (moving to whole blocks) and 13.3 (percentiles).
    """
    sums, counts = np.bincount(block, differences), np.bincount(block)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def _pairs(mine: Sequence[Evaluation], theirs: Sequence[Evaluation]) -> tuple[np.ndarray, np.ndarray]:
    """Give hour (pair,) and both absolute errors (pair, 2) of what both have, hour, lead, place and observation alike."""
    one, two = _rows(mine), _rows(theirs)
    places = np.unique(np.concatenate([one[2], two[2]]))
    keys = [np.stack([hour, lead, np.searchsorted(places, place)], axis=1) for hour, lead, place, *_ in (one, two)]
    _, number = np.unique(np.concatenate(keys), axis=0, return_inverse=True)
    number = number.ravel()
    _, at, other = np.intersect1d(number[: len(keys[0])], number[len(keys[0]) :], return_indices=True)
    same = one[3][at] == two[3][other]
    return one[0][at][same], np.stack([one[4][at], two[4][other]], axis=1)[same]


def _rows(evaluations: Sequence[Evaluation]) -> tuple[np.ndarray, ...]:
    """Give hour, lead, place, observed value and absolute error of the complete rows."""
    kept = [(each, complete(each)) for each in evaluations]
    columns = [
        (each.hour[of], each.lead_h[of], each.place[of], each.observed[of], np.abs(each.predicted - each.observed)[of])
        for each, of in kept
    ]
    return tuple(np.concatenate(column) for column in zip(*columns, strict=True))
