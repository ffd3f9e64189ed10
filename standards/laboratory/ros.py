"""Robust regression on order statistics (ROS) for values that may lie below a limit.

The logarithms of the values are drawn against normal scores of their plotting positions, which take all limits into account
(Hirsch and Stedinger 1987, Water Resour. Res. 23:715-727). The line is used for the values below a limit alone; what was
measured stays (Helsel and Cohn 1988, Water Resour. Res. 24:1997-2004). What the line gives is no result of a sample: it serves
the sum and is told of no sample. Intervals by bootstrap (Efron 1981; Helsel 2012, chapter 7, recalled).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from standards.laboratory.censored import Censored

LEAST_VALUES = 3
"""A line through fewer is none."""
MOST_BELOW = 0.8
"""Above this share below limits nothing is told (Helsel 2012, recalled)."""
RESAMPLES = 1000
SEED = 20230301
_score = np.vectorize(NormalDist().inv_cdf, otypes=[float])


@dataclass(frozen=True, slots=True)
class Ros:
    """What the line gives. estimates: values as measured and, below limits, as the line has them, float64 (result,), in the
    order of the results; slope, intercept: of the logarithms over the normal scores. left_out: limits above the largest value,
    which tell nothing and are not in the estimates.
    """

    estimates: np.ndarray
    slope: float
    intercept: float
    left_out: int

    @property
    def mean(self) -> float:
        """The mean [unit of the values]."""
        return float(self.estimates.mean())

    @property
    def sd(self) -> float:
        """The standard deviation, by n - 1 [unit of the values]."""
        return float(self.estimates.std(ddof=1))

    def quantile(self, p: float) -> float:
        """Give a quantile, linear between order statistics (type 7)."""
        return float(np.quantile(self.estimates, p))


def robust_ros(results: Censored) -> Ros:
    """Fit the line and give the estimates.

    Raises ValueError of fewer than LEAST_VALUES values, more than MOST_BELOW below limits, values that are all one, or a limit
    that is not known.
    """
    results.require_limits()
    if why := why_not(results):
        raise ValueError(why)
    values, below, left_out = _told(results)
    scores = _score(plotting_positions(values, below))
    slope, intercept = np.polyfit(scores[~below], np.log(values[~below]), 1)
    estimates = np.where(below, np.exp(intercept + slope * scores), values)
    return Ros(estimates, float(slope), float(intercept), left_out)


def too_few(results: Censored) -> bool:
    """Tell whether there are too few different values for a line."""
    return results.detected < LEAST_VALUES or len(np.unique(results.values[~results.below])) < 2


def too_many_below(results: Censored) -> bool:
    """Tell whether too large a share lies below limits."""
    return results.n - results.detected > MOST_BELOW * results.n


def why_not(results: Censored) -> str:
    """Say why no line can be told; empty where one can."""
    if too_few(results):
        return f"{results.detected} values, expected at least {LEAST_VALUES}, and not all one"
    if too_many_below(results):
        return f"{results.n - results.detected} of {results.n} below limits, expected at most {MOST_BELOW:.0%}"
    return ""


def ros_mean_interval(
    results: Censored, confidence: float = 0.95, *, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[float, float]:
    """Give the percentile interval of the mean from resampled results; resamples without a line are drawn again.

    Raises ValueError as robust_ros; both are NaN where fewer than half of the first resamples have a line.
    """
    robust_ros(results)
    generator, means = np.random.default_rng(seed), []
    for _ in range(2 * resamples):
        drawn = generator.integers(0, results.n, results.n)
        again = Censored(results.values[drawn], results.below[drawn])
        if not why_not(again):
            means.append(robust_ros(again).mean)
        if len(means) == resamples:
            low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
            return float(low), float(high)
    return float("nan"), float("nan")


def plotting_positions(values: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Give the plotting position of each result, 0 to 1, float64 (result,): Hirsch and Stedinger 1987 with Weibull's ranks.

    values: float64 (result,), limits where below, bool (result,). No limit may lie above the largest value.
    """
    limits = np.unique(values[below])
    edges = np.concatenate([[-np.inf], limits, [np.inf]])
    exceed = np.zeros(len(edges))
    for j in range(len(edges) - 2, -1, -1):
        inside = np.sum(~below & (values >= edges[j]) & (values < edges[j + 1]))
        under = np.sum(below & (values <= edges[j])) + np.sum(~below & (values < edges[j]))
        exceed[j] = exceed[j + 1] + (1 - exceed[j + 1]) * (inside / (inside + under) if inside + under else 0.0)
    positions = np.empty(len(values))
    for j in range(len(edges) - 1):
        own = np.flatnonzero(~below & (values >= edges[j]) & (values < edges[j + 1]))
        ranks = np.argsort(np.argsort(values[own], kind="stable"), kind="stable") + 1
        positions[own] = 1 - exceed[j] + (exceed[j] - exceed[j + 1]) * ranks / (len(own) + 1)
        cut = np.flatnonzero(below & (values == edges[j]))
        positions[cut] = (1 - exceed[j]) * np.arange(1, len(cut) + 1) / (len(cut) + 1)
    return positions


def _told(results: Censored) -> tuple[np.ndarray, np.ndarray, int]:
    """Leave out limits above the largest value, which tell nothing; give how many these are."""
    keep = ~(results.below & (results.values > results.values[~results.below].max()))
    return results.values[keep], results.below[keep], int((~keep).sum())
