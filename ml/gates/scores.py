"""Scores by lead from pairs, always beside the baselines on the very same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.gates.evaluation import Evaluation
from standards.verification.pairs import paired


@dataclass(frozen=True, slots=True)
class LeadScore:
    """Scores of one quantity at one lead, over the rows that all have: n pairs; mae, rmse, bias [the quantity's unit].

    baselines: by name the mean absolute error of simple forecasts on the same pairs. lead_h: None for all leads
    together. None where there is no pair.
    """

    quantity: str
    split: str
    lead_h: int | None
    n: int
    mae: float | None
    rmse: float | None
    bias: float | None
    baselines: Mapping[str, float | None]


def complete(evaluation: Evaluation) -> np.ndarray:
    """Give the rows that count, bool (row,): observed, predicted, and said by every baseline."""
    columns = (evaluation.observed, evaluation.predicted, *evaluation.baselines.values())
    return np.isfinite(np.stack(columns)).all(axis=0)


def by_lead(evaluation: Evaluation) -> tuple[LeadScore, ...]:
    """Give the scores of all leads together and of each lead, in order. Missing: rows that lack anything are left out."""
    leads = np.unique(evaluation.lead_h)
    each = tuple(_score(evaluation, evaluation.lead_h == lead, int(lead)) for lead in leads)
    return (_score(evaluation, np.ones(len(evaluation.hour), bool), None), *(each if len(leads) > 1 else ()))


def _score(evaluation: Evaluation, of: np.ndarray, lead: int | None) -> LeadScore:
    of = of & complete(evaluation)
    n = int(of.sum())
    if not n:
        nothing = dict.fromkeys(evaluation.baselines)
        return LeadScore(evaluation.quantity, evaluation.split, lead, 0, None, None, None, nothing)
    error = _error(evaluation.observed[of], evaluation.predicted[of])
    baselines = {
        name: float(np.abs(_error(evaluation.observed[of], values[of])).mean())
        for name, values in evaluation.baselines.items()
    }
    return LeadScore(
        evaluation.quantity, evaluation.split, lead, n, float(np.abs(error).mean()),
        float(np.sqrt((error**2).mean())), float(error.mean()), baselines,
    )  # fmt: skip


def _error(observed: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    pairs = paired(observed, predicted, lowest=None)
    return pairs.fcst - pairs.obs
