"""Scores of quantiles and probabilities, of absolute errors and of explained variance, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, mean_absolute_error, mean_pinball_loss, r2_score

from standards.verification.probability_scores import brier, coverage, quantile_loss, reliability
from standards.verification.scores import efficiency, mean_error

RANDOM = np.random.default_rng(11)
OBS, FCST = RANDOM.gamma(2, 30, 300), RANDOM.gamma(2, 30, 300)
NAN = float("nan")


def test_scores_equal_those_of_scikit_learn():
    for level in (0.1, 0.5, 0.9):
        theirs = mean_pinball_loss(OBS, FCST, alpha=level)
        assert quantile_loss(OBS, FCST, level=level).value == pytest.approx(theirs, rel=1e-12)
    assert mean_error(OBS, FCST).value == pytest.approx(mean_absolute_error(OBS, FCST), rel=1e-12)
    assert efficiency(OBS, FCST).value == pytest.approx(r2_score(OBS, FCST), rel=1e-9)
    happened, probability = (OBS > 60).astype(float), RANDOM.random(300)
    assert brier(happened, probability).value == pytest.approx(brier_score_loss(happened, probability), rel=1e-12)


def test_half_the_quantile_loss_of_the_median_is_the_mean_error():
    assert 2 * quantile_loss(OBS, FCST, level=0.5).value == pytest.approx(float(mean_error(OBS, FCST).value))


def test_both_ends_of_an_interval_belong_to_it():
    score = coverage([10.0, 20.0, 30.0, NAN, 31.0], [[10.0] * 5, [30.0] * 5])
    assert (score.value, score.n) == (0.75, 4)


def test_scores_go_along_an_axis_and_leave_out_incomplete_pairs():
    obs, fcst = np.array([[1.0, NAN, 3.0], [2.0, 4.0, 6.0]]), np.array([[2.0, 9.0, 5.0], [2.0, 4.0, 9.0]])
    assert mean_error(obs, fcst, axis=1).value.tolist() == [1.5, 1.0]
    assert mean_error(obs, fcst, axis=1).n.tolist() == [2, 3]


def test_nothing_to_score_gives_no_score():
    for score in (mean_error([NAN], [1.0]), quantile_loss([NAN], [1.0], level=0.5), brier([NAN], [0.5])):
        assert np.isnan(score.value) and score.n == 0
    assert np.isnan(efficiency([5.0, 5.0], [4.0, 6.0]).value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: quantile_loss([1.0], [1.0], level=1.0),
        lambda: brier([2.0], [0.5]),
        lambda: brier([1.0], [1.5]),
        lambda: coverage([1.0], [[3.0], [2.0]]),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()


def test_the_points_of_the_reliability_diagram_are_those_of_scikit_learn():
    probability = np.append(RANDOM.random(500) ** 2, [0.0, 0.1, 0.5, 1.0])
    happened = (RANDOM.random(504) < probability).astype(float)
    found, (theirs, said) = reliability(happened, probability), calibration_curve(happened, probability, n_bins=10)
    there = found.n > 0
    assert found.happened[there] == pytest.approx(theirs, rel=1e-12)
    assert found.said[there] == pytest.approx(said, rel=1e-12)
    assert found.n.sum() == 504


def test_the_parts_of_the_brier_score_are_those_worked_out_by_hand():
    # Ten forecasts of 20 %, of which 3 happened, and ten of 80 %, of which 7: reliability (0.1^2 + 0.1^2) / 2 = 0.01,
    # resolution (0.2^2 + 0.2^2) / 2 = 0.04, uncertainty 0.5 * 0.5; score 0.22.
    happened = np.array([1] * 3 + [0] * 7 + [1] * 7 + [0] * 3, float)
    probability = np.repeat([0.2, 0.8], 10)
    assert reliability(happened, probability, bins=5).parts == pytest.approx((0.01, 0.04, 0.25))
    assert brier(happened, probability).value == pytest.approx(0.22)


@given(st.lists(st.tuples(st.sampled_from([0.05, 0.35, 0.65, 0.95]), st.booleans()), min_size=1, max_size=60))
def test_reliability_less_resolution_plus_uncertainty_is_the_brier_score_where_a_bin_says_one_thing(pairs):
    probability, happened = (np.array(each, float) for each in zip(*pairs, strict=True))
    off, apart, uncertain = reliability(happened, probability).parts
    assert off - apart + uncertain == pytest.approx(float(brier(happened, probability).value), abs=1e-12)


def test_incomplete_pairs_take_no_part_in_reliability_and_nothing_gives_nothing():
    found = reliability([1.0, NAN, 0.0], [0.9, 0.9, NAN])
    assert found.n.sum() == 1 and found.happened[8] == 1.0 and np.isnan(found.happened[0])
    assert all(np.isnan(each) for each in reliability([NAN], [0.5]).parts)
    with pytest.raises(ValueError, match=r"fcst is 1\.5"):
        reliability([1.0], [1.5])
