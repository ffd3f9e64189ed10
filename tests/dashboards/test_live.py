"""Sections are told apart by their names, and a selection survives its way through the page."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import ModuleType

import pytest

from dashboards import live
from dashboards.moment import SHANGHAI
from dashboards.shell import live_words
from dashboards.text import Text
from dashboards.view import View


def drawing() -> str:
    return "a"


def another() -> str:
    return "b"


@pytest.fixture(autouse=True)
def no_trace(monkeypatch) -> None:
    monkeypatch.setattr(live, "_SECTIONS", {})


def test_a_name_that_another_section_has_is_refused_in_words() -> None:
    live.section("tile", drawing)
    with pytest.raises(ValueError, match=r"section 'tile' is declared by .*drawing.* and by .*another.*, expected"):
        live.section("tile", another)
    assert live.sections()["tile"].render is drawing


def test_the_same_section_may_be_read_again_for_another_application() -> None:
    live.section("tile", drawing)
    again = ModuleType("again")
    source = compile(Path(__file__).read_text(encoding="utf-8"), __file__, "exec")
    exec(source, again.__dict__)
    live.section("tile", again.drawing)
    assert live.sections()["tile"].render is again.drawing is not drawing


def test_a_view_gives_the_query_that_gives_it_back() -> None:
    view = View("510700", "o3", "en", dt.datetime(2023, 1, 20, 12))
    assert view.query() == {"city": "510700", "item": "o3", "lang": "en", "hour": "2023-01-20T12:00Z"}
    assert View.from_query(view.query(), ("510100", "510700")) == view
    assert "hour" not in View("510700").query()


def test_the_browser_is_told_how_far_its_clock_is_ahead() -> None:
    assert float(live_words(Text("zh"))["data-ahead"]) == SHANGHAI.total_seconds() == 8 * 3600
