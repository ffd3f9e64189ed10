"""Scores of the forecasts of the period by lead: the index of the day as told so many days before, against what came."""

from __future__ import annotations

import numpy as np

from dashboards.phase.content import Column, Table
from dashboards.phase.days_tables import index_of
from dashboards.phase.gathered import LEADS, Gathered
from dashboards.phase.measures import CITY, PERCENT
from dashboards.phase.question import REGION
from dashboards.phase.tabled import Rows
from standards.verification.forecast_scores import aqi_range, level_accuracy, range_accuracy


def by_lead(gathered: Gathered) -> Table | None:
    """Score each lead over all cities together and of each; None where nothing was told."""
    told = gathered.forecasts
    if not told.size or not np.isfinite(told).any():
        return None
    observed = np.minimum(index_of(gathered.now)[0], 500.0)
    columns = [
        CITY, Column("lead_days"), Column("pairs"), Column("level_accuracy_pct", unit=PERCENT, decimals=1),
        Column("range_accuracy_pct", unit=PERCENT, decimals=1), Column("aqi_bias", decimals=1), Column("aqi_rmse", decimals=1),
    ]  # fmt: skip
    rows = Rows("scores", columns)
    groups = [(REGION, slice(None)), *((city, slice(at, at + 1)) for at, city in enumerate(gathered.cities))]
    for place, part in groups if gathered.question.region else groups[1:]:
        for lead in range(LEADS):
            seen, said = observed[part].ravel(), np.clip(told[lead, part], 0.0, 500.0).ravel()
            pairs = np.isfinite(seen) & np.isfinite(said)
            values = _scores(seen[pairs], said[pairs]) if pairs.any() else {}
            rows.add(values | {"city": place, "lead_days": lead + 1, "pairs": int(pairs.sum())}, "no_pairs")
    return rows.table(notes=("scores_daily",), sources=(gathered.forecast_model,) if gathered.forecast_model else ())


def _scores(seen: np.ndarray, said: np.ndarray) -> dict[str, float]:
    ranges = np.stack(aqi_range(said))
    return {
        "level_accuracy_pct": round(100 * float(level_accuracy(seen, ranges).value), 1),
        "range_accuracy_pct": round(100 * float(range_accuracy(seen, ranges).value), 1),
        "aqi_bias": round(float((said - seen).mean()), 1), "aqi_rmse": round(float(np.sqrt(((said - seen) ** 2).mean())), 1),
    }  # fmt: skip
