"""The hours of a run as the job would hand them to a scorer, made from a past: so that what is judged is what serves."""

from __future__ import annotations

import numpy as np

from ml.forecast.features import COLUMNS
from ml.forecast.inputs import LEADS, Ahead, History
from streams.assess.joined import JoinedHours
from streams.scorers import Scorer

_WINDS = {f"observed_wind_{c}_ms": f"wind_{c}_ms" for c in "uv"}


def handed_in(
    scorer: Scorer, history: History, ahead: Ahead, issue: int, *, run: str = "judged", beyond: bool = False
) -> JoinedHours:
    """Give the hours of the run of an issue [epoch hours], with those that the scorer looks back on.

    beyond: whether observations after the issue are handed in too, which the job leaves out; for the gate against
    looking ahead alone. Missing: columns that the past does not have are NaN, as those of another issue's run.
    """
    first = issue + 1 - scorer.lookback_h
    hours = first + np.arange(scorer.lookback_h + LEADS)
    seen = np.ones(len(hours), bool) if beyond else hours <= issue
    row, there = ahead.rows_of(np.array([issue]))
    columns = {}
    for name in scorer.needs:
        if name == "lead_hours":
            columns[name] = (hours - issue).astype(float)
        elif name in COLUMNS or name in _WINDS:
            columns[name] = np.where(seen, history.at(_WINDS.get(name, name), hours), np.nan)
        else:
            columns[name] = np.full(len(hours), np.nan)
            if there[0] and name in ahead.columns:
                said = ahead.columns[name][row[0]]
                columns[name][scorer.lookback_h : scorer.lookback_h + len(said)] = said
    nothing, known = np.zeros(len(hours), bool), hours > issue
    return JoinedHours(history.place, run, int(first), scorer.lookback_h, columns, nothing, known)
