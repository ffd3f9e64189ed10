"""Displacement: bounds that are true profiles, held against fits with the element fixed by other means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from research.receptor.displacement import LEVELS, displace, displaced, nearest
from research.receptor.factorise import factorise
from research.receptor.problem import HELD, Fit, fitted, no_terms
from research.receptor.refusals import ReceptorError
from tests.research.receptor.made import made_table
from tests.research.receptor.published import baton_rouge


def profile_at(solution, k: int, j: int, value: float) -> float:
    """Give dQ with one element held at a value by bounds, the mean of contributions by forces: no force on the element."""
    terms = no_terms(solution.factors)
    low, high = np.zeros(solution.f.shape), np.full(solution.f.shape, np.inf)
    low[j, k] = high[j, k] = value
    f = solution.f
    f[j, k] = value
    fit = fitted(solution.problem, solution.g, f, tolerance=1e-8, most=20_000, means=HELD,
                 terms=terms._replace(f_low=low, f_high=high))  # fmt: skip
    return fit.objective - solution.objective


@pytest.fixture(scope="module")
def small():
    return factorise(made_table(hours=120)[0], factors=3, starts=8)


def test_a_bound_is_where_the_true_profile_of_the_sum_meets_its_level(small):
    found = displace(small, levels=(4.0,))
    for k, j in ((0, 4), (1, 0), (2, 10)):
        here = small.profiles[k, j]
        high = brentq(lambda v, k=k, j=j: profile_at(small, k, j, v) - 4.0, here, here * 3, xtol=1e-7)
        assert found.high[0, k, j] == pytest.approx(high, rel=2e-3)
        if profile_at(small, k, j, 0.0) > 4.0:
            low = brentq(lambda v, k=k, j=j: profile_at(small, k, j, v) - 4.0, 0.0, here, xtol=1e-7)
            assert found.low[0, k, j] == pytest.approx(low, rel=2e-3)


def test_bounds_lie_around_the_base_and_widen_with_the_level(small):
    found = displace(small)
    assert found.levels == LEVELS
    assert (found.low <= small.profiles + 1e-12).all() and (found.high >= small.profiles - 1e-12).all()
    assert (np.diff(found.low, axis=0) <= 1e-12).all() and (np.diff(found.high, axis=0) >= -1e-12).all()
    assert found.reached.mean() > 0.98
    assert found.largest_decrease > -0.05


def test_bounds_are_wider_than_with_all_else_fixed(small):
    found = displace(small, levels=(4.0,), species=["toluene", "isopentane"])
    for name in ("toluene", "isopentane"):
        j = small.species.index(name)
        for k in range(3):
            alone = np.sqrt(4.0 / (small.problem.w[:, j] * small.g[:, k] ** 2).sum())
            assert found.high[0, k, j] - small.profiles[k, j] > 0.9 * alone
    assert np.isnan(found.high[0, :, small.species.index("ethane")]).all()


def test_a_floor_below_zero_is_displaced_too():
    table, _ = made_table(hours=96)
    solution = factorise(table, factors=3, starts=6, floor=-0.2)
    found = displace(solution, levels=(4.0,), species=["toluene"])
    j = solution.species.index("toluene")
    assert found.reached[0][:, :, j].all()
    assert (found.low[0, :, j] <= solution.profiles[:, j]).all() and (
        found.high[0, :, j] > solution.profiles[:, j]
    ).all()


@pytest.mark.parametrize(("options", "words"), [
    ({"levels": (4.0, 2.0)}, "expected ascending numbers"),
    ({"species": ["unobtainium"]}, "'unobtainium' is not modelled"),
])  # fmt: skip
def test_what_cannot_be_displaced_is_refused(small, options, words):
    with pytest.raises(ReceptorError, match=words):
        displace(small, **options)


def test_factors_are_known_again_by_their_contributions():
    g = np.random.default_rng(1).random((50, 3))
    assert nearest(g[:, [2, 0, 1]], g).tolist() == [2, 0, 1]
    assert nearest(np.ones((50, 1)), g, 0.6).tolist() == [-1]


def test_elements_of_baton_rouge_are_those_of_a_tight_fit():
    solution = factorise(baton_rouge(), factors=6, starts=40, robust=False)
    base = Fit(solution.g, solution.f, solution.objective, solution.q_true, solution.q_robust, 0)
    chance = np.random.default_rng(5)
    for _ in range(5):
        k, j, side = int(chance.integers(6)), int(chance.integers(41)), int(chance.choice([-1, 1]))
        loose = displaced(solution.problem, base, k, j, side, LEVELS)
        tight = displaced(solution.problem, base, k, j, side, LEVELS, tolerance=1e-7, most=20_000)
        assert loose.at == pytest.approx(tight.at, rel=5e-3, abs=1e-9)
