"""The simplest kind of model: a quantity as a sum of weighted columns of the joined hour, an intercept, and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ml.registry.artefact import Artefact, json_part
from ml.registry.card import Card
from ml.registry.errors import RegistryError
from streams.assess.joined import JoinedHours
from streams.scorers import Scorer

PART = "linear.json"


def linear(
    weights: Mapping[str, Mapping[str, float]], *, intercepts: Mapping[str, float] | None = None, of_runs: bool = True,
    of_hours: bool = False, lowest: float | None = 0.0,
) -> Artefact:  # fmt: skip
    """Make the artefact: weights by quantity and column of streams.assess.joined.COLUMNS, intercepts by quantity (0).

    of_runs, of_hours: as streams.scorers.Scorer. lowest: values below are raised to it, None for no bound.
    """
    plain = {
        "weights": weights,
        "intercepts": intercepts or {},
        "of_runs": of_runs,
        "of_hours": of_hours,
        "lowest": lowest,
    }
    return Artefact({PART: json_part(plain)})


def build(artefact: Artefact, card: Card) -> Scorer:
    """Make the scorer of such an artefact. Missing: an hour without one of its columns has no value. Errors: RegistryError."""
    plain: Any = artefact.json(PART)
    if set(plain["weights"]) != set(card.quantities):
        raise RegistryError(
            f"{card.name} {card.version} gives {', '.join(plain['weights'])}, expected {', '.join(card.quantities)} of its card"
        )
    needs = tuple(sorted({column for weights in plain["weights"].values() for column in weights}))

    def score(hours: JoinedHours) -> dict[str, np.ndarray]:
        return {q: _value(weights, plain, q, hours) for q, weights in plain["weights"].items()}

    return Scorer(card.name, card.version, needs, score, of_runs=plain["of_runs"], of_hours=plain["of_hours"])


def _value(weights: Mapping[str, float], plain: Mapping[str, Any], quantity: str, hours: JoinedHours) -> np.ndarray:
    value = np.full(len(hours.simulated) - hours.context, float(plain["intercepts"].get(quantity, 0.0)))
    for column, weight in weights.items():
        value = value + weight * hours.columns[column][hours.context :]
    return value if plain["lowest"] is None else np.maximum(value, plain["lowest"])
