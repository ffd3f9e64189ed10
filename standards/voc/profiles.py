"""What the organic compounds of a source are made of: shares of each compound in the groups that models carry.

The table is tables/voc_profiles.csv, recalled, with its confidence in its head; a column is a source.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from standards.dated_tables import read_table
from standards.voc.species import SPECIES, Species, species_named

GROUPS = ("alkanes", "alkenes", "aromatics", "ovoc", "isoprene")
"""The groups in which a model carries organic compounds, as its tags name them."""
UNLISTED = "unlisted"
_GROUP_OF = {
    "alkane": "alkanes", "alkyne": "alkanes", "halocarbon": "alkanes", "sulfide": "alkanes", "alkene": "alkenes",
    "aromatic": "aromatics", "ovoc": "ovoc",
}  # fmt: skip
"""Slow ones go with the alkanes: acetylene, halocarbons and carbon disulfide."""


def group_of(species: Species) -> str:
    """Give the group of GROUPS that a compound counts to."""
    return "isoprene" if species.name_en == "isoprene" else _GROUP_OF[species.group]


@cache
def mass_shares() -> dict[str, np.ndarray]:
    """Give by source the share of each of the 117 species in the mass of its compounds [1], float64 (species,).

    They sum to 1 less what is unlisted. Missing: a compound without a line has 0.
    """
    rows = read_table("voc_profiles").rows
    names = [species.name_en for species in SPECIES]
    found = {source: np.zeros(len(SPECIES)) for source in rows[0] if source != "species"}
    for row in rows:
        if row["species"] != UNLISTED:
            place = names.index(species_named(row["species"]).name_en)
            for source, shares in found.items():
                shares[place] = float(row[source] or 0.0) / 100.0
    return found


def shares_in_groups(sources: Sequence[str], compounds: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Give the mass of compounds per mass of a group in a source (source, group, compound), and molar masses [g/mol].

    compounds: names, also of pairs such as m,p-xylene, which is the sum of its parts. What is unlisted is spread over
    the groups in proportion, so that the listed compounds of a group sum to the listed share of its source. Missing: a
    source or compound without a profile has 0, and so does a group that a source does not emit.
    Errors: ValueError for an unknown compound.
    """
    of_group = np.array([GROUPS.index(group_of(species)) for species in SPECIES])
    chosen = [species_named(name) for name in compounds]
    pick = np.array([[own.number in (each.parts or (each.number,)) for each in chosen] for own in SPECIES], float)
    found = np.zeros((len(sources), len(GROUPS), len(chosen)))
    for i, source in enumerate(sources):
        shares = mass_shares().get(source)
        if shares is None:
            continue
        mass = np.bincount(of_group, shares, minlength=len(GROUPS)) / shares.sum()
        for g in np.flatnonzero(mass > 0):
            found[i, g] = (shares * (of_group == g) / mass[g]) @ pick
    return found, np.array([each.molar_mass for each in chosen])
