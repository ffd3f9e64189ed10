"""From tags and a correction to an attribution of every hour: the factors on, then the observed total."""

from __future__ import annotations

import numpy as np

from ml.attribution.background import LINEAR, NEEDED, held_fraction, linear_of, middle_of
from ml.attribution.hour import by_contributor, near_factors
from ml.attribution.learn import FINE, Correction
from ml.attribution.observations import FEEDS, Observations
from ml.attribution.outcome import Attribution, Grounds, gathering
from ml.attribution.ozone import FIRST, LAST
from ml.attribution.pseudo import particles, salt_product
from ml.attribution.spread import half_widths
from ml.attribution.tags import LEAST, SOURCES, TagEnsemble
from standards.days import hour_of_day
from standards.pollutants import ITEMS
from streams.contributors import SECTORS

OZONE_PER_NO2 = 48.0 / 46.01
"""ug of ozone to a ug of NO2 in odd oxygen."""
ROUNDS = 6
"""So often sector x city is fitted to its two sums."""
OUTSIDE_MOVES = {"pm25": 1.0, "o3": 0.2, "ox": 0.2}
"""How much what comes from outside moves where the whole is brought to what was observed and all else moves by 1 in
the log: ozone of the inflow is smooth, and what a model has missed it has mostly missed near by."""
FURTHEST, NEWTON = 1.5, 12
"""The most that is put on the cities' part alone [log], and steps until it is found."""


def attribute(
    tags: TagEnsemble,
    seen: Observations | None = None,
    correction: Correction | None = None,
    *,
    quantity: str = "pm25",
    tier: str | None = None,
    inventory_age_years: float | None = None,
    simulated: bool = False,
) -> Attribution:
    """Attribute every hour of some tags.

    seen: observations of the same hours, whose totals are shared out; None, and hours without a value, share out the
    model's. correction: of learn.learn, None for raw tags. quantity: pm25, o3 or ox; the last two for the hours of
    the afternoon, NaN in others. tier: of outcome.TIERS, None for raw or corrected as it is. An hour depends on the
    tags and the items of that hour and on the correction, and on nothing else. Errors: AttributionError. Missing: an
    hour without tags is NaN.
    """
    cities = len(tags.cities)
    if quantity == "pm25":
        sources, places = _fine(tags, correction)
    else:
        sources, places = _ozone(tags, quantity, correction)
    values = _crossed(tags, quantity, sources, places)
    total, observed = _totals(tags, seen, quantity, sources.sum(axis=1))
    near = near_factors(tags, seen, correction, quantity=quantity)
    values = values * np.exp(by_contributor(near, len(SECTORS)))
    values = _to_total(values, total, 1.0 if correction is None else OUTSIDE_MOVES[quantity])
    total = np.where(np.isfinite(values).all(axis=1), total, np.nan)
    feeds = correction.feeds if correction else ()
    grounds = Grounds(
        tier=tier or ("corrected tags" if correction else "raw tags"), feeds=feeds,
        missing=tuple(f for f in FEEDS if f not in feeds), inventory_age_years=inventory_age_years,
        inventory_errs=correction.likely[-1] if correction else None, members=len(tags.members), simulated=simulated,
    )  # fmt: skip
    return Attribution(
        quantity=quantity, span="hour", cities=tags.cities, times=tags.first_hour + np.arange(tags.hours), total=total,
        observed=observed & np.isfinite(total), values=values, half_width=half_widths(values, cities, quantity, correction),
        grounds=grounds, removal=_removal(tags, quantity, values),
    )  # fmt: skip


def _fine(tags: TagEnsemble, correction: Correction | None) -> tuple[np.ndarray, np.ndarray]:
    """Give PM2.5 by source and by city (city, ..., hour) [ug/m3]."""
    cities = len(tags.cities)
    sources = tags.by_sector("pm25")[:, :cities].mean(axis=0)
    places = tags.by_place("pm25")[:, :cities, :-1].mean(axis=0)
    if correction is not None:
        told = {q: tags.by_sector(q)[:, :cities] for q in NEEDED}
        linear = np.zeros((len(LINEAR), *sources.shape))
        factor = np.ones((len(LINEAR), cities, len(SOURCES), 1))
        for i, name in enumerate(FINE):
            linear[LINEAR.index(name)] = middle_of(linear_of(told, name))
            factor[LINEAR.index(name)] = np.exp(correction.factors.fine[i])[..., None]
        product = salt_product(linear, held_fraction(told))
        sources = sources + (particles(linear * factor, product) - particles(linear, product)).sum(axis=0)
        places = places * np.exp(correction.factors.carried)[..., None]
    # The allocation of particles is of what is there; what closes an account below nothing is counted as nothing.
    return np.maximum(sources, 0.0), np.maximum(places, 0.0)


def _ozone(tags: TagEnsemble, quantity: str, correction: Correction | None) -> tuple[np.ndarray, np.ndarray]:
    cities = len(tags.cities)
    sources = tags.by_sector(quantity)[:, :cities].mean(axis=0)
    places = tags.by_place(quantity)[:, :cities, :-1].mean(axis=0)
    if correction is not None:
        sources = sources * np.exp(correction.factors.ozone)[..., None]
        places = places * np.exp(correction.factors.ozone_carried)[..., None]
    hours = hour_of_day(tags.first_hour + np.arange(tags.hours))
    away = (hours < FIRST) | (hours > LAST)
    return np.where(away, np.nan, sources), np.where(away, np.nan, places)


def _crossed(tags: TagEnsemble, quantity: str, sources: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Give sector x city and outside (city, contributor, hour) with the sums over sectors and, as near as may be,
    over places."""
    cities = len(tags.cities)
    local, told = sources[:, :-1], places.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if tags.joint is None or quantity not in tags.quantities:
            share = np.where(np.abs(told)[:, None] > LEAST, places / told[:, None], 1.0 / cities)
            cross = local[:, :, None] * share[:, None]
        else:
            cross = tags.joint[:, tags.quantities.index(quantity), :cities].mean(axis=0)
            if quantity == "pm25":
                cross = _fitted(
                    np.maximum(cross, 0.0), local, places * (local.sum(axis=1) / np.maximum(told, LEAST))[:, None]
                )
            else:
                sums = cross.sum(axis=2)
                cross = cross * np.where(np.abs(sums) > LEAST, local / sums, 0.0)[:, :, None]
                cross = cross + ((local - cross.sum(axis=2)) / cities)[:, :, None]
    flat = cross.reshape(cities, len(SECTORS) * cities, -1)
    return np.concatenate([flat, sources[:, -1:]], axis=1)


def _fitted(cross: np.ndarray, sectors: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Fit positive sector x city to both sums (iterative proportional fitting, Deming and Stephan 1940), the sectors'
    last and exactly."""
    for _ in range(ROUNDS):
        cross = cross * (places / np.maximum(cross.sum(axis=1), LEAST))[:, None]
        cross = cross * (sectors / np.maximum(cross.sum(axis=2), LEAST))[:, :, None]
    rest = sectors - cross.sum(axis=2)
    share = places / np.maximum(places.sum(axis=1, keepdims=True), LEAST)
    return cross + rest[:, :, None] * share[:, None]


def _totals(
    tags: TagEnsemble, seen: Observations | None, quantity: str, modelled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the totals that are shared out (city, hour), and where they were observed."""
    if seen is None:
        return modelled, np.zeros(modelled.shape, dtype=bool)
    o3, no2, fine = (seen.over(tags.first_hour, tags.hours).items[ITEMS.index(name)] for name in ("o3", "no2", "pm25"))
    values = {"pm25": fine, "o3": o3, "ox": o3 + OZONE_PER_NO2 * no2}[quantity]
    found = np.where(values > 0, values, np.nan)
    observed = np.isfinite(found)
    return np.where(observed, found, modelled), observed


def _to_total(values: np.ndarray, total: np.ndarray, outside_moves: float) -> np.ndarray:
    """Bring contributions (city, contributor, hour), outside last, to totals (city, hour).

    outside_moves: how much what comes from outside is moved where all else is moved by 1 in the log. With 1 all are
    moved by one factor, and so they are where the cities' part is not above 0. Missing: NaN where nothing is told.
    """
    local, outside = values[:, :-1].sum(axis=1), values[:, -1]
    if outside_moves != 1.0:
        apart = (local > 0) & (outside >= 0) & (total > 0)
        moved = np.zeros(total.shape)
        for _ in range(NEWTON):
            a, b = local * np.exp(moved), outside * np.exp(outside_moves * moved)
            slope = np.where(apart, a + outside_moves * b, 1.0)
            step = np.clip((a + b - total) / slope, -0.5, 0.5)
            moved = np.clip(np.where(apart, moved - step, 0.0), -FURTHEST, FURTHEST)
        factor = np.repeat(np.exp(moved)[:, None], values.shape[1], axis=1)
        factor[:, -1] = np.exp(outside_moves * moved)
        values = values * factor
    told = values.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return values * np.where(told > 0, total / told, np.nan)[:, None]


def _removal(tags: TagEnsemble, quantity: str, values: np.ndarray) -> np.ndarray | None:
    """Give the removal (city, source, hour) [ug/m3]: the tags', moved as much as the source's contribution has
    moved."""
    if not tags.removal or quantity not in tags.removal:
        return None
    cities = len(tags.cities)
    told = tags.by_sector(quantity)[:, :cities].mean(axis=0)
    sources = np.einsum("cxt,nx->cnt", values, gathering("sector", cities))
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(np.abs(told) > LEAST, sources / told, 1.0)
    return tags.removal[quantity][:, :cities].mean(axis=0) * np.clip(moved, 0.0, 5.0)
