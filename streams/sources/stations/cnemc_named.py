"""Hourly feed by station NAME, one city a file: `Date,Hour,WatchPoint,AQI,…,O3_1h,O3_8h,SO2`.

Label h of Date is the hour ENDING at h:00 in Asia/Shanghai, label 0 being 24:00 of the day before, as in the national
files (streams.sources.stations.cnemc). Evidence: in the files of four cities of 2020-04-02 to 08, `O3_8h` equals the rounded
mean of the eight values of O3_1h up to and including its own label in 95 % of 801 complete cases of labels 14 to 23 and
0, in 2 % at labels 1 to 3 (a new day has begun), and with labels shifted by one in 7 %.

A station is found by its present or a former name within the city of the file. Which city that is, is told by the
name of the file where it is a city's, else by the names that stand in one city only (市监测站 stands in three). A cell that is
broken over lines is joined again while its quotation mark is open, up to the line that begins a new row; every other line is a
row of its own, so that a stray one spoils nothing. A row that the file repeats is passed on again, so that the engine counts it
as a duplicate.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from streams.registry import Registry, Station
from streams.sources.cells import CONCENTRATION, clock_hour, concentrations
from streams.sources.csv_lines import cells_of, header_of, lines_of
from streams.sources.stations.station_hours import HourRows, by_hour, cut_rows, number_in, pass_on_observations
from streams.sources.tally import UNKNOWN_HOUR, Tally

NAME = "cnemc-named"
_LABELS = ("Date", "Hour", "WatchPoint")
_ITEM_COLUMNS = {"so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3_1h", "pm10": "PM10", "pm25": "PM2.5"}
_CHECK_COLUMNS = ("AQI", "Level", "PrimaryPollution", "O3_8h")
_ROW_START = re.compile(r'[^",]+,[^",]+,[^",]+,')
"""A new row begins with three plain cells; the rest of a broken cell does not."""
_CHUNK = 2_000
"""Rows that are held as text at a time."""


@dataclass(frozen=True, slots=True)
class _Row:
    position: str
    hour: int
    name: str
    cells: Sequence[str]


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line."""
    return tuple(header_of(head)[: len(_LABELS)]) == _LABELS


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a file of this layout; see streams.sources for the contract.

    A name that the registry does not know is set aside even where all_stations: without a code it has no identity.
    """
    read(lines_of(path), registry, tally, all_stations=all_stations)


def read(lines: Iterable[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read the lines of a file of this layout."""
    records = _records(lines)
    _, header = next(records, ("line 1", []))
    _check_header(header, tally)
    rows, gathered = _rows(records, header, tally), HourRows()
    while chunk := list(itertools.islice(rows, _CHUNK)):
        values = np.stack([_item(chunk, header, item, tally) for item in ITEMS])
        stand = [number_in(row.position) for row in chunk]
        gathered.add((row.name for row in chunk), [row.hour for row in chunk], values, stand)
    names = gathered.stations
    if not names:
        return
    stand, (places, hours, values) = gathered.lines, gathered.columns()
    codes = _codes(names, _city(tally.origin.file, names, registry), registry)
    known = np.array([code is not None for code in codes])[places]
    _reject_nameless(names, places[~known], hours[~known], registry, tally)
    grids = cut_rows(
        [code or "" for code in codes],
        places[known],
        hours[known],
        values[:, known],
        registry,
        tally,
        all_stations=False,
        lines=stand[known],
    )
    pass_on_observations(grids, tally)


def _records(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Give each row that is not empty as its place and cells."""
    for first, last, line in _joined(lines):
        cells = cells_of(line)
        if any(cells):
            yield f"line {first}" if first == last else f"lines {first} to {last}", cells


def _joined(lines: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Give rows with the numbers of their first and last line, where a quotation mark stays open with the lines behind."""
    pending: list[str] = []
    first, is_open = 1, False
    for number, line in enumerate(lines, start=1):
        if pending and (not is_open or _ROW_START.match(line)):
            yield first, number - 1, " ".join(pending)
            pending, is_open = [], False
        first = number if not pending else first
        pending.append(line)
        is_open ^= line.count('"') % 2 == 1
    if pending:
        yield first, first + len(pending) - 1, " ".join(pending)


def _check_header(header: list[str], tally: Tally) -> None:
    for name in (*_LABELS, *_ITEM_COLUMNS.values()):
        if name not in header:
            tally.reject("line 1", "column is missing", ",".join(header), f"a column {name}", rows=0)
    for name in header:
        if name not in (*_LABELS, *_ITEM_COLUMNS.values(), *_CHECK_COLUMNS):
            known = ", ".join((*_LABELS, *_ITEM_COLUMNS.values(), *_CHECK_COLUMNS))
            tally.reject("line 1", "unknown column", name, f"one of {known}", rows=0)


def _rows(records: Iterable[tuple[str, list[str]]], header: list[str], tally: Tally) -> Iterator[_Row]:
    """Give the rows of which the hour is known; count all, and reject the others."""
    for position, cells in records:
        if len(cells) != len(header) or len(cells) < len(_LABELS):
            tally.came_in(UNKNOWN_HOUR)
            value = f"{len(cells)} cells, beginning {','.join(cells[:3])}"
            tally.reject(position, "wrong number of cells", value, f"{len(header)} cells")
            continue
        hour = clock_hour(cells[0], cells[1])
        tally.came_in(UNKNOWN_HOUR if hour is None else hour)
        if hour is None:
            expected = "a day as YYYYMMDD and an hour from 0 to 23"
            tally.reject(position, "no such hour", f"{cells[0]} {cells[1]}", expected)
        else:
            yield _Row(position, hour, cells[2], cells)


def _city(file: str, names: Sequence[str], registry: Registry) -> str | None:
    """Give the city that the file is named after, else the one with most names that stand in one city only."""
    named = registry.city_named(Path(file).stem)
    if named:
        return named.code
    votes = Counter(found[0].city for name in names if len(found := registry.stations_named(name)) == 1)
    return votes.most_common(1)[0][0] if votes else None


def _codes(names: Sequence[str], city: str | None, registry: Registry) -> list[str | None]:
    """Give the code of each name, None where no station or several have it."""
    stations = [_station(city, name, registry) for name in names]
    return [station.code if station else None for station in stations]


def _station(city: str | None, name: str, registry: Registry) -> Station | None:
    found = registry.stations_named(name)
    here = registry.station_named(city, name) if city else None
    return here or (found[0] if len(found) == 1 else None)


def _reject_nameless(
    names: Sequence[str], places: np.ndarray, hours: np.ndarray, registry: Registry, tally: Tally
) -> None:
    """Reject by the hour the rows of names that several stations have, and set those aside that none has."""
    for hour, at in by_hour(hours):
        rows: dict[bool, list[str]] = {True: [], False: []}
        for place in places[at].tolist():
            rows[bool(registry.stations_named(names[place]))].append(names[place])
        if shared := rows[True]:
            tally.reject(
                "WatchPoint", "several stations have this name", ", ".join(sorted(set(shared))),
                "a name that one station has, or a file named after its city", hour=hour, rows=len(shared),
            )  # fmt: skip
        if unknown := rows[False]:
            tally.reject(
                "WatchPoint", "no station of the registry has this name", ", ".join(sorted(set(unknown))),
                "a present or former name of a station", hour=hour, rows=len(unknown), set_aside=True,
            )  # fmt: skip


def _item(rows: Sequence[_Row], header: list[str], item: str, tally: Tally) -> np.ndarray:
    """Read the cells of an item, float64 (row,); NaN where the file has no column of it."""
    if _ITEM_COLUMNS[item] not in header:
        return np.full(len(rows), np.nan)
    cells = [row.cells[header.index(_ITEM_COLUMNS[item])] for row in rows]
    values, wrong = concentrations(cells)
    for i in wrong:
        position = f"{rows[i].position}, station {rows[i].name}, {item}"
        tally.reject(position, "not a concentration", cells[i], CONCENTRATION, hour=rows[i].hour, rows=0)
    return values
