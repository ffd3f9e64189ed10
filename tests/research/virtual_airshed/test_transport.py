"""Laws of transport: nothing is lost, nothing is made, nothing depends on how it is called."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.virtual_airshed.flow import Flow
from research.virtual_airshed.grid import CELL_M, TOP_M
from research.virtual_airshed.transport import advance, exchange, hour_shares, shares_of, surround

ROWS, COLUMNS = 7, 6


def some_flow(seed: int, speed_ms: float = 3.0) -> Flow:
    chance = np.random.default_rng(seed)
    return Flow(
        chance.normal(0, speed_ms, (2, ROWS, COLUMNS + 1)), chance.normal(0, speed_ms, (2, ROWS + 1, COLUMNS))
    )  # fmt: skip


def some_heights(seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed + 1)
    before, after = chance.uniform(150, 1_200, (2, ROWS + 2, COLUMNS + 2))
    return before, after


def depths(height_m: np.ndarray) -> np.ndarray:
    inner = height_m[1:-1, 1:-1]
    return np.stack([inner, TOP_M - inner])


def after_an_hour(state: np.ndarray, seed: int, lid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Move a state for an hour; give it, the heights after the hour and the balance of all tracers."""
    before, after = some_heights(seed)
    counted = np.arange(state.shape[3])
    balance = np.zeros((counted.size, 2))
    new = state.copy()
    for shares in hour_shares(some_flow(seed), before, after):
        advance(state, new, shares, lid, counted, balance)
        state, new = new, state
    return state, after, balance


def filled(concentration: np.ndarray, height_m: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Make a state (layer, row + 2, column + 2, tracer) of concentrations (layer, row, column, tracer)."""
    state = np.empty((2, ROWS + 2, COLUMNS + 2, concentration.shape[-1]))
    state[...] = outside
    state[:, 1:-1, 1:-1] = concentration * depths(height_m)[..., None]
    return state


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_uniform_concentration_stays_uniform_in_any_wind(seed: int) -> None:
    before, _ = some_heights(seed)
    level = np.array([1.0, 7.5, 0.0, 40.0])
    state = filled(np.broadcast_to(level, (2, ROWS, COLUMNS, 4)), before, level)
    state, after, _ = after_an_hour(state, seed, level)
    assert np.allclose(state[:, 1:-1, 1:-1] / depths(after)[..., None], level, rtol=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_what_is_there_is_what_was_there_and_came_in_less_what_went_out(seed: int) -> None:
    chance = np.random.default_rng(seed)
    before, _ = some_heights(seed)
    outside = chance.uniform(0, 5, 4)
    state = filled(chance.uniform(0, 50, (2, ROWS, COLUMNS, 4)), before, outside)
    at_first = state[:, 1:-1, 1:-1].sum(axis=(0, 1, 2))
    state, _, balance = after_an_hour(state, seed, outside)
    at_last = state[:, 1:-1, 1:-1].sum(axis=(0, 1, 2))
    assert np.allclose(at_last, at_first + balance[:, 0] - balance[:, 1], rtol=1e-11)
    assert (balance >= 0).all()


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_transport_is_linear_and_makes_nothing_negative(seed: int) -> None:
    chance = np.random.default_rng(seed)
    before, _ = some_heights(seed)
    parts = chance.gamma(0.3, 30, (2, ROWS, COLUMNS, 4))
    parts[..., 3] = 2.0 * parts[..., 0] + 0.5 * parts[..., 1] + parts[..., 2]
    outside = np.array([1.0, 0.0, 3.0, 5.0])
    state, _, _ = after_an_hour(filled(parts, before, outside), seed, outside)
    inner = state[:, 1:-1, 1:-1]
    assert np.allclose(inner[..., 3], 2.0 * inner[..., 0] + 0.5 * inner[..., 1] + inner[..., 2], rtol=1e-12)
    assert inner.min() >= 0


def test_a_steady_wind_carries_a_cloud_at_its_own_speed() -> None:
    # The centre of mass of the donor-cell scheme moves exactly with the wind (one axis, constant wind and depth).
    speed_ms, hours = 0.5, 4
    flow = Flow(np.full((2, ROWS, COLUMNS + 1), speed_ms), np.zeros((2, ROWS + 1, COLUMNS)))
    height = np.full((ROWS + 2, COLUMNS + 2), 500.0)
    cloud = np.zeros((2, ROWS, COLUMNS, 1))
    cloud[0, 3, 1] = 1.0
    state = filled(cloud, height, np.zeros(1))
    new, balance = state.copy(), np.zeros((1, 2))
    for _ in range(hours):
        for shares in hour_shares(flow, height, height):
            advance(state, new, shares, np.zeros(1), np.array([0]), balance)
            state, new = new, state
    mass = state[0, 1:-1, 1:-1, 0]
    centre = (mass.sum(axis=0) * np.arange(COLUMNS)).sum() / mass.sum()
    assert centre == pytest.approx(1 + speed_ms * 3_600 * hours / CELL_M, abs=1e-9)


def test_a_growing_mixed_layer_takes_in_the_air_above() -> None:
    # No wind: 300 m at 10 units grow into 700 m below 1,700 m of nothing, so 300/700 of the concentration is left.
    flow = Flow(np.zeros((2, ROWS, COLUMNS + 1)), np.zeros((2, ROWS + 1, COLUMNS)))
    before, after = np.full((ROWS + 2, COLUMNS + 2), 300.0), np.full((ROWS + 2, COLUMNS + 2), 700.0)
    level = np.zeros((2, ROWS, COLUMNS, 1))
    level[0] = 10.0
    state = filled(level, before, np.zeros(1))
    (shares,) = hour_shares(flow, before, after)
    new = state.copy()
    advance(state, new, shares, np.zeros(1), np.array([0]), np.zeros((1, 2)))
    assert np.allclose(new[0, 1:-1, 1:-1, 0] / 700.0, 10.0 * 300 / 700)
    assert np.allclose(new[1, 1:-1, 1:-1, 0], 0.0)


def test_a_step_that_is_too_long_is_told_by_a_negative_share() -> None:
    flow, (before, after) = some_flow(3, speed_ms=9.0), some_heights(3)
    shares = np.empty((2, ROWS, COLUMNS, 8))
    assert shares_of(flow.east, flow.north, before, after, 4 * 3_600.0, shares) < 0
    assert all(step[..., 0].min() >= 0 for step in hour_shares(flow, before, after))


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_an_exchange_keeps_the_books_and_brings_the_layers_together(seed: int) -> None:
    chance = np.random.default_rng(seed)
    height = chance.uniform(100, 1_500, (ROWS, COLUMNS))
    between, above = chance.uniform(0, 400, (2, ROWS, COLUMNS))
    state = chance.uniform(0, 1e4, (2, ROWS + 2, COLUMNS + 2, 2))
    lid = np.array([2.0, 0.0])
    depth = np.stack([height, TOP_M - height])
    old = state[:, 1:-1, 1:-1].copy()
    balance = np.zeros((2, 2))
    exchange(state, height, between, above, lid, np.array([0, 1]), balance)
    new = state[:, 1:-1, 1:-1]
    assert np.allclose(new.sum(axis=(0, 1, 2)), old.sum(axis=(0, 1, 2)) + balance[:, 0] - balance[:, 1], rtol=1e-12)
    # Without trade above, the two concentrations come nearer and do not pass each other.
    alone = np.zeros((2, ROWS + 2, COLUMNS + 2, 2))
    alone[:, 1:-1, 1:-1] = old
    exchange(alone, height, between, 0.0 * above, lid, np.array([0, 1]), np.zeros((2, 2)))
    gap = np.diff(old / depth[..., None], axis=0), np.diff(alone[:, 1:-1, 1:-1] / depth[..., None], axis=0)
    assert (np.abs(gap[1]) <= np.abs(gap[0]) + 1e-9).all()
    assert (gap[0] * gap[1] >= -1e-9).all()


def test_the_ring_gets_the_air_outside_and_the_inner_cells_stay() -> None:
    state = np.full((2, 4, 5, 3), 9.0)
    ring = np.arange(2 * 4 * 5, dtype=float).reshape(2, 4, 5)
    surround(state, ring, np.array([1.0, 0.0, 1.0]))
    assert (state[:, 1:-1, 1:-1] == 9.0).all()
    assert (state[:, 0, :, 0] == ring[:, 0]).all()
    assert (state[:, :, -1, 2] == ring[:, :, -1]).all()
    assert (state[:, -1, :, 1] == 0.0).all()
