"""Several forecasts as one: weighted by lead with the inverse of their rolling past errors, and by nothing that came
later."""

from __future__ import annotations

import numpy as np

from ml.forecast.quantiles import MEDIAN, in_order

WINDOW_H = 24 * 30
"""Past scores count over so many hours before an issue."""
POWER = 6.0
"""Weights go with the mean absolute error to this power, inverse."""
LEAST = 20
"""Pairs that a member needs before it is weighed by its own errors."""


def rolling_weights(
    median: np.ndarray, observed: np.ndarray, issues: np.ndarray, leads: np.ndarray, *, window_h: int = WINDOW_H,
    power: float = POWER,
) -> np.ndarray:  # fmt: skip
    """Give the weight of each member at each issue and lead from the errors that were known at the issue.

    median [unit of the item]: float64 (member, issue, lead), NaN where a member says nothing. observed [same unit]:
    (issue, lead), what came. issues [epoch hours]: (issue,), rising. leads [h]: (lead,). An error is known at the end
    of its hour: of issue j and lead L it counts at issue i where issues[j] + L <= issues[i] and no more than window_h
    before.
    Returns float64 (member, issue, lead), adding up to 1 over the members that say something there, 0 for the others.
    Until a member has LEAST pairs at a lead it is weighed as the mean of those that have.
    Missing: where no member says anything all are 0.
    Source: Bates and Granger 1969 (Oper. Res. Q. 20:451), weights by the inverse of past errors.
    """
    error = np.abs(median - observed)
    known = np.isfinite(error)
    sums = _before(np.where(known, error, 0.0))
    counts = _before(known.astype(float))
    last = np.searchsorted(issues, issues[:, None] - leads, side="right")
    first = np.searchsorted(issues, issues[:, None] - leads - window_h, side="left")
    at = np.arange(len(leads))
    n = counts[:, last, at] - counts[:, first, at]
    mae = (sums[:, last, at] - sums[:, first, at]) / np.maximum(n, 1)
    enough = (n >= LEAST) & (mae > 0)
    inverse = np.where(enough, np.where(enough, mae, 1.0) ** -power, np.nan)
    some = np.isfinite(inverse).sum(axis=0)
    typical = np.where(some > 0, np.nansum(inverse, axis=0) / np.maximum(some, 1), 1.0)
    weight = np.where(np.isfinite(inverse), inverse, typical) * np.isfinite(median)
    total = weight.sum(axis=0)
    return np.where(total > 0, weight / np.where(total > 0, total, 1.0), 0.0)


def combined(quantiles: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Average the quantiles of members.

    quantiles [unit of the item]: float64 (member, quantile, ...), NaN where a member says nothing. weights: (member,
    ...). A member that gives its median alone moves the median, and the others' ends with it. Returns float64
    (quantile, ...).
    Missing: NaN where no member with a weight gives its quantiles.
    Source: Vincentization (averages of quantiles): Genest 1992, Ann. Stat. 20:1137.
    """
    whole = np.isfinite(quantiles).all(axis=1)
    median = _weighted(quantiles[:, MEDIAN], weights)
    share = weights * whole
    around = np.where(whole[:, None], quantiles - quantiles[:, MEDIAN, None], np.nan)
    total = share.sum(axis=0)
    share = np.where(total > 0, share / np.where(total > 0, total, 1.0), np.nan)
    spread = np.where(np.isnan(share).any(axis=0), np.nan, np.nansum(around * share[:, None], axis=0))
    found = median + spread
    return in_order(np.where(np.isnan(found), np.nan, np.maximum(found, 0.0)))


def _weighted(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    used = np.where(np.isfinite(values), weights, 0.0)
    total = used.sum(axis=0)
    return np.where(total > 0, np.nansum(values * used, axis=0) / np.where(total > 0, total, 1.0), np.nan)


def _before(values: np.ndarray) -> np.ndarray:
    # Sums of all issues before each: (member, issue + 1, lead).
    nothing = np.zeros((values.shape[0], 1, values.shape[2]))
    return np.concatenate([nothing, np.cumsum(values, axis=1)], axis=1)
