"""Damage that was noted is told by `airshed health` and on the card until it is mended: registry, portal's key, a check's finds."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest

from dashboards.folder import REPLACED, SECRET, secret_in
from infra import cli
from infra.datadir import DataDirectory
from infra.noted import KEY_TOLD_S, note_check, noted
from infra.own_registry import copy_in_use
from infra.trouble_told import TroubleTold
from infra.troubles import said_of
from ml.registry.registry import Registry
from streams.store import open_store
from streams.store.schema import air_city_hour
from tests.infra.test_cli import _row

STORE = "store"


@pytest.fixture
def home(tmp_path, monkeypatch) -> DataDirectory:
    monkeypatch.setenv("AIRSHED_HOME", str(tmp_path))
    monkeypatch.delenv("AIRSHED_STORE", raising=False)
    monkeypatch.setenv("AIRSHED_LANG", "en")
    data = DataDirectory(tmp_path).create()
    engine = open_store(data.store_url)
    with engine.begin() as connection:
        connection.execute(_row(air_city_hour, city="510100", hour_end=dt.datetime(2023, 1, 20, 5), aqi=80))
    engine.dispose()
    return data


class _Idle:
    seats = ()

    def missing(self) -> dict:
        return {}


def on_card(troubles, lang: str) -> str:
    return " ".join(said_of({"troubles": [each.as_plain() for each in troubles]}, lang))


def health(capsys) -> tuple[int, str]:
    capsys.readouterr()
    return cli.main(["health"]), " ".join(capsys.readouterr().out.split())


def replace_key(data: DataDirectory) -> None:
    secret_in(data.portal)
    (data.portal / SECRET).write_bytes(b"ab12")
    secret_in(data.portal)


def test_a_key_that_was_replaced_is_told_by_health_and_on_the_card_for_a_day(home, capsys):
    assert health(capsys)[0] == 0 and home.key_replaced == home.root / REPLACED
    replace_key(home)
    code, said = health(capsys)
    assert code == 1 and said.count("the portal's key was damaged and is made anew") == 1
    assert "门户的密钥文件已损坏，已重新生成" in on_card(noted(home, time.time()), "zh")
    assert noted(home, time.time() + KEY_TOLD_S + 60) == []


def test_a_portal_without_a_platform_around_it_leaves_no_note(tmp_path):
    replace_key(DataDirectory(tmp_path))
    assert os.listdir(tmp_path) == ["portal"]


def test_what_a_check_finds_is_told_by_health_until_a_check_reads_it_whole(home, capsys):
    Registry(home.models).objects.put(b"a part of a model")
    path = next(each for each in (home.models / "objects").rglob("*") if each.is_file())
    path.chmod(0o600)
    path.write_bytes(b"a part of a modem")
    cli.main(["check"])
    code, said = health(capsys)
    assert code == 1 and "models, and no later check has found it whole" in said and "the books balance for" not in said
    path.write_bytes(b"a part of a model")
    assert health(capsys)[0] == 1, "it is told until it was read again"
    cli.main(["check"])
    assert "models" not in health(capsys)[1]


def test_a_part_that_could_not_be_looked_at_stays_noted_and_what_a_deep_check_found_until_a_deep_one(home):
    def parts() -> list[str]:
        return [each.name for each in noted(home, 0.0)]

    note_check(home, {"topics": 2, STORE: 1}, (), store=STORE, deep=True)
    first = noted(home, 0.0)
    said = on_card(first, "zh")
    assert "查出 2 处损坏（主题）" in said and "查出 1 处损坏（数据库）" in said
    note_check(home, {}, ("topics",), store=STORE, deep=False)
    assert parts() == ["topics", STORE] and [each.since for each in noted(home, 0.0)] == [each.since for each in first]
    note_check(home, {}, (), store=STORE, deep=False)
    assert parts() == [STORE]
    note_check(home, {}, (), store=STORE, deep=True)
    assert parts() == [] and not home.check_found.exists()


def test_each_part_keeps_the_moment_at_which_it_was_found_damaged_and_loses_it_when_found_whole(home, monkeypatch):
    def at(moment: float, *parts: str) -> dict[str, float]:
        monkeypatch.setattr(time, "time", lambda: moment)
        note_check(home, dict.fromkeys(parts, 1), (), store=STORE, deep=False)
        return {each.name: each.since for each in noted(home, moment)}

    assert at(1000.0, "registry") == {"registry": 1000.0}
    assert at(2000.0, "topics") == {"topics": 2000.0}, "the registry was mended before the topics were damaged"
    assert at(3000.0, "topics", "registry") == {"topics": 2000.0, "registry": 3000.0}


def test_a_note_with_one_moment_for_all_parts_is_still_told(home):
    home.check_found.write_bytes(b'{"since": 5.5, "parts": {"topics": 2}, "deep": false}')
    assert [(each.name, each.since) for each in noted(home, 0.0)] == [("topics", 5.5)]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"parts": 7}', b'{"parts": {"store": "x"}, "since": 1}', b"\xff"]
)
def test_a_note_that_is_garbled_says_nothing(home, content):
    home.check_found.write_bytes(content)
    home.key_replaced.write_bytes(content)
    assert noted(home, 0.0) == []


def test_each_is_said_once_by_the_platform_when_it_comes_and_when_it_is_mended(home):
    said = []
    told = TroubleTold(home, _Idle(), lambda key, **values: said.append((key, values)), room=lambda _: 1e6)
    assert told.look() == [] == said
    path = copy_in_use(home) / "cities.csv"
    good = path.read_bytes()
    path.write_bytes(b"code,name_zh,name_en,lon,lat\n510100,x,y,1o4,30\n")
    note_check(home, {"topics": 1}, (), store=STORE, deep=False)
    replace_key(home)
    looks = [told.look() for _ in range(3)]
    assert looks[0] == looks[2] and [each.kind for each in looks[0]] == ["registry", "key", "check"]
    assert "cities.csv 第 2 行第 4 列：lon 为 '1o4'，应为 -180 至 180 的度数" in on_card(looks[0], "zh")
    assert "cities.csv line 2, column 4: lon is '1o4'" in on_card(looks[0], "en")
    path.write_bytes(good)
    home.check_found.unlink()
    assert [each.kind for each in told.look()] == ["key"]
    assert [key for key, _ in said] == ["trouble"] * 3 + ["registry_mended", "check_mended"]
