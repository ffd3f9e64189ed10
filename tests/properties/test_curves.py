"""Rows made small: what is packed comes back to the last bit of single precision, and an inventory takes few curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.records import EmissionBlock
from streams.registry import load
from streams.sources import parse_file
from streams.wire import curves, messages

SAMPLE = Path(__file__).parents[1] / "data" / "emissions"
SEEDS = st.integers(0, 2**32 - 1)


def _rows(seed: int, rows: int, profiles: int, hours: int) -> np.ndarray:
    """Draw rows of which many are multiples of few profiles, with gaps, zeros, and some that follow none."""
    rng = np.random.default_rng(seed)
    shapes = rng.gamma(1, 1, (profiles, hours)) * (rng.random((profiles, hours)) < 0.9)
    shapes[:, rng.random(hours) < 0.2] = np.nan
    made = shapes[rng.integers(profiles, size=rows)] * rng.choice([0.0, 1e-9, 1.0, 3.7, 1e5], rows)[:, None]
    made[rng.random(rows) < 0.1] = np.nan
    odd = rng.random(rows) < 0.2
    made[odd] = rng.random((odd.sum(), hours))
    return made


@settings(max_examples=200, deadline=None)
@given(SEEDS, st.integers(1, 12), st.integers(1, 3), st.integers(1, 60))
def test_what_is_packed_comes_back_exactly_in_single_precision(seed, rows, profiles, hours) -> None:
    made = _rows(seed, rows, profiles, hours)
    packed = curves.pack(made)
    np.testing.assert_array_equal(curves.unpack(packed), made.astype(np.float32))
    again = curves.pack(curves.unpack(packed))
    np.testing.assert_array_equal(curves.unpack(again, slice(1, 5)), made.astype(np.float32)[:, 1:5])


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.integers(1, 12), st.integers(1, 3), st.integers(2, 60))
def test_with_a_tolerance_multiples_share_a_curve_and_nothing_is_off_by_more(seed, rows, profiles, hours) -> None:
    made = _rows(seed, rows, profiles, hours)
    packed = curves.pack(made, tolerance=curves.SINGLE)
    back = curves.unpack(packed).astype(float)
    # What is unpacked is rounded once more, by half a step of single precision; numbers below its smallest are lost.
    np.testing.assert_allclose(back, made, rtol=curves.SINGLE + 2.0**-24, atol=1e-38)
    np.testing.assert_array_equal(np.isnan(back), np.isnan(made))


def test_multiples_of_one_row_are_one_curve_also_after_they_were_rounded() -> None:
    rng = np.random.default_rng(3)
    profile, amounts = rng.gamma(2, 1, 240), rng.gamma(1, 1000, 50)
    once = curves.pack(amounts[:, None] * profile, tolerance=curves.SINGLE)
    rounded = curves.unpack(once)
    twice = curves.pack(rounded[rng.permutation(50)])
    assert len(once["curves"]) == len(twice["curves"]) == 1


def test_a_message_of_an_inventory_is_hardly_larger_than_its_total() -> None:
    block = parse_file(SAMPLE, load(), received_at=0.0).blocks[0]
    sectors, species, hours = block.values.shape
    line = messages.block_line(block)
    total_bytes, whole_bytes = (4 * 4 / 3 * count * hours for count in (species, sectors * species))
    assert len(line) < 2 * total_bytes < whole_bytes / 4
    back = messages.block_from(line)
    np.testing.assert_allclose(back.values, block.values, rtol=curves.SINGLE + 2.0**-24)
    assert (back.sectors, back.inventory, back.measured) == (block.sectors, block.inventory, False)


@pytest.mark.parametrize("hours", [1, 24, 400])
def test_measured_hours_travel_with_their_mark_and_an_older_message_is_an_inventory(hours) -> None:
    values = np.full((2, 7, hours), np.nan)
    values[0, 0], values[1, 1] = 5.2, np.arange(hours)
    block = EmissionBlock(source="emissions", city="510100", inventory="measured cems", sectors=("coal", "steel"),
                          first_hour=465_000, values=values, measured=True)  # fmt: skip
    back = messages.block_from(messages.block_line(block))
    assert back.measured
    np.testing.assert_array_equal(back.values, values.astype(np.float32))
    old = {"schema": "emission/1", "source": "emissions", "city": "510100", "first_hour": 465_000, "simulated": False,
           "provenance": "", "received_at": 0.0, "inventory": "x", "sectors": ["coal"],
           "values": {"dtype": "<f4", "shape": [1, 7, 1], "data": [1.5] * 7}}  # fmt: skip
    read = messages.block_from("510100\t" + orjson.dumps(old).decode())
    assert not read.measured and read.values.tolist() == [[[1.5]] * 7]
