"""The overview in a real browser: it shows what the store holds, on a wall and on a phone, in both languages."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import waitress.server

from dashboards.app import create_portal
from dashboards.context import Context
from streams import registry
from streams.store import open_store
from streams.store.schema import air_city_hour, emission_city_hour
from tests.dashboards import stores

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WALL, PHONE = {"width": 1920, "height": 1080}, {"width": 390, "height": 844}
NOW = dt.datetime(2026, 3, 2, 4, 20)
HOUR = dt.timedelta(hours=1)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]

Serve = Callable[..., str]


@pytest.fixture(scope="module")
def browser() -> Iterator:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serve a portal on a store file with its own clock; give its address."""
    servers = []

    def start(store: Path, now: dt.datetime = NOW) -> str:
        context = Context(lambda: open_store(f"sqlite:///{store}", create=False), registry.load(), lambda: now)
        server = waitress.server.create_server(create_portal(context), host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.effective_port}/"

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def replay(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, sa.Engine]:
    """A portal on 48 hours of 2023."""
    engine = stores.empty_store(tmp_path_factory.mktemp("replay"))
    stores.fill(engine)
    return serve(Path(engine.url.database)), engine


def _open(browser, address: str, size: dict[str, int], query: str = ""):
    page = browser.new_page(viewport=size, bypass_csp=True)
    page.troubles = []
    page.on("console", lambda said: page.troubles.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.goto(address + "analysis" + query)
    page.wait_for_selector(".city-card")
    page.wait_for_selector(".chart svg, .chart-empty")
    return page


def _stored(engine: sa.Engine, hour: dt.datetime) -> dict[str, str]:
    table = air_city_hour
    with engine.connect() as connection:
        rows = connection.execute(sa.select(table.c.city, table.c.aqi).where(table.c.hour_end == hour))
        return {city: "NA" if aqi is None else str(aqi) for city, aqi in rows}


CARDS = """() => Object.fromEntries([...document.querySelectorAll('.city-card')].map(
    card => [card.dataset.city, card.querySelector('.aqi').innerText]))"""


def _assert_comes_to_show(page, expected: dict[str, str], within_s: float = 10) -> None:
    """Hold that the cards show these values, once the answer has come.

    Parts of the page are answered apart, so the heading may say the new hour before the cards do; and the cards are
    read in one look, since one by one they can be of two answers.
    """
    until = time.monotonic() + within_s
    while (shown := page.evaluate(CARDS)) != expected and time.monotonic() < until:
        page.wait_for_timeout(50)
    assert shown == expected


@pytest.mark.parametrize("size", [WALL, PHONE], ids=["wall", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_what_the_store_holds(browser, replay, size, lang):
    address, engine = replay
    page = _open(browser, address, size, f"?lang={lang}")
    _assert_comes_to_show(page, _stored(engine, stores.NEWEST))
    words = {
        "zh": ("历史回放", "含模拟数据", "数据健康"),
        "en": ("Replay of past data", "Contains simulated", "Data health"),
    }
    page.wait_for_selector("#data-health h2")
    body = page.inner_text("body")
    assert all(word in body for word in words[lang])
    assert "2023-01-21 23:00" in page.inner_text("#hour-shown")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.troubles == []
    page.close()


def test_the_wall_shows_its_main_tiles_without_scrolling(browser, replay):
    page = _open(browser, replay[0], WALL)
    for tile in ("#region", "#cities", "#curves", "#sectors", "#episodes"):
        box = page.locator(tile).bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= WALL["height"], tile
        assert page.evaluate(
            f"document.querySelector('{tile}').scrollWidth <= document.querySelector('{tile}').clientWidth"
        )
    page.close()


def test_a_city_is_selected_on_a_card_and_on_the_map_and_the_back_key_returns(browser, replay):
    page = _open(browser, replay[0], WALL)
    page.click("#city-510700")
    page.wait_for_selector("#city-510700.selected")
    assert "city=510700" in page.url
    playwright.expect(page.locator("#curves h2")).to_contain_text("绵阳")
    label = page.locator(".map .label .name", has_text="眉山").bounding_box()
    page.mouse.click(label["x"] + label["width"] / 2, label["y"] + label["height"] / 2)
    page.wait_for_selector("#city-511400.selected")
    page.locator('.map a[data-city="511800"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#city-511800.selected")
    assert "city=511800" in page.url
    page.go_back()
    page.wait_for_selector("#city-511400.selected")
    assert page.troubles == []
    page.close()


def test_the_item_and_the_hour_are_in_the_url(browser, replay):
    address, engine = replay
    page = _open(browser, address, WALL, "?hour=2023-01-20T12:00Z&item=o3")
    earlier = dt.datetime(2023, 1, 20, 12)
    _assert_comes_to_show(page, _stored(engine, earlier))
    assert page.get_attribute("body", "data-fresh") == "back"
    page.click("#earlier")
    playwright.expect(page.locator("#hour-shown")).to_contain_text("2023-01-20 19:00")
    assert "hour=2023-01-20T11:00Z" in page.url and "item=o3" in page.url
    _assert_comes_to_show(page, _stored(engine, earlier - HOUR))
    page.close()


def test_the_language_is_switched_and_the_selection_kept(browser, replay):
    page = _open(browser, replay[0], WALL, "?city=510600")
    page.click("#language")
    page.wait_for_selector("#city-510600.selected h3:text('Deyang')")
    assert "lang=en" in page.url and "city=510600" in page.url
    page.close()


def test_simulated_rows_are_marked_on_their_tile_only(browser, replay):
    page = _open(browser, replay[0], WALL)
    marked = page.locator(".city-card:has(.sim-mark)").all()
    assert [card.get_attribute("data-city") for card in marked] == [stores.SIMULATED]
    assert page.locator("#simulated-notice").is_visible()
    page.close()


def test_a_station_tells_its_files_and_what_a_revision_replaced(browser, replay):
    page = _open(browser, replay[0], WALL)
    line = page.locator(f"#stations tr:has-text('{stores.REVISED}') + tr")
    assert "修订 1 次" in line.inner_text() and not line.get_by_text("china_sites_20230121.csv").is_visible()
    line.locator("summary").click()
    shown = line.inner_text()
    assert "china_sites_20230121.csv" in shown and "SHA-256 84428442" in shown
    assert "O₃ NA → 20" in shown and "PM₂.₅ 132 → 92" in shown
    page.close()


def test_the_card_of_emissions_says_which_hour_it_is_of(browser, serve, tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine)
    with engine.begin() as connection:
        later = emission_city_hour.c.hour_end > stores.NEWEST - 15 * HOUR
        connection.execute(sa.delete(emission_city_hour).where(later))
    for size in (WALL, PHONE):
        page = _open(browser, serve(Path(engine.url.database), stores.NEWEST + HOUR / 2), size)
        shown = page.inner_text("#sectors")
        assert "所示为 2023-01-21 08:00 的排放" in shown and "15 小时前" in shown
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.close()


def test_clocks_are_judged_for_the_present_only(browser, serve, replay, tmp_path):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, simulated=False)
    live = serve(Path(engine.url.database), stores.NEWEST + HOUR / 2)
    for address, query, judged in ((live, "", True), (live, "?hour=2023-01-21T06:00Z", False), (replay[0], "", False)):
        page = _open(browser, address, WALL, query)
        page.wait_for_selector("#data-health h3")
        assert (page.locator(".clocks").count() == 1) is judged
        assert ("已无从得知" in page.inner_text("#data-health")) is not judged
        page.close()


def test_a_missing_verdict_is_na_with_its_reason(browser, replay):
    page = _open(browser, replay[0], WALL)
    assert "缺 CO、O₃" in page.inner_text(f"#city-{stores.ABSENT}")
    page.close()


@pytest.mark.parametrize(("age_h", "mode"), [(0.5, "live"), (2, "late"), (6, "stale")])
def test_the_screen_says_how_fresh_it_is(browser, serve, tmp_path, age_h, mode):
    engine = stores.empty_store(tmp_path)
    stores.fill(engine, simulated=False)
    page = _open(browser, serve(Path(engine.url.database), stores.NEWEST + age_h * HOUR), WALL)
    page.wait_for_selector(f"body[data-fresh={mode}]")
    assert (page.evaluate("getComputedStyle(document.querySelector('main')).filter") != "none") == (mode == "stale")
    assert page.locator("#simulated-notice, #replay-notice").count() == 0
    page.close()


def test_an_empty_store_waits_and_the_first_index_appears_by_itself(browser, serve, tmp_path):
    engine = stores.empty_store(tmp_path)
    page = _open(browser, serve(Path(engine.url.database)), PHONE)
    assert page.get_attribute("body", "data-fresh") == "waiting"
    assert "等待第一个小时的数据" in page.inner_text(".waiting-card")
    assert "等待数据" in page.inner_text("#episodes") and "NA" in page.inner_text("#city-510100")
    stores.add_city_hour(engine, "510100", stores.NEWEST, 87)
    playwright.expect(page.locator("#city-510100 .aqi")).to_have_text("87", timeout=6000)
    assert page.locator(".waiting-card").count() == 0
    assert page.troubles == []
    page.close()


def test_a_store_that_does_not_exist_yet_is_waited_for(browser, serve, tmp_path):
    page = _open(browser, serve(tmp_path / "store.sqlite"), WALL)
    assert "等待第一个小时的数据" in page.inner_text(".waiting-card")
    stores.fill(stores.empty_store(tmp_path))
    playwright.expect(page.locator("#city-510100 .aqi")).not_to_have_text("NA", timeout=8000)
    page.close()


def test_a_server_that_falls_silent_is_noticed(browser, serve, replay):
    page = _open(browser, replay[0], WALL)
    for asked in ("**/_dash-update-component*", "**/beat?*"):
        page.route(asked, lambda route: route.abort())
    page.evaluate("window.airshed.heardAt -= 60000")
    page.wait_for_selector("body[data-fresh=lost]", timeout=5000)
    assert "与服务器失去联系" in page.inner_text("#badge")
    page.close()


def test_no_page_asks_for_what_its_own_policy_refuses(browser, replay):
    page = browser.new_page(
        viewport=WALL
    )  # here the policy of content holds, which other tests set aside to look inside
    troubles: list[str] = []
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    for path in ("analysis", "scenario", "models"):
        page.goto(replay[0] + path)
        page.wait_for_selector("h1")
        page.wait_for_timeout(500)
    page.close()
    assert troubles == []
