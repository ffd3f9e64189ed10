"""Trophic state of lakes and reservoirs: the sum index TLI of chlorophyll a, phosphorus, nitrogen, depth and CODMn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.measured import measured
from standards.water.editions import LATEST, WaterEdition, told


@dataclass(frozen=True, slots=True)
class TrophicItem:
    """One item: names, unit, weight in the sum, and its line TLI = 10 (a + b ln x); largest is our bound of x."""

    name_zh: str
    name_en: str
    unit: str
    weight: float
    a: float
    b: float
    largest: float


@dataclass(frozen=True, slots=True)
class TrophicState:
    """One state, 1 (oligotrophic) to 5 (heavily eutrophic), with its names; English is our translation."""

    state: int
    name_zh: str
    name_en: str


def _item(row: dict[str, str]) -> TrophicItem:
    numbers = {key: float(row[key]) for key in ("weight", "a", "b", "largest")}
    return TrophicItem(row["name_zh"], row["name_en"], row["unit"], **numbers)


TROPHIC_ITEMS = {row["item"]: _item(row) for row in read_table("trophic").rows}
"""By code: chla [ug/L], tp, tn, codmn [mg/L], sd (Secchi depth) [m]; tables/trophic.csv, quoted."""
_STATE_ROWS = read_table("trophic_levels").rows
TROPHIC_STATES = [TrophicState(int(row["state"]), row["name_zh"], row["name_en"]) for row in _STATE_ROWS]
"""States 1 to 5 in order."""


def trophic_index(
    value: np.ndarray | float, item: str, *, invalid: str = "raise", edition: str | WaterEdition = LATEST
) -> np.ndarray:
    """Compute the trophic index of one item.

    value [chla ug/L (which is mg/m3); tp, tn, codmn mg/L; sd m]: any shape. item: one of TROPHIC_ITEMS. invalid:
    "missing" takes impossible values for missing. edition: "2020" rounds means first, "2011" takes them as they are
    (standards.water.editions). Returns float64 of the same shape.
    Missing: NaN stays NaN.
    Errors: ValueError for an unknown item, and where a value is not above 0, infinite or above what water can hold.
    Source: 环办〔2011〕22号, trophic state (quoted).
    """
    if item not in TROPHIC_ITEMS:
        raise ValueError(f"item is {item!r}, expected one of {', '.join(TROPHIC_ITEMS)}")
    line = TROPHIC_ITEMS[item]
    x = told(measured(value, item, line.unit, high=line.largest, open_low=True, invalid=invalid), item, edition=edition)
    return 10.0 * (line.a + line.b * np.log(x))


def tli(
    values: Mapping[str, np.ndarray | float], *, invalid: str = "raise", edition: str | WaterEdition = LATEST
) -> np.ndarray:
    """Compute the sum index of the five items.

    values: by item code, units as trophic_index, arrays of shapes that broadcast together. invalid, edition: as
    trophic_index.
    Returns float64 of their shape.
    Missing: any of the five missing, or not given, gives NaN.
    Errors: as trophic_index.
    Source: 环办〔2011〕22号, trophic state (quoted).
    """
    for item in values:
        trophic_index(np.nan, item)
    terms = [
        trophic_index(values.get(item, np.nan), item, invalid=invalid, edition=edition) * line.weight
        for item, line in TROPHIC_ITEMS.items()
    ]
    return np.asarray(sum(np.broadcast_arrays(*terms)))


def trophic_state(index: np.ndarray | float) -> np.ndarray:
    """Give the state of a sum index: below 30, 30 to 50, then above 50, 60 and 70 (see TROPHIC_STATES).

    index [1]: any shape, also negative. Returns uint8 of the same shape, 1 to 5.
    Missing: NaN gives 0.
    Errors: ValueError where an index is infinite.
    Source: 环办〔2011〕22号, trophic state (quoted).
    """
    x = measured(index, "trophic index", "", low=-1e3, high=1e3)
    state = (~np.isnan(x)).astype(np.uint8)
    for row in _STATE_ROWS:
        if row["from"]:
            state = state + (x >= float(row["from"]))
        elif row["above"]:
            state = state + (x > float(row["above"]))
    return np.asarray(state, dtype=np.uint8)
