"""The six levels of the air-quality index: category, colour, what it means for health and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.editions import Edition


@dataclass(frozen=True, slots=True)
class Level:
    """One level: number 1 to 6, index range (both ends belong), names, colour, health effect and advice in zh and en.

    hex is "#RRGGBB", rgb three numbers 0 to 255. English is our translation.
    """

    level: int
    aqi_from: int
    aqi_to: int
    level_zh: str
    category_zh: str
    category_en: str
    colour_zh: str
    colour_en: str
    hex: str
    rgb: tuple[int, int, int]
    effect_zh: str
    effect_en: str
    advice_zh: str
    advice_en: str


@dataclass(frozen=True, slots=True)
class SensitiveGroups:
    """Who is sensitive to an item, named where the index of the item exceeds 100."""

    item: str
    groups_zh: str
    groups_en: str


def _level(row: dict[str, str]) -> Level:
    rgb = tuple(int(row.pop(channel)) for channel in ("red", "green", "blue"))
    numbers = {key: int(row.pop(key)) for key in ("level", "aqi_from", "aqi_to")}
    return Level(**numbers, **row, rgb=rgb)


_BY_CODE = {
    table.head["code"]: tuple(_level(dict(row)) for row in table.rows)
    for table in map(read_table, ("hj633_2012_levels", "hj633_2026_levels"))
}
_SENSITIVE = read_table("hj633_2026_sensitive")

LEVELS = list(_BY_CODE["HJ 633-2026"])
"""Levels 1 to 6 in order: ranges, names and colours, which both editions share; texts on health are those of HJ
633-2026 Table 1 (see levels_of)."""

SENSITIVE_GROUPS = {row["item"]: SensitiveGroups(**row) for row in _SENSITIVE.rows}
"""By item (HJ 633-2026 Table 2); HJ 633-2012 names none (see sensitive_groups_of)."""


def levels_of(edition: Edition) -> tuple[Level, ...]:
    """Give levels 1 to 6 in the words of an edition: health effect and advice differ from level 3 on.

    Source: HJ 633-2012 Table 2, HJ 633-2026 Table 1; English is our translation.
    """
    return _BY_CODE[edition.code]


def sensitive_groups_of(edition: Edition) -> Mapping[str, SensitiveGroups]:
    """Give by item who is sensitive to it; an edition that does not say gives none.

    Source: HJ 633-2026 Table 2; HJ 633-2012 has no such table.
    """
    return SENSITIVE_GROUPS if edition.code == _SENSITIVE.head["code"] else {}


def level_of(aqi: np.ndarray | float) -> np.ndarray:
    """Give the level of an index.

    aqi: whole numbers 0 to 500, any shape. Returns uint8 of the same shape, 1 to 6.
    Missing: NaN gives 0.
    Source: HJ 633-2012 and HJ 633-2026 Table 1.
    """
    aqi = np.asarray(aqi, dtype=np.float64)
    level = sum((aqi >= each.aqi_from).astype(np.uint8) for each in LEVELS)
    return np.asarray(level, dtype=np.uint8)
