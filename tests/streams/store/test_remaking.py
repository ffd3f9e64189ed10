"""A store that is made anew from the topics equals the one before, keeps what only that one knew, and is put in place at once."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from infra import cli
from infra.datadir import DataDirectory
from infra.rebuild import RowsLost, rebuild
from infra.running import only_one
from standards.addresses import sqlite_url
from standards.editions import EDITIONS
from streams.store import open_store
from streams.store.connect import begin_write
from streams.store.health import damages
from streams.store.identity import identity_of
from streams.store.materialiser import Materialiser
from streams.store.origins import ORIGINS
from streams.store.past import PLANNED, note
from streams.store.schema import air_city_day, air_station_hour, metadata, normalised_month, source_hour
from streams.wire import messages
from streams.wire.seals import sealed
from streams.wire.topics import DirectoryTopic
from tests.streams.store.test_materialiser import added, station_hours
from tests.streams.store.test_refusals import damage_pages, run

EDITION = EDITIONS[0].code
NOW = dt.datetime(2026, 11, 30, 13, 15)
LATER = dt.datetime(2026, 11, 30, 13, 16)


def test_every_table_of_the_store_says_where_its_rows_come_from():
    assert set(ORIGINS) == set(metadata.tables)


@pytest.fixture
def data(tmp_path) -> DataDirectory:
    return DataDirectory(tmp_path / "数据 dir").create()


def topics_of(data: DataDirectory) -> list[DirectoryTopic]:
    return [DirectoryTopic(data.topics / name) for name in messages.STORED_TOPICS]


def fill(engine: sa.Engine, data: DataDirectory) -> None:
    """Store two hours with a revision and a reject, as topics bring them, and what no topic holds."""
    air, intake, _ = topics_of(data)
    air.append([station_hours(hours=2, version=1, edition=EDITION)], key="a")
    air.append([station_hours(hours=2, version=2, edition=EDITION, status=np.array([0, 1, 0, 1], "u1"))], key="b")
    air.append([added()], key="c")
    intake.append(["x\tno json"], key="d")
    Materialiser(engine, topics_of(data)).step()
    day = {"city": "510100", "day": dt.date(2019, 5, 1), "aqi": 80, "edition": EDITION, "status": "reviewed",
           "revision": 0, "simulated": False, "version": 0}  # fmt: skip
    month = {"city": "510100", "item": "pm25", "month": dt.date(2024, 1, 1), "hours": 700, "model": "m", "weather": "w",
             "method": "x/1", "simulated": False, "version": 7}  # fmt: skip
    with begin_write(engine) as connection:
        connection.execute(sa.insert(air_city_day), [day])
        connection.execute(sa.insert(normalised_month), [month])
        note(connection, PLANNED, ["2025-01-01/2025-02-01"])


def rows(engine: sa.Engine) -> dict[str, list]:
    """Give all rows of all tables, in the order of their keys."""
    with engine.connect() as connection:
        return {
            name: connection.execute(sa.select(table).order_by(*table.primary_key)).all()
            for name, table in metadata.tables.items()
        }


def differing(before: dict[str, list], after: dict[str, list]) -> dict[str, tuple]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


@pytest.fixture
def filled(store, store_url, data):
    fill(store, data)
    return store


def test_a_store_that_is_made_anew_equals_the_one_before_in_every_row(filled, store_url, data):
    before = rows(filled)
    assert before["row_history"] and before["rejected"] and before["source_total"]
    filled.dispose()
    found = rebuild(data, store_url, accept_loss=False, now=NOW)
    assert differing(before, rows(filled)) == {}
    assert found.remade.whole and not found.remade.lost and "20261130t131500z" in found.aside.lower()
    assert found.remade.carried.keys() == {"air_city_day", "normalised_month", "topic_position", "row_history"} - (
        {"row_history"} if found.remade.told["row_history"] else set()
    )
    again = rebuild(data, store_url, accept_loss=False, now=LATER)
    assert differing(before, rows(filled)) == {} and again.aside != found.aside
    with filled.connect() as connection:
        assert connection.execute(sa.text("select count(*) from air_joined_hour")).scalar() is not None, (
            "the view is there"
        )


def test_what_was_changed_by_hand_is_again_as_the_topics_tell_it(filled, store_url, data):
    before = rows(filled)
    with begin_write(filled) as connection:
        connection.execute(sa.update(air_station_hour).values(aqi=499))
        connection.execute(sa.update(source_hour).values(accepted=source_hour.c.accepted * 2))
        connection.execute(sa.delete(metadata.tables["source_total"]))
    filled.dispose()
    rebuild(data, store_url, accept_loss=False, now=NOW)
    after = rows(filled)
    after["row_history"] = before["row_history"]
    assert differing(before, after) == {}


def test_rows_and_counts_of_segments_that_have_left_are_kept(filled, store_url, data):
    Materialiser(filled, topics_of(data)).prune(-1)
    assert not any(topic.segments() for topic in topics_of(data))
    before = rows(filled)
    topics_of(data)[0].append([added()], key="e")  # comes while nobody stores
    filled.dispose()
    found = rebuild(data, store_url, accept_loss=False, now=NOW)
    assert not found.remade.whole
    after = rows(filled)
    assert differing(before, after).keys() == {"source_hour", "source_total", "topic_position"}
    twice = {row.source: row.accepted for row in after["source_total"]}
    assert twice == {row.source: 2 * row.accepted for row in before["source_total"]}


def result(data: DataDirectory, line: str, name: str, *, days: float) -> None:
    """Write a segment of results as the engine does, under a name that stands in no journal, so many days ago."""
    file = data.topics / messages.RESULT_TOPIC / "2026-11-20" / f"part-{name}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(sealed(line.encode(), last=True) + b"\n")
    os.utime(file, (time.time() - days * 86_400,) * 2)


def test_counts_of_results_that_left_before_their_input_are_kept(store, store_url, data):
    result(data, station_hours(hours=2, version=1, edition=EDITION), "0-0", days=9)
    for n, days in enumerate((9, 8, 0)):
        result(data, added(), f"1-{n}", days=days)
    materialiser = Materialiser(store, topics_of(data))
    materialiser.step()
    assert materialiser.prune(30 * 86_400, 3 * 86_400) == 3
    before = rows(store)
    assert before["source_hour"] and before["air_station_hour"]
    store.dispose()
    found = rebuild(data, store_url, accept_loss=False, now=NOW)
    assert not found.remade.whole, "feeds are all there, but results are not"
    assert differing(before, rows(store)) == {}


def test_who_feeds_a_store_and_who_did_is_known_to_the_one_made_anew(filled, store_url, data):
    me = identity_of(data.root)
    me.note("c" * 32)  # the turn under which this directory fed the store last
    own = {"feeder": me.name, "folder": str(data.root), "host": "h", "first_at": NOW, "last_at": NOW}
    other = own | {"feeder": "b" * 32, "folder": "/there", "handed_over_at": NOW, "why": "moved"}
    with begin_write(filled) as connection:
        connection.execute(sa.insert(metadata.tables["feeder"]).values(own))
        connection.execute(sa.insert(metadata.tables["feeder"]).values(other))
        connection.execute(sa.update(metadata.tables["feeding"]).values(turn="c" * 32, beats=7, stamp=99))
    before = rows(filled)
    filled.dispose()
    rebuild(data, store_url, accept_loss=False, now=NOW)
    after = rows(filled)
    assert len(after["feeder"]) == 2 and differing(before, after) == {}


def test_what_was_stored_after_goes_on_from_a_store_that_was_made_anew(filled, store_url, data):
    filled.dispose()
    rebuild(data, store_url, accept_loss=False, now=NOW)
    topics_of(data)[0].append([station_hours(hours=2, version=3, status=np.array([1, 1, 1, 1], "u1"))], key="f")
    engine = open_store(store_url)
    assert Materialiser(engine, topics_of(data)).step() == 1
    found = rows(engine)
    assert {row.version for row in found["air_station_hour"]} == {3}
    assert len({row.id for row in found["row_history"]}) == len(found["row_history"]) > 2
    engine.dispose()


@pytest.fixture
def path(data) -> Path:
    path = data.root / "store.sqlite"
    engine = open_store(path)
    fill(engine, data)
    engine.dispose()
    run(path)
    return path


def test_what_cannot_be_read_is_named_and_nothing_changes_until_that_is_accepted(path, data):
    damage_pages(path, "normalised_month")
    damage_pages(path, "air_station_hour")
    before = path.read_bytes()
    with pytest.raises(RowsLost, match=r"normalised_month \(≈"):
        rebuild(data, sqlite_url(path), accept_loss=False, now=NOW)
    assert path.read_bytes() == before and not list(path.parent.glob(".store*"))
    found = rebuild(data, sqlite_url(path), accept_loss=True, now=NOW)
    assert "normalised_month" in found.remade.lost and Path(found.aside).read_bytes() == before
    engine = open_store(path, create=False)
    after = rows(engine)
    engine.dispose()
    assert len(after["air_station_hour"]) == 4 and len(after["air_city_day"]) == 1 and not after["normalised_month"]


def test_a_store_of_which_nothing_can_be_read_is_made_of_the_topics_alone(path, data, capsys, monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    path.write_text("not a database any more")
    asked = ["rebuild", "--data", str(data.root), "--store", str(path)]
    assert cli.main(asked) == 1
    said = capsys.readouterr().err
    assert "normalised_month" in said and "?" not in said
    assert cli.main([*asked, "--accept-loss"]) == 0
    out = capsys.readouterr().out
    assert "the store is made anew" in out and "the old store is kept as" in out
    engine = open_store(path, create=False)
    assert len(rows(engine)["air_station_hour"]) == 4
    engine.dispose()


@pytest.mark.parametrize("gone", [True, False], ids=["no store", "no database any more"])
def test_a_store_that_is_lost_after_results_have_left_says_that_it_is_short_and_of_what(
    path, data, capsys, monkeypatch, gone
):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    engine = open_store(path)
    result(data, added(), "0-0", days=9)
    materialiser = Materialiser(engine, topics_of(data))
    materialiser.step()
    assert materialiser.prune(30 * 86_400, 3 * 86_400) == 1, "no feed has left, and a result that stands in no journal"
    engine.dispose()
    for each in path.parent.glob("store.sqlite*"):
        each.unlink()
    asked = ["rebuild", "--data", str(data.root), "--store", str(path)]
    if not gone:
        path.write_text("not a database any more")
        assert cli.main(asked) == 1
        said = capsys.readouterr().err
        assert "air_station_hour" in said and "air_city_day" in said and "?" not in said, (
            "results are lost too, and said to be"
        )
        asked.append("--accept-loss")
    assert cli.main(asked) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "the topics are not whole any more" in out and f"checkpoints and archive below {data.root}" in out


def test_a_store_that_is_lost_while_the_topics_are_whole_is_not_said_to_be_short(path, data, capsys, monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    for each in path.parent.glob("store.sqlite*"):
        each.unlink()
    assert cli.main(["rebuild", "--data", str(data.root), "--store", str(path)]) == 0
    assert "not whole" not in capsys.readouterr().out


def test_nothing_is_made_anew_while_the_platform_runs(path, data, capsys, monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    before = path.read_bytes()
    with only_one(data):
        assert cli.main(["rebuild", "--data", str(data.root)]) == 1
    assert "stop it first (airshed stop)" in capsys.readouterr().err and path.read_bytes() == before


def test_unreadable_rows_that_the_topics_have_told_again_are_not_lost(path, data):
    """A page of a large table: the topics tell as many rows as it can have held, so nobody is asked to give any up."""
    topics_of(data)[0].append([station_hours(stations=2, hours=400)], key="many")
    engine = open_store(path)
    Materialiser(engine, topics_of(data)).step()
    before = rows(engine)["air_station_hour"]
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    held = bytearray(path.read_bytes())
    size = int.from_bytes(
        held[16:18], "big"
    )  # SQLite, Database File Format, 1.3.2; a page of rows begins with 13 (1.6)
    pages = [at for at in range(0, len(held), size) if held[at] == 13 and held.count(b"1432A", at, at + size) > 5]
    middle = pages[len(pages) // 2]
    held[middle : middle + size] = b"\xff" * size
    path.write_bytes(held)
    found = rebuild(data, sqlite_url(path), accept_loss=False, now=NOW)
    assert len(pages) > 5 and found.remade.whole and not found.remade.lost
    engine = open_store(path, create=False)
    after = rows(engine)["air_station_hour"]
    engine.dispose()
    assert len(after) == len(before)


def test_damage_ends_with_a_store_made_anew_from_segments_that_were_put_back(filled, store_url, data):
    before = rows(filled)
    air = topics_of(data)[0]
    air.append(
        [
            station_hours(hours=3, version=9, edition=EDITION),
            added(accepted=(1, 2, 3), duplicate=(0, 0, 0), late=(0, 0, 0)),
        ],
        key="z",
    )
    path = data.topics / "air" / air.segments()[-1]
    whole = path.read_bytes()
    path.write_bytes(whole[:70] + b"x" + whole[71:])
    Materialiser(filled, topics_of(data)).step()
    with filled.connect() as connection:
        assert damages(connection) == 1
    filled.dispose()
    rebuild(data, store_url, accept_loss=False, now=NOW)
    with filled.connect() as connection:
        assert damages(connection) == 1, "it is still there"
    filled.dispose()
    path.write_bytes(whole)
    rebuild(data, store_url, accept_loss=False, now=LATER)
    with filled.connect() as connection:
        assert damages(connection) == 0
        told = connection.execute(sa.text("select set_aside, reason from rejected where source = 'damage'")).all()
    assert [(bool(aside), reason) for aside, reason in told] == [(True, "damaged: its checksum is another one")]
    hours = {row.hour_end for row in rows(filled)["air_station_hour"]}
    assert len(hours) == 3 > len({row.hour_end for row in before["air_station_hour"]})
