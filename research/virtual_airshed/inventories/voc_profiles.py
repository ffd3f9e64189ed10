"""What the volatile organic compounds of a sector are made of: mass fractions of the 117 species, groups, OH reactivity.

The five groups are those in which the virtual airshed carries them. Mass that is not among the 117 ("unlisted") is spread
over the groups of its sector in proportion to their listed mass and given their mean properties: terpenes so count mostly
as isoprene, which makes them somewhat too reactive for their mass. SIMULATED: see the head of voc_profiles.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

import numpy as np

from research.virtual_airshed.inventories.checked_csv import Row, TableError, rows_of
from standards.voc.reactivity import oh_reactivity
from standards.voc.species import SPECIES, Species, species_named

GROUPS = ("alkanes", "alkenes", "aromatics", "ovoc", "isoprene")
SECTORS = ("industry", "coal", "vehicles", "nonroad", "solvent", "residential", "agriculture", "biogenic", "inflow")
"""Sectors that emit volatile organic compounds, and what flows in from outside."""
UNLISTED = "unlisted"
COLUMNS = ("sector", "species", "cas", "mass_fraction", "source")
_GROUP_OF = {
    "alkane": "alkanes", "alkyne": "alkanes", "halocarbon": "alkanes", "sulfide": "alkanes", "alkene": "alkenes",
    "aromatic": "aromatics", "ovoc": "ovoc",
}  # fmt: skip
"""Slow ones go with the alkanes: acetylene, halocarbons and carbon disulfide."""
_SHIPPED = Path(__file__).with_name("voc_profiles.csv")


@dataclass(frozen=True, eq=False)
class VocProfiles:
    """Profiles as arrays: mass_fraction float64 (sector, species) in the order of the 117, unlisted float64 (sector,).

    Both in shares of the sector's mass [1], 0 where a sector has none; together they sum to 1 in each sector.
    """

    sectors: tuple[str, ...]
    mass_fraction: np.ndarray
    unlisted: np.ndarray

    def row(self, sector: str) -> int:
        """Find a sector; raise ValueError naming those that have volatile organic compounds."""
        if sector not in self.sectors:
            raise ValueError(f"sector is {sector!r}, expected one of {', '.join(self.sectors)}")
        return self.sectors.index(sector)


@dataclass(frozen=True, slots=True)
class Reactivity:
    """Loss rate of OH per concentration of a group [s-1 per ug/m3], NaN where the sector has none of it.

    coverage: share of the group's listed mass that has a rate coefficient, 0 to 1, NaN where there is no mass.
    """

    per_s_per_ugm3: float
    coverage: float


def group_of(species: Species) -> str:
    """Give the group in which the virtual airshed carries a species."""
    return "isoprene" if species.name_en == "isoprene" else _GROUP_OF[species.group]


GROUP_INDEX = np.array([GROUPS.index(group_of(species)) for species in SPECIES])
"""int (species,): index into GROUPS of each of the 117."""


def read_voc_profiles(path: Path) -> VocProfiles:
    """Read profiles, one line per sector and species, and one line "unlisted" in each sector.

    Errors: TableError with file, line, value and expectation for an unknown sector or species, a CAS number that is
    another species', a fraction that is not above 0 and at most 1, a line that repeats another, and a sector that is
    missing, has no line "unlisted" or does not sum to 1 exactly (as decimal numbers).
    """
    found: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for row in rows_of(path, COLUMNS):
        key = (row.one_of("sector", SECTORS), _species_of(row))
        if key in found:
            raise row.error("species", f"once in {key[0]}, it is on line {found[key][0]} too")
        row.text("source")
        found[key] = (row.line, _fraction(row, least_is_zero=key[1] == UNLISTED))
    for sector in SECTORS:
        _check_sum(path, sector, {name: value for (own, name), (_, value) in found.items() if own == sector})
    listed = [[float(found.get((sector, s.name_en), (0, 0))[1]) for s in SPECIES] for sector in SECTORS]
    unlisted = [float(found[sector, UNLISTED][1]) for sector in SECTORS]
    return VocProfiles(SECTORS, _frozen(np.array(listed)), _frozen(np.array(unlisted)))


@lru_cache(maxsize=1)
def shipped() -> VocProfiles:
    """Give the shipped profiles; their arrays are read-only."""
    return read_voc_profiles(_SHIPPED)


def group_fractions(sector: str, *, profiles: VocProfiles | None = None) -> np.ndarray:
    """Give the mass of each group per mass of a sector's volatile organic compounds: float64 (group,), summing to 1.

    The order is GROUPS; the unlisted mass is spread in proportion. profiles: None for the shipped ones.
    Errors: ValueError for an unknown sector.
    """
    profiles = profiles or shipped()
    listed = _listed_by_group(profiles, sector)
    return listed / listed.sum()


def species_in_groups(sector: str, *, profiles: VocProfiles | None = None) -> np.ndarray:
    """Give the mass of each species per mass of its group, the unlisted included: float64 (group, species).

    Every group that the sector has sums to the sector's listed share of mass, the others are 0: what an analyser for
    the 117 would see of a group. Arguments and errors as group_fractions().
    """
    profiles = profiles or shipped()
    fraction, whole = profiles.mass_fraction[profiles.row(sector)], group_fractions(sector, profiles=profiles)
    per_group = np.zeros((len(GROUPS), len(SPECIES)))
    has = whole[GROUP_INDEX] > 0
    per_group[GROUP_INDEX[has], np.flatnonzero(has)] = fraction[has] / whole[GROUP_INDEX[has]]
    return per_group


def molar_masses(sector: str, *, profiles: VocProfiles | None = None) -> np.ndarray:
    """Give the mean molar mass of each group by amount: mass over moles of its listed species [g/mol], float64 (group,).

    Missing: NaN for a group that the sector has not. Arguments and errors as group_fractions().
    """
    profiles = profiles or shipped()
    fraction = profiles.mass_fraction[profiles.row(sector)]
    moles = np.bincount(GROUP_INDEX, fraction / np.array([s.molar_mass for s in SPECIES]), minlength=len(GROUPS))
    return _listed_by_group(profiles, sector) / np.where(moles > 0, moles, np.nan)


def reactivity_per_ugm3(group: str, sector: str, *, profiles: VocProfiles | None = None) -> Reactivity:
    """Give the loss rate of OH for each ug/m3 of a group as a sector emits it, at 298 K and the reference state.

    group: one of GROUPS. Species without a rate coefficient are left out of the rate and of the mass it is divided by;
    the coverage says how much that is. The unlisted mass counts like the listed.
    Missing: NaN where the sector has none of the group, or no rate coefficient for any of it.
    Errors: ValueError for an unknown group or sector. Source: standards.voc.reactivity.oh_reactivity.
    """
    if group not in GROUPS:
        raise ValueError(f"group is {group!r}, expected one of {', '.join(GROUPS)}")
    profiles = profiles or shipped()
    fraction = profiles.mass_fraction[profiles.row(sector)]
    of_group = np.equal(GROUP_INDEX, GROUPS.index(group))
    members = np.flatnonzero(of_group & (fraction > 0))
    if not members.size:
        return Reactivity(np.nan, np.nan)
    mass_ugm3 = fraction[members] / fraction[members].sum()
    found = oh_reactivity(mass_ugm3, [SPECIES[place].name_en for place in members], unit="ug/m3")
    coverage = float(found.mass_share)
    return Reactivity(float(found.total) / coverage if coverage else np.nan, coverage)


def _listed_by_group(profiles: VocProfiles, sector: str) -> np.ndarray:
    return np.bincount(GROUP_INDEX, profiles.mass_fraction[profiles.row(sector)], minlength=len(GROUPS))


def _species_of(row: Row) -> str:
    """Give the English name of a line's species, or UNLISTED."""
    if row.text("species") == UNLISTED:
        if row.cells["cas"]:
            raise row.error("cas", f"nothing for {UNLISTED}")
        return UNLISTED
    try:
        species = species_named(row.cells["species"])
    except ValueError as error:
        raise row.error("species", f"a name of the 117 species or {UNLISTED} ({error})") from None
    if species.number is None:
        raise row.error("species", f"one of the 117 species or {UNLISTED}")
    if row.cells["cas"] != species.cas:
        raise row.error("cas", f"{species.cas}, the number of {species.name_en}")
    return species.name_en


def _fraction(row: Row, *, least_is_zero: bool) -> Decimal:
    expected = "a decimal number from 0 to 1" if least_is_zero else "a decimal number above 0 and at most 1"
    try:
        value = Decimal(row.cells["mass_fraction"])
    except InvalidOperation:
        raise row.error("mass_fraction", expected) from None
    if not value.is_finite() or not 0 <= value <= 1 or (value == 0 and not least_is_zero):
        raise row.error("mass_fraction", expected)
    return value


def _check_sum(path: Path, sector: str, fractions: dict[str, Decimal]) -> None:
    if UNLISTED not in fractions or len(fractions) < 2:
        raise TableError(f"{path} has {len(fractions)} lines of {sector}, expected species and one line {UNLISTED}")
    total = sum(fractions.values(), Decimal(0))
    if total != 1:
        raise TableError(f"{path}: the mass_fraction of {sector} sum to {total}, expected 1 exactly")


def _frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
