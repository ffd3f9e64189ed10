"""Merging station-hours: order and repetition cannot matter, and a simulated row never stands where a measured one is known."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.memory import cityhours
from streams.memory.cityhours import ABSENT, CityHours
from streams.records import STATUSES, ObservationBlock

FIRST, HOURS, STATIONS = 465_000, 3, ("a", "b")
SOURCES = ("feed-b", "feed-a")
SHAPE = (len(STATIONS), HOURS)
# Few different values, so that rows meet in every kind of tie.
BLOCKS = st.fixed_dictionaries({
    "seed": st.integers(0, 40), "status": st.sampled_from(STATUSES), "revision": st.integers(0, 2),
    "simulated": st.booleans(), "source": st.sampled_from(range(len(SOURCES))), "windy": st.booleans(),
})  # fmt: skip


def _hours(drawn: dict) -> CityHours:
    rng = np.random.default_rng(drawn["seed"])
    block = ObservationBlock(
        source=SOURCES[drawn["source"]], city="510100", stations=STATIONS, first_hour=FIRST,
        values=rng.choice([np.nan, 1.0, 2.0], (6, *SHAPE), p=(0.6, 0.2, 0.2)), present=rng.random(SHAPE) < 0.8,
        status=drawn["status"], revision=drawn["revision"], simulated=drawn["simulated"],
        wind_ms=rng.choice([np.nan, 1.0], (2, *SHAPE)) if drawn["windy"] else None,
    )  # fmt: skip
    return cityhours.from_block(block, drawn["source"])


def _merged(blocks: list[dict]) -> CityHours:
    held = cityhours.empty(FIRST, HOURS, STATIONS)
    for drawn in blocks:
        cityhours.merge(held, _hours(drawn), SOURCES)
    return held


def _assert_same(one: CityHours, other: CityHours) -> None:
    known = one.rank != ABSENT
    np.testing.assert_array_equal(one.rank, other.rank)
    for name in ("values", "source", "simulated", "wind_ms"):
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
    held = _merged(blocks)
    for drawn in blocks:
        assert not cityhours.merge(held, _hours(drawn), SOURCES).any()


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
