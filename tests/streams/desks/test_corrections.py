"""What a source publishes again takes the place of what it published before, lower or higher, whatever came first."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from streams.records import SPECIES, EmissionBlock
from tests.streams import replaying as r

CITY = "510100"
PM25 = 5


def _release(pm25: float, at: float, source: str = "cnemc-wide", **fields):
    values = np.full((6, 4, 1), 20.0)
    values[PM25] = pm25
    (block,) = r.blocks_of(CITY, values, source=source, **fields)
    return replace(block, received_at=at)


def _row(*blocks) -> dict:
    desks = r.Desks()
    for block in blocks:
        desks.take(block)
    return desks.rows()["air_station_hour"][r.STATIONS[CITY][0], r.moment(r.FIRST)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_lower_release_of_the_same_source_corrects_a_higher_one_and_a_withdrawal_both(order) -> None:
    releases = [_release(940.0, 1.0), _release(42.0, 2.0), _release(np.nan, 3.0)]
    assert _row(*releases[:2])["pm25_ugm3"] == 42.0
    close = [replace(block, received_at=1.7e9 + at * 1e-5) for at, block in enumerate(releases)]
    assert _row(*(close[i] for i in order))["pm25_ugm3"] is None
    assert _row(*(releases[i] for i in order))["pm25_ugm3"] is None


def test_a_row_without_any_value_of_another_source_hides_none_and_a_later_one_with_values_does() -> None:
    ours, empty = (
        _release(42.0, 1.0),
        replace(_release(np.nan, 9.0, source="z-feed"), values=np.full((6, 4, 1), np.nan)),
    )
    later = _release(30.0, 9.0, source="z-feed")
    for blocks in permutations((ours, empty)):
        row = _row(*blocks)
        assert (row["pm25_ugm3"], row["source"]) == (42.0, "cnemc-wide")
    for blocks in permutations((ours, later)):
        row = _row(*blocks)
        assert (row["pm25_ugm3"], row["source"]) == (30.0, "z-feed")


def test_a_withdrawal_of_one_source_gives_the_hour_to_another() -> None:
    one, other = _release(50.0, 2.0), _release(42.0, 1.0, source="z-feed")
    withdrawn = replace(_release(50.0, 3.0), values=np.full((6, 4, 1), np.nan))
    assert _row(one, other)["pm25_ugm3"] == 50.0
    for blocks in permutations((one, other, withdrawn)):
        row = _row(*blocks)
        assert (row["pm25_ugm3"], row["source"]) == (42.0, "z-feed")


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_what_was_released_later_counts_also_where_it_was_received_first(order) -> None:
    old, new = (replace(_release(pm25, 9.0 - at), released_at=at) for pm25, at in ((940.0, 1.0), (42.0, 2.0)))
    assert _row(*((old, new)[i] for i in order))["pm25_ugm3"] == 42.0


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_of_two_lines_of_a_file_for_one_hour_the_later_counts_and_one_with_values_before_one_without(order) -> None:
    def at(line: int, **changed):
        return replace(
            _release(42.0, 1.0), lines=np.full((4, 1), line, np.int32), digest="ab" * 32, file="a.csv", **changed
        )

    first, last = at(2, values=np.full((6, 4, 1), 900.0)), at(9)
    empty = at(9, values=np.full((6, 4, 1), np.nan))
    assert _row(*((first, last)[i] for i in order))["pm25_ugm3"] == 42.0
    row = _row(*((first, empty)[i] for i in order))
    assert (row["pm25_ugm3"], row["line"], row["file_digest"]) == (900.0, 2, "ab" * 7 + "a")


def test_a_reviewed_row_stays_whatever_comes_later_unreviewed() -> None:
    reviewed = _release(30.0, 1.0, status="reviewed")
    for blocks in permutations((reviewed, _release(90.0, 5.0), _release(10.0, 9.0))):
        assert _row(*blocks)["pm25_ugm3"] == 30.0


def test_a_row_that_comes_again_as_it_was_is_a_duplicate_and_still_counts_as_the_later() -> None:
    desks = r.Desks()
    for block in (_release(50.0, 1.0), _release(50.0, 3.0), _release(80.0, 2.0)):
        desks.take(block)
    rows = desks.rows()
    assert rows["air_station_hour"][r.STATIONS[CITY][0], r.moment(r.FIRST)]["pm25_ugm3"] == 50.0
    counts = rows["source_hour"]["cnemc-wide", r.FIRST]
    assert (counts["accepted"], counts["duplicate"]) == (4, 8)


def _inventory(kgh: float, at: float, **fields) -> EmissionBlock:
    values = np.full((1, len(SPECIES), 2), kgh)
    return EmissionBlock(
        source="emissions", city=CITY, inventory="made-2022", sectors=("coal",), first_hour=r.FIRST, values=values,
        received_at=at, **fields,
    )  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_the_inventory_says_beneath_a_measurement_is_kept_and_follows_its_corrections(order) -> None:
    """The row tells what counts and, for each number that was measured, what had been told."""
    measured = replace(_inventory(30.0, 3.0, measured=True), inventory="measured cems")
    only_so2 = np.where(np.arange(len(SPECIES))[None, :, None] == SPECIES.index("so2"), measured.values, np.nan)
    blocks = [_inventory(100.0, 1.0), _inventory(60.0, 2.0), replace(measured, values=only_so2)]
    desks = r.Desks()
    for i in order:
        desks.take(blocks[i])
    row = desks.rows()["emission_city_hour"][CITY, r.moment(r.FIRST)]
    told = json.loads(row["sectors"])
    assert (row["so2_kgh"], row["nox_kgh"]) == (30.0, 60.0) and told["beneath"] == [["coal", "so2", 60.0]]
    desks = r.Desks()
    desks.take(blocks[0])
    assert "beneath" not in json.loads(desks.rows()["emission_city_hour"][CITY, r.moment(r.FIRST)]["sectors"])


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_an_inventory_read_again_with_less_says_less(order) -> None:
    releases = [_inventory(100.0, 1.0), _inventory(60.0, 2.0)]
    desks = r.Desks()
    for i in order:
        desks.take(releases[i])
    assert desks.rows()["emission_city_hour"][CITY, r.moment(r.FIRST)]["so2_kgh"] == 60.0


def test_parts_of_an_inventory_that_leave_a_species_out_take_none_away() -> None:
    whole, part = _inventory(100.0, 1.0), _inventory(50.0, 2.0)
    values = part.values.copy()
    values[:, 1:] = np.nan
    desks = r.Desks()
    for block in (whole, replace(part, values=values)):
        desks.take(block)
    row = desks.rows()["emission_city_hour"][CITY, r.moment(r.FIRST)]
    assert (row["so2_kgh"], row["nox_kgh"]) == (50.0, 100.0)


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_of_measured_emissions_the_later_release_counts_whatever_its_name(order) -> None:
    first = replace(_inventory(100.0, 1.0, measured=True), inventory="measured z-cems")
    again = replace(_inventory(60.0, 2.0, measured=True), inventory="measured a-cems-corrected")
    desks = r.Desks()
    for i in order:
        desks.take((first, again)[i])
    assert desks.rows()["emission_city_hour"][CITY, r.moment(r.FIRST)]["so2_kgh"] == 60.0
