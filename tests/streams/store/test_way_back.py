"""The way back from a row: the files of its feed that reach over its hour, and the versions that a revision replaced."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from streams.store import begin_write
from streams.store.history import source_files, superseded, superseded_rows
from streams.store.schema import source_file
from streams.store.upserts import upsert
from tests.streams.store.decoding import decoded

NOON = dt.datetime(2023, 1, 19, 12)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def file(store, name: str, first: dt.datetime, last: dt.datetime, *, source: str = "cnemc", received=NOON) -> None:
    row = {
        "digest": name.rjust(64, "0"), "file": f"{name}.csv", "source": source, "first_hour": first, "last_hour": last,
        "rows_in": 1, "rejected": 0, "simulated": False, "received_at": received,
    }  # fmt: skip
    with begin_write(store) as connection:
        connection.execute(sa.insert(source_file), [row])


def names(store, hour: dt.datetime, **options) -> list[str]:
    with store.connect() as connection:
        return [row["file"].removesuffix(".csv") for row in source_files(connection, "cnemc", hour, **options)]


@pytest.fixture
def files(store):
    file(store, "hour", NOON, NOON)
    file(store, "later", NOON + HOUR, NOON + HOUR)
    file(store, "day", NOON - 12 * HOUR, NOON + 11 * HOUR, received=NOON + DAY)
    file(store, "other", NOON, NOON, source="station-csv")
    file(store, "decade", NOON - 900 * DAY, NOON + 900 * DAY, received=NOON + 2 * DAY)
    return store


def test_files_that_reach_over_the_hour_are_given_the_one_received_last_first(files):
    assert names(files, NOON) == ["day", "hour"]
    assert names(files, NOON + HOUR) == ["day", "later"]
    assert names(files, NOON, count=1) == ["day"]
    assert names(files, NOON.replace(tzinfo=dt.timezone(8 * HOUR)) + 8 * HOUR) == ["day", "hour"]


def test_a_file_of_many_years_is_found_where_there_is_no_other(files):
    assert names(files, NOON - 100 * DAY) == ["decade"]
    assert names(files, NOON + 901 * DAY) == []


def station(code: str, version: int, pm25: float, *, revision: int = 0, hour: int = 465_000):
    return decoded("air_station_hour", {
        "station": code, "hour_end": [hour], "pm25_ugm3": pm25, "edition": "x", "status": 0, "revision": revision,
        "simulated": False, "version": version,
    })  # fmt: skip


def test_the_replaced_versions_of_several_rows_come_at_once(store):
    moment = dt.datetime(2023, 1, 18)
    with begin_write(store) as connection:
        for rows in (
            station("A", 1, 10.0), station("A", 2, 20.0, revision=1), station("A", 3, 30.0, revision=2),
            station("B", 1, 5.0), station("B", 2, 6.0, revision=1), station("B", 1, 7.0, hour=465_001), station("C", 1, 8.0),
        ):  # fmt: skip
            upsert(connection, [rows])
    with store.connect() as connection:
        found = superseded_rows(connection, "air_station_hour", [(code, moment) for code in "ABC"])
        assert {place: [row["pm25_ugm3"] for row in rows] for (place, _), rows in found.items()} == {
            "A": [10.0, 20.0], "B": [5.0],
        }  # fmt: skip
        assert superseded_rows(connection, "air_station_hour", []) == {}
    assert [row["pm25_ugm3"] for row in superseded(store, "air_station_hour", "A", moment)] == [10.0, 20.0]
