"""How good forecasts of whole days were, from day_pairs (dashboards.queries.verified_days): by lead, and of probabilities. Pure.

The arithmetic is that of standards.labelled and standards.verification.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboards.judged import LEVELS as EVENTS
from standards.labelled import event_scores_by_lead, index_scores_by_lead
from standards.verification.forecast_scores import aqi_range
from standards.verification.probability_scores import Reliability, brier, reliability

INDEX = ("range", "level", "strict_level", "half_level", "primary", "shanghai", "persistence_skill")
FEWEST = 5
"""Days below which there is no score (our choice): a work week."""
ABOVE = {"polluted": tuple(f"level{n}_day_pct" for n in range(3, 7)), "heavy": ("heavy_day_pct",)}
"""Events of which probabilities are stored, with the columns that make them up: an index above 100, and above 200."""
LIMITS = {"polluted": 100.0, "heavy": 200.0}


@dataclass(frozen=True, eq=False)
class DayScores:
    """Scores of one model at one lead. index: by name of INDEX, NaN with fewer than FEWEST days. n: days with an index. events: by
    threshold hits, false alarms, misses, rejections, and pod, far, csi.
    """

    model: str
    lead_day: int
    index: dict[str, float]
    n: int
    events: dict[int, dict[str, float]]


def by_lead(table: pd.DataFrame, models: Sequence[str]) -> list[DayScores]:
    """Score models at each lead, in the order of leads and models; who says nothing of a lead is not there."""
    made = []
    for at, model in enumerate(models):
        part = table[table["model"] == model].drop(columns="simulated")
        # A newer run on the same day of start tells of the same day again: the newest counts.
        part = part.sort_values("run").drop_duplicates(["day", "lead_day"], keep="last")
        part = _with_range(part.dropna(subset=["forecast_aqi"]).assign(city="", day=pd.to_datetime(part["day"])))
        if part.empty:
            continue
        index = index_scores_by_lead(part)
        events = {above: event_scores_by_lead(part, f"aqi_{above}") for above in EVENTS}
        for lead, row in index.iterrows():
            n = int(row["strict_level_n"])
            told = {name: float(row[name]) if row[f"{name}_n"] >= FEWEST else np.nan for name in INDEX}
            of_lead = {above: scores.loc[lead].to_dict() for above, scores in events.items() if lead in scores.index}
            made.append((int(lead), at, DayScores(model, int(lead), told, n, of_lead)))
    return [each for _, _, each in sorted(made, key=lambda each: each[:2])]


def _with_range(part: pd.DataFrame) -> pd.DataFrame:
    """Give the range of a forecast where a model has none: that of forecasting centres around its index."""
    ends = ["forecast_aqi_low", "forecast_aqi_high"]
    low, high = aqi_range(part["forecast_aqi"].to_numpy(float))
    told = part[ends].notna().all(axis=1)
    part = part.assign(**{ends[0]: part[ends[0]].where(told, low), ends[1]: part[ends[1]].where(told, high)})
    return part.drop(columns=[name for name in part if str(name).endswith("_pct") or name == "model"])


@dataclass(frozen=True, eq=False)
class Chances:
    """How a model's probabilities of an event came true: bins, Brier score, its skill over the event's own frequency in these
    days (NaN where it always or never happened), days, and how many of them had the event."""

    model: str
    event: str
    bins: Reliability
    score: float
    skill: float
    n: int
    happened: int


def chances(table: pd.DataFrame, models: Sequence[str]) -> list[Chances]:
    """Judge the stored probabilities of models, an event after the other; a model that stores none is not there."""
    made = []
    for event, columns in ABOVE.items():
        for model in models:
            part = table[table["model"] == model].dropna(subset=[*columns, "aqi"])
            if part.empty:
                continue
            said = np.clip(part[list(columns)].sum(axis=1).to_numpy(float) / 100.0, 0.0, 1.0)
            seen = (part["aqi"].to_numpy(float) > LIMITS[event]).astype(float)
            score, base = float(brier(seen, said).value), float(seen.mean())
            skill = 1.0 - score / (base * (1.0 - base)) if 0.0 < base < 1.0 else np.nan
            made.append(Chances(model, event, reliability(seen, said), score, skill, len(seen), int(seen.sum())))
    return made
