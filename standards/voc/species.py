"""The 117 volatile organic compounds of the national monitoring plan: names, molar mass, coefficients of reactivity.

Coefficients are in tables/voc117.csv and voc_more.csv, each value with its source and confidence; what other sources
say is in tables/voc117_other_sources.csv and chosen by its key. An empty cell is a missing coefficient, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from standards.dated_tables import read_table
from standards.names import Names

COEFFICIENTS = ("mir", "koh", "soap", "fac")
"""Kinds: mir [g O3/g], koh [1e-12 cm3/molecule/s at 298 K], soap [toluene = 100, by mass], fac [% of mass]."""
DEFAULT_SOURCE = "default"
"""The key of the values that are used unless the caller chooses others."""


@dataclass(frozen=True, slots=True)
class Species:
    """One species: its number in the list, names, CAS number, molar mass [g/mol], carbon atoms, and group.

    number is None outside the list. group: alkane, alkene, alkyne, aromatic, halocarbon, sulfide or ovoc. list_name:
    PAMS, TO15 or CARB (carbonyls), "" outside the list. parts: numbers of the list that a pair stands for.
    """

    number: int | None
    name_zh: str
    name_en: str
    cas: str
    formula: str
    molar_mass: float
    carbons: int
    group: str
    list_name: str
    parts: tuple[int, ...]
    aliases: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One value with where it comes from: its source in words, and how far it can be trusted."""

    value: float
    source: str
    confidence: str
    note: str = ""


def _species(row: dict[str, str]) -> Species:
    carbons = re.search(r"C(?![a-z])(\d*)", row["formula"])
    return Species(
        number=int(row["number"]) if row.get("number") else None,
        **{key: row[key] for key in ("name_zh", "name_en", "cas", "formula", "group", "note")},
        molar_mass=float(row["molar_mass"]),
        carbons=int(carbons.group(1) or 1),
        list_name=row.get("list", ""),
        parts=tuple(int(part) for part in row.get("parts", "").split(";") if part),
        aliases=tuple(alias for alias in row["aliases"].split(";") if alias),
    )


_ROWS = (*read_table("voc117").rows, *read_table("voc_more").rows)
ALL_SPECIES = tuple(_species(row) for row in _ROWS)
"""The list, then the species and pairs beside it."""
SPECIES = tuple(each for each in ALL_SPECIES if each.number is not None)
"""The 117 species of the list in its order."""
MOLAR_VOLUME = 24.465
"""Litres of a mole of air at the reference state, 298.15 K and 1013.25 hPa (GB 3095)."""
MOLECULES_PER_PPB = 2.4615e10
"""Molecules per cm3 of air in 1 ppb at the reference state."""


def _key(name: str) -> str:
    return re.sub(r"\s+", "", name).casefold()


_NAMES = Names(((each.name_en, each.name_zh, each.cas, *each.aliases) for each in ALL_SPECIES), _key)


def _coefficients() -> dict[tuple[str, str], MappingProxyType]:
    found: dict[tuple[str, str], dict[int, Coefficient]] = {(kind, DEFAULT_SOURCE): {} for kind in COEFFICIENTS}
    for place, row in enumerate(_ROWS):
        for kind in COEFFICIENTS:
            if row[kind]:
                found[kind, DEFAULT_SOURCE][place] = Coefficient(
                    float(row[kind]), row[f"{kind}_source"], row[f"{kind}_confidence"], row["note"]
                )
    for row in read_table("voc117_other_sources").rows:
        value = Coefficient(float(row["value"]), row["source"], row["confidence"], row["note"])
        found.setdefault((row["coefficient"], row["key"]), {})[int(row["number"]) - 1] = value
    return {key: MappingProxyType(values) for key, values in found.items()}


_COEFFICIENTS = _coefficients()


def species_named(key: str | int) -> Species:
    """Give a species by its English or Chinese name, an alias, its CAS number, or its number in the list.

    key: capitals and blanks do not matter. Returns Species.
    Errors: ValueError for an unknown one, naming it and the nearest known names.
    """
    return ALL_SPECIES[_place(key)]


def places_of(species: Iterable[str | int]) -> np.ndarray:
    """Find species in ALL_SPECIES.

    species: names, CAS numbers or numbers of the list, in the order of the caller's first axis. Returns int64
    (species,).
    Errors: ValueError for an unknown species, and where one is given twice, also as part of a pair such as m,p-xylene.
    """
    if isinstance(species, str):
        raise ValueError(f"species is {species!r}, expected a list of names")
    places = [_place(key) for key in species]
    counted: dict[int, str] = {}
    for place in places:
        each = ALL_SPECIES[place]
        for part in (number - 1 for number in each.parts) if each.parts else (place,):
            if part in counted:
                raise ValueError(
                    f"{ALL_SPECIES[part].name_en} is given twice, in {counted[part]} and {each.name_en}, expected once"
                )
            counted[part] = each.name_en
    return np.array(places, dtype=np.int64)


def coefficients(kind: str, species: Iterable[str | int], *, source: str = DEFAULT_SOURCE) -> np.ndarray:
    """Give the coefficients of species.

    kind: one of COEFFICIENTS. species: names, CAS numbers or numbers. source: "default", or the key of another source
    (see coefficient_sources), which then gives all values: nothing is filled from the default. Returns float64
    (species,) [unit of the kind].
    Missing: NaN where the source has none; it is never taken for 0.
    Errors: ValueError for an unknown kind, source or species.
    Source: per value, see coefficient_of.
    """
    table = _values_of(kind, source)
    return np.array([table[p].value if p in table else np.nan for p in places_of(species)], dtype=np.float64)


def coefficient_of(kind: str, species: str | int, *, source: str = DEFAULT_SOURCE) -> Coefficient | None:
    """Give one coefficient with its source and confidence; None where it is missing.

    kind, species, source: as coefficients.
    Errors: as coefficients.
    """
    return _values_of(kind, source).get(_place(species))


def coefficient_sources(kind: str) -> tuple[str, ...]:
    """Give the keys of the sources of a kind, the default first; raise ValueError for an unknown kind."""
    _require_kind(kind)
    return tuple(key for each, key in _COEFFICIENTS if each == kind)


def _values_of(kind: str, source: str) -> MappingProxyType:
    sources = coefficient_sources(kind)
    if source not in sources:
        raise ValueError(f"source of {kind} is {source!r}, expected one of {', '.join(sources)}")
    return _COEFFICIENTS[kind, source]


def _require_kind(kind: str) -> None:
    if kind not in COEFFICIENTS:
        raise ValueError(f"coefficient is {kind!r}, expected one of {', '.join(COEFFICIENTS)}")


def _place(key: str | int) -> int:
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        if 1 <= key <= len(SPECIES):
            return int(key) - 1
        raise ValueError(f"species number is {key}, expected 1 to {len(SPECIES)}")
    place = _NAMES.find(str(key))
    if place is None:
        names = [ALL_SPECIES[near].name_en for near in _NAMES.near(str(key), cutoff=0.5)]
        hint = f", did you mean {' or '.join(names)}?" if names else ""
        raise ValueError(f"species is {key!r}, expected a name, CAS number or number of the list{hint}")
    return place
