"""Pages of assessments, publications and meetings in a real browser: at four sizes, in both languages, without a script."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from urllib.request import Request, urlopen

import pytest
import waitress.server

from dashboards.app import create_portal
from dashboards.components.phase_lead import KEYS, TILES
from dashboards.components.phase_ranking import base_ranks
from dashboards.phase import phase_assessment
from dashboards.phase.content import shown
from dashboards.phase.question import question_of
from tests.browser import assessed
from tests.browser.assessed import CITY, MEETINGS, OFFICER, PERIOD, PUBLICATIONS
from tests.browser.axe import findings
from tests.browser.test_overview import PHONE, browser, pytestmark  # noqa: F401 - fixtures and marks
from tests.browser.test_texts import SIZES, WIDER, opened
from tests.dashboards.office.conftest import RIGHT
from tests.dashboards.phase import made

OPEN = (
    f"/assessment?period={PERIOD}", "/assessment?period=2026-Q1", "/assessment", f"/assessment/city/{CITY}?period={PERIOD}",
    "/assessment/targets?period=2026-Q1", "/assessment/targets?period=2024", f"/assessment/beside?period={PERIOD}&other=2025-Q2",
    "/assessment?period=2026-Q9", "/publications", "/publications/2026-001", "/publications/2026-001r1",
    "/publications/2026-001r1/against/2026-001", "/meetings",
)  # fmt: skip
OFFICE = (f"{PUBLICATIONS}?period=2025-Q2", MEETINGS, f"{MEETINGS}/2026-Q1", "/office/actions")
FIRST_VISIT_BYTES = 60_000
ORDER = """() => [...document.querySelectorAll('h1, h2, h3, h4')].filter(e => e.checkVisibility()).map(e => +e.tagName[1])"""
UNFOLD = """() => document.querySelectorAll('details:not(:has(tbody tr:nth-child(60)))').forEach(e => e.open = true)"""
"""Opens what is folded, save the longest tables: their rows are all alike."""
SMALLEST_PX = 11


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[str]:
    context = assessed.context_of(tmp_path_factory.mktemp("assessed"))
    assessed.fill(context)
    server = waitress.server.create_server(create_portal(context), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture(scope="module")
def content(portal, tmp_path_factory):
    """The assessment that the pages show, computed from a store of the same days."""
    folder = tmp_path_factory.mktemp("again")
    context = assessed.context_of(folder)
    assessed._revise_a_day(context)
    with context.engine().connect() as connection:
        question = question_of({"period": PERIOD}, made.CITIES)
        return phase_assessment(connection, question, registry=made.KNOWN, folder=context.folder)


def sign_in(page, portal):
    page.goto(f"{portal}/office/login")
    page.fill("[name=name]", OFFICER)
    page.fill("[name=password]", RIGHT)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".desk-bar form")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_no_page_goes_sideways_or_complains(browser, portal, size):  # noqa: F811
    page = opened(browser, size)
    sign_in(page, portal)
    found = {}
    for path in (*OPEN, *OFFICE):
        for lang in ("", "/en"):
            answer = page.goto(portal + lang + path)
            if answer.status == 404 and "2026-Q9" in path:
                page.troubles.clear()  # the browser tells of a page that there is not
            wider, sideways = page.evaluate(WIDER), page.evaluate("document.documentElement.scrollWidth > innerWidth")
            if wider or sideways or page.troubles:
                found[lang + path] = (wider, sideways, list(page.troubles))
                page.troubles.clear()
    page.close()
    assert found == {}


@pytest.mark.parametrize("lang", ["", "/en"])
def test_axe_finds_nothing_and_headings_go_down_step_by_step(browser, portal, lang):  # noqa: F811
    page, found = browser.new_page(viewport=SIZES["laptop"]), {}
    sign_in(page, portal)
    for path in (*OPEN, *OFFICE):
        page.goto(portal + lang + path)
        page.evaluate(UNFOLD)
        steps = page.evaluate(ORDER)
        jumps = [pair for pair in pairwise(steps) if pair[1] > pair[0] + 1]
        found[path] = (findings(page), jumps, steps.count(1))
    page.close()
    assert {path: each for path, each in found.items() if each != ({}, [], 1)} == {}


def test_key_figures_and_ranks_are_those_of_the_assessment_without_a_script(browser, portal, content):  # noqa: F811
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{portal}/assessment?period={PERIOD}")
    cities, ranked = content.table("cities"), content.table("ranking")
    row, by_key = cities.row_of("region"), {column.key: column for column in cities.columns}
    expected = [shown(row[key], by_key[key]) for key in KEYS if row[key] is not None][:TILES]
    assert [each.inner_text() for each in page.locator(".tiles dt + dd > b").all()] == expected and len(
        expected
    ) == TILES
    index = ranked.columns[ranked.index("ranking_index")]
    rows = sorted(zip(ranked.column("rank"), ranked.column("ranking_index"), strict=True))
    seen = [
        (tr.locator(".rank").inner_text(), tr.locator("td.number").inner_text())
        for tr in page.locator("table.ranked tbody tr").all()
    ]
    assert seen == [(str(rank), shown(value, index)) for rank, value in rows] and len(seen) == len(made.CITIES)
    context.close()


def test_a_move_of_rank_is_told_by_its_places(browser, portal, content):  # noqa: F811
    before, ranked = base_ranks(content), content.table("ranking")
    moves = {code: before[code] - rank for code, rank in zip(ranked.column("city"), ranked.column("rank"), strict=True)}
    page = browser.new_page()
    page.goto(f"{portal}/assessment?period={PERIOD}")
    for code, by in moves.items():
        line = page.locator("table.ranked tbody tr", has=page.locator(f'a[href*="/city/{code}"]')).locator(".step")
        expected = "不变" if by == 0 else f"▲ 前进 {by} 位" if by > 0 else f"▼ 后退 {-by} 位"
        assert line.inner_text() == expected, code
    page.close()


def test_days_of_a_city_lead_to_their_hours(browser, portal, content):  # noqa: F811
    page = browser.new_page()
    page.goto(f"{portal}/assessment/city/{CITY}?period={PERIOD}")
    links = page.locator("table.month td a")
    days = content.table("days")
    mine = [row for row in days.rows if row[0] == CITY]
    assert links.count() == len(mine) == 92  # July to September
    at, level = days.index("aqi"), days.index("level")
    told = [each.locator("b").inner_text() for each in links.all()]
    assert told == ["—" if row[at] is None else str(row[at]) for row in mine]
    classes = [each.get_attribute("class") for each in page.locator("table.month td:has(a)").all()]
    assert classes == [f"level-{row[level] or 0}" for row in mine]
    assert links.first.get_attribute("href") == f"/city/{CITY}/day/2025-07-01"
    page.close()


def test_a_first_visit_is_small(portal):
    asked = Request(f"{portal}/assessment", headers={"Accept-Encoding": "br"})
    with urlopen(asked, timeout=30) as answer:
        body = answer.read()
        assert answer.headers["Content-Encoding"] == "br" and len(body) <= FIRST_VISIT_BYTES


def test_words_are_legible_on_a_phone(browser, portal):  # noqa: F811
    page = browser.new_page(viewport=PHONE)
    for path in OPEN:
        page.goto(portal + path)
        small = page.evaluate(
            """least => [...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && e.children.length === 0
               && e.textContent.trim() && e.tagName !== 'SUB' && !e.closest('.unseen')
               && parseFloat(getComputedStyle(e).fontSize) < least).map(e => e.outerHTML.slice(0, 80))""",
            SMALLEST_PX,
        )
        assert small == [], path
    page.close()


def test_tables_that_scroll_are_reached_by_keys_and_named(browser, portal):  # noqa: F811
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{portal}/assessment?period={PERIOD}")
    boxes = page.locator(".phase-table .scroll, .drawn .scroll")
    assert boxes.count() > 5
    for box in boxes.all():
        assert box.get_attribute("tabindex") == "0" and box.get_attribute("aria-label")
    first = page.locator(".phase-table .scroll").first
    first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)  # it glides; a waiting script is forbidden by the page's own policy
    assert page.evaluate("document.activeElement.scrollLeft") > 0
    assert first.locator("tbody th").first.bounding_box()["x"] < 60  # the names of the rows stay
    page.close()


def test_a_revision_says_what_changed_and_the_old_one_by_what_it_was_superseded(browser, portal):  # noqa: F811
    page = browser.new_page()
    page.goto(f"{portal}/publications/2026-001r1")
    days = page.locator("table.differences").first
    assert "2025-08-14" in days.inner_text() and "补充审核后的监测数据" in page.content()
    page.goto(f"{portal}/publications")
    assert page.locator(".works > li").count() == 4
    assert page.locator(".works > .superseded .state").inner_text() == "已被 2026-001r1 取代"
    page.close()


def test_a_meeting_shows_its_papers_decisions_and_what_is_overdue(browser, portal):  # noqa: F811
    page = browser.new_page()
    page.goto(f"{portal}/meetings")
    said = page.locator("main").inner_text()
    assert "2026 年第一季度" in said.replace("2026年", "2026 年") and "加油站错峰卸油" in said
    assert page.locator("table.actions tr", has_text="联合巡查方案").first.locator(".due.overdue").count() == 1
    assert page.locator('a[href="/publications/2026-003"]').count() == 1
    assert page.locator(".duties li").count() == 6  # three duties of two quarters
    page.close()
