"""Indices of surface water on labelled data: of a city (standards.water.cwqi) and the trophic state (standards.water.trophic)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import standards.water.cwqi as water_index
import standards.water.trophic as trophic
from standards.labelled.one import One, aligned, attrs_by_name, like, require_pure, units_of
from standards.labelled.shapes import Data, names_of, simulated_of
from standards.labelled.words import pure, reference
from standards.water.classes import BASIC_ITEMS, WATER_ITEMS
from standards.water.editions import LATEST, WaterEdition


def cwqi(data: Data, *, water: str = "river", invalid: str = "raise") -> One:
    """Compute the index of the rivers, or of the lakes, of each city.

    data [mg/L; ph 1; fecal_coliform 1/L]: the means over the sections of the city, a column for each of the 21 items by
    its code. water, invalid: as standards.water.cwqi.cwqi. Returns a Series or DataArray cwqi.
    Missing: as standards.water.cwqi.cwqi. Errors: ValueError where no item is there, or a unit in attrs is another.
    """
    values, first = _items(data, BASIC_ITEMS, {code: WATER_ITEMS[code].unit for code in BASIC_ITEMS})
    attrs = pure("city water-quality index, smaller is better", "城市水质指数") | simulated_of(data)
    found = water_index.cwqi(values, water=water, invalid=invalid)
    return like(first, found, "cwqi", attrs | {"water": water, "references": reference(water_index.cwqi)})


def cwqi_city(river: One, lake: One, *, river_sections: One, lake_sections: One) -> One:
    """Weigh the indices of rivers and lakes of each city by their sections, all on the labels of river.

    Missing, errors: as standards.water.cwqi.cwqi_city; a city without a count has no sections of that kind.
    """
    parts = aligned(river, lake, river_sections, lake_sections)
    for part in parts:
        require_pure(str(part.name), part.attrs.get("units"))
    rows = [np.asarray(part, np.float64).ravel() for part in parts]
    found = [
        float(water_index.cwqi_city(r, k, river_sections=int(np.nan_to_num(n)), lake_sections=int(np.nan_to_num(m))))
        for r, k, n, m in zip(*rows, strict=True)
    ]
    attrs = pure("water-quality index of the city", "城市水质指数") | simulated_of(lake) | simulated_of(river)
    return like(
        river, np.array(found).reshape(river.shape), "cwqi", attrs | {"references": reference(water_index.cwqi_city)}
    )


def cwqi_change(now: One, before: One) -> One:
    """Give the change of an index [%] since before, on the labels of now; negative is better.

    Missing, errors: as standards.water.cwqi.cwqi_change; a city that before lacks has NaN.
    """
    for part in (now, before):
        require_pure(str(part.name), part.attrs.get("units"))
    found = water_index.cwqi_change(*(np.asarray(part, np.float64) for part in aligned(now, before)))
    attrs = pure("change of the water-quality index", "水质指数变化率", units="%")
    simulated = simulated_of(before) | simulated_of(now)
    return like(now, found, "cwqi_change_pct", attrs | simulated | {"references": reference(water_index.cwqi_change)})


def tli(data: Data, *, invalid: str = "raise", edition: str | WaterEdition = LATEST) -> Data:
    """Compute the trophic index and state of lakes.

    data [chla ug/L; tp, tn, codmn mg/L; sd m]: a column for each. invalid, edition: as standards.water.trophic.tli.
    Returns tli, state (1 to 5, 0 missing), state_zh and state_en. Missing, errors: as standards.water.trophic.tli, and
    as cwqi.
    """
    values, first = _items(data, trophic.TROPHIC_ITEMS, {c: line.unit for c, line in trophic.TROPHIC_ITEMS.items()})
    found = trophic.tli(values, invalid=invalid, edition=edition)
    state = trophic.trophic_state(found)
    made: dict[str, tuple[Any, dict[str, Any]]] = {
        "tli": (found, pure("trophic level index", "综合营养状态指数")),
        "state": (state, pure("trophic state, 0 is missing", "营养状态")),
    }
    for lang in ("zh", "en"):
        names = np.array(["", *(getattr(each, f"name_{lang}") for each in trophic.TROPHIC_STATES)], object)
        made[f"state_{lang}"] = (names[state], pure("trophic state", "营养状态", units=None))
    about = simulated_of(data) | {"references": reference(trophic.tli)}
    if isinstance(first, xr.DataArray):
        return xr.Dataset({n: (first.dims, a, attrs) for n, (a, attrs) in made.items()}, first.coords, about)
    frame = pd.DataFrame({name: array for name, (array, _) in made.items()}, index=first.index)
    frame.attrs = attrs_by_name({name: attrs for name, (_, attrs) in made.items()}) | about
    return frame


def _items(data: Data, known: Collection[str], units: Mapping[str, str]) -> tuple[dict[str, np.ndarray], One]:
    codes = [name for name in names_of(data) if name in known]
    if not codes:
        raise ValueError(f"the columns are {', '.join(names_of(data))}, expected codes such as {', '.join(known)}")
    for code in codes:
        said = units_of(data, code)
        plain = str(said).replace(" ", "").replace("L-1", "/L").replace("l-1", "/L").replace("/l", "/L")
        if said is not None and plain.replace("µ", "u").replace("μ", "u") != units[code]:
            raise ValueError(f"{code} is in {said!r}, expected {units[code]}")
    columns = [data[code] for code in codes]
    if isinstance(data, xr.Dataset):
        columns = list(xr.broadcast(*columns))
    return {code: np.asarray(column, np.float64) for code, column in zip(codes, columns, strict=True)}, columns[0]
