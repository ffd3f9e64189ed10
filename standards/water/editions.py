"""How means of surface water are made and rounded before they are classed: as they are to 2019, rounded since 2020."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.exact_means import exact_number, round_fraction
from standards.rounding import round_half_even


@dataclass(frozen=True, slots=True)
class WaterEdition:
    """The rules of some years.

    name: "2011" or "2020". code: of the rules. valid_from, valid_to: first and last day. rounded: whether a mean is
    rounded before it is classed. ph_by_hydrogen: whether pH is averaged by the ions of hydrogen. confidence: how it is
    known.
    """

    name: str
    code: str
    valid_from: dt.date
    valid_to: dt.date
    rounded: bool
    ph_by_hydrogen: bool
    confidence: str


def _edition(row: dict[str, str]) -> WaterEdition:
    return WaterEdition(
        row["edition"],
        row["code"],
        dt.date.fromisoformat(row["valid_from"]) if row["valid_from"] else dt.date.min,
        dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else dt.date.max,
        row["rounded"] == "yes",
        row["ph_mean"] == "hydrogen",
        row["confidence"],
    )


WATER_EDITIONS = {row["edition"]: _edition(row) for row in read_table("water_editions").rows}
"""By name in the order of their dates: "2011", also for single readings of any date, and "2020"."""
LATEST = "2020"
"""The edition in force today, which functions take where none is named."""
WATER_DECIMALS = {row["item"]: int(row["decimals"]) for row in read_table("water_decimals").rows}
"""Decimals of a mean by item code."""


def water_edition(edition: str | WaterEdition) -> WaterEdition:
    """Give an edition by name, or itself; raise ValueError for another name."""
    if isinstance(edition, WaterEdition):
        return edition
    if edition not in WATER_EDITIONS:
        raise ValueError(f"edition of the water rules is {edition!r}, expected one of {', '.join(WATER_EDITIONS)}")
    return WATER_EDITIONS[edition]


def water_edition_for(date: dt.date) -> WaterEdition:
    """Give the edition by which means of a day are assessed: "2011" to 2019-12-31, then "2020"."""
    return next(each for each in WATER_EDITIONS.values() if each.valid_from <= date <= each.valid_to)


def told(values: np.ndarray, item: str, *, edition: str | WaterEdition = LATEST) -> np.ndarray:
    """Round means of an item as an edition tells them, before they are classed.

    values [unit of the item]: any shape, 0 or more. item: a code of WATER_DECIMALS. Returns float64 of the same shape:
    rounded half to even under "2020", where a mean above 0 that would become 0 keeps one significant digit; as they are
    under "2011".
    Missing: NaN stays NaN.
    Errors: ValueError for an unknown edition or item.
    Source: 环办监测函〔2020〕82号 (quoted; tables/water_decimals.csv).
    """
    values = np.asarray(values, dtype=np.float64)
    if item not in WATER_DECIMALS:
        raise ValueError(f"item is {item!r}, expected one of {', '.join(WATER_DECIMALS)}")
    if not water_edition(edition).rounded:
        return values
    rounded = np.array(round_half_even(values, WATER_DECIMALS[item]))
    for at in np.argwhere((rounded == 0) & (values > 0)):
        rounded[tuple(at)] = _one_digit(float(values[tuple(at)]))
    return rounded


def mean_of_values(values: np.ndarray, item: str | None = None, *, edition: str | WaterEdition = LATEST) -> float:
    """Average an item over sections or times; their order does not matter.

    values [unit of the item]: (n,). item: a code; only "ph" is averaged otherwise than the others. Returns the
    arithmetic mean, of pH under "2020" minus the logarithm of the mean of 10^-pH; not rounded (see told).
    Missing: NaN does not count; no value gives NaN.
    Errors: ValueError for an unknown edition.
    Source: 环办〔2011〕22号 (mean); 总站水字〔2020〕90号 (pH; quoted).
    """
    by_hydrogen = water_edition(edition).ph_by_hydrogen and item == "ph"
    present = np.sort(np.asarray(values, dtype=np.float64))
    present = present[~np.isnan(present)]
    if not present.size:
        return math.nan
    return -math.log10(float((10.0**-present).mean())) if by_hydrogen else float(present.mean())


def _one_digit(value: float) -> float:
    exact = exact_number(value)
    return float(round_fraction(exact, -math.floor(math.log10(value))))
