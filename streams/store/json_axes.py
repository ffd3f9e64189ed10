"""Columns of JSON as axes of a dataset: emissions by sector and species, weights of the cities upwind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson
import xarray as xr

from standards.nomenclature import attributes
from streams.records import SPECIES

Texts = Sequence[tuple]
"""Rows of keys and one text of JSON."""


def with_sectors(dataset: xr.Dataset, rows: Texts) -> xr.Dataset:
    """Add emission_kgh [kg/h] (city, hour_end, sector, species) from the JSON of each hour (city, hour end, text)."""
    parsed = [(city, hour, orjson.loads(text)) for city, hour, text in rows]
    names = sorted({sector for _, _, emissions in parsed for sector in emissions["sectors"]})
    cities, hours = (places_in(dataset, name) for name in ("city", "hour_end"))
    values = np.full((len(cities), len(hours), len(names), len(SPECIES)), np.nan)
    for city, hour, emissions in parsed:
        if city not in cities or hour not in hours:
            continue  # a city or an hour without any of the rows that were asked for
        columns = [SPECIES.index(name) for name in emissions["species"]]
        for sector, kgh in zip(emissions["sectors"], emissions["kgh"], strict=True):
            values[cities[city], hours[hour], names.index(sector), columns] = np.array(kgh, float)  # null is NaN
    return dataset.assign_coords(
        sector=("sector", np.array(names, object), attributes("sector")),
        species=("species", np.array(SPECIES, object), attributes("species")),
    ).assign(emission_kgh=(("city", "hour_end", "sector", "species"), values, attributes("emission_kgh")))


def with_upwind(dataset: xr.Dataset, rows: Texts) -> xr.Dataset:
    """Add upwind_weight over the keys and upwind_city from the JSON of each row (its keys, text), where any row has one.

    Missing: NaN where there is no wind or it is calm; 0 for a city that does not lie upwind.
    """
    if not rows:
        return dataset
    dims = [str(name) for name in dataset["version"].dims]
    parsed = [(row[:-1], orjson.loads(row[-1])) for row in rows]
    names = sorted({city for _, weights in parsed for city in weights})
    places = [places_in(dataset, name) for name in dims]
    values = np.full((*(len(place) for place in places), len(names)), np.nan)
    for keys, weights in parsed:
        at = tuple(place[key] for place, key in zip(places, keys, strict=True))
        values[at] = [weights.get(name, 0.0) for name in names]
    coordinate = ("upwind_city", np.array(names, object), attributes("upwind_city"))
    return dataset.assign_coords(upwind_city=coordinate).assign(
        upwind_weight=((*dims, "upwind_city"), values, attributes("upwind_weight"))
    )


def places_in(dataset: xr.Dataset, name: str) -> dict:
    """Number the labels of a dimension, hours as the store has them."""
    values = dataset[name].values
    if name == "hour_end":
        values = values.astype("datetime64[s]")
    return {label: i for i, label in enumerate(values.tolist())}
