"""`airshed health` over damage: it names what cannot be read, and does not say that books balance that nobody could read whole."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from infra import cli
from infra.datadir import DataDirectory
from infra.own_registry import copy_shipped, garbled_registry
from streams.records import Rejected
from streams.store import open_store, schema
from streams.store.lines import Count, reject_row, summed
from streams.store.upserts import add_counts, keep_rejects
from streams.wire.messages import damage_of
from streams.wire.seals import Damage
from tests.infra.test_cli import _row

HOUR = dt.datetime(2023, 1, 20, 5)
DAMAGE = Damage("1700000000000-x.jsonl", 117, 60, "flipped", "its checksum is another one")


@pytest.fixture
def home(tmp_path, monkeypatch) -> DataDirectory:
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.delenv("AIRSHED_STORE", raising=False)
    monkeypatch.setenv("AIRSHED_LANG", "en")
    return DataDirectory(tmp_path).create()


@pytest.fixture
def store(home) -> sa.Engine:
    engine = open_store(home.store_url)
    with engine.begin() as connection:
        connection.execute(_row(schema.air_city_hour, city="510100", hour_end=HOUR, aqi=80))
        add_counts(connection, summed([Count("cnemc", HOUR, {"rows_in": 5, "accepted": 5})]))
    return engine


def keep(store: sa.Engine, reject: Rejected) -> None:
    with store.begin() as connection:
        keep_rejects(connection, [reject_row(reject, HOUR)])


def test_books_that_balance_are_not_said_to_while_a_line_could_not_be_read(store, capsys, monkeypatch) -> None:
    assert cli.main(["health"]) == 0
    assert "the books balance" in capsys.readouterr().out
    keep(store, damage_of(DAMAGE, "air"))
    assert cli.main(["health"]) == 1
    out = capsys.readouterr().out
    assert "the books balance for" not in out and "1 place of the topics is damaged" in out
    assert "air/1700000000000-x.jsonl" in out and "byte 117" in out and "its checksum is another one" in out
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    cli.main(["health"])
    out = capsys.readouterr().out
    assert "主题中有 1 处损坏" in out and "第 117 字节" in out and "已损坏：校验和不符" in out


def test_a_checkpoint_that_was_gone_back_from_lost_nothing_and_leaves_the_books_alone(store, capsys) -> None:
    told = Rejected("damage", "file _metadata", "damaged: its digest is another one", "1 files", "nothing", "checkpoints/a/chk-9",
                    rows=0, set_aside=True)  # fmt: skip
    keep(store, told)
    assert cli.main(["health"]) == 0


def test_a_garbled_registry_is_told_with_its_place(home, store, capsys) -> None:
    folder = copy_shipped(home)
    assert garbled_registry(folder) == garbled_registry(None) == ""
    assert cli.main(["health"]) == 0
    (folder / "cities.csv").write_bytes(b"code,name_zh,name_en,lon,lat\n510100,x,y,1o4,30\n")
    capsys.readouterr()
    assert cli.main(["health"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "cities.csv line 2: lon is '1o4'" in out and "last good one" in out


def test_garbled_outlines_are_told_too(home) -> None:
    folder = copy_shipped(home)
    (folder / "cities.geojson").write_bytes(b'{"features": [\n  {"type" "x"}]}')
    assert "cities.geojson line 2, column 11: " in garbled_registry(folder)


def test_it_is_told_when_the_segments_were_last_verified(store, capsys):
    def told() -> str:
        assert cli.main(["health"]) == 0
        return " ".join(capsys.readouterr().out.split())

    assert "the topics have not been verified from end to end yet" in told()
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    for hours, said in ((3, "(3 h ago), 12 segments, 3.5 MB"), (72, "last verified 72 h ago")):
        moments = (f"{now - dt.timedelta(hours=each):%Y-%m-%dT%H:%M:%SZ}" for each in (hours + 1, hours))
        with store.begin() as connection:
            connection.execute(sa.delete(schema.topic_position))
            connection.execute(
                sa.insert(schema.topic_position).values(
                    topic="verified", segment=" ".join((*moments, "12", "3500000")), stored_at=HOUR
                )
            )
        assert said in told()
