"""The page in a real browser, offline: on a desk and on a phone, in both languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DESK, PHONE = {"width": 1920, "height": 1080}, {"width": 390, "height": 844}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def address(html: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser, address: str) -> Iterator:
    opened = browser.new_context(viewport=request.param, offline=True).new_page()
    opened.troubles = []
    opened.on("console", lambda said: opened.troubles.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: opened.troubles.append(str(error)))
    opened.goto(address)
    yield opened
    assert opened.troubles == []
    opened.context.close()


def test_it_opens_without_a_network_and_never_scrolls_sideways(page) -> None:
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    assert page.locator("figure svg").count() > 40
    assert page.title().startswith("模拟")


def test_the_switch_changes_every_word_and_the_title(page) -> None:
    assert page.locator("h1 .zh").is_visible() and not page.locator("h1 .en").is_visible()
    page.click("#language")
    assert page.locator("h1 .en").is_visible() and not page.locator("h1 .zh").is_visible()
    assert page.title().startswith("SIMULATED")
    assert (
        page.locator("svg text.zh").evaluate_all(
            "all => all.filter(t => t.getBBox().width > 0 && getComputedStyle(t).display != 'none').length"
        )
        == 0
    )
    page.click("#language")
    assert page.title().startswith("模拟")


def test_text_in_drawings_is_of_reading_size(page) -> None:
    # 9 px on the screen is the least that is read at arm's length.
    small = page.locator("svg.panel").evaluate_all(
        "all => all.filter(s => s.getBoundingClientRect().width > 0)"
        ".map(s => 11.5 * s.getBoundingClientRect().width / s.viewBox.baseVal.width).filter(px => px < 9).length"
    )
    assert small == 0


def test_a_cell_of_a_map_is_read_under_the_pointer(page) -> None:
    field = page.locator("#fig-maps svg.map image.field").nth(1)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    tip = page.locator("#tip.on")
    tip.wait_for()
    assert tip.inner_text().endswith("µg/m³")
    assert 0 < float(tip.inner_text().split()[0]) < 300


def test_what_a_resting_pointer_tells_outlives_a_scroll(page) -> None:
    """The event of a scroll comes a frame later than the scroll: it must not silence what is pointed at."""
    field = page.locator("#fig-maps svg.map image.field").nth(1)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    tip = page.locator("#tip.on")
    tip.wait_for()
    scroll_to(page, "scrollY + 2")
    assert tip.inner_text().endswith("µg/m³")
    scroll_to(page, "0")
    assert tip.count() == 0 or not tip.inner_text().endswith("µg/m³")


def scroll_to(page, top: str) -> None:
    page.evaluate(f"scrollTo({{ top: {top}, behavior: 'instant' }})")
    page.evaluate("async () => { for (let k = 0; k < 4; k++) await new Promise(requestAnimationFrame); }")
