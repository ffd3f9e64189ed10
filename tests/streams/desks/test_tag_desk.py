"""The desk of tagged contributions: which release counts, what a city is made of, and that the books balance."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contributors import ALL, OUTSIDE
from streams.memory.taghours import contents, numbers_of
from streams.records import CITY_MEAN, TagBlock
from streams.wire import messages
from tests.streams import replaying as r
from tests.streams.desks.test_desks import _moment

CITY, INIT = "510100", r.FIRST - 12
POINTS = r.STATIONS[CITY]
CONTRIBUTORS = (("coal", ALL), ("vehicles", ALL), (ALL, OUTSIDE))


def tags(seed: int, *, hours: int = 30, places: tuple[str, ...] = POINTS, **fields: object) -> TagBlock:
    """Make a block of O3 and PM2.5 whose numbers half precision holds."""
    rng = np.random.default_rng(seed)
    quantities = fields.pop("quantities", ("o3", "pm25"))
    shape = (len(quantities), len(CONTRIBUTORS), len(places), hours)
    values = rng.gamma(2, 8, shape).astype(np.float16).astype(float)
    known = {
        "source": "tags",
        "model": "TWIN-A",
        "run_init": INIT,
        "city": CITY,
        "first_hour": r.FIRST,
        "simulated": True,
    }
    known |= {"digest": f"{seed:02d}" * 32, "received_at": 1000.0 + seed}
    return TagBlock(**known | fields, places=places, quantities=quantities, contributors=CONTRIBUTORS, values=values)


def cut(block: TagBlock, size: int) -> list[TagBlock]:
    spans = [slice(at, at + size) for at in range(0, block.hours, size)]
    return [replace(block, first_hour=block.first_hour + s.start, values=block.values[..., s]) for s in spans]


class _Watched(r.Pieces):
    """Pieces that remember what they were asked for."""

    def __init__(self, pieces: dict) -> None:
        super().__init__(pieces)
        self.asked: list[str] = []

    def get(self, key: str) -> object:
        self.asked.append(key)
        return super().get(key)


def taken(*blocks: TagBlock) -> r.Desks:
    desks = r.Desks()
    for block in blocks:
        desks.take(block)
    assert not desks.rejected
    return desks


def told(desks: r.Desks, place: str, hour: int, *, run: str) -> np.ndarray:
    (row,) = (
        row for (where, when, of, _), row in desks.rows()["tag_hour"].items()
        if (where, when, of) == (place, _moment(r.FIRST + hour), run)
    )  # fmt: skip
    return numbers_of(row["packed"], (2, len(CONTRIBUTORS))).astype(float)


def test_a_message_gives_back_what_half_precision_holds_whole():
    for block in (tags(1), tags(2, hours=1, places=POINTS[:1])):
        for made in (block, replace(block, definition="removal", values=-block.values)):
            read = messages.block_from(messages.block_line(made))
            assert (read.quantities, read.contributors, read.definition) == (
                made.quantities,
                made.contributors,
                made.definition,
            )
            np.testing.assert_array_equal(read.values, made.values)


@given(st.lists(st.floats(-60_000, 60_000), min_size=1, max_size=40))
def test_a_packed_number_is_within_a_thousandth_of_itself(numbers):
    """IEEE 754 binary16: 11 bits of significand, so 2^-11 of the value; below 2^-14 half a step of 2^-24."""
    values = np.array(numbers).reshape(1, -1, 1)
    (text,) = contents(values)
    found = numbers_of(text, values.shape[:2]).astype(float)[..., None]
    assert (np.abs(found - values) <= np.maximum(np.abs(values) * 2**-11, 2**-25)).all()


def test_a_station_has_what_its_file_says_and_the_city_the_mean_over_its_points():
    block = tags(1, places=(*POINTS, "Z9"))
    desks = taken(block)
    run = block.run
    np.testing.assert_array_equal(told(desks, POINTS[2], 7, run=run), block.values[:, :, 2, 7])
    mean = block.values[:, :, :4, 7].mean(axis=2)  # Z9 is no assessment point: HJ 663-2013 3.3
    np.testing.assert_allclose(told(desks, CITY, 7, run=run), mean, rtol=2**-10)
    rows = desks.rows()
    assert {row["points"] for (place, *_), row in rows["tag_hour"].items() if place == CITY} == {4}
    assert len(rows["tag_hour"]) == 30 * 6 and len(rows["tag_axes"]) == 1


def test_a_city_without_points_is_what_the_file_says_of_it_as_a_whole():
    block = tags(1, places=(CITY_MEAN,))
    rows = taken(block).rows()["tag_hour"]
    assert {place for place, *_ in rows} == {CITY} and {row["points"] for row in rows.values()} == {0}
    both = tags(2, places=(CITY_MEAN, *POINTS), received_at=1.0)
    assert {row["points"] for row in taken(both).rows()["tag_hour"].values() if row["points"] is not None} == {4}


def test_the_release_that_came_last_wins_in_whatever_order_they_come():
    first, second = tags(1, released_at=100.0), tags(2, hours=12, released_at=200.0)
    simulated_no_more = tags(3, hours=5, released_at=50.0, simulated=False)
    expected = taken(first, second, simulated_no_more).rows()["tag_hour"]
    for order in itertools.permutations((first, second, simulated_no_more)):
        parts = [part for block in order for part in cut(block, 7)]
        assert taken(*parts).rows()["tag_hour"] == expected
    run = first.run
    desks = taken(first, second, simulated_no_more)
    for hour, block in ((2, simulated_no_more), (9, second), (20, first)):
        np.testing.assert_array_equal(told(desks, POINTS[0], hour, run=run), block.values[:, :, 0, hour])


def test_a_file_of_ozone_alone_takes_no_pm25_away():
    both, ozone = tags(1, released_at=100.0), tags(2, released_at=200.0, quantities=("o3",))
    rows = taken(both, ozone).rows()
    assert len(rows["tag_axes"]) == 2 and len(rows["tag_hour"]) == 2 * 30 * 5


def test_an_hour_that_says_nothing_any_more_is_told_as_such():
    block = tags(1, released_at=100.0)
    values = block.values.copy()
    values[..., 3] = np.nan
    desks = taken(block, replace(block, values=values, released_at=200.0, digest="ff" * 32))
    assert np.isnan(told(desks, POINTS[1], 3, run=block.run)).all()
    # The first to come without a value gives no row.
    assert len(taken(replace(block, values=values)).rows()["tag_hour"]) == 29 * 5


def test_a_release_that_takes_its_points_back_takes_the_city_back():
    block = tags(1, released_at=100.0)
    gone = replace(block, values=np.full_like(block.values, np.nan), released_at=200.0, digest="ff" * 32)
    desks = taken(block, gone)
    assert np.isnan(told(desks, CITY, 3, run=block.run)).all()
    # A file of other stations says nothing of the city.
    strangers = replace(tags(2, places=("Z9",)), released_at=300.0)
    assert np.isfinite(told(taken(block, strangers), CITY, 3, run=block.run)).all()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9)), min_size=1, max_size=5))
def test_every_row_is_accepted_or_known_and_none_twice(came):
    blocks = [part for seed, size in came for part in cut(tags(seed, hours=18, released_at=float(seed)), size)]
    desks = taken(*blocks)
    counts = [c for (source, _), c in desks.rows()["source_hour"].items() if source == "tags"]
    assert sum(c["accepted"] + c["duplicate"] for c in counts) == len(came) * 18 * 4
    assert sum(c["late"] for c in counts) == 0
    again = taken(*blocks, *blocks)
    assert again.rows()["tag_hour"] == desks.rows()["tag_hour"]
    counted = [c for (source, _), c in again.rows()["source_hour"].items() if source == "tags"]
    assert sum(c["accepted"] for c in counted) == sum(c["accepted"] for c in counts)


def test_a_year_of_runs_does_not_grow_what_a_live_run_asks(tmp_path):
    """Two runs a day: what lies in the keyed state is bounded, and a run asks for its own piece alone."""

    def asked(runs: int) -> tuple[int, int]:
        desks = r.Desks(archive=tmp_path / f"{runs}")
        for n in range(runs):
            desks.take(tags(n % 50, hours=2, run_init=INIT + 12 * n, first_hour=r.FIRST + 12 * n))
        watched = desks.pieces[CITY] = _Watched(desks.pieces[CITY])
        desks.take(tags(7, hours=2, run_init=INIT + 12 * runs, first_hour=r.FIRST + 12 * runs))
        whole = [key for key, value in watched.items() if not isinstance(value, str)]
        return len(watched.asked), len(whole)

    assert asked(730) == asked(60)


def test_rows_of_a_run_whose_piece_is_damaged_are_late_and_all_others_are_not(tmp_path):
    desks = r.Desks(archive=tmp_path)
    for n in range(60):
        desks.take(tags(n, hours=2, run_init=INIT + 12 * n, first_hour=r.FIRST + 12 * n))
    for path in tmp_path.rglob("tTWIN-A_*"):
        path.write_bytes(b"damaged")
    desks.take(tags(70, hours=2, run_init=INIT, first_hour=r.FIRST))
    desks.take(tags(70, hours=2, run_init=INIT + 12 * 59, first_hour=r.FIRST + 12 * 59, released_at=9000.0))
    books = [row for (source, _), row in desks.rows()["source_hour"].items() if source == "tags"]
    assert sum(row["late"] for row in books) == 2 * 4 and sum(row["accepted"] for row in books) == 61 * 2 * 4
    (said,) = desks.rejected
    assert "damaged" in said.reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantities": ("pm25", "o3")}, "quantities are"),
        ({"contributors": (("coal", ALL), ("coal", ALL), (ALL, OUTSIDE))}, "no repetition"),
        ({"contributors": (("coal", OUTSIDE), ("vehicles", ALL), (ALL, OUTSIDE))}, "outside has no sector"),
        ({"contributors": (("soot", ALL), ("vehicles", ALL), (ALL, OUTSIDE))}, "'soot' is none of"),
        ({"definition": "share"}, "definition is 'share'"),
        ({"run_init": r.FIRST + 1}, "before the run's start"),
        ({"model": "M" * 23}, "model is"),
    ],
)
def test_a_block_that_cannot_be_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        replace(tags(1), **changes)


def test_a_block_with_a_part_of_an_hour_or_an_impossible_number_is_refused():
    for value, said in (
        (np.nan, "some contributors only"),
        (np.inf, "expected -60000 to 60000"),
        (60_001.0, "is 60001"),
    ):
        values = tags(1).values
        values[1, 2, 3, 4] = value
        with pytest.raises(ValueError, match=said):
            replace(tags(1), values=values)
    values = tags(1).values
    values[1, 2] = np.nan  # not told of PM2.5 at all
    assert replace(tags(1), values=values).hours == 30
