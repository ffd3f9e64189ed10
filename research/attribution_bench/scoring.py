"""How far answers are from the truth: sums over the city-days of a world, ratios of sums over worlds, bootstrap over worlds.

A figure is a ratio of two sums, so worlds with many episode days count for more and worlds without any do no harm. City-days of
one world share its weather and its hidden errors; so the interval of every figure comes from drawing whole worlds anew, never days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.attribution_bench.methods import Answer, daily, gathered, shares
from research.virtual_airshed.tracers import SECTORS

EPISODE = {"pm25": 75.0, "o3": 160.0}
"""A city-day of more than this is one of an episode [ug/m3], by its true value."""
LEAST_PCT, MARGIN_PCT = 5.0, 10.0
"""A source that matters has this share; the first of two is clear where it leads by so much."""
DRAWS, SEED = 2000, 20263
METRICS = {
    "sources": "mean |share error| over ten sources [points]",
    "big": "the same over sources of 5 % or more [points]",
    "places": "mean |share error| over own city, other cities, outside [points]",
    "cross": "mean |share error| over sector x city of 5 % or more [points]",
    "cross_half_sum": "half the sum of |share errors| over sector x city and outside [points]",
    "two": "true top sector among the two named [%]",
    "first": "true top sector named first where its true margin exceeds 10 points [%]",
    "cover": "90 % intervals that hold the true share of a source [%]",
    "half": "mean half width of these [points]",
    "cover_places": "90 % intervals that hold the true share of the own city and of outside [%]",
    "half_places": "mean half width of these [points]",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth of days. total: (city, day) [ug/m3]. sector, place, both: shares as in an Answer [%]."""

    total: np.ndarray
    sector: np.ndarray
    place: np.ndarray
    both: np.ndarray

    def days(self, quantity: str, which: str) -> np.ndarray:
        """Tell which city-days count: "episode" or "all", bool (city, day)."""
        return self.total > EPISODE[quantity] if which == "episode" else np.isfinite(self.total)


@dataclass(frozen=True, slots=True)
class Sums:
    """What a world adds to a figure: figure = sum of above / sum of below."""

    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over worlds with its 95 % interval; None where no world has anything to tell, or where there is one world only.

    least, most: of single worlds.
    """

    value: float | None
    low: float | None
    high: float | None
    least: float | None
    most: float | None
    worlds: int
    count: float


def truth_of(true: Mapping[str, np.ndarray], quantity: str) -> Truth:
    """Take the truth of a nature run (sources: sectors, cities, inflow, sector x city) as days."""
    values = daily(true[quantity].astype(float), quantity)
    cities, sectors = len(values), len(SECTORS)
    both = np.concatenate([values[:, sectors + cities + 1 :], values[:, [sectors + cities]]], axis=1)
    sector, place = gathered(both)
    return Truth(daily(true[f"{quantity}_total"].astype(float), quantity), shares(sector), shares(place), shares(both))


def sums_of(answer: Answer, truth: Truth, days: np.ndarray) -> dict[str, Sums]:
    """Score an answer on some city-days, bool (city, day). Days without an answer do not count and are not in the sums below."""
    days = days & np.isfinite(answer.sector).all(axis=1)
    told, true = at(answer.sector, days), at(truth.sector, days)
    away = np.abs(told - true)
    big = true >= LEAST_PCT
    found = {"sources": Sums(away.mean(axis=1).sum(), len(away)), "big": Sums(away[big].sum(), big.sum())}
    found |= _named(told[:, :-1], true[:, :-1])
    if answer.place is not None:
        apart = np.abs(at(answer.place, days) - at(truth.place, days))
        found["places"] = Sums(apart.mean(axis=1).sum(), len(apart))
    if answer.both is not None:
        one, other = at(answer.both, days), at(truth.both, days)
        apart, large = np.abs(one - other), other >= LEAST_PCT
        large[:, -1] = False
        found["cross"] = Sums(apart[large].sum(), large.sum())
        found["cross_half_sum"] = Sums(0.5 * apart.sum(), len(apart))
    if answer.half is not None:
        found |= _held(told, true, at(answer.half, days), "")
    if answer.half_place is not None:
        half = at(answer.half_place, days)
        found |= _held(at(answer.place, days), at(truth.place, days), half, "_places")
    return {name: Sums(float(each.above), float(each.below)) for name, each in found.items()}


def at(values: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Take some city-days of (city, name, day): (city-day, name)."""
    return np.moveaxis(values, 1, -1)[days]


def _named(told: np.ndarray, true: np.ndarray) -> dict[str, Sums]:
    """Whether the largest of the nine sectors is found."""
    if not len(true):
        return {"two": Sums(0.0, 0.0), "first": Sums(0.0, 0.0)}
    order, top = np.argsort(-told, axis=1, kind="stable"), true.argmax(axis=1)
    ranked = np.sort(true, axis=1)
    clear = ranked[:, -1] - ranked[:, -2] > MARGIN_PCT
    two = (order[:, :2] == top[:, None]).any(axis=1)
    first = order[:, 0] == top
    return {"two": Sums(100.0 * two.sum(), len(top)), "first": Sums(100.0 * first[clear].sum(), clear.sum())}


def _held(told: np.ndarray, true: np.ndarray, half: np.ndarray, end: str) -> dict[str, Sums]:
    known = np.isfinite(half) & np.isfinite(told)
    inside = np.abs(told - true) <= half
    return {
        f"cover{end}": Sums(100.0 * inside[known].sum(), known.sum()), f"half{end}": Sums(half[known].sum(), known.sum())
    }  # fmt: skip


def figure(worlds: Sequence[Sums]) -> Figure:
    """Put worlds together."""
    return _figure(np.array([[w.above, w.below] for w in worlds]).reshape(-1, 1, 2))


def difference(worlds: Sequence[tuple[Sums, Sums]]) -> Figure:
    """Put the differences of two methods together, world by world: the first less the second."""
    return _figure(np.array([[[a.above, a.below], [b.above, b.below]] for a, b in worlds]).reshape(-1, 2, 2))


def _figure(sums: np.ndarray) -> Figure:
    """Work a figure out from (world, term, above and below): the first term less the second, if there is one."""
    sums = sums[(sums[:, :, 1] > 0).all(axis=1)] if len(sums) else sums
    n = len(sums)
    if not n:
        return Figure(None, None, None, None, None, 0, 0.0)
    alone = _ratio(sums)
    low = high = None
    if n > 1:
        drawn = np.random.default_rng(SEED).integers(0, n, (DRAWS, n))
        low, high = (float(v) for v in np.quantile(_ratio(sums[drawn].sum(axis=1)), [0.025, 0.975]))
    value = float(_ratio(sums.sum(axis=0, keepdims=True))[0])
    return Figure(value, low, high, float(alone.min()), float(alone.max()), n, float(sums[:, 0, 1].sum()))


def _ratio(sums: np.ndarray) -> np.ndarray:
    each = sums[..., 0] / sums[..., 1]
    return each[:, 0] - each[:, 1] if each.shape[1] == 2 else each[:, 0]
