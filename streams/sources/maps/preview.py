"""The first rows of a table as its map reads them, for a person to look at."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from streams.registry import Registry
from streams.sources.maps.across import turned
from streams.sources.maps.feed import table_of
from streams.sources.maps.reader import codes_by_name, placed_rows, values_of
from streams.sources.maps.spec import ColumnMap
from streams.sources.maps.units import unit_of, why_not
from streams.sources.tally import Origin, Tally


@dataclass(frozen=True, slots=True)
class Seen:
    """A row as it is read: its place, station as the table names it, its code (empty without one), epoch hour, values by item."""

    position: str
    station: str
    code: str
    hour: int
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, and what of them cannot be used: place, reason, value and what was expected."""

    rows: list[Seen]
    rejected: list[tuple[str, str, str, str]]


class _Noted(Tally):
    """Notes what is rejected, and keeps no account: only some rows are looked at."""

    def __init__(self, name: str) -> None:
        super().__init__(Origin("map", name, "", 0.0))
        self.noted: list[tuple[str, str, str, str]] = []

    def came_in(self, hour: int, rows: int = 1) -> None:
        """Count nothing."""

    def reject(self, position: str, reason: str, value: str, expected: str, **_: object) -> None:
        """Note what is rejected."""
        self.noted.append((position, reason, value[:200], expected))


def preview(path: Path, spec: ColumnMap, registry: Registry, *, count: int = 10) -> Preview:
    """Read the first rows of a table by its map. Errors: Unusable where the table is not that of the map."""
    tally = _Noted(path.name)
    table, spec = turned(table_of(path, spec), spec)
    rows = list(placed_rows(replace(table, rows=itertools.islice(table.rows, count)), spec, tally))
    codes = codes_by_name([row.station for _, row in rows], spec, registry) if rows else {}
    seen = []
    for places, row in rows:
        values = {}
        for item, column, unit in _cells(row.cells, places.of, spec):
            read, wrong = (
                (np.array([np.nan]), [0])
                if why_not(unit, item)
                else values_of([row.cells[places.of[column]]], np.array([row.hour]), item, unit_of(unit), spec)
            )
            values[item] = float(read[0])
            if wrong:
                tally.reject(f"{row.position}, {item}", "not read", row.cells[places.of[column]], unit, rows=0)
        seen.append(Seen(row.position, row.station, codes[row.station][0] or "", row.hour, values))
    return Preview(seen, tally.noted)


def _cells(cells: list[str], at: dict, spec: ColumnMap) -> list[tuple[str, object, str]]:
    """Give item, column and unit of each cell of a row that holds an item."""
    if spec.long is None:
        return [(item, each.column, each.unit) for item, each in spec.items.items() if each.column in at]
    item = spec.long.items.get(cells[at[spec.long.item]])
    if item is None:
        return []
    unit = spec.long.units[item] if spec.long.unit_column is None else cells[at[spec.long.unit_column]]
    return [(item, spec.long.value, unit)]
