"""The page of measures in a real browser: reached from the warning on the overview, on a wall and on a phone, cuts by links."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.test_models import WIDER
from tests.browser.test_overview import PHONE, WALL, browser, pytestmark, serve  # noqa: F401 - fixtures and marks
from tests.dashboards import foreseen, stores

CUT_OFF = """() => [...document.querySelectorAll('.effects th, .effects td, .warning-level, .choices a')]
    .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className + ' ' + e.innerText)"""
"""What does not fit into its own box."""
OUTSIDE_ITS_CARD = """() => [...document.querySelectorAll(
        '.warning-days li > *, .warning-days li > div > *, .effects tbody th > *')]
    .filter(e => { const r = e.getBoundingClientRect(), of = e.closest('li, th').getBoundingClientRect();
        return r.right > of.right + 1 || r.left < of.left - 1; }).map(e => e.className + ' ' + e.innerText)"""
"""What leaves the day or the cell that it belongs to."""


@pytest.fixture(scope="module")
def warned(serve, tmp_path_factory) -> str:  # noqa: F811
    engine = stores.empty_store(tmp_path_factory.mktemp("warned"))
    foreseen.fill(engine)
    return serve(Path(engine.url.database), foreseen.NEWEST + 0.3 * foreseen.HOUR)


def opened(browser, size):  # noqa: F811
    page = browser.new_page(viewport=size, bypass_csp=True)
    page.set_default_timeout(120_000)  # a machine at work on other things is slow, and no fault of the page
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
    return page


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
def test_levels_stand_side_by_side_and_cuts_are_chosen_by_links(browser, warned, size, lang) -> None:  # noqa: F811
    page = opened(browser, size)
    page.goto(f"{warned}scenario?city=510100&lang={lang}")
    page.wait_for_selector("#scenario-effects td.asked")
    assert (
        page.locator("#scenario-effects .effects").count() == 2
        and page.locator("#scenario-check .effects").count() == 2
    )
    wider, cut_off = page.evaluate(f"[({WIDER})(), ({CUT_OFF})()]")
    assert wider == [], "nothing goes sideways"
    assert cut_off == [], "no label is cut"
    assert page.evaluate(OUTSIDE_ITS_CARD) == [], "a level stays within its day, a badge beside its city"
    page.click("#scenario-free a[href*='100']:text('100')")
    page.wait_for_function("document.querySelector('#scenario-free .effects')?.innerText.includes('−11.7')")
    assert "cut=vehicles" in page.url
    page.go_back()
    page.wait_for_function("document.querySelector('#scenario-free .effects')?.innerText.includes('−3.5')")
    assert page.locator("svg path.pie, .pielayer").count() == 0
    assert page.troubles == []
    page.close()


def test_the_warning_of_the_overview_leads_to_what_would_help(browser, warned) -> None:  # noqa: F811
    page = opened(browser, WALL)
    page.goto(f"{warned}analysis?city=510100&lang=en")
    page.click("#warning a.button")
    page.wait_for_selector("#scenario-effects td.asked")
    assert "/scenario?city=510100" in page.url and "lang=en" in page.url and page.troubles == []
    page.close()
