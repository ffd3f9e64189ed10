"""Kaplan-Meier for values that may lie below a limit: turned round, "below 0.02" is a time that was cut off.

Nothing is put in the place of a value below a limit. Sources: Helsel 2012, Statistics for Censored Environmental Data, 2nd
edition, chapter 6 (recalled); Kaplan and Meier 1958, J. Am. Stat. Assoc. 53:457-481; Greenwood 1926. Bands are log-log, as
Kalbfleisch and Prentice 1980 (recalled).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from standards.laboratory.censored import Censored
from standards.laboratory.student import t_quantile

CONFIDENCE = 0.95
_NEAR = 1e-12
"""Shares are products of fractions: this much may be missing from a half."""


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """The distribution of values of which some lie below a limit; all in the unit of the values.

    at: the different values, ascending, float64 (step,); share: how much of all is at or below each; equal, at_risk: how many
    results are this value, and how many are at or below it, limits among them.
    floor: the least value or limit of all; floor_share: how much stands there without being told apart, 0 where it is a value.
    n, detected: how many results, and how many of them are values.
    """

    at: np.ndarray
    share: np.ndarray
    equal: np.ndarray
    at_risk: np.ndarray
    floor: float
    floor_share: float
    n: int
    detected: int

    @property
    def least_mean(self) -> float:
        """The estimate's lower end: what is not told apart counts as 0."""
        return float(self._weights() @ self.at)

    @property
    def mean(self) -> float:
        """The estimate's upper end: the same counts at the floor (Efron's correction, which programs give).

        It is no bound of the results' own mean where limits differ: what lies below a limit is shared out among all that is
        less, and the most that the results allow is their mean with each at its own limit.
        """
        return self.least_mean + self.floor_share * self.floor

    @property
    def sd(self) -> float:
        """The standard deviation of the distribution, what is not told apart at the floor."""
        squares = float(self._weights() @ self.at**2) + self.floor_share * self.floor**2
        return float(np.sqrt(max(squares - self.mean**2, 0.0)))

    @property
    def mean_se(self) -> float:
        """The standard error of the mean: Greenwood's sum times m / (m - 1) for m values; NaN of fewer than two."""
        if self.detected < 2:
            return float("nan")
        areas = np.cumsum(np.diff(self.at, prepend=self.floor) * self._share_below())
        return float(np.sqrt(np.sum(areas**2 * self._greenwood()) * self.detected / (self.detected - 1)))

    def mean_interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Give the interval of the mean by Student's t with n - 1 degrees of freedom; NaN of fewer than two values."""
        if self.detected < 2:
            return float("nan"), float("nan")
        reach = self.mean_se * t_quantile((1 + confidence) / 2, self.n - 1)
        return self.mean - reach, self.mean + reach

    def quantile(self, p: float) -> float:
        """Give the least value that a share p of all does not exceed; NaN where that lies below a limit."""
        return float(self.at[np.searchsorted(self.share, p - _NEAR)]) if p > self.floor_share + _NEAR else float("nan")

    def quantile_interval(self, p: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Give where the band of the shares meets p; NaN for an end below a limit or beyond the largest value, and of one value."""
        if self.detected < 2:
            return float("nan"), float("nan")
        low, high = self.band(confidence)
        lower, upper = np.searchsorted(high, p - _NEAR), np.searchsorted(low, p - _NEAR)
        below = self.floor_share > 0 and self._floor_band(confidence)[1] >= p - _NEAR
        return (
            float("nan") if below else float(self.at[lower]),
            float("nan") if upper >= len(self.at) else float(self.at[upper]),
        )

    def band(self, confidence: float = CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
        """Give the lower and upper end of the shares, float64 (step,): log-log, by Greenwood's sum; 1 at the largest value."""
        above = np.append(np.cumsum(self._greenwood()[::-1])[::-1][1:], 0.0)
        return _log_log(self.share, above, confidence)

    def _floor_band(self, confidence: float) -> tuple[float, float]:
        low, high = _log_log(np.array([self.floor_share]), np.array([self._greenwood().sum()]), confidence)
        return float(low[0]), float(high[0])

    def _weights(self) -> np.ndarray:
        return np.diff(self.share, prepend=self.floor_share)

    def _share_below(self) -> np.ndarray:
        return np.concatenate([[self.floor_share], self.share[:-1]])

    def _greenwood(self) -> np.ndarray:
        """Give what each value adds to the variance of what lies below it; nothing where all that is left is that value."""
        left = self.at_risk - self.equal
        return np.where(left > 0, self.equal / (self.at_risk * np.maximum(left, 1)), 0.0)


def kaplan_meier(results: Censored) -> KaplanMeier:
    """Give the distribution of results; raise ValueError where none of them is a value, or where a limit is not known."""
    results.require_limits()
    if not results.detected:
        raise ValueError("no result is a value, expected one at least")
    at, equal = np.unique(results.values[~results.below], return_counts=True)
    at_risk = np.searchsorted(np.sort(results.values), at, side="right")
    left = (at_risk - equal) / at_risk
    share = np.append(np.cumprod(left[::-1])[::-1][1:], 1.0)
    floor_share = float(share[0] * left[0])
    return KaplanMeier(at, share, equal, at_risk, float(results.values.min()), floor_share, results.n, results.detected)


def _log_log(share: np.ndarray, variance: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    inside = (share > 0) & (share < 1)
    logs = np.log(np.where(inside, share, 0.5))
    spread = z * np.sqrt(variance) / -logs
    low, high = (np.where(inside, np.exp(logs * np.exp(sign * spread)), share) for sign in (1, -1))
    return low, high
