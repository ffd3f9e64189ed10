"""Factorisation of made air: what went in comes out, the same for any number of threads."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from research.receptor.factorise import SETTLED, factorise, from_start, require_factors, to_the_end
from research.receptor.problem import problem_of, sums
from research.receptor.refusals import ReceptorError
from research.receptor.table import table_of
from tests.research.receptor.made import PROFILES_PPB, made_table, matched
from tests.research.receptor.published import baton_rouge, redlands


def test_known_sources_are_found():
    table, g = made_table()
    found = factorise(table, factors=4, starts=10)
    assert matched(found.contributions, g).min() > 0.97
    assert matched(found.shares().T, (PROFILES_PPB / PROFILES_PPB.sum(axis=0)).T).min() > 0.97
    assert found.hits >= 2
    # errors are drawn from the uncertainties, so Q is a chi-square of about Q(expected): its spread is sqrt(2 * expected)
    assert found.q_true == pytest.approx(found.q_expected, rel=0.1)
    assert found.contributions.mean(axis=0) == pytest.approx(np.ones(4))


def test_sums_are_those_of_their_definition():
    table, g = made_table(hours=48)
    problem = problem_of(table, robust=True, floor=0.0)
    r = np.abs((table.concentration - g @ PROFILES_PPB) / table.uncertainty)
    r[0, 0] = 7.5
    x = table.concentration.copy()
    x[0, 0] = (g @ PROFILES_PPB)[0, 0] + 7.5 * table.uncertainty[0, 0]
    huber = np.where(r <= 4.0, r**2, 8.0 * r - 16.0).sum()
    printed = np.where(r <= 4.0, r**2, 4.0 * r).sum()
    problem.x[0, 0] = x[0, 0]
    assert sums(problem, g, PROFILES_PPB.T) == pytest.approx((huber, (r**2).sum(), printed))


def test_the_same_seed_gives_the_same_answer_with_any_number_of_threads():
    table, _ = made_table(hours=96)
    one, two = (factorise(table, factors=3, starts=6, seed=5, threads=n) for n in (1, 2))
    assert np.array_equal(one.contributions, two.contributions) and one.runs == two.runs
    other = factorise(table, factors=3, starts=6, seed=6, threads=2)
    assert not np.array_equal(one.contributions, other.contributions)


def with_holes(columns: slice, **options):
    table, g = made_table()
    x, u = table.concentration.copy(), table.uncertainty.copy()
    holes = np.zeros(x.shape, bool)
    holes[:, columns] = np.random.default_rng(3).random(x[:, columns].shape) < 0.08
    x[holes], u[holes] = np.nan, np.nan
    return table_of(table.species, table.times, x, u, **options), g, holes


@pytest.mark.parametrize("missing", ["median", "exclude"])
def test_missing_values_are_put_up_with(missing):
    table, g, holes = with_holes(slice(0, 14), missing=missing)
    found = factorise(table, factors=4, starts=20)
    there = table.used
    assert there.sum() == (240 if missing == "median" else (~holes.any(axis=1)).sum())
    assert matched(found.contributions[there], g[there]).min() > 0.95


def test_a_weightless_value_counts_for_nothing():
    table, g, holes = with_holes(slice(0, 6), missing="weightless")
    found = factorise(table, factors=4, starts=20)
    assert matched(found.contributions, g).min() > 0.95
    assert np.array_equal(np.isnan(found.scaled_residuals()), holes)


def test_a_gross_outlier_moves_the_robust_fit_less():
    table, g = made_table()
    x = table.concentration.copy()
    x[40, 10] *= 15.0
    spoiled = replace(table, concentration=x)
    robust, plain = (factorise(spoiled, factors=4, starts=20, robust=each) for each in (True, False))
    assert matched(robust.contributions, g).min() > 0.95
    assert robust.q_robust < plain.q_robust and plain.q_true < robust.q_true


def test_contributions_go_as_far_below_zero_as_the_floor_and_no_further():
    table, _ = made_table()
    found = factorise(table, factors=4, starts=6, floor=-0.2)
    assert found.contributions.min() >= -0.2 - 1e-12
    assert found.contributions.min() < -0.05
    assert found.contributions.mean(axis=0) == pytest.approx(np.ones(4), abs=1e-6)
    assert found.objective < factorise(table, factors=4, starts=6).objective
    assert found.profiles.min() >= 0.0


def test_a_start_that_ended_is_at_a_minimum():
    table, _ = made_table(hours=120)
    problem = problem_of(table, robust=False, floor=0.0)
    for n in range(5):
        loose = from_start(problem, 4, [1, n], SETTLED)
        assert loose.objective - to_the_end(problem, loose, tolerance=1e-8).objective < 0.1


def test_progress_is_told_and_what_it_raises_ends_the_work():
    table, _ = made_table(hours=48)
    told = []
    factorise(table, factors=2, starts=4, tell=lambda done, of: told.append((done, of)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]

    def stop(done, of):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        factorise(table, factors=2, starts=50, tell=stop)


@pytest.mark.parametrize(("options", "words"), [
    ({"factors": 0}, "factors are 0, expected one at least"),
    ({"factors": 15}, "15 factors are asked of data of rank 14"),
    ({"factors": 2, "starts": 0}, "starts are 0"),
    ({"factors": 2, "floor": 0.3}, "floor of contributions is 0.3, expected -1 to 0"),
])  # fmt: skip
def test_settings_that_make_no_sense_are_refused(options, words):
    with pytest.raises(ReceptorError, match=words):
        factorise(made_table(hours=48)[0], **options)


@pytest.mark.parametrize("form", ["%.6g", "%.6f", "%.4g"])
@pytest.mark.parametrize("error", [lambda x: 0.1 * x + 0.02, lambda x: 0.1 * x])
def test_multiples_of_one_column_are_of_rank_one_however_they_are_rounded(form, error):
    first = made_table(hours=48)[0]
    exact = first.concentration[:, [9]] * np.linspace(0.3, 3.0, len(first.species))
    x = np.array([[float(form % each) for each in row] for row in exact])
    table = table_of(first.species, first.times, x, error(exact))
    with pytest.raises(ReceptorError, match="2 factors are asked of data of rank 1 "):
        factorise(table, factors=2, starts=1)


def test_uncertainties_that_are_a_share_of_the_values_take_no_rank_away():
    first = made_table(hours=48)[0]
    require_factors(problem_of(replace(first, uncertainty=0.1 * first.concentration), robust=True, floor=0.0), 14)


@pytest.mark.parametrize(("read", "factors"), [(baton_rouge, 40), (redlands, 43)])
def test_real_data_are_of_full_rank(read, factors):
    # the last species of Baton Rouge is the sum of the 40 others
    require_factors(problem_of(read(), robust=True, floor=0.0), factors)


def test_a_record_is_plain_json():
    table, _ = made_table(hours=48, without=[np.datetime64("2026-06-01T05:00")])
    record = factorise(table, factors=3, starts=3).as_record()
    told = json.loads(json.dumps(record, allow_nan=False))
    assert told["contributions"][4] == [None, None, None] and len(told["contributions"]) == 48
    assert len(told["profiles"]) == 3 and len(told["runs"]) == 3 and told["simulated"] is True
    assert told["digest"] == table.digest()
