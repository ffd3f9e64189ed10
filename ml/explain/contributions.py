"""Why a forecast is so: how much of its difference from a clean day comes from each group of inputs.

Interventional TreeSHAP against one row: each input goes from its value on the clean day to its value in the forecast,
averaged over all orders (Lundberg et al. 2020, Nature Mach. Intell. 2:56; Janzing et al. 2020, arXiv:1910.13413). It
explains what the model says, not who has caused what is in the air: that is told by tagged contributions alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import shap

from ml.forecast.boosted import halved
from ml.forecast.features import GROUPS, Input
from ml.forecast.linear import Linear
from standards.errors import AirshedError

_ROUNDING = 1e-4


class ExplanationError(AirshedError):
    """A forecast cannot be explained; the message says why."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Parts of forecasts.

    groups: in the order of ml.forecast.features.GROUPS. parts: float64 (group, row), in the unit that the model learned
    (log(1 + c), or the concentration for MDA8). inputs: float64 (input, row), the same by input. baseline: what the
    model says of the clean day. forecast: (row,), what it says of each row; parts add up to forecast - baseline.
    """

    groups: tuple[str, ...]
    parts: np.ndarray
    inputs: np.ndarray
    baseline: float
    forecast: np.ndarray


def explain(
    booster: lgb.Booster, x: np.ndarray, clean: np.ndarray, inputs: Sequence[Input], *, line: Linear | None = None,
    share: float = 0.5,
) -> Explanation:  # fmt: skip
    """Explain rows of a booster against one clean row.

    x: float64 (row, input), NaN for missing. clean: (input,) of the clean day. inputs: of the columns. line: the
    straight part of the forecast, whose parts are its weights times how far each input is from the clean day's; None
    where there is none. share: the weight of the line. A booster that has been grown on one tree or more.
    Errors: ValueError where shapes do not fit.
    """
    x, clean = np.asarray(x, float), np.asarray(clean, float)
    if x.ndim != 2 or x.shape[1:] != clean.shape or len(inputs) != len(clean):
        raise ValueError(
            f"rows are {x.shape}, the clean day {clean.shape}, inputs {len(inputs)}, expected (row, n), (n,), n"
        )
    explainer = shap.TreeExplainer(booster, data=clean[None], feature_perturbation="interventional")
    by_input = np.asarray(explainer.shap_values(x, check_additivity=False)).reshape(len(x), -1).T
    said = booster.predict(np.vstack([clean[None], x]), num_threads=1)
    by_input = _closed(by_input, said[1:] - said[0])
    if line is not None:
        by_input = (1.0 - share) * by_input + share * (line.parts(x) - line.parts(clean[None])).T
        said = halved(said, line, np.vstack([clean[None], x]), share)
    of_group = np.array([GROUPS.index(each.group) for each in inputs])
    parts = np.array([by_input[of_group == i].sum(axis=0) for i in range(len(GROUPS))])
    return Explanation(GROUPS, parts, by_input, float(said[0]), said[1:])


def _closed(by_input: np.ndarray, difference: np.ndarray) -> np.ndarray:
    # The library adds up leaves in single precision. What that leaves is shared out; more than that is no rounding.
    rest = difference - by_input.sum(axis=0)
    size = np.abs(by_input)
    total = size.sum(axis=0)
    if (np.abs(rest) > _ROUNDING * np.maximum(total, 1.0)).any():
        raise ExplanationError(f"parts miss the forecast by {np.abs(rest).max():g}, expected rounding errors alone")
    return by_input + size * np.where(total > 0, rest / np.where(total > 0, total, 1.0), 0.0)


def in_concentration(
    found: Explanation, start: np.ndarray, start_clean: float, *, log: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Give the parts as concentrations that add up: (parts (group, row), difference (row,)), both in the item's unit.

    start, start_clean: log(1 + c) that the change is added to in an hourly model, of the rows and of the clean day, 0
    for daily models; their difference counts to the history. log: whether the booster speaks in log(1 + c). Parts of a
    logarithm are shared out in proportion to their size in it, by the logarithmic mean, so that none changes its sign
    (Ang 2004, Energy Policy 32:1131).
    """
    if not log:
        return found.parts, found.forecast - found.baseline
    parts = found.parts.copy()
    parts[found.groups.index("history")] += start - start_clean
    ours, theirs = start + found.forecast, start_clean + found.baseline
    apart = ours - theirs
    same = np.abs(apart) < 1e-12
    scale = np.where(same, np.exp(ours), (np.exp(ours) - np.exp(theirs)) / np.where(same, 1.0, apart))
    return parts * scale, np.exp(ours) - np.exp(theirs)
