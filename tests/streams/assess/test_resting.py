"""What rests on suspect hours: as long as a mean is made of one, and where there is a mean."""

from __future__ import annotations

import numpy as np

from standards.days import first_hour_of_day
from standards.pollutants import ITEMS
from streams.assess.resting import packed_items, resting_days, resting_means

PM25, O3 = ITEMS.index("pm25"), ITEMS.index("o3")
MIDNIGHT = int(first_hour_of_day(19_000))
"""The hour that ends at 01:00 of a natural day."""


def hours_with(item: int, marked: np.ndarray) -> list[int]:
    return np.flatnonzero(marked[0] >> item & 1).tolist()


def marked(item: int, hour: int, hours: int = 72) -> np.ndarray:
    suspect = np.zeros((2, hours), np.uint8)
    suspect[0, hour] = 1 << item
    return suspect


def test_a_24_hour_mean_rests_on_an_hour_for_a_day() -> None:
    known = np.ones((6, 2, 72), bool)
    found = resting_means(marked(PM25, 30), known, MIDNIGHT)
    assert hours_with(PM25, found) == list(range(30, 54)) and not found[1].any()
    known[PM25, 0, 40:45] = False
    assert hours_with(PM25, resting_means(marked(PM25, 30), known, MIDNIGHT)) == [*range(30, 40), *range(45, 54)]


def test_ozone_rests_on_an_hour_for_eight_hours_and_until_its_day_ends() -> None:
    known = np.ones((6, 2, 72), bool)
    assert hours_with(O3, resting_means(marked(O3, 30), known, MIDNIGHT)) == list(range(30, 48))
    assert hours_with(O3, resting_means(marked(O3, 46), known, MIDNIGHT)) == list(range(46, 54))


def test_the_place_of_a_window_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    suspect = (rng.random((3, 200)) < 0.03).astype(np.uint8) * rng.integers(1, 64, (3, 200)).astype(np.uint8)
    known = rng.random((6, 3, 200)) < 0.9
    whole = resting_means(suspect, known, MIDNIGHT + 5)
    part = resting_means(suspect[:, 60:], known[..., 60:], MIDNIGHT + 65)
    np.testing.assert_array_equal(part[:, 23:], whole[:, 83:])


def test_a_day_rests_on_its_hours_where_it_has_a_value() -> None:
    known = np.ones((6, 2, 3), bool)
    assert resting_days(marked(PM25, 30), known).tolist() == [[0, 1 << PM25, 0], [0, 0, 0]]
    known[PM25, 0, 1] = False
    assert not resting_days(marked(PM25, 30), known).any()


def test_items_pack_into_the_bits_of_their_order() -> None:
    there = np.zeros((6, 2), bool)
    there[[0, 5], 0] = True
    assert packed_items(there).tolist() == [1 | 1 << 5, 0]
