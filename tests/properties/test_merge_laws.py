"""Merging station-hours: order and repetition cannot matter, the later release counts, and a simulated row never stands where a
measured one is known.
"""

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
    "released_at": st.sampled_from([None, 0, 1, 2]), "digest": st.sampled_from(["", "a1", "b2"]), "line": st.integers(0, 2),
    "empty": st.booleans(),
})  # fmt: skip


def _hours(drawn: dict) -> CityHours:
    rng = np.random.default_rng(drawn["seed"])
    chances = (1.0, 0.0, 0.0) if drawn["empty"] else (0.6, 0.2, 0.2)
    block = ObservationBlock(
        source=drawn["source"], city="510100", stations=STATIONS, first_hour=FIRST,
        values=rng.choice([np.nan, 1.0, 2.0], (6, *SHAPE), p=chances), present=rng.random(SHAPE) < 0.8,
        status=drawn["status"], revision=drawn["revision"], simulated=drawn["simulated"],
        wind_ms=rng.choice([np.nan, 1.0], (2, *SHAPE)) if drawn["windy"] else None, received_at=drawn["received_at"],
        released_at=drawn["released_at"], digest=drawn["digest"], lines=np.full(SHAPE, drawn["line"], np.int32),
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
    for name in ("values", "source", "simulated", "wind_ms", "released", "received", "file", "line"):
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


def _alike(drawn: dict, **changed) -> dict:
    return {**drawn, "simulated": False, "status": STATUSES[0], "revision": 0, **changed}


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_of_one_source_the_release_received_last_wins_lower_or_higher(blocks, random) -> None:
    # Released as they were received, whether the one or the other is told.
    moments = [{"received_at": at, "released_at": None if at % 2 else at} for at in range(len(blocks))]
    released = [_alike(b, source=SOURCES[0], **moment) for b, moment in zip(blocks, moments, strict=True)]
    mixed = list(released)
    random.shuffle(mixed)
    found = _merged(mixed)
    for station, hour in np.ndindex(SHAPE):
        last = [b for b in released if _hours(b).rank[station, hour] != ABSENT][-1:]
        if last:
            np.testing.assert_array_equal(found.values[:, station, hour], _hours(last[0]).values[:, station, hour])


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6), st.integers(1, 9))
def test_no_larger_value_ever_decides(blocks, times) -> None:
    # All that is said of values by which rows win is whether there are any: scaled, the same rows win, but for what comes together.
    apart = [_alike(block, released_at=at, windy=False) for at, block in enumerate(blocks)]
    plain, scaled = _observed(apart), Observed({}, FIRST, HOURS, STATIONS)
    for at, drawn in enumerate(apart):
        hours = _hours(drawn)
        scaled.take(drawn["source"], replace(hours, values=hours.values * (times if at % 2 else 1)))
    np.testing.assert_array_equal(plain.together().released, scaled.together().released)


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_of_several_sources_an_empty_row_hides_none_with_values_and_the_later_release_counts(blocks, random) -> None:
    named = [_alike(block, released_at=at, windy=False) for at, block in enumerate(blocks)]
    mixed = list(named)
    random.shuffle(mixed)
    found = _merged(mixed)
    for station, hour in np.ndindex(SHAPE):
        last = {b["source"]: b for b in named if _hours(b).rank[station, hour] != ABSENT}
        said = {name: _hours(b).values[:, station, hour] for name, b in last.items()}
        some = [b for name, b in last.items() if np.isfinite(said[name]).any()] or [*last.values()]
        if some:
            expected = max(some, key=lambda b: b["released_at"])
            np.testing.assert_array_equal(found.values[:, station, hour], said[expected["source"]])


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
