"""What the items of an hour say of its air: how much of it is of the own city, of the other cities, of outside.

A correction is of weeks; what is wrong in an hour is mostly its weather. Where the wind was weaker than foreseen, a
city keeps more of its own air, and items that are made near by stand higher over what the tags said than those that
come from afar. So three log factors for each city (own city, other cities, outside), partly alike in all cities, are
estimated from the log ratios of the hour's items, less those of the span of the correction. An hour is moved by its
own items alone, and one whose items stand as in the span is not moved. Source: best linear estimate, Rodgers 2000,
Inverse Methods, ch. 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.attribution.background import middle_of
from ml.attribution.learn import Correction
from ml.attribution.misfit import items_spoken
from ml.attribution.observations import Observations
from ml.attribution.tags import LEAST, TagEnsemble
from standards.pollutants import ITEMS

NEAR = 3
"""Own city, other cities, outside."""
TAGGED = {"so2": "so2", "no2": "nox", "co": "co", "coarse": "coarse"}
"""The items that speak, and the tags that tell where they come from."""
SPEAK = {"pm25": tuple(TAGGED), "o3": ("no2", "co"), "ox": ("no2", "co")}
"""What speaks of a quantity. Of ozone the gases that make it; a site in the background then tells nothing."""
FURTHEST = 1.5
"""A log ratio further than this from that of the span counts as this far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourPrior:
    """How wrong an hour of tags may be beside what is wrong in the span: standard deviations of logarithms.

    common, single: of what comes from the own city, from other cities and from outside, alike in all cities and of
    each. noise, item, city: of the ratio of an item in a city: its own, alike for the item in all cities, alike for
    all items of the city. far: how much less a site of the background tells.
    """

    common: tuple[float, float, float] = (0.30, 0.15, 0.15)
    single: tuple[float, float, float] = (0.12, 0.25, 0.10)
    noise: float = 0.12
    item: float = 0.10
    city: float = 0.05
    far: float = 0.20


@dataclass(frozen=True, slots=True, eq=False)
class _Spoken:
    """Log ratios less those of the span, (row, hour), NaN where there is none; from: which part of what is told comes
    from the own city, other cities and outside, (row, NEAR, hour); what: number of the item of each row, where: of its
    city, further on sites of the background."""

    ratios: np.ndarray
    parts: np.ndarray
    what: np.ndarray
    where: np.ndarray


def near_factors(
    tags: TagEnsemble,
    seen: Observations | None,
    correction: Correction | None,
    *,
    quantity: str,
    prior: HourPrior | None = None,
) -> np.ndarray:
    """Give log factors on what the own city, the other cities and outside bring to each city (city, NEAR, hour).

    tags, seen: of the hours; correction: whose span says how items stand over the tags usually. Missing: an item that
    was not observed, or of which the span has no ratio, says nothing; without any, and without a correction, all are
    0. Of ozone and odd oxygen what comes from outside is not moved: it is not diluted as emitted gases are.
    """
    cities = len(tags.cities)
    if seen is None or correction is None or not tags.has(*TAGGED, "no2"):
        return np.zeros((cities, NEAR, tags.hours))
    spoken = _spoken(tags, seen.over(tags.first_hour, tags.hours), correction, SPEAK[quantity], quantity == "pm25")
    found = _estimated(spoken, cities, prior or HourPrior())
    if quantity != "pm25":
        found[:, 2] = 0.0
    return found


def by_contributor(near: np.ndarray, sectors: int) -> np.ndarray:
    """Lay factors (city, NEAR, hour) on sector x city and outside (city, contributor, hour)."""
    cities = len(near)
    own = np.eye(cities, dtype=bool)[..., None]
    of_place = np.where(own, near[:, None, 0], near[:, None, 1])
    return np.concatenate([np.tile(of_place, (1, sectors, 1)), near[:, 2:]], axis=1)


def _spoken(
    tags: TagEnsemble, seen: Observations, correction: Correction, speak: tuple[str, ...], with_far: bool
) -> _Spoken:
    usual = dict(zip(correction.misfit.names, correction.misfit.values, strict=True))
    cities = len(tags.cities)
    observed = _by_name(items_spoken(seen))
    far = {site: _by_name(hourly) for site, hourly in seen.background.items() if site in tags.receptors}
    ratios, parts, what, where = [], [], [], []

    def add(feed: str, name: str, item: str, place: int, receptor: int, values: np.ndarray) -> None:
        level, of = told[item]
        ratios.append(_log(values, level[receptor]) - usual.get((feed, name, item), np.nan))
        parts.append(of[receptor])
        what.append(speak.index(item))
        where.append(place)

    told = {item: (_level(tags, item), _parts(tags, TAGGED[item])) for item in speak}
    for item in speak:
        for c, city in enumerate(tags.cities):
            add("stations", city, item, c, c, observed[item][c])
        for i, (site, hourly) in enumerate(far.items() if with_far else ()):
            add("background", site, item, cities + i, tags.receptors.index(site), hourly[item])
    return _Spoken(np.stack(ratios), np.stack(parts), np.array(what), np.array(where))


def _by_name(items: np.ndarray) -> dict[str, np.ndarray]:
    by = dict(zip(ITEMS, items, strict=True))
    return by | {"coarse": np.maximum(by["pm10"] - by["pm25"], 1.0)}


def _level(tags: TagEnsemble, item: str) -> np.ndarray:
    """Give what the middle of the members says of an item (receptor, hour)."""
    if item == "no2":
        return np.exp(np.log(np.maximum(tags.by_sector("no2").sum(axis=-2), LEAST)).mean(axis=0))
    return middle_of(tags.by_sector(item)).sum(axis=-2)


def _parts(tags: TagEnsemble, quantity: str) -> np.ndarray:
    """Give which part of a quantity comes from the own city, other cities and outside (receptor, NEAR, hour); a site
    of the background has no own city."""
    by_place = np.maximum(tags.by_place(quantity).mean(axis=0), 0.0)
    has = tags.city_of >= 0
    own = by_place[np.arange(len(has)), np.where(has, tags.city_of, 0)] * has[:, None]
    parts = np.stack([own, by_place[:, :-1].sum(axis=1) - own, by_place[:, -1]], axis=1)
    return parts / np.maximum(parts.sum(axis=1, keepdims=True), LEAST)


def _log(seen: np.ndarray, told: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((seen > 0) & (told > 0), np.log(seen / told), np.nan)


def _estimated(spoken: _Spoken, cities: int, prior: HourPrior) -> np.ndarray:
    """Give the best linear estimate (city, NEAR, hour). State: what is alike in all cities, then each city's own."""
    known = np.isfinite(spoken.ratios) & np.isfinite(spoken.parts).all(axis=1)
    seen = np.where(known, np.clip(spoken.ratios, -FURTHEST, FURTHEST), 0.0).T
    parts = np.where(known[:, None], spoken.parts, 0.0)
    rows, hours = known.shape
    tells = np.zeros((hours, rows, NEAR * (1 + cities)))
    tells[..., :NEAR] = np.moveaxis(parts, -1, 0)
    for row, place in enumerate(spoken.where):
        if place < cities:
            tells[:, row, NEAR * (1 + place) : NEAR * (2 + place)] = parts[row].T
    variance = np.concatenate([np.square(prior.common), np.tile(np.square(prior.single), cities)])
    weighted = tells * variance
    spread = weighted @ tells.swapaxes(1, 2) + _noise(spoken, cities, prior)
    # A row that is not known must say nothing of the errors that it would have in common with others.
    spread[:, np.arange(rows), np.arange(rows)] += np.where(known, 0.0, 1e6).T
    state = np.einsum("hrs,hr->hs", weighted, np.linalg.solve(spread, seen[..., None])[..., 0])
    common, single = state[:, :NEAR], state[:, NEAR:].reshape(hours, cities, NEAR)
    return np.moveaxis(common[:, None] + single, 0, -1)


def _noise(spoken: _Spoken, cities: int, prior: HourPrior) -> np.ndarray:
    same_item = spoken.what[:, None] == spoken.what
    same_place = spoken.where[:, None] == spoken.where
    own = prior.noise**2 + np.where(spoken.where >= cities, prior.far**2, 0.0)
    return np.diag(own) + prior.item**2 * same_item + prior.city**2 * same_place


__all__ = ["HourPrior", "by_contributor", "near_factors"]
