"""The page: it stands alone, says that it is simulated, is whole in both languages, and its numbers are those of the run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from research.virtual_airshed.report import cycles, regimes
from research.virtual_airshed.report.gather import Gathered, gather
from research.virtual_airshed.report.shell import write
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.world import World

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Reads a page and keeps its elements with their attributes; open elements must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag

    def count(self, element: str, **wanted: str) -> int:
        return sum(tag == element and all(a.get(k) == v for k, v in wanted.items()) for tag, a in self.elements)


@pytest.fixture(scope="module")
def read(html: str) -> Reader:
    return Reader(html)


def text_of(page: str) -> str:
    """The words of a page without markup, in Chinese."""
    body = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S)
    body = re.sub(r'<span class="en" lang="en">.*?</span>', "", body)
    return re.sub(r"<[^>]+>", "", body)


def test_every_element_is_closed(read: Reader) -> None:
    assert read.open == []


def test_it_asks_nothing_of_a_network_and_is_small(html: str, read: Reader) -> None:
    assert len(html.encode()) < 2_000_000
    for tag, attributes in read.elements:
        for name in ("src", "href"):
            address = attributes.get(name)
            assert address is None or address.startswith(("#", "data:")), (tag, address)
    assert "http" not in re.sub(r"http://www\.w3\.org/\S*", "", html).lower()


def test_it_says_that_it_is_simulated_everywhere(html: str, read: Reader) -> None:
    assert "<title>模拟" in html
    assert read.count("meta", name="simulated", content="true") == 1
    assert "本页全部数值均为模拟" in html and "Every number on this page is simulated" in html
    drawings = html.split("<svg")[1:]
    assert len(drawings) > 40
    for drawing in drawings:
        inner = drawing.partition("</svg>")[0]
        assert ">模拟<" in inner and ">SIMULATED<" in inner


def test_every_word_is_there_in_both_languages(html: str, read: Reader) -> None:
    spans = re.findall(r'<span class="(zh|en)" lang="[^"]+">([^<]*)</span>', html)
    assert [lang for lang, _ in spans] == ["zh", "en"] * (len(spans) // 2)
    assert all(words.strip() for _, words in spans)
    texts = re.findall(r'<text [^>]*class="(?:[\w ]+ )?(zh|en)"', html)
    assert texts.count("zh") == texts.count("en") > 100
    assert read.elements[0][1]["data-lang"] == "zh"


def test_no_blank_of_a_sentence_is_left_and_no_number_is_nan(html: str) -> None:
    words = text_of(html)
    assert not re.findall(r"\{\w+\}", words)
    assert not re.findall(r"\b(nan|None|inf)\b", words)


def test_all_ten_sections_are_there_and_reached_from_the_contents(read: Reader) -> None:
    sections = [a["id"] for tag, a in read.elements if tag == "section"]
    links = [a["href"] for tag, a in read.elements if tag == "a"]
    assert sections == [f"s{n}" for n in range(1, 11)]
    assert links == [f"#{name}" for name in sections]


def test_names_of_figures_are_there_once(read: Reader) -> None:
    names = [a["id"] for _, a in read.elements if "id" in a]
    assert len(names) == len(set(names))
    assert {
        "fig-ratio",
        "fig-clock",
        "fig-week",
        "fig-isopleth",
        "fig-regime",
        "fig-local",
        "fig-removal",
        "fig-budget",
        "fig-skill",
    } <= set(names)


def test_the_numbers_in_the_text_are_those_of_the_run(gathered: Gathered, html: str) -> None:
    words = text_of(html)
    mean = gathered.days.loc["510100", "pm25_ugm3"].mean()
    assert re.search(rf"{mean:.0f}µg/m³成都 PM₂.₅ 均值", words)
    effect = cycles.sunday_effect(gathered.weeks)
    assert f"成都周日 NO₂ −{abs(effect.no2_pct[0]):.0f}%" in words
    regime = regimes.regime_of(gathered.noon.by_nox, gathered.noon.by_reactivity)
    share = 100.0 * float((regime == 3).mean())
    assert f"NOₓ 控制 {share:.0f}%" in words
    assert f"PM₂.₅ 超过 75 µg/m³ 的有 {(gathered.days.loc['510100', 'pm25_ugm3'] > 75).sum()} 天" in words


def test_a_run_of_two_weeks_is_not_judged(html: str) -> None:
    assert "运行太短，不作评判" in html
    assert 'class="verdict inside"' not in html and 'class="verdict outside"' not in html


def test_the_same_run_gives_the_same_bytes(gathered: Gathered, world: World, html: str) -> None:
    assert write(gathered, world, lang="zh") == html


def test_a_page_in_english_begins_in_english(gathered: Gathered, world: World) -> None:
    page = write(gathered, world, lang="en")
    assert '<html lang="en" data-lang="en">' in page and "<title>SIMULATED" in page


@pytest.mark.parametrize(("name", "days"), [("winter_haze", 1), ("spring_dust", 11)])
def test_a_short_run_of_any_season_has_its_page(world: World, name: str, days: int) -> None:
    page = write(gather(scenario(name, days=days), world), world, lang="zh")
    assert Reader(page).open == []
    words = text_of(page)
    assert "没有足够的夏季日子" in words and "没有做预报" in words
    assert not re.findall(r"\b(nan|None|inf)\b", words)


def test_a_city_that_misses_a_day_does_not_stop_the_page(gathered: Gathered, world: World) -> None:
    import dataclasses

    days = gathered.days.copy()
    days.loc["510600", "so2_ugm3"] = np.nan
    page = write(dataclasses.replace(gathered, days=days), world, lang="zh")
    assert Reader(page).open == []
