"""Gates of the training itself: the same twice, blind to what it is judged on, and monotone where it is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ml.gates.errors import GateError
from ml.gates.results import BLIND, FAILED, MONOTONE, PASSED, REPRODUCIBLE, GateResult

STEPS = 9
"""So many values of a feature, from its smallest to its largest, are gone through in each row."""
_SLACK = 1e-9


def reproducible(train: Callable[[int], Mapping[str, bytes]], *, seed: int) -> GateResult:
    """Train twice with one seed; passed where both give the same parts to the byte (ml.registry.artefact.Artefact.parts).

    Errors: GateError where a training gives no part: of nothing nothing is shown.
    """
    one, other = _made(train(seed)), _made(train(seed))
    odd = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    if odd:
        return GateResult(REPRODUCIBLE, FAILED, "reproducible_not", {"parts": ", ".join(odd), "seed": seed})
    return GateResult(REPRODUCIBLE, PASSED, "reproducible_bytes", {"seed": seed, "parts": len(one)})


def monotone(
    predict: Callable[[np.ndarray], np.ndarray],
    rows: np.ndarray,
    *,
    names: tuple[str, ...],
    declared: Mapping[str, int],
) -> GateResult:
    """Judge whether predictions rise (+1) or fall (-1) with each declared feature while all others stay as they are.

    rows: float64 (row, feature), of real data; names: of the features. Each declared feature goes through STEPS values
    of its range. Missing: a row that has no prediction at a value is looked at with the values that it has one for.
    Errors: GateError where a declared feature is none of names, has no value or just one in rows, or where no row has
    predictions for two of its values: nothing would be shown.
    """
    for feature, sign in declared.items():
        if feature not in names:
            raise GateError(f"{feature} is declared monotone and is no feature, expected one of {', '.join(names)}")
        at = names.index(feature)
        known = rows[:, at][np.isfinite(rows[:, at])]
        if not len(known):
            raise GateError(f"{feature} has no value in {len(rows)} rows, expected some to go through")
        steps = np.unique(np.quantile(known, np.linspace(0, 1, STEPS)))
        if len(steps) < 2:
            raise GateError(f"{feature} is {steps[0]:g} in all {len(rows)} rows, expected several values to go through")
        answers = []
        for value in steps:
            changed = np.array(rows, float)
            changed[:, at] = value
            answers.append(sign * np.asarray(predict(changed), float))
        worst = _against(np.stack(answers), feature)
        if worst > _SLACK:
            wish = "up" if sign > 0 else "down"
            return GateResult(MONOTONE, FAILED, f"monotone_not_{wish}", {"name": feature, "by": worst})
    return GateResult(MONOTONE, PASSED, "monotone_all", {"names": ", ".join(declared)})


def blind(train: Callable[[bool], Mapping[str, bytes]]) -> GateResult:
    """Train on the data as they are, and with all that came after the training replaced; passed where the parts are the same.

    train: given whether the future is to be replaced, gives the parts of the artefact. Whatever was fitted on the whole
    (means to centre by, a climatology, a choice of settings) changes with the future, and fails.
    Errors: GateError where a training gives no part.
    """
    one, other = _made(train(False)), _made(train(True))
    odd = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    if odd:
        return GateResult(BLIND, FAILED, "blind_not", {"parts": ", ".join(odd[:5]), "count": len(odd)})
    return GateResult(BLIND, PASSED, "blind_bytes", {"parts": len(one)})


def _against(answers: np.ndarray, feature: str) -> float:
    """Give by how much answers (step, row), which should rise with the steps, fall below an earlier one at most."""
    if not (np.isfinite(answers).sum(axis=0) > 1).any():
        raise GateError(f"no row has predictions for two values of {feature}, expected some to compare")
    highest = np.fmax.accumulate(answers, axis=0)
    return float(np.nanmax(np.where(np.isnan(answers), np.nan, highest - answers), initial=0.0))


def _made(parts: Mapping[str, bytes]) -> Mapping[str, bytes]:
    if not parts:
        raise GateError("a training gave no part of an artefact, expected one or more")
    return parts
