"""Evaluations for tests: what was observed, a model of a given skill, and two baselines."""

from __future__ import annotations

import numpy as np

from ml.gates.evaluation import Evaluation

TRAINED_UNTIL = 460_000
LEVELS = (0.1, 0.5, 0.9)


def evaluation(*, error: float = 5.0, days: int = 60, leads: tuple[int, ...] = (1, 24), seed: int = 0, gap_h: int = 48,
               quantity: str = "pm25_ugm3", split: str = "chronological", **given) -> Evaluation:  # fmt: skip
    """Give pairs of a city over days; error [ug/m3] is the model's standard deviation, 10 that of the climatology; the air is
    another every hour, so that persistence is of no use."""
    rng = np.random.default_rng(99)
    hours = TRAINED_UNTIL + gap_h + 1 + np.arange(24 * days)
    hour, lead = np.tile(hours, len(leads)), np.repeat(leads, len(hours))
    seen = rng.gamma(3.0, 20.0, len(hours))
    observed = np.tile(seen, len(leads))
    before = np.concatenate([np.concatenate([rng.gamma(3.0, 20.0, n), seen])[: len(hours)] for n in leads])
    noise = np.random.default_rng(seed).normal(size=len(hour))
    other = rng.normal(size=(2, len(hour)))
    predicted = observed + error * noise
    z = {0.1: -1.2815515655446004, 0.5: 0.0, 0.9: 1.2815515655446004}  # of the normal distribution
    columns = {
        "quantity": quantity, "hour": hour, "lead_h": lead, "place": np.full(len(hour), "510100"), "observed": observed,
        "predicted": predicted, "trained_until": TRAINED_UNTIL, "split": split, "embargo_h": gap_h,
        "baselines": {"persistence": before, "climatology": observed + 10 * other[1]},
        "quantiles": {level: predicted + error * z[level] for level in LEVELS},
    }  # fmt: skip
    return Evaluation(**(columns | given))
