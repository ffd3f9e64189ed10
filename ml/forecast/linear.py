"""The straight part of a forecast: a ridge on the same inputs as the trees, with the same signs.

Trees cannot go beyond what they have seen, a line can; the mean of both errs less than either where the past is short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import lsq_linear

_PENALTY = 100.0
_STEP = 1024.0


@dataclass(frozen=True, eq=False)
class Linear:
    """level + weights of how far inputs are from their means: means, weights float64 (input,).

    An input that is missing counts as its mean.
    """

    level: float
    means: np.ndarray
    weights: np.ndarray

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Give the straight part of rows (row, input) as float64 (row,)."""
        return self.level + self.parts(x).sum(axis=1)

    def parts(self, x: np.ndarray) -> np.ndarray:
        """Give what each input adds to the level, (row, input); of a line this is its Shapley value against the
        means."""
        return (np.where(np.isnan(x), self.means, x) - self.means) * self.weights


def fit_linear(x: np.ndarray, y: np.ndarray, *, signs: Sequence[int] | None = None) -> Linear:
    """Learn a ridge of inputs on their common scale.

    x: float64 (row, input), NaN for missing. y: (row,), complete. signs: -1 for inputs whose weight may not be above 0.
    Source: Hoerl and Kennard 1970 (Technometrics 12:55).
    """
    known = np.isfinite(x)
    count = known.sum(axis=0)
    means = np.where(count > 0, np.where(known, x, 0.0).sum(axis=0) / np.maximum(count, 1), 0.0)
    means = np.rint(means * _STEP) / _STEP
    apart = np.where(known, x, means) - means
    scale = apart.std(axis=0)
    scale = np.where(scale > 0, scale, np.inf)
    level = float(y.mean())
    wide = np.vstack([apart / scale, np.sqrt(_PENALTY) * np.eye(x.shape[1])])
    q, r = np.linalg.qr(wide)
    target = q.T @ np.concatenate([y - level, np.zeros(x.shape[1])])
    above = np.where(np.array(signs if signs is not None else [0] * x.shape[1]) < 0, 0.0, np.inf)
    weights = (
        lsq_linear(r, target, bounds=(-np.inf, above)).x if np.isfinite(above).any() else np.linalg.solve(r, target)
    )
    return Linear(level, means, weights / scale)
