"""The book of meetings in each kind of database: the same steps give the same book and the same log."""

import datetime as dt
from types import SimpleNamespace

import pytest

from dashboards.meetings import book
from dashboards.meetings.quarters import DUTIES, quarter_named
from dashboards.office import audit
from dashboards.office.accounts import Caller
from dashboards.office.desk import Desk
from dashboards.office.errors import Refused
from dashboards.office.guard import DUTY_OFFICER, Officer
from dashboards.office.records import open_office
from tests.dashboards.meetings.test_trust import publish
from tests.dashboards.office.conftest import NOON, entries
from tests.dashboards.office.test_pages import CHENGDU, DEYANG, KNOWN

Q1, Q2 = quarter_named("2026-Q1"), quarter_named("2026-Q2")


@pytest.fixture
def desk(store_url):
    """The desk of a duty officer, without a page around it."""
    office = open_office(store_url)
    scene = SimpleNamespace(registry=KNOWN)
    yield Desk(scene, office, Caller("zhao", NOON, "", ""), Officer("zhao", "zhao", DUTY_OFFICER))
    office.dispose()


def meeting(desk, quarter=Q1):
    with desk.engine.connect() as connection:
        return book.meeting_of(connection, quarter.name)


def test_a_meeting_goes_its_way_and_what_is_open_is_carried_over(desk):
    publish(SimpleNamespace(office_engine=desk.engine, office=str(desk.engine.url), folder=None))
    book.call(desk, Q1, CHENGDU)
    book.edit(desk, Q1.name, 1, {"place": "成都", "agenda": "通报\n商定"}, dt.date(2026, 4, 20), "public")
    book.lay(desk, Q1.name, 2, ["2026-001"])
    book.decide(desk, Q1.name, "联合开展错峰减排")
    for text, owner in (("报送清单", DEYANG), ("巡查", CHENGDU)):
        book.give(desk, Q1.name, text, owner, dt.date(2026, 5, 15))
    book.tell(desk, meeting(desk).actions[1].id, 1, "done", "已巡查")
    book.move(desk, Q1.name, 3, "held")
    book.report(desk, Q1.name, dt.date(2026, 4, 25))
    book.call(desk, Q2, DEYANG)
    found = meeting(desk)
    assert (found.state, found.papers, found.items) == ("held", ("2026-001",), ("通报", "商定"))
    assert [each.text for each in meeting(desk, Q2).carried] == ["报送清单"]
    with desk.engine.connect() as connection:
        assert book.fulfilled(connection, Q1, tuple(KNOWN.cities)) == DUTIES
        assert [each.quarter for each in book.meetings(connection, audiences=("public",))] == ["2026-Q1"]
        assert audit.verify(connection).broken is None
    told = ["call", "edit", "papers", "decide", "held", "report", "call"]
    assert [each.what for each in entries(desk.engine) if each.what.startswith("meeting.")] == [
        f"meeting.{t}" for t in told
    ]


def test_a_step_that_is_refused_leaves_neither_a_row_nor_an_entry(desk):
    book.call(desk, Q1, CHENGDU)
    before = meeting(desk), entries(desk.engine)
    for step in (
        lambda: book.call(desk, Q1, DEYANG),
        lambda: book.lay(desk, Q1.name, 1, ["2026-404"]),
        lambda: book.lay(desk, Q1.name, 9, []),
        lambda: book.edit(desk, Q1.name, 9, {"place": "x"}, None, "public"),
        lambda: book.decide(desk, Q1.name, "  "),
        lambda: book.give(desk, Q1.name, "x", "999999", dt.date(2026, 5, 1)),
        lambda: book.tell(desk, 404, 1, "done", ""),
        lambda: book.move(desk, Q1.name, 1, "held"),
        lambda: book.report(desk, Q1.name, dt.date(2026, 4, 1)),
    ):
        with pytest.raises(Refused):
            step()
    assert (meeting(desk), entries(desk.engine)) == before
