"""Hourly feed by station NAME, one city a file: `Date,Hour,WatchPoint,AQI,…,O3_1h,O3_8h,SO2`.

Label h of Date is the hour ENDING at h:00 in Asia/Shanghai, label 0 being 24:00 of the day before, as in the national
files (streams.sources.stations.cnemc). Evidence: in the files of four cities of 2020-04-02 to 08, `O3_8h` equals the rounded
mean of the eight values of O3_1h up to and including its own label in 95 % of 801 complete cases of labels 14 to 23 and
0, in 2 % at labels 1 to 3 (a new day has begun), and with labels shifted by one in 7 %.

A station is found by its present or a former name within the city of the file. Which city that is, is told by the
name of the file where it is a city's, else by the names that stand in one city only (市监测站 stands in three). Cells
broken over lines are joined again; a row that the file repeats is passed on again, so that the engine counts it as a
duplicate.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from streams.registry import Registry, Station
from streams.sources import Parsed
from streams.sources.cells import CONCENTRATION, clock_hour, concentrations
from streams.sources.stations.station_hours import layers, observation_blocks
from streams.sources.tally import UNKNOWN_HOUR, Origin, Tally, open_text, undecodable

NAME = "cnemc-named"
_HEADER = re.compile(rb"(\xef\xbb\xbf)?Date,Hour,WatchPoint,")
_LABELS = ("Date", "Hour", "WatchPoint")
_ITEM_COLUMNS = {"so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3_1h", "pm10": "PM10", "pm25": "PM2.5"}
_CHECK_COLUMNS = ("AQI", "Level", "PrimaryPollution", "O3_8h")
_ROW_START = re.compile(r'[^",]+,[^",]+,[^",]+,')
"""A new row begins with three plain cells; the rest of a broken cell does not."""


@dataclass(frozen=True, slots=True)
class _Row:
    position: str
    hour: int
    station: str
    cells: tuple[str, ...]


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line."""
    return _HEADER.match(head) is not None


def parse(path: Path, registry: Registry, *, all_stations: bool, received_at: float, simulated: bool) -> Parsed:
    """Parse a file of this layout; see streams.sources for the contract.

    A name that the registry does not know is set aside even where all_stations: without a code it has no identity.
    """
    origin, text = open_text(path, NAME, received_at=received_at, simulated=simulated)
    return undecodable(origin) if text is None else parse_text(text, registry, origin)


def parse_text(text: str, registry: Registry, origin: Origin) -> Parsed:
    """Parse the text of a file of this layout."""
    tally = Tally(origin)
    records = list(_records(text))
    header = [name.strip() for name in records[0][1]] if records else []
    _check_header(header, tally)
    rows = list(_rows(records[1:], header, registry, tally))
    values = np.full((len(ITEMS), len(rows)), np.nan)
    for i, item in enumerate(ITEMS):
        if _ITEM_COLUMNS[item] in header:
            values[i] = _column(rows, header.index(_ITEM_COLUMNS[item]), item, tally)
    grids = layers([row.station for row in rows], [row.hour for row in rows], values)
    blocks = [b for grid in grids for b in observation_blocks(grid, registry, tally, all_stations=False)]
    return tally.parsed(blocks)


def _records(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give each row as its place and cells, with broken cells joined."""
    pending: list[str] = []
    first = 1
    for number, line in enumerate([*text.splitlines(), None], start=1):
        if line is None or _ROW_START.match(line):
            if any(part.strip() for part in pending):
                place = f"line {first}" if len(pending) == 1 else f"lines {first} to {number - 1}"
                yield place, next(csv.reader(["\n".join(pending)]))
            pending, first = [], number
        pending.append(line or "")


def _check_header(header: list[str], tally: Tally) -> None:
    for name in (*_LABELS, *_ITEM_COLUMNS.values()):
        if name not in header:
            tally.reject("line 1", "column is missing", ",".join(header), f"a column {name}", rows=0)
    for name in header:
        if name not in (*_LABELS, *_ITEM_COLUMNS.values(), *_CHECK_COLUMNS):
            known = ", ".join((*_LABELS, *_ITEM_COLUMNS.values(), *_CHECK_COLUMNS))
            tally.reject("line 1", "unknown column", name, f"one of {known}", rows=0)


def _rows(records: list[tuple[str, list[str]]], header: list[str], registry: Registry, tally: Tally) -> Iterator[_Row]:
    """Give the rows that can be placed; the others are rejected, unknown stations by the hour."""
    whole = [(position, cells) for position, cells in records if len(cells) == len(header)]
    city = _city(tally.origin.file, {cells[2].strip() for _, cells in whole}, registry)
    unknown: dict[int, list[str]] = {}
    for position, cells in records:
        if len(cells) != len(header):
            tally.came_in(UNKNOWN_HOUR)
            value = f"{len(cells)} cells, beginning {','.join(cells[:3])}"
            tally.reject(position, "wrong number of cells", value, f"{len(header)} cells")
            continue
        hour, name = clock_hour(cells[0], cells[1]), cells[2].strip()
        tally.came_in(UNKNOWN_HOUR if hour is None else hour)
        if hour is None:
            expected = "a day as YYYYMMDD and an hour from 0 to 23"
            tally.reject(position, "no such hour", f"{cells[0]} {cells[1]}", expected)
        elif (station := _station(city, name, registry)) is not None:
            yield _Row(position, hour, station.code, tuple(cells))
        elif registry.stations_named(name):
            expected = "a name that one station has, or a file named after its city"
            tally.reject(position, "several stations have this name", name, expected, hour=hour)
        else:
            unknown.setdefault(hour, []).append(name)
    for hour, names in sorted(unknown.items()):
        tally.reject(
            "WatchPoint", "no station of the registry has this name", ", ".join(sorted(set(names))),
            "a present or former name of a station", hour=hour, rows=len(names), set_aside=True,
        )  # fmt: skip


def _city(file: str, names: set[str], registry: Registry) -> str | None:
    """Give the city that the file is named after, else the one with most names that stand in one city only."""
    named = registry.city_named(Path(file).stem)
    if named:
        return named.code
    votes = Counter(found[0].city for name in names if len(found := registry.stations_named(name)) == 1)
    return votes.most_common(1)[0][0] if votes else None


def _station(city: str | None, name: str, registry: Registry) -> Station | None:
    found = registry.stations_named(name)
    here = registry.station_named(city, name) if city else None
    return here or (found[0] if len(found) == 1 else None)


def _column(rows: list[_Row], column: int, item: str, tally: Tally) -> np.ndarray:
    cells = [row.cells[column] for row in rows]
    values, wrong = concentrations(cells)
    for i in wrong:
        position = f"{rows[i].position}, station {rows[i].station}, {item}"
        tally.reject(position, "not a concentration", cells[i], CONCENTRATION, hour=rows[i].hour, rows=0)
    return values
