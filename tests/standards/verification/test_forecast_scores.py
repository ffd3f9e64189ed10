"""Scores of index forecasts, by definitions written out beside them."""

from functools import partial

import numpy as np
import pytest

from standards.index.aqi import PRIMARY_CODES
from standards.verification.forecast_scores import (
    HALF_LEVEL_STARTS,
    aqi_range,
    by_lead,
    half_level_accuracy,
    half_level_of,
    level_accuracy,
    persisted,
    persistence_skill,
    primary_accuracy,
    range_accuracy,
    strict_level_accuracy,
)
from standards.verification.scores import mean_bias, rmse

NAN = float("nan")
O3, PM25, BOTH = (PRIMARY_CODES.index(codes) for codes in ("o3", "pm25", "o3,pm25"))

# 12 half-levels: first and last index
HALF_LEVELS = [
    (1, 25), (26, 50), (51, 75), (76, 100), (101, 125), (126, 150), (151, 175), (176, 200), (201, 250), (251, 300),
    (301, 400), (401, 500),
]  # fmt: skip


# centre -> low, high: half-widths of 10 up to 100, 15 up to 200, 25 up to 300, 30 above
@pytest.mark.parametrize(
    ("centre", "low", "high"),
    [(0, 0, 10), (5, 0, 15), (100, 90, 110), (100.5, 85.5, 115.5), (101, 86, 116), (200, 185, 215), (201, 176, 226),
     (300, 275, 325), (301, 271, 331), (490, 460, 500)],
)  # fmt: skip
def test_ranges_widen_with_the_index(centre, low, high):
    assert [float(end) for end in aqi_range(centre)] == [low, high]


def test_half_widths_may_be_others():
    low, high = aqi_range([50, 150, NAN], half_widths=((0, 5), (100, 20)))
    assert np.array_equal(low, [45, 130, NAN], equal_nan=True) and np.array_equal(high, [55, 170, NAN], equal_nan=True)


def test_a_range_holds_both_of_its_ends():
    obs, fcst = [90, 110, 89, 111], np.stack(aqi_range([100] * 4))
    score = range_accuracy(obs, fcst)
    assert (score.value, score.n) == (0.5, 4)


def test_levels_are_touched_by_a_range_or_met_by_a_forecast():
    obs = np.array([100, 101, 55, 210])
    fcst = np.array([[95, 95, 60, 150], [105, 105, 80, 200]])  # levels 2-3, 2-3, 2, 3-4
    assert level_accuracy(obs, fcst).value == 0.75
    assert strict_level_accuracy(obs, [95, 99, 80, 200]).value == 0.5


def test_half_levels_are_the_twelve():
    expected = [1] + [i for i, (low, high) in enumerate(HALF_LEVELS, 1) for _ in range(low, high + 1)]
    assert half_level_of(np.arange(501)).tolist() == expected
    assert tuple(low for low, _ in HALF_LEVELS) == HALF_LEVEL_STARTS
    assert half_level_of([[NAN, 25.4], [25.6, 500]]).tolist() == [[0, 1], [2, 12]]
    assert half_level_accuracy([25, 26, 130], [1, 25, 150]).value == pytest.approx(2 / 3)


def test_a_primary_pollutant_is_right_where_one_is_shared_and_clean_days_do_not_count():
    obs = np.array([[120, 120, 130, 50, 60, NAN], [O3, PM25, BOTH, 0, PM25, 0]])
    fcst = np.array([[110, 110, 120, 40, 45, 80], [O3, O3, PM25, 0, 0, O3]])
    score = primary_accuracy(obs, fcst)
    assert (score.value, score.n) == (0.5, 4)  # right, wrong, right, -, forecast clean: wrong, -
    assert np.isnan(primary_accuracy(obs, fcst, missing="propagate").value)
    clean = primary_accuracy(np.array([[50.0], [0]]), np.array([[50.0], [0]]))
    assert np.isnan(clean.value) and clean.n == 0


def test_persistence_says_what_was_observed():
    assert np.array_equal(persisted([1, 2, 3, NAN], lead=1), [NAN, 1, 2, 3], equal_nan=True)
    assert np.isnan(persisted([1, 2], lead=3)).all()
    assert np.array_equal(persisted([[1, 2, 3], [4, 5, 6]], lead=2)[:, 2], [1, 4])


def test_skill_is_one_for_perfect_zero_for_persistence_and_below_for_worse():
    obs = np.array([100.0, 120, 90, 150, 80])
    before = persisted(obs, lead=1)
    for fcst, expected in ((obs, 1.0), (before, 0.0), (2 * before - obs, -1.0)):
        skill = persistence_skill(obs, np.stack([fcst, before]))
        assert (skill.value, skill.n) == (expected, 4)
    flat = persistence_skill([5, 5, 5], [[6, 6, 6], [5, 5, 5]])
    assert np.isnan(flat.value) and flat.n == 3


def test_skill_compares_the_same_days():
    obs, fcst, before = [10, 20, 30, NAN], [12, NAN, 33, 5], [20, 20, 20, 5]
    skill = persistence_skill(obs, [fcst, before])
    assert skill.n == 2
    assert skill.value == pytest.approx(1 - np.sqrt((4 + 9) / 2) / np.sqrt((100 + 100) / 2), rel=1e-14)


def test_every_score_goes_by_lead_time():
    lead = np.array([3, 1, 1, 2, 3, 1])
    obs = np.array([100.0, 100, 50, 200, 60, NAN])
    fcst = np.array([110.0, 105, 60, 150, 60, 70])
    got = by_lead(mean_bias, obs, fcst, lead)
    assert (got.lead.tolist(), got.value.tolist(), got.n.tolist()) == ([1, 2, 3], [7.5, -50, 5], [2, 1, 2])
    inside = by_lead(range_accuracy, obs, np.stack(aqi_range(fcst)), lead)
    assert (inside.value.tolist(), inside.n.tolist()) == ([1, 0, 1], [2, 1, 2])
    whole = by_lead(partial(mean_bias, missing="propagate"), obs, fcst, lead)
    assert np.isnan(whole.value[0]) and whole.n.tolist() == [0, 1, 2]
    cities = by_lead(rmse, np.tile(obs, (2, 1)), np.tile(fcst, (2, 1)), lead)
    assert cities.value.shape == (3, 2)
    primary = by_lead(primary_accuracy, np.stack([obs, obs * 0 + O3]), np.stack([fcst, fcst * 0 + O3]), lead)
    assert (primary.value.tolist(), primary.n.tolist()) == ([1, 1, 1], [1, 1, 2])
    none = by_lead(rmse, [], [], np.array([], dtype=int))
    assert none.lead.size == none.value.size == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: aqi_range(-1), "centre is -1, expected 0 to 500, or NaN for missing"),
        (lambda: aqi_range(501), "centre is 501"),
        (lambda: aqi_range(50, half_widths=((100, 5), (0, 20))), "expected centres that rise"),
        (lambda: range_accuracy([100], [[90]]), r"fcst has shape \(1, 1\), expected \(2, 1\)"),
        (lambda: range_accuracy([100], [[110], [90]]), "fcst has the range 110 to 90"),
        (lambda: range_accuracy([600], [[90], [110]]), "obs is 600, expected 0 to 500"),
        (lambda: strict_level_accuracy([100], [100, 100]), r"fcst has shape \(2,\), expected \(1,\)"),
        (lambda: half_level_accuracy([100], [np.inf]), "fcst is inf"),
        (lambda: half_level_of(-1), "aqi is -1"),
        (lambda: primary_accuracy([100], [100]), r"obs has shape \(1,\)"),
        (lambda: primary_accuracy([[100], [64]], [[100], [1]]), "obs primary is 64, expected 0 to 63"),
        (lambda: primary_accuracy([[100], [1]], [[100], [1.5]]), "fcst primary has a broken number"),
        (lambda: persisted([1, 2], lead=0), "lead is 0 days, expected 1 or more"),
        (lambda: persistence_skill([1, 2], [1, 2]), r"expected \(2, 2\)"),
        (lambda: persistence_skill([1, -2], [[1, 2], [1, 2]]), "obs is -2"),
        (lambda: by_lead(rmse, [1, 2], [1, 2], [1.0, 2.0]), "lead is float64"),
        (lambda: by_lead(rmse, [1, 2], [1, 2], [1]), r"shape \(1,\), expected whole numbers of shape \(2,\)"),
        (lambda: range_accuracy([1], [[1], [1]], missing="drop"), "missing is 'drop'"),
        (lambda: half_level_accuracy([1], [1], axis=1), "axis is 1"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
