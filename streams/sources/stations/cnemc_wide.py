"""National hourly files in the wide layout: `date,hour,type,<station codes>`, one line a type and hour."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from streams.registry import Registry
from streams.sources import Parsed
from streams.sources.stations.cnemc import Gathering
from streams.sources.tally import Origin, Tally, open_text, undecodable, unquoted

NAME = "cnemc-wide"
_HEADER = re.compile(rb'(\xef\xbb\xbf)?"?date"?,"?hour"?,"?type\b')
_LABELS = 3


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line."""
    return _HEADER.match(head) is not None


def parse(path: Path, registry: Registry, *, all_stations: bool, received_at: float, simulated: bool) -> Parsed:
    """Parse a file of this layout; see streams.sources for the contract."""
    origin, text = open_text(path, NAME, received_at=received_at, simulated=simulated)
    return undecodable(origin) if text is None else parse_text(text, registry, origin, all_stations=all_stations)


def parse_text(text: str, registry: Registry, origin: Origin, *, all_stations: bool = False) -> Parsed:
    """Parse the text of a file of this layout."""
    tally = Tally(origin)
    reader = csv.reader(io.StringIO(unquoted(text), newline=""), quoting=csv.QUOTE_NONE)
    header = next(reader, [])
    gathering = Gathering(header[_LABELS:], tally)
    for cells in reader:
        position = f"line {reader.line_num}"
        if len(cells) == len(header):
            gathering.add(position, (cells[0], cells[1], cells[2]), cells[_LABELS:])
        elif cells:
            tally.reject(position, "wrong number of cells", f"{len(cells)} cells", f"{len(header)} cells", rows=0)
            if len(cells) > _LABELS:
                gathering.add(position, (cells[0], cells[1], cells[2]), None)
    return tally.parsed(gathering.blocks(registry, all_stations=all_stations))
