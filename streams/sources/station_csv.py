"""Our own layout: one line a station-hour.

    station,hour_end,<items>[,wind_u_ms,wind_v_ms][,status][,revision][,simulated]

hour_end is the end of the averaging hour as ISO 8601 with an offset (2023-01-20T08:00+08:00, 2023-01-20T00:00Z).
Items are the columns of standards.pollutants (so2_ugm3 … pm25_ugm3, CO in mg/m3), at least one; an empty cell is
missing. wind_u_ms and wind_v_ms are eastward and northward [m/s]. status is provisional (the default) or reviewed;
revision is 0 (the default) to 30000; simulated is true or false (the default). One file may hold several of each.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS, POLLUTANTS
from streams.records import STATUSES, Block, RecordError, epoch_hour
from streams.registry import Registry
from streams.sources import Parsed
from streams.sources.cells import CODE, CONCENTRATION, FIRST_YEAR, LAST_YEAR, concentrations, numbers
from streams.sources.station_hours import layers, observation_blocks
from streams.sources.tally import UNKNOWN_HOUR, Origin, Tally, open_text, undecodable, unquoted

NAME = "station-csv"
ITEM_COLUMNS = tuple(POLLUTANTS[item].column for item in ITEMS)
WIND_COLUMNS = ("wind_u_ms", "wind_v_ms")
COLUMNS = ("station", "hour_end", *ITEM_COLUMNS, *WIND_COLUMNS, "status", "revision", "simulated")
STRONGEST_WIND_MS = 120.0
MAX_REVISION = 30_000
_HEADER = re.compile(rb'(\xef\xbb\xbf)?"?station"?,"?hour_end"?,')
_TRUTH = {"true": True, "1": True, "false": False, "0": False, "": False}
_HOUR = f"an hour's end from {FIRST_YEAR} to {LAST_YEAR} as ISO 8601 with an offset, such as 2023-01-20T08:00+08:00"

_Kind = tuple[str, int, bool]
"""Status, revision and whether simulated: what a block has one of."""


class _Row:
    """One line that can be placed."""

    __slots__ = ("cells", "hour", "kind", "position", "station")

    def __init__(self, position: str, station: str, hour: int, kind: _Kind, cells: list[str]) -> None:
        self.position, self.station, self.hour, self.kind, self.cells = position, station, hour, kind, cells


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
    header = [name.strip() for name in next(reader, [])]
    _check_header(header, tally)
    by_kind: dict[_Kind, list[_Row]] = {}
    for row in _rows(reader, header, tally):
        by_kind.setdefault(row.kind, []).append(row)
    blocks: list[Block] = []
    for (status, revision, simulated), rows in sorted(by_kind.items()):
        wind = _wind(rows, header, tally) if set(WIND_COLUMNS) <= set(header) else None
        values = np.stack([_item(rows, header, name, tally) for name in ITEM_COLUMNS])
        for grid in layers([row.station for row in rows], [row.hour for row in rows], values, wind):
            blocks += observation_blocks(
                grid, registry, tally, all_stations=all_stations, status=status, revision=revision, simulated=simulated
            )
    return tally.parsed(blocks)


def _check_header(header: list[str], tally: Tally) -> None:
    known = ", ".join(COLUMNS)
    for i, name in enumerate(header):
        if name not in COLUMNS or name in header[:i]:
            reason = "unknown column" if name not in COLUMNS else "column is repeated"
            tally.reject(f"line 1, column {i + 1}", reason, name, f"each once of {known}", rows=0)
    if not set(ITEM_COLUMNS) & set(header):
        tally.reject(
            "line 1", "no item has a column", ",".join(header), f"one or more of {', '.join(ITEM_COLUMNS)}", rows=0
        )


def _rows(reader: Iterator[list[str]], header: list[str], tally: Tally) -> Iterator[_Row]:
    """Give the lines that can be placed; the others are rejected."""
    column = {name: i for i, name in reversed(list(enumerate(header)))}
    hours: dict[str, int | str] = {}
    kinds: dict[tuple[str, ...], _Kind | tuple[str, str, str]] = {}
    for number, cells in enumerate(reader, start=2):
        if not cells:
            continue
        position = f"line {number}"
        if len(cells) != len(header):
            tally.came_in(UNKNOWN_HOUR)
            tally.reject(position, "wrong number of cells", ",".join(cells), f"{len(header)} cells")
            continue
        station, label = cells[0].strip(), cells[1].strip()
        # Labels and kinds repeat a thousand times: each is read once.
        hour = hours[label] if label in hours else hours.setdefault(label, _hour(label))
        tally.came_in(UNKNOWN_HOUR if isinstance(hour, str) else hour)
        if isinstance(hour, str):
            tally.reject(position, hour, label, _HOUR)
            continue
        told = tuple(
            cells[column[n]].strip().lower() if n in column else "" for n in ("status", "revision", "simulated")
        )
        kind = kinds[told] if told in kinds else kinds.setdefault(told, _kind(told))
        if not CODE.fullmatch(station):
            expected = "1 to 24 letters, digits, '.', '_' or '-'"
            tally.reject(f"{position}, column station", "not a station code", station, expected, hour=hour)
        elif isinstance(kind[1], str):
            name, value, expected = kind
            tally.reject(f"{position}, column {name}", f"unknown {name}", value, expected, hour=hour)
        else:
            yield _Row(position, station, hour, kind, cells)


def _hour(label: str) -> int | str:
    """Give the epoch hour of a label, or the reason why it has none."""
    try:
        moment = dt.datetime.fromisoformat(label)
        hour = epoch_hour(moment)
    except RecordError:
        return "time has no offset" if moment.tzinfo is None else "time is not on the full hour"
    except (ValueError, OverflowError):
        return "not a time"
    return hour if FIRST_YEAR <= moment.year <= LAST_YEAR else "time is out of range"


def _kind(told: tuple[str, ...]) -> _Kind | tuple[str, str, str]:
    """Give status, revision and simulated, or the column, value and expectation of the first that is wrong."""
    status, revision, simulated = told
    if status not in ("", *STATUSES):
        return "status", status, f"one of {', '.join(STATUSES)}"
    if revision and not (revision.isdecimal() and int(revision) <= MAX_REVISION):
        return "revision", revision, f"a whole number from 0 to {MAX_REVISION}"
    if simulated not in _TRUTH:
        return "simulated", simulated, "true or false"
    return status or "provisional", int(revision or 0), _TRUTH[simulated]


def _item(rows: list[_Row], header: list[str], name: str, tally: Tally) -> np.ndarray:
    if name not in header:
        return np.full(len(rows), np.nan)
    cells = [row.cells[header.index(name)] for row in rows]
    values, wrong = concentrations(cells)
    _reject_cells(rows, cells, wrong, (name, "not a concentration", CONCENTRATION), tally)
    return values


def _wind(rows: list[_Row], header: list[str], tally: Tally) -> np.ndarray:
    components = []
    for name in WIND_COLUMNS:
        cells = [row.cells[header.index(name)] for row in rows]
        values, unreadable = numbers(cells)
        wild = np.abs(values) > STRONGEST_WIND_MS
        values[wild] = np.nan
        wrong = sorted({*unreadable, *np.flatnonzero(wild).tolist()})
        expected = f"a number from -{STRONGEST_WIND_MS:g} to {STRONGEST_WIND_MS:g}, or nothing"
        _reject_cells(rows, cells, wrong, (name, "not a wind speed", expected), tally)
        components.append(values)
    return np.stack(components)


def _reject_cells(
    rows: list[_Row], cells: list[str], wrong: list[int], told: tuple[str, str, str], tally: Tally
) -> None:
    name, reason, expected = told
    for i in wrong:
        position = f"{rows[i].position}, station {rows[i].station}, column {name}"
        tally.reject(position, reason, cells[i], expected, hour=rows[i].hour, rows=0)
