"""Every page of analysis can be used without eyes, mouse or sharp sight: axe-core finds nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import dash
import pytest
import sqlalchemy as sa
import waitress.server

from dashboards.app import create_app
from dashboards.context import Context
from streams import registry
from streams.store.schema import episode_event
from tests.browser.axe import findings
from tests.browser.test_overview import HOUR, PHONE, WALL, browser, pytestmark  # noqa: F401 - fixtures and marks
from tests.dashboards import stores
from tests.ml.registry.made import registry as registry_of_models
from tests.ml.registry.made import serving

LAPTOP = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[str]:
    """A portal on a store that fills every section, with two models."""
    engine = stores.empty_store(tmp_path_factory.mktemp("accessible"))
    stores.fill(engine)
    with engine.begin() as connection:  # so many that their card scrolls on a wall
        row = dict(connection.execute(sa.select(episode_event).limit(1)).mappings().one())
        connection.execute(sa.insert(episode_event), [row | {"episode": f"haze/{n}"} for n in range(12)])
    held = registry_of_models(tmp_path_factory.mktemp("models") / "models")
    serving(held, "1", "2")
    context = Context(lambda: engine, registry.load(), lambda: stores.NEWEST + HOUR / 2, models=held.root)
    server = waitress.server.create_server(create_app(context).server, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


def paths() -> list[str]:
    """Give the address of every page that Dash has: a new page is held by the same law."""
    return [page["path"] for page in dash.page_registry.values()]


@pytest.mark.parametrize("size", [WALL, LAPTOP, PHONE], ids=["wall", "laptop", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing(browser, portal, lang, size) -> None:  # noqa: F811
    page, found = browser.new_page(viewport=size), {}
    for path in paths():
        page.goto(f"{portal}{path}?lang={lang}")
        page.wait_for_selector("main h2")
        page.wait_for_load_state("networkidle")
        assert page.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[lang]
        found[path] = findings(page)
    assert len(found) >= 3 and not any(found.values()), found
    page.close()
