"""Upwind: directions and distances on the sphere, decay with travel time, and what calm or missing means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.assess.upwind import (
    EARTH_RADIUS_KM,
    UpwindRules,
    bearings_and_distances,
    origins,
    upwind_emissions,
    upwind_weights,
)
from streams.records import CityPlace

CROSS = [
    CityPlace(code, 104.0 + east, north)
    for code, east, north in (("C", 0, 0), ("N", 0, 1), ("E", 1, 0), ("S", 0, -1), ("W", -1, 0))
]
DEGREE_KM = EARTH_RADIUS_KM * np.pi / 180


def at(bearing_deg: float, distance_km: float, lon: float = 104.0, lat: float = 30.6) -> tuple[float, float]:
    """Go from a place along a great circle (the direct formula of the sphere)."""
    b, d, f, l = np.radians(bearing_deg), distance_km / EARTH_RADIUS_KM, np.radians(lat), np.radians(lon)  # noqa: E741
    f2 = np.arcsin(np.sin(f) * np.cos(d) + np.cos(f) * np.sin(d) * np.cos(b))
    l2 = l + np.arctan2(np.sin(b) * np.sin(d) * np.cos(f), np.cos(d) - np.sin(f) * np.sin(f2))
    return float(np.degrees(l2)), float(np.degrees(f2))


def wind_from(bearing_deg, speed_ms=3.0):
    """Give eastward and northward wind [m/s] of air that comes from a bearing."""
    return -speed_ms * np.sin(np.radians(bearing_deg)), -speed_ms * np.cos(np.radians(bearing_deg))


def weigh(u, v, cities=CROSS, city="C", **rules):
    return upwind_weights(np.atleast_1d(u), np.atleast_1d(v), cities, city, rules=UpwindRules(**rules))


@pytest.mark.parametrize(("u", "v", "picked"), [(-3, 0, "E"), (3, 0, "W"), (0, -3, "N"), (0, 3, "S")])
def test_a_wind_from_a_side_picks_the_city_on_that_side_and_no_other(u, v, picked):
    weights = dict(zip(origins(CROSS, "C"), weigh(u, v)[:, 0], strict=True))
    expected = np.exp(-DEGREE_KM / (3 * 3.6) / 12.0)
    assert weights.pop(picked) == pytest.approx(expected, rel=1e-12)
    assert set(weights.values()) == {0.0}


def test_the_cone_falls_off_as_cosine_squared_and_ends_at_its_edge():
    off = np.array([0, 15, 22.5, 30, 44.999, 45, 60, 180])
    u, v = wind_from(90 + off)
    weights = weigh(u, v)[1] / weigh(-3, 0)[1]
    np.testing.assert_allclose(weights, [1, 0.75, 0.5, 0.25, 0, 0, 0, 0], atol=1e-8)
    assert (weights[5:] == 0).all()
    assert weights[4] > 0


def test_weight_decays_with_travel_time_and_ends_at_the_cutoff():
    speeds = np.array([1.0, 2.0, 4.0, 8.0])
    weights = weigh(-speeds, np.zeros(4), efolding_h=6.0, cutoff_h=30.0)[1]
    hours = DEGREE_KM / (3.6 * speeds)  # 30.9, 15.4, 7.7, 3.9 h
    np.testing.assert_allclose(weights, [0, *np.exp(-hours[1:] / 6.0)], rtol=1e-12)


def test_calm_and_missing_wind_have_no_upwind_side():
    u, v = np.array([0.0, 0.3, np.nan, -3, -0.5]), np.array([0.0, 0.3, 1.0, np.nan, 0.0])
    weights = weigh(u, v)
    assert np.isnan(weights[:, :4]).all()
    assert not np.isnan(weights[:, 4]).any()


def test_bearing_and_distance_match_geographiclib_on_the_sphere():
    from pyproj import Geod

    cities = [CityPlace("a", 104.066, 30.659), CityPlace("b", 104.741, 31.464), CityPlace("c", 103.001, 29.988)]
    bearing, distance = bearings_and_distances(cities, "a")
    azimuth, _, metres = Geod(a=6371008.8, b=6371008.8).inv(
        [104.066] * 2, [30.659] * 2, [104.741, 103.001], [31.464, 29.988]
    )
    np.testing.assert_allclose(bearing, np.mod(azimuth, 360), rtol=1e-10)
    np.testing.assert_allclose(distance, np.array(metres) / 1000, rtol=1e-9)


def test_an_unknown_city_is_named():
    with pytest.raises(ValueError, match="'X' stands 0 times"):
        weigh(1, 1, city="X")


places = st.lists(st.tuples(st.floats(0, 359), st.floats(5, 300)), min_size=1, max_size=7)
winds = st.tuples(st.floats(0, 360), st.floats(0.6, 12))


@given(places, winds, st.floats(0, 360), st.randoms())
def test_turning_everything_changes_nothing_and_neither_does_the_order(others, wind, turn, random):
    def weights(extra, order):
        cities = [CityPlace("C", 104.0, 30.6), *(CityPlace(str(i), *at(b + extra, d)) for i, (b, d) in order)]
        found = weigh(*wind_from(wind[0] + extra, wind[1]), cities)[:, 0]
        return dict(zip(origins(cities, "C"), found, strict=True))

    order = list(enumerate(others))
    plain = weights(0.0, order)
    turned = weights(turn, order)
    random.shuffle(order)
    assert weights(0.0, order) == plain
    # The cone's edge is where the last bits of the direct formula may show.
    assert turned == pytest.approx(plain, abs=1e-6)


@given(st.floats(5, 300), st.floats(-90, 90), winds)
def test_mirror_images_weigh_the_same(distance, off, wind):
    sides = (("L", *at(-off, distance, lat=0.0)), ("R", *at(off, distance, lat=0.0)))
    cities = [CityPlace("C", 104.0, 0.0), *(CityPlace(*side) for side in sides)]
    left, right = weigh(*wind_from(0.0, wind[1]), cities)[:, 0]
    assert left == pytest.approx(right, abs=1e-9)


def test_emissions_upwind_are_weighed_and_their_coverage_is_told():
    weights = np.array([[0.5, 0.0, np.nan, 0.2], [0.25, 0.0, np.nan, 0.0]])
    totals = np.array([[[100, 100, 100, np.nan], [np.nan] * 4], [[40, 40, 40, 40], [8, 8, 8, 8]]], float)
    amount, coverage = upwind_emissions(weights, totals)
    np.testing.assert_allclose(amount, [[60, 0, np.nan, np.nan], [2, 0, np.nan, np.nan]])
    np.testing.assert_allclose(coverage, [[1, 1, np.nan, 0], [1 / 3, 1, np.nan, 0]])
