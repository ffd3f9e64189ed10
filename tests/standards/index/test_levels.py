"""Levels, colours and sensitive groups as printed in HJ 633 Table 1 and 2."""

import numpy as np

from standards.editions import EDITIONS
from standards.index.aqi import hourly_aqi
from standards.index.levels import LEVELS, SENSITIVE_GROUPS, level_of
from standards.pollutants import ITEMS

# AQI range, category, hex: HJ 633-2026 Table 1
PRINTED = [
    (0, 50, "优", "#00E400"),
    (51, 100, "良", "#FFFF00"),
    (101, 150, "轻度污染", "#FF7E00"),
    (151, 200, "中度污染", "#FF0000"),
    (201, 300, "重度污染", "#99004C"),
    (301, 500, "严重污染", "#7E0023"),
]


def test_levels_are_those_printed():
    assert [(each.aqi_from, each.aqi_to, each.category_zh, each.hex) for each in LEVELS] == PRINTED
    assert [each.level for each in LEVELS] == [1, 2, 3, 4, 5, 6]
    assert all("#" + bytes(each.rgb).hex().upper() == each.hex for each in LEVELS)
    assert all(each.effect_zh and each.effect_en and each.advice_zh and each.advice_en for each in LEVELS)


def test_every_index_has_one_level():
    expected = [next(i for i, (low, high, *_) in enumerate(PRINTED, 1) if low <= aqi <= high) for aqi in range(501)]
    assert level_of(np.arange(501)).tolist() == expected
    assert level_of(np.array([[np.nan, 0.0]])).tolist() == [[0, 1]]
    assert level_of(np.nan) == 0 and level_of(51) == 2


def test_reports_and_levels_agree():
    pm25 = np.zeros((6, 601))
    pm25[ITEMS.index("pm25")] = np.arange(601)
    report = hourly_aqi(pm25, edition=EDITIONS[1])
    assert report.level.tolist() == level_of(report.aqi).tolist()


def test_every_item_names_who_is_sensitive():
    assert tuple(SENSITIVE_GROUPS) == ITEMS
    assert SENSITIVE_GROUPS["co"].groups_zh == "心血管系统疾病者"
