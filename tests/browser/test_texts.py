"""Pages as text in a real browser: every page, both languages, four sizes; without a script; through changes and outages."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa
import waitress.server
from playwright.sync_api import expect

from dashboards.app import create_portal
from dashboards.context import Context
from dashboards.snapshots import declared, pages
from streams import registry
from streams.store import open_store
from streams.store.schema import air_city_hour, source_total
from tests.browser.axe import findings
from tests.browser.test_overview import NOW, PHONE, WALL, browser  # noqa: F401 - a fixture
from tests.dashboards import stores

pytestmark = pytest.mark.browser
SIZES = {"phone": PHONE, "laptop": {"width": 1366, "height": 768}, "wall": WALL, "4K": {"width": 3840, "height": 2160}}
KNOWN = registry.load()
STATION = next(s.code for s in KNOWN.stations.values() if s.city == "510100" and s.kind == "national")
NAMED = {
    "city": "510100",
    "station": STATION,
    "hour": stores.NEWEST,
    "day": dt.date(2023, 1, 21),
    "month": dt.date(2023, 1, 1),
}
WIDER = """() => [...document.querySelectorAll('body, body *')].filter(e => e.scrollWidth > e.clientWidth + 1
  && getComputedStyle(e).overflowX === 'visible' && e.clientWidth > 0 && !e.closest('svg')
  && getComputedStyle(e).display !== 'inline'
  && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + '.' + e.className).slice(0, 5)"""
COLOUR = (
    "getComputedStyle(document.querySelector('[class*=level-1],[class*=level-2],[class*=level-3]')).backgroundColor"
)
CHANGE_S = 10


class Portal:
    """A portal on a store, in a thread."""

    def __init__(self, url: str) -> None:
        context = Context(lambda: open_store(url, create=False), KNOWN, lambda: NOW)
        self.server = waitress.server.create_server(create_portal(context), host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=self.server.run, daemon=True).start()

    def stop(self) -> None:
        self.server.close()

    def __call__(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.effective_port}{path}"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A portal that tests only read."""
    engine = stores.empty_store(tmp_path_factory.mktemp("texts"))
    stores.fill(engine)
    portal = Portal(str(engine.url))
    yield portal, engine
    portal.stop()


@pytest.fixture
def own(tmp_path):
    """A portal and store of a test's own."""
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    portal = Portal(str(engine.url))
    yield portal, engine
    portal.stop()


def every_page() -> list[str]:
    declared.load()
    return sorted(pages.pages())


def path_of(name: str, lang: str) -> str:
    return pages.pages()[name].address(lang, **NAMED)


def opened(browser, size, **more):  # noqa: F811
    page = browser.new_page(viewport=size, **more)
    page.troubles = []
    page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    return page


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_no_page_goes_sideways_or_complains(browser, kept, size):  # noqa: F811
    portal, _ = kept
    page = opened(browser, size)
    found = {}
    for name in every_page():
        for lang in ("zh", "en"):
            page.goto(portal(path_of(name, lang)))
            expect(page.locator("#badge")).to_be_attached()
            wider = page.evaluate(WIDER)
            sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            if wider or sideways or page.troubles:
                found[f"{name} {lang}"] = (wider, sideways, list(page.troubles))
                page.troubles.clear()
    page.close()
    assert found == {}


def test_all_numbers_are_there_without_a_script(browser, kept):  # noqa: F811
    portal, engine = kept
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    with engine.connect() as connection:
        rows = (
            connection.execute(sa.select(air_city_hour).where(air_city_hour.c.hour_end == stores.NEWEST))
            .mappings()
            .all()
        )
    for row in rows:
        page.goto(portal(f"/city/{row['city']}"))
        assert page.inner_text(".verdict .aqi").strip() == ("NA" if row["aqi"] is None else str(row["aqi"]))
    context.close()


def test_a_change_is_on_the_open_page_within_ten_seconds_and_nothing_is_loaded_anew(browser, own):  # noqa: F811
    portal, engine = own
    page = opened(browser, PHONE, bypass_csp=True)
    page.goto(portal("/city/510100"))
    page.evaluate("window.same = true")
    page.locator("details summary").first.click()
    changed(engine, 321)
    expect(page.locator(".verdict .aqi").first).to_have_text("321", timeout=CHANGE_S * 1000)
    assert page.evaluate("window.same") is True, "the page was loaded anew"
    assert page.evaluate("document.querySelector('details').open") is True, "what the reader opened was closed"
    assert page.troubles == []
    page.close()


def changed(engine: sa.Engine, aqi: int) -> None:
    with engine.begin() as connection:
        where = sa.and_(air_city_hour.c.city == "510100", air_city_hour.c.hour_end == stores.NEWEST)
        connection.execute(sa.update(air_city_hour).where(where).values(aqi=aqi, version=air_city_hour.c.version + 1))
        connection.execute(sa.update(source_total).values(accepted=source_total.c.accepted + 1))


def test_a_server_that_cannot_be_reached_is_said_and_its_return_is_taken_without_a_reload(browser, own):  # noqa: F811
    portal, engine = own
    page = opened(browser, WALL, bypass_csp=True)
    page.goto(portal("/city/510100"))
    page.evaluate("window.same = true")
    page.context.set_offline(True)
    page.wait_for_function("document.body.dataset.fresh === 'lost'", timeout=30_000)
    assert "失去联系" in page.inner_text("#badge")
    changed(engine, 222)
    page.context.set_offline(False)
    expect(page.locator(".verdict .aqi").first).to_have_text("222", timeout=20_000)
    page.wait_for_function("document.body.dataset.fresh !== 'lost'")
    assert page.evaluate("window.same") is True
    page.close()


def test_a_store_that_cannot_be_read_any_more_is_said_on_the_open_page(browser, own):  # noqa: F811
    portal, engine = own
    page = opened(browser, WALL, bypass_csp=True)
    page.goto(portal("/"))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE source_total RENAME TO gone")
    page.wait_for_function("document.body.dataset.fresh === 'unreadable'", timeout=20_000)
    assert "数据库无法读取" in page.inner_text("#badge")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO source_total")
    page.wait_for_function("document.body.dataset.fresh === 'replay'", timeout=20_000)
    page.close()


def test_the_heap_is_flat_over_redraws(browser, own):  # noqa: F811
    portal, _ = own
    page = opened(browser, PHONE, bypass_csp=True)
    page.goto(portal("/"))
    link = page.context.new_cdp_session(page)
    redraw = """async (times) => {
      const part = document.querySelector('main .part'), text = part.innerHTML;
      for (let i = 0; i < times; i++) { part.innerHTML = text; await new Promise(requestAnimationFrame); }
    }"""

    def heap() -> float:
        link.send("HeapProfiler.collectGarbage")
        return page.evaluate("performance.memory.usedJSHeapSize") / 1e6

    page.evaluate(redraw, 50)
    before = heap()
    page.evaluate(redraw, 1000)
    assert heap() - before < 1.0
    page.close()


def test_the_palette_for_colour_blind_readers_is_remembered(browser, kept):  # noqa: F811
    portal, _ = kept
    page = opened(browser, PHONE)
    page.goto(portal("/"))
    before = page.evaluate(COLOUR)
    page.click("#palette")
    page.goto(portal("/"))
    assert page.get_attribute("html", "data-palette") == "cvd"
    after = page.evaluate(COLOUR)
    assert after != before
    page.close()


def test_the_screen_is_never_white_before_its_style_is_there(kept):
    portal, _ = kept
    import urllib.request

    for name in every_page():
        with urllib.request.urlopen(portal(path_of(name, "zh"))) as answer:
            begin = answer.read(200).decode("utf-8", "ignore")
        assert 'style="background:' in begin, name


@pytest.mark.parametrize("size", [PHONE, WALL], ids=["phone", "wall"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing(browser, kept, lang, size):  # noqa: F811
    portal, _ = kept
    page, found = browser.new_page(viewport=size), {}
    for name in every_page():
        page.goto(portal(path_of(name, lang)))
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        if told := findings(page):
            found[name] = told
    page.close()
    assert found == {}
