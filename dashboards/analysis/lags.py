"""Correlation of hourly series with each other, one later than the other. Pure."""

from __future__ import annotations

import datetime as dt

import numpy as np

from dashboards.analysis.effective import LONGEST_MEMORY, Z95, autocorrelation
from standards.days import UTC_OFFSET_HOURS

LAGS = 24
LEAST_PAIRS = 48
"""Pairs of hours without which there is no correlation."""


def without_cycle(grid: np.ndarray, first: dt.datetime) -> np.ndarray:
    """Take the mean of each hour of the day from series (places, hours), NaN for missing: a shared daily cycle is no transport."""
    hour = (np.arange(grid.shape[1]) + first.hour + UTC_OFFSET_HOURS) % 24
    rest = np.full(grid.shape, np.nan)
    for each in range(24):
        part = grid[:, hour == each]
        n = np.isfinite(part).sum(axis=1, keepdims=True)
        rest[:, hour == each] = part - np.nansum(part, axis=1, keepdims=True) / np.maximum(n, 1)
    return rest


def correlations(grid: np.ndarray, lags: int = LAGS) -> tuple[np.ndarray, np.ndarray]:
    """Give r and the pairs (places, places, 2 lags + 1): of place i at an hour and place j so many hours later, from -lags.

    grid: (places, hours), NaN for missing. Pearson's r over the complete pairs of each lag; NaN with fewer than LEAST_PAIRS or
    where one does not vary.
    """
    known = np.isfinite(grid)
    m = known.astype(float)
    centre = np.nansum(grid, axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    x = np.where(known, grid - centre, 0.0)
    places, hours = grid.shape
    r = np.full((places, places, 2 * lags + 1), np.nan)
    pairs = np.zeros(r.shape, dtype=int)
    for lag in range(min(lags, hours - 1) + 1):
        r[:, :, lags + lag], pairs[:, :, lags + lag] = _at(x, m, lag)
        r[:, :, lags - lag], pairs[:, :, lags - lag] = r[:, :, lags + lag].T, pairs[:, :, lags + lag].T
    return r, pairs


def band(grid: np.ndarray) -> np.ndarray:
    """Give the half width (places, places) within which 95 of 100 r at one lag fall where two series are unrelated.

    1.96 / sqrt(N*), with the effective number of pairs after Pyper and Peterman (1998) as in effective.effective_pairs.
    NaN with fewer than LEAST_PAIRS pairs.
    """
    known = np.isfinite(grid).astype(float)
    n = known @ known.T
    lags = int(min(grid.shape[1] // 5, LONGEST_MEMORY))
    rho = np.array([autocorrelation(series, lags)[1:] for series in grid])
    weights = np.maximum(1 - np.arange(1, lags + 1) / np.maximum(n[..., None], 1), 0.0)
    shared = (weights * rho[:, None] * rho[None]).sum(axis=-1)
    effective = np.clip(n / np.maximum(1 + 2 * shared, 1e-9), 2.0, np.maximum(n, 2.0))
    return np.where(n >= LEAST_PAIRS, Z95 / np.sqrt(effective), np.nan)


def best(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the largest r over the lags and the lag [h] that has it, (places, places); of equals the shortest.

    NaN where there is none.
    """
    lags = (r.shape[-1] - 1) // 2
    order = np.argsort(np.abs(np.arange(-lags, lags + 1)), kind="stable")
    found = np.where(np.isfinite(r), r, -np.inf)[..., order].argmax(axis=-1)
    place = order[found]
    value = np.take_along_axis(r, place[..., None], axis=-1)[..., 0]
    return value, np.where(np.isfinite(value), place - lags, np.nan)


def _at(x: np.ndarray, m: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Give r and pairs of i with j lag hours later (lag >= 0)."""
    end = x.shape[1] - lag
    a, ma, b, mb = x[:, :end], m[:, :end], x[:, lag:], m[:, lag:]
    n = ma @ mb.T
    sa, sb = a @ mb.T, ma @ b.T
    some = np.maximum(n, 1)
    var_a, var_b = (a * a) @ mb.T - sa * sa / some, ma @ (b * b).T - sb * sb / some
    with np.errstate(invalid="ignore", divide="ignore"):
        r = (a @ b.T - sa * sb / some) / np.sqrt(var_a * var_b)
    told = (n >= LEAST_PAIRS) & (var_a > 1e-9) & (var_b > 1e-9)
    return np.where(told, np.clip(r, -1.0, 1.0), np.nan), np.rint(n).astype(int)
