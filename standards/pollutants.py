"""The six items of the air-quality index: names, units and reporting decimals.

Source: HJ 633-2026 clause 4.2.2 (decimals before an index is computed), GB 3095-2026 Table 1 (units).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pollutant:
    """One item: code, names, unit, decimals of a reported concentration, and its column name."""

    code: str
    symbol: str
    name_zh: str
    name_en: str
    unit: str
    decimals: int
    column: str


POLLUTANTS = {
    p.code: p
    for p in (
        Pollutant("so2", "SO2", "二氧化硫", "sulfur dioxide", "ug/m3", 0, "so2_ugm3"),
        Pollutant("no2", "NO2", "二氧化氮", "nitrogen dioxide", "ug/m3", 0, "no2_ugm3"),
        Pollutant("co", "CO", "一氧化碳", "carbon monoxide", "mg/m3", 1, "co_mgm3"),
        Pollutant("o3", "O3", "臭氧", "ozone", "ug/m3", 0, "o3_ugm3"),
        Pollutant("pm10", "PM10", "颗粒物(PM10)", "particulate matter (PM10)", "ug/m3", 0, "pm10_ugm3"),
        Pollutant("pm25", "PM2.5", "细颗粒物(PM2.5)", "fine particulate matter (PM2.5)", "ug/m3", 0, "pm25_ugm3"),
    )
}
ITEMS = tuple(POLLUTANTS)
"""The canonical order of items along the first axis of every array: so2, no2, co, o3, pm10, pm25."""
