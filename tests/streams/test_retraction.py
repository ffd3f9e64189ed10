"""Wrong input is taken out again by the way of the data: what lay beneath comes back, books balance, and order does not matter."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil

import pytest
import sqlalchemy as sa

from streams.history.runner import History
from streams.history.store_sink import StoreSink
from streams.intake.retraction import NothingToRetract, Said, Wrong, plan, publish
from streams.store import open_store
from streams.store.history import superseded
from streams.store.schema import air_city_hour, air_station_hour, metadata
from streams.wire import messages
from streams.wire.topics import open_topic
from tests.streams.test_releases import CORRECTED, FIRST, HOUR, ROSTER, SEEN, Platform

SAID = Said("b.csv", "wang", "wrong units", SEEN + 86_400.0)
EPOCH_HOUR = int((HOUR - dt.datetime(1970, 1, 1)).total_seconds() // 3600)


@pytest.fixture
def platform(store, tmp_path) -> Platform:
    return Platform(tmp_path, store)


def retract(platform: Platform, wrong: Wrong, said: Said = SAID):
    found = plan(platform.folder / "topics", wrong, said)
    publish(platform.folder / "topics", found, said)
    platform.assess()
    return found


def city(platform: Platform) -> dict:
    c = air_city_hour.c
    (row,) = platform.rows(air_city_hour, c.city == "510100", c.hour_end == HOUR)
    return row


def test_of_a_file_that_is_taken_out_the_earlier_release_comes_back_with_its_own_trace(platform):
    platform.bring("a.csv", FIRST.replace("940", "44"), SEEN)
    platform.assess()
    before, mean = platform.station(), city(platform)
    platform.bring("b.csv", FIRST, SEEN + 60)
    platform.assess()
    assert platform.station()["pm25_ugm3"] == 940.0
    found = retract(platform, Wrong(file="b.csv"))
    assert found.rows == found.rows_restored == 3
    after = platform.station()
    assert after["pm25_ugm3"] == 44.0 and after["file_digest"] == before["file_digest"]
    assert city(platform)["pm25_ugm3"] == mean["pm25_ugm3"] == pytest.approx((44 + 40 + 40) / 3, abs=0.001)
    assert [row["pm25_ugm3"] for row in superseded(platform.store, "air_station_hour", "1431A", HOUR)] == [44.0, 940.0]
    platform.require_balance()


def test_of_a_file_alone_nothing_is_left_and_the_books_name_who_and_why(platform):
    platform.bring("b.csv", FIRST, SEEN)
    platform.assess()
    found = retract(platform, Wrong(file="b.csv"))
    assert (found.rows, found.rows_restored) == (3, 0)
    assert platform.station()["pm25_ugm3"] is None and city(platform)["pm25_ugm3"] is None
    book = platform.files()["retraction of b.csv, by wang: wrong units"]
    assert (book["rows_in"], book["accepted"]) == (3, 3)
    assert platform.station()["file_digest"] == book["digest"][:15]
    platform.require_balance()
    with pytest.raises(NothingToRetract):
        plan(platform.folder / "topics", Wrong(file="b.csv"), SAID)


def test_what_was_superseded_is_not_taken_out_again(platform):
    platform.bring("b.csv", FIRST, SEEN)
    platform.bring("c.csv", CORRECTED, SEEN + 60)
    platform.assess()
    # Of the three stations only one differs, but all three rows are those of the later file.
    with pytest.raises(NothingToRetract):
        plan(platform.folder / "topics", Wrong(file="b.csv"), SAID)
    assert platform.station()["pm25_ugm3"] == 42.0


def test_the_same_file_brought_again_is_a_new_delivery(platform):
    platform.bring("b.csv", FIRST, SEEN)
    platform.assess()
    retract(platform, Wrong(file="b.csv"))
    platform.publisher.publish(again(platform, "b.csv"))
    platform.assess()
    assert platform.station()["pm25_ugm3"] == 940.0
    platform.require_balance()


def again(platform: Platform, name: str):
    path = platform.folder / "inbox" / name
    os.utime(path, (SEEN + 1, SEEN + 1))
    return path


@pytest.mark.parametrize(
    ("wrong", "rows"),
    [
        (Wrong(first=EPOCH_HOUR, end=EPOCH_HOUR + 1), 3),
        (Wrong(source="china_sites", first=EPOCH_HOUR, end=EPOCH_HOUR + 1), 3),
        (Wrong(first=EPOCH_HOUR + 1, end=EPOCH_HOUR + 9), None),
        (Wrong(source="other"), None),
    ],
)
def test_hours_and_sources_are_taken_out_and_nothing_beside_them(platform, wrong, rows):
    platform.bring("b.csv", FIRST, SEEN)
    if wrong.source == "china_sites":
        (source,) = {row["source"] for row in (platform.assess(), platform.rows(air_station_hour))[1]}
        wrong = Wrong(source=source, first=wrong.first, end=wrong.end)
    if rows is None:
        with pytest.raises(NothingToRetract):
            plan(platform.folder / "topics", wrong, SAID)
    else:
        assert plan(platform.folder / "topics", wrong, SAID).rows == rows


@pytest.mark.parametrize("seed", range(3))
def test_a_recomputation_of_the_topics_in_any_order_gives_the_same_rows(platform, tmp_path, seed):
    platform.bring("a.csv", FIRST.replace("940", "44"), SEEN)
    platform.bring("b.csv", FIRST, SEEN + 60)
    publish(platform.folder / "topics", plan(platform.folder / "topics", Wrong(file="b.csv"), SAID), SAID)
    platform.assess()
    # The segments anew, in another order: a name begins with the moment of its writing.
    mixed, name = tmp_path / "mixed" / "topics", messages.TOPICS[messages.OBSERVATION]
    lines = [line for part in open_topic(platform.folder / "topics" / name).segments()
             for line in open_topic(platform.folder / "topics" / name).read(part)]  # fmt: skip
    random.Random(seed).shuffle(lines)
    for number, line in enumerate(lines):
        open_topic(mixed / name).append([line], key=str(number))
    other = open_store(tmp_path / "mixed" / "store.sqlite")
    History(mixed, tmp_path / "mixed" / "history", ROSTER, StoreSink(other), workers=0).run()
    for table in ("air_station_hour", "air_city_hour", "air_station_day"):
        said = [rows_of(engine, metadata.tables[table]) for engine in (platform.store, other)]
        assert said[0] == said[1] and said[0]
    other.dispose()
    shutil.rmtree(tmp_path / "mixed")


def rows_of(engine: sa.Engine, table: sa.Table) -> list:
    columns = [column for column in table.c if column.name not in ("version", "received_at")]
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*table.primary_key))]
