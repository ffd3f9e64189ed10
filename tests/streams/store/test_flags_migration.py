"""A store of the first schema takes the columns of flags, keeps its rows, and goes on keeping what is superseded."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import command

from streams.store import begin_write, open_store
from streams.store.connect import _config
from streams.store.history import superseded
from streams.store.upserts import upsert
from streams.store.views import drop_views
from tests.streams.store.decoding import decoded

HOUR = 465_000
MOMENT = dt.datetime(2023, 1, 18)


def row(version: int, **fields):
    return decoded("air_station_hour", {
        "station": "A", "hour_end": [HOUR], "pm25_ugm3": 9999.0, "edition": "x", "status": 0, "revision": 0, "simulated": False,
        "version": version, **fields,
    })  # fmt: skip


def test_rows_survive_the_upgrade_and_their_flags_go_into_the_history(store, store_url) -> None:
    config = _config()
    with begin_write(store) as connection:
        upsert(connection, [row(1)])
        config.attributes["connection"] = connection
        drop_views(connection)
        command.downgrade(config, "0001")
    assert "suspect" not in {column["name"] for column in sa.inspect(store).get_columns("air_station_hour")}
    open_store(store_url).dispose()
    with begin_write(store) as connection:
        upsert(connection, [row(2, flags="spike:pm25", suspect="pm25", suspect_means="pm25")])
        upsert(connection, [row(3, flags="spike:pm25", suspect="", suspect_means="", status=1)])
    (was,) = superseded(store, "air_station_hour", "A", MOMENT)
    assert (was["version"], was["flags"], was["suspect"], was["pm25_ugm3"]) == (2, "spike:pm25", "pm25", 9999.0)
