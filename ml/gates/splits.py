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


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to train on and rows to test on, as ascending index arrays; embargo_h [h] is what was kept free between them."""

    kind: str
    train: np.ndarray
    test: np.ndarray
    embargo_h: int = 0
    held_out: str = ""


def embargo(*, horizon_h: int, lookback_h: int) -> int:
    """Give the smallest honest gap [h]: the longest horizon and the longest look-back of a feature together."""
    if horizon_h < 0 or lookback_h < 0:
        raise GateError(f"a horizon of {horizon_h} h and a look-back of {lookback_h} h, expected 0 or more")
    return horizon_h + lookback_h


def chronological(hours: np.ndarray, *, test_from: int, embargo_h: int, test_until: int | None = None) -> Split:
    """Train on what lies more than embargo_h [h] before test_from, test from there on (until test_until, not included)."""
    raise NotImplementedError


def rolling_origin(
    hours: np.ndarray, *, first_origin: int, step_h: int, embargo_h: int, train_h: int | None = None
) -> list[Split]:
    """Give a split for each origin, step_h [h] apart: train before it, test on the step that follows.

    train_h: the length [h] of a sliding window; None: a window that expands from the beginning.
    """
    raise NotImplementedError


def station_out(stations: Sequence[str], *, groups: int | None = None) -> list[Split]:
    """Hold out each station in turn, or groups of them (by their order of name), in all hours."""
    raise NotImplementedError


def episode_out(hours: np.ndarray, *, episodes: Sequence[tuple[int, int]], margin_h: int) -> list[Split]:
    """Hold out each episode (first and last hour, both included) whole; margin_h [h] on either side is in neither part."""
    raise NotImplementedError


def require_honest(
    train: np.ndarray, test: np.ndarray, *, hours: np.ndarray, embargo_h: int, stations: Sequence[str] | None = None
) -> Split:
    """Give a split of one's own as a Split; raise RandomSplit where it is none of the honest kinds."""
    raise RandomSplit("not decided yet")
