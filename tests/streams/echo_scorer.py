"""A loader of models for tests: one gives back what was observed, one always fails, one kills its process over a value."""

from __future__ import annotations

import os
import signal

import numpy as np

from streams.assess.joined import JoinedHours
from streams.records import ScorerNotice
from streams.scorers import Scorer

DEADLY = 66.0


def load(notice: ScorerNotice) -> Scorer:
    """Give the model that a notice names."""
    return Scorer(notice.name, notice.version, ("pm25_ugm3",), _MODELS[notice.name], of_runs=False, of_hours=True)


def _echo(hours: JoinedHours) -> dict[str, np.ndarray]:
    return {"pm25_ugm3": hours.columns["pm25_ugm3"][hours.context :]}


def _broken(hours: JoinedHours) -> dict[str, np.ndarray]:
    raise ZeroDivisionError("made")


def _deadly(hours: JoinedHours) -> dict[str, np.ndarray]:
    found = _echo(hours)
    if (found["pm25_ugm3"] == DEADLY).any():
        os.kill(os.getpid(), signal.SIGSEGV)  # as a library does that writes where it may not
    return found


_MODELS = {"echo": _echo, "broken": _broken, "deadly": _deadly}
