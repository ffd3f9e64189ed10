"""The store opens, upgrades, refuses what it cannot use, and keeps what revisions replace."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from streams.results import rows_of
from streams.store import StoreError, begin_write, open_store
from streams.store.connect import _config
from streams.store.history import superseded
from streams.store.rows import decoded
from streams.store.schema import air_city_day, air_joined_hour, metadata
from streams.store.upserts import upsert
from streams.store.views import drop_views


def city_day(*, version: int, revision: int = 0, status: str = "provisional", aqi: int | None = 50):
    """One day of one city, as the engine would send it."""
    columns = {
        "city": "510100", "day": 19_376, "pm25_ugm3": 35.5, "aqi": aqi, "edition": "HJ633-2012", "status": status,
        "revision": revision, "simulated": False, "version": version,
    }  # fmt: skip
    return decoded(rows_of("air_city_day", columns))


def write(store: sa.Engine, *rows) -> None:
    with begin_write(store) as connection:
        upsert(connection, rows)


def stored(store: sa.Engine) -> tuple:
    with store.connect() as connection:
        return connection.execute(sa.select(air_city_day.c.version, air_city_day.c.aqi, air_city_day.c.status)).one()


def test_migrations_and_tables_agree(store):
    with store.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_view_of_the_join_has_the_columns_that_the_schema_says(store):
    with store.connect() as connection:
        found = connection.execute(sa.text("SELECT * FROM air_joined_hour")).keys()
    assert list(found) == list(air_joined_hour.c.keys())


def test_a_store_of_an_unknown_version_is_not_upgraded(store, store_url):
    with begin_write(store) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="version 9999, which this program does not know"):
        open_store(store_url)


def test_opening_again_changes_nothing(store, store_url):
    open_store(store_url).dispose()
    open_store(store_url, create=False).dispose()


def test_a_store_of_no_version_yet_is_made_and_a_reader_is_told_to_wait(store, store_url):
    config = _config()
    with begin_write(store) as connection:
        config.attributes["connection"] = connection
        drop_views(connection)
        command.downgrade(config, "base")
    assert set(sa.inspect(store).get_table_names()) == {"alembic_version"}
    with pytest.raises(StoreError, match=r"version None, expected \d{4}"):
        open_store(store_url, create=False)
    open_store(store_url).dispose()
    assert set(metadata.tables) < set(sa.inspect(store).get_table_names())
    write(store, city_day(version=1), city_day(version=2, revision=1))
    assert len(superseded(store, "air_city_day", "510100", dt.date(2023, 1, 19))) == 1, "the triggers are there again"


def test_two_processes_may_create_the_same_store(store_url):
    code = f"from streams.store import open_store; open_store({store_url!r})"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]


def test_a_missing_store_is_not_created_by_a_reader(tmp_path):
    with pytest.raises(StoreError, match=r"there is no store at .*expected an SQLite file"):
        open_store(tmp_path / "none.sqlite", create=False)
    assert not (tmp_path / "none.sqlite").exists()


def test_a_store_of_another_version_is_refused_by_a_reader(store, store_url):
    with begin_write(store) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(
        StoreError, match=r"version 0000, which this program does not know, expected one of .*: go on with"
    ):
        open_store(store_url, create=False)


@pytest.mark.parametrize("url", ["mysql://here/db", "sqlite://"])
def test_an_unknown_kind_of_store_is_refused(url):
    with pytest.raises(StoreError, match="expected"):
        open_store(url)


def test_a_row_is_replaced_by_the_same_or_a_higher_version_only(store):
    write(store, city_day(version=5, aqi=50))
    write(store, city_day(version=4, aqi=40))
    assert stored(store) == (5, 50, "provisional")
    write(store, city_day(version=5, aqi=51))
    assert stored(store) == (5, 51, "provisional")
    write(store, city_day(version=6, aqi=None))
    assert stored(store) == (6, None, "provisional")


def test_of_several_versions_in_one_batch_the_highest_stays(store):
    write(store, city_day(version=2, aqi=20), city_day(version=3, aqi=30), city_day(version=1, aqi=10))
    assert stored(store) == (3, 30, "provisional")


def test_a_revision_keeps_what_it_replaces(store):
    write(store, city_day(version=1, aqi=50))
    write(store, city_day(version=2, aqi=60, revision=1))
    write(store, city_day(version=3, aqi=70, revision=1, status="reviewed"))
    old = superseded(store, "air_city_day", "510100", dt.date(2023, 1, 19))
    assert [(row["version"], row["aqi"], row["revision"], row["status"]) for row in old] == [
        (1, 50, 0, "provisional"),
        (2, 60, 1, "provisional"),
    ]
    assert old[0]["pm25_ugm3"] == 35.5
    assert abs(old[0]["superseded_at"] - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=5)


def test_revisions_within_one_batch_are_kept_too(store):
    write(store, city_day(version=1, aqi=50), city_day(version=2, aqi=60, revision=1))
    assert [row["aqi"] for row in superseded(store, "air_city_day", "510100", dt.date(2023, 1, 19))] == [50]


def test_a_new_assessment_of_the_same_revision_keeps_no_history(store):
    write(store, city_day(version=1, aqi=50))
    write(store, city_day(version=2, aqi=55))
    assert superseded(store, "air_city_day", "510100", dt.date(2023, 1, 19)) == []


def test_a_reader_is_not_blocked_by_a_writer(store):
    write(store, city_day(version=1, aqi=50))
    with begin_write(store) as connection:
        upsert(connection, [city_day(version=2, aqi=60)])
        assert stored(store) == (1, 50, "provisional")
    assert stored(store) == (2, 60, "provisional")


def test_a_store_of_before_keeps_its_rows_and_learns_to_keep_corrections(store, store_url):
    config = _config()
    with begin_write(store) as connection:
        config.attributes["connection"] = connection
        drop_views(connection)
        command.downgrade(config, "0001")
        named = "station, hour_end, pm25_ugm3, edition, status, revision, simulated, version"
        values = "'1431A', '2023-01-19 12:00:00', 940, 'x', 'provisional', 0, false, 1"
        connection.exec_driver_sql(f"INSERT INTO air_station_hour ({named}) VALUES ({values})")
        connection.exec_driver_sql(
            "INSERT INTO source_file (digest, file, source, rows_in, rejected, simulated, received_at) "
            "VALUES ('ab', 'a.csv', 'cnemc-wide', 3, 1, false, '2023-01-19 12:30:00')"
        )
    open_store(store_url).dispose()
    with begin_write(store) as connection:
        (file,) = connection.execute(sa.select(metadata.tables["source_file"])).mappings()
        assert (file["rows_in"], file["accepted"], file["released_at"]) == (3, None, None)
        connection.exec_driver_sql("UPDATE air_station_hour SET pm25_ugm3 = 42, version = 2")
    (old,) = superseded(store, "air_station_hour", "1431A", dt.datetime(2023, 1, 19, 12))
    assert (old["pm25_ugm3"], old["file_digest"]) == (940.0, None)
