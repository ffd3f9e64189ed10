"""The packed numbers of attributions as dimensions of a dataset: contributing sector, origin, group, with intervals."""

from __future__ import annotations

import numpy as np
import xarray as xr

from standards.nomenclature import attributes
from streams.contributors import GROUPS, OUTSIDE, SECTORS
from streams.store.attribution import KINDS, unpacked, unpacked_removal

_AXES = {"sector": "contributing_sector", "place": "origin", "group": "sector_group"}
_ENDS = ("", "_low", "_high")
_LONG = {"": "", "_low": ", lower end of the 90 % interval", "_high": ", upper end of the 90 % interval"}


def with_contributions(dataset: xr.Dataset) -> xr.Dataset:
    """Add contributions [ug/m3] to a dataset of the table attribution, and take the packed texts away.

    contribution is over sector x city (contributing_sector without outside, origin); contribution_by_sector, _by_place and
    _by_group have outside as their last name and stand with the ends of their 90 % interval, _low and _high; removal is
    over sector and outside. Missing: NaN, as where there is no attribution.
    """
    texts, cities = dataset["packed"], dataset["cities"].values
    origins = sorted({city for each in np.unique(cities.astype(str)) for city in each.split(",") if city})
    names = {"sector": (*SECTORS, OUTSIDE), "place": (*origins, OUTSIDE), "group": (*GROUPS, OUTSIDE)}
    shape, dims = texts.shape, texts.dims
    if not texts.size:
        names = dict.fromkeys(names, ())
    cross = np.full((*shape, len(names["sector"]), len(names["place"])), np.nan, np.float32)
    parts = {kind: np.full((3, *shape, len(names[kind])), np.nan, np.float32) for kind in KINDS}
    removal = np.full((*shape, len(names["sector"])), np.nan, np.float32)
    quantity = dims.index("quantity")
    signed = (dataset["quantity"].values == "o3").tolist()
    for at in zip(*np.nonzero(texts.values != ""), strict=True):
        found = unpacked(texts.values[at], cities[at].split(","))
        where = [origins.index(city) for city in found.cities]
        cross[at][: len(SECTORS), where] = found.values
        cross[at][-1, -1] = found.outside
        for kind in KINDS:
            columns = [*where, len(origins)] if kind == "place" else slice(None)
            ends = found.interval(kind, signed=signed[at[quantity]])
            for i, each in enumerate((found.by(kind), *ends)):
                parts[kind][(i, *at)][columns] = each
    for at in zip(*np.nonzero(dataset["removal"].values != ""), strict=True):
        removal[at] = unpacked_removal(dataset["removal"].values[at])
    made = {"contribution": ((*dims, _AXES["sector"], _AXES["place"]), cross, attributes("contribution"))}
    for kind in KINDS:
        name = f"contribution_by_{kind}"
        for i, end in enumerate(_ENDS):
            about = attributes(name)
            about["long_name"] += _LONG[end]
            made[name + end] = ((*dims, _AXES[kind]), parts[kind][i], about)
    made["removal"] = ((*dims, _AXES["sector"]), removal, attributes("removal"))
    coordinates = {
        _AXES[kind]: (_AXES[kind], np.array(each, object), attributes(_AXES[kind])) for kind, each in names.items()
    }
    return dataset.drop_vars(["packed", "removal"]).assign(made).assign_coords(coordinates)
