"""From a laptop of 1366 x 768 upwards every table of analysis is seen whole: nothing has to be moved sideways to be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import waitress.server

from dashboards.app import create_app
from dashboards.context import Context
from streams import registry
from tests.browser.test_accessible import LAPTOP, paths
from tests.browser.test_overview import HOUR, WALL, browser, pytestmark  # noqa: F401 - fixtures and marks
from tests.dashboards import foreseen, stores
from tests.ml.registry.made import registry as registry_of_models
from tests.ml.registry.made import serving

CUT = """() => [...document.querySelectorAll('.scroll, table')]
    .filter(each => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
    .map(each => `${each.closest('[id]').id} ${each.tagName}: ${each.scrollWidth} in ${each.clientWidth}`)"""
BEYOND = "document.documentElement.scrollWidth <= window.innerWidth"
WIDE = {"width": 2200, "height": 1080}
FILLS = {"past": (stores.fill, stores.NEWEST), "warned": (foreseen.fill, foreseen.NEWEST)}


@pytest.fixture(scope="module", params=FILLS)
def portal(request, tmp_path_factory) -> Iterator[str]:
    fill, newest = FILLS[request.param]
    engine = stores.empty_store(tmp_path_factory.mktemp("laptop"))
    fill(engine)
    held = registry_of_models(tmp_path_factory.mktemp("models") / "models")
    serving(held, "1", "2")
    context = Context(lambda: engine, registry.load(), lambda: newest + HOUR / 2, models=held.root)
    server = waitress.server.create_server(create_app(context).server, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.mark.parametrize("size", [LAPTOP, WALL, WIDE], ids=["laptop", "wall", "wide"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_table_is_cut_off(browser, portal, lang, size) -> None:  # noqa: F811
    page, cut = browser.new_page(viewport=size), {}
    for path in paths():
        page.goto(f"{portal}{path}?lang={lang}&source=cnemc")
        page.wait_for_selector("main h2")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        cut[path] = page.evaluate(CUT)
        assert page.evaluate(BEYOND), path
    cut_off = {path: found for path, found in cut.items() if found}
    assert len(cut) >= 3 and cut_off == {}
    page.close()
