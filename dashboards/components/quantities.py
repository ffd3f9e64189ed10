"""What a model gives, in a reader's words with its unit: "pm25_day_ugm3_q90" is the 90 % quantile of a day's PM2.5."""

from __future__ import annotations

import re

from dash import html

from dashboards.components.marks import SYMBOLS, UNITS
from dashboards.text import Text
from standards.index.levels import LEVELS
from standards.pollutants import POLLUTANTS

_COLUMNS = {p.column: (SYMBOLS[item], UNITS[p.unit]) for item, p in POLLUTANTS.items()}
_WRITTEN = {"ug m-3": "µg/m³", "mg m-3": "mg/m³", "m s-1": "m/s", "degC": "°C", "1": "—"}
_QUANTILE = re.compile(r"(.+)_q(\d\d)")
_SPAN = re.compile(r"([a-z0-9]+)_(day|mda8)_(ugm3|mgm3)")
_LEVEL = re.compile(r"level([1-6])_day_pct")
_PRIMARY = re.compile(r"primary_([a-z0-9]+)_day_pct")
GROUPS = ("day", "level", "primary", "hour", "other")
"""Groups of a long list, what most readers look for first."""


def named(text: Text, code: str) -> tuple[str, str]:
    """Give the name of a quantity and its unit, "" where it has none; an unknown code stands for itself."""
    quantile = _QUANTILE.fullmatch(code)
    if quantile:
        name, unit = named(text, quantile[1])
        return text("quantity.quantile", name=name, percent=int(quantile[2])), unit
    if code in _COLUMNS:
        symbol, unit = _COLUMNS[code]
        return text("quantity.hour", symbol=symbol), unit
    span = _SPAN.fullmatch(code)
    if span and (column := f"{span[1]}_{span[3]}") in _COLUMNS:
        symbol, unit = _COLUMNS[column]
        return text(f"quantity.{span[2]}", symbol=symbol), unit
    if level := _LEVEL.fullmatch(code):
        found = LEVELS[int(level[1]) - 1]
        return text("quantity.level", name=found.category_zh if text.lang == "zh" else found.category_en), "%"
    if (primary := _PRIMARY.fullmatch(code)) and primary[1] in SYMBOLS:
        return text("quantity.primary", symbol=SYMBOLS[primary[1]]), "%"
    whole = text.of_code("quantity.whole_", code)
    return whole, "%" if whole != code and code.endswith("_pct") else ""


def group_of(code: str) -> str:
    """Tell to which group of a long list a quantity belongs: "hour", "day", "level", "primary" or "other"."""
    base = found[1] if (found := _QUANTILE.fullmatch(code)) else code
    if base in _COLUMNS:
        return "hour"
    if _SPAN.fullmatch(base) or base == "aqi_day":
        return "day"
    if _LEVEL.fullmatch(base) or base.startswith("heavy_day_"):
        return "level"
    return "primary" if _PRIMARY.fullmatch(base) else "other"


def quantity_name(text: Text, code: str) -> list[str | html.Small]:
    """Show the name of a quantity with its unit beside it, and its code to whoever points at it."""
    name, unit = named(text, code)
    return [html.Span(name, title=code), *([html.Small(unit)] if unit else [])]


def unit_written(unit: str) -> str:
    """Write a unit of a feature as people do: "ug m-3" as µg/m³; one that is not known as it is."""
    return _WRITTEN.get(unit, unit)


__all__ = ["GROUPS", "group_of", "named", "quantity_name", "unit_written"]
