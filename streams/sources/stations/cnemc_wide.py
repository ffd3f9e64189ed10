"""National hourly files in the wide layout: `date,hour,type,<station codes>`, one line a type and hour.

A header that stands again names the stations from there on. Lines below headers of the same stations are of one table, in whatever
order each header names them; those below a header of other stations are read as a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from streams.registry import Registry
from streams.sources.cells import CODE
from streams.sources.csv_lines import header_of, lines_of
from streams.sources.headers import Heading, Section, sections
from streams.sources.stations.cnemc import Gathering, readings
from streams.sources.tally import Tally

NAME = "cnemc-wide"
HEADING = Heading(("date", "hour", "type"))
_LABELS = len(HEADING.labels)


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line; where no column has a code but all have names, a map must say whose they are."""
    header = header_of(head)
    stations = [name for name in header[_LABELS:] if name]
    return tuple(header[:_LABELS]) == HEADING.labels and (not stations or any(map(CODE.fullmatch, stations)))


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a file of this layout; see streams.sources for the contract."""
    read(lines_of(path), registry, tally, all_stations=all_stations)


def read(lines: Iterable[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read the lines of a file of this layout."""
    tables: dict[tuple[str, ...], Gathering] = {}
    for section in sections(lines, HEADING):
        stations = section.header[_LABELS:]
        alike = tuple(sorted(stations)) if len(set(stations)) == len(stations) else tuple(stations)
        if alike not in tables:
            tables[alike] = Gathering(stations, registry, tally, all_stations=all_stations)
        _read_section(section, tables[alike], tally)
        tally.require_room(sum(table.rows for table in tables.values()))
    for table in tables.values():
        table.close()


def _read_section(section: Section, gathering: Gathering, tally: Tally) -> None:
    order = _order(section.header[_LABELS:], gathering.stations)
    place_of = None if order is None else np.argsort(order)
    for number, cells in section.rows:
        position, whole = f"line {number}", len(cells) == len(section.header)
        if not whole:
            value = f"{len(cells)} cells" if len(cells) > 1 else cells[0]
            tally.reject(position, "wrong number of cells", value, f"{len(section.header)} cells", rows=0)
        place = gathering.place(position, cells[:_LABELS]) if len(cells) > _LABELS else None
        if whole and place:
            values, wrong = readings(cells[_LABELS:])
            if order is not None:
                values, wrong = values[order], {int(place_of[i]): cell for i, cell in wrong.items()}
            gathering.put(position, place, values, wrong)


def _order(stations: Sequence[str], first: Sequence[str]) -> np.ndarray | None:
    """Give where each station of the table's first header stands in this one, int (station,); None where all stand alike."""
    if list(stations) == list(first):
        return None
    places = {name: i for i, name in enumerate(stations)}
    return np.array([places[name] for name in first])
