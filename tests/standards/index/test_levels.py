"""Levels, colours and sensitive groups as printed in HJ 633 Table 1 and 2."""

import numpy as np

from standards.editions import EDITIONS
from standards.index.aqi import hourly_aqi
from standards.index.levels import LEVELS, SENSITIVE_GROUPS, level_of, levels_of, sensitive_groups_of
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
    assert SENSITIVE_GROUPS["co"].groups_zh == "患有心血管系统疾病的人"  # HJ 633-2026 Table 2, verbatim
    assert "such as asthma" in SENSITIVE_GROUPS["pm25"].groups_en


def test_a_day_is_told_in_the_words_of_its_edition():
    old, new, later = (levels_of(edition) for edition in EDITIONS)
    assert new is later and list(new) == LEVELS
    # HJ 633-2012 Table 2 speaks of 易感人群 and 儿童 where HJ 633-2026 Table 1 speaks of 敏感人群 and 青少年儿童.
    assert old[2].effect_zh.startswith("易感人群") and new[2].effect_zh.startswith("敏感人群")
    assert old[3].advice_zh.startswith("儿童、老年人及心脏病") and new[3].advice_zh.startswith(
        "青少年儿童、老年人及心血管"
    )
    shared = ("level", "aqi_from", "aqi_to", "category_zh", "category_en", "colour_zh", "hex", "rgb")
    assert all(getattr(a, name) == getattr(b, name) for a, b in zip(old, new, strict=True) for name in shared)
    assert [a.effect_zh == b.effect_zh for a, b in zip(old, new, strict=True)] == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]
    assert sensitive_groups_of(EDITIONS[0]) == {} and sensitive_groups_of(EDITIONS[1]) is SENSITIVE_GROUPS
