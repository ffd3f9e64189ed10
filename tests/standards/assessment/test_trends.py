"""Trends against the worked examples of the method, and against scipy where it is installed."""

import math
from itertools import permutations

import numpy as np
import pytest

from standards.assessment.trends import (
    FALLING,
    NOT_SIGNIFICANT,
    RISING,
    SPEARMAN_CRITICAL,
    mann_kendall,
    moving_year_mean,
    spearman,
    theil_sen,
)

NAN = float("nan")
FALL, RISE = [64, 57, 51, 42, 39, 41, 40, 35], [10, 12, 11, 15, 14]


def test_spearman_gives_the_worked_examples():
    fall, rise = spearman(np.array(FALL)), spearman(np.array(RISE))
    assert (round(fall.r_s, 3), fall.n, fall.critical, fall.verdict) == (-0.929, 8, 0.643, FALLING)
    assert (round(rise.r_s, 3), rise.n, rise.critical, rise.verdict) == (0.8, 5, 0.9, NOT_SIGNIFICANT)


@pytest.mark.parametrize(
    ("n", "critical"),
    [(5, 0.900), (9, 0.600), (22, 0.359), (24, 0.343), (26, 0.329), (28, 0.317), (30, 0.306),
     (11, 0.564), (23, 0.359), (25, 0.343), (40, 0.306)],
)  # fmt: skip
def test_critical_values_are_those_of_the_table_or_of_the_next_shorter(n, critical):
    assert spearman(np.arange(n)).critical == critical
    assert len(SPEARMAN_CRITICAL) == 16


def test_fewer_than_five_years_give_no_verdict():  # HJ 663-2013 B.1: n >= 5
    few = spearman(np.array([1.0, 2, 3, 4, NAN]))
    assert few.verdict is None and math.isnan(few.r_s) and few.n == 4
    assert spearman(np.array([5.0, NAN, 4, 3, 2, 1])).verdict == FALLING


def test_a_correlation_equal_to_the_critical_value_is_no_change():
    # HJ 663-2013 B.2: above the critical value a trend, smaller than or equal to it basically no change.
    found = spearman(np.array([60.0, 55, 57, 50, 45]))
    assert (found.r_s, found.critical, found.verdict) == (-0.9, 0.9, NOT_SIGNIFICANT)
    nine = spearman(np.array([1.0, 2.0, 8.0, 5.0, 4.0, 7.0, 3.0, 6.0, 9.0]))  # sum of D^2 is 48: 1 - 6 * 48 / 720
    assert (nine.r_s, nine.critical, nine.verdict) == (0.6, 0.6, NOT_SIGNIFICANT)


@pytest.mark.parametrize(("n", "critical"), [(5, 900), (6, 829), (7, 714)])
def test_every_order_of_years_is_judged_as_the_printed_rule_does(n, critical):
    # By the formula of B.1 in whole numbers: 1 - 6 S / (n (n^2 - 1)) against the printed thousandths.
    trends = 0
    for order in permutations(range(n)):
        s = 6 * sum((place - value) ** 2 for place, value in enumerate(order))
        whole = n * (n * n - 1)
        expected = (RISING if s < whole else FALLING) if abs(whole - s) * 1000 > critical * whole else NOT_SIGNIFICANT
        assert spearman(np.array(order, dtype=float)).verdict == expected
        trends += expected != NOT_SIGNIFICANT
    if n == 5:
        assert trends == 2  # only a perfect order


def test_years_that_are_all_alike_are_no_trend():
    for n in (5, 10, 30):
        flat = spearman(np.full(n, 35.0))
        assert (flat.r_s, flat.verdict) == (0, NOT_SIGNIFICANT)


def test_mann_kendall_and_theil_sen_agree_with_hand_counts():
    # 28 pairs: all fall but 39-41 and 39-40, so 2 - 26; variance 8 * 7 * 21 / 18.
    found = mann_kendall(np.array(FALL))
    assert found.s == -24 and found.z == pytest.approx(-23 / math.sqrt(8 * 7 * 21 / 18))
    assert theil_sen(np.array(RISE)).slope == 1.25  # of ten: -1, -1, 0.5, 2/3, 1, 1.5, 1.5, 5/3, 2, 4
    flat = mann_kendall(np.full(6, 3.0))
    assert (flat.s, flat.z, flat.p) == (0, 0, 1) and theil_sen(np.full(6, 3.0)).slope == 0


def test_they_agree_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(4)
    for n in (5, 12, 30):
        values = np.round(random.normal(0, 1, n) + np.arange(n) / 10, 1)
        assert theil_sen(values).slope == pytest.approx(stats.theilslopes(values)[0])
        assert spearman(values).r_s == pytest.approx(stats.spearmanr(values, np.arange(n))[0])
        distinct = random.permutation(n) / 1.0
        assert spearman(distinct).r_s == pytest.approx(stats.spearmanr(distinct, np.arange(n))[0])
        assert mann_kendall(distinct).s == round(stats.kendalltau(distinct, np.arange(n))[0] * n * (n - 1) / 2)


def test_a_moving_mean_needs_all_its_years():
    yearly = np.array([[30.0, 33, 36, NAN, 20, 21, 23]])
    assert np.array_equal(moving_year_mean(yearly), [[NAN, NAN, 33, NAN, NAN, NAN, 64 / 3]], equal_nan=True)
    assert np.array_equal(moving_year_mean(yearly, min_years=2)[0, 1:5], [31.5, 33, 34.5, 28], equal_nan=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spearman(np.ones((2, 2))), "expected one row"),
        (lambda: mann_kendall(np.array([1.0, np.inf])), "a value is inf"),
        (lambda: theil_sen(np.ones(3), np.array([1.0, 1, 2])), "a time comes twice"),
        (lambda: theil_sen(np.ones(3), np.ones(2)), r"times have shape \(2,\)"),
        (lambda: moving_year_mean(np.ones(3), years=2, min_years=3), "min_years 3"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()
