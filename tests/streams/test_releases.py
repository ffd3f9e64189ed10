"""From files to the store: which release of an hour counts, what became of each file, and the way back from a row to its line."""

from __future__ import annotations

import datetime as dt
import json
import os
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from streams import sources
from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.ingest import by_release, ingest_path
from streams.intake.publisher import Publisher
from streams.registry import load
from streams.registry.roster import roster_of
from streams.store import open_dataset
from streams.store.history import files_named, superseded
from streams.store.materialiser import Materialiser
from streams.store.schema import (
    air_city_hour,
    air_station_hour,
    row_history,
    source_file,
    source_hour,
    voc_station_hour,
)
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams import replaying as r

REGISTRY = load()
ROSTER = roster_of(REGISTRY)
HOUR = dt.datetime(2024, 5, 11, 2)
"""10:00 of 2024-05-11 in Beijing."""
SEEN = 1_715_400_000.0
"""Moment of the first release: 2024-05-11 04:00 UTC."""
WIDE = "date,hour,type,1431A,1432A,1433A\n" + "".join(
    f"20240511,10,{kind},{value},{value},{value}\n"
    for kind, value in (("SO2", 5), ("NO2", 20), ("CO", 0.5), ("O3", 80), ("PM10", 60))
)
FIRST, CORRECTED, WITHDRAWN = (f"{WIDE}20240511,10,PM2.5,{pm25},40,40\n" for pm25 in ("940", "42", ""))
"""A national file as it came first, corrected, and with the hour of one station withdrawn: 940, 42 and no PM2.5."""


class Platform:
    """Files in, rows of a store out, by the desks of a history."""

    def __init__(self, folder: Path, store: sa.Engine) -> None:
        self.folder, self.store = folder, store
        self.publisher = Publisher(folder / "topics", REGISTRY, all_stations=False)

    def bring(self, name: str, text: str, released_at: float | None) -> None:
        """Lay a file into the inbox as it is brought, with the time at which it was written, and read it."""
        path = self.folder / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if released_at is not None:
            os.utime(path, (released_at, released_at))
        self.publisher.publish(path)

    def assess(self) -> None:
        """Take what is in the topics to the store."""
        topics = self.folder / "topics"
        History(topics, self.folder / "history", ROSTER, StoreSink(self.store), workers=1).run()
        intake = Materialiser(self.store, [open_topic(topics / messages.INTAKE_TOPIC)])
        while intake.step():
            pass

    def rows(self, table: sa.Table, *conditions) -> list[dict]:
        with self.store.connect() as connection:
            return [dict(row) for row in connection.execute(sa.select(table).where(*conditions)).mappings()]

    def station(self, code: str = "1431A", table: sa.Table = air_station_hour) -> dict:
        (row,) = self.rows(table, table.c.station == code, table.c.hour_end == HOUR)
        return row

    def files(self) -> dict[str, dict]:
        return {row["file"]: row for row in self.rows(source_file)}

    def require_balance(self) -> None:
        for row in (*self.rows(source_file), *self.rows(source_hour)):
            assert row["rows_in"] == sum(row[name] for name in ("accepted", "duplicate", "late", "rejected")), row


@pytest.fixture
def platform(store, tmp_path) -> Platform:
    return Platform(tmp_path, store)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_corrected_and_a_withdrawn_hour_replace_the_earlier_ones_and_both_are_in_the_history(
    platform, at_once
) -> None:
    for at, text in enumerate((FIRST, CORRECTED, WITHDRAWN)):
        platform.bring(f"{at}/china_sites_20240511.csv", text, SEEN + at)
        if not at_once:
            platform.assess()
    platform.assess()
    assert platform.station()["pm25_ugm3"] is None and platform.station("1432A")["pm25_ugm3"] == 40.0
    old = superseded(platform.store, "air_station_hour", "1431A", HOUR)
    assert [row["pm25_ugm3"] for row in old] == [940.0, 42.0]
    # Each replaced row still names its own file and the moment of its release.
    assert [dt.datetime.fromisoformat(str(row["released_at"])) for row in old] == [
        dt.datetime(2024, 5, 11, 4), dt.datetime(2024, 5, 11, 4, 0, 1),
    ]  # fmt: skip
    assert len({row["file_digest"] for row in (*old, platform.station())}) == 3
    (city,) = platform.rows(air_city_hour, air_city_hour.c.city == "510100", air_city_hour.c.hour_end == HOUR)
    assert city["pm25_ugm3"] == 40.0
    assert superseded(platform.store, "air_station_hour", "1432A", HOUR) == []
    platform.require_balance()


def test_of_each_file_it_is_known_what_became_of_its_rows(platform) -> None:
    for at, text in enumerate((FIRST, CORRECTED, WITHDRAWN)):
        platform.bring(f"{at}.csv", text, SEEN + at)
    platform.bring("again.csv", FIRST, SEEN + 9)
    platform.assess()
    counts = {
        name: tuple(row[each] for each in ("rows_in", "accepted", "duplicate", "late", "rejected"))
        for name, row in platform.files().items()
    }
    assert counts == {
        "0.csv": (3, 3, 0, 0, 0),
        "1.csv": (3, 1, 2, 0, 0),
        "2.csv": (3, 1, 2, 0, 0),
        "again.csv": (3, 0, 3, 0, 0),
    }
    platform.require_balance()


def test_an_old_file_sent_again_after_its_correction_undoes_nothing(platform) -> None:
    platform.bring("a.csv", FIRST, SEEN)
    platform.bring("b.csv", CORRECTED, SEEN + 60)
    for at, name in enumerate(("a.csv", "other/a.csv", "new_name.csv")):
        platform.bring(name, FIRST, SEEN + 600 + at)
    platform.bring("without_its_time.csv", FIRST, None)
    platform.assess()
    assert platform.station()["pm25_ugm3"] == 42.0
    assert [row["pm25_ugm3"] for row in superseded(platform.store, "air_station_hour", "1431A", HOUR)] == [940.0]
    platform.require_balance()


@pytest.mark.parametrize("names", list(permutations(("a.csv", "b.csv", "c/d.csv"))))
def test_a_history_that_holds_an_old_file_twice_ends_in_the_correction_whatever_the_files_are_called(
    platform, names
) -> None:
    for name, (text, at) in zip(names, ((FIRST, 0), (CORRECTED, 60), (FIRST, 600)), strict=True):
        path = platform.folder / "history_files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (SEEN + at, SEEN + at))
    ingest_path(platform.folder / "history_files", platform.folder / "topics", REGISTRY)
    platform.assess()
    assert platform.station()["pm25_ugm3"] == 42.0
    platform.require_balance()


def test_files_that_hold_the_same_bytes_are_read_in_the_order_in_which_they_were_written(tmp_path) -> None:
    for at, name in enumerate(("a.csv", "b.csv", "c.csv", "d.csv")):
        (tmp_path / name).write_text(CORRECTED if name == "b.csv" else FIRST, encoding="utf-8")
        os.utime(tmp_path / name, (SEEN - at, SEEN - at))
    (tmp_path / "empty").mkdir()
    found = [tmp_path / name for name in ("a.csv", "b.csv", "empty", "c.csv", "d.csv")]
    assert [path.name for path in by_release(found)] == ["d.csv", "b.csv", "empty", "c.csv", "a.csv"]


def test_what_was_delivered_first_when_outlives_the_process(platform) -> None:
    platform.bring("a.csv", FIRST, SEEN)
    platform.bring("b.csv", CORRECTED, SEEN + 60)
    platform.publisher = Publisher(platform.folder / "topics", REGISTRY, all_stations=False)
    platform.bring("c.csv", FIRST, SEEN + 600)
    platform.assess()
    assert platform.station()["pm25_ugm3"] == 42.0


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_files_that_come_in_any_order_end_in_the_last_release(tmp_path, order) -> None:
    texts, desks = (FIRST, CORRECTED, WITHDRAWN), r.Desks(ROSTER)
    for at, i in enumerate(order):
        path = tmp_path / f"{i}.csv"
        path.write_text(texts[i])
        for block in sources.parse_file(path, REGISTRY, received_at=SEEN + 100 + at, released_at=SEEN + i).blocks:
            desks.take(block)
    row = desks.rows()["air_station_hour"]["1431A", "2024-05-11 02:00:00.000000"]
    assert (row["pm25_ugm3"], row["released_at"]) == (None, "2024-05-11 04:00:02.000000")


@pytest.mark.parametrize("written", [SEEN + 10**9, 0.0, 315_532_800.0])
def test_a_time_after_the_receipt_or_of_no_clock_is_no_release(platform, written) -> None:
    platform.bring("a.csv", FIRST, written)
    platform.assess()
    row = platform.station()
    assert row["released_at"] == row["received_at"] and row["received_at"].year >= 2024


STATION = """station,hour_end,pm25_ugm3,released_at
1431A,2024-05-11T10:00+08:00,42,2024-05-11T12:00+08:00
1431A,2024-05-11T10:00+08:00,940,2024-05-11T11:00+08:00
1432A,2024-05-11T10:00+08:00,30,
1433A,2024-05-11T10:00+08:00,20,yesterday
1434A,2024-05-11T10:00+08:00,10,2099-01-01T00:00Z
"""


def test_a_row_may_tell_its_own_release_and_names_its_line(platform) -> None:
    platform.bring("stations.csv", STATION, SEEN)
    platform.assess()
    row, plain = platform.station(), platform.station("1432A")
    assert (row["pm25_ugm3"], row["line"], str(row["released_at"])) == (42.0, 2, "2024-05-11 04:00:00")
    assert (plain["line"], str(plain["released_at"])) == (4, "2024-05-11 04:00:00")
    (told,) = [b for b in sources.parse_file(platform.folder / "inbox" / "stations.csv", REGISTRY, received_at=2e9).blocks
               if b.released_at == SEEN - 3600]  # fmt: skip
    assert told.values[5, 0, 0] == 940.0 and told.lines.tolist() == [[3]]
    rejected = sources.parse_file(platform.folder / "inbox" / "stations.csv", REGISTRY, received_at=2e9).rejected
    assert [(each.position, each.reason, each.value) for each in rejected] == [
        ("line 5, column released_at", "unknown released_at", "yesterday"),
        ("line 6, column released_at", "unknown released_at", "2099-01-01t00:00z"),
    ]
    platform.require_balance()


VOC = """station,hour_end,released_at,toluene_ppb
S510100,2024-05-11T10:00+08:00,{first},9
S510100,2024-05-11T10:00+08:00,{second},2
"""


def test_compounds_follow_their_release_and_name_their_line(platform) -> None:
    registry = load()
    path = platform.folder / "voc.csv"
    path.write_text(VOC.format(first="2024-05-11T10:00Z", second="2024-05-11T09:00Z"))
    desks = r.Desks(ROSTER)
    for block in reversed(sources.parse_file(path, registry, all_stations=True, received_at=SEEN + 10**6).blocks):
        desks.take(block)
    (row,) = desks.rows()["voc_station_hour"].values()
    assert (json.loads(row["species_ppb"]), row["line"]) == ({"toluene": 9.0}, 2)
    assert {"file_digest", "line"} <= {*voc_station_hour.c.keys()}


def test_a_row_leads_to_the_name_of_its_file_in_the_store_and_in_a_dataset(platform) -> None:
    platform.bring("china_sites_20240511.csv", FIRST, SEEN)
    platform.assess()
    row, (file,) = platform.station(), platform.rows(source_file)
    assert file["digest"].startswith(row["file_digest"]) and row["line"] == 2
    with platform.store.connect() as connection:
        assert files_named(connection, [row["file_digest"], None, "0" * 15])[row["file_digest"]]["file"] == file["file"]
    dataset = open_dataset(platform.store, "air_station_hour").sel(station="1431A", hour_end=HOUR)
    assert dataset["file"].item() == "china_sites_20240511.csv" and dataset["line"].item() == 2
    assert dataset["released_at"].values == np.datetime64("2024-05-11T04:00:00")
    assert dataset["received_at"].values == np.datetime64(row["received_at"], "ns")


def test_a_type_that_a_file_repeats_corrects_that_item_alone(platform) -> None:
    platform.bring("a.csv", f"{FIRST}20240511,10,PM2.5,42,41,40\n", SEEN)
    platform.assess()
    row = platform.station()
    assert (row["pm25_ugm3"], row["so2_ugm3"], row["line"]) == (42.0, 5.0, 8)
    platform.require_balance()


def test_nothing_is_kept_where_nothing_was_replaced(platform) -> None:
    for at in range(3):
        platform.bring(f"{at}.csv", f"{FIRST}20240511,{11 + at},PM2.5,10,10,10\n", SEEN + at)
    platform.assess()
    assert platform.rows(row_history, row_history.c.table == "air_station_hour") == []


def _lines_of(folder: Path, text: str) -> dict[str, list[int]]:
    path = folder / "绵阳.csv"
    path.write_text(text, encoding="utf-8")
    (block,) = sources.parse_file(path, REGISTRY, received_at=SEEN).blocks
    return dict(zip(block.stations, block.lines.tolist(), strict=True))


NAMED = """Date,Hour,WatchPoint,AQI,Level,PrimaryPollution,PM2.5,PM10,CO,NO2,O3_1h,O3_8h,SO2
20240510,08,富乐山,28,优,"two
lines",12,22,0.4,15,90,71,3
,,,,,,,,,,,,
20240510,09,富乐山,29,优,NaN,13,23,0.4,16,88,74,3
"""
TRANSPOSED = (
    "date,20240510,20240510,20240510,20240510\nhour,8,8,9,9\ntype,PM2.5,PM10,PM2.5,PM10\n1431A,1,2,3,7\n1432A,4,5,6,8\n"
)


def test_each_layout_tells_the_line_or_column_of_an_hour(tmp_path) -> None:
    (lines,) = _lines_of(tmp_path, NAMED).values()
    assert lines == [2, 5]
    assert _lines_of(tmp_path, TRANSPOSED) == {"1431A": [2, 4], "1432A": [2, 4]}
    assert _lines_of(tmp_path, WIDE) == {code: [2] for code in ("1431A", "1432A", "1433A")}
