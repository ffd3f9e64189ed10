"""What a page says of an attribution: "X or Y" where intervals overlap, its one definition, and why there is none."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest

from dashboards.components.attribution_bars import attribution_panel, definition, reasons
from dashboards.context import Scene
from dashboards.moment import at
from dashboards.text import Text
from dashboards.view import View
from streams import registry
from streams.contributors import GROUPS, SECTORS
from streams.store.attribution import packed
from tests.dashboards import attributed

KNOWN = registry.load()
CITIES = tuple(KNOWN.cities)
HOUR = dt.datetime(2023, 1, 20, 12)


def scene(lang: str = "zh") -> Scene:
    return Scene(None, View(city=CITIES[0], lang=lang), at(HOUR, HOUR, None), Text(lang), KNOWN)


def row(half: float, **more):
    """Industry with solvents 41, coal 30 of 100 ug/m3, with half widths of so many points."""
    size = {"industry": 38.0, "solvent": 3.0, "coal": 30.0}
    values = np.zeros((len(SECTORS), len(CITIES)))
    values[:, 0] = [size.get(sector, 2.0) for sector in SECTORS]
    whole = np.append(values.ravel(), 100.0 - values.sum())
    widths = {"sector": np.full(len(SECTORS) + 1, half), "place": np.full(len(CITIES) + 1, half),
              "group": np.full(len(GROUPS) + 1, half)}  # fmt: skip
    return attributed.row(CITIES[0], CITIES, HOUR, total=100.0) | {"packed": packed(whole, widths)} | more


@pytest.mark.parametrize(("half", "either"), [(4.0, False), (5.4, False), (5.6, True), (20.0, True)])
def test_the_second_is_named_too_where_the_intervals_overlap(half, either):
    # 41 - half and 30 + half meet at a half width of 5.5 points.
    for lang, alone, both in (
        ("zh", "首要来源：工业（含溶剂）。", "首要来源：工业（含溶剂） 或 燃煤"),
        ("en", "Largest source: Industry, solvents.", "Industry, solvents or Coal; their intervals overlap"),
    ):
        said = str(attribution_panel(scene(lang), row(half), grouped=True, section="attribution"))
        assert (both in said) is either and (alone in said) is not either


def test_what_is_left_over_or_from_outside_is_never_the_largest_source_and_is_said_where_it_is_more():
    size = np.zeros((len(SECTORS), len(CITIES)))
    size[:, 0] = [{"agriculture": 30.0, "coal": 12.0}.get(sector, 1.0) for sector in SECTORS]
    whole = np.append(size.ravel(), 100.0 - size.sum())
    widths = {kind: np.full(n + 1, 2.0) for kind, n in
              (("sector", len(SECTORS)), ("place", len(CITIES)), ("group", len(GROUPS)))}  # fmt: skip
    told = row(4.0, packed=packed(whole, widths))
    # From outside 100 - 30 - 12 - 7; left over: agriculture 30, with households and vegetation 1 each.
    said = str(attribution_panel(scene(), told, grouped=True, section="attribution"))
    assert "首要来源：燃煤。另有区域外输送 51.0 µg/m³。另有其他 32.0 µg/m³。" in said
    english = str(attribution_panel(scene("en"), told, grouped=True, section="attribution"))
    assert "Largest source: Coal. Besides, From outside: 51.0 µg/m³." in english


def test_the_definition_is_said_with_every_attribution():
    for lang, words in (("zh", ("各来源之和等于总量", "带正负号", "µg/m³", "不作占比")),
                        ("en", ("add up to the whole", "signed, in µg/m³", "is no share"))):  # fmt: skip
        said = str(definition(scene(lang), [row(4.0)]))
        assert all(each in said for each in words)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("inventory over:3.2", "最近一份已 3.2 年", "3.2 years old"),
        ("inventory too old:11.0", "清单过旧（11.0 年）", "too old (11.0 years)"),
        ("no inventory", "无排放清单", "no inventory"),
        ("no weather", "无气象预报", "no weather"),
        ("moved:1.7", "变动 1.7 倍", "by a factor of 1.7"),
        ("behind:40", "40 天前", "40 days ago"),
        ("missing:organic", "缺少VOC 组分", "no VOC analyser"),
    ],
)
def test_every_reason_has_words_in_both_languages(code, zh, en):
    told = row(4.0, reasons=json.dumps([code]))
    assert zh in reasons(scene("zh"), told) and en in reasons(scene("en"), told)
