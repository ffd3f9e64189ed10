"""Results of the bench in a real browser: the longest of them are read within seconds, on a wall and on a phone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import waitress.server

from dashboards.app import create_portal
from dashboards.context import Context
from standards.voc.species import SPECIES
from tests.browser.test_models import WIDER
from tests.browser.test_overview import PHONE, WALL, browser, pytestmark  # noqa: F401 - fixtures and marks
from tests.dashboards import stores
from tests.dashboards.bench import filled

FACTORS = 5
IN_TIME_MS = 20_000
"""Some ten times what it takes; a component for each cell took minutes."""


def _of_all_compounds() -> dict:
    names = [each.name_en for each in SPECIES]
    share = [[100.0 / FACTORS] * len(names)] * FACTORS
    every = dict.fromkeys(("profile_pct", "low_pct", "high_pct", "bs_low_pct", "bs_high_pct"), share)
    return filled.CONTENTS["receptor"] | every | {
        "factors": [f"Factor {n + 1}" for n in range(FACTORS)], "contribution_pct": [20.0] * FACTORS, "species": names,
    }  # fmt: skip


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[tuple[str, dict[str, str]]]:
    engine = stores.empty_store(tmp_path_factory.mktemp("results"))
    stores.fill(engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(filled.CONTENTS, "receptor", _of_all_compounds())
        digests = filled.fill(engine)
    context = Context(lambda: engine, filled.known(), clock=lambda: stores.NEWEST + 0.3 * filled.HOUR)
    server = waitress.server.create_server(create_portal(context), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}/analysis/ozone?station={filled.SITE}", digests
    server.close()
    engine.dispose()


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("kind", ["receptor", "ekma"])
def test_a_result_is_read_within_seconds(browser, portal, kind, size) -> None:  # noqa: F811
    address, digests = portal
    page = browser.new_page(viewport=size, bypass_csp=True)
    page.set_default_timeout(IN_TIME_MS)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{address}&lang=en&result={digests[kind]}")
    page.wait_for_selector("#ozone-results .bench-facts")
    assert digests[kind] in page.inner_text("#ozone-results")
    if kind == "receptor":
        page.click("#ozone-results details summary")
        assert page.locator("#ozone-results details tbody tr").count() == FACTORS * len(SPECIES)
        assert "20.0 – 20.0" in page.inner_text("#ozone-results details")
    assert page.evaluate(WIDER) == [] and troubles == []
    page.close()
