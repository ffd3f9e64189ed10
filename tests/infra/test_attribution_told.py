"""What `airshed attribute` says when it is done: of the newest day of each city, in words, as the page says it."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import typer

from infra.attribution import attribute_history, newest_days
from infra.datadir import DataDirectory
from infra.messages import catalogue
from streams import registry
from streams.store import begin_write, open_store
from streams.store.schema import air_city_hour, attribution
from tests.dashboards import attributed

CITIES = tuple(registry.load().cities)
LAST = dt.datetime(2023, 1, 20, 16)
"""The hour that ends the natural day of 20 January in Beijing."""


@pytest.fixture
def store(tmp_path) -> str:
    url = f"sqlite:///{tmp_path}/store.sqlite"
    engine = open_store(url)
    hour = {"city": CITIES[0], "hour_end": LAST, "edition": "2012", "status": "provisional", "revision": 0,
            "simulated": False, "version": 1}  # fmt: skip
    day = {"span": "day", "hours": 24}
    rows = [
        attributed.row(CITIES[0], CITIES, LAST, total=96.0, **day),
        attributed.row(CITIES[0], CITIES, LAST - dt.timedelta(days=1), total=50.0, **day),
        attributed.row(CITIES[1], CITIES, LAST, total=70.0, **day),
        attributed.row(CITIES[2], CITIES, LAST, total=70.0),  # an hour, which has no words
    ]
    with begin_write(engine) as connection:
        connection.execute(sa.insert(air_city_hour), [hour])
        connection.execute(sa.insert(attribution), rows)
    engine.dispose()
    return url


def test_it_tells_the_newest_day_of_each_city_in_the_words_that_are_stored(store, tmp_path):
    directory = DataDirectory(tmp_path)
    told = newest_days(store, directory, (), "en")
    assert [(each["city"], each["day"]) for each in told] == [("Chengdu", "2023-01-20"), ("Deyang", "2023-01-20")]
    assert told[0]["said"].startswith("PM₂.₅ averaged 96 µg/m³") and "coal burning or vehicles" in told[0]["said"]
    assert newest_days(store, directory, (CITIES[1],), "zh")[0]["city"] == "德阳"
    (earlier,) = newest_days(store, directory, (CITIES[0],), "en", "2023-01-20T10:00Z")
    assert earlier["day"] == "2023-01-19" and "50" in earlier["said"]
    assert set(catalogue()["attributed_day"]) == {"zh", "en"}


def test_a_store_without_hours_says_nothing(tmp_path):
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    open_store(url).dispose()
    assert newest_days(url, DataDirectory(tmp_path), (), "zh") == []


@pytest.mark.parametrize(
    ("start", "end", "cities", "said"),
    [
        ("2023-01-20T10:00Z", "2023-01-19T10:00Z", (), "end after its start"),
        ("2023-01-20T10:30Z", "", (), "whole hour"),
        ("0001-01-01T00:00+08:00", "", (), "ISO 8601"),
        ("", "9999-12-31T23:00-08:00", (), "ISO 8601"),
        ("yesterday", "", (), "ISO 8601"),
        ("", "", ("999999",), "999999, expected some of 510100"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_worked_out(store, tmp_path, start, end, cities, said):
    with pytest.raises(typer.BadParameter, match=said):
        attribute_history(
            DataDirectory(tmp_path), store, start, end, cities=cities, processes=1, progress=lambda *_: pytest.fail()
        )
