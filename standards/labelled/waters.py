"""Classes of surface water on labelled data (standards.water.sections)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import standards.water.sections as sections
from standards.labelled.shapes import Data, names_of
from standards.labelled.words import pure, reference
from standards.water.classes import WATER_ITEMS, WATER_LEVELS
from standards.water.editions import LATEST, WaterEdition, water_edition


def assess_sections(
    data: Data,
    *,
    water: str = "river",
    required: Iterable[str] | None = None,
    invalid: str = "raise",
    edition: str | WaterEdition = LATEST,
) -> Data:
    """Classify sections by their worst item.

    data [mg/L; ph 1; fecal_coliform 1/L]: a column or variable for each item by its code ("do", "codmn", "nh3n" …), of
    any index or dimensions; do_saturation_pct [%] is used where it is there, other columns are not. water, required,
    invalid, edition: as standards.water.sections.assess_sections; "2020" rounds means first, "2011" classes values as
    they are, such as single readings. Returns on the same index or dimensions water_class (1 to 6, 0
    missing), level (1 to 5), verdict_zh, verdict_en, deciding (codes by commas) and the class of each item.
    Errors: ValueError where no item is there, or a unit in attrs is another.
    """
    items = [name for name in names_of(data) if name in WATER_ITEMS]
    if not items:
        raise ValueError(f"the columns are {', '.join(names_of(data))}, expected codes such as do, codmn, nh3n, tp")
    for name in items:
        _require_unit(name, _unit(data, name))
    columns = {name: data[name] for name in items}
    if "do_saturation_pct" in names_of(data):
        columns["do_saturation_pct"] = data["do_saturation_pct"]
    if isinstance(data, xr.Dataset):
        columns = dict(zip(columns, xr.broadcast(*columns.values()), strict=True))
    arrays = {name: np.asarray(column, np.float64) for name, column in columns.items()}
    found = sections.assess_sections(
        {name: arrays[name] for name in items}, water=water, required=required,
        saturation=arrays.get("do_saturation_pct"), invalid=invalid, edition=edition,
    )  # fmt: skip
    zh = np.array(["", *(level.verdict_zh for level in WATER_LEVELS)], object)
    en = np.array(["", *(level.verdict_en for level in WATER_LEVELS)], object)
    deciding = np.empty(found.water_class.shape, object)
    for at in np.ndindex(deciding.shape):
        deciding[at] = ",".join(sections.deciding_items(found, at))
    made: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
        "water_class": (found.water_class, pure("class of the section, 6 is worse than 5, 0 is missing", "水质类别")),
        "level": (found.level, pure("verdict, 1 excellent to 5 heavily polluted", "水质状况")),
        "verdict_zh": (zh[found.level], pure("verdict in Chinese", "水质状况", units=None)),
        "verdict_en": (en[found.level], pure("verdict in English", "水质状况", units=None)),
        "deciding": (deciding, pure("items that decide the class, by commas", "定类项目", units=None)),
    }
    for code, classes in [*zip(found.items, found.item_class, strict=True), *found.separate.items()]:
        item = WATER_ITEMS[code]
        made[f"{code}_class"] = (classes, pure(f"class of {item.name_en}", f"{item.name_zh}类别"))
    about = {
        "edition": found.code,
        "water": found.water,
        "rounding": water_edition(edition).code,
        "references": reference(sections.assess_sections),
    }
    if isinstance(data, xr.Dataset):
        first = columns[items[0]]
        return xr.Dataset({n: (first.dims, a, attrs) for n, (a, attrs) in made.items()}, first.coords, about)
    frame = pd.DataFrame({name: array for name, (array, _) in made.items()}, index=data.index)
    frame.attrs = about | {"long_name": {name: attrs["long_name"] for name, (_, attrs) in made.items()}}
    return frame


def _unit(data: Data, name: str) -> Any:
    if isinstance(data, xr.Dataset):
        return data[name].attrs.get("units")
    said = data.attrs.get("units")
    return said.get(name) if isinstance(said, Mapping) else said


def _require_unit(name: str, units: Any) -> None:
    expected = WATER_ITEMS[name].unit
    if units is None:
        return
    text = str(units).replace(" ", "").replace("L-1", "/L").replace("l-1", "/L").replace("/l", "/L")
    if text != expected:
        raise ValueError(f"{name} is in {units!r}, expected {expected}")
