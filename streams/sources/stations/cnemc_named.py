"""Hourly feed by station NAME, one city a file: `Date,Hour,WatchPoint,AQI,…,O3_1h,O3_8h,SO2`.

Label h of Date is the hour ENDING at h:00 in Asia/Shanghai, label 0 being 24:00 of the day before, as in the national
files (streams.sources.stations.cnemc). Evidence: in the files of four cities of 2020-04-02 to 08, `O3_8h` equals the rounded
mean of the eight values of O3_1h up to and including its own label in 95 % of 801 complete cases of labels 14 to 23 and
0, in 2 % at labels 1 to 3 (a new day has begun), and with labels shifted by one in 7 %.

A station is found by its present name within the city of the file, by a former one where the present one is absent; which
city that is, streams.sources.stations.whose tells, or a column `City` of each row. A file of another city is set aside whole. A
header that stands again is obeyed. A cell that is broken over lines is joined again while its quotation mark is open, up to the
line that begins a new row; every other line is a row of its own, so that a stray one spoils nothing. A row that the file repeats
is passed on again, so that the engine counts it as a duplicate.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from streams.registry import Registry
from streams.sources.cells import CONCENTRATION, clock_hour, concentrations
from streams.sources.csv_lines import cells_of, header_of, lines_of
from streams.sources.headers import Heading, Section, numbered, parts
from streams.sources.stations.cnemc import HOUR_EXPECTED
from streams.sources.stations.station_hours import HourRows, by_hour, cut_rows, number_in, pass_on_observations
from streams.sources.stations.whose import SEVERAL, city_of_file, city_of_names, codes_of, why_not
from streams.sources.tally import UNKNOWN_HOUR, Tally

NAME = "cnemc-named"
_LABELS = ("Date", "Hour", "WatchPoint")
HEADING = Heading(_LABELS)
_ITEM_COLUMNS = {"so2": "SO2", "no2": "NO2", "co": "CO", "o3": "O3_1h", "pm10": "PM10", "pm25": "PM2.5"}
_CHECK_COLUMNS = ("AQI", "Level", "PrimaryPollution", "O3_8h")
_CITY_COLUMNS = ("city", "cityname", "area", "城市", "地市", "市")
"""Names of a column that says of each row whose it is."""
_ROW_START = re.compile(r'[^",]+,[^",]+,[^",]+,')
"""A new row begins with three plain cells; the rest of a broken cell does not."""
_CHUNK = 2_000
"""Rows that are held as text at a time."""
OPEN_CITY = "neither the file's name nor its stations tell which city it is of"


@dataclass(frozen=True, slots=True)
class _Row:
    position: str
    hour: int
    name: str
    cells: Sequence[str]
    city: str = ""


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
    found = parts(_records(lines), HEADING.heads, HEADING.named)
    named = city_of_file(Path(tally.origin.file).stem, registry)
    if named.elsewhere:
        _set_aside_whole(found, named.elsewhere, tally)
        return
    tables: dict[str | None, list[tuple[tuple[str, ...], HourRows]]] = {}
    seen: set[tuple[str, ...]] = set()
    for section in found:
        if tuple(section.header) not in seen:
            _check_header(section, tally)
        seen.add(tuple(section.header))
        if not set(_ITEM_COLUMNS.values()) & set(section.header):
            _reject_itemless(section, registry, tally)
            continue
        items = tuple(item for item in ITEMS if _ITEM_COLUMNS[item] in section.header)
        for said, rows in _gathered(section, registry, tally).items():
            city = said or named.code or city_of_names(rows.stations, registry)
            tables.setdefault(city, []).append((items, rows))
    for city, parts_of_city in tables.items():
        names = sorted({name for _, rows in parts_of_city for name in rows.stations})
        codes = codes_of(names, city, registry) if city else dict.fromkeys(names)
        for items, rows in parts_of_city:
            _pass_on(rows, items, city, codes, registry, tally)


def _set_aside_whole(found: Iterable[Section], cities: tuple[str, ...], tally: Tally) -> None:
    rows = sum(1 for section in found for _ in section.rows)
    tally.came_in(UNKNOWN_HOUR, rows)
    tally.reject(
        "file", "the file is of another city", ", ".join(cities), "a file of one of the registry's cities", rows=rows,
        set_aside=True,
    )  # fmt: skip


def _reject_itemless(section: Section, registry: Registry, tally: Tally) -> None:
    """Reject the rows below a header that names no item: passed on, they would withdraw what was said before."""
    for hour, rows in sorted(Counter(row.hour for row in _rows(section, registry, tally)).items()):
        expected = f"one or more of {', '.join(_ITEM_COLUMNS.values())}"
        tally.reject(
            str(section.number), "no item has a column", ",".join(section.header), expected, hour=hour, rows=rows
        )


def _gathered(section: Section, registry: Registry, tally: Tally) -> dict[str, HourRows]:
    """Gather rows by the city that each says itself, "" where it says none."""
    rows: Iterator[_Row] = _rows(section, registry, tally)
    gathered: dict[str, HourRows] = {}
    while chunk := list(itertools.islice(rows, _CHUNK)):
        for city in dict.fromkeys(row.city for row in chunk):
            some = [row for row in chunk if row.city == city]
            values = np.stack([_item(some, section.header, item, tally) for item in ITEMS])
            numbers = [number_in(row.position) for row in some]
            gathered.setdefault(city, HourRows()).add(
                (row.name for row in some), [row.hour for row in some], values, numbers
            )
    return gathered


def _pass_on(
    rows: HourRows,
    items: tuple[str, ...],
    city: str | None,
    codes: Mapping[str, str | None],
    registry: Registry,
    tally: Tally,
) -> None:
    names, stand = rows.stations, rows.lines
    places, hours, values = rows.columns()
    known = np.array([codes[name] is not None for name in names])[places]
    _reject_nameless(names, places[~known], hours[~known], city, registry, tally)
    grids = cut_rows(
        [codes[name] or "" for name in names],
        places[known],
        hours[known],
        values[:, known],
        registry,
        tally,
        all_stations=False,
        lines=stand[known],
    )
    pass_on_observations(grids, tally, items=items)


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
    number = 0
    for number, line in numbered(lines, HEADING.cut):
        if pending and (not is_open or _ROW_START.match(line)):
            yield first, number - 1, " ".join(pending)
            pending, is_open = [], False
        first = number if not pending else first
        pending.append(line)
        is_open ^= line.count('"') % 2 == 1
    if pending:
        yield first, number, " ".join(pending)


def _check_header(section: Section, tally: Tally) -> None:
    position, header = str(section.number), section.header
    for name in (*_LABELS, *_ITEM_COLUMNS.values()):
        if name not in header:
            tally.reject(position, "column is missing", ",".join(header), f"a column {name}", rows=0)
    for i, name in enumerate(header):
        if name and name in header[:i]:
            tally.reject(position, "column is repeated", name, "each column once; the first counts", rows=0)
        elif name not in (*_LABELS, *_ITEM_COLUMNS.values(), *_CHECK_COLUMNS) and name.lower() not in _CITY_COLUMNS:
            known = ", ".join((*_LABELS, *_ITEM_COLUMNS.values(), *_CHECK_COLUMNS))
            tally.reject(position, "unknown column", name, f"one of {known}", rows=0)


def _rows(section: Section, registry: Registry, tally: Tally) -> Iterator[_Row]:
    """Give the rows of which the hour is known, and the city where they say it; count all, and reject the others."""
    header = section.header
    where = next((i for i, name in enumerate(header) if name.lower() in _CITY_COLUMNS), None)
    for position, cells in section.rows:
        if len(cells) != len(header) or len(cells) < len(_LABELS):
            tally.came_in(UNKNOWN_HOUR)
            value = f"{len(cells)} cells, beginning {','.join(cells[:3])}"
            tally.reject(position, "wrong number of cells", value, f"{len(header)} cells")
            continue
        hour = clock_hour(cells[0], cells[1])
        tally.came_in(UNKNOWN_HOUR if hour is None else hour)
        if hour is None:
            tally.reject(position, "no such hour", f"{cells[0]} {cells[1]}", HOUR_EXPECTED)
        elif where is None or not cells[where]:
            yield _Row(position, hour, cells[2], cells)
        elif city := registry.city_named(cells[where]):
            yield _Row(position, hour, cells[2], cells, city.code)
        else:
            expected = "one of the registry's cities"
            tally.reject(position, "the row is of another city", cells[where], expected, hour=hour, set_aside=True)


def _reject_nameless(
    names: Sequence[str], places: np.ndarray, hours: np.ndarray, city: str | None, registry: Registry, tally: Tally
) -> None:
    """Reject by the hour the rows of names that have no code, those of one reason together."""
    reasons = [_why_not(name, city, registry) for name in names]
    for hour, at in by_hour(hours):
        rows: dict[tuple[str, str, bool], list[str]] = {}
        for place in places[at].tolist():
            rows.setdefault(reasons[place], []).append(names[place])
        for (reason, expected, aside), some in rows.items():
            value = ", ".join(sorted(set(some)))
            tally.reject("WatchPoint", reason, value, expected, hour=hour, rows=len(some), set_aside=aside)


def _why_not(name: str, city: str | None, registry: Registry) -> tuple[str, str, bool]:
    """Give the reason why a name has no code, what was expected, and whether its rows are set aside."""
    if city is None:
        return OPEN_CITY, "a file named after its city, such as 成都.csv", not registry.stations_named(name)
    reason = why_not(name, city, registry)
    return reason, "the present name of a station of the city", reason != SEVERAL


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
