"""Our own layout: one line a station-hour.

    station,hour_end,<items>[,wind_u_ms,wind_v_ms][,status][,revision][,simulated][,released_at]

hour_end is the end of the averaging hour as ISO 8601 with an offset (2023-01-20T08:00+08:00, 2023-01-20T00:00Z).
Items are the columns of standards.pollutants (so2_ugm3 … pm25_ugm3, CO in mg/m3), at least one; an empty cell is
missing. wind_u_ms and wind_v_ms are eastward and northward [m/s]. status is provisional (the default) or reviewed;
revision is 0 (the default) to 30000; simulated is true or false (the default); released_at is when the source published or sent
the row, as ISO 8601 with an offset, by default when the file was written. One file may hold several of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS, POLLUTANTS
from streams.registry import Registry
from streams.sources.cells import CONCENTRATION, concentrations, numbers
from streams.sources.csv_lines import header_of, lines_of
from streams.sources.headers import sections
from streams.sources.stations.station_hours import cut_rows, pass_on_observations
from streams.sources.stations.station_lines import (
    HEADING,
    KIND_COLUMNS,
    PLACE_COLUMNS,
    RELEASE_COLUMN,
    Gathered,
    StationLine,
    reject_all,
    reject_cells,
    station_lines,
    told_of,
)
from streams.sources.tally import Tally

NAME = "station-csv"
ITEM_COLUMNS = tuple(POLLUTANTS[item].column for item in ITEMS)
WIND_COLUMNS = ("wind_u_ms", "wind_v_ms")
COLUMNS = (*PLACE_COLUMNS, *ITEM_COLUMNS, *WIND_COLUMNS, *KIND_COLUMNS)
_ITEMS_EXPECTED = f"one or more of {', '.join(ITEM_COLUMNS)}"
STRONGEST_WIND_MS = 120.0


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line."""
    return tuple(header_of(head)[: len(PLACE_COLUMNS)]) == PLACE_COLUMNS


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a file of this layout; see streams.sources for the contract."""
    read(lines_of(path), registry, tally, all_stations=all_stations)


def read(lines: Iterable[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read the lines of a file of this layout."""
    gathered, seen = Gathered(), set()
    for section in sections(lines, HEADING):
        header, placed = section.header, station_lines(section.rows, section.header, tally)
        if tuple(header) not in seen:
            _check_header(header, section.number, tally)
        seen.add(tuple(header))
        if not set(ITEM_COLUMNS) & set(header):  # rows that say nothing would withdraw what was said before
            reject_all(placed, section.number, header, ("no item has a column", _ITEMS_EXPECTED), tally)
            continue
        items = tuple(item for item, column in zip(ITEMS, ITEM_COLUMNS, strict=True) if column in header)
        has_wind = set(WIND_COLUMNS) <= set(header)
        gathered.add(placed, (items, has_wind), partial(_values, header=header, tally=tally))
    for kind, (items, _), hour_rows in gathered.tables():
        numbers = hour_rows.lines  # before they are let go of with the columns
        grids = cut_rows(
            hour_rows.stations, *hour_rows.columns(), registry, tally, all_stations=all_stations, lines=numbers
        )
        pass_on_observations(grids, tally, **told_of(kind), items=items)


def _check_header(header: list[str], number: int, tally: Tally) -> None:
    known = (*COLUMNS, RELEASE_COLUMN)
    for i, name in enumerate(header):
        if name not in known or name in header[:i]:
            reason = "unknown column" if name not in known else "column is repeated"
            tally.reject(f"line {number}, column {i + 1}", reason, name, f"each once of {', '.join(known)}", rows=0)


def _values(rows: list[StationLine], header: list[str], tally: Tally) -> np.ndarray:
    """Read the cells of some lines: the six items, and the wind where the file has both components; float (item, line)."""
    values = [_item(rows, header, name, tally) for name in ITEM_COLUMNS]
    return np.stack([*values, *_wind(rows, header, tally)] if set(WIND_COLUMNS) <= set(header) else values)


def _item(rows: list[StationLine], header: list[str], name: str, tally: Tally) -> np.ndarray:
    if name not in header:
        return np.full(len(rows), np.nan)
    cells = [row.cells[header.index(name)] for row in rows]
    values, wrong = concentrations(cells)
    reject_cells(rows, cells, wrong, (name, "not a concentration", CONCENTRATION), tally)
    return values


def _wind(rows: list[StationLine], header: list[str], tally: Tally) -> list[np.ndarray]:
    components = []
    for name in WIND_COLUMNS:
        cells = [row.cells[header.index(name)] for row in rows]
        values, unreadable = numbers(cells)
        wild = np.abs(values) > STRONGEST_WIND_MS
        values[wild] = np.nan
        wrong = sorted({*unreadable, *np.flatnonzero(wild).tolist()})
        expected = f"a number from -{STRONGEST_WIND_MS:g} to {STRONGEST_WIND_MS:g}, or nothing"
        reject_cells(rows, cells, wrong, (name, "not a wind speed", expected), tally)
        components.append(values)
    return components
