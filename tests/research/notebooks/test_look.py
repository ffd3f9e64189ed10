"""Labels of figures on machines with and without a Chinese font."""

from __future__ import annotations

import matplotlib
import pytest

from research.notebooks.look import FONTS, PLAIN, both, chinese_font, ready


@pytest.fixture(autouse=True)
def as_before():
    with matplotlib.rc_context():
        yield


def test_the_best_font_that_is_installed_is_taken() -> None:
    assert chinese_font({"DejaVu Sans", "SimHei", "Noto Sans CJK JP"}) == "Noto Sans CJK JP"
    assert chinese_font({"DejaVu Sans"}) is None


def test_labels_are_in_both_languages_where_a_font_has_chinese() -> None:
    ready(FONTS[0])
    assert both("臭氧", "ozone") == "臭氧 ozone"


def test_labels_are_english_where_no_font_has_chinese(monkeypatch) -> None:
    monkeypatch.setattr("research.notebooks.look.chinese_font", lambda: None)
    ready()
    assert both("臭氧", "ozone") == "ozone"
    assert matplotlib.rcParams["font.sans-serif"] == [PLAIN]
