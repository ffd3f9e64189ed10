"""GB/T 8170 rounding against the decimal module, which rounds the written decimal."""

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.rounding import round_half_even, round_up


def by_decimal(x: float, decimals: int) -> float:
    return float(Decimal(repr(x)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    ("x", "decimals", "expected"),
    [
        (34.5, 0, 34),
        (35.5, 0, 36),
        (2.51, 0, 3),
        (1.25, 1, 1.2),
        (28.35, 1, 28.4),
        (28.349, 1, 28.3),
        (60.5, 0, 60),
        (61.5, 0, 62),
        (60.51, 0, 61),
        (1.35, 1, 1.4),
        (4.05, 1, 4.0),
        (2.675, 2, 2.68),
        (-34.5, 0, -34),
        (0.0, 1, 0.0),
    ],
)
def test_worked_examples(x, decimals, expected):
    assert round_half_even(x, decimals) == expected


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_every_twentieth_up_to_200_rounds_as_written(decimals):
    x = np.arange(4001) / 20
    assert round_half_even(x, decimals).tolist() == [by_decimal(v, decimals) for v in x.tolist()]


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
@settings(max_examples=400)
def test_any_double_rounds_as_its_shortest_decimal(x, decimals):
    assert round_half_even(x, decimals) == by_decimal(x, decimals)


@given(st.integers(-(10**7), 10**7), st.integers(1, 4), st.sampled_from([-1, 0, 1]))
@settings(max_examples=400)
def test_ties_and_their_neighbours_round_as_written(k, decimals, step):
    tie = float(Decimal(2 * k + 1) / Decimal(2 * 10**decimals))
    x = tie if step == 0 else float(np.nextafter(tie, step * np.inf))
    assert round_half_even(x, decimals) == by_decimal(x, decimals)


def test_nan_stays_nan_and_shape_is_kept():
    x = np.array([[np.nan, 1.25], [0.5, 1.5]])
    assert np.array_equal(round_half_even(x, 1), [[np.nan, 1.2], [0.5, 1.5]], equal_nan=True)
    assert np.array_equal(round_up(x), [[np.nan, 2], [1, 2]], equal_nan=True)


@pytest.mark.parametrize(("x", "decimals"), [(np.inf, 0), (-np.inf, 1), (1e15, 1), (1.0, -1)])
def test_what_cannot_be_rounded_exactly_is_refused(x, decimals):
    with pytest.raises(ValueError, match="expected"):
        round_half_even(x, decimals)
