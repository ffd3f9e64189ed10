"""A file that speaks of some items alone takes nothing away of the others, in whatever order the files of a source come."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from streams import registry, sources
from streams.registry.roster import roster_of
from tests.streams.replaying import Desks

REGISTRY = registry.load()
FILES = {
    "pm.csv": "station,hour_end,status,pm25_ugm3\n1431A,2024-01-01T01:00+08:00,{pm},33\n",
    "so2.csv": "station,hour_end,so2_ugm3\n1431A,2024-01-01T01:00+08:00,7\n",
    "o3.csv": "station,hour_end,o3_ugm3,so2_ugm3\n1431A,2024-01-01T01:00+08:00,50,9\n",
}


def told(tmp_path: Path, files: list[tuple[str, str, float]]) -> dict:
    """Give the row of the station after files of name, text and moment of release."""
    desks = Desks(roster_of(REGISTRY))
    for name, text, released in files:
        (tmp_path / name).write_text(text, encoding="utf-8")
        parsed = sources.parse_file(tmp_path / name, REGISTRY, received_at=9e8, released_at=released)
        assert parsed.blocks and not parsed.rejected
        for block in parsed.blocks:
            desks.take(block)
    (row,) = desks.rows()["air_station_hour"].values()
    return row


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_each_item_is_that_of_the_last_release_that_speaks_of_it(tmp_path, order):
    released = {"pm.csv": 8e8, "so2.csv": 8.2e8, "o3.csv": 8.1e8}
    files = [(name, text.format(pm="reviewed"), released[name]) for name, text in FILES.items()]
    row = told(tmp_path, [files[i] for i in order])
    # Ozone has one file; of SO2 there are two, and the later release says 7; nobody takes the PM2.5 away.
    assert (row["pm25_ugm3"], row["so2_ugm3"], row["o3_ugm3"]) == (33.0, 7.0, 50.0)
    assert row["status"] == "provisional", "not all that the row is made of was reviewed"


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_a_later_file_of_all_items_withdraws_what_it_has_empty(tmp_path, order):
    columns = "so2_ugm3,no2_ugm3,co_mgm3,o3_ugm3,pm10_ugm3,pm25_ugm3"
    whole = f"station,hour_end,{columns}\n1431A,2024-01-01T01:00+08:00,5,,,,,\n"
    files = [
        ("pm.csv", FILES["pm.csv"].format(pm="provisional"), 8e8),
        ("so2.csv", FILES["so2.csv"], 8.2e8),
        ("all.csv", whole, 8.1e8),
    ]
    row = told(tmp_path, [files[i] for i in order])
    assert (row["pm25_ugm3"], row["so2_ugm3"]) == (None, 7.0)


def test_what_is_simulated_fills_no_row_that_is_measured(tmp_path):
    made_up = "station,hour_end,simulated,pm25_ugm3\n1431A,2024-01-01T01:00+08:00,true,99\n"
    files = [("made.csv", made_up, 8.3e8), ("so2.csv", FILES["so2.csv"], 8e8)]
    for order in (files, files[::-1]):
        row = told(tmp_path, order)
        assert (row["pm25_ugm3"], row["so2_ugm3"], row["simulated"]) == (None, 7.0, False)


def test_a_wide_file_without_an_item_takes_nothing_of_it_away(tmp_path):
    first = "date,hour,type,1431A\n20240101,1,PM2.5,33\n20240101,1,AQI,50\n"
    second = "date,hour,type,1431A\n20240101,1,SO2,7\n20240101,1,CO,0.5\n"
    row = told(tmp_path, [("a.csv", first, 8e8), ("b.csv", second, 8.1e8)])
    assert (row["pm25_ugm3"], row["so2_ugm3"], row["co_mgm3"]) == (33.0, 7.0, 0.5)
