"""Factors of a receptor model from two tables: profiles by compound, contributions by hour."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from research.ozone.errors import OzoneError
from research.ozone.groups import Factors, factors_of
from research.ozone.in_file import TIME, compound_of, hour_of
from standards.days import UTC_OFFSET_HOURS
from streams.sources.stations.voc_columns import is_compound

COMPOUND = "compound"


def factors_from_files(
    profiles: str | Path, contributions: str | Path, *, utc_offset_h: float = UTC_OFFSET_HOURS
) -> Factors:
    """Read factors.

    profiles: CSV with the column `compound` and one for each factor; a row for each compound, as toluene_ppb or toluene_ugm3, with
    what a contribution of 1 adds in that unit. contributions: CSV with `hour_end` and a column for each factor. utc_offset_h: of
    times that name no offset. Compounds that the VOC list does not have are refused, other species of a receptor model (NO2, CO)
    are to be left out.
    Missing: an empty cell of a contribution is a gap; of a profile it is 0.
    Errors: OzoneError that names file and line: factors that differ, cells that are no numbers, unknown compounds, no rows.
    """
    names, shares, lines = _table(Path(profiles), COMPOUND)
    others, amounts, hours = _table(Path(contributions), TIME)
    if names != others:
        raise OzoneError(f"factors are {', '.join(names)} and {', '.join(others)}, expected the same in both files")
    file = Path(profiles).name
    compounds, unit = zip(*(_compound(cell, f"{file}, line {n}") for n, cell in lines), strict=True)
    ends = np.array(
        [hour_of(cell, utc_offset_h, f"{Path(contributions).name}, line {n}, column {TIME}") for n, cell in hours]
    )
    order = np.argsort(ends)
    profile = np.nan_to_num(shares).T * np.array(unit)
    return factors_of(names, compounds, profile, amounts.T[:, order], ends[order])


def _table(file: Path, first: str) -> tuple[tuple[str, ...], np.ndarray, list[tuple[int, str]]]:
    """Give the names of factors, the numbers (row, factor), and the first cell of each row with its line."""
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    except UnicodeDecodeError as error:
        raise OzoneError(f"{file.name}: no UTF-8, expected text") from error
    header = [cell.strip() for cell in rows[0]] if rows else []
    if len(header) < 2 or header[0].casefold() != first:
        raise OzoneError(
            f"{file.name}: columns are {', '.join(header) or 'none'}, expected {first} and one for each factor"
        )
    body = [(n, row) for n, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    if not body:
        raise OzoneError(f"{file.name}: there are no rows, expected some")
    values = np.array([_numbers(row[1:], len(header) - 1, f"{file.name}, line {n}") for n, row in body])
    return tuple(header[1:]), values, [(n, row[0].strip()) for n, row in body]


def _numbers(cells: Sequence[str], count: int, where: str) -> list[float]:
    if len(cells) != count:
        raise OzoneError(f"{where}: {len(cells)} factors, expected {count}")
    try:
        found = [float(cell) if cell.strip() else np.nan for cell in cells]
    except ValueError as error:
        raise OzoneError(f"{where} is {', '.join(cells)}, expected numbers") from error
    if np.isinf(found).any():
        raise OzoneError(f"{where} is {', '.join(cells)}, expected numbers that end")
    return found


def _compound(cell: str, where: str) -> tuple[str, float]:
    """Give the English name of a compound, and what its unit is in ppb."""
    if not is_compound(cell):
        raise OzoneError(f"{where} is {cell!r}, expected a compound with its unit, such as toluene_ppb or toluene_ugm3")
    return compound_of(cell)
