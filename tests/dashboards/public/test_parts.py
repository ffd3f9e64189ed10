import re
from itertools import pairwise
from pathlib import Path

import brotli
import pytest

import dashboards
from dashboards.figures.day_line import line_path
from dashboards.figures.outlines import paths, simplified
from dashboards.public.history import gone_to
from dashboards.public.home import headline, trend
from dashboards.snapshots import pages
from dashboards.theme import LEVELS, ink_on
from tests.dashboards.public.conftest import REGISTRY

CSS = Path(dashboards.__file__).parent / "snapshots" / "css" / "3-public.css"
FIELDS = {"city": "510100", "date": "2023-01-20", "hour": "24"}


def _palette(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r" \{(.*?)\}", CSS.read_text(encoding="utf-8"), re.DOTALL)[1]
    return dict(re.findall(r"--([li]\d): (#[0-9a-f]{6});", block))


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_colours_of_levels_are_the_official_ones():
    # HJ 633-2026 Table A.1, as in the standards' table.
    assert [_palette(":root")[f"l{level.level}"] for level in LEVELS] == [level.hex.lower() for level in LEVELS]


@pytest.mark.parametrize("selector", [":root", '[data-palette="cvd"]'])
def test_words_on_a_level_are_in_the_ink_that_contrasts_more(selector):
    colours = _palette(selector)
    assert all(colours[f"i{n}"] == ink_on(colours[f"l{n}"]) for n in range(1, 7))


def test_the_second_palette_grows_darker_with_every_level():
    colours = _palette('[data-palette="cvd"]')
    lights = [_luminance(colours[f"l{n}"]) for n in range(1, 7)]
    assert all(above > 1.2 * below for above, below in pairwise(lights))


def test_the_form_leads_to_an_hour_or_to_a_day():
    # Hour 24 of a day ends at midnight, which is 00:00 of the next.
    assert gone_to(FIELDS, REGISTRY, "zh") == "/city/510100/2023-01-21T00"
    assert gone_to(FIELDS | {"hour": "1"}, REGISTRY, "en") == "/en/city/510100/2023-01-20T01"
    assert gone_to(FIELDS | {"hour": ""}, REGISTRY, "zh") == "/city/510100/day/2023-01-20"


@pytest.mark.parametrize(
    "bad",
    [
        {"city": "999999"}, {"city": "/etc"}, {"date": "2023-02-30"}, {"date": ""}, {"date": "9999-12-31"},
        {"date": "9998-01-01"}, {"date": "1000-01-01"}, {"hour": "25"}, {"hour": "0"}, {"hour": "-1"}, {"hour": "١"},
        {"hour": "1" * 5000}, {"date": "2023-1-1" * 999},
    ],
)  # fmt: skip
def test_a_form_that_names_nothing_leads_nowhere(bad):
    assert gone_to(FIELDS | bad, REGISTRY, "zh") is None
    assert gone_to({}, REGISTRY, "zh") is None


def test_where_the_form_leads_is_a_page():
    for hour in ("", *map(str, range(1, 25))):
        assert pages.found(gone_to(FIELDS | {"hour": hour}, REGISTRY, "zh"), REGISTRY) is not None


def test_a_trend_needs_both_ends_and_a_change():
    assert [trend(80, 70), trend(70, 80), trend(80, 75), trend(None, 70), trend(80, None)] == [
        "up", "down", "steady", "unknown", "unknown",
    ]  # fmt: skip


def test_a_gap_lifts_the_pen_and_a_lone_hour_is_a_dot():
    path = line_path([50, None, 60, 70, None], 150)
    assert path.count("M") == 2 and path.count("L") == 1 and path.count("h0") == 1


def test_the_headline_counts_good_and_polluted_cities(live):
    rows = {
        "510100": {"aqi": 100, "primary_pollutants": "pm25"}, "510600": {"aqi": 101, "primary_pollutants": "o3"},
        "510700": {"aqi": None, "primary_pollutants": ""},
    }  # fmt: skip
    said = headline(live, rows)
    assert "1 个城市空气优良，1 个城市有污染" in said and "德阳 AQI 最高，为 101（轻度污染），首要污染物为 O₃" in said
    assert "6 个城市没有有效指数" in said
    assert headline(live, {}) == "目前没有城市有有效的空气质量指数。"


def test_outlines_are_whole_numbers_and_small():
    small = paths(REGISTRY.outlines_path, simplified)
    assert set(small) == set(REGISTRY.cities) and not any("." in path for path in small.values())
    assert len(brotli.compress("".join(small.values()).encode(), quality=9)) < 12_000
