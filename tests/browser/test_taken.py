"""Figures in a real browser: they are taken as files, with a script and without; a click says where a point comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from streams.store import schema
from tests.browser.axe import findings
from tests.browser.test_models import WIDER
from tests.browser.test_overview import HOUR, PHONE, browser, pytestmark, serve  # noqa: F401 - fixtures and marks
from tests.dashboards import stores
from tests.dashboards.analysis import made

DESK = {"width": 1366, "height": 768}
BEGINS = {"svg": b"<svg xmlns", "png": b"\x89PNG", "csv": "\ufeff# ".encode()}


@pytest.fixture(scope="module")
def portal(serve, tmp_path_factory) -> str:  # noqa: F811
    engine = stores.empty_store(tmp_path_factory.mktemp("taken"))
    made.fill(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.topic_position))
    return serve(Path(engine.url.database), made.NEWEST + 0.3 * HOUR)


def opened(browser, size, *, script: bool = True):  # noqa: F811
    """Open a page under the portal's own policy of contents: a file that it forbids is not taken."""
    page = browser.new_page(viewport=size, java_script_enabled=script, accept_downloads=True)
    page.set_default_timeout(60_000)
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
    return page


def take(page, selector: str, kind: str) -> bytes:
    with page.expect_download() as taken:
        page.click(f"{selector} a[data-take={kind}] >> nth=0")
    assert taken.value.suggested_filename.endswith(f".{kind}")
    return Path(taken.value.path()).read_bytes()


@pytest.mark.parametrize(
    ("path", "figure"), [("city/510100", ".line .take"), ("analysis/cycles?city=510100", "#cycles .take")]
)
def test_a_figure_is_taken_as_each_type(browser, portal, path, figure) -> None:  # noqa: F811
    page = opened(browser, PHONE)
    page.goto(portal + path)
    page.wait_for_selector(f"{figure} >> nth=0")
    for kind, begins in BEGINS.items():
        assert take(page, figure, kind).startswith(begins), kind
    assert page.troubles == []
    page.close()


def test_without_a_script_a_page_as_text_gives_drawing_and_numbers_and_offers_no_png(browser, portal) -> None:  # noqa: F811
    page = opened(browser, PHONE, script=False)
    page.goto(portal + "city/510100")
    assert page.locator(".line .take a:visible").all_inner_texts() == ["SVG", "CSV"]
    for kind in ("svg", "csv"):
        assert take(page, ".line .take", kind).startswith(BEGINS[kind])
    page.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    ("name", "figure", "panel"),
    [("series", "#series-lines", "#series-point"), ("cycles", "#cycles", "#cycles-point"),
     ("months", "#months", "#months-point"), ("between", "#between", "#between-point")],
)  # fmt: skip
def test_a_click_says_where_a_point_comes_from_and_the_keyboard_goes_on(
    browser,  # noqa: F811
    portal,
    name,
    figure,
    panel,
    size,
    lang,
) -> None:
    page = opened(browser, size)
    page.goto(f"{portal}analysis/{name}?city=510100&lang={lang}&span=7d")
    page.wait_for_selector(f"{panel} .behind-facts")
    told = page.inner_text(panel)
    target = page.locator(f"{figure} a:has(.ask)").nth(3)
    asked = target.get_attribute("href")
    target.scroll_into_view_if_needed()
    target.click()
    page.wait_for_function("asked => location.search === asked", arg=asked)
    changed = (
        "([panel, told]) => document.querySelector(panel).innerText !== told && document.querySelector(panel + ' dl')"
    )
    page.wait_for_function(changed, arg=[panel, told])
    told = page.inner_text(panel)
    page.locator(f"{panel} nav a").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(changed, arg=[panel, told])
    assert page.evaluate(WIDER) == [] and page.troubles == []
    page.close()


@pytest.mark.parametrize("path", ["analysis/series?city=510100&span=7d", "analysis/months?city=510100", "city/510100"])
def test_nothing_of_it_is_closed_to_anybody(browser, portal, path) -> None:  # noqa: F811
    page = browser.new_page(viewport=DESK, bypass_csp=True)
    page.set_default_timeout(60_000)
    page.goto(portal + path)
    page.wait_for_selector(".take")
    if "series" in path or "months" in path:
        page.wait_for_selector(".behind-facts")
    assert findings(page) == {}
    page.close()
