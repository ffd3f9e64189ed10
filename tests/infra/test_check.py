"""Everything at rest is verified: each kind of damage is named once, in words and in JSON, with what to do."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboards.office.records import office_url, open_office
from infra import cli
from infra.datadir import DataDirectory
from infra.running import only_one
from ml.registry.registry import Registry
from standards.addresses import sqlite_url
from streams.intake import intents
from streams.store import open_store
from streams.store.connect import begin_write
from streams.store.schema import air_city_day, air_station_hour, source_total, topic_position
from tests.infra.test_backup import _english, office_filled  # noqa: F401 - a fixture
from tests.streams.store.test_materialiser import HOUR, station_hours
from tests.streams.store.test_refusals import damage_pages, run
from tests.streams.store.test_remaking import fill, topics_of

PIECE = b"a piece of the archive"


@pytest.fixture
def data(tmp_path) -> DataDirectory:
    """A data directory with something of each kind, all of it whole."""
    data = DataDirectory(tmp_path / "成都 data").create()
    engine = open_store(data.root / "store.sqlite")
    fill(engine, data)
    engine.dispose()
    office_filled(office_url(data.portal, sqlite_url(data.root / "store.sqlite")))
    archived = (
        data.root / "archive/layout-1/pm25/ab" / f"day.{'0' * 16}.{hashlib.blake2b(PIECE, digest_size=16).hexdigest()}"
    )
    archived.parent.mkdir(parents=True)
    archived.write_bytes(PIECE)
    Registry(data.models).objects.put(b"a part of a model")
    checkpoint = data.checkpoints / "job/chk-1"
    checkpoint.mkdir(parents=True)
    (checkpoint / "_metadata").write_bytes((0x4960672D).to_bytes(4, "big") + b"list")
    run(data.root / "store.sqlite")
    run(data.root / "portal/office/office.db")
    return data


def checked(capsys, data, *more: str) -> tuple[int, dict]:
    code = cli.main(["check", "--json", "--data", str(data.root), *more])
    return code, json.loads(capsys.readouterr().out)


def flip(path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def changed(data, statement: sa.Executable) -> None:
    engine = open_store(data.root / "store.sqlite")
    with begin_write(engine) as connection:
        connection.execute(statement)
    engine.dispose()


def pending(data: DataDirectory) -> Path:
    """A retraction that was written down and not carried out, because its program was killed."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(intents, "_do", lambda *_: None)
        intents.carry_out(data.topics, intents.Intent("retraction-1", {"intake": ["a\t{}"]}, [("ab" * 32, "x")], 1.0))
    return intents.pending(data.topics)[0]


def first(folder, pattern: str):
    return next(path for path in sorted(folder.rglob(pattern)) if path.is_file())


DAMAGE = {
    "a line of a topic": (lambda d: flip(first(d.topics / "air", "*.jsonl")), "topics", "checksum|cut"),
    "an object of a model": (lambda d: flip(first(d.models / "objects", "*")), "models", "digest"),
    "a file of the archive": (lambda d: flip(first(d.root / "archive", "day.*")), "archive", "digest"),
    "a retraction that waits": (lambda d: flip(pending(d)), "retractions", "in part at most"),
    "a checkpoint": (lambda d: (d.checkpoints / "job/chk-1/_metadata").write_bytes(b"none"), "checkpoints", "begin"),
    "pages of the store": (lambda d: damage_pages(d.root / "store.sqlite", "air_city_day"), "store", ""),
    "half of the store": (lambda d: (d.root / "store.sqlite").write_bytes((d.root / "store.sqlite").read_bytes()[:40_000]),
                          "store", "cut short"),
    "a store that is none": (lambda d: (d.root / "store.sqlite").write_text("none"), "store", "no SQLite database"),
    "an edition": (lambda d: changed(d, sa.update(air_city_day).values(edition="HJ633-1999")), "store", "HJ633-1999"),
    "an index": (lambda d: changed(d, sa.update(air_station_hour).values(aqi=9999)), "store", "AQI outside"),
    "a status": (lambda d: changed(d, sa.update(air_station_hour).values(status="perhaps")), "store", "status other"),
    "an hour": (lambda d: run(d.root / "store.sqlite", "UPDATE air_station_hour SET hour_end = "
                              "'2023-01-20 04:30:00.000000' WHERE rowid = 1"), "store", "04:30"),
    "totals": (lambda d: changed(d, sa.update(source_total).values(accepted=10_000)), "store", "not the sums"),
    "a position beyond the topics": (lambda d: changed(d, sa.insert(topic_position).values(
        topic="air", segment="2026-11-30/part-9", stored_at=dt.datetime(2026, 11, 30))), "store", "1 segment that"),
    "the log of the office": (lambda d: run(d.root / "portal/office/office.db", "DROP TRIGGER office_audit_no_update",
                                            "UPDATE office_audit SET who = 'nobody'"), "office", "entry 1"),
    "an office that is none": (lambda d: (d.root / "portal/office/office.db").write_text("none"), "office", "no SQLite"),
    "a registry": (lambda d: (d.registry.mkdir(), (d.registry / "cities.csv").write_text("gar,bled\n1,2\n")), "registry", ""),
}  # fmt: skip


def test_what_is_whole_is_said_to_be_whole(data, capsys):
    code, told = checked(capsys, data)
    assert code == 0 and told["faults"] == [] and told["not_looked_at"] == {}
    assert all(
        told["looked_at"][part]["files"] for part in ("topics", "checkpoints", "archive", "store", "office", "models")
    )
    assert cli.main(["check", "--data", str(data.root)]) == 0
    assert "0 faults" in capsys.readouterr().out


def test_a_retraction_that_waits_and_is_whole_is_no_fault(data, capsys):
    pending(data)
    code, told = checked(capsys, data)
    assert code == 0 and told["looked_at"]["retractions"]["files"] == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("what", DAMAGE)
def test_a_line_says_no_name_twice_and_no_place_without_words(what, language, data, capsys, monkeypatch):
    DAMAGE[what][0](data)
    monkeypatch.setenv("AIRSHED_LANG", language)
    cli.main(["check", "--data", str(data.root)])
    for line in capsys.readouterr().out.splitlines():
        assert not re.search(r"(\w+)(?:：|: )\1[：: ]", line) and not re.search(r":\d+(?:：|: )", line)


@pytest.mark.parametrize("what", DAMAGE)
def test_each_kind_of_damage_is_named_once_with_what_to_do(what, data, capsys):
    damage, part, said = DAMAGE[what]
    damage(data)
    code, told = checked(capsys, data)
    assert code == 1 and not told["not_looked_at"]
    assert {each["part"] for each in told["faults"]} == {part}
    assert any(word in each["what"] for each in told["faults"] for word in said.split("|"))
    assert len({(each["place"], each["what"]) for each in told["faults"]}) == len(told["faults"])
    assert all(each["remedy"] or "airshed re" in each["what"] for each in told["faults"])
    if part in ("topics", "models", "archive", "checkpoints", "registry"):
        assert len(told["faults"]) == 1
    code = cli.main(["check", "--data", str(data.root)])
    out = capsys.readouterr().out
    assert code == 1 and "Traceback" not in out and told["faults"][0]["place"] in out


@pytest.mark.parametrize("behind", [False, True])
def test_values_that_were_flipped_in_a_page_are_found_against_the_topics(behind, tmp_path, store_url, capsys):
    """A database has no checksums: another number in a row is as good as any, but for what the topics tell."""
    data = DataDirectory(tmp_path / "d").create()
    engine = open_store(store_url)
    fill(engine, data)
    if behind:  # what has come and is not stored yet is no difference
        topics_of(data)[0].append([station_hours(hours=3, first=HOUR + 10, version=9)], key="later")
    asked = ("--deep", "--store", store_url)
    assert checked(capsys, data, *asked)[0] == 0
    with begin_write(engine) as connection:
        connection.execute(
            sa.update(air_station_hour).where(air_station_hour.c.station == "1431A").values(pm25_ugm3=7.5)
        )
    engine.dispose()
    assert checked(capsys, data, "--store", store_url)[0] == 0
    code, told = checked(capsys, data, *asked)
    assert code == 1 and [each["place"] for each in told["faults"]] == ["air_station_hour"]
    assert told["faults"][0]["what"] == "2 rows say something else than the topics tell"


def test_a_database_that_does_not_answer_is_no_damage(data, capsys):
    where = "postgresql://air:s%40crt@127.0.0.1:1/air"
    code, told = checked(capsys, data, "--store", where)
    assert code == 2 and set(told["not_looked_at"]) == {"store", "office"} and not told["faults"]
    assert "s%40crt" not in json.dumps(told) and "s@crt" not in json.dumps(told)


def test_it_changes_nothing_and_goes_while_the_platform_runs(data, capsys):
    before = {path: path.read_bytes() for path in data.root.rglob("*") if path.is_file() and "run" not in path.parts}
    with only_one(data):
        topics_of(data)[0].append([station_hours(hours=2, version=9)], key="not stored yet")
        assert checked(capsys, data)[0] == 0
    after = {path: path.read_bytes() for path in before if path.exists() and path.suffix not in ("", ".keys")}
    assert {path: before[path] for path in after if "air" not in path.parts} == {
        path: content for path, content in after.items() if "air" not in path.parts
    }


def test_a_store_in_postgresql_is_looked_at_by_its_rules(tmp_path, store_url, capsys):
    if store_url.startswith("sqlite"):
        pytest.skip("played above")
    data = DataDirectory(tmp_path / "d").create()
    engine = open_store(store_url)
    fill(engine, data)
    open_office(store_url).dispose()
    assert checked(capsys, data, "--store", store_url)[0] == 0
    with begin_write(engine) as connection:
        connection.execute(sa.update(air_station_hour).values(aqi=-3))
    engine.dispose()
    code, told = checked(capsys, data, "--store", store_url)
    assert code == 1 and told["faults"][0]["place"] == "air_station_hour"
