"""What is judged: the product's answer to a cut, and the baselines beside it. Nothing here knows the true change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from ml.scenario.cuts import Cut, left
from ml.scenario.effect import Shown, effect_of
from ml.scenario.response import Response, ages_of, respond
from research.scenario_trial.kinds import cuts_of
from research.scenario_trial.worlds import DAYS, FIRST_CUT_H, TrialWorld
from streams.records import SPECIES
from streams.registry import Registry

METHODS = ("response", "no_change", "zero_out", "allocation", "inventory")
"""The product's answer; nothing changes; zero-out of the sector x cut (ozone alone); share of the allocation x cut; share
of the own city's emissions x cut."""
EMITTED = {"pm25": ("pm25", "so2", "nox", "nh3"), "o3": ("nox", "voc")}
"""Whose mean share a city's inventory is taken by."""
AFTERNOON = np.arange(12, 20)
"""Hours of a day that ozone is judged in, ending 13:00 to 20:00."""
PARTS = ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
KM = 111.2


def windows(quantity: str) -> list[np.ndarray]:
    """Give the hours of each natural day that is judged: those that the cut reaches, and the day after."""
    each = AFTERNOON if quantity == "o3" else np.arange(24)
    return [24 * day + each for day in range(FIRST_CUT_H // 24, DAYS)]


def distances_km(registry: Registry) -> np.ndarray:
    """Give the distances between the centres of the cities (city, city) [km]."""
    lon, lat = (np.array([getattr(c, name) for c in registry.cities.values()]) for name in ("lon", "lat"))
    east = (lon[:, None] - lon) * np.cos(np.radians(lat.mean()))
    return KM * np.hypot(east, lat[:, None] - lat)


def response_of(world: TrialWorld, kind: str, distance_km: np.ndarray) -> Response:
    """Give the product's answer to a kind of cut."""
    cuts = cuts_of(kind, world.cities, world.cut_hours)
    return respond(world.tags, cuts, ages=ages_of(distance_km), by_place=world.removal_place)


def answers(
    world: TrialWorld, kind: str, quantity: str, hours: np.ndarray, shown: Shown, response: Response
) -> Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give change, low, high (city,) [ug/m3] over some hours by METHODS; baselines have no interval (NaN)."""
    level = world.level[quantity][:, hours].mean(axis=-1)
    effect = effect_of(response, quantity, hours, shown=shown, level=level)
    cuts, none = cuts_of(kind, world.cities, world.cut_hours), np.full(len(world.cities), np.nan)
    gone = _cut_now(world, cuts, hours)
    baselines = {
        "no_change": np.zeros(len(world.cities)),
        "zero_out": -_zero_out(world, gone, hours) if quantity == "o3" else none,
        "allocation": -level * _allocated(world, quantity, gone, hours),
        "inventory": -level * _emitted(world, quantity, gone, hours),
    }
    return {"response": (effect.change, effect.low, effect.high), **{n: (v, none, none) for n, v in baselines.items()}}


def month_of(world: TrialWorld) -> int:
    """Give the month in which a world begins."""
    return dt.datetime.fromtimestamp(world.first_hour * 3600, dt.UTC).month


def misfit(world: TrialWorld, quantity: str, hours: np.ndarray) -> np.ndarray:
    """Give by how much the twins' mean is off without any cut, as a share of the level (city,)."""
    parts = PARTS if quantity == "pm25" else (quantity,)
    told = sum(world.tags.by_sector(q).sum(axis=-2) for q in parts).mean(axis=0)[:, hours].mean(axis=-1)
    level = world.level[quantity][:, hours].mean(axis=-1)
    return (told - level) / level


def _cut_now(world: TrialWorld, cuts: Sequence[Cut], hours: np.ndarray) -> np.ndarray:
    """Give the largest share that is cut of any species (sector, city, hour), at once and without memory."""
    when = world.first_hour + hours
    return np.max([1.0 - left(cuts, species, world.cities, when) for species in ("so2", "nox", "voc", "pm")], axis=0)


def _allocated(world: TrialWorld, quantity: str, gone: np.ndarray, hours: np.ndarray) -> np.ndarray:
    parts, tags = PARTS if quantity == "pm25" else (quantity,), world.tags
    sector, place = (
        sum(get(q) for q in parts).mean(axis=0)[..., hours].mean(axis=-1) for get in (tags.by_sector, tags.by_place)
    )
    local = place[:, :-1].sum(axis=-1, keepdims=True)
    joint = sector[:, :-1, None] * (place[:, :-1] / np.where(np.abs(local) > 1e-9, local, np.inf))[:, None]
    return (joint * gone.mean(axis=-1)).sum(axis=(-2, -1)) / sector.sum(axis=-1)


def _zero_out(world: TrialWorld, gone: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Give what the zero-outs of the sectors say, times the cut; a city has the share of all cities' NOx [ug/m3] (city,)."""
    told, nox = world.tags.removal["o3"].mean(axis=0), np.maximum(world.tags.by_place("nox").mean(axis=0)[:, :-1], 0.0)
    sector, place = (each[..., hours].mean(axis=-1) for each in (told[:, :-1], nox))
    parted = sector[:, :, None] * (place / place.sum(axis=-1, keepdims=True))[:, None]
    return (parted * gone.mean(axis=-1)).sum(axis=(-2, -1))


def _emitted(world: TrialWorld, quantity: str, gone: np.ndarray, hours: np.ndarray) -> np.ndarray:
    kg = world.kg[..., hours].sum(axis=-1)[:, :, [SPECIES.index(s) for s in EMITTED[quantity]]]
    share = (kg / kg.sum(axis=1, keepdims=True)).mean(axis=-1)  # (city, sector)
    return (share * gone.mean(axis=-1).T).sum(axis=1)


__all__ = ["METHODS", "answers", "distances_km", "misfit", "month_of", "response_of", "windows"]
