"""Which column holds which item, in which unit: a wrong unit is an error that names it, never a wrong number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from standards.pollutants import ITEMS, POLLUTANTS

MDA8 = "o3_mda8_ugm3"
HOUR_COLUMNS = {item: POLLUTANTS[item].column for item in ITEMS}
"""Columns of hourly means by item."""
DAY_COLUMNS = HOUR_COLUMNS | {"o3": MDA8}
"""Columns of daily values by item: ozone has its largest 8-hour mean."""

_UNITS = {"ugm3": "ug/m3", "mgm3": "mg/m3"}
_SPELLINGS = {
    "ug/m3": "ug/m3", "ugm-3": "ug/m3", "ugm3": "ug/m3", "microgram/m3": "ug/m3", "micrograms/m3": "ug/m3",
    "mg/m3": "mg/m3", "mgm-3": "mg/m3", "mgm3": "mg/m3", "milligram/m3": "mg/m3", "milligrams/m3": "mg/m3",
}  # fmt: skip
_OTHER_UNITS = ("ppb", "ppbv", "ppm", "ppmv", "ppt", "ugm3", "mgm3", "ngm3", "gm3", "kgm3", "umolm3")


def columns_of(axis: str) -> Mapping[str, str]:
    """Give the columns by item for "hour_end" or "day"."""
    return DAY_COLUMNS if axis == "day" else HOUR_COLUMNS


def present_items(names: Collection[str], axis: str, *, wanted: Sequence[str] | None = None) -> list[str]:
    """Give the items whose columns are there, in the order of ITEMS.

    wanted: items that must be there; without it any will do, but not none.
    Errors: ValueError that names the missing columns, and a column of the item in another unit where there is one.
    """
    columns = columns_of(axis)
    for item in wanted or ITEMS:
        if columns[item] not in names and (other := _in_other_unit(item, names)):
            raise ValueError(f"column {other} is in {other.removeprefix(item + '_')}, expected {columns[item]}")
    if wanted is not None and (missing := [columns[item] for item in wanted if columns[item] not in names]):
        hint = ""
        if MDA8 in missing and HOUR_COLUMNS["o3"] in names:
            hint = f" (a day's ozone is its largest 8-hour mean: {HOUR_COLUMNS['o3']} does not say that it is)"
        raise ValueError(f"missing are {', '.join(missing)}, expected all of the plan or another in_plan{hint}")
    found = [item for item in ITEMS if columns[item] in names]
    if not found:
        raise ValueError(f"there is none of the columns {', '.join(columns.values())}; there are {', '.join(names)}")
    return found


def require_unit(column: str, units: Any, *, expected: str | None = None) -> None:
    """Raise ValueError where the units that came with a column are not those that its name says.

    units: what attrs say; None is not said, and the name then counts. expected: "ug/m3" or "mg/m3", by default from the
    name of the column.
    """
    expected = expected or unit_of(column)
    if units is not None and expected is not None and _plain(units) != expected:
        raise ValueError(f"{column} is in {units!r}, expected {expected}")


def unit_of(column: str) -> str | None:
    """Give the unit that the last part of a column's name says: "ug/m3", "mg/m3", or None."""
    return _UNITS.get(column.rpartition("_")[2])


def item_of(name: Any, item: str | None) -> str:
    """Give the item of one series: the one that is named, or the one that the series' name begins with.

    Errors: ValueError where neither tells, or the name says another unit than the item has.
    """
    begins = str(name).partition("_")[0] if name is not None else None
    found = item if item is not None else begins
    if found not in ITEMS:
        raise ValueError(f"the item is {found!r}, expected one of {', '.join(ITEMS)}, by item or by the series' name")
    if begins == found and (other := _in_other_unit(found, [str(name)])) and unit_of(other) != POLLUTANTS[found].unit:
        raise ValueError(f"{name} is in {other.rpartition('_')[2]}, expected {POLLUTANTS[found].unit}")
    return found


def plan_of(in_plan: Collection[str]) -> list[bool]:
    """Give for each of ITEMS whether it is in the monitoring plan; raise ValueError for an unknown item."""
    if isinstance(in_plan, str) or set(in_plan) - set(ITEMS) or not in_plan:
        raise ValueError(f"in_plan is {in_plan!r}, expected some of {', '.join(ITEMS)}")
    return [item in in_plan for item in ITEMS]


def _in_other_unit(item: str, names: Collection[str]) -> str | None:
    units = {f"{item}_{unit}" for unit in _OTHER_UNITS} - {HOUR_COLUMNS[item]}
    return next((name for name in names if name in units), None)


def _plain(units: Any) -> str:
    text = str(units).strip().lower()
    for old, new in (("µ", "u"), ("μ", "u"), ("³", "3"), ("⁻", "-"), ("^", ""), ("**", ""), (" ", ""), ("·", "")):
        text = text.replace(old, new)
    return _SPELLINGS.get(text, text)
