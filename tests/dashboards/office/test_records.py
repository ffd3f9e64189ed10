"""The database of the office: private, upgraded in order, never opened by an older program, writers in turn."""

from __future__ import annotations

import stat
import threading
import time

import pytest
import sqlalchemy as sa

from dashboards.context import Context
from dashboards.office import office_tables, records, schema
from dashboards.office.errors import OfficeError
from dashboards.office.records import office_url, open_office, transaction
from dashboards.snapshots.press import version_of
from streams import registry


@pytest.fixture
def notes(monkeypatch):
    """A part of another package, whose second version adds a column."""
    monkeypatch.setattr(schema, "_PARTS", dict(schema._PARTS))
    own = sa.MetaData()
    monkeypatch.setattr(schema, "metadata", own)

    def declare(*more: sa.Column, steps=()) -> sa.Table:
        own.clear()
        table = sa.Table("office_note", own, sa.Column("id", sa.Integer, primary_key=True), *more)
        schema.part("notes", [table], steps)
        return table

    return declare


def _add_word(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE office_note ADD COLUMN word VARCHAR(9) NOT NULL DEFAULT 'none'")


def test_an_older_office_is_upgraded_and_keeps_its_rows(store_url, notes):
    table = notes()
    first = open_office(store_url)
    with transaction(first) as connection:
        connection.execute(sa.insert(table).values(id=7))
    first.dispose()
    table = notes(sa.Column("word", sa.String(9), nullable=False), steps=[_add_word])
    for _ in range(2):  # the second time nothing is left to do
        engine = open_office(store_url)
        with engine.connect() as connection:
            assert [tuple(row) for row in connection.execute(sa.select(table))] == [(7, "none")]
        engine.dispose()


def test_a_newer_office_is_refused_in_words(store_url, notes):
    notes(sa.Column("word", sa.String(9)), steps=[_add_word])
    open_office(store_url).dispose()
    notes()
    with pytest.raises(OfficeError, match="notes are at version 2, this program knows 1"):
        open_office(store_url)


def test_an_upgrade_that_fails_changes_nothing(store_url, notes):
    notes()
    open_office(store_url).dispose()

    def fails(connection: sa.Connection) -> None:
        _add_word(connection)
        raise OfficeError("half way")

    notes(sa.Column("word", sa.String(9)), steps=[fails])
    with pytest.raises(OfficeError, match="half way"):
        open_office(store_url)
    notes(sa.Column("word", sa.String(9)), steps=[_add_word])
    open_office(store_url).dispose()


def test_several_who_open_an_office_at_once_make_it_once(store_url):
    troubles: list[BaseException] = []

    def opened() -> None:
        try:
            open_office(store_url).dispose()
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=opened) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []


def test_what_a_writer_has_read_stays_true_until_it_ends(office):
    """Each adds one to the number that it read; none of forty additions is lost."""
    table = office_tables.attempt
    values = {"key": "k", "failures": 0, "at": sa.func.current_timestamp(), "until": sa.func.current_timestamp()}
    with transaction(office) as connection:
        connection.execute(sa.insert(table).values(**values, turned_away=0))

    def adds() -> None:
        for _ in range(10):
            with transaction(office) as connection:
                read = connection.scalar(sa.select(table.c.failures))
                time.sleep(0.001)
                connection.execute(sa.update(table).values(failures=read + 1))

    threads = [threading.Thread(target=adds) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.connect() as connection:
        assert connection.scalar(sa.select(table.c.failures)) == 40


def test_the_file_is_its_owners_alone(tmp_path):
    engine = open_office(office_url(tmp_path))
    with transaction(engine) as connection:
        connection.execute(sa.delete(office_tables.used_form))
        paths = list((tmp_path / "office").iterdir())
        assert {path.name for path in paths} == {"office.db", "office.db-wal", "office.db-shm"}
        assert [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert stat.S_IMODE((tmp_path / "office").stat().st_mode) & 0o077 == 0
    engine.dispose()


def test_where_the_office_is(tmp_path, monkeypatch):
    own, postgres = f"sqlite:///{tmp_path}/office/office.db", "postgresql+psycopg://air@db/air"
    monkeypatch.delenv(records.OFFICE, raising=False)
    assert office_url(tmp_path, "sqlite:///air.db") == own
    assert office_url(tmp_path, postgres) == postgres
    assert office_url(tmp_path, postgres, own) == own
    assert office_url(None, "sqlite:///air.db") == ""
    monkeypatch.setenv(records.OFFICE, "sqlite:///elsewhere.db")
    monkeypatch.chdir(tmp_path)
    assert office_url(tmp_path, postgres) == f"sqlite:///{tmp_path}/elsewhere.db"


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_an_office_that_cannot_last_is_refused(url):
    with pytest.raises((OfficeError, ModuleNotFoundError)):
        open_office(url)


def test_tables_of_another_name_or_metadata_are_refused():
    with pytest.raises(ValueError, match="expected office_"):
        schema.part("x", [sa.Table("office_x", sa.MetaData(), sa.Column("id", sa.Integer))])


def test_pages_are_drawn_again_when_what_people_published_changes(engine, tmp_path, monkeypatch):
    monkeypatch.delenv(records.OFFICE, raising=False)
    context = Context(lambda: engine, registry.load(), folder=tmp_path)
    before = version_of(context, "pulse")
    assert not (tmp_path / "office").exists()  # who looks makes no office
    office, seen = records.engine_of(context), [before]
    for _ in range(2):
        with transaction(office) as connection:
            records.mark_changed(connection, "publications")
        seen.append(version_of(context, "pulse"))
    assert len(set(seen)) == 3 and version_of(context, "pulse") == seen[-1]
    office.dispose()


def test_an_office_that_cannot_be_read_leaves_public_pages(engine, tmp_path, monkeypatch):
    monkeypatch.delenv(records.OFFICE, raising=False)
    context = Context(lambda: engine, registry.load(), folder=tmp_path)
    before = version_of(context, "pulse")
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "office.db").write_bytes(b"no database at all" * 99)
    assert version_of(context, "pulse") == before
