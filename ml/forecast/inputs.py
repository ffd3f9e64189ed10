"""What a forecast is made from: the hours observed at a place, and what runs say of the hours ahead of an issue.

An issue is the end of an hour: what ended with it or before is known, nothing else. Whatever is said of later hours
comes from runs that had started by then, or, for measuring what better weather would bring, from observation put in
their place, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from standards.averaging import moving_mean
from standards.errors import AirshedError

LEADS = 168
"""Hours ahead that a forecast reaches: 7 days."""
RUNS, OBSERVED = "runs", "observed"
"""Where the hours ahead come from: runs that had started, or what was observed later (a perfect forecast of the
weather)."""


def logged(values: np.ndarray) -> np.ndarray:
    """Give log(1 + c) of concentrations; what is below zero counts as zero."""
    return np.log1p(np.maximum(values, 0.0))


class ForecastError(AirshedError):
    """A forecast cannot be made or learned; the message says what was found and what was expected."""


@dataclass(frozen=True, eq=False)
class History:
    """Consecutive hours observed at a place.

    first_hour [epoch hours]: of the first. columns: by name float64 (hour,), named with their unit (pm25_ugm3,
    temperature_c), NaN for missing.
    """

    place: str
    first_hour: int
    columns: Mapping[str, np.ndarray]
    _means: dict = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if len({np.shape(values) for values in self.columns.values()}) > 1:
            raise ForecastError(f"columns of {self.place} have several shapes, expected all (hour,)")

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return len(next(iter(self.columns.values()), ()))

    def at(self, name: str, hours: np.ndarray) -> np.ndarray:
        """Give a column at epoch hours of any shape, NaN where there is no such hour or column."""
        values = self.columns.get(name)
        if values is None:
            return np.full(np.shape(hours), np.nan)
        return self._told(values, hours)

    def mean_at(self, name: str, hours: np.ndarray, *, window: int, least: int, log: bool = False) -> np.ndarray:
        """Give the mean over the window that ends with epoch hours, the shape of hours.

        window [h]. least: values that a mean needs. log: whether log(1 + c) is averaged. Missing: NaN where fewer are
        known, or there is no such column. A mean is worked out once for all hours of the history, whoever asks; it is
        exact, so that a short history gives to the bit what a long one gives.
        """
        if name not in self.columns:
            return np.full(np.shape(hours), np.nan)
        key = (name, window, least, log)
        if key not in self._means:
            values = self.columns[name]
            self._means[key] = moving_mean(logged(values) if log else values, window, min_count=least)[0]
        return self._told(self._means[key], hours)

    def _told(self, values: np.ndarray, hours: np.ndarray) -> np.ndarray:
        index = np.asarray(hours) - self.first_hour
        inside = (index >= 0) & (index < len(values))
        return np.where(inside, np.take(values, np.clip(index, 0, len(values) - 1)), np.nan)

    def until(self, hour: int) -> History:
        """Give the history as it was known at the end of an hour."""
        stop = max(hour + 1 - self.first_hour, 0)
        if stop >= self.hours:
            return self
        return History(self.place, self.first_hour, {name: values[:stop] for name, values in self.columns.items()})


@dataclass(frozen=True, eq=False)
class Ahead:
    """What is said at issues of the hours ahead of them.

    issues [epoch hours]: int64 (issue,), rising. columns: by name float64 (issue, lead), leads 1, 2, … in hours, NaN
    where nothing is said. source: RUNS or OBSERVED.
    """

    issues: np.ndarray
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    source: str = RUNS

    def rows_of(self, issues: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find issues: (row of each, whether it is there)."""
        rows = np.clip(np.searchsorted(self.issues, issues), 0, max(len(self.issues) - 1, 0))
        there = self.issues[rows] == issues if len(self.issues) else np.zeros(len(issues), bool)
        return rows, there


def weather_observed_ahead(history: History, names: tuple[str, ...], *, leads: int = LEADS) -> Ahead:
    """Put the weather that was observed in the place of a forecast of it: what a perfect forecast of the weather would
    have said.

    Returns Ahead with source OBSERVED, an issue for each hour. It is for measuring only; nothing of the kind is known
    at an issue.
    """
    windows = {}
    for name in names:
        padded = np.concatenate([history.columns[name], np.full(leads, np.nan)])[1:]
        windows[name] = np.lib.stride_tricks.sliding_window_view(padded, leads)[: history.hours]
    return Ahead(history.first_hour + np.arange(history.hours), windows, OBSERVED)
