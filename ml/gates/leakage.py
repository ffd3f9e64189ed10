"""The gate against looking ahead: whatever was not known at the issue time is taken away or changed, and nothing may change.

A feature that answers to no change of its inputs at all is not made of them, wherever it comes from; one that answers to what
is older than it says to look back on makes the gap between training and test too small. Both fail too.

A feature is worked out as of an issue time from inputs that carry the moment of each value (ml.gates.features.Timed).
It is worked out again from the same inputs in which all later values are missing, and from some in which they are
others. Any difference, also of one bit, is a value of the future in the feature. The same holds for predictions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.gates.errors import GateError
from ml.gates.features import CALENDAR, OBSERVED, Feature, Timed
from ml.gates.results import FAILED, LEAKAGE, PASSED, GateResult

Inputs = Mapping[str, Timed]
Compute = Callable[[Inputs, int], Mapping[str, np.ndarray]]
"""Works out features or predictions, by name, as of an issue time [epoch h]."""
PERMUTATIONS = 2
"""So many times the values of the future change places; once more each they are made large, small and missing."""
_FAR = 1e4


@dataclass(frozen=True, slots=True)
class Leak:
    """A name that changes with the future: at which issue [epoch h], and how many hours after it what it uses is known [h]."""

    name: str
    issue: int
    ahead_h: float


def leaks(compute: Compute, inputs: Inputs, issues: Sequence[int], *, seed: int = 0) -> list[Leak]:
    """Give what changes with the future, one leak for each name: the one that reaches furthest ahead among the issues.

    issues [epoch h]: when to look; at each of them some input has to have a later value, or nothing is shown.
    Errors: GateError where there is no issue with a future, or where the same inputs give two answers.
    """
    found: dict[str, Leak] = {}
    shown = 0
    for issue in issues:
        if not any((each.known_at > issue).any() for each in inputs.values()):
            continue
        shown += 1
        for name, ahead in _leaks_at(compute, inputs, issue, seed).items():
            if name not in found or ahead > found[name].ahead_h:
                found[name] = Leak(name, issue, ahead)
    if not shown:
        raise GateError(f"none of {len(issues)} issue times has anything after it, expected some that have a future")
    return sorted(found.values(), key=lambda leak: (-leak.ahead_h, leak.name))


def leakage(
    compute: Compute, inputs: Inputs, issues: Sequence[int], *, features: Sequence[Feature] | None = None, seed: int = 0
) -> GateResult:
    """Judge features or predictions: failed where a name changes with the future, or where a feature is not declared.

    features: the declarations of the card, None where predictions are judged. Errors: GateError as leaks.
    """
    if features is not None and (odd := _undeclared(compute(inputs, issues[0]), features)):
        return GateResult(LEAKAGE, FAILED, "leakage_undeclared", {"names": ", ".join(odd)})
    found = leaks(compute, inputs, issues, seed=seed)
    if not found:
        if features is not None and (said := _as_declared(compute, inputs, issues, features, seed)):
            return said
        return GateResult(LEAKAGE, PASSED, "leakage_none", {"issues": len(issues)})
    worst = found[0]
    others = ", ".join(leak.name for leak in found[1:6])
    key = "leakage_more" if others else "leakage_one"
    return GateResult(LEAKAGE, FAILED, key, {"name": worst.name, "ahead": worst.ahead_h, "others": others})


def together(results: Sequence[GateResult]) -> GateResult:
    """Give one result for several that judged the same at different issues: the first that failed, else how many passed."""
    failed = [each for each in results if each.outcome == FAILED]
    if failed:
        return failed[0]
    return GateResult(LEAKAGE, PASSED, "leakage_none", {"issues": sum(int(each.values["issues"]) for each in results)})


def _as_declared(
    compute: Compute, inputs: Inputs, issues: Sequence[int], features: Sequence[Feature], seed: int
) -> GateResult | None:
    """Judge whether declared features are made of the inputs, and look back no further than they say; None where it is so."""
    made = [each.name for each in features if each.known.rule != CALENDAR]
    if detached := _detached(compute, inputs, issues, made, seed):
        return GateResult(LEAKAGE, FAILED, "leakage_detached", {"names": ", ".join(detached[:6])})
    for lookback in sorted({each.lookback_h for each in features if each.known.rule == OBSERVED}):
        of = {each.name for each in features if each.known.rule == OBSERVED and each.lookback_h == lookback}
        for issue in issues:
            base = _copied(compute(inputs, issue))
            for number, change in enumerate(_changes()):
                other = _with_change(
                    inputs, lambda at, t=issue - lookback: at < t, change, np.random.default_rng((seed, number))
                )
                if further := [name for name in _changed(base, compute(other, issue)) if name in of]:
                    said = {"name": further[0], "lookback": lookback}
                    return GateResult(LEAKAGE, FAILED, "leakage_lookback", said)
    return None


def _detached(compute: Compute, inputs: Inputs, issues: Sequence[int], names: Sequence[str], seed: int) -> list[str]:
    """Give the names with a value somewhere that no change of all inputs moves."""
    still, told = set(names), set()
    for issue in issues if names else ():
        base = _copied(compute(inputs, issue))
        told |= {name for name in still if base[name].dtype.kind != "f" or np.isfinite(base[name]).any()}
        for number, change in enumerate(_changes()):
            other = _with_change(inputs, lambda at: at > -np.inf, change, np.random.default_rng((seed, number)))
            still -= set(_changed(base, compute(other, issue)))
    return sorted(still & told)


def _undeclared(columns: Mapping[str, np.ndarray], features: Sequence[Feature]) -> list[str]:
    return sorted(set(columns) ^ {feature.name for feature in features})


def _leaks_at(compute: Compute, inputs: Inputs, issue: int, seed: int) -> dict[str, float]:
    base = _copied(compute(inputs, issue))
    if again := _changed(base, compute(inputs, issue)):
        raise GateError(f"{', '.join(again)} came out differently from the same inputs, expected the same twice")
    found: dict[str, float] = {}
    for number, change in enumerate(_changes()):
        rng = np.random.default_rng((seed, number))
        for name in _changed(base, compute(_after(inputs, issue, change, rng), issue)):
            if name not in found:
                found[name] = _furthest(compute, inputs, issue, name, change, (seed, number), base) - issue
    return found


Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _changes() -> Iterator[Change]:
    yield lambda values, rng: np.full_like(values, np.nan)
    yield lambda values, rng: values * 3 + _FAR
    yield lambda values, rng: values * -3 - _FAR
    for _ in range(PERMUTATIONS):
        yield lambda values, rng: rng.permutation(values, axis=-1) + rng.normal(0.0, 1.0, values.shape)


def _after(inputs: Inputs, moment: float, change: Change, rng: np.random.Generator) -> dict[str, Timed]:
    """Give the inputs with another future: what is known after moment is changed, all else is as it was."""
    return _with_change(inputs, lambda known_at: known_at > moment, change, rng)


def _with_change(
    inputs: Inputs, where: Callable[[np.ndarray], np.ndarray], change: Change, rng: np.random.Generator
) -> dict[str, Timed]:
    made = {}
    for name, each in inputs.items():
        chosen, values = where(each.known_at), np.array(each.values, float)
        values[..., chosen] = change(values[..., chosen], rng)
        made[name] = Timed(values, each.known_at)
    return made


def _furthest(
    compute: Compute, inputs: Inputs, issue: int, name: str, change: Change, seed: tuple[int, int], base: Mapping
) -> float:
    """Find the last moment [epoch h] of which a name uses values: by halves, for a future further off changes less."""
    moments = np.unique(np.concatenate([each.known_at[each.known_at > issue] for each in inputs.values()]))
    low, high = 0, len(moments) - 1
    while low < high:
        middle = (low + high) // 2
        other = _after(inputs, moments[middle], change, np.random.default_rng(seed))
        if name in _changed(base, compute(other, issue)):
            low = middle + 1
        else:
            high = middle
    return float(moments[low])


def _copied(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.array(values) for name, values in columns.items()}


def _changed(base: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> list[str]:
    names = sorted(set(base) | set(other))
    return [
        name for name in names if not (name in base and name in other and _same(base[name], np.asarray(other[name])))
    ]


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    numeric = one.dtype.kind == "f" and other.dtype.kind == "f"
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=numeric)
