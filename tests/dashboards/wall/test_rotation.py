"""The wallboard in a browser: nothing leaves the screen at 1080p and 4K, scenes rotate by themselves, and a key halts them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from dashboards.context import Scene
from dashboards.moment import at
from dashboards.snapshots import frames
from dashboards.snapshots.markup import markup
from dashboards.snapshots.statics import style
from dashboards.text import Text
from dashboards.view import View
from dashboards.wall.page import SCENES, wall
from streams import registry
from tests.dashboards import foreseen, stores

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]
SCRIPT = Path(frames.__file__).with_name("wall.js")
SIZES = [(1920, 1080), (3840, 2160)]
OUTSIDE = """() => {
  const outside = [], page = document.documentElement;
  if (page.scrollHeight > innerHeight || page.scrollWidth > innerWidth) outside.push("page");
  for (const each of document.querySelectorAll("[data-shown] *, .headline, .pager, .top")) {
    if (!each.getClientRects().length || each.closest("svg")) continue;
    const box = each.getBoundingClientRect(), tile = each.closest(".tile")?.getBoundingClientRect();
    const right = Math.min(innerWidth, tile?.right ?? innerWidth), bottom = Math.min(innerHeight, tile?.bottom ?? innerHeight);
    if (box.right > right + 1 || box.bottom > bottom + 1) outside.push(each.className + " " + each.textContent.slice(0, 20));
  }
  return outside;
}"""
SHOWN = "() => [...document.querySelectorAll('[data-shown]')].map((each) => each.dataset.scene)"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The parts in a frame as files, by language."""
    folder = tmp_path_factory.mktemp("rotation")
    engine = stores.empty_store(folder)
    foreseen.fill(engine)
    made = {}
    for lang in ("zh", "en"):
        made[lang] = folder / f"{lang}.html"
        made[lang].write_text(_document(engine, lang), encoding="utf-8")
    return made


def _document(engine: sa.Engine, lang: str) -> str:
    with engine.connect() as connection:
        moment = at(foreseen.NEWEST, foreseen.NEWEST + dt.timedelta(minutes=20), None)
        scene = Scene(connection, View("510100", lang=lang), moment, Text(lang), registry.load())
        parts = {**frames.lasting(scene), **{name: markup(render(scene)) for name, render in wall.parts.items()}}
    around = "".join(
        f'<div id="{name}" class="part">{text}</div>' for name, text in parts.items() if name != "badge-box"
    )
    head = f'<header class="top"><h1>{scene.text("header.title")}</h1>{parts["badge-box"]}</header>'
    return (
        f'<!doctype html><html lang="{lang}" data-frame="wall"><head><meta charset="utf-8"><style>{style(frames.STYLES["wall"])}'
        f"</style></head><body>{head}<main>{around}</main><script>{SCRIPT.read_text(encoding='utf-8')}</script></body></html>"
    )


@pytest.fixture(scope="module")
def browser() -> Iterator:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_leaves_the_screen_in_any_scene(browser, files, size, lang) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"file://{files[lang]}?seconds=3000&theme={'dark' if lang == 'zh' else 'light'}")
    for name in SCENES:
        page.click(f"[data-goto={name}]")
        assert page.evaluate(SHOWN) == [name]
        assert page.evaluate(OUTSIDE) == [], name
    smallest = page.evaluate(
        "() => parseFloat(getComputedStyle(document.querySelector('.fine')).fontSize) / innerHeight"
    )
    assert smallest > 1 / 70  # type grows with the screen
    page.close()


def test_scenes_rotate_by_themselves_and_a_key_halts_them(browser, files) -> None:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"file://{files['zh']}?seconds=3&scenes=days,cities")
    assert page.evaluate(SHOWN) == ["days"]
    page.wait_for_function("() => document.querySelector('[data-shown]').dataset.scene === 'cities'", timeout=6000)
    page.keyboard.press("Space")
    assert page.is_visible(".pager .paused")
    page.wait_for_timeout(4000)
    assert page.evaluate(SHOWN) == ["cities"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(SHOWN) == ["days"]
    assert not errors
    page.close()


def test_the_map_walks_through_the_hours_to_come(browser, files) -> None:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(f"file://{files['zh']}?seconds=6&scenes=map")
    number = "() => document.querySelector('[data-number=\"510100\"]').textContent"
    assert page.evaluate(number) == "210"
    page.wait_for_function(f"() => ({number})() === '200'", timeout=6000)
    assert (
        "+" in page.text_content(".map-tile h3")
        and page.evaluate("() => document.querySelectorAll('.frames th.on').length") == 1
    )
    page.close()


def test_what_is_exchanged_stays_shown_and_leaves_no_listener(browser, files) -> None:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.add_init_script("""(() => { window.added = 0; const add = EventTarget.prototype.addEventListener;
      EventTarget.prototype.addEventListener = function (...all) { window.added++; return add.apply(this, all); }; })()""")
    page.goto(f"file://{files['zh']}?seconds=3000")
    before = page.evaluate("() => window.added")
    page.evaluate("""() => { for (let n = 0; n < 200; n++) for (const part of document.querySelectorAll(".part")) {
      part.innerHTML = part.innerHTML.replaceAll(/ data-shown="[^"]*"/g, "");
      part.dispatchEvent(new CustomEvent("exchanged", { bubbles: true })); } }""")
    assert page.evaluate(SHOWN) == ["map"]
    assert page.evaluate("() => window.added") == before
    page.close()


def test_without_a_script_all_scenes_stand_below_each_other(browser, files) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.goto(f"file://{files['zh']}")
    tops = [page.locator(f"#scene-{name}").bounding_box()["y"] for name in SCENES]
    assert tops == sorted(tops) and len(set(tops)) == len(SCENES)
    context.close()


def test_reduced_motion_keeps_the_map_still(browser, files) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.goto(f"file://{files['zh']}?seconds=3&scenes=map")
    page.wait_for_timeout(2500)
    assert page.text_content(".map-tile h3") == "当前 AQI"
    context.close()
