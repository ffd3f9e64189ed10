"""The flows that the ground allows: what they must keep, and how they go around mountains."""

from __future__ import annotations

import numpy as np
import pytest

from research.virtual_airshed.flow import PATTERNS, Flow, openness, patterns_of, potential_flow
from research.virtual_airshed.grid import shipped_grid


@pytest.fixture(scope="module")
def patterns() -> Flow:
    return patterns_of(shipped_grid())


@pytest.mark.parametrize("name", ["east", "north", "gyre"])
def test_a_large_scale_flow_loses_no_air_in_any_cell(patterns: Flow, name: str) -> None:
    assert np.abs(patterns.divergence()[PATTERNS.index(name)]).max() < 1e-9


def test_flow_over_open_ground_is_the_same_everywhere() -> None:
    # div grad p = 0 with p linear on the edges has the linear solution.
    flow = potential_flow(np.ones((7, 5)), axis=1)
    assert np.allclose(flow.east, 1.0)
    assert np.allclose(flow.north, 0.0)


def test_channels_side_by_side_carry_air_by_their_openness() -> None:
    # Pressure falls evenly along all of them, so nothing crosses: the exact solution.
    open_ = np.tile(np.array([1.0, 0.5, 0.2])[:, None], (1, 5))
    flow = potential_flow(open_, axis=1)
    assert np.allclose(flow.east, open_[:, :1])
    assert np.allclose(flow.north, 0.0)


def test_the_mountains_in_the_west_hold_the_wind_off(patterns: Flow) -> None:
    grid = shipped_grid()
    u, v = Flow(patterns.east[0], patterns.north[0]).centred()
    speed = np.hypot(u, v)
    assert speed[grid.elevation_m > 2_800].mean() < 0.4 * speed[grid.margin_km > 40].mean()


def test_the_slope_wind_blows_towards_the_mountains(patterns: Flow) -> None:
    grid = shipped_grid()
    u, v = Flow(patterns.east[3], patterns.north[3]).centred()
    near = (np.abs(grid.margin_km) < 25) & (grid.lat > 30.8) & (grid.lat < 31.8)
    # Longmen mountains run from south-west to north-east: uphill is to the north-west.
    assert (u[near] < 0).mean() > 0.9
    assert (v[near] > 0).mean() > 0.9


def test_openness_falls_with_height_and_stays_above_nothing() -> None:
    ground = np.tile(np.linspace(400, 4_000, 40), (40, 1))
    open_ = openness(ground)
    assert np.all(np.diff(open_, axis=1) <= 1e-12)
    assert open_.min() > 0
    assert open_.max() <= 1
