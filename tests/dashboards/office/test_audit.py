"""The log only grows, and the first link that does not hold is found."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import threading

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.office import audit
from dashboards.office.errors import OfficeError
from dashboards.office.office_tables import audit as table
from dashboards.office.records import open_office, transaction
from tests.dashboards.office.conftest import NOON

UNGUARD = {
    "sqlite": [
        f"DROP TRIGGER office_audit_{each}" for each in ("no_update", "no_delete", "in_order")
    ],
    "postgresql": ["ALTER TABLE office_audit DISABLE TRIGGER USER"],
}  # fmt: skip


def _write(engine: sa.Engine, count: int) -> None:
    with transaction(engine) as connection:
        for number in range(count):
            audit.append(connection, NOON, "wang", "192.0.2.0/24", "publication.freeze", f"{number}", {"n": number})


def _tampered(engine: sa.Engine, statement: sa.Executable) -> None:
    with transaction(engine) as connection:
        for text in UNGUARD[engine.dialect.name]:
            connection.exec_driver_sql(text)
        connection.execute(statement)


def _verified(engine: sa.Engine, noted=None) -> audit.Verdict:
    with engine.connect() as connection:
        return audit.verify(connection, noted)


def test_an_entry_holds_the_digest_of_the_one_before(office):
    _write(office, 2)
    with office.connect() as connection:
        second, first = audit.newest(connection)
    assert first.previous == "0" * 64 and second.previous == first.digest
    # The law of the chain, written out here a second time: SHA-256 of the fields as a JSON list.
    fields = [
        2,
        "2026-03-02T04:00:00.000000Z",
        "wang",
        "192.0.2.0/24",
        "publication.freeze",
        "1",
        '{"n":1}',
        first.digest,
    ]
    written = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    assert second.digest == hashlib.sha256(written.encode()).hexdigest()
    assert _verified(office) == audit.Verdict(2, second.digest)


@pytest.mark.parametrize("text", [
    "UPDATE office_audit SET who = 'li' WHERE sequence = 1", "DELETE FROM office_audit WHERE sequence = 2",
    "DELETE FROM office_audit",
])  # fmt: skip
def test_the_database_refuses_what_is_not_growth(office, text):
    _write(office, 2)
    with pytest.raises(sa.exc.DatabaseError, match="office_audit only grows"), transaction(office) as connection:
        connection.exec_driver_sql(text)
    assert _verified(office).entries == 2


def test_an_entry_cannot_be_replaced_by_a_program_without_our_settings(office, tmp_path):
    _write(office, 2)
    if office.dialect.name == "sqlite":
        text = (
            "INSERT OR REPLACE INTO office_audit "
            "SELECT sequence, at, 'li', place, what, subject, detail, previous, digest FROM office_audit"
        )
        with pytest.raises(sqlite3.DatabaseError, match="only grows"), sqlite3.connect(office.url.database) as plain:
            plain.execute(text)
    else:
        with pytest.raises(sa.exc.DatabaseError, match="only grows"), transaction(office) as connection:
            connection.exec_driver_sql("TRUNCATE office_audit")
    assert _verified(office).entries == 2


def test_an_entry_cannot_be_replaced_by_the_number_that_sqlite_gives_its_row(tmp_path):
    """SQLite numbers rows by itself (rowid): a next entry that named the row of an old one took it away."""
    office = open_office(f"sqlite:///{tmp_path}/office.db")
    _write(office, 2)
    text = (
        "INSERT OR REPLACE INTO office_audit (rowid, sequence, at, who, place, what, subject, detail, previous, digest) "
        "SELECT 1, 3, at, 'li', place, what, subject, detail, digest, digest FROM office_audit WHERE sequence = 2"
    )
    with pytest.raises(sqlite3.DatabaseError, match="only grows"), sqlite3.connect(office.url.database) as plain:
        plain.execute(text)
    assert _verified(office).entries == 2
    office.dispose()


@pytest.mark.parametrize("column", ["at", "who", "place", "what", "subject", "detail", "previous", "digest"])
def test_a_change_of_any_field_is_found(office, column):
    _write(office, 3)
    _tampered(office, sa.update(table).where(table.c.sequence == 2).values({column: "2020"}))
    assert (_verified(office).entries, _verified(office).broken) == (1, 2)


def test_an_entry_that_is_taken_out_is_found(office):
    _write(office, 4)
    _tampered(office, sa.delete(table).where(table.c.sequence == 2))
    assert _verified(office) == audit.Verdict(1, _verified(office).head, 2, "missing")


def test_an_end_that_is_cut_off_is_found_by_who_noted_it(office):
    _write(office, 3)
    noted = (3, _verified(office).head)
    assert _verified(office, noted).broken is None
    _tampered(office, sa.delete(table).where(table.c.sequence == 3))
    assert _verified(office).broken is None and _verified(office, noted).broken == 3
    assert _verified(office, (2, "f" * 64)).broken == 2


def test_an_entry_goes_with_the_change_that_it_records(office):
    with pytest.raises(ZeroDivisionError), transaction(office) as connection:
        audit.append(connection, NOON, "wang", "", "x")
        _ = 1 / 0
    assert _verified(office).entries == 0


def test_an_entry_outside_of_a_transaction_of_the_office_is_refused(office):
    with pytest.raises(OfficeError, match="outside of a transaction"), office.begin() as connection:
        audit.append(connection, NOON, "wang", "", "x")


def test_writers_at_once_make_one_chain(office):
    threads = [threading.Thread(target=_write, args=(office, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _verified(office).entries == 20 and _verified(office).broken is None


def test_what_json_cannot_hold_is_refused():
    for detail in ({"x": float("nan")}, {"x": object()}, {"x": "a" * (audit.LONGEST_DETAIL + 1)}):
        with pytest.raises(OfficeError, match="the detail of an entry"):
            audit.canonical(detail)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(max_size=300), min_size=4, max_size=4), st.dictionaries(st.text(max_size=9), st.text(max_size=99))
)
def test_every_text_can_be_written_down_and_holds(anywhere, texts, detail):
    with transaction(anywhere) as connection:
        audit.append(connection, dt.datetime(2026, 1, 1), *texts, detail)
    assert _verified(anywhere).broken is None


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory):
    engine = open_office(f"sqlite:///{tmp_path_factory.mktemp('log')}/office.db")
    yield engine
    engine.dispose()


def test_an_entry_that_was_rolled_back_is_not_written_into_the_log_file(office, caplog):
    with caplog.at_level("INFO", "dashboards.office.audit"):
        with pytest.raises(ZeroDivisionError), transaction(office) as connection:
            audit.append(connection, NOON, "wang", "", "x")
            _ = 1 / 0
        assert caplog.messages == []
        _write(office, 1)
    assert caplog.messages == [f"entry 1 publication.freeze {_verified(office).head}"]
