"""Cycles of a day, a week and a year: what each hour, weekday and month has in the mean, and between which bounds. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboards.analysis.effective import LEAST_EFFECTIVE, effective_of_mean, student95
from standards.days import UTC_OFFSET_HOURS

KINDS = ("hour", "weekday", "month")
LEAST_HOURS = 20
"""Hours that a day must have for its mean to count (GB 3095-2012, Table 4: 20 hours a day)."""


@dataclass(frozen=True)
class Group:
    """One hour of the day, weekday or month. middle: mean or median; low, high: its 95 % bounds, or the quartiles.

    n: members, values of an hour or means of a day. effective: how many of them count as independent. NaN where there is none.
    """

    key: int
    middle: float
    low: float
    high: float
    n: int
    effective: float


def cycle(values: np.ndarray, first: dt.datetime, kind: str, *, quartiles: bool) -> list[Group]:
    """Give the groups of a cycle of a series (hours,). first: end of its first hour, naive UTC.

    kind hour: 1 to 24, hour ends in Beijing; weekday: 0 (Monday) to 6 and month: 1 to 12, of means of days in Beijing.
    The bounds of a mean count members that are alike from one to the next once (effective_of_mean).
    Missing: NaN is left out; a day with fewer than LEAST_HOURS hours has no mean.
    """
    if kind == "hour":
        keys = (np.arange(len(values)) + (first.hour + UTC_OFFSET_HOURS - 1) % 24) % 24 + 1
        return [_group(int(key), values[keys == key], quartiles) for key in range(1, 25)]
    means, days = day_means(values, first)
    keys = np.array([day.weekday() if kind == "weekday" else day.month for day in days])
    every: Sequence[int] = range(7) if kind == "weekday" else range(1, 13)
    return [_group(key, means[keys == key], quartiles) for key in every]


def day_means(values: np.ndarray, first: dt.datetime) -> tuple[np.ndarray, list[dt.date]]:
    """Give the means of the days in Beijing that a series (hours,) touches, NaN with fewer than LEAST_HOURS, and the days."""
    begun = first + dt.timedelta(
        hours=UTC_OFFSET_HOURS - 1
    )  # the hour that ends at 24:00 belongs to the day that it ends
    before = begun.hour
    after = -(before + len(values)) % 24
    by_day = np.concatenate([np.full(before, np.nan), values, np.full(after, np.nan)]).reshape(-1, 24)
    n = np.isfinite(by_day).sum(axis=1)
    means = np.where(n >= LEAST_HOURS, np.nansum(by_day, axis=1) / np.maximum(n, 1), np.nan)
    return means, [begun.date() + dt.timedelta(days=i) for i in range(len(means))]


def _group(key: int, members: np.ndarray, quartiles: bool) -> Group:
    members, nan = members[np.isfinite(members)], float("nan")
    n = len(members)
    if n == 0:
        return Group(key, nan, nan, nan, 0, 0.0)
    effective = effective_of_mean(members)
    if quartiles:
        low, middle, high = (float(each) for each in np.quantile(members, (0.25, 0.5, 0.75)))
        return Group(key, middle, low, high, n, effective)
    mean = float(members.mean())
    if effective < LEAST_EFFECTIVE:
        return Group(key, mean, nan, nan, n, effective)
    half = student95(effective - 1) * float(members.std(ddof=1)) / float(np.sqrt(effective))
    return Group(key, mean, mean - half, mean + half, n, effective)
