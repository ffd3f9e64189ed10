"""How alike two episodes are: a plain distance over peak, duration, season and wind. Pure.

Each difference is counted in steps that a forecaster would call one notch: a quarter more peak, twice the duration, 30 days of
the year, 2 m/s of mean wind. The distance is the root mean square of the steps that are known of both; the steps are our
choice, no standard has any. Episodes of another kind are not compared.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

PEAK_FACTOR, DURATION_FACTOR, SEASON_DAYS, WIND_MS = 1.25, 2.0, 30.0, 2.0
TERMS = ("peak", "duration", "season", "wind")
_YEAR = 365.25


@dataclass(frozen=True)
class Traits:
    """What is compared of an episode. peak [ug/m3], hours, and the mean wind [m/s] to the east and north; None: not known."""

    name: str
    start: dt.datetime
    peak: float | None
    hours: float | None
    wind: tuple[float, float] | None = None


@dataclass(frozen=True)
class Likeness:
    """An episode and how far it is from another. steps: by the terms that are known of both."""

    traits: Traits
    distance: float
    steps: dict[str, float]


def likeness(one: Traits, other: Traits) -> Likeness | None:
    """Compare two episodes; None where not even two terms are known of both: the season alone makes nothing alike."""
    steps = {"season": season_days(one.start, other.start) / SEASON_DAYS}
    for term, first, second, factor in (
        ("peak", one.peak, other.peak, PEAK_FACTOR), ("duration", one.hours, other.hours, DURATION_FACTOR),
    ):  # fmt: skip
        if first and second and first > 0 and second > 0:
            steps[term] = abs(math.log(first / second)) / math.log(factor)
    if one.wind is not None and other.wind is not None:
        steps["wind"] = math.dist(one.wind, other.wind) / WIND_MS
    if len(steps) < 2:
        return None
    distance = math.sqrt(sum(step**2 for step in steps.values()) / len(steps))
    return Likeness(other, distance, {term: steps[term] for term in TERMS if term in steps})


def nearest(one: Traits, others: Iterable[Traits], count: int) -> list[Likeness]:
    """Give the episodes that are most like one, the nearest first; of equals the later."""
    found = [each for other in others if (each := likeness(one, other)) is not None]
    found.sort(key=lambda each: each.traits.start, reverse=True)
    return sorted(found, key=lambda each: each.distance)[:count]


def season_days(one: dt.datetime, other: dt.datetime) -> float:
    """Give how many days of the year lie between two moments, at most half a year."""
    apart = abs(one.timetuple().tm_yday - other.timetuple().tm_yday)
    return min(apart, _YEAR - apart)
