"""The effect of cuts over a window, with its interval: "what would help", and after a warning, "did it" (check).

Models are wrong in the level, less so in the ratio: the effect is the members' change times observed (or forecast)
over modelled level (the relative response factor of attainment tests: EPA 454/R-18-009, 2018, ch. 4), within SCALED,
beyond which a model that is so far off says nothing by its ratio. The interval joins the members' spread and the
error that the method has shown on worlds whose answer is known: shown.toml, made by research.scenario_trial;
docs/scenarios.md says how."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist

import numpy as np

from ml.scenario.cuts import CutError
from ml.scenario.response import Response

COVERS = 0.90
"""Which share of the cases an interval is meant to cover."""
MEMBERS_SEEN = NormalDist().inv_cdf(0.5 + COVERS / 2)
SCALED = (0.5, 2.0)
"""By how much the change is scaled to the observed level at least and at most."""
USEFUL = 0.9
"""A mean error above this share of that of "nothing changes" is no better than it: three worlds tell no more."""
TABLE = Path(__file__).with_name("shown.toml")
WARM_MONTHS = (4, 5, 6, 7, 8, 9)
Window = slice | np.ndarray
"""Hours of a response: a slice, or their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How wrong the method was where the answer is known.

    relative_sd: standard deviation of the error of the effect as a share of the effect; least: the same where there
    is hardly an effect, as a share of the level. misfit_sd: of modelled less observed level without any cut, as a
    share of the level. worlds: how many it was judged on; q95: the 95th percentile of |error| as a share of the
    level, q95_ugm3 in ug/m3; median_ugm3 and mean_ugm3 likewise; unchanged_ugm3: the mean |error| of saying that
    nothing changes; covered: which share of the cases the interval held; sign_right: of those whose true change is more
    than 2 % of the level. tuned_on, judged_on: the seeds. date: when it was judged."""

    relative_sd: float
    least: float
    worlds: int
    q95: float
    misfit_sd: float = float("nan")
    median_ugm3: float = float("nan")
    q95_ugm3: float = float("nan")
    mean_ugm3: float = float("nan")
    unchanged_ugm3: float = float("nan")
    covered: float = float("nan")
    sign_right: float = float("nan")
    tuned_on: tuple[int, ...] = ()
    judged_on: tuple[int, ...] = ()
    date: str = ""

    @property
    def useless(self) -> bool:
        """Tell whether the size of an effect is no better known than by saying that nothing changes."""
        return self.mean_ugm3 > USEFUL * self.unchanged_ugm3


@lru_cache(maxsize=4)
def shown_table(path: Path = TABLE) -> Mapping[str, Mapping[str, Shown]]:
    """Read how wrong the method was: by quantity and season, "cold" or "warm"."""
    with path.open("rb") as file:
        read = tomllib.load(file)
    about = {"tuned_on": tuple(read["tuned_on"]), "judged_on": tuple(read["judged_on"]), "date": read["date"]}
    return {
        quantity: {season: Shown(**row, **about) for season, row in seasons.items()}
        for quantity, seasons in read.items() if isinstance(seasons, dict)
    }  # fmt: skip


def shown_for(quantity: str, month: int) -> Shown:
    """Give how wrong the method was for a quantity in the season of a month, 1 to 12.

    Errors: CutError for a quantity of which it is not known; it is not shown then.
    """
    table = shown_table()
    if quantity not in table:
        raise CutError(f"it is not known how wrong effects on {quantity} are, expected one of {', '.join(table)}")
    return table[quantity]["warm" if month in WARM_MONTHS else "cold"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effect:
    """What cuts change on average over a window [unit of the quantity], by receptor: float64 (receptor,).

    level: without the cuts. change: with them, less it; low and high: the interval of it, 90 %. shown: how wrong the
    method was where the answer is known."""

    quantity: str
    receptors: tuple[str, ...]
    level: np.ndarray
    change: np.ndarray
    low: np.ndarray
    high: np.ndarray
    shown: Shown

    @property
    def certain(self) -> np.ndarray:
        """Whether the sign is known: bool (receptor,)."""
        return (self.low > 0) | (self.high < 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ratio:
    """The members' change over a window as a share of the level, by receptor: float64 (receptor,).

    level [unit of the quantity]: without the cuts. middle, spread: mean and standard deviation over the members.
    """

    level: np.ndarray
    middle: np.ndarray
    spread: np.ndarray


def ratio_of(response: Response, quantity: str, window: Window, *, level: np.ndarray | None = None) -> Ratio:
    """Average the response over a window as a share of the level.

    window: of the hours of the response. level: observed or forecast mean over it without the cuts (receptor,), None
    for the members' own. Missing: NaN hours are left out of the mean, and so are members that know none; a receptor of
    which none is known gets NaN."""
    change, base = (_mean(x[quantity][..., window], -1) for x in (response.change, response.base))
    known = _mean(base, 0) if level is None else np.asarray(level, float)
    ratio = change * np.clip(known / np.where(base > 0, base, np.nan), *SCALED) / np.where(known > 0, known, np.nan)
    return Ratio(level=known, middle=_mean(ratio, 0), spread=_spread(ratio))


def effect_from(quantity: str, receptors: tuple[str, ...], ratio: Ratio, shown: Shown) -> Effect:
    """Give a change as a share of the level its interval. No concentration falls by more than itself."""
    level, middle = ratio.level, ratio.middle
    half = MEMBERS_SEEN * np.sqrt(ratio.spread**2 + (shown.relative_sd * middle) ** 2 + shown.least**2)
    middle, low, high = (np.maximum(each, -1.0) for each in (middle, middle - half, middle + half))
    return Effect(quantity=quantity, receptors=receptors, level=level, change=level * middle, low=level * low,
                  high=level * high, shown=shown)  # fmt: skip


def effect_of(
    response: Response, quantity: str, window: Window, *, shown: Shown, level: np.ndarray | None = None
) -> Effect:
    """Average the response over a window, as ratio_of does, and give it its interval."""
    ratio = ratio_of(response, quantity, window, level=level)
    return effect_from(quantity, response.receptors, ratio, shown)


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=axis) / np.maximum(count, 1), np.nan)


def _spread(ratio: np.ndarray) -> np.ndarray:
    """Give the standard deviation over the members that are known, 0 where there is but one."""
    known = np.isfinite(ratio)
    off = np.where(known, ratio - _mean(ratio, 0), 0.0)
    return np.sqrt((off**2).sum(axis=0) / np.maximum(known.sum(axis=0) - 1, 1))


def ranked(effects: Mapping[str, Effect], receptor: str) -> list[tuple[str, float, float, float]]:
    """Rank measures by what they change at a receptor, the most helpful first: (name, change, low, high)."""
    rows = []
    for name, effect in effects.items():
        i = effect.receptors.index(receptor)
        rows.append((name, float(effect.change[i]), float(effect.low[i]), float(effect.high[i])))
    return sorted(rows, key=lambda row: row[1])


__all__ = [
    "COVERS", "Effect", "Ratio", "Shown", "effect_from", "effect_of", "ranked", "ratio_of", "shown_for", "shown_table",
]  # fmt: skip
