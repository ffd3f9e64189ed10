"""Splits into training and test that a forecast could have had: by time, by station, by episode; never at random.

hours [epoch h] int (row,): the hour of validity of each row of a table. The embargo [h] between training and test is
at least the longest horizon and the longest look-back together: a row of the test that looks back into the training
has its answer in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.gates.errors import GateError, RandomSplit

CHRONOLOGICAL, ROLLING, STATION_OUT, EPISODE_OUT = "chronological", "rolling-origin", "station-out", "episode-out"
KINDS = (CHRONOLOGICAL, ROLLING, STATION_OUT, EPISODE_OUT)
BY_TIME = (CHRONOLOGICAL, ROLLING)
"""The kinds whose training ends before their test begins, as in service."""
LEAST_MARGIN_H = 24
"""Hours on either side of an episode that are in neither part, at least [h]: the air of today is much like yesterday's."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to train on and rows to test on, as ascending index arrays; embargo_h [h] is what was kept free between.

    held_out: what is held out (an origin, stations, an episode), in words.
    """

    kind: str
    train: np.ndarray
    test: np.ndarray
    embargo_h: int = 0
    held_out: str = ""


def embargo(*, horizon_h: int, lookback_h: int) -> int:
    """Give the smallest honest gap [h]: the longest horizon and the longest look-back of a feature together.

    Errors: GateError where one of the two is negative.
    """
    if horizon_h < 0 or lookback_h < 0:
        raise GateError(f"a horizon of {horizon_h} h and a look-back of {lookback_h} h, expected 0 or more")
    return horizon_h + lookback_h


def chronological(hours: np.ndarray, *, test_from: int, embargo_h: int, test_until: int | None = None) -> Split:
    """Train on what lies more than embargo_h [h] before test_from, test from there on (until test_until, not included).

    Errors: GateError where either part would be empty.
    """
    hours = _hours(hours, embargo_h)
    test = hours >= test_from
    if test_until is not None:
        test &= hours < test_until
    return _split(CHRONOLOGICAL, hours < test_from - embargo_h, test, embargo_h, f"from {test_from}")


def rolling_origin(
    hours: np.ndarray, *, first_origin: int, step_h: int, embargo_h: int, train_h: int | None = None
) -> list[Split]:
    """Give a split for each origin, step_h [h] apart: train before it, test on the step that follows.

    train_h: the length [h] of a sliding window; None: a window that expands from the beginning. An origin whose step
    has no row is left out. Errors: GateError where step_h or train_h is not positive, where no step has a row, or
    where a step would be tested without anything to train on.
    """
    hours = _hours(hours, embargo_h)
    if step_h <= 0 or (train_h is not None and train_h <= 0):
        raise GateError(f"steps of {step_h} h and a window of {train_h} h, expected more than 0")
    splits = []
    for origin in range(first_origin, int(hours.max()) + 1, step_h):
        test, train = (hours >= origin) & (hours < origin + step_h), hours < origin - embargo_h
        if train_h is not None:
            train &= hours >= origin - embargo_h - train_h
        if test.any():
            splits.append(_split(ROLLING, train, test, embargo_h, f"from {origin}"))
    if not splits:
        raise GateError(f"no hour lies at or after the origin {first_origin}, expected some to test on")
    return splits


def station_out(stations: Sequence[str], *, groups: int | None = None) -> list[Split]:
    """Hold out each station in turn, or groups of them (by the order of their names), in all hours.

    Errors: GateError where there are fewer than two stations or groups, or more groups than stations.
    """
    of_row = np.asarray(stations)
    names = np.unique(of_row)
    groups = len(names) if groups is None else groups
    if not 2 <= groups <= len(names):
        raise GateError(f"{groups} groups of {len(names)} stations, expected two or more, each with a station")
    held = np.array_split(names, groups)
    return [_split(STATION_OUT, ~np.isin(of_row, each), np.isin(of_row, each), 0, ", ".join(each)) for each in held]


def episode_out(hours: np.ndarray, *, episodes: Sequence[tuple[int, int]], margin_h: int) -> list[Split]:
    """Hold out each episode (first and last hour, both included) whole; margin_h [h] on either side is in neither part.

    An episode without a row is left out. Errors: GateError where margin_h is below LEAST_MARGIN_H, an episode ends
    before it begins, or none has rows.
    """
    hours = _hours(hours, margin_h)
    if margin_h < LEAST_MARGIN_H:
        raise GateError(f"a margin of {margin_h} h on either side of episodes, expected {LEAST_MARGIN_H} h or more")
    splits = []
    for first, last in episodes:
        if last < first:
            raise GateError(f"an episode from {first} to {last}, expected one that ends after it begins")
        test = (hours >= first) & (hours <= last)
        train = (hours < first - margin_h) | (hours > last + margin_h)
        if test.any():
            splits.append(_split(EPISODE_OUT, train, test, margin_h, f"{first} to {last}"))
    if not splits:
        raise GateError(f"none of {len(episodes)} episodes has an hour, expected one or more")
    return splits


def require_honest(
    train: np.ndarray, test: np.ndarray, *, hours: np.ndarray, embargo_h: int, stations: Sequence[str] | None = None
) -> Split:
    """Give a split of one's own (index arrays) as a Split; raise RandomSplit where it is none of the honest kinds.

    Honest is: all training more than embargo_h [h] before all test (chronological); no station in both parts
    (station-out, where stations are given); or a test of whole stretches of hours, with embargo_h free of training on
    either side of each (episode-out).
    """
    hours = _hours(hours, embargo_h)
    train, test = np.unique(np.asarray(train, int)), np.unique(np.asarray(test, int))
    if not len(train) or not len(test):
        raise GateError(f"{len(train)} rows to train on and {len(test)} to test on, expected some of both")
    if hours[train].max() < hours[test].min() - embargo_h:
        return Split(CHRONOLOGICAL, train, test, embargo_h)
    if stations is not None:
        names = np.asarray(stations)
        if not set(names[train]) & set(names[test]):
            return Split(STATION_OUT, train, test)
    nearest, needed = _nearest(hours[train], hours[test]), max(embargo_h, LEAST_MARGIN_H)
    if nearest <= needed:
        raise RandomSplit(
            f"an hour of the test lies {nearest} h from one of the training, expected more than {needed} h (horizon and "
            f"look-back, a day at least): a random split is no score; split by time, by station or by whole episodes"
        )
    return Split(EPISODE_OUT, train, test, needed)


def _nearest(train: np.ndarray, test: np.ndarray) -> int:
    train = np.unique(train)
    at = np.searchsorted(train, test)
    after = np.where(at < len(train), train[np.minimum(at, len(train) - 1)] - test, np.iinfo(np.int64).max)
    before = np.where(at > 0, test - train[np.maximum(at - 1, 0)], np.iinfo(np.int64).max)
    return int(np.minimum(after, before).min())


def _hours(hours: np.ndarray, gap_h: int) -> np.ndarray:
    hours = np.asarray(hours)
    if hours.ndim != 1 or not len(hours) or hours.dtype.kind not in "iu":
        raise GateError(f"hours are {hours.dtype}{hours.shape}, expected whole epoch hours, one for each row")
    if gap_h < 0:
        raise GateError(f"an embargo of {gap_h} h, expected 0 or more")
    return hours.astype(np.int64)


def _split(kind: str, train: np.ndarray, test: np.ndarray, embargo_h: int, held_out: str) -> Split:
    if not train.any() or not test.any():
        raise GateError(
            f"the {kind} split {held_out} leaves {train.sum()} rows to train on and {test.sum()} to test on, "
            f"expected some of both (embargo {embargo_h} h)"
        )
    return Split(kind, np.flatnonzero(train), np.flatnonzero(test), embargo_h, held_out)
