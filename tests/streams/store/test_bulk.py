"""Rows in whole columns end as rows one by one do: in both databases, in any order, however often."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import random
from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa

from streams import results
from streams.results import Coded, rows_of
from streams.store import begin_write, bulk, into_postgres, into_sqlite, open_store, schema, upserts
from streams.store.columns import Rows, joined
from streams.store.keys import numbered, single
from streams.store.materialiser import Materialiser
from streams.store.rows import decoded
from streams.wire.messages import rows_line
from streams.wire.topics import DirectoryTopic
from tests.streams.store.random_rows import HOUR, TABLES, made


@pytest.fixture
def whole(monkeypatch) -> None:
    """Every batch goes in whole columns, however small."""
    for way in (into_sqlite, into_postgres):
        monkeypatch.setattr(way, "TOGETHER", 1)


def write(store: sa.Engine, batches: list[Rows]) -> None:
    with begin_write(store) as connection:
        upserts.upsert(connection, batches)


def held(store: sa.Engine, table: str) -> list[tuple]:
    columns = schema.metadata.tables[table]
    with store.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(columns).order_by(*columns.primary_key))]


def told(rows: Rows) -> Iterator[tuple]:
    """Give rows as a reader of the store should find them, by key."""
    table = schema.metadata.tables[rows.table]
    for row in rows:
        values = dict(zip(rows.names, row, strict=True))
        for column in table.c:
            value = values[column.name]
            if value is not None and isinstance(column.type, sa.DateTime):
                values[column.name] = dt.datetime.fromisoformat(value)
            elif value is not None and isinstance(column.type, sa.Date):
                values[column.name] = dt.date.fromisoformat(value)
            elif isinstance(column.type, sa.Boolean) and value is not None:
                values[column.name] = bool(value)
        yield tuple(values[column.name] for column in table.c)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("seed", range(3))
def test_every_kind_of_value_is_read_as_it_was_written(store, whole, table, seed):
    rows = decoded(made(np.random.default_rng([seed, len(table)]), table, 200))
    write(store, [rows])
    place = [list(rows.names).index(column.name) for column in schema.metadata.tables[table].primary_key]
    expected = sorted(told(rows), key=lambda row: row[: len(place)])
    assert held(store, table) == expected
    write(store, [rows])
    assert held(store, table) == expected, "the same again, over what is there"


def test_rows_too_wide_for_an_image_are_stored_one_by_one(store, whole):
    words = (json.dumps({"sector": "x" * 5_000}), "{}")
    rows = decoded(made(np.random.default_rng(1), "emission_city_hour", 120, words))
    write(store, [rows])
    assert held(store, "emission_city_hour") == sorted(told(rows), key=lambda row: row[:2])


def revisions(chance: random.Random, version: int) -> Rows:
    """Some hours of some stations under a version; a key may come twice, and its revision grows with the version."""
    stations = chance.sample(range(6), chance.randint(1, 4))
    first, hours = HOUR + chance.randint(0, 60), chance.randint(1, 40)
    where = [(station, hour) for station in stations for hour in range(first, first + hours)]
    where += chance.choices(where, k=chance.randint(0, 3))
    columns = {
        "station": [f"{1431 + station}A" for station, _ in where], "hour_end": [hour for _, hour in where],
        "pm25_ugm3": [float(chance.randint(0, 400)) for _ in where], "aqi": [chance.choice([None, 50, 90]) for _ in where],
        "city": chance.choice(["510100", "510600"]), "edition": "HJ633-2012", "status": int(version > 6),
        "revision": version // 3, "simulated": False, "version": version,
    }  # fmt: skip
    return decoded(rows_of("air_station_hour", columns))


def law(batches: list[Rows]) -> tuple[dict[tuple, dict], dict[tuple, dict]]:
    """Write rows one after the other into dicts, as the store promises: the rows held, and what revisions replaced."""
    now: dict[tuple, dict] = {}
    before: dict[tuple, dict] = {}
    for batch in batches:
        for values in batch:
            row = dict(zip(batch.names, values, strict=True))
            key = (row["station"], row["hour_end"])
            old = now.get(key)
            if old is not None and row["version"] < old["version"]:
                continue
            told = ("status", "revision", "pm25_ugm3")
            if old is not None and any(old[name] != row[name] for name in told):
                before.setdefault((*key, old["version"]), old)
            now[key] = row
    return now, before


def found(store: sa.Engine) -> tuple[dict[tuple, dict], dict[tuple, dict]]:
    """Read what the store holds in the form of law()."""
    names = revisions(random.Random(0), 1).names
    table = schema.air_station_hour
    moment = "%Y-%m-%d %H:%M:%S.%f"
    with store.connect() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(*(table.c[name] for name in names))).mappings()]
        kept = connection.execute(sa.select(schema.row_history.c.row)).scalars().all()
    for row in rows:
        row["hour_end"] = row["hour_end"].strftime(moment)
    old = []
    for text in kept:
        row = {name: value for name, value in json.loads(text).items() if name in names}
        row["hour_end"] = dt.datetime.fromisoformat(row["hour_end"]).strftime(moment)
        old.append(row)
    return (
        {(row["station"], row["hour_end"]): row for row in rows},
        {(row["station"], row["hour_end"], row["version"]): row for row in old},
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_highest_version_stays_in_whatever_order_and_however_often_rows_come(store, monkeypatch, seed):
    chance = random.Random(seed)
    for way in (into_sqlite, into_postgres):
        monkeypatch.setattr(way, "TOGETHER", (1, 30, 100)[seed % 3])
    batches = [revisions(chance, version) for version in range(1, 12) for _ in range(2)]
    batches += chance.sample(batches, 4)
    chance.shuffle(batches)
    at = 0
    while at < len(batches):
        together = chance.randint(1, 5)
        write(store, batches[at : at + together])
        at += together
    assert found(store)[0] == law(batches)[0]


@pytest.mark.parametrize("seed", range(6))
def test_what_a_revision_replaces_is_kept(store, whole, seed):
    chance = random.Random(seed)
    batches = [revisions(chance, version) for version in range(1, 12)]
    at = 0
    while at < len(batches):
        together = chance.randint(1, 4)
        write(store, batches[at : at + together])
        at += together
    now, before = law(batches)
    assert before
    assert found(store) == (now, before)


def test_a_batch_that_fails_leaves_nothing_and_the_next_one_is_stored(store, whole):
    good = [revisions(random.Random(seed), 1) for seed in range(3)]
    with pytest.raises(ZeroDivisionError), begin_write(store) as connection:
        upserts.upsert(connection, good)
        raise ZeroDivisionError
    assert found(store) == ({}, {})
    write(store, good)
    assert found(store)[0] == law(good)[0]


def test_a_savepoint_undoes_whole_columns_and_what_came_before_stays(store, whole):
    first, second = (revisions(random.Random(seed), 1 + seed) for seed in range(2))
    with begin_write(store) as connection:
        upserts.upsert(connection, [first])
        savepoint = connection.begin_nested()
        upserts.upsert(connection, [second])
        savepoint.rollback()
    assert found(store)[0] == law([first])[0]


@pytest.mark.postgres
def test_rows_that_another_process_stored_since_the_look_are_merged(postgres_store, whole, monkeypatch):
    older, newer = (revisions(random.Random(4), version) for version in (1, 2))
    write(postgres_store, [older])
    monkeypatch.setattr(into_postgres, "beyond", lambda _, rows: np.ones(len(rows), bool))
    write(postgres_store, [newer])
    assert found(postgres_store)[0] == law([older, newer])[0]


@pytest.fixture
def postgres_store(request, postgres_url) -> Iterator[sa.Engine]:
    """An empty store in PostgreSQL alone."""
    admin = sa.create_engine(postgres_url)
    name = f"bulk{random.getrandbits(40):x}"
    with admin.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    address = sa.make_url(postgres_url).update_query_dict({"options": f"-csearch_path={name}"})
    engine = open_store(address.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    admin.dispose()


def desk_rows() -> list[results.Rows]:
    """What a desk may give for some blocks: fractions that a message rounds, and counts to add."""
    chance = np.random.default_rng(7)
    hours = np.tile(np.arange(HOUR, HOUR + 30), 5)
    station = results.Rows("air_station_hour").coded(
        "station", results.Counted(0, 5, 30, 1), [f"{i}A" for i in range(5)]
    )
    station.numbers("hour_end", hours).numbers("pm25_ugm3", chance.gamma(2, 20, 150)).numbers(
        "flags", chance.integers(0, 9, 150)
    )
    station.same(edition="HJ633-2012", status=0, revision=0, simulated=False, version=3, city="510100")
    station.numbers("co_mgm3", np.full(150, 1 / 3)).same(so2_ugm3=2 / 3)
    counts = results.Rows("source_hour").same(source="cnemc", late=0).counted("hour_end", HOUR, 30, 1, 1)
    counts.numbers(("accepted", "duplicate"), chance.integers(0, 9, (2, 30)))
    return [station, counts, counts]


def test_rows_written_directly_are_those_that_the_topic_brings(store, store_url, tmp_path):
    topic = DirectoryTopic(tmp_path / "air")
    topic.append([rows_line(rows, "510100") for rows in desk_rows()], key="1")
    Materialiser(store, [topic]).step()
    tables = ("air_station_hour", "source_hour")
    through_topic = [held(store, name) for name in tables]
    assert len(through_topic[0]) == 150
    with begin_write(store) as connection:
        for name in tables:
            connection.execute(sa.delete(schema.metadata.tables[name]))
        assert bulk.write(connection, pickle.loads(pickle.dumps(bulk.prepared(desk_rows())))) == 210
    assert [held(store, name) for name in tables] == through_topic
    with begin_write(store) as connection:
        bulk.write(connection, desk_rows())
    assert held(store, "air_station_hour") == through_topic[0], "rows are replaced"
    counted = [row[3] for row in held(store, "source_hour")]
    assert counted == [2 * row[3] for row in through_topic[1]], "counts are added"


@pytest.mark.parametrize("seed", range(20))
def test_keys_have_equal_numbers_exactly_where_they_are_equal(seed):
    chance = np.random.default_rng(seed)
    hours = chance.integers(-5, 5, 60) * 10 ** int(chance.integers(0, 5))
    columns = {
        "city": [f"{n}" for n in chance.integers(0, 3, 60)], "hour_end": hours,
        "run": Coded(chance.integers(0, 3, 60), ("a", "b", "a")), "model": "m", "quantity": ["q", "p"] * 30,
        "model_version": "1", "simulated": False, "version": 1,
    }  # fmt: skip
    rows = decoded(rows_of("model_hour", columns))
    keys = [row[:5] for row in rows]
    numbers = numbered(rows).tolist()
    assert len(set(numbers)) == len(set(keys)) == len({*zip(numbers, keys, strict=True)})
    assert single(np.array(numbers)).tolist() == [keys.count(key) == 1 for key in keys]


@pytest.mark.parametrize("seed", range(10))
def test_batches_put_together_hold_the_rows_of_each(seed):
    chance = np.random.default_rng(seed)
    table = TABLES[seed % len(TABLES)]
    batches = [decoded(made(chance, table, int(count))) for count in chance.integers(0, 30, 4)]
    together = joined(batches)
    assert list(together) == [row for batch in batches for row in batch]
    where = chance.random(len(together)) < 0.5
    assert list(together.picked(where)) == [row for row, picked in zip(together, where, strict=True) if picked]
    assert len(together.picked(slice(2, 9))) == len(list(together)[2:9])
