"""`airshed health` over damage: it names what cannot be read, and does not say that books balance that nobody could read whole."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from infra import cli
from infra.datadir import DataDirectory
from infra.own_registry import copy_in_use, garbled_registry
from standards import logged
from streams.records import Rejected
from streams.store import open_store, schema
from streams.store.lines import Count, reject_row, summed
from streams.store.reasons import told_in
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
    assert "the books of what was stored balance" in capsys.readouterr().out
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
    folder = copy_in_use(home)
    assert garbled_registry(folder) == garbled_registry(None) == ""
    assert cli.main(["health"]) == 0
    (folder / "cities.csv").write_bytes(b"code,name_zh,name_en,lon,lat\n510100,x,y,1o4,30\n")
    capsys.readouterr()
    assert cli.main(["health"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "cities.csv line 2, column 4: lon is '1o4'" in out and "last good one" in out


def test_a_garbled_registry_is_told_alike_in_chinese_by_health_check_and_registry_check(
    home, store, capsys, monkeypatch
):
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    folder = copy_in_use(home)
    for name, content, place in (
        (
            "cities.csv",
            b"code,name_zh,name_en,lon,lat\n510100,x,y,1o4,30\n",
            "第 2 行第 4 列：lon 为 '1o4'，应为 -180 至 180 的度数",
        ),
        ("cities.geojson", b'{"features": [\n  {"type" "x"}]}', "第 2 行第 11 列：由此起不是 JSON"),
    ):
        copy_in_use(home)
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(content)
        for command in (["health"], ["check"], ["registry", "check"]):
            capsys.readouterr()
            assert cli.main(command) == 1, command
            said = capsys.readouterr()
            assert place in said.out + said.err, command
            assert "expected" not in said.out + said.err
        (folder / name).write_bytes(before)


def test_a_command_that_only_needs_the_registry_goes_on_with_the_last_good_one(home, store, capsys, caplog):
    (copy_in_use(home) / "stations.csv").write_bytes(b"\xff")
    assert cli.main(["laboratory", "summary", "--city", "成都"]) == 1
    assert "no such results" in (said := capsys.readouterr().err) and "registry" not in said
    (line,) = caplog.records
    assert (
        logged.Told("zh", told_in, "%(message)s")
        .format(line)
        .endswith("stations.csv 第 1 行第 1 列：字节 0xff 不是文字，应为 UTF-8")
    )


def test_no_command_but_those_that_edit_or_verify_it_reads_a_registry_of_its_own_strictly():
    root = Path(cli.__file__).parent
    strict = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"(?<![\w.])load\(.*_registry\)|(?<![\w.])load\(folder\)", path.read_text(encoding="utf-8"))
    }
    assert strict == {"commands/registry.py", "own_registry.py"}


def test_garbled_outlines_are_told_too(home) -> None:
    folder = copy_in_use(home)
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
