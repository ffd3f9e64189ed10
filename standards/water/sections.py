"""Sections of rivers and lakes: class by the worst item, verdict, and main pollution indicators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from standards.water.classes import (
    BASIC_ITEMS,
    GOOD_CLASS,
    WATER_CODE,
    WATER_ITEMS,
    WATER_LEVELS,
    WATER_RULES,
    WORST_CLASS,
    WaterLevel,
    exceedance_multiple,
    has_limits,
    item_class,
    level_of_class,
    water_item,
)
from standards.water.editions import LATEST, WaterEdition


@dataclass(frozen=True, slots=True)
class Sections:
    """Classes of sections by their worst item, as arrays; "..." is the shape of one item's values.

    code: the standard. water: "river" or "lake". items: codes along the first axis, in the order of BASIC_ITEMS.
    item_class: uint8 (item, ...), 0 missing. water_class: uint8 (...), 1 to 6, 0 missing. level: uint8 (...), verdict 1
    to 5, 0 missing. deciding: bool (item, ...), the items at the class of the section. missing: bool (item, ...).
    separate: uint8 (...) by code, classes of total nitrogen (lakes only) and faecal coliforms, which decide nothing.
    """

    code: str
    water: str
    items: tuple[str, ...]
    item_class: np.ndarray
    water_class: np.ndarray
    level: np.ndarray
    deciding: np.ndarray
    missing: np.ndarray
    separate: dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A main pollution indicator: its item and class, and how far or how often it exceeds class 3.

    multiple: (C - S) / S, None where there is none (dissolved oxygen, pH, shares of sections). share [%]: of sections
    that exceed, None for one section. water_class is None where shares of sections decide.
    """

    item: str
    water_class: int | None
    multiple: float | None
    share: float | None = None


def assess_sections(
    values: Mapping[str, np.ndarray | float],
    *,
    water: str = "river",
    required: Iterable[str] | None = None,
    saturation: np.ndarray | float | None = None,
    invalid: str = "raise",
    edition: str | WaterEdition = LATEST,
) -> Sections:
    """Assess sections by the single-factor rule: the class of a section is that of its worst item.

    values [mg/L; ph 1, fecal_coliform 1/L]: by item code, arrays of shapes that broadcast together. water: "river" or
    "lake" for all of them. required: items without which there is no class, by default every basic item given.
    saturation [%]: of oxygen. invalid: "missing" takes impossible values for missing. edition: "2020" rounds means
    before they are classed, "2011" classes values as they are: means to 2019, and single readings
    (standards.water.editions). Returns Sections; total nitrogen and faecal coliforms are reported beside the class and
    never decide it.
    Missing: with a required item missing the class is 0, unless another item meets no class: then it is 6 whatever is
    missing. Our reading; the rules say which items are measured, not what to do without one.
    Errors: as item_class; ValueError for an unknown item, or a required one that is not given.
    Source: 环办〔2011〕22号 (single factor; quoted); GB 3838-2002 Table 1; 环办监测函〔2020〕82号 (rounding; quoted).
    """
    for code in values:
        water_item(code)
    items = tuple(code for code in BASIC_ITEMS if code in values)
    needed = set(items if required is None else required)
    if not items or not needed <= set(items):
        raise ValueError(
            f"values have {', '.join(values) or 'no item'}, expected {', '.join(sorted(needed)) or 'a basic item'}"
        )
    oxygen = {"do": saturation}
    options = {"water": water, "invalid": invalid, "edition": edition}
    classes = {
        code: item_class(values[code], code, saturation=oxygen.get(code), **options)
        for code in values
        if has_limits(code, water)
    }
    by_item = np.stack(np.broadcast_arrays(*(classes[code] for code in items)))
    worst = by_item.max(axis=0)
    missing = by_item == 0
    unknown = missing[[code in needed for code in items]].any(axis=0) & (worst < WORST_CLASS)
    water_class = np.where(unknown, 0, worst).astype(np.uint8)
    deciding = (by_item == water_class) & (water_class > 0)
    separate = {code: found for code, found in classes.items() if not WATER_ITEMS[code].basic}
    return Sections(
        WATER_CODE, water, items, by_item, water_class, level_of_class(water_class), deciding, missing, separate
    )


def deciding_items(sections: Sections, index: tuple[int, ...] | int = ()) -> tuple[str, ...]:
    """Name the items that decide the class of one section; none where the class is missing.

    index: position of the section among the trailing axes of sections.
    """
    index = index if isinstance(index, tuple) else (index,)
    flags = sections.deciding[(slice(None), *index)]
    return tuple(code for code, flag in zip(sections.items, flags, strict=True) if flag)


def water_level(level: int) -> WaterLevel | None:
    """Give the verdict of a number: names and colour; None for 0, which is missing.

    Errors: ValueError for a number outside 0 to 5.
    Source: 环办〔2011〕22号 (quoted).
    """
    if level not in range(len(WATER_LEVELS) + 1):
        raise ValueError(f"level is {level!r}, expected 0 to {len(WATER_LEVELS)}")
    return WATER_LEVELS[level - 1] if level else None


def main_indicators(
    values: Mapping[str, float],
    *,
    water: str = "river",
    most: int = int(WATER_RULES["main_indicators"]),
    saturation: float | None = None,
    invalid: str = "raise",
    edition: str | WaterEdition = LATEST,
) -> tuple[Indicator, ...]:
    """Name the main pollution indicators of one section: the basic items that are worse than class 3.

    values [mg/L; ph 1]: by item code, one number each. water, saturation, invalid, edition: as assess_sections. most:
    how many.
    Returns them in order: cyanide and heavy metals first, then the worst class first, within a class the largest
    multiple first; items without a multiple (dissolved oxygen, pH) come last in their class, ties in the order of the
    table (our reading, as is which metals go first: column first of the table).
    Missing: NaN is never an indicator. No item worse than class 3 gives none.
    Errors: as assess_sections.
    Source: 环办〔2011〕22号, main pollution indicators of a section (quoted).
    """
    sections = assess_sections(
        values, water=water, required=(), saturation=saturation, invalid=invalid, edition=edition
    )
    if sections.water_class.ndim:
        raise ValueError(f"values have shape {sections.water_class.shape}, expected one number for each item")
    found = []
    for code, water_class in zip(sections.items, sections.item_class.tolist(), strict=True):
        if water_class > GOOD_CLASS:
            found.append(Indicator(code, water_class, _multiple(values[code], code, water, edition)))
    return tuple(sorted(found, key=_rank)[:most])


def has_multiple(item: str) -> bool:
    """Say whether a multiple of exceedance is computed for an item: not for dissolved oxygen and pH."""
    return water_item(item).multiple


def _multiple(value: float, item: str, water: str, edition: str | WaterEdition) -> float | None:
    return float(exceedance_multiple(value, item, water=water, edition=edition)) if has_multiple(item) else None


def _rank(indicator: Indicator) -> tuple:
    multiple = -1.0 if indicator.multiple is None else indicator.multiple
    place = BASIC_ITEMS.index(indicator.item)
    return not WATER_ITEMS[indicator.item].first, -indicator.water_class, -multiple, place
