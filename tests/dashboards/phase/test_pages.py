"""Pages of the assessment: what is chosen stands in the address, and every number is the one that was computed."""

import datetime as dt
import html as escaped
import re

import pytest
from werkzeug.test import Client

from dashboards.app import create_portal
from dashboards.components.phase_chapters import MOST_ROWS
from dashboards.context import Context
from dashboards.phase import phase_assessment
from dashboards.phase.content import NUMBER, shown
from dashboards.phase.question import question_of
from tests.dashboards.phase import made

CITY = made.CITIES[0]


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phase")
    engine = made.store(folder)
    for year, seed in ((2024, 1), (2025, 2)):
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        made.put_cities(engine, made.daily(len(made.CITIES), first, last, seed=seed), first)
    first = dt.date(2026, 1, 1)
    made.put_cities(engine, made.daily(len(made.CITIES), first, dt.date(2026, 4, 30), seed=3), first)
    made.put_hour(engine, dt.datetime(2026, 4, 30, 20))
    return Context(lambda: engine, made.KNOWN, clock=lambda: dt.datetime(2026, 4, 30, 20, 20), folder=folder / "portal")


@pytest.fixture(scope="module")
def browser(context):
    return Client(create_portal(context))


def words(answer):
    return {escaped.unescape(each).strip() for each in re.sub(r"<[^>]+>", "\n", answer.text).split("\n")}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/assessment?period=2025-Q3", {"period": "2025-Q3"}),
        ("/assessment?period=2025&base=2024&edition=2012", {"period": "2025", "base": "2024", "edition": "2012"}),
        ("/assessment?period=2026-Q1", {"period": "2026-Q1"}),
        (f"/assessment/city/{CITY}?period=2025-08", {"period": "2025-08", "places": CITY}),
        ("/en/assessment?period=haze-2025", {"period": "haze-2025"}),
    ],
)
def test_every_number_of_the_assessment_stands_on_its_page(browser, context, path, asked):
    answer = browser.get(path)
    assert answer.status_code == 200
    with context.engine().connect() as connection:
        question = question_of(asked, made.CITIES)
        content = phase_assessment(connection, question, registry=made.KNOWN, folder=context.folder)
    found = words(answer)
    tables = [*content.tables, *(t for own in content.by_edition.values() for t in own)]
    if any(len(table.rows) > MOST_ROWS for table in tables):  # these stand on the sheets of the cities
        assert "见各城市的页面" in answer.text
        for city in made.CITIES:
            found |= words(browser.get(path.replace("/assessment", f"/assessment/city/{city}")))
    for table in tables:
        for row in table.rows:
            for value, column in zip(row, table.columns, strict=True):
                if column.kind == NUMBER and value is not None:
                    assert shown(value, column) in found, (table.key, column.key, value)


def test_a_period_across_the_first_of_march_2026_is_shown_under_each_edition(browser):
    page = browser.get("/assessment?period=2026-Q1").text
    assert page.count("按 GB 3095") >= 2


def test_without_a_choice_the_running_quarter_is_shown_and_says_up_to_when(browser):
    page = browser.get("/assessment").text
    assert "2026年第二季度" in page and "统计至 2026-04-30" in page


@pytest.mark.parametrize(
    "query", ["period=2026-Q9", "period=%3Cscript%3E", "base=1", "edition=1999", "period=2026-01-01..2036-01-01"]
)
def test_what_cannot_be_understood_is_answered_in_words_and_is_no_page_that_there_is(browser, query):
    answer = browser.get(f"/assessment?{query}")
    assert answer.status_code == 404 and "无法识别" in answer.text and "<script>" not in answer.text
    assert "expected" in browser.get(f"/en/assessment?{query}").text


def test_the_choice_is_kept_by_links_and_by_the_other_language(browser):
    page = browser.get("/assessment?period=2025-Q3&edition=2012").text
    assert 'href="/en/assessment?period=2025-Q3&amp;edition=2012"' in page or "edition=2012&amp;period=2025-Q3" in page
    assert f"/assessment/city/{CITY}?period=2025-Q3" in page


def test_two_periods_stand_side_by_side(browser):
    page = browser.get("/assessment/beside?period=2025-Q3&other=2024-Q3").text
    assert "2025年第三季度与2024年第三季度对照" in page and "<mark>" in page


def test_an_open_page_is_told_its_parts_of_the_present_version(browser):
    page = browser.get("/assessment?period=2025-Q3")
    version = re.search(r'data-version="(\w+)"', page.text)[1]
    path = escaped.unescape(re.search(r'data-path="([^"]+)"', page.text)[1])
    parts = browser.get(f"/fragments/{version}{path}").json
    assert parts["version"] == version and "tables" in parts["parts"]
    assert parts["parts"]["said"] in page.text


def test_an_unchanged_page_is_not_sent_again(browser):
    first = browser.get("/assessment?period=2025-Q3")
    again = browser.get("/assessment?period=2025-Q3", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_without_targets_their_page_says_where_to_write_them(browser):
    assert "targets.toml" in browser.get("/assessment/targets").text


def test_an_empty_store_says_that_it_waits(tmp_path):
    engine = made.store(tmp_path)
    page = Client(create_portal(Context(lambda: engine, made.KNOWN, folder=tmp_path / "portal"))).get("/assessment")
    assert page.status_code == 200 and "阶段评估" in page.text
