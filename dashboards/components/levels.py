"""Levels of the index as pages as text show them: a numeral and a word on a colour that a style may change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from dash import html

from dashboards import theme
from dashboards.components import marks
from dashboards.text import Text
from standards.editions import EDITIONS, Edition
from standards.exact_means import averageable
from standards.index.aqi import hourly_aqi
from standards.index.levels import Level, levels_of, sensitive_groups_of
from standards.pollutants import ITEMS, POLLUTANTS

NUMERALS = "ⅠⅡⅢⅣⅤⅥ"
"""The symbol of each level, so that no level is told by its colour alone."""
SENSITIVE_ABOVE = 100
"""HJ 633-2026 Table 2: sensitive groups are named where the index of an item exceeds this."""


def level_class(aqi: int | None) -> str:
    """Give the class that colours an element by the level of an index; "level-0" where there is none."""
    level = theme.level(aqi)
    return f"level-{level.level if level else 0}"


def symbol(aqi: int | None) -> str:
    """Give the numeral of a level, a dash where there is none."""
    level = theme.level(aqi)
    return NUMERALS[level.level - 1] if level else "–"


def level_chip(aqi: int | None, text: Text) -> html.Span:
    """Show the level of an index by numeral, word and colour."""
    return html.Span([html.B(symbol(aqi)), " ", marks.category(aqi, text)], className=f"chip {level_class(aqi)}")


def legend(text: Text) -> html.Ul:
    """List the levels by numeral, word, colour and range."""
    entries = [
        html.Li([level_chip(each.aqi_to, text), html.Small(f" {each.aqi_from}–{each.aqi_to}")]) for each in theme.LEVELS
    ]
    return html.Ul([*entries, html.Li(level_chip(None, text))], className="level-legend")


def edition_of(code: str) -> Edition:
    """Give the edition of HJ 633 that a stored row names; the newest of those that share its index."""
    return next((each for each in EDITIONS if each.code == code), EDITIONS[-1])


def advice(row: Mapping[str, Any], text: Text) -> tuple[Level, list[str]]:
    """Give the level of a row's index in the words of its edition, and who is sensitive to the items that exceed 100."""
    edition = edition_of(row["edition"])
    level = levels_of(edition)[theme.level(row["aqi"]).level - 1]
    groups = sensitive_groups_of(edition)
    values = averageable(np.array([row[POLLUTANTS[item].column] for item in ITEMS], float))
    above = hourly_aqi(values, edition=edition).iaqi > SENSITIVE_ABOVE
    named = [groups[item] for item, over in zip(ITEMS, above, strict=True) if over and item in groups]
    return level, [each.groups_zh if text.lang == "zh" else each.groups_en for each in named]
