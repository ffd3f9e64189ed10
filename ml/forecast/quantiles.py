"""Quantiles as arrays: the levels that are told, how they are kept in order, and what lies between them."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""The levels of every forecast, along the first axis."""
MEDIAN = LEVELS.index(0.50)


def empirical(residuals: np.ndarray) -> np.ndarray:
    """Give the quantiles at LEVELS of known numbers, (quantile,), NaN where there is none."""
    known = residuals[np.isfinite(residuals)]
    return np.quantile(known, LEVELS) if len(known) else np.full(len(LEVELS), np.nan)


def in_order(quantiles: np.ndarray) -> np.ndarray:
    """Put quantiles (quantile, ...) that cross into order.

    Sorting takes no quantile further from the truth, and keeps what rises in an input rising.
    Source: Chernozhukov, Fernandez-Val, Galichon 2010 (Econometrica 78:1093).
    """
    return np.where(np.isnan(quantiles).any(axis=0), np.nan, np.sort(quantiles, axis=0))


def between(known: np.ndarray, known_levels: tuple[float, ...], levels: np.ndarray) -> np.ndarray:
    """Take quantiles at some levels to others, on straight lines of the normal score, also beyond the ends.

    known: (k, ...), in order. known_levels: k of them, rising. levels: (m,), 0 to 1 exclusive. Returns (m, ...); a
    normal distribution is met exactly.
    """
    score, at = ndtri(np.asarray(known_levels)), ndtri(np.asarray(levels, float))
    left = np.clip(np.searchsorted(score, at, side="right") - 1, 0, len(score) - 2)
    part = (at - score[left]) / (score[left + 1] - score[left])
    part = part.reshape(-1, *([1] * (known.ndim - 1)))
    return known[left] * (1.0 - part) + known[left + 1] * part
