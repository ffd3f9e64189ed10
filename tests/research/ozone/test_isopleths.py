"""Isopleths, ridge and cuts on surfaces whose answers are known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from research.ozone.isopleths import Grid, cheapest_cut, cut_path, isopleths, ridge

AXIS = np.linspace(0.0, 2.0, 21)


def grid_of(function, axis=AXIS):
    return Grid(axis, axis, function(axis[:, None], axis[None, :]))


def hill(voc, nox):
    """Highest along NOx at nox = 0.6 voc + 0.3: the ridge; ozone there is 60 + 50 voc."""
    return 60.0 + 50.0 * voc - 40.0 * (nox - 0.6 * voc - 0.3) ** 2


def test_the_ridge_lies_where_it_was_laid():
    found = ridge(grid_of(hill))
    np.testing.assert_allclose(found.nox_factor, 0.6 * AXIS + 0.3, atol=0.003)
    np.testing.assert_allclose(found.o3_ppb, 60.0 + 50.0 * AXIS, atol=0.01)
    assert found.inside.all()


def test_a_ridge_at_the_edge_says_that_it_is_none():
    assert not ridge(grid_of(lambda v, n: 50.0 * v + 10.0 * n)).inside.any()


def test_slopes_are_those_of_the_surface():
    by_voc, by_nox = grid_of(hill).slopes(1.0, 1.0)
    # d/dv = 50 + 48 (n - 0.6 v - 0.3), d/dn = -80 (n - 0.6 v - 0.3), at n - 0.6 v - 0.3 = 0.1
    assert by_voc == pytest.approx(54.8, abs=1e-6)
    assert by_nox == pytest.approx(-8.0, abs=1e-6)


def test_cutting_nox_alone_above_the_ridge_first_makes_it_worse():
    found = cut_path(grid_of(hill), float("inf"))
    assert (found.voc_factor == 1.0).all()
    assert found.nox_factor[-1] == pytest.approx(0.0)
    # From nox 1.0 over the ridge at 0.9 to the same height at 0.8.
    assert found.worse_until == pytest.approx(0.2, abs=0.011)
    assert found.highest_ppb == pytest.approx(110.0, abs=0.02)


def test_cutting_voc_alone_makes_it_better_from_the_first_step():
    found = cut_path(grid_of(hill), 0.0)
    assert (found.nox_factor == 1.0).all()
    assert found.worse_until == 0.0
    assert found.highest_ppb == found.o3_ppb[0]
    np.testing.assert_allclose(found.o3_ppb, hill(found.voc_factor, 1.0), atol=1e-6)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_a_joint_cut_keeps_its_ratio(ratio):
    found = cut_path(grid_of(hill), ratio)
    np.testing.assert_allclose(1.0 - found.nox_factor, ratio * (1.0 - found.voc_factor), atol=1e-12)
    assert min(found.voc_factor[-1], found.nox_factor[-1]) == pytest.approx(0.0, abs=1e-12)


def test_a_cut_that_never_comes_back_below_the_start_says_so():
    found = cut_path(grid_of(lambda v, n: 100.0 + 5.0 * v - 20.0 * n), float("inf"))
    assert np.isnan(found.worse_until)


def test_the_cheapest_cut_lies_where_the_costs_meet_the_isopleth():
    # O3 = 40 + 30 v + 30 n, target 85: v + n = 1.5. VOC costs twice as much, so all of it is cut from NOx.
    found = cheapest_cut(grid_of(lambda v, n: 40.0 + 30.0 * v + 30.0 * n), 85.0, voc_cost=2.0, nox_cost=1.0)
    assert found.reached
    assert (found.voc_factor, found.nox_factor) == (pytest.approx(1.0), pytest.approx(0.5, abs=0.005))
    assert found.cost == pytest.approx(0.5, abs=0.005)
    assert found.o3_ppb <= 85.0 + 1e-9


def test_the_cheapest_cut_on_a_round_isopleth_is_lagrange_s():
    # O3 = 100 sqrt((v2 + n2) / 2), target 50: v2 + n2 = 0.5; 2 v + n is most at (2, 1) sqrt(0.1), cost 3 - sqrt(2.5).
    grid = grid_of(lambda v, n: 100.0 * np.sqrt((v * v + n * n) / 2.0), np.linspace(0.05, 2.05, 41))
    found = cheapest_cut(grid, 50.0, voc_cost=2.0, nox_cost=1.0)
    assert found.cost == pytest.approx(3.0 - np.sqrt(2.5), abs=0.005)
    assert (found.voc_factor, found.nox_factor) == (pytest.approx(0.6325, abs=0.05), pytest.approx(0.3162, abs=0.1))


def test_the_cheapest_cut_of_a_product_is_of_one_alone():
    # O3 = 100 sqrt(v n), target 50: v n = 0.25, whose ends are the cheapest: NOx to a quarter costs 0.75.
    grid = grid_of(lambda v, n: 100.0 * np.sqrt(v * n), np.linspace(0.05, 2.05, 41))
    assert cheapest_cut(grid, 50.0, voc_cost=2.0, nox_cost=1.0).cost == pytest.approx(0.75, abs=0.005)


def test_a_target_beyond_reach_says_so_and_gives_the_lowest():
    found = cheapest_cut(grid_of(hill), 1.0)
    assert not found.reached
    assert found.o3_ppb > 1.0
    assert found.voc_factor == 0.0


def test_isopleths_of_a_plane_are_straight_and_of_a_cone_are_round():
    (line,) = isopleths(grid_of(lambda v, n: 10.0 * v + 10.0 * n), [15.0])[15.0]
    np.testing.assert_allclose(line.sum(axis=1), 1.5)
    cone = grid_of(lambda v, n: 100.0 - 50.0 * np.hypot(v - 1.0, n - 1.0))
    (ring,) = isopleths(cone, [75.0])[75.0]
    np.testing.assert_allclose(np.hypot(*(ring - 1.0).T), 0.5, atol=0.01)
    np.testing.assert_array_equal(ring[0], ring[-1])


def test_a_saddle_has_two_lines_and_a_level_beyond_the_grid_none():
    saddle = grid_of(lambda v, n: 50.0 + 10.0 * (v - 1.0) * (n - 1.0))
    assert len(isopleths(saddle, [51.0])[51.0]) == 2
    assert isopleths(saddle, [99.0])[99.0] == []


def test_outside_the_grid_there_is_no_value():
    grid = grid_of(hill)
    assert np.isnan(grid.at(2.1, 1.0))
    assert grid.at(1.0, 1.0) == pytest.approx(hill(1.0, 1.0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Grid(AXIS[::-1], AXIS, np.zeros((21, 21))), "voc_factor is"),
        (lambda: Grid(AXIS, AXIS, np.zeros((21, 20))), "expected .21, 21.: voc, nox"),
        (lambda: Grid(AXIS, AXIS, np.full((21, 21), np.nan)), "expected a full grid"),
        (lambda: cut_path(grid_of(hill), -1.0), "nox_per_voc is -1.0"),
        (lambda: cut_path(grid_of(hill), 1.0, start=(3.0, 1.0)), "start is .3.0, 1.0."),
        (lambda: cheapest_cut(grid_of(hill), 80.0, voc_cost=-1.0), "costs are -1.0 and 1.0"),
        (lambda: cheapest_cut(grid_of(hill), 80.0, start=(1.0, 9.0)), "expected factors inside the grid"),
    ],
)
def test_bad_questions_are_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_result_is_plain_for_json():
    import json

    record = cut_path(grid_of(lambda v, n: 100.0 + 5.0 * v - 20.0 * n), float("inf"), steps=4).as_record()
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["kind"] == "CutPath"
    assert record["worse_until"] is None
    assert len(record["o3_ppb"]) == 5
