"""A numerical model as it says, and corrected by what it has been wrong by: raw, and model output statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.forecast.features import ahead_mean, start
from ml.forecast.inputs import Ahead, ForecastError, History
from ml.forecast.quantiles import LEVELS, MEDIAN, empirical
from standards.days import hour_of_day
from standards.pollutants import POLLUTANTS

SPANS = ((1, 6), (7, 24), (25, 48), (49, 96), (97, 168))
"""Leads [h] that share their correction, first and last."""
_RIDGE = 5.0
_MEMORY_H = 12.0
"""[h] The gap between observation and model at the issue is forgotten with this time."""


@dataclass(frozen=True, eq=False)
class Raw:
    """What the numerical model says; it gives no quantiles but the median."""

    item: str

    def predict(self, history: History, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Give what the model says [unit of the item] at the median of LEVELS, (quantile, row), the other quantiles and
        gaps NaN."""
        found = np.full((len(LEVELS), len(issues)), np.nan)
        found[MEDIAN] = said(self.item, ahead, issues, leads)
        return found


@dataclass(frozen=True, eq=False)
class Mos:
    """A linear correction of log(1 + c): weights float64 (span, term), spread float64 (span, quantile) of what it
    leaves."""

    item: str
    weights: np.ndarray
    spread: np.ndarray

    def predict(self, history: History, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Forecast the item [its unit] at LEVELS, (quantile, row).

        Missing: NaN where the model says nothing. Where the item was not observed before the issue, the gap at the
        start counts as none.
        """
        x = _terms(self.item, history, ahead, issues, leads)
        log = np.full((len(LEVELS), len(issues)), np.nan)
        for (first, last), weights, spread in zip(SPANS, self.weights, self.spread, strict=True):
            here = (leads >= first) & (leads <= last)
            log[:, here] = x[here] @ weights + spread[:, None]
        return np.maximum(np.expm1(log), 0.0)


def said(item: str, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """Give what runs say of an item [its unit], (row,), NaN where nothing."""
    name = f"forecast_{POLLUTANTS[item].column}"
    if ahead is None or name not in ahead.columns:
        return np.full(len(issues), np.nan)
    return ahead_mean(ahead, name, issues, leads, window=1)


def fit_mos(places: Sequence[tuple[History, Ahead | None]], *, item: str, until: int) -> Mos:
    """Learn by what a numerical model is wrong, from the runs and observations up to the epoch hour until.

    Missing: NaN for a span of leads with fewer than 50 pairs, of which nothing is said then. Errors: ForecastError where
    that is so of all.
    Source: Glahn and Lowry 1972 (J. Appl. Meteor. 11:1203), model output statistics; a ridge keeps weights small.
    """
    weights, spreads = [], []
    for first, last in SPANS:
        xs, ys = [], []
        for history, ahead in places:
            known = history.until(until)
            starts = np.array([], int) if ahead is None else ahead.issues[ahead.issues < until]
            leads = np.tile(np.arange(first, last + 1), len(starts))
            issues = np.repeat(starts, last + 1 - first)
            xs.append(_terms(item, known, ahead, issues, leads))
            ys.append(np.log1p(known.at(POLLUTANTS[item].column, issues + leads)))
        x, y = np.vstack(xs), np.concatenate(ys)
        usable = np.isfinite(y) & np.isfinite(x).all(axis=1)
        if usable.sum() < 50:
            weights.append(np.full(x.shape[1], np.nan))
            spreads.append(np.full(len(LEVELS), np.nan))
            continue
        x, y = x[usable], y[usable]
        # Pulled to the model as it is, not to zero.
        prior = np.zeros(x.shape[1])
        prior[1] = 1.0
        solved = prior + np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ (y - x @ prior))
        weights.append(solved)
        spreads.append(empirical(y - x @ solved))
    if np.isnan(weights).all():
        raise ForecastError(
            f"{item} has fewer than 50 pairs of model and observation at any leads, expected 50 or more"
        )
    return Mos(item, np.array(weights), np.array(spreads))


def _terms(item: str, history: History, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray) -> np.ndarray:
    model = np.log1p(np.maximum(said(item, ahead, issues, leads), 0.0))
    at_start = np.log1p(np.maximum(said(item, ahead, issues, np.ones_like(leads)), 0.0))
    gap = start(history, issues, item) - at_start
    gap = np.where(np.isfinite(gap), gap, 0.0) * np.exp(-leads / _MEMORY_H)
    angle = 2 * np.pi * (hour_of_day(issues + leads) - 0.5) / 24
    return np.column_stack([np.ones(len(issues)), model, gap, np.cos(angle), np.sin(angle)])
