"""A database laid out by NumPy is sound, and SQLite stores from it the very same as from one row after the other."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from streams.store import begin_write, image, into_sqlite, open_store
from streams.store.rows import decoded
from streams.store.upserts import upsert
from tests.streams.store.random_rows import WORDS, made


@pytest.mark.parametrize("count", [1, 2, 150, 700, 2_500, 9_000])
def test_sqlite_stores_the_very_same_from_an_image_as_from_one_row_after_the_other(tmp_path, monkeypatch, count):
    monkeypatch.setattr(into_sqlite, "TOGETHER", 1)
    rows = decoded(made(np.random.default_rng(count), "air_station_hour", count, words=WORDS[:4]))
    columns = ", ".join(f'"{name}", typeof("{name}")' for name in rows.names)
    found = []
    for able in (True, False):
        monkeypatch.setattr(into_sqlite, "takes_images", lambda able=able: able)
        engine = open_store(tmp_path / f"{able}.sqlite")
        with begin_write(engine) as connection:
            upsert(connection, [rows])
        with engine.connect() as connection:
            query = f"SELECT {columns} FROM air_station_hour ORDER BY station, hour_end"
            found.append(connection.exec_driver_sql(query).all())
            assert connection.exec_driver_sql("PRAGMA main.integrity_check").all() == [("ok",)]
        engine.dispose()
    assert len(found[0]) == count
    assert found[0] == found[1]


@pytest.mark.parametrize("count", [1, 100, 5_000, 80_000])
def test_an_image_is_a_sound_database(monkeypatch, count):
    monkeypatch.setattr(image, "PAGES", 100)
    rows = decoded(made(np.random.default_rng(count), "air_city_hour", count))
    seen = 0
    for each in image.images(rows):
        connection = sqlite3.connect(":memory:")
        connection.deserialize(each)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (in_it,) = connection.execute(f"SELECT count(*) FROM {image.TABLE}").fetchone()
        seen += in_it
        connection.close()
    assert seen == count
    assert each.nbytes <= 102 * image.PAGE


def test_this_sqlite_can_be_given_an_image():
    assert into_sqlite.takes_images()
