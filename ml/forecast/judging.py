"""How well a model of hours did: pairs for a judge, scores by lead, and the same rolling through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from ml.forecast.inputs import Ahead, History
from ml.forecast.quantiles import LEVELS, MEDIAN
from ml.forecast.simple import Persistence, Usual
from standards.pollutants import POLLUTANTS
from standards.verification.forecast_scores import ByLead, by_lead
from standards.verification.pairs import Score
from standards.verification.probability_scores import coverage, quantile_loss
from standards.verification.scores import correlation, mean_bias, mean_error, nmb, rmse

SCORES = {"mb": mean_bias, "mae": mean_error, "rmse": rmse, "nmb": nmb, "r": correlation}
"""Scores of the median, by name."""


class Hourly(Protocol):
    """What forecasts an item by hours: ml.forecast.boosted.Boosted and its kin."""

    item: str

    def predict(self, history: History, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Pairs:
    """Rows of forecast and observation.

    quantity: named with its unit. hour [epoch hours], lead_h [h]: int64 (row,). place: (row,). observed: float64
    (row,). quantiles: float64 (quantile, row) at LEVELS. baselines: "persistence" and "climatology", float64 (row,).
    """

    quantity: str
    hour: np.ndarray
    lead_h: np.ndarray
    place: np.ndarray
    observed: np.ndarray
    quantiles: np.ndarray
    baselines: Mapping[str, np.ndarray]


def pairs(
    model: Hourly, places: Sequence[tuple[History, Ahead | None]], issues: np.ndarray, leads: Sequence[int], *,
    persistence: Persistence, usual: Usual,
) -> Pairs:  # fmt: skip
    """Let a model forecast at issues and leads, each from what was known then, beside what came and the two simplest
    forecasts.

    persistence, usual: learned from the same past as the model. Missing: NaN in whatever is missing.
    """
    column = POLLUTANTS[model.item].column
    at, lead = np.repeat(issues, len(leads)), np.tile(np.asarray(leads), len(issues))
    made, seen, before, course = [], [], [], []
    for history, ahead in places:
        made.append(model.predict(history, ahead, at, lead))
        seen.append(history.at(column, at + lead))
        before.append(persistence.predict(history, ahead, at, lead)[MEDIAN])
        course.append(usual.predict(history, ahead, at, lead)[MEDIAN])
    hour, lead_h = np.tile(at + lead, len(places)), np.tile(lead, len(places))
    names = np.repeat([history.place for history, _ in places], len(at))
    baselines = {"persistence": np.concatenate(before), "climatology": np.concatenate(course)}
    return Pairs(column, hour, lead_h, names, np.concatenate(seen), np.concatenate(made, axis=1), baselines)


def scores_by_lead(found: Pairs) -> dict[str, ByLead]:
    """Score pairs by lead: those of SCORES for the median, coverage_80 of the middle 80 %, quantile_loss_90 of the
    upper end."""
    ends = found.quantiles[[LEVELS.index(0.10), LEVELS.index(0.90)]]
    scores = {
        name: by_lead(score, found.observed, found.quantiles[MEDIAN], found.lead_h) for name, score in SCORES.items()
    }
    upper = found.quantiles[LEVELS.index(0.90)]
    scores["quantile_loss_90"] = by_lead(partial(quantile_loss, level=0.90), found.observed, upper, found.lead_h)
    scores["coverage_80"] = by_lead(_covered, found.observed, ends, found.lead_h)
    return scores


def rolling_scores(found: Pairs, *, window_h: int = 24 * 30, step_h: int = 24) -> list[tuple[int, dict[str, ByLead]]]:
    """Score pairs by lead in windows that move through time: (hour with which the window ends, scores), oldest first.

    window_h, step_h [h]: how long a window is and how far it moves. A pair counts in the windows that hold its hour of
    validity, so a score at an hour rests on what was known with it.
    """
    first, last = int(found.hour.min()), int(found.hour.max())
    told = []
    for end in range(first + window_h, last + step_h, step_h):
        inside = (found.hour > end - window_h) & (found.hour <= end)
        if inside.any():
            told.append((end, scores_by_lead(_chosen(found, inside))))
    return told


def _covered(obs: np.ndarray, ends: np.ndarray, *, axis: int) -> Score:
    return coverage(obs, ends, axis=axis)


def _chosen(found: Pairs, inside: np.ndarray) -> Pairs:
    baselines = {name: values[inside] for name, values in found.baselines.items()}
    return Pairs(found.quantity, found.hour[inside], found.lead_h[inside], found.place[inside], found.observed[inside],
                 found.quantiles[:, inside], baselines)  # fmt: skip
