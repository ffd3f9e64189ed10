"""Names of items, sectors, cities and seasons as the page writes them, and how it writes numbers."""

from __future__ import annotations

import numpy as np

from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.report.palette import OUTSIDE, SECTOR_COLOURS
from research.virtual_airshed.report.words import Both, same, words

SYMBOLS = {"so2": "SO₂", "no2": "NO₂", "co": "CO", "o3": "O₃", "pm10": "PM₁₀", "pm25": "PM₂.₅"}
COLUMNS = {
    "so2_ugm3": "SO₂", "no2_ugm3": "NO₂", "co_mgm3": "CO", "pm10_ugm3": "PM₁₀", "pm25_ugm3": "PM₂.₅", "o3_1h_max_ugm3": "O₃-1h",
    "o3_mda8_ugm3": "O₃-8h",
}  # fmt: skip
"""Daily values: the largest hour of ozone, and its largest 8-hour mean."""
UGM3, MGM3 = "µg/m³", "mg/m³"
SOURCES = (*SECTORS, "inflow")
SOURCE_COLOURS = dict(zip(SOURCES, (*SECTOR_COLOURS, OUTSIDE), strict=True))


def unit_of(item: str) -> str:
    """Give the unit of an item or of a column of daily values."""
    return MGM3 if item.startswith("co") else UGM3


def titled(name: str | Both, unit: str) -> Both:
    """Put a unit behind a name, for the title of a panel."""
    both = same(name) if isinstance(name, str) else name
    return Both(f"{both.zh}　{unit}", f"{both.en} [{unit}]")


def season(name: str) -> Both:
    """Name a season, or "year", as a title."""
    return words(f"season.{name}")


def in_season(name: str) -> Both:
    """Name a season, or "year", inside a sentence."""
    said = season(name)
    return Both(said.zh, said.en.lower())


def sector(name: str) -> Both:
    """Name a sector, or "inflow"."""
    return words(f"sector.{name}")


def signed(value: float, form: str = "{:+.0f}") -> str:
    """Write a number with its sign, NA where it is missing."""
    return number(value, form)


def spread(values: np.ndarray, form: str = "{:.2f}") -> str:
    """Write the least and the largest of some numbers."""
    there = np.asarray(values, float)
    there = there[np.isfinite(there)]
    if not there.size:
        return "NA"
    low, high = number(there.min(), form), number(there.max(), form)
    return low if low == high else f"{low}–{high}"


def number(value: float, form: str = "{:.0f}") -> str:
    """Write a number, NA where it is missing; a minus is a minus, not a hyphen, and nothing is minus zero."""
    if not np.isfinite(value):
        return "NA"
    said = form.format(value)
    return said.replace("-", "") if said.startswith("-") and not said.strip("-0.") else said.replace("-", "−")
