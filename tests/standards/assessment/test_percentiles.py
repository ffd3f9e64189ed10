"""Percentiles against the worked examples of HJ 663's formula and exact rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest

from standards.assessment.percentiles import percentile

NAN = float("nan")
TEN = [20, 35, 41, 58, 66, 73, 88, 95, 110, 152]


@pytest.mark.parametrize(("p", "expected"), [(90, 114.2), (95, 133.1), (98, 144.44)])
def test_ten_values_give_the_worked_example(p, expected):
    assert percentile(np.array(TEN, dtype=float), p) == expected
    assert percentile(np.array([*TEN[::-1], NAN]), p) == expected


@pytest.mark.parametrize(("p", "k"), [(90, 328.6), (95, 346.8), (98, 357.72)])
def test_a_year_interpolates_at_the_position_of_the_formula(p, k):
    assert percentile(np.arange(1.0, 366.0), p) == k


def test_it_is_exact_where_doubles_are_not():
    random = np.random.default_rng(5)
    for n in range(1, 40):
        values = np.sort(random.integers(0, 40, n)) / 10
        for p in ("50", "90", "95", "97.5", "98"):
            k = 1 + (n - 1) * Fraction(p) / 100
            s = int(k)
            x = [Fraction(repr(float(v))) for v in values]
            exact = x[s - 1] + (x[min(s, n - 1)] - x[s - 1]) * (k - s)
            assert percentile(values, p) == float(exact)


def test_missing_days_do_not_count_and_nothing_gives_nothing():
    values = np.array([[1.0, NAN, 3.0], [NAN, NAN, NAN], [NAN, 7.0, NAN]])
    assert np.array_equal(percentile(values, 50), [2, NAN, 7], equal_nan=True)
    assert np.isnan(percentile(np.empty((2, 0)), 50)).all()


@pytest.mark.parametrize("p", [-1, 101, "97.55"])
def test_a_percentile_that_is_none_is_refused(p):
    with pytest.raises(ValueError, match="expected 0 to 100 %"):
        percentile(np.ones(3), p)


def test_infinite_values_are_refused():
    with pytest.raises(ValueError, match="a value is inf"):
        percentile(np.array([1.0, np.inf]), 50)
