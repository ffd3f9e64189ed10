"""The effect of cuts over a window, with its interval: "what would help", and after a warning, "did it".

Models are wrong in the level, less so in the ratio: the effect is the observed (or forecast) level times the relative change of the
members (the relative response factor of attainment tests: EPA 454/R-18-009, 2018, ch. 4). Its interval joins the members' spread
and the error that the method has shown on worlds whose answer is known (research; docs/scenarios.md says the numbers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ml.scenario.response import Response

COVERS = 0.90
"""Which share of the cases an interval is meant to cover."""
MEMBERS_SEEN = NormalDist().inv_cdf(0.5 + COVERS / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How wrong the method was where the answer is known.

    relative_sd: standard deviation of the error of the effect as a share of the effect; least: the same where there is hardly
    an effect, as a share of the level. worlds: how many; q95: the 95th percentile of |error| as a share of the level.
    """

    relative_sd: float
    least: float
    worlds: int
    q95: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effect:
    """What cuts change on average over a window [unit of the quantity], by receptor: float64 (receptor,).

    level: without the cuts. change: with them, less it; low and high: the interval of it, 90 %.
    """

    quantity: str
    receptors: tuple[str, ...]
    level: np.ndarray
    change: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def certain(self) -> np.ndarray:
        """Whether the sign is known: bool (receptor,)."""
        return (self.low > 0) | (self.high < 0)


def effect_of(
    response: Response, quantity: str, window: slice, *, shown: Shown, level: np.ndarray | None = None
) -> Effect:
    """Average the response over a window and give it its interval.

    window: of the hours of the response. level: observed or forecast mean over it (receptor,), None for the members' own.
    Missing: NaN hours are left out of the mean; a receptor of which none is known gets NaN.
    """
    change, base = (np.nanmean(x[quantity][..., window], axis=-1) for x in (response.change, response.base))
    ratio = change / np.where(base > 0, base, np.nan)
    mean_base = base.mean(axis=0)
    known = mean_base if level is None else np.asarray(level, float)
    middle = np.nanmean(ratio, axis=0)
    count = len(response.members)
    spread = np.nanstd(ratio, axis=0, ddof=1) if count > 1 else np.zeros_like(middle)
    sd = np.sqrt(spread**2 + (shown.relative_sd * middle) ** 2 + shown.least**2)
    half = MEMBERS_SEEN * sd
    return Effect(
        quantity=quantity, receptors=response.receptors, level=known, change=known * middle, low=known * (middle - half),
        high=known * (middle + half),
    )  # fmt: skip


def ranked(effects: Mapping[str, Effect], receptor: str) -> list[tuple[str, float, float, float]]:
    """Rank measures by what they change at a receptor, the most helpful first: (name, change, low, high)."""
    rows = []
    for name, effect in effects.items():
        i = effect.receptors.index(receptor)
        rows.append((name, float(effect.change[i]), float(effect.low[i]), float(effect.high[i])))
    return sorted(rows, key=lambda row: row[1])


__all__ = ["COVERS", "Effect", "Shown", "effect_of", "ranked"]
