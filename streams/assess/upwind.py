"""Whose emissions lie upwind of a city: a plain, documented rule of direction and travel time.

It says where the air of an hour comes from, not what arrives: no chemistry, no terrain, no turning wind. The hour's own
wind and the hour's own emissions are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from streams.records import CityPlace

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, IUGG (Moritz 2000, Geodetic Reference System 1980)."""
KMH_PER_MS = 3.6


@dataclass(frozen=True, slots=True)
class UpwindRules:
    """How wide upwind is and how far it reaches; the numbers are choices of this platform, not of any standard.

    half_width_deg: where the cone's cosine-squared weight reaches zero. efolding_h: travel time after which the weight
    has fallen to 1/e; cutoff_h: beyond it the weight is zero. calm_ms: a weaker wind has no direction to speak of.
    """

    half_width_deg: float = 45.0
    efolding_h: float = 12.0
    cutoff_h: float = 48.0
    calm_ms: float = 0.5


def origins(cities: Sequence[CityPlace], city: str) -> tuple[str, ...]:
    """Name the cities whose emissions may lie upwind of a city, in the order of the first axis of the weights."""
    return tuple(place.code for place in cities if place.code != city)


def upwind_weights(
    wind_u_ms: np.ndarray,
    wind_v_ms: np.ndarray,
    cities: Sequence[CityPlace],
    city: str,
    *,
    rules: UpwindRules = UpwindRules(),
) -> np.ndarray:
    """Give how far each other city's emission counts as upwind of a city in each hour.

    wind_u_ms, wind_v_ms [m/s]: (hour,), eastward and northward, at the city. Returns (origin, hour), 0 to 1, in the
    order of origins(): cos2 of the angle between the wind's origin and the city's bearing, stretched to zero at
    half_width_deg, times exp(-travel time / efolding_h), where the travel time is the distance over the wind speed.
    Missing: NaN where the wind is missing or calm, for every origin: calm air has no upwind side, and that is not zero.
    Errors: ValueError where the city is not among the cities.
    """
    bearing_deg, distance_km = bearings_and_distances(cities, city)
    u, v = np.asarray(wind_u_ms, float), np.asarray(wind_v_ms, float)
    speed_ms = np.hypot(u, v)
    known = speed_ms >= rules.calm_ms  # False for NaN
    speed_ms = np.where(known, speed_ms, np.nan)
    from_deg = np.degrees(np.arctan2(-u, -v))
    off_deg = np.abs((bearing_deg[:, None] - from_deg + 180.0) % 360.0 - 180.0)
    in_cone = np.cos(np.radians(90.0 / rules.half_width_deg * np.minimum(off_deg, rules.half_width_deg))) ** 2
    travel_h = distance_km[:, None] / (KMH_PER_MS * speed_ms)
    reached = np.where(travel_h <= rules.cutoff_h, np.exp(-travel_h / rules.efolding_h), 0.0)
    # The cosine of a right angle is 6e-17, not 0: the edge of the cone is outside it.
    weights = np.where(off_deg < rules.half_width_deg, in_cone * reached, 0.0)
    return np.where(known, weights, np.nan)


def bearings_and_distances(cities: Sequence[CityPlace], city: str) -> tuple[np.ndarray, np.ndarray]:
    """Give bearing [deg, clockwise from north] and distance [km] from a city to every other one on a sphere.

    Each (origin,), in the order of origins(). Errors: ValueError where the city is not among the cities.
    Source: great-circle initial bearing and haversine distance.
    """
    here = [(place.lon, place.lat) for place in cities if place.code == city]
    if len(here) != 1:
        raise ValueError(
            f"city {city!r} stands {len(here)} times among {[place.code for place in cities]}, expected once"
        )
    others = np.radians([(place.lon, place.lat) for place in cities if place.code != city]).reshape(-1, 2)
    lon, lat = others.T
    lon0, lat0 = np.radians(here[0])
    east = np.sin(lon - lon0) * np.cos(lat)
    north = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon - lon0)
    haversine = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat0) * np.cos(lat) * np.sin((lon - lon0) / 2) ** 2
    distance_km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(haversine, 0.0, 1.0)))
    return np.degrees(np.arctan2(east, north)) % 360.0, distance_km


def upwind_emissions(weights: np.ndarray, totals_kgh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum the emissions that lie upwind: weights (origin, hour) times totals_kgh [kg/h] (origin, species, hour).

    Returns the sum [kg/h] and its coverage, both (species, hour): the share of the weight whose origins have emissions.
    Missing: an origin without emissions is left out, which coverage shows; both are NaN where the wind is missing, and
    the sum is NaN where no origin of any weight has emissions. Where no origin lies upwind the sum is 0, coverage 1.
    """
    totals = np.asarray(totals_kgh, float)
    known = ~np.isnan(totals)
    share = weights[:, None, :]
    amount = (share * np.where(known, totals, 0.0)).sum(axis=0)
    weight_known = (share * known).sum(axis=0)
    weight_all = np.broadcast_to(weights.sum(axis=0), amount.shape)
    nowhere = weight_all == 0.0
    coverage = np.where(nowhere, 1.0, weight_known / np.where(nowhere, 1.0, weight_all))
    unknown = ~nowhere & (weight_known == 0.0)
    return np.where(unknown, np.nan, amount), coverage


def weights_texts(wind_ms: np.ndarray, cities: Sequence[CityPlace], city: str) -> list[str | None]:
    """Write who lies upwind of a city in each hour: JSON of the weight, 0 to 1, of each city that has any.

    wind_ms [m/s]: (2, hour), eastward and northward, at the city. cities: the region's, the city among them.
    Missing: None where the wind is missing or calm, or where the cities are not known.
    """
    if not cities:
        return [None] * wind_ms.shape[1]
    weights, names = upwind_weights(*wind_ms, cities, city), origins(cities, city)
    known = ~np.isnan(weights).any(axis=0)
    return [
        orjson.dumps({name: w for name, w in zip(names, hour, strict=True) if w > 0}).decode() if there else None
        for hour, there in zip(weights.T.tolist(), known.tolist(), strict=True)
    ]
