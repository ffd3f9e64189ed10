"""The pages that judge in a real browser: nothing goes sideways, no error, choices by links that keep what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.test_models import WIDER
from tests.browser.test_overview import PHONE, browser, pytestmark, serve  # noqa: F401 - fixtures and marks
from tests.browser.test_scenario import opened
from tests.dashboards import stores
from tests.dashboards.judging import forecasts

DESK = {"width": 1366, "height": 768}
PAGES = {
    "analysis/verification?": "#verification-cities .judged",
    "analysis/episodes?": ".episodes-of-year a",
    f"analysis/episode?id={forecasts.EPISODE}&": "#dossier-similar h2",
    "analysis/attribution?": "#attributed-days h2",
    "analysis/data?source=cnemc&": "#data-clocks h2",
}


@pytest.fixture(scope="module")
def portal(serve, tmp_path_factory) -> str:  # noqa: F811
    engine = stores.empty_store(tmp_path_factory.mktemp("judging"))
    forecasts.fill_beside(engine)
    return serve(Path(engine.url.database), forecasts.NEWEST + 0.3 * forecasts.HOUR)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_goes_sideways_and_none_has_an_error(browser, portal, address, size, lang) -> None:  # noqa: F811
    page = opened(browser, size)
    page.goto(f"{portal}{address}city=510100&lang={lang}")
    page.wait_for_selector(PAGES[address])
    assert page.evaluate(WIDER) == []
    assert page.troubles == []
    page.close()


def test_a_choice_keeps_what_was_asked_and_a_figure_can_be_taken(browser, portal) -> None:  # noqa: F811
    page = opened(browser, DESK)
    page.goto(f"{portal}analysis/verification?city=510100&lang=zh&lead=2")
    page.wait_for_selector("#verification-cities .judged")
    page.click("#verification-choice .choices a:text('绵阳')")
    page.wait_for_function("document.querySelector('#verification-leads h2')?.innerText.includes('绵阳')")
    assert "lead=2" in page.url and "第 2 天" in page.inner_text("#verification-cities h2")
    for kind in ("svg", "png", "csv"):
        with page.expect_download() as taken:
            page.click(f"#verification-leads .take a[data-take={kind}] >> nth=0")
        assert taken.value.suggested_filename.endswith(f".{kind}")
        content = Path(taken.value.path()).read_bytes()
        assert content.startswith({"svg": b"<svg", "png": b"\x89PNG", "csv": "\ufeff# ".encode()}[kind])
    assert page.troubles == []
    page.close()
