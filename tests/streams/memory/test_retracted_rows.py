"""A row that was retracted counts in its source's layer as any, hides nobody else's, and order does not matter."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.pollutants import ITEMS
from streams.memory import cityhours
from streams.memory.cityhours import WITHDRAWN
from streams.memory.observed import Observed, layer_of
from streams.records import STATUSES, ObservationBlock

FIRST, STATIONS = 465_000, ("1431A", "1432A")
PM25 = ITEMS.index("pm25")


def block(
    source: str, value: float | None, released: float, *, items=ITEMS, lines: int = 1, **standing
) -> ObservationBlock:
    """One hour at two stations, of PM2.5 alone; no value where it is None."""
    values = np.full((len(ITEMS), len(STATIONS), 1), np.nan)
    if value is not None:
        values[PM25] = value
    shape = (len(STATIONS), 1)
    return ObservationBlock(
        source=source, city="510100", stations=STATIONS, first_hour=FIRST, values=values, present=np.ones(shape, bool),
        lines=np.full(shape, lines, np.int32), received_at=released, released_at=released, items=items,
        provenance="made by hand" if standing.get("simulated") else "", **standing,
    )  # fmt: skip


def withdrawal(of: ObservationBlock, released: float) -> ObservationBlock:
    """The row that takes another one out."""
    gone, lines = np.full_like(of.values, np.nan), np.full_like(of.lines, WITHDRAWN)
    return replace(of, values=gone, lines=lines, released_at=released, received_at=released)


def seen(blocks) -> float | None:
    """What a city sees at the first station after some blocks."""
    held = Observed({}, FIRST, 1, STATIONS)
    for each in blocks:
        held.take(layer_of(each), cityhours.from_block(each))
    value = held.together().values[PM25, 0, 0]
    return None if np.isnan(value) else float(value)


@pytest.mark.parametrize(
    ("wrong", "other"),
    [
        (block("a", 940, 10), block("b", 40, 5)),
        (block("a", 940, 10, status="reviewed"), block("b", 40, 5)),
        (block("a", 940, 10, revision=3), block("b", 40, 5)),
        (block("a", 940, 10), block("b", 40, 5, simulated=True)),
        (block("b", 940, 10), block("a", 40, 5)),
        (block("a", 940, 10, items=("pm25",)), block("a", 40, 5)),
    ],
    ids=["alike", "reviewed", "revised", "before a simulated one", "the first by name", "of one source, of one item"],
)
def test_what_lay_beneath_a_retracted_row_comes_forward_in_whatever_order_they_come(wrong, other):
    blocks = (wrong, other, withdrawal(wrong, 20))
    assert seen(blocks[:2]) == 940
    # A layer of one source says of an item what the file says that speaks of it: there the withdrawn row is the last word.
    expected = None if wrong.source == other.source else 40
    assert {seen(order) for order in permutations(blocks)} == {expected}


def test_an_hour_that_a_source_leaves_empty_itself_still_hides_simulated_ones():
    measured, simulated = block("a", None, 10), block("b", 40, 5, simulated=True)
    assert seen([measured, simulated]) is None
    assert seen([withdrawal(measured, 20), simulated]) == 40


def test_a_later_release_of_the_source_stands_again():
    wrong = block("a", 940, 10)
    blocks = (wrong, withdrawal(wrong, 20), block("a", 42, 30))
    assert {seen(order) for order in permutations(blocks)} == {42}


MADE = st.builds(
    lambda source, value, released, status, revision, simulated, gone: (
        withdrawal if gone else lambda each, _: each
    )(block(source, value, released, status=status, revision=revision, simulated=simulated), released),
    st.sampled_from("ab"), st.sampled_from([None, 40.0, 50.0, 940.0]), st.integers(1, 6).map(float),
    st.sampled_from(STATUSES), st.integers(0, 1), st.booleans(), st.booleans(),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(MADE, min_size=2, max_size=5))
def test_order_and_repetition_do_not_matter_with_retracted_rows(blocks):
    told = {seen(order) for order in permutations(blocks)}
    assert len(told) == 1 and told == {seen([*blocks, *blocks])}
