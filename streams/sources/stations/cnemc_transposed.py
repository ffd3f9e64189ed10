"""National hourly files in the transposed layout: three header lines (date, hour, type), then one line a station.

A line of days that stands again begins another table, with its own hours and types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from streams.registry import Registry
from streams.sources.csv_lines import cells_of, header_of, lines_of
from streams.sources.headers import MARK, Rows, numbered, parts
from streams.sources.stations.cnemc import ITEM_OF_TYPE, Gathering, readings
from streams.sources.tally import UNKNOWN_HOUR, Tally, Unusable

NAME = "cnemc-transposed"
_LABELS = ("date", "hour", "type")
_BROKEN = "broken header"
_DIGIT = re.compile(r"[0-9]")
_DAYS = re.compile(r'"?date"?\s*,\s*"?[0-9]{8}"?\s*(?=,|$)')
"""How a line of days begins."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line: the word date, then days."""
    header = [*header_of(head)[:2], "", ""]
    return header[0] == "date" and bool(_DIGIT.search(header[1]))


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a file of this layout; see streams.sources for the contract."""
    read(lines_of(path), registry, tally, all_stations=all_stations)


def read(lines: Iterable[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read the lines of a file of this layout.

    A station whose line has the wrong number of cells is lost for the whole file, at one row of an unknown hour:
    which cell belongs to which hour can no longer be told.
    """
    rows = ((number, cells) for number, line in numbered(lines, _cut) if any(cells := cells_of(line)))
    for count, section in enumerate(parts(rows, _heads)):
        try:
            _read_table([section.header, *_two(section.rows)], section.rows, registry, tally, all_stations=all_stations)
        except Unusable as problem:
            if not count or problem.reason != _BROKEN:
                raise
            lost = 1 + sum(1 for _ in section.rows)
            tally.came_in(UNKNOWN_HOUR, lost)
            position = f"line {section.number} and what stands below"
            tally.reject(position, problem.reason, problem.value, problem.expected, rows=lost)


def _cut(line: str) -> list[str]:
    found = _DAYS.search(line)
    at = found.start() if found else 0
    return [line[:at].rstrip(MARK), line[at:]] if line[:at].strip(MARK) else [line]


def _heads(cells: list[str]) -> bool:
    return cells[0].endswith(_LABELS[0]) and len(cells) > 1 and bool(_DIGIT.search(cells[1]))


def _two(rows: Rows) -> list[list[str]]:
    return [next(rows, (0, [""]))[1] for _ in _LABELS[1:]]


def _read_table(labels: list[list[str]], rows: Rows, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    names = ("".join(labels[0][:1])[-len(_LABELS[0]) :], *(line[0] for line in labels[1:]))
    if names != _LABELS or len({len(line) for line in labels}) != 1:
        found = ", ".join(f"{name!r} with {len(line)} cells" for name, line in zip(names, labels, strict=True))
        raise Unusable("lines 1 to 3", _BROKEN, found, "lines date, hour, type with equally many cells")
    wanted = [j for j, kind in enumerate(labels[2]) if kind in ITEM_OF_TYPE]
    hours = len(set(zip(*labels[:2], strict=True))) - 1
    stations = list(_stations(rows, len(labels[0]), wanted, hours, tally))
    values = np.array([line for _, line, _ in stations]).reshape(len(stations), len(wanted))
    gathering = Gathering([name for name, _, _ in stations], registry, tally, all_stations=all_stations)
    column_of = {j: k for k, j in enumerate(wanted)}
    for j in range(1, len(labels[0])):
        position = f"column {j + 1}"
        place = gathering.place(position, [label[j] for label in labels])
        if place:
            k = column_of[j]
            wrong = {i: cells[k] for i, (_, _, cells) in enumerate(stations) if k in cells}
            gathering.put(position, place, values[:, k], wrong)
    gathering.close()


def _stations(
    rows: Rows, width: int, wanted: list[int], hours: int, tally: Tally
) -> Iterator[tuple[str, np.ndarray, dict[int, str]]]:
    """Give code, values and wrong cells of the wanted columns, for the stations that have the right number of cells."""
    for count, (number, cells) in enumerate(rows, start=1):
        tally.require_room(count * hours)
        if len(cells) == width:
            yield cells[0], *readings([cells[j] for j in wanted])
            continue
        tally.came_in(UNKNOWN_HOUR)
        value = f"{len(cells)} cells, beginning {','.join(cells[:3])}"
        tally.reject(f"line {number}", "wrong number of cells", value, f"{width} cells")
