"""What is told of the results of a substance in a medium: counts, limits, and statistics where something can be told. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from standards.laboratory.censored import Censored
from standards.laboratory.kaplan_meier import kaplan_meier
from standards.laboratory.ros import robust_ros, ros_mean_interval, too_few, too_many_below

NO_VALUE, UNKNOWN_LIMIT, FEW, MANY_BELOW = "no_value", "unknown_limit", "few", "many_below"
"""Why a statistic is not told."""
NAN = float("nan")
NEITHER = (NAN, NAN)


@dataclass(frozen=True, slots=True)
class Summary:
    """Statistics in the unit of the results; NaN is not told.

    n, detected: results, and how many of them are values; limits: the least and the largest limit below which any lies;
    unknown_limits: how many lie below one that nobody said; largest: the largest value.
    km_median, km_mean and the ends of their 95 % intervals by Kaplan-Meier, km_least_mean: its lower end; a median that
    lies below a limit is NaN. ros_mean, ros_median and the ends of the mean's 95 % interval by robust ROS.
    km_unsaid, ros_unsaid: why one is not told, empty where it is.
    """

    n: int
    detected: int
    limits: tuple[float, float]
    unknown_limits: int
    largest: float
    km_median: float = NAN
    km_median_ends: tuple[float, float] = NEITHER
    km_mean: float = NAN
    km_least_mean: float = NAN
    km_mean_ends: tuple[float, float] = NEITHER
    km_unsaid: str = ""
    ros_median: float = NAN
    ros_mean: float = NAN
    ros_mean_ends: tuple[float, float] = NEITHER
    ros_unsaid: str = ""

    @property
    def detected_share(self) -> float:
        """The share of the results that are values, 0 to 1; NaN where there is none."""
        return self.detected / self.n if self.n else NAN


def summary_of(results: Censored, *, intervals: bool = True) -> Summary:
    """Summarise results. intervals: also that of the mean by ROS, which takes a thousand resamples (half a second)."""
    limits = results.limits
    ends = (float(limits[0]), float(limits[-1])) if len(limits) else NEITHER
    values = results.values[~results.below]
    told = {
        "n": results.n, "detected": results.detected, "limits": ends, "unknown_limits": results.unknown_limits,
        "largest": float(values.max()) if len(values) else NAN,
    }  # fmt: skip
    if not results.detected or results.unknown_limits:
        why = UNKNOWN_LIMIT if results.detected else NO_VALUE
        return Summary(**told, km_unsaid=why, ros_unsaid=why)
    curve = kaplan_meier(results)
    told |= {
        "km_median": curve.quantile(0.5), "km_median_ends": curve.quantile_interval(0.5), "km_mean": curve.mean,
        "km_least_mean": curve.least_mean, "km_mean_ends": _from_zero(curve.mean_interval()),
    }  # fmt: skip
    if too_few(results) or too_many_below(results):
        return Summary(**told, ros_unsaid=FEW if too_few(results) else MANY_BELOW)
    line = robust_ros(results)
    told |= {"ros_mean": line.mean, "ros_median": line.quantile(0.5)}
    if intervals:
        told["ros_mean_ends"] = ros_mean_interval(results)
    return Summary(**told)


def written(value: float, missing: str = "NA") -> str:
    """Write an amount with three significant digits; missing: what stands for NaN."""
    return missing if math.isnan(value) else f"{float(f'{value:.3g}'):,.10g}"


def _from_zero(ends: tuple[float, float]) -> tuple[float, float]:
    """No amount is below 0: an interval by t may be."""
    return (ends[0] if math.isnan(ends[0]) else max(ends[0], 0.0)), ends[1]
