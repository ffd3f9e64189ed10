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

    difference [the quantity's unit]: mean absolute error of the model less that of the other; low, high: its interval of LEVEL.
    verdict: BETTER or WORSE where the interval leaves out 0, OPEN where it does not, TOO_FEW below LEAST_BLOCKS blocks.
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
    one, two = _errors(mine), _errors(theirs)
    keys = sorted(one.keys() & two.keys())
    pairs = np.array([(one[key][1], two[key][1]) for key in keys if one[key][0] == two[key][0]]).reshape(-1, 2)
    hours = np.array([key[0] for key in keys if one[key][0] == two[key][0]], np.int64)
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

    differences: float64 (pair,). block: int (pair,), 0 and up, the block of each.
    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, 8.6 (moving to whole blocks) and 13.3 (percentiles).
    """
    sums, counts = np.bincount(block, differences), np.bincount(block)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def _errors(evaluations: Sequence[Evaluation]) -> dict[tuple[int, int, str], tuple[float, float]]:
    found = {}
    for each in evaluations:
        rows = complete(each)
        columns = (each.hour, each.lead_h, each.place, each.observed, np.abs(each.predicted - each.observed))
        for hour, lead, place, observed, error in zip(*(column[rows].tolist() for column in columns), strict=True):
            found[hour, lead, place] = (observed, error)
    return found
