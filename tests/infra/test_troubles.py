"""What is said of a trouble: in both languages, whatever a card holds, with what to do and without a password."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from infra import programs
from infra.datadir import DataDirectory
from infra.errors import explain
from infra.messages import catalogue
from infra.troubles import FULL_MB, ROOM_MB, is_full, said_of
from streams.store import open_store

ROOM = st.floats(0.0, 1e7)


@given(st.lists(ROOM, max_size=50))
def test_a_disk_is_full_from_too_little_until_there_is_room(looks):
    full = False
    for free in looks:
        before, full = full, is_full(free, full)
        if free < FULL_MB:
            assert full
        elif free >= ROOM_MB:
            assert not full
        else:
            assert full == before, "between the two nothing is said anew"


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(("troubles", "zh", "en", "words", "remedy")), inner)))  # fmt: skip
def test_a_card_may_hold_anything(card):
    about = card if isinstance(card, dict) else {"troubles": card}
    assert all(isinstance(line, str) for line in said_of(about, "en"))


def test_every_program_of_the_platform_has_words_for_what_its_absence_means(tmp_path):
    intake = programs.Intake(demo=True, history=True)
    for program in programs.platform(DataDirectory(tmp_path), "sqlite:///x", 8050, intake):
        assert f"means_{program.name}" in catalogue(), program.name


def test_a_server_that_is_not_there_is_said_with_what_to_do_and_without_the_password(monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "en")
    with pytest.raises(sa.exc.OperationalError) as raised:
        open_store("postgresql://someone:s3cret@127.0.0.1:1/air", wait_s=1.0)
    said, code = explain(raised.value)
    assert "See that the database server runs" in said and "s3cret" not in said and code == 1


def test_a_locked_file_is_said_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    engine = open_store(tmp_path / "store.sqlite", wait_s=0.1)
    with sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(sa.exc.OperationalError) as raised, engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('x')")
        holder.execute("ROLLBACK")
    said, code = explain(raised.value)
    assert "请结束占用数据库的程序" in said and code == 1
