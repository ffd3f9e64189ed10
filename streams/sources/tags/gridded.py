"""Forms B and C of tag files: grids of CMAQ-ISAM and of CAMx-OSAT/PSAT, taken to the stations (docs/layouts/tags.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from streams.contributors import ALL, OUTSIDE, TAG_QUANTITIES
from streams.records import CITY_MEAN
from streams.registry import Registry
from streams.sources.forecasts.attributes import text
from streams.sources.forecasts.cdaqs import local_day, places_of, require_hours
from streams.sources.forecasts.fields import Fields
from streams.sources.forecasts.grid import bounds_text
from streams.sources.forecasts.grid_weights import Places, Weights, weigh
from streams.sources.forecasts.layout import Layout, layout_of, runs_of
from streams.sources.forecasts.units import unit_of
from streams.sources.forecasts.variables import MOLAR_VOLUME_L, state_ratio
from streams.sources.tags.species import CAMX, ISAM, Recipe, chosen
from streams.sources.tags.table import TagTable
from streams.sources.tags.told import Contributor, Told
from streams.sources.tally import Unusable

WHOLE = (ALL, ALL)
MOST_VALUES = 40_000_000
"""Values that one variable has over our stations' part of the grid; it is read whole."""
_UG_PER_KG, _MG_PER_KG = 1e9, 1e6


@dataclass
class _Names:
    """The tagged variables of a file: contributor to species to the variables that are added up for it."""

    of: dict[Contributor, dict[str, list[str]]] = field(default_factory=dict)
    unexplained: dict[str, list[str]] = field(default_factory=dict)
    """Species to the variables of it whose tag the table does not explain."""


def read(dataset: xr.Dataset, table: TagTable, registry: Registry) -> Told:
    """Read a grid at the stations of the registry. Errors: Unusable where nothing of it can be used."""
    runs = list(runs_of(dataset))
    if len(runs) != 1:
        raise Unusable("time", "not one run along time", f"{len(runs)} runs", "one run in a file")
    layout = layout_of(runs[0])
    require_hours(layout.axis)
    _require_explained_places(table, registry)
    weights = _weights(layout, registry)
    fields = Fields(runs[0].dataset, layout, rows=weights.rows, columns=weights.columns)
    names = _named(dataset, table)
    contributors = tuple(sorted(names.of, key=lambda each: (each != WHOLE, each[1] == OUTSIDE, each)))
    told = Told(
        layout.axis, weights.places, contributors, {}, table.model or text(dataset.attrs, "model"), table.definition,
        table.simulated or text(dataset.attrs, "simulated").lower() in ("1", "true", "yes"), notes=list(layout.axis.notes),
    )  # fmt: skip
    for quantity, recipes in (ISAM if table.layout == "isam" else CAMX).items():
        held = {species for of in names.of.values() for species in of}
        recipe, lacks = chosen(recipes, held)
        if recipe is None:
            if lacks:
                told.notes.append(f"{quantity} lacks {lacks}")
            continue
        try:
            told.values[quantity] = _Sum(quantity, recipe, names, fields, weights).over(contributors)
        except Unusable as problem:
            told.problems.append(problem)
    told.values = {name: told.values[name] for name in TAG_QUANTITIES if name in told.values}
    told.notes += fields.notes
    return told


def _named(dataset: xr.Dataset, table: TagTable) -> _Names:
    names, known = _Names(), {s for of in (ISAM, CAMX) for rs in of.values() for r in rs for s in r.species}
    for name in map(str, dataset.data_vars):
        parted = (name, WHOLE) if name in known else table.parted(name)
        if parted is None or parted[0] not in known:
            continue
        species, contributor = parted
        if contributor is None:
            names.unexplained.setdefault(species, []).append(name)
        else:
            names.of.setdefault(contributor, {}).setdefault(species, []).append(name)
    if not set(names.of) - {WHOLE} and not names.unexplained:
        raise Unusable(
            "variables",
            "no tagged variable that we know",
            ", ".join(map(str, dataset.data_vars))[:150],
            "for instance O3_BCO, ASO4J_IND; PS4001002",
        )
    return names


def _require_explained_places(table: TagTable, registry: Registry) -> None:
    places = [place for _, place in table.tags.values()] + list(table.regions.values())
    if wrong := sorted(set(places) - {ALL, OUTSIDE, *registry.cities}):
        expected = f"a city of {', '.join(registry.cities)}, {ALL} or {OUTSIDE}"
        raise Unusable(
            "tag table", "the tag table cannot be used: a place that is no city of ours", ", ".join(wrong), expected
        )


def _weights(layout: Layout, registry: Registry) -> Weights:
    stations = places_of(registry, local_day(int(layout.axis.hour_ends[0]))).stations
    weights = weigh(layout.grid, Places(stations, ()), city_mean=CITY_MEAN)
    if weights is None:
        cities = ", ".join(c.name_en for c in registry.cities.values())
        expected = f"a grid that covers any of {cities}"
        raise Unusable("grid", "the grid covers none of our cities", bounds_text(layout.grid), expected)
    cells = (weights.rows.stop - weights.rows.start) * (weights.columns.stop - weights.columns.start)
    if (values := cells * layout.axis.hour_ends.size) > MOST_VALUES:
        raise Unusable(
            "grid",
            "more values over our cities than one file may bring",
            values,
            f"up to {MOST_VALUES}; cut the run into parts that name its start in run_init",
        )
    return weights


@dataclass
class _Sum:
    """A quantity as a sum of species, contributor by contributor."""

    quantity: str
    recipe: Recipe
    names: _Names
    fields: Fields
    weights: Weights

    def over(self, contributors: tuple[Contributor, ...]) -> np.ndarray:
        """Give float64 (contributor, place, step) in the canonical unit; a contributor without any of the species is NaN."""
        for species in self.recipe.species:
            if unexplained := self.names.unexplained.get(species):
                raise Unusable(
                    f"variable {unexplained[0]}", "a tag that the tag table does not explain", ", ".join(unexplained[:5]),
                    "each tag, group and region of the file in the tag table",
                )  # fmt: skip
        shape = (len(contributors), len(self.weights.places), self.fields.layout.axis.hour_ends.size)
        result = np.full(shape, np.nan)
        for i, contributor in enumerate(contributors):
            of = self.names.of[contributor]
            # A whole of which a part is missing would be another thing; a tag may lack what it has nothing of.
            if contributor == WHOLE and self.recipe.lacks(of):
                continue
            for species, molar in self.recipe.species.items():
                for name in of.get(species, ()):
                    part = self.weights.apply(self._mass(name, molar))
                    result[i] = part if np.isnan(result[i]).all() else result[i] + part
        return result

    def _mass(self, name: str, molar: float) -> np.ndarray:
        """Read a variable as mass per volume in the quantity's unit, float32 (step, row, column)."""
        attrs = self.fields.dataset[name].attrs
        units = text(attrs, "units")
        unit = unit_of(units)
        per_kg = _MG_PER_KG if TAG_QUANTITIES[self.quantity] == "mg m-3" else _UG_PER_KG
        values = self.fields.stored(name)
        if unit is not None and unit.kind == "mass per volume":
            return values * np.float32(unit.factor * per_kg)
        if unit is not None and unit.kind in ("part", "mole fraction") and molar:
            ratio = state_ratio(self.fields.layout.axis.hour_ends)[:, None, None]
            return values * np.float32(unit.factor * molar / MOLAR_VOLUME_L * per_kg) * ratio
        reason = "a unit of another kind" if unit is not None else "unknown unit" if units else "no unit"
        expected = "ppmV, ppbV or mol mol-1 of a gas; ug m-3" if molar else "ug m-3"
        raise Unusable(f"variable {name}", reason, units, expected)
