"""The book of meetings through its pages: called, held, decided, given, carried over, closed, reported."""

import io
import re
from urllib.parse import unquote

import docx
import pypdf
import pytest

from dashboards.office.records import engine_of
from tests.dashboards.office.conftest import entries, quick  # noqa: F401
from tests.dashboards.office.test_pages import CHENGDU, DEYANG, Browser, browser, context  # noqa: F401

MEETINGS = "/office/meetings"
ONE = f"{MEETINGS}/2026-Q1"  # NOON of the office's tests is 2026-03-02


def form(someone, path, do, **typed):
    return someone.send(path, f'value="{do}"', **typed)


@pytest.fixture
def zhao(browser):  # noqa: F811
    """The duty officer, signed in, with a meeting of Chengdu called."""
    made = browser()
    made.sign_in("zhao")
    answer = made.send(MEETINGS, 'name="host"', quarter="2026-Q1", host=CHENGDU)
    assert (answer.status_code, answer.headers["Location"]) == (303, ONE)
    return made


def test_a_meeting_is_called_once_with_its_host(zhao, context):  # noqa: F811
    again = zhao.send(MEETINGS, 'name="host"', quarter="2026-Q1", host=CHENGDU)
    assert again.status_code == 422 and "2026-Q1 的会议已经安排" in again.text
    assert [each.subject for each in entries(engine_of(context), "meeting.call")] == ["meeting 2026-Q1"]


def test_an_officer_of_another_city_neither_edits_the_meeting_nor_tells_of_anothers_action(zhao, browser):  # noqa: F811
    form(zhao, ONE, "give", text="秸秆禁烧巡查", owner=DEYANG, due="2026-04-15")
    form(zhao, ONE, "give", text="加油站错峰卸油", owner=CHENGDU, due="2026-04-20")
    wang = browser()
    wang.sign_in("wang")  # of Chengdu, the host
    wang.get("/office/actions")
    assert "更新第 2 项" in wang.page and "更新第 1 项" not in wang.page
    fields = wang.fields('name="action"') | {"action": "1", "state": "done"}
    assert wang.post("/office/actions", fields).status_code == 403
    wang.get("/office/actions")
    assert wang.post("/office/actions", wang.fields('name="action"') | {"state": "done"}).status_code == 303
    assert "加油站错峰卸油" not in wang.get("/office/actions").text


def test_open_actions_carry_over_to_the_next_meeting_and_done_ones_do_not(zhao):
    for text in ("先做", "后做"):
        form(zhao, ONE, "give", text=text, owner=DEYANG, due="2026-04-15")
    zhao.get("/office/actions")
    zhao.post("/office/actions", zhao.fields('value="1"') | {"action": "1", "state": "done"})
    zhao.send(MEETINGS, 'name="host"', quarter="2026-Q2", host=DEYANG)
    after = zhao.get(f"{MEETINGS}/2026-Q2").text
    carried = after[after.index("以前会议未完成的任务") :]
    assert "后做" in carried and "先做" not in carried


def test_two_who_write_at_once_do_not_overwrite_each_other(zhao, browser):  # noqa: F811
    other = browser()
    other.sign_in("root")
    other.get(ONE)
    kept = other.fields('value="edit"')
    form(zhao, ONE, "edit", day="2026-03-20", place="成都", agenda="一\n二", audience="public")
    answer = other.post(ONE, kept | {"place": "德阳", "audience": "internal"})
    assert answer.status_code == 422 and "zhao 在您打开之后作了更改" in answer.text
    assert "德阳" in answer.text, "what was typed is not lost"


def held(zhao):
    form(zhao, ONE, "edit", day="2026-03-20", place="天府大道会议室", agenda="通报一季度评估\n商定行动", audience="public",
         chair="周主任", attended="八市生态环境局", review="与会各市通报了情况。")  # fmt: skip
    form(zhao, ONE, "decide", text="联合开展臭氧错峰减排。")
    form(zhao, ONE, "give", text="报送 VOCs 重点源清单", owner=DEYANG, due="2026-04-15")
    form(zhao, ONE, "move", version=version(zhao, "move"))


def version(browser, do):  # noqa: F811
    browser.get(ONE)
    return browser.fields(f'value="{do}"')["version"]


def test_a_meeting_without_a_day_is_not_held_and_a_closed_one_changes_for_nobody(zhao):
    answer = form(zhao, ONE, "move")
    assert answer.status_code == 422 and "请先填写会议日期" in answer.text
    held(zhao)
    assert "已召开" in zhao.get(ONE).text
    zhao.get(ONE)
    forged = zhao.fields('value="decide"') | {"text": "补记"}
    form(zhao, ONE, "move")
    assert "已归档" in zhao.get(ONE).text and 'value="decide"' not in zhao.page
    assert zhao.post(ONE, forged).status_code == 422
    assert "补记" not in zhao.get(ONE).text


@pytest.mark.parametrize("kind", ["minutes", "report"])
def test_minutes_and_report_hold_what_the_book_holds_in_pdf_and_word(zhao, kind):
    assert zhao.get(f"{ONE}/{kind}.pdf").status_code == 403, "not held yet"
    held(zhao)
    said = ["联合开展臭氧错峰减排", "报送 VOCs 重点源清单", "德阳", "2026-04-15", "天府大道会议室"]
    pdf = zhao.client.get(f"{ONE}/{kind}.pdf")
    assert pdf.headers["Content-Type"] == "application/pdf" and pdf.headers["Cache-Control"] == "no-store"
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.data)).pages))
    word = docx.Document(io.BytesIO(zhao.client.get(f"{ONE}/{kind}.docx").data))
    words = "".join(p.text for p in word.paragraphs) + "".join(
        c.text for t in word.tables for r in t.rows for c in r.cells
    )
    for each in said:
        assert re.sub(r"\s", "", each) in text and re.sub(r"\s", "", each) in re.sub(r"\s", "", words), each


def test_the_report_is_recorded_also_after_the_meeting_is_closed_and_the_duty_is_done(zhao):
    held(zhao)
    form(zhao, ONE, "move")
    form(zhao, ONE, "report", day="2026-03-25")
    assert "已于 2026-03-25 上报省厅" in zhao.get(ONE).text


def test_the_public_page_shows_public_meetings_alone(zhao, browser):  # noqa: F811
    form(zhao, ONE, "give", text="报送清单", owner=DEYANG, due="2026-02-15")
    anyone = browser()
    assert "报送清单" not in anyone.get("/meetings").text and "轮值顺序" in anyone.page
    form(zhao, ONE, "edit", day="2026-03-20", audience="public")
    page = anyone.get("/meetings").text
    assert "报送清单" in page and "已逾期" in page
    assert "Joint meeting" in anyone.get("/en/meetings").text


@pytest.mark.parametrize("quarter", ["2026-Q9", "x", "2031-Q1", "2026-Q1%27--"])
def test_a_meeting_that_there_is_not_is_told_in_words(zhao, quarter):
    answer = zhao.get(f"{MEETINGS}/{quarter}")
    assert answer.status_code == 404 and unquote(quarter)[:3] in answer.text


def test_papers_are_publications_that_there_are(zhao):
    answer = form(zhao, ONE, "papers", more="2026-099")
    assert answer.status_code == 422 and "2026-099" in answer.text
