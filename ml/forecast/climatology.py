"""What the air is usually like at an hour of the year: a smooth course of season and day, learned from the past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.forecast.quantiles import LEVELS, empirical
from standards.days import hour_of_day, natural_day

_YEAR_D = 365.2425
_ANNUAL, _DAILY = 2, 3
_RIDGE = 1.0


@dataclass(frozen=True, eq=False)
class Climatology:
    """The usual course of one item.

    weights: float64 (term,), of the logarithm log(1 + c). spread: float64 (quantile,), quantiles of the logarithm
    around it at LEVELS.
    """

    weights: np.ndarray
    spread: np.ndarray

    def log_at(self, hours: np.ndarray) -> np.ndarray:
        """Give log(1 + c) that is usual at epoch hours, the shape of hours."""
        return terms(hours) @ self.weights

    def quantiles(self, hours: np.ndarray) -> np.ndarray:
        """Give the quantiles at LEVELS [unit of the item], (quantile, ...)."""
        log = self.log_at(hours) + self.spread.reshape(-1, *([1] * np.ndim(hours)))
        return np.maximum(np.expm1(log), 0.0)


def terms(hours: np.ndarray) -> np.ndarray:
    """Give the terms of the course at epoch hours: (..., term), harmonics of year and day and their products."""
    hours = np.asarray(hours)
    year = 2 * np.pi * natural_day(hours) / _YEAR_D
    day = 2 * np.pi * (hour_of_day(hours) - 0.5) / 24
    annual = [np.ones(hours.shape)] + [f(k * year) for k in range(1, _ANNUAL + 1) for f in (np.cos, np.sin)]
    daily = [np.ones(hours.shape)] + [f(k * day) for k in range(1, _DAILY + 1) for f in (np.cos, np.sin)]
    return np.stack([a * d for a in annual[:3] for d in daily] + annual[3:], axis=-1)


def fit_climatology(values: np.ndarray, hours: np.ndarray) -> Climatology:
    """Learn the usual course of an item from observed hours.

    values [unit of the item]: (n,), NaN for missing. hours [epoch hours]: (n,). Returns Climatology; all NaN where
    fewer than 30 days are known.
    """
    x, known = terms(hours), np.isfinite(values)
    if known.sum() < 720:
        return Climatology(np.full(x.shape[-1], np.nan), np.full(len(LEVELS), np.nan))
    x, y = x[known], np.log1p(values[known])
    penalty = _RIDGE * np.eye(x.shape[1])
    penalty[0, 0] = 0.0
    weights = np.linalg.solve(x.T @ x + penalty, x.T @ y)
    return Climatology(weights, empirical(y - x @ weights))
