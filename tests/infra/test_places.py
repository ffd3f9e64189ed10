"""The machine as it is found: places that hold the data, and those that are refused in words before anything is made."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import cli, doctor, places, ports, up
from infra.datadir import DataDirectory, data_directory
from infra.errors import SYSTEM, explain
from infra.messages import catalogue
from infra.store_url import choose_store, sqlite_file
from streams.store.connect import open_store

GOOD = ("成都 数据 100%", "a#b?c", 'it\'s "q"', "a%20b", "a:b@c", " 空 格 ", "-rf", "~", "é😀", "[x]{y}$z,=+&;|<>^`")


@pytest.fixture(autouse=True)
def english(monkeypatch) -> None:
    monkeypatch.setenv("AIRSHED_LANG", "en")
    monkeypatch.delenv("AIRSHED_STORE", raising=False)


@pytest.mark.parametrize("name", GOOD)
def test_a_folder_of_such_a_name_holds_the_data_and_the_store(tmp_path, name):
    data = DataDirectory(tmp_path / name / "data").create()
    open_store(choose_store(None, data)).dispose()
    assert (data.root / "store.sqlite").is_file()
    assert [each.name for each in tmp_path.iterdir()] == [name]
    file = tmp_path / name / "other.db"
    assert sqlite_file(choose_store(str(file), data)) == file
    assert doctor._store_problem(choose_store(str(file), data)) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("two\nlines", "holds the sign \\n"),
        ("tab\there", "holds the sign \\t"),
        ("esc\x1b[31m", "holds the sign \\x1b"),
        ("back\\slash", "holds the sign \\"),
        ("no\udcff utf-8", "holds the sign \\udcff"),
        ("a\u2028b", "holds the sign \\u2028"),
        ("名" * 86, "has 258 bytes, at most 255"),
        ("/".join(["x" * 100] * 5), "at most 400"),
        ("/".join(["x" * 200] * 25), "at most 400"),
    ],
)
def test_a_path_that_cannot_be_used_is_refused_in_words(tmp_path, capfd, name, said):
    assert cli.main(["ingest", str(Path(__file__)), "--data", str(tmp_path / name)]) == 1
    shown = capfd.readouterr().err
    assert said in shown and "Choose" in shown.replace("choose", "Choose") and "Errno" not in shown
    assert shown.count("\n") == 1 and "\x1b" not in shown
    assert list(tmp_path.iterdir()) == []


def test_the_longest_path_that_is_taken_is_one_that_sqlite_opens(tmp_path):
    """SQLite's MAX_PATHNAME is 512 bytes (os_unix.c); the deepest file of it is that of the office."""
    left = places.LONGEST_ROOT - len(os.fsencode(tmp_path)) - 1
    names = [("x" * 99)] * (left // 100) + ["y" * (left % 100)]
    root = tmp_path.joinpath(*filter(None, names))
    assert places.LONGEST_ROOT - 1 <= len(os.fsencode(root)) <= places.LONGEST_ROOT
    places.require(root)
    office = root / "portal" / "office" / "office.db"
    office.parent.mkdir(parents=True)
    with sqlite3.connect(office) as connection:
        connection.execute("pragma journal_mode=WAL")
        connection.execute("create table t (a)")
    with pytest.raises(places.BadPlace):
        places.require(Path(f"{root}zz"))


@given(st.text(st.sampled_from("ab 数%#?'\"\n\r\t\x1b\\\x7f\u2028\udcff"), max_size=12))
def test_exactly_names_of_signs_that_can_be_seen_are_taken(name):
    """All signs of the alphabet that the test draws from are given: the first line is taken, the second is not."""
    wanted = set(name) <= set("ab 数%#?'\"")
    assert (places.of_name(Path("/data") / name) is None) == wanted


def test_a_file_where_a_folder_is_expected_is_named(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "inbox").write_text("", encoding="utf-8")
    with pytest.raises(places.BadPlace, match=f"{tmp_path}/data/inbox is a file where a folder is expected"):
        DataDirectory(tmp_path / "data").create()
    with pytest.raises(places.BadPlace, match="inbox is a file"):
        DataDirectory(tmp_path / "data" / "inbox" / "deeper").create()


@pytest.mark.parametrize("target", ["nowhere", "data"])
def test_a_link_that_leads_nowhere_or_to_itself_is_named(tmp_path, target):
    (tmp_path / "data").symlink_to(tmp_path / target)
    with pytest.raises(places.BadPlace, match="is a link that leads nowhere"):
        DataDirectory(tmp_path / "data").create()


def test_a_link_to_a_folder_and_a_relative_path_are_taken(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "data").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    data_directory(Path("data")).create()
    assert (tmp_path / "real" / "topics").is_dir()
    assert data_directory(Path("data")).root == tmp_path / "data"


def test_a_place_that_cannot_be_written_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(places.BadPlace, match=f"{tmp_path} cannot be written. Check its owner"):
        DataDirectory(tmp_path / "new" / "data").create()
    assert "cannot be written" in doctor._data_problem(DataDirectory(tmp_path / "new"))


@pytest.mark.parametrize("number", sorted(SYSTEM))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_error_of_the_system_is_said_in_words_with_its_path(monkeypatch, number, lang):
    monkeypatch.setenv("AIRSHED_LANG", lang)
    message, code = explain(OSError(number, os.strerror(number), "/数据/\x1b[2Jx"))
    assert code == 1 and "/数据/\\x1b[2Jx" in message and "Errno" not in message
    assert os.strerror(number) not in message


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_in_words_also_without_a_path_and_of_two_with_the_one_that_is_written(
    monkeypatch, lang, number
):
    monkeypatch.setenv("AIRSHED_LANG", lang)
    message, code = explain(OSError(number, os.strerror(number)))
    assert code == 1 and "df -h" in message and "Errno" not in message
    message, _ = explain(OSError(number, os.strerror(number), "/source", None, "/target"))
    assert "/target" in message and "/source" not in message


def test_an_error_of_the_system_without_a_path_keeps_the_systems_words():
    assert "Broken pipe" in explain(OSError(errno.EPIPE, "Broken pipe"))[0]


def test_a_current_folder_that_is_gone_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("AIRSHED_HOME", raising=False)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert cli.main(["status"]) == 1
    assert "the current folder is gone" in capsys.readouterr().err


def test_a_port_that_this_user_may_not_use_is_said_and_no_other_one_taken(monkeypatch):
    class Guarded(socket.socket):
        def bind(self, address) -> None:
            if address[1] < ports.PRIVILEGED:
                raise PermissionError(errno.EACCES, "Permission denied")
            super().bind(address)

    monkeypatch.setattr(ports.socket, "socket", Guarded)
    with pytest.raises(up.NoPort, match="may not listen on port 80: ports below 1024"):
        up.free_port(80, lambda *_, **__: None)
    assert "not allowed" in doctor._port_problem(80)


def test_every_message_of_a_place_stands_in_both_languages():
    for key, words in catalogue().items():
        if key.startswith(("place_", "system_", "low_port")):
            assert set(words) == {"zh", "en"}


def test_the_page_about_the_machine_names_every_such_message():
    page = (Path(__file__).resolve().parents[2] / "docs" / "machine.md").read_text(encoding="utf-8")
    prefixes = ("place_", "system_", "low_port", "clock_", "note_", "not_started")
    said = [key for key in catalogue() if key.startswith(prefixes) and key != "system_java"]
    assert len(said) > 20 and [key for key in said if f"`{key}`" not in page] == []
