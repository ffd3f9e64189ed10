"""Species as an axis of a dataset: values and detection limits over the keys of rows, from the JSON that each row has of them.

Organic compounds of voc_station_hour, and what PM2.5 is made of in composition_station_hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import orjson
import xarray as xr

from standards.nomenclature import attributes
from standards.voc.species import ALL_SPECIES, species_named
from streams.components import COMPONENTS, component_named
from streams.store.connect import StoreError
from streams.store.json_axes import Texts, places_in


@dataclass(frozen=True, slots=True)
class Axis:
    """What the species of a table are: what one is called, the names of values and limits, and the table of species.

    own: the name of a species by any of its names, with ValueError for an unknown one. known: the species in order; name: the
    field that is a species' own name; coordinates: their fields that become coordinates, by the name of the coordinate. within: the
    key of rows that a species tells by itself, so that its values have no such axis.
    """

    table: str
    word: str
    values: str
    below: str
    own: Callable[[str], str]
    known: Sequence[Any]
    name: str
    coordinates: dict[str, str]
    within: str = ""


COMPOUNDS = Axis(
    table="voc_station_hour", word="compound", values="voc_ppb", below="below_ppb",
    own=lambda name: species_named(name).name_en, known=ALL_SPECIES, name="name_en",
    coordinates={"cas": "cas", "group": "group", "species_zh": "name_zh", "molar_mass": "molar_mass"},
)  # fmt: skip
COMPOSITION = Axis(
    table="composition_station_hour", word="component", values="composition_ugm3", below="below_ugm3",
    own=lambda name: component_named(name).name, known=COMPONENTS, name="name",
    coordinates={"group": "kind", "species_zh": "name_zh"}, within="species_kind",
)  # fmt: skip


def with_species(dataset: xr.Dataset, rows: Texts, *, axis: Axis) -> xr.Dataset:
    """Add values and limits over the keys and species, from the JSON of each row (its keys, text).

    The species are those that any row names, in the order of their table. Missing: NaN; a value below its detection limit is NaN,
    and its limit stands among the limits.
    """
    cells = [orjson.loads(row[-1]) for row in rows]
    order = {getattr(each, axis.name): at for at, each in enumerate(axis.known)}
    places = {name: order[_own(name, axis)] for name in dict.fromkeys(name for row in cells for name in row)}
    found = sorted(set(places.values()))
    column = {name: found.index(at) for name, at in places.items()}
    keys = [str(name) for name in dataset["version"].dims]
    dims = [name for name in keys if name != axis.within]
    labels = {name: places_in(dataset, name) for name in dims}
    values = np.full((*map(len, labels.values()), len(found)), np.nan)
    below = np.full(values.shape, np.nan)
    for row, of_row in zip(rows, cells, strict=True):
        at = tuple(labels[name][key] for name, key in zip(keys, row[:-1], strict=True) if name in labels)
        numbers = {column[name]: cell for name, cell in of_row.items() if not isinstance(cell, str)}
        limits = {column[name]: float(cell[1:]) for name, cell in of_row.items() if isinstance(cell, str)}
        for target, some in ((values, numbers), (below, limits)):
            target[(*at, list(some))] = list(some.values())
    return _labelled(dataset, [axis.known[at] for at in found], {axis.values: values, axis.below: below}, dims, axis)


def of_species(dataset: xr.Dataset, species: Sequence[str] | None, axis: Axis) -> xr.Dataset:
    """Give a dataset for some species, by any of their names; all where None. Errors: StoreError for one that no row holds."""
    if species is None:
        return dataset
    if isinstance(species, str):
        raise StoreError(f"species is the text {species!r}, expected a collection of texts")
    try:
        names = [axis.own(name) for name in species]
    except ValueError as error:
        raise StoreError(str(error)) from error
    held = dataset["species"].values.tolist()
    if unknown := sorted(set(names) - set(held)):
        raise StoreError(f"no row holds {', '.join(unknown)}, expected some of {', '.join(held)}")
    return dataset.sel(species=names)


with_compounds, with_composition = partial(with_species, axis=COMPOUNDS), partial(with_species, axis=COMPOSITION)


def _own(name: str, axis: Axis) -> str:
    try:
        return axis.own(name)
    except ValueError as error:
        raise StoreError(f"{axis.table} holds a {axis.word} that the tables do not know: {error}") from error


def _labelled(
    dataset: xr.Dataset, species: Sequence[Any], arrays: dict[str, np.ndarray], dims: list[str], axis: Axis
) -> xr.Dataset:
    names = np.array([getattr(each, axis.name) for each in species], object)
    coordinates = {"species": ("species", names, attributes(axis.word))}
    for name, field in axis.coordinates.items():
        labels = np.array([getattr(each, field) for each in species], float if field == "molar_mass" else object)
        coordinates[name] = ("species", labels, attributes(name))
    simulated = {"simulated": dataset.attrs["simulated"]}
    made = {name: ([*dims, "species"], array, attributes(name) | simulated) for name, array in arrays.items()}
    return dataset.assign_coords(coordinates).assign(made)
