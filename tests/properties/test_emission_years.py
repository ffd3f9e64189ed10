"""Emissions over the hours of a year: whatever the profiles say, the year's sum holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.emissions.profiles import hour_weights, hours_in

WEIGHTS = st.floats(0.001, 1000)


@given(
    st.integers(1990, 2099),
    st.none() | st.lists(WEIGHTS, min_size=12, max_size=12),
    st.none() | st.lists(WEIGHTS, min_size=7, max_size=7),
    st.none() | st.lists(WEIGHTS, min_size=24, max_size=24),
)
def test_the_hours_of_any_year_under_any_profile_sum_to_one(year, monthly, weekly, hourly):
    shares = hour_weights(year, *(None if p is None else np.array(p) for p in (monthly, weekly, hourly)))
    assert shares.size == hours_in(year)
    assert math.fsum(shares) == pytest.approx(1, abs=1e-14)
    if monthly is not None:
        january = math.fsum(shares[: 31 * 24])
        assert january == pytest.approx(monthly[0] / math.fsum(monthly), rel=1e-12)
