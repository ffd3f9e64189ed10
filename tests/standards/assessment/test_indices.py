"""Composite indices and ranking against the worked examples: one city under three limit sets, weights and roundings."""

from dataclasses import replace

import numpy as np
import pytest

from standards.assessment.indices import INDEX_METHODS, IndexMethod, composite_index, index_method, quality_index
from standards.assessment.ranking import change_pct, change_ranking, rank
from standards.editions import EDITIONS
from standards.pollutants import ITEMS

NAN = float("nan")
E2012 = EDITIONS[0]
CITY = np.array([7.0, 28.0, 1.1, 158.0, 58.0, 35.0])  # so2, no2, co P95, o3 P90, pm10, pm25
WEIGHTS = (1, 2, 1, 2, 1, 3)

# Limit set, single indices in the order of ITEMS to 3 places, sums: worked outside this code in exact arithmetic.
WORKED = [
    ("2012", (0.117, 0.700, 0.275, 0.988, 0.829, 1.000), 3.92, 3.91, 7.5952),
    ("2026T", (0.117, 0.700, 0.275, 0.988, 0.967, 1.167), 4.23, 4.21, 8.2333),
    ("2031", (0.350, 0.933, 0.275, 0.988, 1.160, 1.400), 5.11, 5.11, 9.8267),
]


@pytest.mark.parametrize(("limit_set", "single", "of_rounded", "rounded", "weighted"), WORKED)
def test_the_worked_city_under_each_limit_set(limit_set, single, of_rounded, rounded, weighted):
    method = IndexMethod("test", limit_set)
    assert composite_index(CITY, edition=E2012, method=replace(method, decimals=3)).single.tolist() == list(single)
    assert composite_index(CITY, edition=E2012, method=method).total == of_rounded
    assert composite_index(CITY, edition=E2012, method=replace(method, order="rounded_sum")).total == rounded
    by_weight = replace(method, weights=WEIGHTS, decimals=4, order="rounded_sum")
    assert composite_index(CITY, edition=E2012, method=by_weight).total == weighted


def test_the_default_is_unweighted_with_the_limits_in_force():
    for edition, (limit_set, _, of_rounded, _, _) in zip(EDITIONS, WORKED, strict=True):
        found = composite_index(CITY, edition=edition)
        assert (found.total, found.method, found.limit_set) == (of_rounded, "default", limit_set)
    assert composite_index(CITY, edition=EDITIONS[2], method=index_method("unweighted_2012")).total == 3.92
    assert INDEX_METHODS["weighted_2026T"].weights == WEIGHTS
    assert "not confirmed" in INDEX_METHODS["weighted_2026T"].confidence


def test_maximum_and_main_pollutant():
    found = composite_index(CITY, edition=EDITIONS[1])
    assert found.maximum == 1.17 and found.main == 1 << ITEMS.index("pm25")
    tie = composite_index(np.array([60.0, 40, 1, 80, 70, 35]), edition=E2012)
    assert tie.maximum == 1 and tie.main == sum(1 << ITEMS.index(i) for i in ("so2", "no2", "pm10", "pm25"))


def test_the_index_of_hj663_takes_the_worse_of_mean_and_percentile():
    mean = np.array([30.0, 20, 99, 999, 35, 35])
    percentile = np.array([75.0, 80, 2, 80, 150, 75])
    found = quality_index(mean, percentile, edition=E2012)
    assert found.single.tolist() == [0.5, 1.0, 0.5, 0.5, 1.0, 1.0] and found.total == 4.5 and found.maximum == 1.0


def test_a_missing_item_gives_no_index_and_leaves_the_others():
    cities = np.stack([CITY, CITY], axis=1)
    cities[3, 1] = NAN
    found = composite_index(cities, edition=E2012)
    assert found.total[0] == 3.92 and np.isnan(found.total[1]) and np.isnan(found.maximum[1]) and found.main[1] == 0
    assert np.isnan(found.single[3, 1]) and found.single[1, 1] == 0.7


def test_ties_of_an_index_round_to_even():
    values = np.array([0.3, 0.2, 0.1, 2.0, 0.35, 0.35])  # 0.005 0.005 0.025 0.0125 0.005 0.01
    assert composite_index(values, edition=E2012).single.tolist() == [0.0, 0.0, 0.02, 0.01, 0.0, 0.01]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: composite_index(np.ones(5), edition=E2012), r"shape \(5,\), expected \(6, ...\)"),
        (lambda: composite_index(-CITY, edition=E2012), "so2 is -7.0, expected 0 or more"),
        (lambda: composite_index(CITY * np.inf, edition=E2012), "a value is inf"),
        (lambda: index_method("heavy"), "'heavy', expected one of default"),
        (lambda: IndexMethod("x", weights=(1, 2)), "expected 6 numbers"),
        (lambda: IndexMethod("x", order="both"), "expected one of"),
        (lambda: IndexMethod("x", limit_set="1996"), "expected one of 2012"),
        (lambda: rank(np.ones((2, 2))), r"expected \(city,\)"),
        (lambda: rank(np.array([np.inf])), "a value is inf"),
        (lambda: change_pct(-1.0, 2.0), "now is -1.0"),
        (lambda: change_ranking([1.0], [1.0], meets_grade2=[True, False]), "meets_grade2 has shape"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_equal_indices_share_a_rank_and_the_next_is_left_out():
    assert rank(np.array([3.5, 3.2, NAN, 3.2, 4.0])).tolist() == [3, 1, 0, 1, 4]
    assert rank(np.array([3.5, 3.2, 3.2]), valid=[True, False, True]).tolist() == [2, 0, 1]


def test_change_is_in_percent_with_one_decimal():
    assert change_pct(3.49, 3.77) == -7.4
    assert np.array_equal(change_pct([NAN, 3.0, 3.0], [3.0, NAN, 0.0]), [NAN] * 3, equal_nan=True)


def test_cities_that_meet_grade_2_are_not_among_the_worst():
    ranking = change_ranking(
        np.array([3.0, 4.0, 5.0, 4.4, NAN]), np.array([2.0, 4.0, 4.0, 4.0, 4.0]),
        meets_grade2=[True, False, False, False, False],
    )  # fmt: skip
    assert np.array_equal(ranking.change_pct, [50, 0, 25, 10, NAN], equal_nan=True)
    assert ranking.rank.tolist() == [4, 1, 3, 2, 0]
    assert ranking.worst_rank.tolist() == [0, 3, 1, 2, 0]
