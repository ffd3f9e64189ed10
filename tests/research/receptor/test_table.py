"""Tables that cannot be used are refused in words that name the place; categories and missing values count as they say."""

from __future__ import annotations

import numpy as np
import pytest

from research.receptor.factorise import factorise
from research.receptor.problem import problem_of
from research.receptor.refusals import ReceptorError
from research.receptor.table import rows_of, signal_to_noise, table_of, with_categories

NAMES = ("benzene", "toluene", "propane")
TIMES = np.array(["2026-06-01T01:00", "2026-06-01T02:00", "2026-06-01T03:00", "2026-06-01T04:00"], "datetime64[m]")


def values() -> tuple[np.ndarray, np.ndarray]:
    x = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 4.0], [0.5, 3.0, 2.0], [1.5, 2.5, 1.0]])
    return x, 0.1 * x


def test_an_uncertainty_of_zero_is_refused_with_its_place():
    x, u = values()
    u[2, 1] = 0.0
    with pytest.raises(
        ReceptorError, match=r"con.csv: row 3 \(2026-06-01 03:00\), toluene: uncertainty is 0, expected"
    ):
        table_of(NAMES, TIMES, x, u, source="con.csv")
    assert table_of(NAMES, TIMES, x, u, categories={"toluene": "bad"}).names == ("benzene", "propane")


@pytest.mark.parametrize(("i", "j", "value", "words"), [
    (0, 0, -0.3, r"row 1 .* benzene: uncertainty is negative \(-0.3\)"),
    (3, 2, np.nan, "row 4 .* propane: uncertainty is missing beside a concentration"),
    (1, 2, np.inf, "row 2 .* propane: uncertainty is not finite"),
])  # fmt: skip
def test_other_uncertainties_that_weigh_nothing_are_refused(i, j, value, words):
    x, u = values()
    u[i, j] = value
    with pytest.raises(ReceptorError, match=words):
        table_of(NAMES, TIMES, x, u)


@pytest.mark.parametrize("value", [np.inf, -0.1])
def test_a_concentration_that_is_none_is_refused_with_what_it_may_be(value):
    x, u = values()
    x[1, 2] = value
    with pytest.raises(ReceptorError, match=r"row 2 .* propane: concentration is .*, expected a number from 0 on"):
        table_of(NAMES, TIMES, x, u)
    assert table_of(NAMES, TIMES, x, u, categories={"propane": "bad"}).names == ("benzene", "toluene")


def test_a_species_that_is_zero_throughout_is_refused_by_name():
    x, u = values()
    x[:, 1] = 0.0
    table = table_of(NAMES, TIMES, x, u, source="con.csv")
    with pytest.raises(
        ReceptorError, match=r"con.csv: toluene is 0 in every sample, expected a value above 0, or .* bad"
    ):
        factorise(table, factors=1, starts=1)
    assert factorise(with_categories(table, {"toluene": "bad"}), factors=1, starts=1).factors == 1


def test_a_species_without_a_value_is_refused_by_name():
    x, u = values()
    x[:, 2] = np.nan
    with pytest.raises(ReceptorError, match="propane has no value in any sample"):
        table_of(NAMES, TIMES, x, u)


def test_one_sample_and_one_species_are_refused():
    x, u = values()
    with pytest.raises(ReceptorError, match="1 sample to model, expected two"):
        table_of(NAMES, TIMES[:1], x[:1], u[:1])
    with pytest.raises(ReceptorError, match="1 species to model, expected two"):
        table_of(NAMES, TIMES, x, u, categories={"benzene": "bad", "propane": "bad"})
    with pytest.raises(ReceptorError, match="1 sample to model"):
        rows_of(table_of(NAMES, TIMES, x, u), np.array([2]))


def test_a_time_that_stands_twice_is_refused_with_both_rows():
    x, u = values()
    times = TIMES.copy()
    times[3] = times[1]
    with pytest.raises(ReceptorError, match="time 2026-06-01 02:00 stands in rows 2 and 4"):
        table_of(NAMES, times, x, u)


@pytest.mark.parametrize(("change", "words"), [
    ({"species": ("benzene", "benzene", "propane")}, "species 'benzene' stands twice"),
    ({"species": ("benzene", "toluene")}, r"4 × 3, expected 4 samples × 2 species"),
    ({"categories": {"toluene": "poor"}}, "category of toluene is 'poor', expected one of strong, weak, bad"),
    ({"categories": {"tolune": "weak"}}, "category is given for 'tolune'"),
    ({"extra_pct": 120.0}, "extra uncertainty is 120"),
    ({"missing": "zero"}, "missing is 'zero'"),
    ({"without": ["2026-06-02T01:00"]}, "there is none of that time"),
])  # fmt: skip
def test_other_things_that_are_wrong_are_refused(change, words):
    x, u = values()
    given = {"species": NAMES, "times": TIMES, "concentration": x, "uncertainty": u, **change}
    with pytest.raises(ReceptorError, match=words):
        table_of(**given)


def test_weak_species_and_extra_uncertainty_weigh_less():
    x, u = values()
    table = table_of(NAMES, TIMES, x, u, categories={"toluene": "weak"}, extra_pct=10.0)
    w = problem_of(table, robust=True, floor=0.0).w
    # sqrt((3 * 0.1 x)^2 + (0.1 x)^2) and sqrt((0.1 x)^2 + (0.1 x)^2)
    assert w[:, 1] == pytest.approx(1.0 / (0.1 * x[:, 1] ** 2))
    assert w[:, 0] == pytest.approx(1.0 / (0.02 * x[:, 0] ** 2))
    assert with_categories(table, {"toluene": "bad"}).names == ("benzene", "propane")


def test_missing_values_take_the_median_with_four_times_its_uncertainty():
    x, u = values()
    x[1, 0], u[1, 0] = np.nan, np.nan
    table = table_of(NAMES, TIMES, x, u)
    assert (table.concentration[1, 0], table.uncertainty[1, 0]) == (1.0, 4.0)  # of 1.0, 0.5, 1.5
    assert table_of(NAMES, TIMES, x, u, missing="exclude").used.tolist() == [True, False, True, True]
    assert problem_of(table_of(NAMES, TIMES, x, u, missing="weightless"), robust=True, floor=0.0).w[1, 0] == 0.0


def test_a_median_of_zero_has_no_uncertainty_and_the_missing_value_counts_for_nothing():
    x, u = values()
    x[:, 1], x[1, 1], u[:, 1] = (0.0, 0.0, 0.0, 3.0), np.nan, 0.1
    table = table_of(NAMES, TIMES, x, u)
    assert problem_of(table, robust=True, floor=0.0).w[1, 1] == 0.0 and table.filled_count == 0
    assert factorise(table, factors=1, starts=1).factors == 1


def test_signal_to_noise_is_the_mean_above_the_noise_and_at_most_ten():
    x = np.array([[0.5, 100.0], [3.0, 3.0], [np.nan, 3.0]])
    u = np.ones((3, 2))
    # (0 + 2) / 2 and (10 + 2 + 2) / 3
    assert signal_to_noise(x, u).tolist() == pytest.approx([1.0, 14.0 / 3.0])


def test_the_digest_follows_what_a_fit_depends_on():
    x, u = values()
    table = table_of(NAMES, TIMES, x, u)
    assert table.digest() == table_of(NAMES, TIMES, x, u, source="another file").digest()
    assert table.digest() != table_of(NAMES, TIMES, x, u, categories={"toluene": "weak"}).digest()
    assert table.digest() != table_of(NAMES, TIMES, x, 1.01 * u).digest()
