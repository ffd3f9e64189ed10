"""The page of models in a real browser: reached from the overview, on a wall and on a phone, and fresh after an approval."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import waitress.server

from dashboards.app import create_portal
from dashboards.context import Context
from ml.registry.registry import Registry
from streams import registry
from tests.browser.test_overview import NOW, PHONE, WALL, browser, pytestmark  # noqa: F401 - fixtures and marks
from tests.dashboards import stores
from tests.ml.registry.made import NAME, serving, trained
from tests.ml.registry.made import registry as registry_of_models

WIDER = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
    [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > window.innerWidth
        && !e.closest('.scroll')).map(e => e.tagName + '.' + e.className)"""
"""What reaches beyond the window where the page can be moved sideways."""


@pytest.fixture
def portal(tmp_path) -> Iterator[tuple[str, Registry]]:
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    held = registry_of_models(tmp_path / "models")
    serving(held, "1", "2")
    context = Context(lambda: engine, registry.load(), lambda: NOW, models=held.root)
    server = waitress.server.create_server(create_portal(context), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}/", held
    server.close()


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
def test_models_are_reached_from_the_overview_and_an_approval_shows_without_a_reload(browser, portal, size) -> None:  # noqa: F811
    address, held = portal
    page = browser.new_page(viewport=size, bypass_csp=True)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(address + "analysis?city=510600")
    page.click("nav a[href^='/models']")
    page.wait_for_selector("details.model[open]")
    assert "city=510600" in page.url and page.locator("h1").count() == 1
    assert page.locator("details.model").count() == 2
    assert f"{NAME} 2" in page.inner_text("details.model[open] summary")
    assert "服务中" in page.inner_text("details.model[open] summary") and "不得用于" in page.inner_text(
        "details.model[open]"
    )
    assert page.evaluate(WIDER) == [], "nothing goes sideways"
    held.roll_back(NAME, by="赵主任", why="drift")
    page.wait_for_function(f"document.querySelector('details.model[open] summary').innerText.includes('{NAME} 1')")
    trained(held, "3", error=15.0)
    page.wait_for_function("document.querySelectorAll('details.model').length === 3")
    assert troubles == []
    page.close()
