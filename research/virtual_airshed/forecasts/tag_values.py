"""What the sources contribute to every quantity that can be told, at single places: what a tag file holds.

What does not follow linearly is shared by the functions of the truth (truth.contributions); the rest are tags in other units.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from research.virtual_airshed.aerosol import AMMONIUM_G, NITRATE_G, UG_PER_NMOL
from research.virtual_airshed.grid import Cells
from research.virtual_airshed.ground import O3_G
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.run import Day
from research.virtual_airshed.tracers import SECTORS, TOTAL, VOC_GROUPS, Tags
from research.virtual_airshed.truth import QUANTITIES, contributions
from streams.contributors import ALL, OUTSIDE, TAG_QUANTITIES

ALLOCATION, REMOVAL = "allocation", "removal"
"""What a contribution is, by the words of a tag file."""
ACID_G, AMMONIA_G = 63.01, 17.031
"""Molar masses of HNO3 and NH3 [g/mol]."""


def contributor_of(source: str) -> tuple[str, str]:
    """Give the contributor (sector, place) of a source by its name in a tagged run; "coal 510100" is a sector of a city."""
    if source == "inflow":
        return ALL, OUTSIDE
    sector, _, place = source.rpartition(" ")
    if sector:
        return sector, place
    return (source, ALL) if source in SECTORS else (ALL, source)


def contributors_of(tags: Tags) -> tuple[tuple[str, str], ...]:
    """Give the contributors of a tagged run in the order of tag_values: the whole, then the sources."""
    return ((ALL, ALL), *(contributor_of(source) for source in tags.sources))


def places_at(cells: Cells, wanted: Iterable[tuple[int, int]]) -> Receptors:
    """Take single places as receptors. cells: those that a run keeps. wanted: row and column of each place, kept ones."""
    place = {cell: i for i, cell in enumerate(zip(cells.row.tolist(), cells.column.tolist(), strict=True))}
    at = [place[cell] for cell in wanted]
    weight = np.zeros((len(at), cells.row.size))
    weight[np.arange(len(at)), at] = 1.0
    return Receptors(tuple(str(number) for number in range(len(at))), cells, weight)


def tag_values(day: Day, tags: Tags, places: Receptors, *, definition: str = ALLOCATION) -> dict[str, np.ndarray]:
    """Give what is told of every quantity of TAG_QUANTITIES: name to (contributor, place, hour) [its unit].

    places: where, as places_at gives them, over the cells that the run keeps. definition: ALLOCATION, parts that add up, or
    REMOVAL, by how much less there would be without the contributor.
    """
    found = contributions(day, tags, places)
    told = found.allocation if definition == ALLOCATION else found.removal
    tagged = {name: np.tensordot(places.weight, values, axes=(1, 0)) for name, values in day.tagged.items()}
    parts = {
        name: np.concatenate([found.total[q][None], told[q].swapaxes(0, 1)])
        for q, name in ((q, name.rsplit("_", 1)[0]) for q, name in enumerate(QUANTITIES))
    }
    mass = {name: _linear(tagged[name], tags) for name in ("ox", "nitrate", "ammonia", *VOC_GROUPS)}
    if definition == REMOVAL:
        left = np.moveaxis(tagged["ox"][:, tags.zero_outs], 1, 0)
        mass["ox"][1 : 1 + len(left)] = mass["ox"][0] - left
    parts |= {name: mass[name] for name in VOC_GROUPS}
    parts["ox"] = mass["ox"] * O3_G * UG_PER_NMOL
    parts["coarse"] = parts["pm10"] - parts["pm25"]
    parts["nitric_acid"] = (mass["nitrate"] * UG_PER_NMOL - parts["nitrate"] / NITRATE_G) * ACID_G
    parts["ammonia"] = (mass["ammonia"] * UG_PER_NMOL - parts["ammonium"] / AMMONIUM_G) * AMMONIA_G
    return {name: parts[name] for name in TAG_QUANTITIES}


def _linear(tagged: np.ndarray, tags: Tags) -> np.ndarray:
    """Give total and tags (tracer, place, hour) of what is kept as (place, tracer, hour)."""
    return np.moveaxis(tagged[:, TOTAL : tags.count], 1, 0).copy()
