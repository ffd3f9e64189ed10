"""The gate against looking ahead for a scorer as the job runs it: over joined hours, with a run or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ml.gates.features import Timed
from ml.gates.leakage import Inputs, leakage
from ml.gates.results import GateResult
from streams.assess.joined import OBSERVED, JoinedHours
from streams.scorers import Scorer


def of_hours(scorer: Scorer, hours: JoinedHours, *, issues: Sequence[int], seed: int = 0) -> GateResult:
    """Judge the scores of hours without a forecast: those up to an issue [epoch h] must not change with any later hour."""

    def compute(inputs: Inputs, issue: int) -> Mapping[str, np.ndarray]:
        upto = max(0, issue - hours.first_hour - hours.context + 1)
        scores = scorer.score(_with(hours, inputs))
        return {name: np.asarray(values, float)[:upto] for name, values in scores.items()}

    moments = _moments(hours).astype(float)
    return leakage(compute, {n: Timed(c, moments) for n, c in hours.columns.items()}, issues, seed=seed)


def of_run(scorer: Scorer, hours: JoinedHours, *, run_init: int, seed: int = 0) -> GateResult:
    """Judge the scores of a run: none may change with what was observed after its start [epoch h].

    hours: with observations also after the run's start, which the job would leave out. What the run says and what is
    emitted are known from its start.
    """

    def compute(inputs: Inputs, issue: int) -> Mapping[str, np.ndarray]:
        return {name: np.asarray(values, float) for name, values in scorer.score(_with(hours, inputs)).items()}

    moments = _moments(hours).astype(float)
    always = np.full(len(moments), -np.inf)
    inputs = {n: Timed(c, moments if n in OBSERVED else always) for n, c in hours.columns.items()}
    return leakage(compute, inputs, [run_init], seed=seed)


def _moments(hours: JoinedHours) -> np.ndarray:
    return hours.first_hour + np.arange(len(hours.simulated))


def _with(hours: JoinedHours, inputs: Inputs) -> JoinedHours:
    return replace(hours, columns={name: each.values for name, each in inputs.items()})
