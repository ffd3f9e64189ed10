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
    """Train twice with one seed; passed where both give the same parts to the byte (ml.registry.artefact.Artefact.parts)."""
    one, other = train(seed), train(seed)
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
    of its range.
    Errors: GateError where a declared feature is none of names, or has no value in rows.
    """
    for feature, sign in declared.items():
        if feature not in names:
            raise GateError(f"{feature} is declared monotone and is no feature, expected one of {', '.join(names)}")
        at = names.index(feature)
        known = rows[:, at][np.isfinite(rows[:, at])]
        if not len(known):
            raise GateError(f"{feature} has no value in {len(rows)} rows, expected some to go through")
        answers = []
        for value in np.unique(np.quantile(known, np.linspace(0, 1, STEPS))):
            changed = np.array(rows, float)
            changed[:, at] = value
            answers.append(np.asarray(predict(changed), float))
        against = -sign * np.diff(np.stack(answers), axis=0)
        worst = float(np.max(against, initial=0.0))
        if worst > _SLACK:
            wish = "up" if sign > 0 else "down"
            return GateResult(MONOTONE, FAILED, f"monotone_not_{wish}", {"name": feature, "by": worst})
    return GateResult(MONOTONE, PASSED, "monotone_all", {"names": ", ".join(declared)})


def blind(train: Callable[[bool], Mapping[str, bytes]]) -> GateResult:
    """Train on the data as they are, and with all that came after the training replaced; passed where the parts are the same.

    train: given whether the future is to be replaced, gives the parts of the artefact. Whatever was fitted on the whole
    (means to centre by, a climatology, a choice of settings) changes with the future, and fails.
    """
    one, other = train(False), train(True)
    odd = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    if odd:
        return GateResult(BLIND, FAILED, "blind_not", {"parts": ", ".join(odd[:5]), "count": len(odd)})
    return GateResult(BLIND, PASSED, "blind_bytes", {"parts": len(one)})
