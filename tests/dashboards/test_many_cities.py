"""A region may have many more cities than eight: they are all stored and all shown, in each kind of database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from dashboards.context import Scene
from dashboards.moment import at
from dashboards.text import Text
from dashboards.view import View
from streams import registry
from streams.registry.places import City
from streams.store import begin_write
from streams.store.episodes import episodes_at
from streams.store.lines import EPOCH
from streams.store.upserts import upsert
from tests.streams.store.decoding import decoded

CODES = tuple(str(410_100 + 100 * n) for n in range(30))
HOUR = dt.timedelta(hours=1)
FIRST, HOURS = 465_000, 72
NEWEST = EPOCH + (FIRST + HOURS - 1) * HOUR
TRACE = {"edition": "HJ633-2012", "simulated": False, "version": 1}


@pytest.fixture
def many(store) -> registry.Registry:
    """Thirty cities that join a haze one after the other, hour by hour, from the twelfth hour on."""
    hours = np.arange(FIRST, FIRST + HOURS)
    batches = [
        decoded("air_city_hour", {
            "city": code, "hour_end": hours, "pm25_24h_ugm3": np.where(hours - FIRST >= 12 + n, 100.0 + n, 40.0),
            "aqi": 50 + n, "status": 0, "revision": 0, **TRACE,
        })
        for n, code in enumerate(CODES)
    ]  # fmt: skip
    joined = " ".join(f"{code}@{EPOCH + (FIRST + 12 + n) * HOUR:%m-%dT%HZ}" for n, code in enumerate(CODES))
    episode = decoded("episode_event", {
        "episode": ["haze/x"], "kind": "haze", "start": FIRST + 13, "peak": FIRST + 41, "end": None, "phase": "easing",
        "peak_value_ugm3": 129.0, "peak_city": CODES[-1], "growth_ugm3_per_h": 1.0, "cities": joined,
        "city_hours": 1365, **TRACE,
    })  # fmt: skip
    with begin_write(store) as connection:
        for batch in (*batches, episode):
            upsert(connection, [batch])
    cities = {code: City(code, f"城{n}", f"City{n}", 103.0 + n / 10, 30.0) for n, code in enumerate(CODES)}
    return registry.Registry(cities, {}, registry.load().outlines_path)


def scene_of(connection: sa.Connection, many: registry.Registry, hour: dt.datetime | None = None) -> Scene:
    return Scene(connection, View(CODES[0]), at(NEWEST, NEWEST, hour), Text("zh"), many)


def test_an_episode_of_thirty_cities_is_stored_and_shown_whole(store, many, overview) -> None:
    with store.connect() as connection:
        (row,) = episodes_at(connection, NEWEST, CODES, newest=NEWEST)
        assert len(row["cities"].split()) == 30
        shown = str(overview._episodes(scene_of(connection, many)))
    assert " → ".join(f"城{n}" for n in range(30)) in shown


def test_going_back_it_has_the_cities_that_had_joined(store, many) -> None:
    with store.connect() as connection:
        (row,) = episodes_at(connection, EPOCH + (FIRST + 20) * HOUR, CODES, newest=NEWEST)
    assert [joined.partition("@")[0] for joined in row["cities"].split()] == list(CODES[:9])
    assert (row["phase"], row["peak_city"], row["city_hours"]) == ("growing", CODES[8], 44)


def test_every_section_draws_thirty_cities(store, many, sections) -> None:
    with store.connect() as connection:
        for hour in (None, NEWEST - HOUR):
            drawn = {name: str(part.render(scene_of(connection, many, hour))) for name, part in sections.items()}
            assert all(code in drawn["cities"] and code in drawn["region"] for code in CODES)


def test_a_code_that_is_no_number_is_shown_by_its_name(store, many, overview) -> None:
    named = replace(many, cities={"north": City("north", "北城", "North", 103.0, 30.0)})
    with begin_write(store) as connection:
        connection.exec_driver_sql("UPDATE episode_event SET cities = 'north@01-01T00Z', version = 2")
    with store.connect() as connection:
        assert "北城" in str(overview._episodes(scene_of(connection, named)))
