"""What every model must beat: the value of the issue held on, and what is usual at the hour; with quantiles of their
past errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.forecast.climatology import Climatology, fit_climatology
from ml.forecast.features import present, start
from ml.forecast.inputs import LEADS, History
from ml.forecast.quantiles import MEDIAN, empirical
from standards.pollutants import POLLUTANTS

_KNOTS = (1, 2, 3, 6, 12, 18, 24, 36, 48, 72, 96, 120, 144, 168)


@dataclass(frozen=True, eq=False)
class Persistence:
    """The value of the issue, held on. spread: float64 (quantile, knot), quantiles of the past change of log(1 + c) at
    leads of _KNOTS."""

    item: str
    spread: np.ndarray

    def predict(self, history: History, ahead: object, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Forecast the item [its unit] at LEVELS, (quantile, row); the median is the value of the issue itself, or the
        mean of the last 3 hours.

        Missing: NaN where the item was not observed shortly before the issue.
        """
        spread = np.array([np.interp(leads, _KNOTS, row) for row in self.spread])
        spread[MEDIAN] = 0.0
        found = np.maximum(np.expm1(start(history, issues, self.item) + spread), 0.0)
        return np.where(present(history, issues, self.item), found, np.nan)


@dataclass(frozen=True, eq=False)
class Usual:
    """What is usual at the hour; it knows nothing of the day."""

    item: str
    climate: Climatology

    def predict(self, history: History, ahead: object, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Forecast the item [its unit] at LEVELS, (quantile, row); NaN where no climatology could be learned."""
        return self.climate.quantiles(issues + leads)


def fit_persistence(places: Sequence[History], *, item: str, until: int) -> Persistence:
    """Learn from the past, up to the epoch hour until, by how much an item changes within a lead."""
    changes: dict[int, list[np.ndarray]] = {lead: [] for lead in _KNOTS}
    for place in places:
        known = place.until(until)
        issues = known.first_hour + np.arange(0, max(known.hours - LEADS, 0), 3)
        before = start(known, issues, item)
        for lead in _KNOTS:
            changes[lead].append(np.log1p(known.at(POLLUTANTS[item].column, issues + lead)) - before)
    spread = np.column_stack([empirical(np.concatenate(changes[lead])) for lead in _KNOTS])
    return Persistence(item, spread)


def fit_usual(places: Sequence[History], *, item: str, until: int) -> Usual:
    """Learn from the past, up to the epoch hour until, what is usual."""
    known = [place.until(until) for place in places]
    values = np.concatenate([each.columns[POLLUTANTS[item].column] for each in known])
    return Usual(item, fit_climatology(values, np.concatenate([e.first_hour + np.arange(e.hours) for e in known])))
