"""A store that is away is told apart from a row that it refuses, waited for, and said once; with real locks, disks and servers."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
import time

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import AGAIN, explain
from infra.messages import catalogue
from streams.store import open_store
from streams.store.absence import (
    LONGEST_PAUSE_S,
    POSTGRES_KINDS,
    SAID_AT_LOGIN,
    SQLITE_KINDS,
    Absence,
    is_of_the_store,
    kind_of,
    open_when_there,
    pause_after,
)
from tests.small_disk import Ballast, small_disk

KINDS = {*SQLITE_KINDS.values(), *(kind for _, kind in (*POSTGRES_KINDS, *SAID_AT_LOGIN)), "unreachable", "crowded"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_absence_has_words_and_a_remedy(kind):
    assert {f"trouble_store_{kind}", f"remedy_store_{kind}"} <= set(catalogue())
    told = catalogue()[AGAIN.get(kind, f"again_store_{kind}")]
    assert "goes on by itself" not in told["en"] and "自动继续" not in told["zh"], "a command has ended"


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "请在数据库所在磁盘腾出空间，然后重新执行命令"), ("en", "then give the command again")]
)
def test_a_command_that_a_full_database_ended_is_to_be_given_again(monkeypatch, lang, words):
    monkeypatch.setenv("AIRSHED_LANG", lang)
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(sqlite3.OperationalError) as raised,
    ):
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA max_page_count=2")
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    for error in (raised.value, sa.exc.OperationalError("INSERT", {}, raised.value)):
        message, code = explain(error)
        assert code == 1 and words in message and "damaged" not in message and "损坏" not in message


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_the_longest(tries):
    assert 0 < pause_after(tries) <= pause_after(tries + 1) <= LONGEST_PAUSE_S


def _error_of(statement: str, engine: sa.Engine, *values) -> BaseException:
    with pytest.raises(Exception) as raised, engine.begin() as connection:
        connection.exec_driver_sql(statement, *values)
    return raised.value


def test_what_is_asked_wrongly_is_no_absence(tmp_path):
    engine = open_store(tmp_path / "store.sqlite")
    for statement, values, of_store in (
        ("SELECT * FROM no_such_table", (), True), ("INSERT INTO alembic_version VALUES (?)", ((2**70,),), False),
        ("INSERT INTO alembic_version VALUES (NULL)", (), False),
    ):  # fmt: skip
        error = _error_of(statement, engine, *values)
        assert kind_of(error) is None and is_of_the_store(error) == of_store, statement


def test_a_file_that_somebody_has_locked_is_an_absence_that_is_said_once_and_so_is_its_end(tmp_path, caplog):
    path, note = tmp_path / "store.sqlite", tmp_path / "run" / "store.away"
    open_store(path).dispose()
    with sqlite3.connect(path, isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 0.1})
        error = _error_of("INSERT INTO alembic_version VALUES ('x')", engine)
        holder.execute("ROLLBACK")
    assert kind_of(error) == "locked"
    absence = Absence(note)
    with caplog.at_level(logging.INFO):
        pauses = [absence.away(error) for _ in range(5)]
        assert json.loads(note.read_text())["kind"] == "locked"
        absence.there()
        absence.there()
    assert pauses == sorted(pauses) and not note.exists()
    told = [record.levelname for record in caplog.records if record.name == "airshed.store"]
    assert told == ["ERROR", "INFO"], "said once, and its return once"


def test_a_full_disk_is_an_absence_of_the_store(tmp_path):
    with small_disk(tmp_path / "disk", 8) as disk:
        engine = open_store(disk / "store.sqlite")
        Ballast(disk).fill()
        error = _error_of(f"CREATE TABLE much AS SELECT '{'x' * 900_000}' AS text", engine)
        assert kind_of(error) in ("full", "io") and is_of_the_store(error)
        engine.dispose()


def test_a_server_that_is_not_there_is_waited_for_without_a_word_of_the_password(tmp_path, caplog):
    stop, note = threading.Event(), tmp_path / "store.away"
    url = "postgresql://someone:s3/cr@et@127.0.0.1:1/air"
    with caplog.at_level(logging.INFO):
        waiter = threading.Thread(target=open_when_there, args=(url, stop, Absence(note)))
        waiter.start()
        with contextlib.suppress(OSError):
            deadline = time.monotonic() + 20
            while not note.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
        time.sleep(1.0)
        stop.set()
        waiter.join(20)
    assert not waiter.is_alive()
    assert json.loads(note.read_text())["kind"] == "unreachable"
    assert sum("cannot be used" in record.getMessage() for record in caplog.records) == 1
    assert "s3/cr" not in caplog.text and "s3/cr" not in note.read_text()


def test_a_store_that_no_wait_mends_is_said_at_once(tmp_path):
    from streams.store import StoreError

    with pytest.raises(StoreError):
        open_when_there("mysql://host/air", threading.Event())


@given(st.text(max_size=40))
def test_an_error_of_another_kind_is_never_taken_for_an_absence(text):
    for error in (ValueError(text), KeyError(text), MemoryError(text), OSError(5, text)):
        assert kind_of(error) is None and not is_of_the_store(error)
