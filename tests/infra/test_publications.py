"""Publications, drafts and meetings on the command line: what the office holds, in both languages, and whether it holds."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import zipfile

import pytest

from dashboards.meetings.office_tables import action, meeting
from dashboards.office.guard import DUTY_OFFICER, Officer
from dashboards.office.records import open_office, transaction
from dashboards.phase.content import digest, from_bytes
from dashboards.phase.door import gathered_for
from dashboards.phase.question import question_of
from dashboards.publications.freeze import draft_of, freeze
from dashboards.publications.office_tables import INTERNAL
from tests.dashboards.office.conftest import NOON, quick  # noqa: F401 - a fixture
from tests.dashboards.phase import made
from tests.infra.test_users import home, said  # noqa: F401 - a fixture

ZHAO = Officer("zhao", "zhao", DUTY_OFFICER)


@pytest.fixture
def store(home):  # noqa: F811
    """The store of the data directory, with the days of two years of the eight cities."""
    engine = made.store(home)
    for year, seed in ((2024, 1), (2025, 2)):
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        made.put_cities(engine, made.daily(len(made.CITIES), first, last, seed=seed), first)
    yield engine
    engine.dispose()


def office_of(home):  # noqa: F811
    return open_office(f"sqlite:///{home}/portal/office/office.db")


def publish(home, store, period="2025-Q3", audience="public"):  # noqa: F811
    with store.connect() as connection:
        question = question_of({"period": period}, made.CITIES)
        found = draft_of(gathered_for(connection, question, registry=made.KNOWN, folder=None))
    office = office_of(home)
    record = freeze(
        office,
        found,
        ZHAO,
        looked_at=found.sha256,
        titles=("三季度", f"Quarter {period}"),
        place="",
        at=NOON,
        audience=audience,
    )
    office.dispose()
    return record


def test_the_register_is_listed_shown_verified_and_written_as_files(home, store, capsys, tmp_path):  # noqa: F811
    assert "nothing has been published" in said(capsys, "publications", "list")
    record = publish(home, store)
    publish(home, store, "2025-Q2", INTERNAL)
    listed = said(capsys, "publications", "list")
    assert "2026-001" in listed and "Quarter 2025-Q3" in listed and "2026-002" in listed
    shown = said(capsys, "publications", "show", "2026-001")
    assert record.content_sha256 in shown and "(2025-07-01 — 2025-09-30)" in shown
    assert "2026-001: comes out of its recorded inputs" in said(capsys, "publications", "verify", "2026-001")
    assert "2 verified, 0 of them do not hold" in said(capsys, "publications", "verify", "--all")
    said(capsys, "publications", "export", "2026-001", str(tmp_path / "out"), "--lang", "zh")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    kinds = ("docx", "json", "pdf", "xlsx", "zip")
    assert names == ["2026-001-inputs.json", *(f"2026-001-zh.{kind}" for kind in kinds)]
    assert digest((tmp_path / "out/2026-001-inputs.json").read_bytes()) == record.inputs_sha256
    assert zipfile.is_zipfile(tmp_path / "out/2026-001-zh.zip")


def test_what_does_not_come_out_any_more_ends_with_one_and_the_others_are_still_verified(home, store, capsys):  # noqa: F811
    publish(home, store)
    other = publish(home, store, "2025-Q2")
    with sqlite3.connect(home / "portal/office/office.db") as raw:  # somebody with the file in hand
        raw.execute("DROP TRIGGER office_blob_frozen")
        raw.execute("UPDATE office_blob SET body = x'00' WHERE sha256 = ?", [other.inputs_sha256])
    told = said(capsys, "publications", "verify", "--all", code=1)
    assert "2026-002: cannot be verified" in told and "2026-001: comes out" in told and "1 of them" in told


@pytest.mark.parametrize("command", [["show", "2026-009"], ["verify", "x"], ["export", "2026-001r9", "out"]])
def test_a_number_that_there_is_not_is_told_in_words(home, capsys, command, monkeypatch, tmp_path):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    told = said(capsys, "publications", *command, code=1)
    assert "There is no publication" in told and "Traceback" not in told
    monkeypatch.setenv("AIRSHED_LANG", "zh")
    assert "没有编号为" in said(capsys, "publications", *command, code=1)
    assert not (tmp_path / "out").exists()


def test_verify_wants_a_number_or_all_of_them(home, capsys):  # noqa: F811
    for given in ([], ["2026-001", "--all"]):
        assert "give a number, or --all" in said(capsys, "publications", "verify", *given, code=2)


def test_a_draft_is_told_in_words_and_its_json_is_what_would_be_frozen(home, store, capsys, tmp_path):  # noqa: F811
    record = publish(home, store)
    told = said(capsys, "assess", "2025-Q3")
    assert "draft" in told and "Chengdu" in told
    written = said(capsys, "assess", "2025-Q3", "--json")
    assert digest(written.strip().encode()) == record.content_sha256
    assert json.loads(written)["question"] and from_bytes(written.encode())
    one = json.loads(said(capsys, "assess", "2025-07", "--places", "510100", "--base", "2024-01", "--json"))
    assert one["question"]["places"] == "510100" and one["question"]["base"] == "2024-01"
    said(capsys, "assess", "2025-Q3", "--pdf", str(tmp_path / "draft.pdf"))
    assert (tmp_path / "draft.pdf").read_bytes()[:5] == b"%PDF-"


def test_a_draft_says_what_is_wrong_with_the_files_that_go_into_it(home, store, capsys):  # noqa: F811
    path = home / "portal" / "targets.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('[[target]]\nplace = "51010"\nyear = 2025\nkind = "heavy_days"\nvalue = 3\nsource = "x"\n')
    assert "targets.toml: the place '51010' is not registered" in said(capsys, "assess", "2025-Q3")


@pytest.mark.parametrize(
    ("asked", "code"),
    [(["2025-Q5"], 2), (["2025", "--edition", "x"], 2), (["2025", "--places", "1"], 1), (["2025", "--base", "y"], 2)],
)
def test_a_question_that_cannot_be_understood_says_what_was_expected(home, store, capsys, asked, code):  # noqa: F811
    assert "expected" in said(capsys, "assess", *asked, code=code)


def test_meetings_and_what_is_due_are_told(home, capsys):  # noqa: F811
    assert "no meeting has been called" in said(capsys, "meetings", "list")
    office, changed = office_of(home), {"version": 1, "changed_by": "zhao", "changed_at": NOON}
    with transaction(office) as connection:
        row = {"quarter": "2025-Q4", "host": "510600", "audience": "internal", "state": "held", **changed}
        connection.execute(meeting.insert().values(day=dt.date(2026, 1, 20), **row))
        row = {
            "quarter": "2025-Q4",
            "text": "file the list",
            "owner": "510700",
            "due": dt.date(2026, 2, 1),
            "state": "open",
        }
        connection.execute(action.insert().values(**row, **changed))
    office.dispose()
    listed = said(capsys, "meetings", "list")
    assert "2025-Q4" in listed and "Deyang" in listed and "2026-01-20" in listed
    due = said(capsys, "meetings", "due", "2025-Q4")  # the shipped rules: 30 days after 31 December
    assert "2026-01-30" in due and "a proposal" in due and "file the list" in due and "Mianyang" in due
    assert "expected a quarter" in said(capsys, "meetings", "due", "2025-Q7", code=2)
    (home / "portal" / "meetings.toml").write_text("[[duty]]\nkind = 'x'\n")
    assert "cannot be used" in said(capsys, "meetings", "due", "2025-Q4")
