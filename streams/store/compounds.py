"""The compounds of voc_station_hour as an axis of a dataset: mixing ratios and detection limits by station, hour and compound."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import orjson
import xarray as xr

from standards.nomenclature import attributes
from standards.voc.species import ALL_SPECIES, species_named
from streams.store.connect import StoreError

DIMENSIONS = ("station", "hour_end", "species")


def with_compounds(dataset: xr.Dataset, rows: Sequence[tuple[str, dt.datetime, str]]) -> xr.Dataset:
    """Add voc_ppb and below_ppb [ppb] (station, hour_end, species) from the JSON of each row (station, hour end, text).

    The species are those that any row names, in the order of standards.voc.species, with their CAS number, group, Chinese
    name and molar mass. Missing: NaN; a value below its detection limit is NaN in voc_ppb, and its limit is in below_ppb.
    """
    cells = [orjson.loads(text) for _, _, text in rows]
    place = {name: _place(name) for name in dict.fromkeys(name for row in cells for name in row)}
    order = sorted(set(place.values()))
    column = {name: order.index(at) for name, at in place.items()}
    stations = {station: i for i, station in enumerate(dataset["station"].values.tolist())}
    hours = {hour: i for i, hour in enumerate(dataset["hour_end"].values.astype("datetime64[s]").tolist())}
    values = np.full((len(stations), len(hours), len(order)), np.nan)
    below = np.full(values.shape, np.nan)
    for (station, hour, _), row in zip(rows, cells, strict=True):
        numbers = {column[name]: cell for name, cell in row.items() if not isinstance(cell, str)}
        limits = {column[name]: float(cell[1:]) for name, cell in row.items() if isinstance(cell, str)}
        for target, found in ((values, numbers), (below, limits)):
            target[stations[station], hours[hour], list(found)] = list(found.values())
    return _labelled(dataset, [ALL_SPECIES[at].name_en for at in order], values, below)


def _place(name: str) -> int:
    try:
        return ALL_SPECIES.index(species_named(name))
    except ValueError as error:
        raise StoreError(f"voc_station_hour holds a compound that the tables do not know: {error}") from error


def _labelled(dataset: xr.Dataset, names: list[str], values: np.ndarray, below: np.ndarray) -> xr.Dataset:
    known = [species_named(name) for name in names]
    texts = {"species": names, "cas": [s.cas for s in known], "group": [s.group for s in known]}
    texts["species_zh"] = [s.name_zh for s in known]
    coordinates = {
        name: ("species", np.array(labels, object), attributes("compound" if name == "species" else name))
        for name, labels in texts.items()
    }
    masses = np.array([s.molar_mass for s in known], float)
    coordinates["molar_mass"] = ("species", masses, attributes("molar_mass"))
    simulated = {"simulated": dataset.attrs["simulated"]}
    made = {
        name: (DIMENSIONS, array, attributes(name) | simulated)
        for name, array in (("voc_ppb", values), ("below_ppb", below))
    }
    return dataset.assign_coords(coordinates).assign(made)
