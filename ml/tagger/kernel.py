"""Back along the wind: what each city and sector gave to the air that arrives, and with what the air came into the region.

From each receptor and hour one trajectory is followed backwards. What is emitted into it k steps back arrives with the
chances that the weather since then leaves it: to arrive as it was, or as its product. These chances are carried along
backwards (the adjoint of the chain), so a year costs what its trajectories cost, whatever the number of sources.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from ml.tagger.rates import (
    AMMONIA,
    CO,
    NITRATE,
    NITRATE_PER_NOX,
    NOX,
    OTHER_YIELD,
    PRIMARY,
    SO2,
    SOA,
    SULPHATE,
    SULPHATE_PER_SO2,
    VOC,
)

FINE_HOURS, FINE_H, COARSE_H = 6, 0.5, 1.0
"""The first hours are gone through in halves, for the town is small and the wind crosses it; the rest hour by hour [h]."""
EMITTED = ("primary", "so2", "nox", "ammonia", "co", "voc")
ARRIVING = ("primary", "so2", "sulphate", "nox", "nitrate", "ammonia", "co", "soa")
"""In this order amounts arrive, each in its own mass."""
FIELDS = ("u", "v", "height", "so2_per_h", "nox_per_h", "voc_per_h", "rain_power")
"""What is known of the weather at each city: wind [m/s], mixed layer [m], rates [h-1], rain^0.75."""
U, V, HEIGHT, RAIN = 0, 1, 2, 6
SPREAD_PER_KM, SPREAD_KM_H = 0.08, 0.9
"""How fast a puff grows: by this share of its way, as the wind turns by some degrees around its mean, and by its age, as weak wind
meanders; with 3 m/s both together are the 0.5 m/s of Heffter 1965, J. Appl. Meteorol. 4:153."""
PROFILE, PROFILE_TOP_M = 1.0 / 7.0, 500.0
"""Wind grows with height to this power (neutral air over land), up to this height; it is averaged over the mixed layer."""
TALL_M = 250.0
"""Plumes of tall stacks come down only if the mixed layer has been higher than this since [m]."""
ALOFT = 0.4
"""What is outside air above its mixed layer, as a share of that in it."""
LEAST_PER_KM2 = 1e-7
"""Where a city emits less than this share of itself, a thousandth of what its country does, it emits nothing [km-2]."""
NEAR_KM = 10.0
"""Inside this distance of a city its weather alone counts, more and more [km]."""


class Stage(NamedTuple):
    """What every trajectory is laid on; all float64.

    at_km: (city, 2), where the cities' weather is taken to be [km]. fields: (hour, city, FIELDS), NaN where missing.
    deposition: (hour, species) [m/h]. washout: (species,) [h-1 where the rain's power is 1]. emitted: (hour, city, sector,
    EMITTED) [ug/h], VOC as the organic aerosol that it can make. tall, town: (sector,), shares. density: (width, row, column,
    2 * city) [km-2]. level: int (step,), which width a puff has. age: (step + 1,), ascending from 0, between which hours back
    each step lies [h]. size_km: (cell, east, north, margin) [km]. boundary: (side east, north, west, south; species; hour)
    [ug/m3].
    """

    at_km: np.ndarray
    fields: np.ndarray
    deposition: np.ndarray
    washout: np.ndarray
    emitted: np.ndarray
    tall: np.ndarray
    town: np.ndarray
    density: np.ndarray
    wider_km: np.ndarray
    age: np.ndarray
    size_km: np.ndarray
    boundary: np.ndarray


@njit(nogil=True, cache=True)
def trace(stage, receptors, owner, share, first, out, outside):
    """Follow every receptor and hour back, and add what arrives.

    receptors: (receptor, 2) [km]. owner: int (receptor,), share: (receptor,), its weight in its city. out: (city, hour, city,
    sector, ARRIVING), outside: (city, hour, species) [ug/m3], sums are added; NaN where a weather that is needed is missing
    or lies before the first hour.
    """
    for r in range(receptors.shape[0]):
        mine = owner[r]
        for h in range(first, stage.fields.shape[0]):
            put, beyond = out[mine, h - first], outside[mine, h - first]
            if not _trajectory(stage, receptors[r], share[r], h, put, beyond):
                put[:] = np.nan
                beyond[:] = np.nan


@njit(nogil=True, cache=True)
def _trajectory(stage, start, share, h0, out, outside):
    x, y = start[0], start[1]
    cell, east, north, margin = stage.size_km
    weather = np.empty(stage.fields.shape[2])
    same = np.ones(stage.washout.size)  # chance to arrive as it was, by species
    sulphate = nitrate = soa = 0.0  # chance of SO2, NOx, VOC to arrive as product
    deepest = height = 0.0
    way_km, level, h = 0.0, 0, h0
    for k in range(stage.age.size - 1):
        h, dt = h0 - int(stage.age[k]), stage.age[k + 1] - stage.age[k]
        if h < 0 or not _here(x, y, stage.at_km, stage.fields[h], weather):
            return False
        height = weather[HEIGHT]
        # Air that was mixed up to a height stays so when the layer falls.
        deepest = max(deepest, height)
        sulphate, nitrate, soa = _products(
            same, (sulphate, nitrate, soa), weather, stage.deposition[h], stage.washout, dt
        )
        _back(same, weather, stage.deposition[h], stage.washout, dt)
        chances = (same[PRIMARY], same[SO2], sulphate * SULPHATE_PER_SO2, same[NOX], nitrate * NITRATE_PER_NOX, same[AMMONIA],
                   same[CO], soa)  # fmt: skip
        width_km = SPREAD_PER_KM * way_km + SPREAD_KM_H * stage.age[k]
        while level < stage.wider_km.size and width_km > stage.wider_km[level]:
            level += 1
        here = stage.density[level, int(y / cell), int(x / cell)]
        _take(stage, here, stage.emitted[h], share * dt * 1e-6 / deepest, deepest > TALL_M, chances, out)
        faster = 3.6 * dt * (min(height, PROFILE_TOP_M) / 10.0) ** PROFILE / (1.0 + PROFILE)
        x -= weather[U] * faster
        y -= weather[V] * faster
        way_km += math.hypot(weather[U], weather[V]) * faster
        if x < margin or y < margin or x > east - margin or y > north - margin:
            break
    mixed = share * (height + ALOFT * (deepest - height)) / deepest
    came = stage.boundary[_side(x - 0.5 * east, y - 0.5 * north, east, north), :, h]
    for s in range(same.size):
        outside[s] += mixed * came[s] * same[s]
    outside[SULPHATE] += mixed * came[SO2] * sulphate * SULPHATE_PER_SO2
    outside[NITRATE] += mixed * came[NOX] * nitrate * NITRATE_PER_NOX
    outside[SOA] += mixed * came[VOC] * soa * OTHER_YIELD
    return True


@njit(nogil=True, cache=True)
def _take(stage, here, emitted, into, stacks_reach, chances, out):
    # What is emitted below the puff in this step, times the chance to arrive; into: [h m-1 m2 km-2].
    for c in range(emitted.shape[0]):
        in_town, in_country = here[2 * c], here[2 * c + 1]
        if in_town + in_country < LEAST_PER_KM2:
            continue
        for s in range(emitted.shape[1]):
            e = into * (stage.town[s] * in_town + (1.0 - stage.town[s]) * in_country)
            e *= 1.0 if stacks_reach else 1.0 - stage.tall[s]
            ug, put = emitted[c, s], out[c, s]
            put[0] += e * ug[0] * chances[0]
            put[1] += e * ug[1] * chances[1]
            put[2] += e * ug[1] * chances[2]
            put[3] += e * ug[2] * chances[3]
            put[4] += e * ug[2] * chances[4]
            put[5] += e * ug[3] * chances[5]
            put[6] += e * ug[4] * chances[6]
            put[7] += e * ug[5] * chances[7]


@njit(nogil=True, cache=True)
def _here(x, y, at_km, fields, weather):
    # The weather between the cities that have any: inverse squares of distance. Half of them must have one.
    weather[:] = 0.0
    total, have = 0.0, 0
    for c in range(at_km.shape[0]):
        if math.isnan(fields[c].sum()):
            continue
        have += 1
        weight = 1.0 / ((x - at_km[c, 0]) ** 2 + (y - at_km[c, 1]) ** 2 + NEAR_KM**2)
        total += weight
        for f in range(weather.size):
            weather[f] += weight * fields[c, f]
    if 2 * have < at_km.shape[0] or total == 0.0:
        return False
    weather /= total
    return True


@njit(nogil=True, cache=True)
def _back(same, weather, deposition, washout, dt):
    # One step further back: the chance to arrive as it was falls by what this step takes.
    for s in range(same.size):
        same[s] *= math.exp(-dt * (deposition[s] / weather[HEIGHT] + washout[s] * weather[RAIN] + _reacts(s, weather)))


@njit(nogil=True, cache=True)
def _reacts(s, weather):
    if s == SO2:
        return weather[3]
    if s == NOX:
        return weather[4]
    if s == VOC:
        return weather[5]
    return 0.0


@njit(nogil=True, cache=True)
def _products(same, found, weather, deposition, washout, dt):
    # Of what is emitted before this step: the part that turns within it goes on as product, the rest keeps its later chance.
    return (
        _product(found[0], SO2, same[SULPHATE], weather, deposition, washout, dt),
        _product(found[1], NOX, same[NITRATE], weather, deposition, washout, dt),
        _product(found[2], VOC, same[SOA], weather, deposition, washout, dt),
    )


@njit(nogil=True, cache=True)
def _product(found, a, product_arrives, weather, deposition, washout, dt):
    rate = _reacts(a, weather)
    loss = deposition[a] / weather[HEIGHT] + washout[a] * weather[RAIN] + rate
    stays = math.exp(-dt * loss)
    turns = rate / loss * (1.0 - stays) if loss > 0 else 0.0
    return found * stays + turns * product_arrives


@njit(nogil=True, cache=True)
def _side(dx, dy, east, north):
    # East, north, west or south: through which side of the region the air came.
    if abs(dx) / east > abs(dy) / north:
        return 0 if dx > 0 else 2
    return 1 if dy > 0 else 3


def steps_back(hours: int) -> np.ndarray:
    """Give the bounds of the steps back, float64 (step + 1,) [h]."""
    fine = min(hours, FINE_HOURS)
    return np.concatenate([np.arange(0, fine, FINE_H), np.arange(fine, hours + COARSE_H, COARSE_H)])


__all__ = ["ARRIVING", "CO", "EMITTED", "FIELDS", "Stage", "steps_back", "trace"]
