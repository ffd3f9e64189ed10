"""Tables that belong to a mechanism: which species stand for compounds, which rates of photolysis stand for its own."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Mapping
from pathlib import Path

from research.chemistry.sunlight import NO_LIGHT
from research.ozone.compounds import Part
from research.ozone.errors import OzoneError
from standards.voc.species import coefficients, species_named

OF_LUMPING, OF_LIGHT = ("compound", "species", "factor"), ("name", "table", "factor")
"""Columns of both."""


def parts_from(
    file: Path, koh: Mapping[str, float], species: Collection[str], *, lenient: bool = False
) -> dict[str, tuple[Part, ...]]:
    """Read which species stand for compounds.

    file: CSV compound, species, factor [ppb/ppb]; a compound may stand in several rows. An empty factor is the ratio of the rate
    constants with OH, so that the reactivity is kept. koh: rate constants of the mechanism [cm3/molecule/s]. species: of the
    mechanism. lenient: a compound of which the mechanism lacks a species is passed over, else refused.
    Errors: OzoneError that names file and line: an unknown compound or species, one pair twice, a factor that is none.
    """
    found: dict[str, dict[str, Part]] = {}
    lacking = set()
    for line, (compound, name, factor) in _rows(file, OF_LUMPING):
        where = _where(file, line)
        try:
            known = species_named(compound).name_en
        except ValueError as error:
            raise OzoneError(f"{where}: {error}") from error
        if name not in species:
            if not lenient:
                raise OzoneError(
                    f"{where}: {name!r} is no species of the mechanism, expected one of its {len(species)}"
                )
            lacking.add(known)
            continue
        if name in found.setdefault(known, {}):
            raise OzoneError(f"{where}: {known} has {name} twice, expected each pair once")
        found[known][name] = Part(name, _factor(factor, where) if factor else _by_reactivity(known, name, koh, where))
    return {name: tuple(parts.values()) for name, parts in found.items() if name not in lacking}


def light_from(file: Path, wanted: Collection[str], known: Collection[str]) -> dict[str, tuple[str, float]]:
    """Read which rates of the shipped tables stand for those of a mechanism.

    file: CSV name, table, factor (empty: 1); `none` in the place of a table's name is no light at all. wanted: names that the
    mechanism has. known: names that the tables have.
    Errors: OzoneError that names file and line for a name that is in neither, or stands twice.
    """
    found: dict[str, tuple[str, float]] = {}
    for line, (name, there, factor) in _rows(file, OF_LIGHT):
        where = _where(file, line)
        if name not in wanted or name in found:
            raise OzoneError(
                f"{where}: rate is {name!r}, expected those of the mechanism, each once: {', '.join(wanted)}"
            )
        if there == NO_LIGHT:
            found[name] = (NO_LIGHT, 0.0)
            continue
        if there not in known:
            raise OzoneError(f"{where}: the table is {there!r}, expected {NO_LIGHT} or one of {', '.join(known)}")
        found[name] = (there, _factor(factor, where) if factor else 1.0)
    return found


def _rows(file: Path, columns: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    """Give the cells of each row with its line; comments begin with #."""
    try:
        told = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise OzoneError(f"{file.name}: no UTF-8, expected text") from error
    lines = [(n, text) for n, text in enumerate(told, 1) if text.strip() and not text.startswith("#")]
    rows = [(n, [cell.strip() for cell in next(csv.reader([text]))]) for n, text in lines]
    header = rows[0][1] if rows else []
    if tuple(header) != columns or len(rows) < 2:
        raise OzoneError(
            f"{file.name}: columns are {', '.join(header) or 'none'}, expected {', '.join(columns)}, and rows"
        )
    for n, row in rows[1:]:
        if len(row) != len(columns):
            raise OzoneError(f"{_where(file, n)}: {len(row)} cells, expected {len(columns)}")
    return rows[1:]


def _where(file: Path, line: int) -> str:
    return f"{file.name}, line {line}"


def _factor(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        raise OzoneError(f"{where}: factor is {text}, expected a number above 0")
    return value


def _by_reactivity(compound: str, species: str, koh: Mapping[str, float], where: str) -> float:
    own = float(coefficients("koh", [compound])[0]) * 1e-12
    if not own > 0.0 or not koh.get(species, 0.0) > 0.0:
        raise OzoneError(f"{where}: {compound} and {species} have no rate constants with OH both, expected a factor")
    return own / koh[species]
