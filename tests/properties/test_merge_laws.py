"""Merging station-hours: order and repetition cannot matter, and a simulated row never stands where a measured one is known."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.memory import cityhours
from streams.memory.cityhours import ABSENT, CityHours
from streams.memory.observed import Observed
from streams.records import STATUSES, ObservationBlock

FIRST, HOURS, STATIONS = 465_000, 3, ("a", "b")
SOURCES = ("feed-b", "feed-a")
SHAPE = (len(STATIONS), HOURS)
# Few different values, so that rows meet in every kind of tie.
BLOCKS = st.fixed_dictionaries({
    "seed": st.integers(0, 40), "status": st.sampled_from(STATUSES), "revision": st.integers(0, 2),
    "simulated": st.booleans(), "source": st.sampled_from(SOURCES), "windy": st.booleans(), "received_at": st.integers(0, 2),
})  # fmt: skip


def _hours(drawn: dict) -> CityHours:
    rng = np.random.default_rng(drawn["seed"])
    block = ObservationBlock(
        source=drawn["source"], city="510100", stations=STATIONS, first_hour=FIRST,
        values=rng.choice([np.nan, 1.0, 2.0], (6, *SHAPE), p=(0.6, 0.2, 0.2)), present=rng.random(SHAPE) < 0.8,
        status=drawn["status"], revision=drawn["revision"], simulated=drawn["simulated"],
        wind_ms=rng.choice([np.nan, 1.0], (2, *SHAPE)) if drawn["windy"] else None, received_at=drawn["received_at"],
    )  # fmt: skip
    return cityhours.from_block(block)


def _observed(blocks: list[dict]) -> Observed:
    observed = Observed({}, FIRST, HOURS, STATIONS)
    for drawn in blocks:
        observed.take(drawn["source"], _hours(drawn))
    return observed


def _merged(blocks: list[dict]) -> CityHours:
    """Give the rows that count; source numbers are those of SOURCES, whichever of them came."""
    observed = _observed(blocks)
    hours = observed.together()
    numbers = np.array([SOURCES.index(name) for name in observed.sources] or [0], np.uint16)
    return replace(hours, source=numbers[hours.source])


def _assert_same(one: CityHours, other: CityHours) -> None:
    known = one.rank != ABSENT
    np.testing.assert_array_equal(one.rank, other.rank)
    for name in ("values", "source", "simulated", "wind_ms", "received"):
        np.testing.assert_array_equal(getattr(one, name)[..., known], getattr(other, name)[..., known], err_msg=name)


@settings(max_examples=300, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6), st.randoms(use_true_random=False), st.integers(0, 5))
def test_any_order_and_any_repetition_leaves_the_same_rows(blocks, random, repeated) -> None:
    mixed = [*blocks, *blocks[:repeated]]
    random.shuffle(mixed)
    _assert_same(_merged(blocks), _merged(mixed))


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=4))
def test_what_is_held_already_wins_nothing_again(blocks) -> None:
    observed = _observed(blocks)
    for drawn in blocks:
        moved, differs = observed.take(drawn["source"], _hours(drawn))
        assert not moved and not differs.any()


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_measured_rows_are_as_if_nothing_had_been_simulated(blocks, random) -> None:
    mixed = list(blocks)
    random.shuffle(mixed)
    measured, everything = _merged([b for b in blocks if not b["simulated"]]), _merged(mixed)
    known = measured.rank != ABSENT
    assert not everything.simulated[known].any()
    for name in ("values", "rank", "source", "wind_ms"):
        np.testing.assert_array_equal(getattr(everything, name)[..., known], getattr(measured, name)[..., known])
    simulated = _merged([b for b in blocks if b["simulated"]])
    only = ~known & (simulated.rank != ABSENT)
    assert everything.simulated[only].all()
    np.testing.assert_array_equal(everything.values[..., only], simulated.values[..., only])


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6))
def test_among_measured_rows_the_status_and_then_the_revision_decide(blocks) -> None:
    measured = [{**block, "simulated": False} for block in blocks]
    highest = np.max([_hours(drawn).rank for drawn in measured], axis=0)
    np.testing.assert_array_equal(_merged(measured).rank, highest)


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_of_one_source_the_release_received_last_wins_lower_or_higher(blocks, random) -> None:
    alike = [{**b, "simulated": False, "status": STATUSES[0], "revision": 0, "source": SOURCES[0]} for b in blocks]
    released = [{**block, "received_at": at} for at, block in enumerate(alike)]
    mixed = list(released)
    random.shuffle(mixed)
    found = _merged(mixed)
    for station in range(SHAPE[0]):
        for hour in range(SHAPE[1]):
            last = [b for b in released if _hours(b).rank[station, hour] != ABSENT][-1:]
            if last:
                np.testing.assert_array_equal(found.values[:, station, hour], _hours(last[0]).values[:, station, hour])


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6))
def test_a_row_counts_as_changed_just_where_another_row_counts_than_before(blocks) -> None:
    observed = Observed({}, FIRST, HOURS, STATIONS)
    for drawn in blocks:
        before = deepcopy(observed.together())
        names = observed.sources
        _, differs = observed.take(drawn["source"], _hours(drawn))
        after = observed.together()
        assert not differs[_hours(drawn).rank == ABSENT].any()
        same = (before.rank == after.rank) & (before.simulated == after.simulated)
        for name in ("values", "wind_ms"):
            mine, theirs = getattr(before, name), getattr(after, name)
            same &= ((mine == theirs) | (np.isnan(mine) & np.isnan(theirs))).all(axis=0)
        said_by = [np.array([*each, ""], object) for each in (names, observed.sources)]
        same &= (after.rank == ABSENT) | (said_by[0][before.source] == said_by[1][after.source])
        np.testing.assert_array_equal(differs, ~same)
