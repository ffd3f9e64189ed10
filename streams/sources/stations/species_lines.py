"""Lines of stations with a column for each species: which columns a header has, and the values and detection limits below it.

A species is what its feed says: a volatile organic compound (voc_csv), a part of PM2.5 (composition_csv). Cells are alike for
all: a number in the unit of the column, nothing where it is missing, or `<0.02` where it is below the detection limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from streams.sources.cells import numbers
from streams.sources.headers import Section, sections
from streams.sources.stations.station_lines import HEADING, Gathered, StationLine, reject_all, reject_cells
from streams.sources.tally import Tally

BELOW = ("<", "＜")
"""What begins a cell that says the detection limit below which the value lies."""


@dataclass(frozen=True, slots=True)
class SpeciesColumn:
    """A column of one species: its place and name in the file, the species' place in its table, and its unit.

    factor: how much of the unit that is kept one of the column's unit is. most: the largest value that is taken, in the unit that
    is kept.
    """

    at: int
    name: str
    species: int
    unit: str
    factor: float
    most: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a feed wants of its columns.

    others: names of columns that are no species. column: of a place in the header and the name there the column, None where it was
    rejected. counts: what a column's species must not be in twice. twice, wrong and none: the reasons for a species that is there
    again, for a cell that is no value, and for a header without any species; expected: what such a header should have. least: the
    lowest detection limit, in the unit that is kept.
    """

    others: tuple[str, ...]
    column: Callable[[int, str, int, Tally], SpeciesColumn | None]
    counts: Callable[[SpeciesColumn], Iterable[int]]
    twice: str
    wrong: str
    none: str
    expected: str
    least: float


def species_columns(header: Sequence[str], wanted: Wanted, tally: Tally, *, line: int = 1) -> list[SpeciesColumn]:
    """Find the columns of species of a header (in that line), in the order of their table; the others are reported.

    A species that is there twice keeps the first of its columns.
    """
    found: list[SpeciesColumn] = []
    counted: dict[int, str] = {}
    for at, name in enumerate(header):
        position = f"line {line}, column {at + 1}"
        if name in wanted.others:
            if name in header[:at]:
                tally.reject(position, "column is repeated", name, "each column once", rows=0)
            continue
        column = wanted.column(at, name, line, tally)
        if column is None:
            continue
        parts = list(wanted.counts(column))
        if known := next((counted[part] for part in parts if part in counted), None):
            tally.reject(position, wanted.twice, name, f"it or {known}, not both", rows=0)
            continue
        counted |= dict.fromkeys(parts, name)
        found.append(column)
    return sorted(found, key=lambda column: column.species)


def amounts(
    lines: list[StationLine], columns: Sequence[SpeciesColumn], wanted: Wanted, tally: Tally
) -> tuple[np.ndarray, np.ndarray]:
    """Read the cells: values and detection limits in the unit that is kept, each float64 (species, line).

    An empty cell is missing. `<0.02` is a value below the detection limit 0.02: its value is missing and its limit known;
    it is never taken for a number. What cannot be read is missing and reported.
    """
    shape = (len(columns), len(lines))
    values, below = np.full(shape, np.nan), np.full(shape, np.nan)
    for i, column in enumerate(columns):
        values[i], below[i] = _cells(lines, column, wanted, tally)
    return values, below


def gathered_lines(
    lines: Iterable[str],
    wanted: Wanted,
    tally: Tally,
    *,
    placed_of: Callable[[Section, list[SpeciesColumn]], Iterator[StationLine]],
    values_of: Callable[[list[StationLine], list[str], list[SpeciesColumn]], np.ndarray],
) -> Gathered:
    """Read the lines of a file below each of its headers, gathered by kind and by the places of their species.

    placed_of: the lines of a section that can be placed. values_of: of some of them, with the header and the columns, float
    (item, line), whatever the feed makes of it. Of a header without any species every line is rejected.
    """
    gathered: Gathered = Gathered()
    known: dict[tuple[str, ...], list[SpeciesColumn]] = {}
    for section in sections(lines, HEADING):
        header = section.header
        if tuple(header) not in known:
            known[tuple(header)] = species_columns(header, wanted, tally, line=section.number)
        columns = known[tuple(header)]
        placed = placed_of(section, columns)
        if not columns:
            reject_all(placed, section.number, header, (wanted.none, wanted.expected), tally)
            continue
        species = tuple(column.species for column in columns)
        gathered.add(placed, species, partial(values_of, header=header, columns=columns))
    return gathered


def parted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Part values (item, ...) into those of the species and, behind them, their limits; None where there is no limit."""
    # Copies: a view would hold the limits in memory also where there are none.
    of_species, below = values[: len(values) // 2].copy(), values[len(values) // 2 :].copy()
    return of_species, None if np.isnan(below).all() else below


def _cells(
    lines: list[StationLine], column: SpeciesColumn, wanted: Wanted, tally: Tally
) -> tuple[np.ndarray, np.ndarray]:
    cells = [line.cells[column.at] for line in lines]
    under = np.array([cell.startswith(BELOW) for cell in cells], bool)
    texts = [cell[1:] if low else cell for cell, low in zip(cells, under.tolist(), strict=True)]
    read, unreadable = numbers(texts)
    kept = read * column.factor
    possible = np.where(under, kept >= wanted.least, (kept >= 0) | np.isnan(kept)) & ~(kept > column.most)
    possible[unreadable] = False
    if not possible.all():
        most = column.most / column.factor
        expected = f"0 to {most:.0f} {column.unit}, <limit where it is below the detection limit, or nothing"
        told = (column.name, wanted.wrong, expected)
        reject_cells(lines, cells, np.flatnonzero(~possible).tolist(), told, tally)
    return np.where(possible & ~under, kept, np.nan), np.where(possible & under, kept, np.nan)
