"""Back along the wind: what each city and sector gave to the air that arrives, and with what the air came into the region.

From each receptor and hour one trajectory is followed backwards. What is emitted into it k steps back arrives with the
chances that the
weather since then leaves it: to arrive as it was, or as its product. These chances are carried along backwards (the
adjoint of the
chain), so a year costs what its trajectories cost, whatever the number of sources.
"""

from __future__ import annotations

import math

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
)  # fmt: skip

FINE_HOURS, FINE_H, COARSE_H = 6, 0.5, 1.0
"""The first hours are gone through in halves, for the town is small and the wind crosses it; the rest hour by hour [h]."""
EMITTED = ("primary", "so2", "nox", "ammonia", "co", "voc")
ARRIVING = ("primary", "so2", "sulphate", "nox", "nitrate", "ammonia", "co", "soa")
"""In this order amounts arrive, each in its own mass."""
FIELDS = ("u", "v", "height", "so2_per_h", "nox_per_h", "voc_per_h", "rain_power")
"""What is known of the weather at each city: wind [m/s], mixed layer [m], rates [h-1], rain^0.75."""
U, V, HEIGHT = 0, 1, 2
SPREAD_KM_H = 1.8
"""How fast a puff grows: 0.5 m/s times its age (Heffter 1965, J. Appl. Meteorol. 4:153)."""
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


@njit(nogil=True, cache=True)
def trace(
    receptors,
    owner,
    share,
    at_km,
    fields,
    deposition,
    washout,
    emitted,
    tall,
    town,
    density,
    level,
    age,
    edge,
    boundary,
    first,
    out,
    outside,
):
    """Follow every receptor and hour back, and add what arrives.

    receptors: (receptor, 2), at_km: (city, 2) [km]. owner: int (receptor,), share: (receptor,), its weight in its city. fields:
    (hour, city, FIELDS), NaN where missing. deposition: (hour, species) [m/h]. washout: (species,) [h-1 at rain power 1]. emitted:
    (hour, city, sector, EMITTED) [ug/h]. tall, town: (sector,). density: (width, row, column, 2 * city) [km-2]. level: int (step,),
    the width of each age. age: (step + 1,), ascending from 0, between which hours back each step lies [h]. edge: (cell, east,
    north, margin) [km]. boundary: (side east, north, west, south; species; hour) [ug/m3]. first: the first hour that is answered; those before are history. out: (city, hour, city, sector,
    ARRIVING), outside: (city, hour, species), sums are added; NaN where a wind that is needed is missing, or history is.
    """
    cities, sectors = emitted.shape[1], emitted.shape[2]
    weather = np.empty(fields.shape[2])
    for r in range(receptors.shape[0]):
        mine = owner[r]
        for h in range(first, fields.shape[0]):
            o = h - first
            known = _trajectory(
                receptors[r],
                share[r],
                at_km,
                fields,
                deposition,
                washout,
                emitted,
                tall,
                town,
                density,
                level,
                age,
                edge,
                boundary,
                h,
                weather,
                out[mine, o],
                outside[mine, o],
                cities,
                sectors,
            )
            if not known:
                out[mine, o] = np.nan
                outside[mine, o] = np.nan


@njit(nogil=True, cache=True)
def _trajectory(
    start,
    share,
    at_km,
    fields,
    deposition,
    washout,
    emitted,
    tall,
    town,
    density,
    level,
    age,
    edge,
    boundary,
    h0,
    weather,
    out,
    outside,
    cities,
    sectors,
):
    x, y = start[0], start[1]
    cell, east, north, margin = edge
    same = np.ones(washout.size)  # chance to arrive as it was, by species
    sulphate = nitrate = soa = 0.0  # chance of SO2, NOx, VOC to arrive as product
    deepest = height = 0.0
    side, h = 0, h0
    for k in range(level.size):
        h, dt = h0 - int(age[k]), age[k + 1] - age[k]
        if h < 0 or not _here(x, y, at_km, fields[h], weather):
            return False
        height = weather[HEIGHT]
        deepest = max(deepest, height)
        sulphate, nitrate, soa = _products(same, sulphate, nitrate, soa, weather, deposition[h], washout, height, dt)
        _back(same, weather, deposition[h], washout, height, dt)
        row, column = int(y / cell), int(x / cell)
        into = share * dt * 1e-6 / deepest
        factors = (
            same[PRIMARY],
            same[SO2],
            sulphate * SULPHATE_PER_SO2,
            same[NOX],
            nitrate * NITRATE_PER_NOX,
            same[AMMONIA],
            same[CO],
            soa,
        )
        for c in range(cities):
            in_town, in_country = density[level[k], row, column, 2 * c], density[level[k], row, column, 2 * c + 1]
            if in_town + in_country < LEAST_PER_KM2:
                continue
            for s in range(sectors):
                e = into * (town[s] * in_town + (1.0 - town[s]) * in_country)
                e *= 1.0 if deepest > TALL_M else 1.0 - tall[s]
                kg, put = emitted[h, c, s], out[c, s]
                put[0] += e * kg[0] * factors[0]
                put[1] += e * kg[1] * factors[1]
                put[2] += e * kg[1] * factors[2]
                put[3] += e * kg[2] * factors[3]
                put[4] += e * kg[2] * factors[4]
                put[5] += e * kg[3] * factors[5]
                put[6] += e * kg[4] * factors[6]
                put[7] += e * kg[5] * factors[7]
        faster = (min(height, PROFILE_TOP_M) / 10.0) ** PROFILE / (1.0 + PROFILE)
        x -= 3.6 * dt * weather[U] * faster
        y -= 3.6 * dt * weather[V] * faster
        if x < margin or y < margin or x > east - margin or y > north - margin:
            break
    side = _side(x - 0.5 * east, y - 0.5 * north, east, north)
    mixed = (height + ALOFT * (deepest - height)) / deepest
    for s in range(same.size):
        outside[s] += share * mixed * boundary[side, s, h] * same[s]
    outside[SULPHATE] += share * mixed * boundary[side, SO2, h] * sulphate * SULPHATE_PER_SO2
    outside[NITRATE] += share * mixed * boundary[side, NOX, h] * nitrate * NITRATE_PER_NOX
    outside[SOA] += share * mixed * boundary[side, VOC, h] * soa * OTHER_YIELD
    return True


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
def _back(same, weather, deposition, washout, height, dt):
    # One step further back: the chance to arrive as it was falls by what this step takes.
    for s in range(same.size):
        same[s] *= math.exp(-dt * (deposition[s] / height + washout[s] * weather[6] + _reacts(s, weather)))


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
def _products(same, sulphate, nitrate, soa, weather, deposition, washout, height, dt):
    # Of what is emitted before this step: the part that turns within it goes on as product, the rest keeps its later chance.
    found = (sulphate, nitrate, soa)
    new = [0.0, 0.0, 0.0]
    for i, (a, b) in enumerate(((SO2, SULPHATE), (NOX, NITRATE), (VOC, SOA))):
        rate = _reacts(a, weather)
        loss = deposition[a] / height + washout[a] * weather[6] + rate
        stays = math.exp(-dt * loss)
        turns = rate / loss * (1.0 - stays) if loss > 0 else 0.0
        new[i] = found[i] * stays + turns * same[b]
    return new[0], new[1], new[2]


@njit(nogil=True, cache=True)
def _side(dx, dy, east, north):
    # East, north, west or south: through which side of the region the air came.
    if abs(dx) / east > abs(dy) / north:
        return 0 if dx > 0 else 2
    return 1 if dy > 0 else 3


def steps_back(hours: int, widths_km: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Give the bounds of the steps back, float64 (step + 1,) [h], and for each the smoothing nearest to a puff of its
    age, int (step,)."""
    fine = min(hours, FINE_HOURS)
    age = np.concatenate([np.arange(0, fine, FINE_H), np.arange(fine, hours + COARSE_H, COARSE_H)])
    width = np.maximum(SPREAD_KM_H * 0.5 * (age[1:] + age[:-1]), widths_km[0])
    return age, np.abs(np.log(width[:, None] / np.array(widths_km))).argmin(axis=1)


__all__ = ["ARRIVING", "CO", "EMITTED", "FIELDS", "steps_back", "trace"]
