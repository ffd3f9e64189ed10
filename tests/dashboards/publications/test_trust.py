"""What may be relied on of publications: logged, never half-done, told in words when the office is lost, cheap when many."""

import datetime as dt
import inspect
import sqlite3
import threading
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dashboards.context import Context
from dashboards.office import audit, schema
from dashboards.office.guard import DUTY_OFFICER, Officer
from dashboards.office.records import engine_of, open_office, state_of, transaction
from dashboards.phase.content import digest
from dashboards.phase.door import gathered_for
from dashboards.phase.question import question_of
from dashboards.publications import freeze as freezing
from dashboards.publications import register
from dashboards.publications.freeze import draft_of
from dashboards.publications.office_tables import publication
from dashboards.publications.register import PublicationRefused
from dashboards.publications.verify import verify
from tests.dashboards.office.conftest import NOON, entries, quick  # noqa: F401
from tests.dashboards.office.test_pages import CHENGDU, browser, context  # noqa: F401
from tests.dashboards.phase import made
from tests.dashboards.publications.test_pages import PAGE, button, engine, freeze, look, set_day, signed  # noqa: F401

ZHAO = Officer("zhao", "zhao", DUTY_OFFICER)
JULY = dt.date(2025, 7, 14)


@pytest.fixture
def office(store_url):
    """An office in each kind of database."""
    made_engine = open_office(store_url)
    yield made_engine
    made_engine.dispose()


def drafted(engine, period="2025-07"):  # noqa: F811
    with engine.connect() as connection:
        question = question_of({"period": period}, made.CITIES)
        return draft_of(gathered_for(connection, question, registry=made.KNOWN, folder=None))


def publish(office, draft):
    return freezing.freeze(office, draft, ZHAO, looked_at=draft.sha256, titles=("七月", "July"), place="", at=NOON)


def revised(office, before, draft):
    return freezing.revise(office, before, draft, ZHAO, looked_at=draft.sha256, reason="复核", place="", at=NOON)


def withdrawn(office, before):
    return freezing.withdraw(office, before, ZHAO, reason="换算有误", place="", at=NOON)


def test_every_function_that_changes_a_publication_is_logged_once_and_lets_public_pages_know(office, engine):  # noqa: F811
    changing = {
        name
        for name, each in inspect.getmembers(freezing, inspect.isfunction)
        if each.__module__ == freezing.__name__ and {"office", "officer"} <= inspect.signature(each).parameters.keys()
    }
    assert changing == {"freeze", "revise", "withdraw"}, "a function that changes publications is not held here"
    context = Context(lambda: engine, made.KNOWN, office=office.url.render_as_string(hide_password=False))  # noqa: F811
    context.office_engine = office
    draft, state = drafted(engine), state_of(context)
    set_day(engine, 499.0, day=JULY)
    corrected, done = drafted(engine), []
    for step in (
        lambda: publish(office, draft),
        lambda: revised(office, done[-1], corrected),
        lambda: withdrawn(office, done[-1]),
    ):
        logged, before = len(entries(office)), state_of(context)
        done.append(step())
        assert len(entries(office)) == logged + 1 and state_of(context) not in (before, state)
    with office.connect() as connection:
        assert audit.verify(connection).entries == 3
        assert [each.state for each in register.revisions_of(connection, "2026-001")] == ["superseded", "withdrawn"]
        assert verify(connection, done[1]).holds


def test_a_revision_of_what_was_withdrawn_meanwhile_is_made_and_the_withdrawal_stays(office, engine):  # noqa: F811
    looked_at = publish(office, drafted(engine))
    withdrawn(office, looked_at)  # by somebody else, between the look and the button
    set_day(engine, 499.0, day=JULY)
    assert revised(office, looked_at, drafted(engine)).state == "published"
    with office.connect() as connection:
        assert register.by_name(connection, looked_at.name).state == "withdrawn"


def test_of_revisions_and_withdrawals_at_once_each_is_done_or_refused_and_the_log_tells_which(office, engine):  # noqa: F811
    before = publish(office, drafted(engine))
    set_day(engine, 499.0, day=JULY)
    draft, barrier, told = drafted(engine), threading.Barrier(6), []

    def press(what):
        barrier.wait()
        try:
            told.append(
                (what, (revised(office, before, draft) if what == "revise" else withdrawn(office, before)).name)
            )
        except PublicationRefused as refused:
            told.append((what, refused.key))

    threads = [threading.Thread(target=press, args=(what,)) for what in ("revise", "withdraw") * 3]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert sum(told.count(("revise", name)) for name in ("2026-001r1",)) == 1, told
    assert told.count(("revise", "publications.refused_not_newest")) == 2, told
    done = [each for each in told if not each[1].startswith("publications.")]
    assert sorted(each.what for each in entries(office)) == sorted(["freeze", *(what for what, _ in done)])
    with office.connect() as connection:
        states = [each.state for each in register.revisions_of(connection, "2026-001")]
        assert (
            states in (["superseded", "published"], ["withdrawn", "published"])
            and audit.verify(connection).broken is None
        )


def test_a_publication_holds_after_the_tables_of_the_office_were_upgraded(store_url, engine, monkeypatch):  # noqa: F811
    before = open_office(store_url)
    record = publish(before, drafted(engine))
    before.dispose()

    def add(connection):
        connection.exec_driver_sql("ALTER TABLE office_publication ADD COLUMN doi VARCHAR(80) NOT NULL DEFAULT ''")

    parts = dict(schema._PARTS)
    parts["publications"] = replace(parts["publications"], steps=(*parts["publications"].steps, add))
    monkeypatch.setattr(schema, "_PARTS", parts)
    after = open_office(store_url)
    with after.connect() as connection:
        found = register.by_name(connection, record.name)
        assert found == record and verify(connection, found).holds
    with pytest.raises(sa.exc.DatabaseError, match="frozen"), transaction(after) as connection:
        connection.execute(sa.update(publication).values(title_zh="x"))
    withdrawn(after, record)
    after.dispose()


TABLES = ("office_publication", "office_blob", "office_audit", "office_state")


def counts(office):
    with office.connect() as connection:
        return [connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in TABLES[:3]]


@pytest.mark.parametrize("table", TABLES)
def test_an_office_that_cannot_be_written_any_more_says_so_and_nothing_is_half_done(browser, context, table):  # noqa: F811
    one, office = signed(browser), engine_of(context)
    look(one)
    fields, before = button(one, "freeze") | {"audience": "public"}, counts(office)

    def refuse(_c, _cursor, text, *_):
        if text.startswith(("INSERT", "UPDATE")) and table in text:
            raise sqlite3.OperationalError("attempt to write a readonly database")

    sa.event.listen(office, "before_cursor_execute", refuse)
    answer = one.post(PAGE, fields)
    sa.event.remove(office, "before_cursor_execute", refuse)
    assert answer.status_code == 503 and "<h1" in answer.text and "readonly" not in answer.text
    assert counts(office) == before
    assert freeze(one).status_code == 303, "once it can be written again the same is published"


def test_an_office_that_is_lost_while_a_form_is_open_says_so_in_words(browser, context):  # noqa: F811
    one = signed(browser)
    look(one)
    fields = button(one, "freeze")
    engine_of(context).dispose()
    for path in (context.folder / "office").iterdir():
        path.write_bytes(b"no database any more" * 400)
    answer = one.post(PAGE, fields | {"audience": "public"})
    assert answer.status_code == 503 and "<h1" in answer.text
    for path in ("/publications", "/publications/2026-001", "/publications/2026-001/against/2026-002", "/meetings"):
        page = browser().get(path)
        assert page.status_code == 200 and "暂时无法读取" in page.text, path
        assert "Publications and meetings cannot be read" in browser().get(f"/en{path}").text
    assert browser().client.get("/publications/2026-001.pdf").status_code == 503


def test_what_a_page_says_of_an_office_in_trouble_is_not_kept(browser, context):  # noqa: F811
    freeze(signed(browser))
    office, asked = engine_of(context), []

    def refuse(_c, _cursor, text, *_):
        asked.extend([text] if text.startswith("SELECT") else [])
        if len(asked) > 1:  # after the look that names the version: the trouble comes in between
            raise sqlite3.OperationalError("disk I/O error")

    sa.event.listen(office, "before_cursor_execute", refuse)
    page = browser().get("/publications").text
    sa.event.remove(office, "before_cursor_execute", refuse)
    assert "office_state" in asked[0] and "暂时无法读取" in page
    assert "2026-001" in browser().get("/publications").text


MANY = 2000


def test_a_page_costs_no_more_when_there_are_two_thousand_publications(browser, context):  # noqa: F811
    freeze(signed(browser), period="2025-07", places=CHENGDU)
    office = engine_of(context)
    with transaction(office) as connection:
        row = dict(connection.execute(sa.select(publication)).one()._mapping)
        row.pop("id")
        others = [row | {"number": f"2026-{n:03d}", "question": question(n)} for n in range(2, MANY + 1)]
        connection.execute(sa.insert(publication), others)
    for path in ("/publications", "/publications/2026-001", "/publications/2026-1000", "/api/v1/publications?limit=25",
                 "/feeds/publications.atom", "/api/v1/publications/2026-001", "/meetings"):  # fmt: skip
        begun = time.process_time()
        answer = browser().client.get(path)
        took = time.process_time() - begun
        assert answer.status_code == 200 and took < 0.5, (path, took)


def question(n):
    """Give questions of which no two are equal, and each can be read."""
    first = dt.date(2025, 1, 1) + dt.timedelta(days=n // 40)
    days = f"{first}..{first + dt.timedelta(days=n % 40)}"
    return f"period={days};base=2024-07;edition=2026T;places={CHENGDU}"


def test_the_digest_of_what_everybody_reads_is_that_of_the_record(office, engine):  # noqa: F811
    record = publish(office, drafted(engine))
    with office.connect() as connection:
        assert digest(register.content_of(connection, record)) == record.content_sha256
