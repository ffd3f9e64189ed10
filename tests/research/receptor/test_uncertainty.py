"""Uncertainties by EPA's formula and by a user's."""

from __future__ import annotations

import numpy as np
import pytest

from research.receptor.refusals import ReceptorError
from research.receptor.uncertainty import epa_uncertainty, own_uncertainty, with_limits

X, LIMIT = np.array([[0.1, 4.0], [0.3, np.nan]]), np.array([0.2, 0.6])


def test_the_formula_of_epa():
    # by hand: 5/6 * 0.2; sqrt((0.1 * 4)^2 + 0.3^2) = 0.5; sqrt((0.1 * 0.3)^2 + 0.1^2)
    found = epa_uncertainty(X, LIMIT, 0.1)
    assert found[0, 0] == pytest.approx(1.0 / 6.0)
    assert found[0, 1] == pytest.approx(0.5)
    assert found[1, 0] == pytest.approx(np.sqrt(0.0009 + 0.01))
    assert np.isnan(found[1, 1])


def test_a_formula_of_the_user():
    assert own_uncertainty("0.1 * x + 0.5*limit", X, LIMIT, 0.1)[0].tolist() == pytest.approx([0.11, 0.7])
    assert own_uncertainty("max(fraction * x, limit / 3)", X, LIMIT, 0.2)[0].tolist() == pytest.approx([0.2 / 3, 0.8])
    assert own_uncertainty("sqrt(x**2 + 9)", X, LIMIT, 0.1)[0, 1] == pytest.approx(5.0)
    assert own_uncertainty("0.3", X, LIMIT, 0.1).shape == (2, 2)


@pytest.mark.parametrize(
    "formula", ["__import__('os')", "x.real", "x if x else 1", "[x]", "y * 2", "sqrt(x, x)", "", "x +", "'a'", "True"]
)
def test_what_is_no_formula_is_refused(formula):
    with pytest.raises(ReceptorError, match="formula"):
        own_uncertainty(formula, X, LIMIT, 0.1)


def test_what_lies_below_its_limit_takes_half_of_it():
    found, under = with_limits(np.array([[np.nan, 2.0, np.nan]]), np.array([[0.4, np.nan, np.nan]]))
    assert found[0, :2].tolist() == [0.2, 2.0] and np.isnan(found[0, 2])
    assert under.tolist() == [[True, False, False]]
