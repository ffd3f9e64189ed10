"""Periods in words of a language: "2026年第三季度", "third quarter of 2026"."""

from __future__ import annotations

import datetime as dt
import re

from dashboards.text import Text
from standards.assessment.periods import Period


def period_words(text: Text, period: Period) -> str:
    """Name a period as reports do: by month, quarter, half-year, year or campaign, else by its first and last day."""
    name, zh = period.name, text.lang == "zh"
    if period.kind == "campaign":
        found = re.fullmatch(r"([a-z_]+)-(\d{4})", name)
        words = text.of_code("phase.campaign.", found[1]) if found else ""
        if found and words != found[1]:
            return text("periods.campaign", campaign=words, year=found[2])
        return text("periods.days", first=day_words(text, period.first_date), last=day_words(text, period.last_date))
    year = name[:4]
    if "-Q" in name:
        return text("periods.quarter", year=year, number=_ordinal(int(name[-1]), zh))
    if "-H" in name:
        return text(f"periods.half_{name[-1]}", year=year)
    if "-" in name:
        return f"{year}年{int(name[5:])}月" if zh else f"{period.first_date:%B %Y}"
    return text("periods.year", year=year)


def day_words(text: Text, day: dt.date) -> str:
    """Write a day as reports do."""
    return f"{day.year}年{day.month}月{day.day}日" if text.lang == "zh" else f"{day.day} {day:%B %Y}"


def _ordinal(number: int, zh: bool) -> str:
    return "一二三四"[number - 1] if zh else ("first", "second", "third", "fourth")[number - 1]
