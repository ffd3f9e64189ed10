"""A page of analysis is light: few requests, its first numbers in its own text, and nothing that grows while it is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.test_overview import (  # noqa: F401 - fixtures and marks
    CARDS,
    NOW,
    WALL,
    _stored,
    browser,
    pytestmark,
    replay,
    serve,
)
from tests.dashboards import stores

ENDLESS = """() => document.getAnimations().filter(each => each.effect.getTiming().iterations === Infinity)
    .map(each => each.animationName)"""
FEW = 10
"""Requests of a first visit: the page, one style, two scripts, and what its slower sections ask for."""


@pytest.fixture
def visit(browser, replay):  # noqa: F811
    context = browser.new_context(viewport=WALL)
    page = context.new_page()
    page.asked, page.troubles = [], []
    page.on("request", lambda each: page.asked.append((each.method, each.url, each.post_data or "")))
    page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    yield page
    context.close()


def test_the_first_numbers_stand_in_the_page_that_was_asked_for(visit, replay) -> None:  # noqa: F811
    address, engine = replay
    visit.goto(f"{address}analysis")
    visit.wait_for_selector(".city-card")
    assert visit.evaluate(CARDS) == _stored(engine, stores.NEWEST)
    visit.wait_for_load_state("networkidle")
    ways = [
        url
        for _, url, body in visit.asked
        if "_dash-layout" in url or "_dash-dependencies" in url or "_pages_content.children" in body
    ]
    assert ways == [] and visit.troubles == []
    loaded = [url for method, url, _ in visit.asked if method == "GET" and not url.startswith("data:")]
    assert len(loaded) == 4 and len(visit.asked) <= FEW


def test_back_and_forth_show_what_was_shown(visit, replay) -> None:  # noqa: F811
    visit.goto(f"{replay[0]}analysis?city=510700")
    visit.wait_for_selector(".city-card")
    first = visit.inner_text("#hour-shown")
    visit.click("#earlier")
    visit.wait_for_function("said => document.getElementById('hour-shown').innerText !== said", arg=first)
    visit.go_back()
    visit.wait_for_function("said => document.getElementById('hour-shown').innerText === said", arg=first)
    assert "city=510700" in visit.url and visit.evaluate("document.title") and visit.troubles == []
    visit.reload()
    visit.wait_for_selector(".city-card")
    assert visit.inner_text("#hour-shown") == first


def test_the_heart_beats_and_the_title_is_the_pages(visit, replay) -> None:  # noqa: F811
    visit.goto(f"{replay[0]}analysis/series")
    visit.wait_for_selector("main svg")
    for _ in range(2):
        with visit.expect_response(lambda each: "/beat?" in each.url, timeout=10_000) as told:
            pass
        assert "pulse" not in told.value.json() and told.value.json()["trouble"] == ""
    assert visit.title() and visit.troubles == []


def test_nothing_moves_for_ever_on_a_page_that_is_live(browser, serve, tmp_path) -> None:  # noqa: F811
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, NOW.replace(minute=0))
    page = browser.new_page(viewport=WALL)
    page.goto(f"{serve(Path(engine.url.database))}analysis")
    page.wait_for_selector("body[data-fresh=live]")
    assert page.evaluate(ENDLESS) == []
    page.close()


def test_the_heap_of_a_page_as_text_is_flat_over_redraws(browser, replay) -> None:  # noqa: F811
    """A thousand redraws are in tests/bench/bench_open_pages.py; one that stayed behind would be some 100 kB and 200 nodes."""
    from tests.bench.bench_open_pages import heap, opened, redraw

    with opened(browser, replay[0].rstrip("/"), "/") as (page, link):
        redraw(page, "/", 10)
        before, nodes = heap(link)
        redraw(page, "/", 40)
        after, nodes_after = heap(link)
    assert after - before < 150 and nodes_after - nodes < 100, "the heap grows"
