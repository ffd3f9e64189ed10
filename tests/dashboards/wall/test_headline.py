"""The sentence above the wall: what it says, and that it is honest where something is not known."""

from __future__ import annotations

import re

import pytest

from dashboards.text import Text
from dashboards.wall.headline import City, Said, headline

ZH, EN = Text("zh"), Text("en")


def test_it_says_where_it_is_worst_why_and_where_it_goes() -> None:
    cities = [
        City("成都", 88, "PM₂.₅", "rising"),
        City("乐山", 152, "PM₂.₅", "rising"),
        City("雅安", 40, "—", "falling"),
    ]
    said = Said("11-30 14:00", cities, ["燃煤", "移动源"], 31, ("德阳", 121), [("乐山", "黄色")])
    assert headline(said, ZH) == (
        "11-30 14:00，3 市中 2 市优良，乐山最重，AQI 152（中度污染），首要污染物 PM₂.₅；乐山可控来源首推燃煤或移动源，难分先后，"
        "区域外输送占 31%；近 6 小时 2 市转差、1 市转好；明日预报最高德阳 AQI 121（轻度污染）；乐山达到黄色预警条件。"
    )


def test_what_is_not_known_is_said_and_not_guessed() -> None:
    said = headline(Said("11-30 14:00", [City("成都", None), City("乐山", 152, "PM₂.₅")]), ZH)
    assert "另有 1 市无有效指数" in said and "来源不明" in said and "没有可用预报" in said
    assert "平稳" not in said  # a trend that nobody knows is no calm


def test_no_index_at_all_is_no_verdict() -> None:
    said = headline(Said("11-30 14:00", [City("成都", None), City("乐山", None)]), EN)
    assert "unknown" in said and "good" not in said and "AQI" not in said


def test_without_a_store_it_waits_in_words() -> None:
    assert headline(None, ZH) == "正在等待第一批数据，暂时无法判断空气质量。"


def test_past_and_simulated_data_are_called_so() -> None:
    said = headline(Said("01-21 23:00", [City("成都", 40)], replayed=True, simulated=True), ZH)
    assert said.startswith("历史回放 01-21 23:00") and "含模拟数据" in said


def test_the_limit_between_good_and_polluted_is_a_hundred() -> None:
    """HJ 633 Table 1: level two ends at 100."""
    assert "均为优良" in headline(Said("", [City("成都", 100)]), ZH)
    assert "均有污染" in headline(Said("", [City("成都", 101)]), ZH)


@pytest.mark.parametrize(
    "ways", [("rising", "falling"), ("rising", "steady"), ("falling", "steady"), ("steady", "steady")]
)
@pytest.mark.parametrize("indices", [(40, 160), (160, 170), (40, 50)])
def test_one_city_is_never_several_and_a_trend_says_over_how_long(ways, indices):
    """English counts: "1 cities" is wrong, "1 of the cities" and "1 of 2 cities" are not."""
    cities = [City("A", aqi, "—", way) for aqi, way in zip(indices, ways, strict=True)]
    said = headline(Said("01-21 23:00", cities), Text("en"))
    assert not re.search(r"(?<!of )\b1 cities", said) and "in the last 6 hours" in said
    assert "近 6 小时" in headline(Said("01-21 23:00", cities), Text("zh"))
