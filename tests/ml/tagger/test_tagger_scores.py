"""The scores by which the light tagger is judged count every source."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.bench_tagger import error


def test_a_source_that_takes_away_counts_in_the_mean_as_any_other() -> None:
    # By hand: true shares 120 and -20 %, told 100 and 0: both are 20 points off.
    true, told = (np.array(each)[:, None] for each in ([6.0, -1.0], [5.0, 0.0]))
    assert error(told, true, np.array([True])) == 20.0
    true = np.array([12.0, 0.0, -2.0])[:, None]
    told = np.array([12.0, -2.0, 0.0])[:, None]
    # Shares 120, 0, -20 and 120, -20, 0: 0, 20 and 20 points.
    assert error(told, true, np.array([True])) == pytest.approx(40 / 3, abs=0.005)


def test_sources_of_five_percent_or_more_are_those_alone() -> None:
    true, told = (np.array(each)[:, None] for each in ([90.0, 4.0, 6.0], [80.0, 10.0, 10.0]))
    assert error(told, true, np.array([True]), least_pct=5.0) == 7.0
    assert error(told, true, np.array([False])) is None
