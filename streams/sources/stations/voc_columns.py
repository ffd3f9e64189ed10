"""Columns of organic compounds, `<name>_ppb` or `<name>_ugm3`: which compound a header names, and in which unit.

A name is the English or Chinese name, another name, or the CAS number of standards.voc.species. Capitals do not matter, and
of the rest only letters and digits do: a comma, which a CSV file would take for the end of the cell, may be written as
"_" or left out, so that `2_2-dimethylbutane_ppb`, `"2,2-Dimethylbutane_ppb"` and `75-83-2_ppb` are one column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from standards.names import Names
from standards.voc.species import ALL_SPECIES, MOLAR_VOLUME, species_named
from streams.records import LEAST_LIMIT_PPB, MOST_PPB
from streams.sources.stations.species_lines import SpeciesColumn, Wanted
from streams.sources.stations.station_lines import KIND_COLUMNS, PLACE_COLUMNS, RELEASE_COLUMN
from streams.sources.tally import Tally

_NAMED = re.compile(r"(.+)_(ppb|ugm3)", re.IGNORECASE)


def column_of(species: str, unit: str = "ppb") -> str:
    """Name the column of a compound as the platform writes it: `m_p-xylene_ppb`; ValueError for an unknown compound."""
    return f"{re.sub(r'[^0-9A-Za-z-]', '_', species_named(species).name_en)}_{unit}"


def split(name: str) -> tuple[str, str] | None:
    """Give the stem and the unit of a column such as `toluene_ppb`, None where it has no unit of a compound."""
    found = _NAMED.fullmatch(name)
    return (found[1], found[2].lower()) if found else None


def is_compound(name: str) -> bool:
    """Tell whether a column names a compound with a unit."""
    parted = split(name)
    return parted is not None and _NAMES.find(parted[0]) is not None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


_NAMES = Names(((each.name_en, each.name_zh, each.cas, *each.aliases) for each in ALL_SPECIES), _plain)


def _column(at: int, name: str, line: int, tally: Tally) -> SpeciesColumn | None:
    parted = split(name)
    if parted is None:
        known = ", ".join((*KIND_COLUMNS, RELEASE_COLUMN))
        expected = f"{known}, or a compound with its unit, such as toluene_ppb or toluene_ugm3"
        tally.reject(f"line {line}, column {at + 1}", "unknown column", name, expected, rows=0)
        return None
    stem, unit = parted
    place = _NAMES.find(stem)
    if place is None:
        hint = ", ".join(column_of(ALL_SPECIES[near].name_en, unit) for near in _NAMES.near(stem, cutoff=0.6))
        expected = "a name or CAS number of the VOC list" + (f"; near are {hint}" if hint else "")
        tally.reject(f"line {line}, column {at + 1}", "unknown compound", name, expected, rows=0)
        return None
    ppb = 1.0 if unit == "ppb" else MOLAR_VOLUME / ALL_SPECIES[place].molar_mass
    return SpeciesColumn(at, name, place, unit, ppb, MOST_PPB)


def _parts(column: SpeciesColumn) -> Iterable[int]:
    """Give the compounds that a column counts, of a pair such as m,p-xylene both."""
    return [number - 1 for number in ALL_SPECIES[column.species].parts] or [column.species]


WANTED = Wanted(
    others=(*PLACE_COLUMNS, *KIND_COLUMNS, RELEASE_COLUMN),
    column=_column,
    counts=_parts,
    twice="compound is there twice",
    wrong="not a mixing ratio",
    none="no compound has a column",
    expected="one or more columns such as toluene_ppb or toluene_ugm3",
    least=LEAST_LIMIT_PPB,
)
