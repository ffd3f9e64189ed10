"""Quality flags are local: a window with LOOKBACK and LOOKAHEAD hours around it gives the flags of the whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.assess.quality import IMPOSSIBLE, KINDS, LOOKAHEAD, LOOKBACK, judge, quality_flags

SEEDS = st.integers(0, 2**32 - 1)


def restless(rng: np.random.Generator, stations: int, hours: int) -> np.ndarray:
    """Draw hours with long equal runs, spikes, outliers and gaps."""
    level = rng.integers(10, 120, (6, stations, hours)).astype(float)
    calm = rng.random(level.shape) < 0.9
    calm[..., 0] = False
    level = np.take_along_axis(level, np.maximum.accumulate(np.where(calm, 0, np.arange(hours)), axis=-1), axis=-1)
    level[rng.random(level.shape) < 0.03] *= 40
    level[rng.random(level.shape) < 0.03] = np.nan
    level[2] /= 20
    return broken(rng, level)


def broken(rng: np.random.Generator, level: np.ndarray) -> np.ndarray:
    """Put in fills, wrong units, dead stations, and sensors that write tenths."""
    stations, hours = level.shape[1:]
    level[:, rng.random(stations) < 0.3] += 0.3
    level[rng.random(level.shape) < 0.02] = rng.choice([999, 9999, 985])
    for _ in range(4):
        item, station, first = rng.integers(6), rng.integers(stations), rng.integers(hours)
        level[item, station, first : first + rng.integers(1, 30)] *= rng.choice([1000, 1 / 1000])
        station, first = rng.integers(stations), rng.integers(hours)
        level[:, station, first : first + rng.integers(1, 15)] = level[:, station, first : first + 1] * rng.integers(2)
    return level


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.integers(1, 6), st.integers(0, 119), st.integers(1, 30))
def test_a_window_gives_the_flags_of_the_whole(seed, stations, first, hours):
    values = restless(np.random.default_rng(seed), stations, 120)
    whole = quality_flags(values)
    last = min(119, first + hours - 1)
    begin, end = max(0, first - LOOKBACK), min(119, last + LOOKAHEAD)
    window = quality_flags(values[..., begin : end + 1])
    np.testing.assert_array_equal(window[..., first - begin : last - begin + 1], whole[..., first : last + 1])


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 7))
def test_the_order_of_stations_does_not_matter(seed, stations):
    rng = np.random.default_rng(seed)
    values, order = restless(rng, stations, 60), rng.permutation(stations)
    np.testing.assert_array_equal(quality_flags(values[:, order]), quality_flags(values)[:, :, order])


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(4, 7), st.integers(1, 6))
def test_the_flags_of_a_group_are_those_it_would_have_alone(seed, points, sensors):
    values = restless(np.random.default_rng(seed), points + sensors, 60)
    one, other = np.arange(points), np.arange(points, points + sensors)
    together = quality_flags(values, neighbours=((one, one), (other, other)))
    np.testing.assert_array_equal(together[:, :, one], quality_flags(values[:, one]))
    np.testing.assert_array_equal(together[:, :, other], quality_flags(values[:, other]))


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.integers(1, 7))
def test_what_cannot_be_changes_nothing_that_is_said_of_others(seed, stations):
    """Hours of a wrong unit are left in sight: they bear each other out, and docs/quality_flags.md tells what that may cost."""
    values = restless(np.random.default_rng(seed), stations, 90)
    found = judge(values)
    hidden = quality_flags(values)[[KINDS.index(kind) for kind in IMPOSSIBLE if kind != "unit"]].any(axis=0)
    again = judge(np.where(hidden, np.nan, values))
    np.testing.assert_array_equal(again.values, found.values)
    np.testing.assert_array_equal(again.suspect, found.suspect)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 7))
def test_a_flag_changes_no_value_and_what_is_missing_has_none(seed, stations):
    values = restless(np.random.default_rng(seed), stations, 90)
    flags, found = quality_flags(values), judge(values)
    assert not flags[:, np.isnan(values)].any()
    kept = ~np.isnan(found.values)
    assert (found.values[kept] == values[kept]).all()
    np.testing.assert_array_equal(
        kept, ~np.isnan(values) & ~flags[[KINDS.index(kind) for kind in IMPOSSIBLE]].any(axis=0)
    )


def test_the_drawn_hours_meet_every_kind():
    found = sum(quality_flags(restless(np.random.default_rng(seed), 6, 120)).any(axis=(1, 2, 3)) for seed in range(20))
    assert (found > 10).all(), dict(zip(KINDS, found, strict=True))
