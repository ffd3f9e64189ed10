"""What may be relied on of the book of meetings: no change is lost or kept from the log, nothing internal is shown."""

import datetime as dt
import inspect
from dataclasses import replace

import pytest

from dashboards.meetings import book
from dashboards.meetings.quarters import ASSESSMENT, quarter_named
from dashboards.office.records import engine_of, state_of, transaction
from dashboards.publications import register
from dashboards.publications.office_tables import INTERNAL
from dashboards.publications.register import Frozen
from tests.dashboards.meetings.test_book import MEETINGS, ONE, form, version, zhao  # noqa: F401
from tests.dashboards.office.conftest import NOON, entries, quick  # noqa: F401
from tests.dashboards.office.test_pages import CHENGDU, DEYANG, KNOWN, browser, context  # noqa: F401

ALL = ",".join((*KNOWN.cities, "region"))


def publish(context, places=ALL, period="2026-Q1", **changes):  # noqa: F811
    """Record a publication without computing it; give its record."""
    question = f"period={period};base=2025-Q1;edition=2026T;places={places}"
    frozen = Frozen(
        question, "一季度评估", "First quarter", period, dt.date(2026, 1, 1), dt.date(2026, 3, 31), "2026T",
        simulated=False, inputs=b"inputs", content=b"content", software="abc", versions={},
    )  # fmt: skip
    with transaction(engine_of(context)) as connection:
        return register.record_first(connection, replace(frozen, **changes), by="lin", at=NOON)


def unticked(browser):  # noqa: F811
    """Give the fields of the form of papers as it is open, with no box ticked."""
    return {name: value for name, value in browser.fields('value="papers"').items() if not name.startswith("paper_")}


STEPS = {
    "call": lambda one: one.send(MEETINGS, 'name="host"', quarter="2026-Q2", host=CHENGDU),
    "edit": lambda one: form(one, ONE, "edit", day="2026-03-20", audience="public"),
    "lay": lambda one: form(one, ONE, "papers", more="2026-001"),
    "decide": lambda one: form(one, ONE, "decide", text="联合开展错峰减排"),
    "give": lambda one: form(one, ONE, "give", text="报送清单", owner=DEYANG, due="2026-04-15"),
    "tell": lambda one: (one.get("/office/actions"), one.post(
        "/office/actions", one.fields('name="action"') | {"state": "done", "note": "已报送"})),
    "move": lambda one: form(one, ONE, "move"),
    "report": lambda one: form(one, ONE, "report", day="2026-03-25"),
}  # fmt: skip
"""One step for each function that changes the book, in an order in which all of them succeed."""


def test_every_function_that_changes_the_book_is_logged_once_and_lets_public_pages_know(zhao, context):  # noqa: F811
    changing = {
        name
        for name, each in inspect.getmembers(book, inspect.isfunction)
        if not name.startswith("_") and each.__module__ == book.__name__ and name != "today_of"
        and next(iter(inspect.signature(each).parameters), "") == "desk"
    }  # fmt: skip
    assert set(STEPS) == changing, "a function that changes the book is not held here"
    publish(context)
    for name, step in STEPS.items():
        logged, state = len(entries(engine_of(context))), state_of(context)
        step(zhao)
        assert len(entries(engine_of(context))) == logged + 1, name
        assert state_of(context) != state, f"{name}: the public page would go on showing what was"


def test_what_is_internal_does_not_show_on_the_page_of_a_public_meeting(zhao, browser, context):  # noqa: F811
    publish(context)
    publish(context, places=f"{CHENGDU}", audience=INTERNAL)
    form(zhao, ONE, "papers", more="2026-001 2026-002")
    form(zhao, ONE, "edit", day="2026-03-20", audience="public")
    page = browser().get("/meetings").text
    assert "2026-001" in page and "一季度评估" in page and "2026-002" not in page


def test_two_who_lay_papers_at_once_do_not_take_each_others_away(zhao, browser, context):  # noqa: F811
    publish(context)
    publish(context, places=CHENGDU)
    other = browser()
    other.sign_in("root")
    other.get(ONE)
    zhao.get(ONE)
    kept = unticked(other)
    assert zhao.post(ONE, unticked(zhao) | {"more": "2026-001"}).status_code == 303
    answer = other.post(ONE, kept | {"more": "2026-002"})
    assert answer.status_code == 422 and "zhao 在您打开之后作了更改" in answer.text
    with engine_of(context).connect() as connection:
        assert book.meeting_of(connection, "2026-Q1").papers == ("2026-001",)


def test_a_paper_that_was_withdrawn_since_stays_and_a_new_one_can_be_laid_beside_it(zhao, context):  # noqa: F811
    made = publish(context)
    publish(context, places=CHENGDU)
    form(zhao, ONE, "papers", more="2026-001")
    with transaction(engine_of(context)) as connection:
        register.withdraw(connection, made, reason="换算有误", by="lin", at=NOON)
    answer = form(zhao, ONE, "papers", more="2026-001 2026-002")
    assert answer.status_code == 303, answer.text
    with engine_of(context).connect() as connection:
        assert book.meeting_of(connection, "2026-Q1").papers == ("2026-001", "2026-002")


def test_a_withdrawn_publication_is_not_laid_anew(zhao, context):  # noqa: F811
    made = publish(context)
    with transaction(engine_of(context)) as connection:
        register.withdraw(connection, made, reason="换算有误", by="lin", at=NOON)
    answer = form(zhao, ONE, "papers", more="2026-001")
    assert answer.status_code == 422 and "2026-001" in answer.text and "没有编号" not in answer.text


@pytest.mark.parametrize("places, is_done", [(ALL, True), (CHENGDU, False), (f"{CHENGDU},region", False)])
def test_the_duty_of_all_cities_is_not_done_by_the_assessment_of_one(context, places, is_done):  # noqa: F811
    publish(context, places=places)
    with engine_of(context).connect() as connection:
        done = book.fulfilled(connection, quarter_named("2026-Q1"), tuple(KNOWN.cities))
    assert (ASSESSMENT in done) == is_done


def test_a_form_that_asks_for_nothing_there_is_is_refused(zhao):  # noqa: F811
    zhao.get(ONE)
    answer = zhao.post(ONE, zhao.fields('value="decide"') | {"do": "destroy"})
    assert answer.status_code != 303


def test_an_open_action_of_a_public_meeting_shows_however_long_ago_that_was(zhao, browser, context):  # noqa: F811
    form(zhao, ONE, "give", text="久未完成", owner=DEYANG, due="2026-04-15")
    form(zhao, ONE, "edit", day="2026-03-20", audience="public")
    row = {
        "host": CHENGDU,
        "audience": "public",
        "state": "planned",
        "version": 1,
        "changed_by": "x",
        "changed_at": NOON,
    }
    with transaction(engine_of(context)) as connection:
        for n in range(9):
            connection.execute(book.meeting.insert().values(quarter=f"{2027 + n}-Q1", **row))
    assert "久未完成" in browser().get("/meetings").text
