"""After a warning: what the air would have been without the measures, beside what was measured.

    effect_check(effect, observed)

The effect is that of the cuts on a model that knows nothing of them. What was measured had them in force, so the
level without them is the measured one over the relative change (1 + r). The difference of measurement and forecast is
no effect: the model errs by the weather and by its inventory, mostly by more than any measure changes (misfit), and
both are said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.scenario.effect import MEMBERS_SEEN, Effect

LARGEST_CUT = -0.95
"""Beyond this relative change a level without cuts is not worked out: it would be a measured one times twenty."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Check:
    """What measures have done over a window, by receptor: float64 (receptor,) [unit of the quantity].

    observed: measured, with the measures. without: estimated level without them; low, high: its interval, 90 %.
    change: observed less without. forecast: of the models, without them. misfit: 90 % of the model's own errors are
    less than this. certain: whether the sign of the change is known; told: whether it is larger than misfit, too, so
    that a measurement alone could show it."""

    quantity: str
    receptors: tuple[str, ...]
    observed: np.ndarray
    without: np.ndarray
    low: np.ndarray
    high: np.ndarray
    change: np.ndarray
    forecast: np.ndarray
    misfit: np.ndarray
    certain: np.ndarray
    told: np.ndarray


def effect_check(effect: Effect, observed: np.ndarray, forecast: np.ndarray | None = None) -> Check:
    """Compare what was measured with what would have been.

    observed: mean over the window of the effect (receptor,), with the measures in force. forecast: the models' level
    without them, None for the effect's. Missing: NaN where either is."""
    seen = np.asarray(observed, float)
    base = effect.level if forecast is None else np.asarray(forecast, float)
    known = np.where(effect.level > 0, effect.level, np.nan)
    without, one, other = (
        seen / (1.0 + np.maximum(each / known, LARGEST_CUT)) for each in (effect.change, effect.low, effect.high)
    )
    misfit = MEMBERS_SEEN * effect.shown.misfit_sd * without
    change = seen - without
    return Check(
        quantity=effect.quantity, receptors=effect.receptors, observed=seen, without=without, low=np.minimum(one, other),
        high=np.maximum(one, other), change=change, forecast=base, misfit=misfit, certain=effect.certain,
        told=effect.certain & (np.abs(change) > misfit),
    )  # fmt: skip


__all__ = ["Check", "effect_check"]
