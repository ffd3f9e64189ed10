"""Statistics of hourly series that remember their past: how many of their hours count, a straight line, the bounds of a mean.

Hours that follow each other are alike, so that fewer of them are independent than there are; every bound here counts those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Z95 = 1.959964
"""Standard normal quantile of 0.975."""
LEAST_EFFECTIVE = 3.0
"""With fewer independent values there are no bounds."""
LONGEST_MEMORY = 240
"""Lags [h] over which autocorrelation is added up, at most; never more than a fifth of the series."""


@dataclass(frozen=True)
class Line:
    """Least squares y = slope x + intercept over n complete pairs, of which effective are independent; r with its 95 % bounds.

    NaN where there is no line: fewer than three pairs, or a series that does not vary.
    """

    slope: float
    intercept: float
    r: float
    n: int
    effective: float
    low: float
    high: float


def fitted(x: np.ndarray, y: np.ndarray) -> Line:
    """Fit a line through hourly series (hours,), in order of time, NaN for missing.

    Bounds of r by Fisher's z with the effective number of pairs (effective_pairs); none with 3 or fewer of them.
    """
    both = np.isfinite(x) & np.isfinite(y)
    n, nan = int(both.sum()), float("nan")
    if n < 3 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return Line(nan, nan, nan, n, nan, nan, nan)
    a, b = x[both] - x[both].mean(), y[both] - y[both].mean()
    slope, r = (a @ b) / (a @ a), float(np.clip((a @ b) / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))
    effective = effective_pairs(np.where(both, x, np.nan), np.where(both, y, np.nan))
    low = high = nan
    if effective > LEAST_EFFECTIVE and abs(r) < 1:
        half, z = Z95 / np.sqrt(effective - 3.0), np.arctanh(r)
        low, high = float(np.tanh(z - half)), float(np.tanh(z + half))
    return Line(float(slope), float(y[both].mean() - slope * x[both].mean()), r, n, effective, low, high)


def autocorrelation(values: np.ndarray, lags: int) -> np.ndarray:
    """Give the autocorrelation of a series (hours,) for lags 0 to lags, over complete pairs; 0 beyond what has pairs.

    Missing: NaN is left out of each lag. A series that does not vary gives 0 for all lags but the first.
    """
    known = np.isfinite(values)
    size = 1 << int(np.ceil(np.log2(max(2 * len(values), 2))))
    anomaly = np.where(known, values - (values[known].mean() if known.any() else 0.0), 0.0)
    products = np.fft.irfft(np.abs(np.fft.rfft(anomaly, size)) ** 2, size)[: lags + 1]
    counts = np.rint(np.fft.irfft(np.abs(np.fft.rfft(known.astype(float), size)) ** 2, size)[: lags + 1])
    covariance = np.where(counts > 0, products / np.maximum(counts, 1), 0.0)
    found = covariance / covariance[0] if covariance[0] > 0 else np.zeros(lags + 1)
    return np.concatenate([[1.0], np.clip(found[1:], -1.0, 1.0)])


def effective_pairs(x: np.ndarray, y: np.ndarray) -> float:
    """Give the effective number of pairs for a correlation of two series (hours,), from 2 to the number of pairs.

    1/N* = 1/N + 2/N sum_j (1 - j/N) rho_x(j) rho_y(j): Pyper and Peterman (1998), Can. J. Fish. Aquat. Sci. 55, 2127, eq. 1.
    """
    n = int((np.isfinite(x) & np.isfinite(y)).sum())
    lags = min(n // 5, LONGEST_MEMORY, len(x) - 1)
    if n < 3 or lags < 1:
        return float(n)
    shared = autocorrelation(x, lags)[1:] * autocorrelation(y, lags)[1:]
    inverse = 1 / n + 2 / n * float(((1 - np.arange(1, lags + 1) / n) * shared).sum())
    return float(np.clip(1 / inverse if inverse > 0 else n, 2.0, n))


def effective_of_mean(values: np.ndarray) -> float:
    """Give the effective number of values (n,) for their mean, in order of time: n (1 - r1) / (1 + r1), from 1 to n.

    r1: correlation of each with the next. Wilks (2011), Statistical Methods in the Atmospheric Sciences, eq. 5.12.
    """
    n = len(values)
    if n < 3 or np.ptp(values) == 0:
        return float(n)
    anomaly = values - values.mean()
    r1 = float(anomaly[1:] @ anomaly[:-1] / (anomaly @ anomaly))
    return float(np.clip(n * (1 - r1) / (1 + r1), 1.0, n)) if r1 > -1 else float(n)


def student95(freedom: float) -> float:
    """Give the 0.975 quantile of Student's t: Abramowitz and Stegun 26.7.5, within 2 % from two degrees of freedom on."""
    z, v = Z95, freedom
    return (
        z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )  # fmt: skip


def envelope(values: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the smallest, largest and mean value of each of at most so many equal stretches of a series; NaN where none is known."""
    step = max(1, -(-len(values) // columns))
    padded = np.concatenate([values, np.full(-len(values) % step, np.nan)]).reshape(-1, step)
    known = np.isfinite(padded)
    some = known.any(axis=1)
    low = np.where(some, np.where(known, padded, np.inf).min(axis=1), np.nan)
    high = np.where(some, np.where(known, padded, -np.inf).max(axis=1), np.nan)
    mean = np.where(some, np.where(known, padded, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1), np.nan)
    return low, high, mean
