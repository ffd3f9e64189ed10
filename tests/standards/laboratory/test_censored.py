"""Statistics of results below limits: published numbers, a second implementation, and laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from standards.laboratory.censored import Censored, censored
from standards.laboratory.kaplan_meier import kaplan_meier
from standards.laboratory.ros import plotting_positions, robust_ros, ros_mean_interval
from standards.laboratory.student import t_quantile
from standards.laboratory.summary import summary_of

# Arsenic in a stream on Oahu [ug/L], Helsel 2005, Nondetects and Data Analysis, chapter 6; as statsmodels has it in
# statsmodels/imputation/tests/test_ros.py (Test_ROS_HelselArsenic).
OAHU = Censored(
    np.array([3.2, 2.8, 2, 2, 2, 2, 2, 2, 2, 2, 1.7, 1.5, 1, 1, 1, 1, 0.9, 0.9, 0.7, 0.7, 0.6, 0.5, 0.5, 0.5]),
    np.array([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0], bool),
)
# The estimates of the book for it, to two decimals, from the same place.
OAHU_ESTIMATES = [
    3.20, 2.80, 1.42, 1.14, 0.95, 0.81, 0.68, 0.57, 0.46, 0.35, 1.70, 1.50, 0.98, 0.76, 0.58, 0.41, 0.90, 0.61, 0.70, 0.70, 0.60,
    0.50, 0.50, 0.50,
]  # fmt: skip
# Data and output of ros() of R's NADA, from the same place (Test_ROS_RNADAdata), estimates below limits alone.
NADA_VALUES = [
    0.101, 0.136, 0.340, 0.457, 0.514, 0.629, 0.638, 0.774, 0.788, 1.0, 1.1, 2, 2, 2.404, 2.86, 3, 3, 3.705, 4, 5, 5.96, 6, 7.214,
    16, 17.716, 25, 51,
]  # fmt: skip
NADA_LIMITS = [0.09] * 3 + [0.9] * 3 + [1.0] * 17
NADA_ESTIMATES = [
    0.01907990, 0.03826254, 0.06080717, 0.08745914, 0.25257575, 0.58544205, 0.01711153, 0.03373885, 0.05287083, 0.07506079,
    0.10081573, 0.13070334, 0.16539309, 0.20569039, 0.25257575, 0.30725491, 0.37122555, 0.44636843, 0.53507405, 0.64042242,
    0.76644378, 0.91850581, 1.10390531,
]  # fmt: skip

some_results = st.lists(
    st.tuples(st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 7.0]), st.booleans()), min_size=3, max_size=30
).filter(lambda rows: not all(below for _, below in rows))


def as_results(rows) -> Censored:
    return Censored(np.array([value for value, _ in rows]), np.array([below for _, below in rows], bool))


def test_kaplan_meier_gives_the_published_numbers_of_the_oahu_arsenic():
    found = kaplan_meier(OAHU)
    # Helsel 2005 and censtats() of NADA: mean 0.949, median 0.700, sd 0.807, which there is the standard error times the root
    # of n (recalled).
    assert found.mean == pytest.approx(0.949, abs=5e-4)
    assert found.mean_se * math.sqrt(24) == pytest.approx(0.807, abs=5e-4)
    assert found.quantile(0.5) == 0.7 and (found.n, found.detected) == (24, 11)


def test_ros_gives_the_published_estimates_of_the_oahu_arsenic():
    found = robust_ros(OAHU)
    np.testing.assert_allclose(np.sort(found.estimates), np.sort(OAHU_ESTIMATES), atol=0.0051)
    # Helsel 2005 and censtats() of NADA (recalled): mean 0.972, sd 0.718, median 0.700.
    assert (found.mean, found.sd) == (pytest.approx(0.972, abs=5e-4), pytest.approx(0.718, abs=5e-4))
    assert found.quantile(0.5) == pytest.approx(0.7)


def test_ros_gives_what_nada_gives():
    values = np.array([*NADA_VALUES, *NADA_LIMITS])
    below = np.arange(len(values)) >= len(NADA_VALUES)
    found = robust_ros(Censored(values, below))
    np.testing.assert_allclose(np.sort(found.estimates[below]), np.sort(NADA_ESTIMATES), rtol=1e-6)
    np.testing.assert_array_equal(found.estimates[~below], NADA_VALUES)


def by_hand(results: Censored) -> tuple[dict[float, float], float]:
    """A second Kaplan-Meier: go down from the largest number, and share what is left; give weights and what stays below."""
    pairs = sorted(zip(results.values.tolist(), results.below.tolist(), strict=True), key=lambda p: (-p[0], p[1]))
    left, weights = 1.0, {}
    for place, (value, below) in enumerate(pairs):
        if not below:
            part = left / (len(pairs) - place)
            weights[value] = weights.get(value, 0.0) + part
            left -= part
    return weights, left


@given(some_results)
def test_kaplan_meier_is_what_two_others_give(rows):
    results = as_results(rows)
    found = kaplan_meier(results)
    weights, left = by_hand(results)
    np.testing.assert_allclose(
        np.diff(found.share, prepend=found.floor_share), [weights[x] for x in sorted(weights)], atol=1e-12
    )
    assert found.floor_share == pytest.approx(left, abs=1e-12)
    curve = stats.ecdf(stats.CensoredData.right_censored(10.0 - results.values, results.below)).sf
    np.testing.assert_allclose(
        curve.evaluate(10.0 - found.at), np.append(found.floor_share, found.share[:-1]), atol=1e-12
    )


def test_the_band_is_what_scipy_gives():
    found = kaplan_meier(OAHU)
    curve = stats.ecdf(stats.CensoredData.right_censored(4.0 - OAHU.values, OAHU.below)).sf
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning):
        between = curve.confidence_interval(method="log-log")
    low, high = found.band()
    # The curve turned round, just after a value, is the share at or below the next one down.
    np.testing.assert_allclose(low[:-1], between.low.evaluate(4.0 - found.at[1:]), rtol=1e-10)
    np.testing.assert_allclose(high[:-1], between.high.evaluate(4.0 - found.at[1:]), rtol=1e-10)


@given(some_results)
def test_the_mean_lies_between_all_at_zero_and_all_at_their_limits(rows):
    results = as_results(rows)
    found = kaplan_meier(results)
    assert found.least_mean <= found.mean + 1e-12
    zeros = np.where(results.below, 0.0, results.values).mean()
    assert zeros - 1e-9 <= found.least_mean and found.mean <= results.values.mean() + 1e-9


def test_where_limits_differ_the_estimate_is_no_bound_of_the_mean():
    """By hand: 12.5, 3.2, 5.1, 8, two below 0.5, one below 1.5. At their own limits 31.3 / 7; the last shares out to 0.5."""
    results = Censored(np.array([12.5, 3.2, 5.1, 8.0, 0.5, 0.5, 1.5]), np.array([False] * 4 + [True] * 3))
    found = kaplan_meier(results)
    assert found.mean == pytest.approx(30.3 / 7) and found.least_mean == pytest.approx(28.8 / 7)
    assert found.mean < results.values.mean() == pytest.approx(31.3 / 7)


@given(st.lists(st.floats(0.01, 100.0), min_size=3, max_size=40))
def test_without_limits_all_is_ordinary(values):
    results = Censored(np.array(values), np.zeros(len(values), bool))
    found = kaplan_meier(results)
    assert found.mean == found.least_mean == pytest.approx(np.mean(values))
    assert found.sd == pytest.approx(np.std(values), abs=1e-5)
    # Of n values the standard error of the product limit is that of the mean, by n - 1.
    assert found.mean_se == pytest.approx(np.std(values, ddof=1) / math.sqrt(len(values)), abs=1e-6)
    assert found.quantile(0.5) == sorted(values)[(len(values) - 1) // 2]


def test_a_median_below_a_limit_is_not_told():
    found = kaplan_meier(censored([5.0, None, None, None], [None, 2.0, 2.0, 2.0]))
    assert math.isnan(found.quantile(0.5)) and found.quantile(0.9) == 5.0
    assert math.isnan(found.quantile_interval(0.5)[0])
    assert found.floor == 2.0 and found.floor_share == 0.75 and found.least_mean == 1.25 and found.mean == 2.75


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 10, 23, 100, 1001])
@pytest.mark.parametrize("p", [0.025, 0.5, 0.9, 0.975, 0.9995])
def test_the_quantile_of_student_is_that_of_scipy(p, degrees):
    assert t_quantile(p, degrees) == pytest.approx(stats.t.ppf(p, degrees), rel=1e-9, abs=1e-12)


def test_the_mean_interval_is_students():
    found = kaplan_meier(OAHU)
    low, high = found.mean_interval()
    assert (high - low) / 2 / found.mean_se == pytest.approx(2.0687, abs=1e-4)  # t table, 23 degrees of freedom


def test_one_value_has_no_interval():
    found = kaplan_meier(censored([5.0, None], [None, 2.0]))
    assert math.isnan(found.mean_se) and all(map(math.isnan, (*found.mean_interval(), *found.quantile_interval(0.9))))


def test_the_bootstrap_is_the_same_twice_and_holds_the_mean():
    low, high = ros_mean_interval(OAHU, resamples=200)
    assert (low, high) == ros_mean_interval(OAHU, resamples=200)
    assert low < robust_ros(OAHU).mean < high


@given(some_results)
def test_plotting_positions_lie_inside_and_rise_with_the_values(rows):
    results = as_results(rows)
    largest = results.values[~results.below].max()
    keep = ~(results.below & (results.values > largest))
    values, below = results.values[keep], results.below[keep]
    found = plotting_positions(values, below)
    assert ((found > 0) & (found < 1)).all()
    order = np.argsort(values[~below], kind="stable")
    assert (np.diff(found[~below][order]) > -1e-12).all()


@pytest.mark.parametrize(
    ("values", "limits", "why"),
    [
        ([5.0, 4.0, None], [None, None, 2.0], "2 values"),
        ([5.0, 5.0, 5.0], [None] * 3, "not all one"),
        ([3.0, 2.0, 1.0] + [None] * 13, [None] * 3 + [0.5] * 13, "13 of 16 below limits"),
        ([5.0, 4.0, 3.0, None], [None] * 4, "unknown limit"),
    ],
)  # fmt: skip
def test_a_line_that_nothing_supports_is_refused(values, limits, why):
    with pytest.raises(ValueError, match=why):
        robust_ros(censored(values, limits))


def test_nothing_is_told_where_no_result_is_a_value_or_a_limit_is_not_known():
    with pytest.raises(ValueError, match="no result is a value"):
        kaplan_meier(censored([None, None], [1.0, 2.0]))
    with pytest.raises(ValueError, match="1 results lie below an unknown limit"):
        kaplan_meier(censored([3.0, None], [None, None]))


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf])
def test_numbers_that_no_laboratory_finds_are_refused(value):
    with pytest.raises(ValueError, match="expected numbers above 0"):
        Censored(np.array([value]), np.array([False]))


def test_a_summary_tells_what_can_be_told_and_why_the_rest_is_not():
    whole = summary_of(OAHU, intervals=False)
    assert (whole.n, whole.detected, whole.limits, whole.largest) == (24, 11, (0.9, 2.0), 3.2)
    assert whole.km_mean == pytest.approx(0.949, abs=5e-4) and whole.ros_mean == pytest.approx(0.972, abs=5e-4)
    assert (whole.km_unsaid, whole.ros_unsaid) == ("", "") and math.isnan(whole.ros_mean_ends[0])
    none = summary_of(censored([None, None], [1.0, 2.0]))
    assert (none.km_unsaid, none.ros_unsaid, none.limits) == ("no_value", "no_value", (1.0, 2.0))
    unknown = summary_of(censored([1.0, None], [None, None]))
    assert (unknown.km_unsaid, unknown.unknown_limits, unknown.detected_share) == ("unknown_limit", 1, 0.5)
    few = summary_of(censored([1.0, 2.0, None], [None, None, 0.5]))
    assert (few.km_unsaid, few.ros_unsaid) == ("", "few") and few.km_mean_ends[0] == 0.0
    many = summary_of(censored([3.0, 2.0, 1.0] + [None] * 13, [None] * 3 + [0.5] * 13))
    assert (many.km_unsaid, many.ros_unsaid) == ("", "many_below")
    assert math.isnan(many.km_median) and math.isnan(many.km_median_ends[0])


def test_a_limit_above_every_value_is_left_out_of_the_line_and_counted():
    with_one = censored([5.0, 4.0, 3.0, None, None], [None, None, None, 2.0, 9.0])
    without = censored([5.0, 4.0, 3.0, None], [None, None, None, 2.0])
    assert robust_ros(with_one).left_out == 1 and robust_ros(with_one).mean == robust_ros(without).mean
