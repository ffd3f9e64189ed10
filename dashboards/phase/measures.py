"""What is measured and compared in an assessment, and the columns in which it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dashboards.phase.assessed import Statistics
from dashboards.phase.content import CODE, DATE, Column
from standards.pollutants import ITEMS, POLLUTANTS

CITY_FAMILY, ITEM_FAMILY = "city.", "item."
PERCENT, DAY = "%", "d"
UNITS = {"ug/m3": "µg/m³", "mg/m3": "mg/m³"}
"""Units of concentrations as pages and documents write them."""
PERCENTS = {"so2": 98, "no2": 98, "co": 95, "o3": 90, "pm10": 95, "pm25": 95}
"""Which percentile of an item is judged, the same in both editions of HJ 663 (tables/hj663_*.csv)."""

CITY = Column("city", CODE, family=CITY_FAMILY)
"""A city, or "region" for all of them together; codes of cities are told by the registry."""
STATION = Column("station", CODE, family="station.")
ITEM = Column("item", CODE, family=ITEM_FAMILY)
DATE_COLUMN = Column("date", DATE)
LEVEL = Column("level", CODE, family="phase.level.")
PRIMARY = Column("primary", CODE, family=ITEM_FAMILY)
"""Codes of items joined by commas."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of each place. key: of its column. relative: whether a change is told in percent or as a difference.

    change: key of the column of its change. values: (place,) of a Statistics. valid: bool (place,), whether it rests on days
    enough to be compared or ranked. lower_is_better: whether less is better.
    """

    key: str
    unit: str
    relative: bool
    change: str
    values: Callable[[Statistics], np.ndarray]
    decimals: Callable[[Statistics], int]
    valid: Callable[[Statistics], np.ndarray]
    lower_is_better: bool = True

    def column(self, of: Statistics, *, suffix: str = "") -> Column:
        """Give its column; suffix is put behind the key, such as "_base"."""
        return Column(self.key + suffix, unit=self.unit, decimals=self.decimals(of))

    @property
    def change_column(self) -> Column:
        """Give the column of its change."""
        if self.relative:
            return Column(self.change, unit=PERCENT, decimals=1)
        return Column(
            self.change, unit="pp" if self.unit == PERCENT else self.unit, decimals=1 if self.unit == PERCENT else 0
        )


def column_name(item: str, statistic: str) -> str:
    """Name the column of an item's statistic: "mean", or "p" for its percentile."""
    unit, name = POLLUTANTS[item].unit.replace("/", ""), "o3_mda8" if item == "o3" else item
    return f"{name}_{'mean' if statistic == 'mean' else f'p{PERCENTS[item]}'}_{unit}"


def _concentration(item: str, statistic: str) -> Measure:
    i, of_mean = ITEMS.index(item), statistic == "mean"
    return Measure(
        column_name(item, statistic), UNITS[POLLUTANTS[item].unit], True, f"{item}_change_pct",
        lambda of: (of.mean if of_mean else of.percentile)[i], lambda of: of.rules.statistic_decimals[i],
        lambda of: of.valid[i],
    )  # fmt: skip


def known_days(of: Statistics, counts: np.ndarray) -> np.ndarray:
    """Give counts of days (..., place) as numbers, NaN where no day has an index: nothing counted is not none."""
    return np.where(of.days > 0, counts, np.nan)


CONCENTRATIONS = tuple(
    _concentration(item, "p" if item in ("co", "o3") else "mean") for item in ("pm25", "pm10", "o3", "no2", "so2", "co")
)
"""The one statistic of each item that rankings and comparisons take (ranking notice of 2018)."""
MORE_PERCENTILES = tuple(_concentration(item, "p") for item in ("pm25", "pm10", "no2", "so2"))
GOOD_RATIO = Measure(
    "good_ratio_pct", PERCENT, False, "good_ratio_change_pp", lambda of: of.good_ratio_pct,
    lambda of: of.rules.rate_decimals, lambda of: of.days_valid, lower_is_better=False,
)  # fmt: skip
HEAVY = Measure(
    "heavy_days",
    DAY,
    False,
    "heavy_days_change_d",
    lambda of: known_days(of, of.heavy_days),
    lambda of: 0,
    lambda of: of.days_valid,
)
INDEX = Measure(
    "ranking_index",
    "",
    True,
    "index_change_pct",
    lambda of: of.index,
    lambda of: of.rules.index_decimals,
    lambda of: of.index_valid,
)
COMPARED = (*CONCENTRATIONS, GOOD_RATIO, HEAVY, INDEX)
"""What two periods are compared by."""
