"""Columns of organic compounds, `<name>_ppb` or `<name>_ugm3`: which compound a header names, and the cells below it.

A name is the English or Chinese name, another name, or the CAS number of standards.voc.species. Capitals do not matter, and
of the rest only letters and digits do: a comma, which a CSV file would take for the end of the cell, may be written as
"_" or left out, so that `2_2-dimethylbutane_ppb`, `"2,2-Dimethylbutane_ppb"` and `75-83-2_ppb` are one column.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.voc.species import ALL_SPECIES, MOLAR_VOLUME, species_named
from streams.records import LEAST_LIMIT_PPB, MOST_PPB
from streams.sources.cells import numbers
from streams.sources.stations.station_lines import (
    KIND_COLUMNS,
    PLACE_COLUMNS,
    RELEASE_COLUMN,
    StationLine,
    reject_cells,
)
from streams.sources.tally import Tally

UNITS = ("ppb", "ugm3")
BELOW = ("<", "＜")
"""What begins a cell that says the detection limit below which the value lies."""
_NAMED = re.compile(r"(.+)_(ppb|ugm3)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SpeciesColumn:
    """A column of one compound: its place and name in the file, the compound's place in ALL_SPECIES, ppb in one of its unit."""

    at: int
    name: str
    species: int
    ppb_per_unit: float

    @property
    def unit(self) -> str:
        """The unit as it is written in the header."""
        return self.name.rpartition("_")[2].lower()


def column_of(species: str, unit: str = "ppb") -> str:
    """Name the column of a compound as the platform writes it: `m_p-xylene_ppb`; ValueError for an unknown compound."""
    return f"{re.sub(r'[^0-9A-Za-z-]', '_', species_named(species).name_en)}_{unit}"


def split(name: str) -> tuple[str, str] | None:
    """Give the stem and the unit of a column such as `toluene_ppb`, None where it has no unit of a compound."""
    found = _NAMED.fullmatch(name)
    return (found[1], found[2].lower()) if found else None


def species_columns(header: Sequence[str], tally: Tally, *, line: int = 1) -> list[SpeciesColumn]:
    """Find the columns of compounds of a header (in that line), in the order of ALL_SPECIES; the others are reported.

    A compound that is there twice, in two units or as part of a pair such as m,p-xylene, keeps the first of its columns.
    """
    found: list[SpeciesColumn] = []
    counted: dict[int, str] = {}
    for at, name in enumerate(header):
        if name in (*PLACE_COLUMNS, *KIND_COLUMNS, RELEASE_COLUMN):
            if name in header[:at]:
                tally.reject(f"line {line}, column {at + 1}", "column is repeated", name, "each column once", rows=0)
            continue
        column = _column(at, name, line, tally)
        if column is None:
            continue
        parts = [number - 1 for number in ALL_SPECIES[column.species].parts] or [column.species]
        if known := next((counted[part] for part in parts if part in counted), None):
            tally.reject(
                f"line {line}, column {at + 1}", "compound is there twice", name, f"it or {known}, not both", rows=0
            )
            continue
        counted |= dict.fromkeys(parts, name)
        found.append(column)
    return sorted(found, key=lambda column: column.species)


def mixing_ratios(
    lines: list[StationLine], columns: Sequence[SpeciesColumn], tally: Tally
) -> tuple[np.ndarray, np.ndarray]:
    """Read the cells: values and detection limits [ppb at 298.15 K, 1013.25 hPa], each float64 (species, line).

    An empty cell is missing. `<0.02` is a value below the detection limit 0.02: its value is missing and its limit known;
    it is never taken for a number. What cannot be read is missing and reported.
    """
    shape = (len(columns), len(lines))
    values, below = np.full(shape, np.nan), np.full(shape, np.nan)
    for i, column in enumerate(columns):
        values[i], below[i] = _cells(lines, column, tally)
    return values, below


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _index() -> dict[str, int]:
    found: dict[str, int] = {}
    for place, each in enumerate(ALL_SPECIES):
        for name in (each.name_en, each.name_zh, each.cas, *each.aliases):
            if found.setdefault(_plain(name), place) != place:
                raise ValueError(f"{name!r} of {each.name_en} also names {ALL_SPECIES[found[_plain(name)]].name_en}")
    return found


_PLACES = _index()


def _column(at: int, name: str, line: int, tally: Tally) -> SpeciesColumn | None:
    parted = split(name)
    if parted is None:
        known = ", ".join((*KIND_COLUMNS, RELEASE_COLUMN))
        expected = f"{known}, or a compound with its unit, such as toluene_ppb or toluene_ugm3"
        tally.reject(f"line {line}, column {at + 1}", "unknown column", name, expected, rows=0)
        return None
    stem, unit = parted
    place = _PLACES.get(_plain(stem))
    if place is None:
        near = difflib.get_close_matches(_plain(stem), _PLACES, n=3, cutoff=0.6)
        hint = ", ".join(dict.fromkeys(column_of(ALL_SPECIES[_PLACES[each]].name_en, unit) for each in near))
        expected = "a name or CAS number of the VOC list" + (f"; near are {hint}" if hint else "")
        tally.reject(f"line {line}, column {at + 1}", "unknown compound", name, expected, rows=0)
        return None
    return SpeciesColumn(at, name, place, 1.0 if unit == "ppb" else MOLAR_VOLUME / ALL_SPECIES[place].molar_mass)


def _cells(lines: list[StationLine], column: SpeciesColumn, tally: Tally) -> tuple[np.ndarray, np.ndarray]:
    cells = [line.cells[column.at] for line in lines]
    under = np.array([cell.startswith(BELOW) for cell in cells], bool)
    texts = [cell[1:] if low else cell for cell, low in zip(cells, under.tolist(), strict=True)]
    read, unreadable = numbers(texts)
    ppb = read * column.ppb_per_unit
    possible = np.where(under, ppb >= LEAST_LIMIT_PPB, (ppb >= 0) | np.isnan(ppb)) & ~(ppb > MOST_PPB)
    possible[unreadable] = False
    if not possible.all():
        most = MOST_PPB / column.ppb_per_unit
        expected = f"0 to {most:.0f} {column.unit}, <limit where it is below the detection limit, or nothing"
        told = (column.name, "not a mixing ratio", expected)
        reject_cells(lines, cells, np.flatnonzero(~possible).tolist(), told, tally)
    return np.where(possible & ~under, ppb, np.nan), np.where(possible & under, ppb, np.nan)
