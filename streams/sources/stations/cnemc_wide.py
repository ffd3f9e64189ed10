"""National hourly files in the wide layout: `date,hour,type,<station codes>`, one line a type and hour."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from streams.registry import Registry
from streams.sources.csv_lines import header_of, lines_of, rows_of
from streams.sources.stations.cnemc import Gathering, readings
from streams.sources.tally import Tally

NAME = "cnemc-wide"
_LABELS = 3


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line."""
    return tuple(header_of(head)[:_LABELS]) == ("date", "hour", "type")


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a file of this layout; see streams.sources for the contract."""
    read(lines_of(path), registry, tally, all_stations=all_stations)


def read(lines: Iterable[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read the lines of a file of this layout."""
    rows = rows_of(lines)
    _, header = next(rows, (1, []))
    gathering = Gathering(header[_LABELS:], registry, tally, all_stations=all_stations)
    for number, cells in rows:
        position, whole = f"line {number}", len(cells) == len(header)
        if not whole:
            value = f"{len(cells)} cells" if len(cells) > 1 else cells[0]
            tally.reject(position, "wrong number of cells", value, f"{len(header)} cells", rows=0)
        place = gathering.place(position, cells[:_LABELS]) if len(cells) > _LABELS else None
        if whole and place:
            gathering.put(position, place, *readings(cells[_LABELS:]))
    gathering.close()
