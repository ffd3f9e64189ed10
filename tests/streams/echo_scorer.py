"""A loader of two models for tests: one that gives back what was observed, and one that always fails."""

from __future__ import annotations

import numpy as np

from streams.assess.joined import JoinedHours
from streams.records import ScorerNotice
from streams.scorers import Scorer


def load(notice: ScorerNotice) -> Scorer:
    """Give the model that a notice names."""
    return Scorer(notice.name, notice.version, ("pm25_ugm3",), _MODELS[notice.name], of_runs=False, of_hours=True)


def _echo(hours: JoinedHours) -> dict[str, np.ndarray]:
    return {"pm25_ugm3": hours.columns["pm25_ugm3"][hours.context :]}


def _broken(hours: JoinedHours) -> dict[str, np.ndarray]:
    raise ZeroDivisionError("made")


_MODELS = {"echo": _echo, "broken": _broken}
