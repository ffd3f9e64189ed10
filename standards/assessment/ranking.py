"""Ranking of cities by an index, and by how much it changed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from standards.exact_means import exact_number, round_fraction

CHANGE_DECIMALS = 1
"""Places of a reported change in percent."""


@dataclass(frozen=True, slots=True)
class ChangeRanking:
    """Cities by change of an index against a base.

    change_pct [%]: float64 (city,), negative is better, NaN where either index is missing. rank: int16 (city,), 1 for
    the most improved, 0 where missing. worst_rank: int16 (city,), 1 for the most worsened among the cities that may
    enter, 0 for the others.
    """

    change_pct: np.ndarray
    rank: np.ndarray
    worst_rank: np.ndarray


def rank(values: np.ndarray, *, valid: np.ndarray | None = None, descending: bool = False) -> np.ndarray:
    """Rank reported values, the smallest first.

    values [any unit]: float64 (city,), as reported: rounded before they come here. valid: bool (city,), False leaves a
    city out. descending: the largest first. Returns int16 (city,); equal values share a rank and the next ranks are
    left out (1, 1, 3).
    Missing: NaN, or not valid, gives 0 and takes no rank.
    Errors: ValueError where values is not one row, or is infinite.
    Source: practice of the national ranking (quoted from the notes of a provincial bureau).
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"values have shape {values.shape}, expected (city,)")
    if np.isinf(values).any():
        raise ValueError(f"a value is {values[np.isinf(values)][0]}, expected a number, or NaN for missing")
    taking_part = ~np.isnan(values)
    if valid is not None:
        taking_part &= np.asarray(valid, dtype=bool)
    keys = -values if descending else values
    before = (keys[None, :] < keys[:, None]) & taking_part[None, :]
    return np.where(taking_part, before.sum(axis=1) + 1, 0).astype(np.int16)


def change_pct(now: np.ndarray | float, base: np.ndarray | float, *, decimals: int = CHANGE_DECIMALS) -> np.ndarray:
    """Compute the change of an index against a base period.

    now, base [no unit]: indices of one shape as reported. decimals: of the result. Returns float64 [%] of that shape,
    negative where the air got better.
    Missing: NaN in either, or a base of 0, gives NaN.
    Notes: R = (now - base) / base 100 %, exact, rounded once.
    Errors: ValueError where an index is negative or infinite.
    Source: practice of the national ranking (quoted).
    """
    now, base = np.broadcast_arrays(np.asarray(now, dtype=np.float64), np.asarray(base, dtype=np.float64))
    for label, array in (("now", now), ("base", base)):
        bad = (array < 0) | np.isinf(array)
        if bad.any():
            raise ValueError(f"{label} is {array[bad][0]}, expected 0 or more, or NaN for missing")
    found = np.full(now.shape, np.nan)
    for at in np.ndindex(now.shape):
        if now[at] == now[at] and base[at] > 0:
            was = exact_number(base[at])
            found[at] = float(round_fraction(Fraction(100) * (exact_number(now[at]) - was) / was, decimals))
    return found


def change_ranking(
    now: np.ndarray, base: np.ndarray, *, meets_grade2: np.ndarray, valid: np.ndarray | None = None
) -> ChangeRanking:
    """Rank cities by the change of their index.

    now, base [no unit]: float64 (city,), indices as reported, both recomputed under one edition and one method.
    meets_grade2: bool (city,), True where all six items of the city meet grade 2 in the period: such a city is not
    ranked among the worst. valid: bool (city,). Returns ChangeRanking; ties share a rank, as rank does.
    Missing: a city without a change has rank 0 in both.
    Source: practice of the national ranking (quoted).
    """
    change = change_pct(now, base)
    meets = np.asarray(meets_grade2, dtype=bool)
    if meets.shape != change.shape:
        raise ValueError(f"meets_grade2 has shape {meets.shape}, expected {change.shape}")
    taking_part = np.ones(change.shape, dtype=bool) if valid is None else np.asarray(valid, dtype=bool)
    return ChangeRanking(
        change, rank(change, valid=taking_part), rank(change, valid=taking_part & ~meets, descending=True)
    )
