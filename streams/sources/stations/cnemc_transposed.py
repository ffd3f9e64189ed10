"""National hourly files in the transposed layout: three header lines (date, hour, type), then one line a station."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from streams.registry import Registry
from streams.sources import Parsed
from streams.sources.stations.cnemc import Gathering
from streams.sources.tally import UNKNOWN_HOUR, Origin, Tally, open_text, undecodable, unquoted

NAME = "cnemc-transposed"
_HEADER = re.compile(rb'(\xef\xbb\xbf)?"?date"?,[^,\n]*\d')
_LABELS = ("date", "hour", "type")


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line: the word date, then days."""
    return _HEADER.match(head) is not None


def parse(path: Path, registry: Registry, *, all_stations: bool, received_at: float, simulated: bool) -> Parsed:
    """Parse a file of this layout; see streams.sources for the contract."""
    origin, text = open_text(path, NAME, received_at=received_at, simulated=simulated)
    return undecodable(origin) if text is None else parse_text(text, registry, origin, all_stations=all_stations)


def parse_text(text: str, registry: Registry, origin: Origin, *, all_stations: bool = False) -> Parsed:
    """Parse the text of a file of this layout.

    A station whose line has the wrong number of cells is lost for the whole file, at one row of an unknown hour:
    which cell belongs to which hour can no longer be told.
    """
    tally = Tally(origin)
    reader = csv.reader(io.StringIO(unquoted(text), newline=""), quoting=csv.QUOTE_NONE)
    labels = [next(reader, []) for _ in _LABELS]
    names = tuple(line[0].strip() if line else "" for line in labels)
    if names != _LABELS or len({len(line) for line in labels}) != 1:
        tally.came_in(UNKNOWN_HOUR)
        found = ", ".join(f"{name!r} with {len(line)} cells" for name, line in zip(names, labels, strict=True))
        tally.reject("lines 1 to 3", "broken header", found, "lines date, hour, type with equally many cells")
        return tally.parsed([])
    stations = _stations(reader, len(labels[0]), tally)
    gathering = Gathering([line[0] for line in stations], tally)
    for j in range(1, len(labels[0])):
        gathering.add(f"column {j + 1}", (labels[0][j], labels[1][j], labels[2][j]), [line[j] for line in stations])
    return tally.parsed(gathering.blocks(registry, all_stations=all_stations))


def _stations(reader: csv.reader, width: int, tally: Tally) -> list[list[str]]:  # type: ignore[valid-type]
    """Give the lines of the stations that have the right number of cells."""
    stations = []
    for cells in reader:
        if len(cells) == width:
            stations.append(cells)
        elif cells:
            tally.came_in(UNKNOWN_HOUR)
            value = f"{len(cells)} cells, beginning {','.join(cells[:3])}"
            tally.reject(f"line {reader.line_num}", "wrong number of cells", value, f"{width} cells")
    return stations
