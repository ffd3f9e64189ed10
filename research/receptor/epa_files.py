"""What EPA PMF 5 reads and writes, read: concentrations with uncertainties, profiles, contributions, sums of runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research.receptor.refusals import ReceptorError
from research.receptor.sheets import moment_of, rows_of_file
from research.receptor.table import Lines, Table, table_of
from research.receptor.uncertainty import epa_uncertainty, own_uncertainty

MISSING = -999.0
"""How EPA PMF 5 writes what is missing or left out."""
_GAPS = {"", "na", "nan", "n/a", "null", "-", "--"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of values: its name, times (sample,) datetime64[m], species, values (sample, species), NaN where missing, units.

    lines: in which each sample stands, from 1.
    """

    name: str
    times: np.ndarray
    species: tuple[str, ...]
    values: np.ndarray
    units: tuple[str, ...]
    lines: tuple[int, ...]


def read_epa(
    concentrations: Path, uncertainties: Path, *, formula: str | None = None, **options: object
) -> Table:  # fmt: skip
    """Read a pair of files as EPA PMF 5 takes them, CSV or xlsx: a time, then a column for each species.

    uncertainties: of each sample; or, as EPA's second form, two rows "MDL" (or "LOD") and "Error fraction" (a share, or % above
    1), from which EPA's formula makes them, or formula in its place (research.receptor.uncertainty). A second line of units is
    known as one. A column in front of the time is taken as the site, which has to be one and the same. options: as table_of.
    Missing: -999, an empty cell, NA or NaN. Errors: ReceptorError names file, line and column; those of table_of.
    """
    con = read_sheet(concentrations)
    limits, unc = _limits(uncertainties, con), None
    if limits is not None:
        u = epa_uncertainty(con.values, *limits) if formula is None else own_uncertainty(formula, con.values, *limits)
    else:
        unc = read_sheet(uncertainties)
        u = _like(con, unc) if formula is None else own_uncertainty(formula, con.values, _like(con, unc), np.nan)
    kinds = {unit for unit in con.units if unit}
    given = {"unit": kinds.pop() if len(kinds) == 1 else "", "source": con.name, **options,
             "lines": Lines(con.name, con.lines), "uncertainty_lines": unc and Lines(unc.name, unc.lines)}  # fmt: skip
    return table_of(con.species, con.times, con.values, u, **given)


def read_sheet(path: Path) -> Sheet:
    """Read a file of times and species. Errors: ReceptorError, as read_epa."""
    rows = rows_of_file(path)
    first = next((n for n, row in enumerate(rows) if any(row)), None)
    if first is None:
        raise ReceptorError(f"{path.name} is empty, expected a line of species and a line for each sample")
    body = [(n + 1, row) for n, row in enumerate(rows) if n > first and any(row)]
    site = _site_column(path, body)
    head = _trimmed(rows[first])
    species, units = tuple(head[site + 1 :]), ("",) * (len(head) - site - 1)
    if not species or "" in species:
        raise ReceptorError(f"{path.name}: line {first + 1} names {len([s for s in species if s])} species in {len(species)} "
                            f"columns, expected a name above each")  # fmt: skip
    if body and moment_of(body[0][1][site]) is None and not any(map(_number, body[0][1][site + 1 :])):
        cells = body.pop(0)[1][site + 1 :]
        units = tuple((cells + [""] * len(species))[: len(species)])
    times, values = [], np.full((len(body), len(species)), np.nan)
    for i, (line, row) in enumerate(body):
        moment = moment_of(row[site]) if len(row) > site else None
        if moment is None:
            begins = row[site] if len(row) > site else ""
            raise ReceptorError(f"{path.name}: line {line} begins with {begins!r}, expected a time such as 2026-06-01 08:00 or "
                                f"6/1/2026 8:00")  # fmt: skip
        times.append(moment)
        told = row[site + 1 :]
        cells = _trimmed(told) if any(told[len(species) :]) else told[: len(species)]
        if len(cells) != len(species):  # the rest of a line that was cut is not missing: it was measured
            raise ReceptorError(f"{path.name}: line {line} has {len(cells)} values, expected {len(species)}")
        for j, cell in enumerate(cells):
            values[i, j] = _value(path.name, line, species[j], cell)
    if not times:
        raise ReceptorError(f"{path.name} has no samples, expected a line for each")
    return Sheet(path.name, np.array(times, dtype="datetime64[m]"), species, values, units,
                 tuple(line for line, _ in body))  # fmt: skip


def read_profiles(path: Path) -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...]]:
    """Read EPA's file of profiles: species, the profiles of the base run (factor, species) in concentrations, names of factors."""
    names, labels, values = _factor_rows(path, "conc. of species", lambda cell: cell)
    return tuple(labels), values.T, names


def read_contributions(path: Path) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read EPA's file of contributions: times datetime64[m], contributions (sample, factor) of mean 1, names of factors.

    Missing: NaN in samples that were left out (-999).
    """
    names, labels, values = _factor_rows(path, "avg = 1", moment_of)
    return np.array(labels, dtype="datetime64[m]"), np.where(values <= MISSING, np.nan, values), names


def read_run_sums(path: Path) -> dict[int, tuple[float, float, float]]:
    """Read EPA's file of diagnostics: by the number of a run Q(robust), Q(true) and Q(true) over Q(expected)."""
    rows = rows_of_file(path)
    start = next(
        (n for n, row in enumerate(rows) if row and row[0].startswith("Run #") and "Q(Robust)" in row[1:2]), None
    )
    if start is None:
        raise ReceptorError(f"{path.name} has no table of runs, expected a line Run #, Q(Robust), Q(True)")
    found = {}
    for row in rows[start + 1 :]:
        if not row or not row[0].isdigit():
            break
        found[int(row[0])] = tuple(float(row[at]) for at in (1, 2, -1))
    return found


def _factor_rows(path: Path, block: str, label: Callable[[str], object]) -> tuple[tuple[str, ...], list, np.ndarray]:
    rows = rows_of_file(path)
    start = next((n for n, row in enumerate(rows) if row and block in row[0]), None)
    head = None if start is None else next((n for n in range(start + 1, len(rows)) if any(rows[n])), None)
    if head is None:
        raise ReceptorError(f"{path.name} has no block {block!r}, expected one as EPA PMF 5 writes it")
    names = tuple(each for each in rows[head] if each)
    labels, values = [], []
    for n in range(head + 1, len(rows)):
        row = rows[n]
        if not any(row):
            break
        try:
            values.append([float(each) for each in row[2 : 2 + len(names)]])
        except ValueError as error:
            raise ReceptorError(f"{path.name}: line {n + 1} holds what is no number ({error})") from error
        labels.append(label(row[1]))
        if labels[-1] is None or len(values[-1]) != len(names):
            raise ReceptorError(f"{path.name}: line {n + 1} is {row[:3]}, expected a label and {len(names)} numbers")
    return names, labels, np.array(values, dtype=np.float64).reshape(len(labels), len(names))


def _limits(path: Path, con: Sheet) -> tuple[np.ndarray, np.ndarray] | None:
    """Give detection limits and error fractions of the species where a file has these, None where it has samples."""
    rows = [row for row in rows_of_file(path) if any(row)]
    named = {}
    for row in rows[1:4]:
        key = row[0].strip().casefold()
        if key in ("mdl", "lod", "dl", "检出限"):
            named["limit"] = row
        elif key.startswith(("error fraction", "ef", "误差")):
            named["fraction"] = row
    if not named:
        return None
    if len(named) < 2:
        raise ReceptorError(f"{path.name} has detection limits or error fractions alone, expected a row of each")
    head = _trimmed(rows[0])[1:]
    held = {key: _by_species(path.name, key, head, row[1:], con.species) for key, row in named.items()}
    fraction = held["fraction"]
    return held["limit"], np.where(fraction > 1.0, fraction / 100.0, fraction)


def _by_species(name: str, key: str, head: Sequence[str], row: Sequence[str], species: Sequence[str]) -> np.ndarray:
    given: Mapping[str, str] = dict(zip(head, row, strict=False))
    if without := [each for each in species if each not in given]:
        raise ReceptorError(f"{name} has no {key} of {without[0]!r}, expected one of each species")
    return np.array([_value(name, 0, each, given[each]) for each in species])


def _like(con: Sheet, unc: Sheet) -> np.ndarray:
    """Give the values of uncertainties in the order of the concentrations' species; refuse other species or times."""
    if set(con.species) != set(unc.species):
        odd = sorted(set(con.species) ^ set(unc.species))
        raise ReceptorError(f"{unc.name} has not the species of {con.name}: {', '.join(odd[:5])} in one of them alone")
    if con.times.size != unc.times.size or (con.times != unc.times).any():
        row = next((n for n in range(min(con.times.size, unc.times.size)) if con.times[n] != unc.times[n]), None)
        what = (
            f"{unc.times.size} samples, not {con.times.size}"
            if row is None
            else f"another time in line {unc.lines[row]}"
        )
        raise ReceptorError(f"{unc.name} has {what}, expected the times of {con.name}")
    return unc.values[:, [unc.species.index(each) for each in con.species]]


def _site_column(path: Path, body: list[tuple[int, list[str]]]) -> int:
    """Give the place of the time: 0, or 1 behind a column of the site."""
    lines = [
        (line, row)
        for line, row in body
        if len(row) > 1 and moment_of(row[0]) is None and moment_of(row[1]) is not None
    ]
    if len(lines) < 2:
        return 0
    if len(sites := {row[0] for _, row in lines}) > 1:
        raise ReceptorError(f"{path.name} holds {len(sites)} sites ({', '.join(sorted(sites)[:3])}), expected one")
    return 1


def _value(name: str, line: int, species: str, cell: str) -> float:
    if cell.casefold() in _GAPS:
        return np.nan
    try:
        found = float(cell.replace(" ", ""))
    except ValueError:
        place = f"line {line}, " if line else ""
        raise ReceptorError(
            f"{name}: {place}{species} is {cell!r}, expected a number, or -999 where it is missing"
        ) from None
    return np.nan if found <= MISSING else found


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _trimmed(row: Sequence[str]) -> list[str]:
    cells = list(row)
    while cells and not cells[-1]:
        cells.pop()
    return cells
