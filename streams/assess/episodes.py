"""Pollution episodes of the region: when the cities are in one together, how it grows, and when it is over.

A city is *in* while its moving mean, reported as a whole number, is above the daily limit of Grade II. An episode
begins at the first hour when enough cities are in at once, or when one has been in for long enough without a break. It
lasts while hours with no city in are fewer than the kind's gap, and ends with its last in-hour before such a gap.

The start depends on the past only: later hours never move it, so that an episode keeps its name while it grows.
Missing data: NaN is not "in" and interrupts the count of a single city, so it starts nothing. Hours without data are
bridged like clean ones, up to the gap, and lower the completeness. The history ends with its last known hour, so that a
feed that falls silent ends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.rounding import round_half_even

HAZE, OZONE = "haze", "ozone"
GROWING, EASING, ENDED = "growing", "easing", "ended"


@dataclass(frozen=True, slots=True)
class EpisodeRules:
    """When a region counts as being in an episode; choices of this platform, no standard defines it.

    min_cities: so many cities in at once begin one. alone_h: so many hours on end in one city begin one. haze_gap_h,
    ozone_gap_h: so many hours on end with no city in end one; ozone sleeps at night, so its gap spans a night and a
    morning. growing_h: the highest value within so many last hours means that it still grows.
    """

    min_cities: int = 2
    alone_h: int = 6
    haze_gap_h: int = 12
    ozone_gap_h: int = 24
    growing_h: int = 3

    def gap_h(self, kind: str) -> int:
        """Give the gap that ends an episode of a kind [h]."""
        return {HAZE: self.haze_gap_h, OZONE: self.ozone_gap_h}[kind]


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode; start, peak, end are epoch hours, end None while its gap has not run out.

    peak_value_ugm3: the highest mean of any city; of several the earliest, then the first city. growth_ugm3_per_h: from
    the region's highest mean at the start to the peak, None where it peaked at once. cities: code and the hour each was
    first in, in that order. city_hours: hours in, summed over cities. completeness: share of city-hours with a value
    from the start to the last in-hour, 0 to 1.
    """

    kind: str
    start: int
    peak: int
    end: int | None
    phase: str
    peak_value_ugm3: float
    peak_city: str
    growth_ugm3_per_h: float | None
    cities: tuple[tuple[str, int], ...]
    city_hours: int
    completeness: float


def find_episodes(
    first_hour: int,
    cities: Sequence[str],
    pm25_24h: np.ndarray,
    o3_8h: np.ndarray,
    *,
    pm25_limit_ugm3: np.ndarray | float,
    o3_limit_ugm3: np.ndarray | float,
    rules: EpisodeRules = EpisodeRules(),
    known_until: dict[str, int] | None = None,
) -> list[Episode]:
    """Find the episodes of haze, then those of ozone, in the order of their starts.

    pm25_24h, o3_8h [ug/m3]: (city, hour), moving means that end with the hour; hours are consecutive from first_hour.
    Limits [ug/m3]: one number, or (hour,) where the edition in force changes. known_until: by kind the epoch hour to
    which the whole history is known, where the arrays are a window of it; None: they are all of it.
    """
    known = known_until or {}
    series = ((HAZE, pm25_24h, pm25_limit_ugm3), (OZONE, o3_8h, o3_limit_ugm3))
    return [
        episode
        for kind, values, limit in series
        for episode in episodes_of(kind, first_hour, cities, values, limit, rules=rules, known_until=known.get(kind))
    ]


def episodes_of(
    kind: str,
    first_hour: int,
    cities: Sequence[str],
    values: np.ndarray,
    limit_ugm3: np.ndarray | float,
    *,
    rules: EpisodeRules = EpisodeRules(),
    known_until: int | None = None,
) -> list[Episode]:
    """Find the episodes of one kind; arguments as in find_episodes()."""
    values = np.asarray(values, float)
    is_in = above(values, limit_ugm3)
    last = last_known(values) if known_until is None else min(known_until - first_hour, values.shape[1] - 1)
    gap_h = rules.gap_h(kind)
    onsets = np.flatnonzero(_begins(is_in, rules))
    found = []
    for first, final in zip(*_spells(is_in.any(axis=0), gap_h), strict=True):
        at = np.searchsorted(onsets, first)
        if at < len(onsets) and onsets[at] <= final:
            span = slice(onsets[at], final + 1)
            found.append(_episode(kind, first_hour, cities, values, is_in, span, last, gap_h, rules))
    return found


def above(values: np.ndarray, limit_ugm3: np.ndarray | float) -> np.ndarray:
    """Tell where a mean, as a whole number (HJ 633 4.2.2), is above its limit: bool (city, hour), False for NaN."""
    return round_half_even(values) > limit_ugm3


def last_known(values: np.ndarray) -> int:
    """Give the index of the last hour with a value in any city, -1 where there is none."""
    known = np.flatnonzero(~np.isnan(values).all(axis=0))
    return int(known[-1]) if known.size else -1


def _spells(region_in: np.ndarray, gap_h: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the first and last index of each stretch of in-hours whose inner gaps are shorter than gap_h."""
    hours = np.flatnonzero(region_in)
    breaks = np.flatnonzero(np.diff(hours) > gap_h)
    return hours[np.r_[0, breaks + 1]] if hours.size else hours, hours[np.r_[breaks, -1]] if hours.size else hours


def _begins(is_in: np.ndarray, rules: EpisodeRules) -> np.ndarray:
    """Tell at which hours the condition for a beginning holds: bool (hour,)."""
    index = np.arange(1, is_in.shape[1] + 1)
    last_out = np.maximum.accumulate(np.where(is_in, 0, index), axis=1)
    return (is_in.sum(axis=0) >= rules.min_cities) | (index - last_out >= rules.alone_h).any(axis=0)


def _episode(
    kind: str,
    first_hour: int,
    cities: Sequence[str],
    values: np.ndarray,
    is_in: np.ndarray,
    span: slice,
    last: int,
    gap_h: int,
    rules: EpisodeRules,
) -> Episode:
    """Describe the episode from its first to its last in-hour (span, indices); last is the last known index."""
    inside, start, final = values[:, span], first_hour + span.start, first_hour + span.stop - 1
    region = np.nanmax(inside, axis=0, initial=-np.inf)
    at = int(region.argmax())
    ended = first_hour + last - final >= gap_h
    joined = [(int(hours[0]), c) for c in range(len(cities)) if (hours := np.flatnonzero(is_in[c, span])).size]
    return Episode(
        kind=kind, start=int(start), peak=int(start + at), end=int(final) if ended else None,
        phase=ENDED if ended else GROWING if first_hour + last - (start + at) < rules.growing_h else EASING,
        peak_value_ugm3=float(region[at]), peak_city=cities[int(np.nanargmax(inside[:, at]))],
        growth_ugm3_per_h=float(region[at] - region[0]) / at if at else None,
        cities=tuple((cities[c], int(start + hour)) for hour, c in sorted(joined)),
        city_hours=int(is_in[:, span].sum()), completeness=float((~np.isnan(inside)).mean()),
    )  # fmt: skip
