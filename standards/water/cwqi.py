"""The city water-quality index (CWQI): rivers, lakes, a city, and its change; a smaller index is better water.

What is deducted for water that comes in polluted from upstream, and which cities stay out of the ranking of change, is
a matter of the ranking and not computed here: the text of these parts was not at hand.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from standards.measured import measured
from standards.water.classes import BASIC_ITEMS, GOOD_CLASS, WATER_RULES, measured_item, water_item, water_limit

_PH_LOW, _PH_HIGH = 6.0, 9.0  # GB 3838-2002 Table 1


def item_index(
    value: np.ndarray | float,
    item: str,
    *,
    water: str = "river",
    below_detection: np.ndarray | bool = False,
    invalid: str = "raise",
) -> np.ndarray:
    """Compute the index of one item: its mean concentration over the class 3 limit.

    value [mg/L; ph 1]: any shape, the mean over the sections of the city. item: one of the 21. water: "river" or "lake"
    (total phosphorus 0.2 and 0.05). below_detection: True where value is a detection limit that the water lies below;
    half of it counts (share in tables/water_rules.csv). Returns float64 of the same shape. Dissolved oxygen:
    limit over value. pH: its distance from 7 over that of the limit on its side (6 or 9).
    Missing: NaN stays NaN; a dissolved oxygen of 0 has no index and gives NaN.
    Errors: as item_class; ValueError for an item that is not one of the 21.
    Source: 环办监测〔2017〕51号 (formulas quoted); GB 3838-2002 Table 1.
    """
    if not water_item(item).basic:
        raise ValueError(f"item is {item!r}, expected one of {', '.join(BASIC_ITEMS)}")
    x = measured_item(value, item, invalid=invalid)
    x = np.where(below_detection, x * WATER_RULES["below_detection_share"], x)
    if item == "ph":
        neutral = WATER_RULES["cwqi_ph_neutral"]
        return np.where(x <= neutral, (neutral - x) / (neutral - _PH_LOW), (x - neutral) / (_PH_HIGH - neutral))
    limit = water_limit(item, GOOD_CLASS, water=water)
    if item == "do":
        return limit / np.where(x == 0.0, np.nan, x)
    return x / limit


def cwqi(
    values: Mapping[str, np.ndarray | float],
    *,
    water: str = "river",
    below_detection: Mapping[str, np.ndarray | bool] | None = None,
    invalid: str = "raise",
) -> np.ndarray:
    """Compute the index of the rivers, or of the lakes, of a city: the sum of the indices of all 21 items.

    values [mg/L; ph 1]: by item code, arrays of shapes that broadcast together, means over the sections (see
    mean_of_sections, which averages pH by the ions of hydrogen). water: "river" or "lake". below_detection: by item
    code, as item_index; a value at a section that lies below is to be halved before the mean is taken. Returns float64
    of their shape.
    Missing: any of the 21 missing, or not given, gives NaN: a sum of fewer would be a better water than it is.
    Errors: as item_index; ValueError where below_detection names an item without a value.
    Source: 环办监测〔2017〕51号 (formulas quoted).
    """
    marks = dict(below_detection or {})
    for code in (*values, *marks):
        if not water_item(code).basic or code not in values:
            raise ValueError(f"item is {code!r}, expected one of {', '.join(BASIC_ITEMS)} with a value")
    indices = [
        item_index(values.get(code, np.nan), code, water=water, below_detection=marks.get(code, False), invalid=invalid)
        for code in BASIC_ITEMS
    ]
    return np.asarray(sum(np.broadcast_arrays(*indices)))


def cwqi_city(
    river: np.ndarray | float, lake: np.ndarray | float, *, river_sections: int, lake_sections: int
) -> np.ndarray:
    """Compute the index of a city from those of its rivers and lakes, weighted by their sections.

    river, lake [1]: indices of any shape. river_sections, lake_sections: how many sections and lake points stand behind
    them. Returns float64 of their shape.
    Missing: NaN gives NaN, but not in a part without sections, which is ignored; no section at all gives NaN.
    Errors: ValueError where an index or a count is negative, or an index infinite.
    Source: 环办监测〔2017〕51号 (recalled).
    """
    if river_sections < 0 or lake_sections < 0:
        raise ValueError(f"sections are {river_sections} and {lake_sections}, expected 0 or more")
    parts = [(_index(river, "river index"), river_sections), (_index(lake, "lake index"), lake_sections)]
    total = river_sections + lake_sections
    shape = np.broadcast_shapes(*(index.shape for index, _ in parts))
    if not total:
        return np.full(shape, np.nan)
    weighted = sum((index * n for index, n in parts if n), start=np.zeros(shape))
    return np.asarray(weighted / total)


def cwqi_change(now: np.ndarray | float, before: np.ndarray | float) -> np.ndarray:
    """Compute the change of an index since the same period of the year before.

    now, before [1]: indices of any shape. Returns float64 [%], negative where the water became better.
    Missing: NaN in either, or a before of 0, gives NaN.
    Errors: ValueError where an index is negative or infinite.
    Source: 环办监测〔2017〕51号 (recalled).
    """
    base = _index(before, "index before")
    return np.asarray((_index(now, "index now") / np.where(base == 0.0, np.nan, base) - 1.0) * 100.0)


def _index(x: np.ndarray | float, name: str) -> np.ndarray:
    return measured(x, name, "", high=1e9)
