"""Surface water: the items of GB 3838-2002, the class of a value, and how far it exceeds a class.

Total phosphorus comes first where an item may be left out: it is the item of the joint programme. Limits are in
tables/gb3838_2002.csv, numbers of rules in tables/water_rules.csv, each with its source and confidence, and can be
changed there. Means are rounded before they are classed since 2020 (standards.water.editions).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.measured import measured
from standards.water.editions import LATEST, WaterEdition, told

WATERS = ("river", "lake")
"""Kinds of water that GB 3838 tells apart: rivers, and lakes with reservoirs."""
CLASSES = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")
"""Names of classes 1 to 6 by number; 6 is worse than class 5, 0 is missing."""
GOOD_CLASS = 3
"""The class whose limits an exceedance is counted from, and the last that counts as good (Ⅲ)."""
WORST_CLASS = 6
"""The number of a water that meets no class (劣Ⅴ)."""

_TABLE = read_table("gb3838_2002")
_SLACK = 1e-9  # relative; a mean of doubles that should be a limit may miss it by a few 1e-16


@dataclass(frozen=True, slots=True)
class WaterItem:
    """One item: code, symbol, names, unit, and its part in an assessment.

    rule: "upper", "lower" or "range". basic: one of the 21 items that decide a class. first: cyanide or a heavy metal,
    named before other main indicators. multiple: a multiple of the class 3 limit is computed. largest [unit]: our bound
    of the possible.
    """

    code: str
    symbol: str
    name_zh: str
    name_en: str
    unit: str
    rule: str
    basic: bool
    first: bool
    multiple: bool
    largest: float


@dataclass(frozen=True, slots=True)
class WaterLevel:
    """One verdict, 1 (excellent) to 5 (heavily polluted): classes it covers, names, colour; English is our translation."""

    level: int
    class_from: int
    class_to: int
    verdict_zh: str
    verdict_en: str
    colour_zh: str
    colour_en: str


def _item(row: dict[str, str]) -> WaterItem:
    flags = {key: row[key] == "yes" for key in ("basic", "first", "multiple")}
    texts = {key: row[key] for key in ("symbol", "name_zh", "name_en", "unit", "rule")}
    return WaterItem(code=row["item"], **texts, **flags, largest=float(row["largest"]))


def _limits(row: dict[str, str]) -> tuple[tuple[float, ...], ...]:
    cells = [row[f"class{k}"] for k in range(1, WORST_CLASS)]
    return tuple(tuple(float(end) for end in cell.split("-")) for cell in cells)


def _level(row: dict[str, str]) -> WaterLevel:
    numbers = {key: int(row[key]) for key in ("level", "class_from", "class_to")}
    return WaterLevel(**{**row, **numbers})


WATER_CODE = _TABLE.head["code"]
"""The standard that the classes follow; every result carries it."""
WATER_ITEMS = {row["item"]: _item(row) for row in _TABLE.rows}
"""By code, in the order of GB 3838-2002 Table 1; total nitrogen and faecal coliforms are among them."""
BASIC_ITEMS = tuple(code for code, item in WATER_ITEMS.items() if item.basic)
"""The 21 items that decide the class of a section (without water temperature, total nitrogen, faecal coliforms)."""
WATER_RULES = {row["rule"]: float(row["value"]) for row in read_table("water_rules").rows}
"""Numbers of the rules by name, from tables/water_rules.csv."""
WATER_LEVELS = [_level(row) for row in read_table("water_levels").rows]
"""Verdicts 1 to 5 in order (环办〔2011〕22号)."""

_LIMITS = {(row["item"], row["water"]): _limits(row) for row in _TABLE.rows}


def water_item(code: str) -> WaterItem:
    """Give the item of a code such as "tp"; raise ValueError for another, naming those there are."""
    try:
        return WATER_ITEMS[code]
    except (KeyError, TypeError):
        raise ValueError(f"item is {code!r}, expected one of {', '.join(WATER_ITEMS)}") from None


def has_limits(item: str, water: str) -> bool:
    """Say whether GB 3838 has limits for an item in this kind of water: total nitrogen has none in rivers."""
    water_item(item)
    if water not in WATERS:
        raise ValueError(f"water is {water!r}, expected one of {', '.join(WATERS)}")
    return (item, "any") in _LIMITS or (item, water) in _LIMITS


def water_limit(item: str, water_class: int, *, water: str = "river") -> float:
    """Give the limit of a class.

    item: a code. water_class: 1 to 5. water: "river" or "lake" (lakes and reservoirs). Returns the limit [unit of the
    item]: the most, or for "do" the least.
    Errors: ValueError for another item, class or water, for total nitrogen of a river, and for "ph", whose limits are
    a range.
    Source: GB 3838-2002 Table 1.
    """
    if water_class not in range(1, WORST_CLASS):
        raise ValueError(f"water_class is {water_class!r}, expected 1 to {WORST_CLASS - 1}")
    if water_item(item).rule == "range":
        raise ValueError(f"the limits of {item} are a range and not one number, expected another item")
    return _limits_of(item, water)[water_class - 1][0]


def item_class(
    value: np.ndarray | float,
    item: str,
    *,
    water: str = "river",
    saturation: np.ndarray | float | None = None,
    invalid: str = "raise",
    edition: str | WaterEdition = LATEST,
) -> np.ndarray:
    """Find the best class whose limit a mean meets; limits belong to their class.

    value [mg/L; ph 1, fecal_coliform 1/L]: any shape. item: a code. water: "river" or "lake" (lakes and reservoirs).
    edition: "2020" rounds first (standards.water.editions.told), "2011" classes values as they are: means to 2019, and
    single readings.
    saturation [%]: of oxygen, of the shape of value, for "do" only; 90 % meets class 1 whatever the concentration.
    invalid: "missing" takes impossible values for missing. Returns uint8 of the same shape, 1 to 5, 6 where no class is
    met (劣Ⅴ). pH within 6 to 9 meets class 1, outside it none.
    A value within 1e-9 of a limit meets it, so that the error of a mean of doubles decides nothing.
    Missing: NaN gives 0; a missing saturation leaves the concentration to decide.
    Errors: ValueError for an unknown item or water, for total nitrogen of a river, and where a value is negative,
    infinite or above what surface water can hold (a wrong unit).
    Source: GB 3838-2002 Table 1; 环办〔2011〕22号 (single factor); 环办监测函〔2020〕82号 (rounding; quoted).
    """
    rule, limits = water_item(item).rule, _limits_of(item, water)
    x = told(measured_item(value, item, invalid=invalid), item, edition=edition)
    if saturation is not None and item != "do":
        raise ValueError(f"saturation is given for {item}, expected it for do only")
    if rule == "range":
        low, high = limits[0]
        found = np.where((x >= low * (1 - _SLACK)) & (x <= high * (1 + _SLACK)), 1, WORST_CLASS)
    elif rule == "lower":
        found = 1 + sum((x < limit * (1 - _SLACK)).astype(np.uint8) for (limit,) in limits)
    else:
        found = 1 + sum((x > limit * (1 + _SLACK)).astype(np.uint8) for (limit,) in limits)
    if saturation is not None:
        share = measured(saturation, "oxygen saturation", "%", high=1000.0, invalid=invalid)
        found = np.where(share >= WATER_RULES["do_saturation_class1"] * (1 - _SLACK), 1, found)
    return np.where(np.isnan(x), 0, found).astype(np.uint8)


def exceedance_multiple(
    value: np.ndarray | float,
    item: str = "tp",
    *,
    water: str = "river",
    invalid: str = "raise",
    edition: str | WaterEdition = LATEST,
) -> np.ndarray:
    """Compute by how many times its class 3 limit a value exceeds that limit: (C - S) / S.

    value [unit of the item]: any shape. item, water, invalid, edition: as item_class; the value that is classed is the
    one that is divided. Returns float64 of the same shape, 0 where the limit is met.
    Missing: NaN stays NaN.
    Errors: as item_class; ValueError for pH and dissolved oxygen, which have no multiple.
    Source: 环办〔2011〕22号, main pollution indicators (quoted).
    """
    if not water_item(item).multiple:
        raise ValueError(f"{item} has no multiple of exceedance, expected another item")
    x = told(measured_item(value, item, invalid=invalid), item, edition=edition)
    limit = water_limit(item, GOOD_CLASS, water=water)
    return np.where(x <= limit * (1 + _SLACK), 0.0, x / limit - 1.0) + 0.0 * x


def exceedance_load(
    value: np.ndarray | float,
    flow: np.ndarray | float,
    *,
    item: str = "tp",
    water: str = "river",
    water_class: int = GOOD_CLASS,
    invalid: str = "raise",
) -> np.ndarray:
    """Compute the load that a river carries above what its target class allows, by default of total phosphorus.

    value [mg/L]: any shape. flow [m3/s]: of a shape that broadcasts with it. item, water, invalid: as item_class.
    water_class: the target, 1 to 5. Returns float64 [kg/d], 0 where the limit is met: (C - S) * flow * 86.4; values are
    taken as measured, not rounded.
    Missing: NaN in either gives NaN.
    Errors: as exceedance_multiple; ValueError for an item that is not in mg/L, and where flow is negative or infinite.
    Source: conservation of mass; the limit from GB 3838-2002 Table 1.
    """
    if not water_item(item).multiple or water_item(item).unit != "mg/L":
        raise ValueError(f"item is {item!r}, which carries no load, expected one in mg/L other than do")
    x = measured_item(value, item, invalid=invalid)
    q = measured(flow, "flow", "m3/s", high=1e6, invalid=invalid)
    limit = water_limit(item, water_class, water=water)
    return np.where(x <= limit * (1 + _SLACK), 0.0, x - limit) * q * 86.4 + 0.0 * x


def level_of_class(water_class: np.ndarray | int) -> np.ndarray:
    """Give the verdict of classes: Ⅰ and Ⅱ 1, Ⅲ 2, Ⅳ 3, Ⅴ 4, 劣Ⅴ 5 (see WATER_LEVELS).

    water_class: 0 to 6, any shape. Returns uint8 of the same shape; 0 (missing) gives 0.
    Errors: ValueError where a class is none of these.
    Source: 环办〔2011〕22号 (quoted).
    """
    found = np.asarray(water_class)
    if found.size and not np.isin(found, np.arange(WORST_CLASS + 1)).all():
        raise ValueError(f"a class is {found.max()} or {found.min()}, expected 0 to {WORST_CLASS}")
    return np.asarray(sum((found >= each.class_from).astype(np.uint8) for each in WATER_LEVELS), dtype=np.uint8)


def measured_item(value: np.ndarray | float, item: str, *, invalid: str = "raise") -> np.ndarray:
    """Check values of an item: float64 [unit of the item] of the same shape, NaN missing, as standards.measured."""
    known = water_item(item)
    return measured(value, item, "" if known.unit == "1" else known.unit, high=known.largest, invalid=invalid)


def _limits_of(item: str, water: str) -> tuple[tuple[float, ...], ...]:
    if not has_limits(item, water):
        raise ValueError(f"GB 3838 has no limits of {item} for a {water}, expected water='lake'")
    return _LIMITS.get((item, water)) or _LIMITS[item, "any"]
