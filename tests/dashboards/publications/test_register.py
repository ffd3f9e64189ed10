"""The register: numbers without gaps, one publication of a question, nothing frozen can change."""

import datetime as dt
import sqlite3
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dashboards.office import schema
from dashboards.office.records import open_office, transaction
from dashboards.publications import register
from dashboards.publications.office_tables import FROZEN, INTERNAL, MOVES, blob, publication
from dashboards.publications.register import Frozen, PublicationRefused

AT = dt.datetime(2026, 4, 8, 1, 30)
QUESTION = "period=2026-Q1;base=2025-Q1;edition=2026-transition;places=510100,region"
FIRST = Frozen(
    QUESTION, "一季度评估", "First quarter", "2026-Q1", dt.date(2026, 1, 1), dt.date(2026, 3, 31), "2026-transition",
    simulated=False, inputs=b"inputs", content=b"content", software="abc", versions={"inventory": "2025"},
)  # fmt: skip


@pytest.fixture
def office(store_url):
    engine = open_office(store_url)
    yield engine
    engine.dispose()


def first(office, frozen=FIRST, at=AT):
    with transaction(office) as connection:
        return register.record_first(connection, frozen, by="lin", at=at)


def test_a_publication_is_found_again_by_its_number_with_inputs_and_content(office):
    made = first(office)
    with office.connect() as connection:
        found = register.by_name(connection, "2026-001")
        assert found == made and found.versions == {"inventory": "2025"}
        assert register.inputs_of(connection, found) == b"inputs"
        assert register.content_of(connection, found) == b"content"


def test_numbers_count_up_in_a_year_of_beijing_and_begin_again_in_the_next(office):
    names = [first(office, replace(FIRST, question=f"{QUESTION}{n}")).name for n in range(3)]
    last_night = dt.datetime(2026, 12, 31, 16, 0)  # already 2027 in Beijing
    names.append(first(office, replace(FIRST, question="another"), last_night).name)
    assert names == ["2026-001", "2026-002", "2026-003", "2027-001"]


def test_a_refused_publication_leaves_no_gap_in_the_numbers(office):
    first(office)
    with pytest.raises(PublicationRefused, match="refused_exists"):
        first(office)
    assert first(office, replace(FIRST, question="another")).name == "2026-002"


def test_two_at_once_give_one_publication_and_one_clear_refusal(office):
    told, barrier = [], threading.Barrier(8)

    def one():
        barrier.wait()
        try:
            told.append(first(office).name)
        except PublicationRefused as refused:
            told.append(refused.key)

    threads = [threading.Thread(target=one) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(told) == ["2026-001"] + ["publications.refused_exists"] * 7


def revise(office, before, content=b"corrected", reason="站点复核"):
    with transaction(office) as connection:
        frozen = replace(FIRST, content=content)
        return register.record_revision(
            connection, before, frozen, b'{"cells":[],"days":[]}', reason=reason, by="wu", at=AT
        )  # fmt: skip


def test_a_revision_supersedes_under_the_same_number_and_both_stay(office):
    before = first(office)
    after = revise(office, before)
    assert (after.name, after.state, after.reason) == ("2026-001r1", "published", "站点复核")
    with office.connect() as connection:
        old = register.by_name(connection, before.name)
        assert (old.state, old.state_reason) == ("superseded", "2026-001r1")
        assert register.content_of(connection, old) == b"content"
        assert [each.name for each in register.revisions_of(connection, "2026-001")] == ["2026-001", "2026-001r1"]
        assert register.newest_of(connection, QUESTION) == after


def test_only_the_newest_revision_is_revised_and_never_without_a_reason(office):
    before = first(office)
    with pytest.raises(PublicationRefused, match="no_reason"):
        revise(office, before, reason="  ")
    revise(office, before)
    with pytest.raises(PublicationRefused, match="not_newest"):
        revise(office, before)


def test_a_withdrawn_publication_keeps_its_record_and_can_be_corrected_but_not_withdrawn_again(office):
    made = first(office)
    with transaction(office) as connection:
        gone = register.withdraw(connection, made, reason="换算有误", by="wu", at=AT)
        assert (gone.state, gone.state_reason, gone.state_by) == ("withdrawn", "换算有误", "wu")
    with transaction(office) as connection, pytest.raises(PublicationRefused, match="refused_state"):
        register.withdraw(connection, made, reason="再次", by="wu", at=AT)
    assert revise(office, gone).state == "published"
    with office.connect() as connection:
        assert register.by_name(connection, made.name).state == "withdrawn"
        assert register.content_of(connection, made) == b"content"


@pytest.mark.parametrize("column", FROZEN)
def test_no_statement_changes_what_is_frozen(office, column):
    first(office)
    other = {"id": 9, "revision": 9, "simulated": True, "first_day": dt.date(2020, 1, 1), "last_day": dt.date(2020, 1, 1),
             "frozen_at": AT + dt.timedelta(1)}.get(column, "x")  # fmt: skip
    with pytest.raises(sa.exc.DatabaseError, match="frozen"), transaction(office) as connection:
        connection.execute(sa.update(publication).values({column: other}))


@pytest.mark.parametrize("statement", [sa.delete(publication), sa.delete(blob), sa.update(blob).values(body=b"")])
def test_no_statement_takes_a_record_or_its_content_away(office, statement):
    first(office)
    with pytest.raises(sa.exc.DatabaseError, match="frozen"), transaction(office) as connection:
        connection.execute(statement)


SET = {column: (f"'x' AS {column}" if column.startswith("title") else column) for column in FROZEN + MOVES}


@pytest.mark.parametrize("aged", [False, True])
@pytest.mark.parametrize(
    "statement",
    [f"REPLACE INTO office_publication SELECT {', '.join(SET.values())} FROM office_publication",
     f"INSERT OR REPLACE INTO office_publication SELECT {', '.join({**SET, 'id': 'id + 7'}.values())} FROM office_publication",
     "REPLACE INTO office_blob SELECT sha256, kind, size, x'00' FROM office_blob",
     "REPLACE INTO office_blob (rowid, sha256, kind, size, body) SELECT rowid, 'x' || sha256, kind, size, x'00' FROM office_blob"],
)  # fmt: skip
def test_no_program_beside_ours_puts_another_row_in_the_place_of_a_frozen_one(tmp_path, statement, aged):
    # Where recursive_triggers is off, as in sqlite3 on a terminal, REPLACE fires no trigger of deletion (SQLite, ON CONFLICT).
    office = open_office(f"sqlite:///{tmp_path / 'office.db'}")
    made = first(office)
    if aged:
        with transaction(office) as connection:
            for name in ("office_publication", "office_blob"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}_in_place")
            connection.execute(
                sa.update(schema.version).where(schema.version.c.part == "publications").values(version=1)
            )
        office.dispose()
        office = open_office(f"sqlite:///{tmp_path / 'office.db'}")
    with pytest.raises(sqlite3.DatabaseError, match="frozen"), sqlite3.connect(tmp_path / "office.db") as plain:
        plain.execute(statement)
    plain.close()
    with office.connect() as connection:
        assert register.by_name(connection, made.name) == made and register.content_of(connection, made) == b"content"
    office.dispose()


def test_a_state_never_goes_back(office):
    made = first(office)
    with transaction(office) as connection:
        register.withdraw(connection, made, reason="换算有误", by="wu", at=AT)
    with pytest.raises(sa.exc.DatabaseError, match="does not come back"), transaction(office) as connection:
        connection.execute(sa.update(publication).values(state="published"))


@pytest.mark.parametrize(
    "name", ["2026-002", "2026-001r1", "2026-001r0", "2026-1", "", "x" * 500, "2026-001' OR '1'='1"]
)
def test_a_number_that_there_is_not_is_refused(office, name):
    first(office)
    with office.connect() as connection, pytest.raises(PublicationRefused, match="unknown"):
        register.by_name(connection, name)


def test_the_list_shows_the_newest_first_goes_on_from_the_last_one_and_hides_internal_ones(office):
    made = [
        first(office, replace(FIRST, question=str(n), audience=INTERNAL if n == 2 else "public")) for n in range(5)
    ]  # fmt: skip
    with office.connect() as connection:
        page = register.listed(connection, most=2)
        assert [each.question for each in page] == ["4", "3"]
        assert [each.question for each in register.listed(connection, before=page[-1].id)] == ["1", "0"]
        assert len(register.listed(connection, audiences=("public", INTERNAL))) == len(made)


def test_the_version_changes_with_each_change_of_the_register(office):
    def version():
        with office.connect() as connection:
            return register.version_of(connection)

    seen = [version()]
    made = first(office)
    seen.append(version())
    made = revise(office, made)
    seen.append(version())
    with transaction(office) as connection:
        register.withdraw(connection, made, reason="x", by="wu", at=AT)
    seen.append(version())
    assert len(set(seen)) == len(seen)
