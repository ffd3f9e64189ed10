"""No folder is made for a store or an office but below the data directory: what is not there is said, with what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import cli
from infra.datadir import DataDirectory
from infra.feeding import open_own
from infra.store_url import choose_store

SAID = {
    "zh": ("所在的文件夹", "不存在", "mkdir -p", "平台不在数据目录之外建立文件夹"),
    "en": ("there is no folder", "mkdir -p"),
}


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    for name in ("AIRSHED_STORE", "AIRSHED_OFFICE", "AIRSHED_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


def made(home: Path) -> list[Path]:
    return sorted(home.rglob("*"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "place", ["sqlite:///{home}/nowhere/x", "{home}/nowhere/x.sqlite", "nowhere/x.sqlite", "sqlite:///nowhere/x"]
)
@pytest.mark.parametrize("by", ["option", "environment"])
def test_up_makes_no_folder_for_a_store_outside_its_data_directory(home, capsys, monkeypatch, lang, place, by):
    store, before = place.format(home=home), made(home)
    monkeypatch.setenv("AIRSHED_LANG", lang)
    if by == "environment":
        monkeypatch.setenv("AIRSHED_STORE", store)
    more = ["--store", store] if by == "option" else []
    assert cli.main(["up", "--no-sample", "--data", str(home / "data"), *more]) == 1
    err = capsys.readouterr().err
    assert all(words in err for words in SAID[lang]) and "nowhere" in err and "AIRSHED_STORE" in err
    assert made(home) == before


def test_an_office_in_a_folder_that_is_not_there_is_refused_before_anything_is_laid_down(home, capsys, monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.setenv("AIRSHED_OFFICE", str(home / "nowhere" / "office" / "office.db"))
    before = made(home)
    assert cli.main(["up", "--no-sample", "--data", str(home / "data")]) == 1
    assert cli.main(["users", "list", "--data", str(home / "data")]) == 1
    err = capsys.readouterr().err
    assert err.count("there is no folder") == 2 and "(AIRSHED_OFFICE)" in err
    assert not (home / "nowhere").exists() and made(home) == before


@pytest.mark.parametrize("module", ["streams.store", "streams.history"])
@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_process_that_is_started_by_hand_makes_none_either(home, module, by):
    (home / "data").mkdir()
    store = str(home / "nowhere" / "x.sqlite")
    more = ["--store", store] if by == "option" else []
    environment = {**os.environ, "AIRSHED_LANG": "en", **({} if more else {"AIRSHED_STORE": store})}
    done = subprocess.run(
        [sys.executable, "-m", module, "--data", str(home / "data"), *more],
        capture_output=True, text=True, timeout=120, env=environment, check=False, cwd=Path(cli.__file__).parents[1],
    )  # fmt: skip
    assert done.returncode == 1 and "there is no folder" in done.stdout + done.stderr
    assert not (home / "nowhere").exists()


def test_below_the_data_directory_and_in_a_folder_that_is_there_a_store_may_lie(home):
    data = DataDirectory(home / "data")
    for store in (None, str(home / "data" / "deeper" / "x.sqlite"), str(home / "x.sqlite"), "x.sqlite"):
        open_own(data, choose_store(store, data, {})).dispose()


@pytest.mark.parametrize(
    "command", [("store", "upgrade"), ("store", "adopt", "--why", "x"), ("rebuild",), ("normalise",)]
)
def test_no_command_makes_one_either(home, capsys, monkeypatch, command):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    before = made(home)
    told = [*command, "--data", str(home / "data"), "--store", str(home / "database" / "x.sqlite")]
    assert cli.main(told) == 1
    assert "there is no folder" in capsys.readouterr().err and made(home) == before
