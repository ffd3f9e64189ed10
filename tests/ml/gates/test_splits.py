"""Splits that a forecast could have had, and the refusal of all others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.gates import splits
from ml.gates.errors import GateError, RandomSplit

FRAMES = st.lists(st.integers(1000, 1400), min_size=30, max_size=200).map(np.array)


@given(FRAMES, st.integers(1100, 1300), st.integers(0, 80))
def test_all_training_lies_more_than_the_embargo_before_all_test(hours, test_from, gap) -> None:
    try:
        split = splits.chronological(hours, test_from=test_from, embargo_h=gap)
    except GateError:
        assert not (hours < test_from - gap).any() or not (hours >= test_from).any()
        return
    assert hours[split.test].min() - hours[split.train].max() > gap
    assert set(split.test) == set(np.flatnonzero(hours >= test_from)), "nothing of the test is lost"


@given(FRAMES, st.integers(1050, 1300), st.integers(1, 100), st.integers(0, 40), st.none() | st.integers(24, 200))
def test_every_origin_trains_before_itself_and_tests_just_its_step(hours, origin, step, gap, window) -> None:
    try:
        found = splits.rolling_origin(hours, first_origin=origin, step_h=step, embargo_h=gap, train_h=window)
    except GateError:
        return
    for split in found:
        assert hours[split.test].min() - hours[split.train].max() > gap
        assert np.ptp(hours[split.test]) < step
        if window is not None:
            assert np.ptp(hours[split.train]) < window
    tested = np.concatenate([split.test for split in found])
    assert sorted(tested) == list(np.flatnonzero(hours >= origin)), "each later row is tested once"


def test_a_window_that_expands_keeps_its_beginning_and_one_that_slides_does_not() -> None:
    hours = np.arange(0, 1000)
    expanding = splits.rolling_origin(hours, first_origin=500, step_h=100, embargo_h=24)
    sliding = splits.rolling_origin(hours, first_origin=500, step_h=100, embargo_h=24, train_h=200)
    assert [(s.train[0], s.train[-1]) for s in expanding] == [(0, o - 25) for o in range(500, 1000, 100)]
    assert [(s.train[0], s.train[-1]) for s in sliding] == [(o - 224, o - 25) for o in range(500, 1000, 100)]


@given(st.lists(st.sampled_from("abcdef"), min_size=10, max_size=60), st.integers(2, 4))
def test_a_station_that_is_held_out_is_in_no_row_of_the_training(stations, groups) -> None:
    names = np.array(stations)
    if len(set(stations)) < groups:
        with pytest.raises(GateError, match="groups of"):
            splits.station_out(stations, groups=groups)
        return
    found = splits.station_out(stations, groups=groups)
    for split in found:
        assert not set(names[split.train]) & set(names[split.test])
    assert sorted(np.concatenate([s.test for s in found])) == list(range(len(stations)))


@given(FRAMES, st.integers(1050, 1350), st.integers(0, 60), st.integers(24, 48))
def test_an_episode_is_held_out_whole_and_with_its_margins(hours, first, length, margin) -> None:
    try:
        (split,) = splits.episode_out(hours, episodes=[(first, first + length)], margin_h=margin)
    except GateError:
        return
    inside = (hours >= first) & (hours <= first + length)
    assert set(split.test) == set(np.flatnonzero(inside))
    gap = np.abs(hours[split.train][:, None] - hours[split.test][None, :])
    assert gap.min() > margin


@given(st.integers(0, 2**32 - 1), st.integers(0, 48))
def test_a_random_split_is_refused_in_words(seed, gap) -> None:
    order = np.random.default_rng(seed).permutation(400)
    with pytest.raises(
        RandomSplit, match=r"a random split is no score; split by time, by station or by whole episodes"
    ):
        splits.require_honest(order[:300], order[300:], hours=np.arange(400), embargo_h=gap)


@given(st.integers(0, 48))
def test_honest_splits_of_ones_own_are_told_by_their_kind(gap) -> None:
    hours = np.tile(np.arange(400), 2)
    stations = np.repeat(["a", "b"], 400)
    by_time = splits.chronological(hours, test_from=200, embargo_h=gap)
    by_station = splits.station_out(stations)[0]
    by_episode = splits.episode_out(hours, episodes=[(100, 150)], margin_h=max(gap, 24))[0]
    for split in (by_time, by_station, by_episode):
        told = splits.require_honest(split.train, split.test, hours=hours, embargo_h=gap, stations=stations)
        assert told.kind == split.kind


def test_one_hour_less_than_the_embargo_is_a_leak() -> None:
    hours = np.arange(100)
    good = splits.require_honest(np.arange(0, 50), np.arange(74, 100), hours=hours, embargo_h=24)
    assert good.kind == splits.CHRONOLOGICAL
    with pytest.raises(RandomSplit, match="lies 24 h from"):
        splits.require_honest(np.arange(0, 51), np.arange(74, 100), hours=hours, embargo_h=24)


def test_the_embargo_is_horizon_and_lookback_together() -> None:
    assert splits.embargo(horizon_h=168, lookback_h=72) == 240
    with pytest.raises(GateError, match="a look-back of -1 h"):
        splits.embargo(horizon_h=1, lookback_h=-1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: splits.chronological(np.arange(9), test_from=20, embargo_h=0), "0 to test on"),
        (lambda: splits.chronological(np.arange(9), test_from=5, embargo_h=9), "0 rows to train on"),
        (lambda: splits.chronological(np.arange(9.0), test_from=5, embargo_h=1), "expected whole epoch hours"),
        (lambda: splits.chronological(np.arange(9), test_from=5, embargo_h=-1), "an embargo of -1 h"),
        (lambda: splits.rolling_origin(np.arange(9), first_origin=5, step_h=0, embargo_h=0), "steps of 0 h"),
        (lambda: splits.rolling_origin(np.arange(9), first_origin=50, step_h=1, embargo_h=0), "no hour lies"),
        (lambda: splits.episode_out(np.arange(9), episodes=[(5, 4)], margin_h=24), "from 5 to 4"),
        (lambda: splits.episode_out(np.arange(9), episodes=[(50, 54)], margin_h=24), "none of 1 episodes"),
        (lambda: splits.episode_out(np.arange(9), episodes=[(5, 6)], margin_h=23), "a margin of 23 h"),
        (lambda: splits.station_out(["a", "a"]), "1 groups of 1 stations"),
        (lambda: splits.require_honest([], [1], hours=np.arange(9), embargo_h=0), "0 rows to train on and 1"),
    ],
)
def test_a_split_that_cannot_be_says_why(call, words) -> None:
    with pytest.raises(GateError, match=words):
        call()
