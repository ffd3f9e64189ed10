"""Columns of what PM2.5 is made of, `<name>_ugm3` or `<name>_ngm3`: which species a header names, and in which unit.

A name is any that streams.components knows. The unit may also stand as instruments write it: `SO42-(μg/m³)`, `Pb [ng/m3]`.
"""

from __future__ import annotations

import re
import unicodedata

from streams import components
from streams.components import COMPONENTS
from streams.records import LEAST_LIMIT_UGM3
from streams.sources.stations.species_lines import SpeciesColumn, Wanted
from streams.sources.stations.station_lines import KIND_COLUMNS, PLACE_COLUMNS, RELEASE_COLUMN
from streams.sources.tally import Tally

AVERAGING_COLUMN = "averaging_h"
UNITS = {"ug": 1.0, "ng": 1e-3}
"""Units of columns, and how many ug/m3 one is."""
_MASSES = {"微克": "ug", "纳克": "ng", "毫克": "mg"}
_NAMED = re.compile(
    rf"(.+?)[\s_]*[(\[]?\s*([munpμ]g|{'|'.join(_MASSES)})\s*[/·.每]?\s*(?:m\^?-?3|立方米)\s*[)\]]?", re.IGNORECASE
)
_OTHERS = (*PLACE_COLUMNS, AVERAGING_COLUMN, *KIND_COLUMNS, RELEASE_COLUMN)


def column_of(species: str, unit: str = "ugm3") -> str:
    """Name the column of a species as the platform writes it: `sulphate_ugm3`; ValueError for an unknown species."""
    return f"{components.component_named(species).name}_{unit}"


def is_component(name: str) -> bool:
    """Tell whether a column names a species, or one that is refused because it may be two, with a unit or without."""
    stem, _ = _split(name)
    return components.NAMES.find(stem) is not None or bool(components.instead_of(stem))


def _split(name: str) -> tuple[str, str]:
    """Give the stem and the unit of mass of a column, "" where it has none."""
    found = _NAMED.fullmatch(unicodedata.normalize("NFKC", name))
    if not found:
        return name, ""
    mass = found[2].lower().replace("μ", "u")
    return found[1], _MASSES.get(mass, mass)


def _column(at: int, name: str, line: int, tally: Tally) -> SpeciesColumn | None:
    stem, unit = _split(name)
    place, instead = components.NAMES.find(stem), components.instead_of(stem)
    if place is not None and unit in UNITS:
        return SpeciesColumn(at, name, place, f"{unit}/m3", UNITS[unit], COMPONENTS[place].most_ugm3)
    if place is not None:
        own = COMPONENTS[place].name
        reason, expected = "unknown unit" if unit else "no unit", f"{own}_ugm3 or {own}_ngm3"
    elif instead:
        reason, expected = "the name stands for more than one species", instead
    elif unit:
        reason, expected = "unknown species", f"a species of PM2.5{components.hint(stem)}"
    else:
        known = ", ".join((AVERAGING_COLUMN, *KIND_COLUMNS, RELEASE_COLUMN))
        reason, expected = "unknown column", f"{known}, or a species with its unit, such as sulphate_ugm3 or pb_ngm3"
    tally.reject(f"line {line}, column {at + 1}", reason, name, expected, rows=0)
    return None


WANTED = Wanted(
    others=_OTHERS,
    column=_column,
    counts=lambda column: (column.species,),
    twice="species is there twice",
    wrong="not a concentration",
    none="no species has a column",
    expected="one or more columns such as sulphate_ugm3 or pb_ngm3",
    least=LEAST_LIMIT_UGM3,
)
