"""From a table and its map to blocks: one row is one station-hour, in tables of one item a row those of a station-hour together."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from standards.pollutants import ITEMS
from streams.registry import Registry
from streams.sources.cells import CODE, CONCENTRATION, numbers
from streams.sources.maps.across import turned
from streams.sources.maps.known_names import unit_and_name
from streams.sources.maps.spec import Column, ColumnMap
from streams.sources.maps.tables import Table, place_of
from streams.sources.maps.units import EXPECTED, Unit, converted, unit_of, why_not
from streams.sources.stations.station_hours import HourRows, by_hour, cut_rows, number_in, pass_on_observations
from streams.sources.stations.whose import codes_of
from streams.sources.stations.whose import why_not as why_no_code
from streams.sources.tally import UNKNOWN_HOUR, Tally, Unusable

CHUNK = 2_000
"""Rows that are held as text at a time."""
_MOST_NAMED = 20
"""Values that are named singly where rows are passed over for what stands in a column."""


@dataclass(slots=True)
class Row:
    """A row that can be placed: where it stands, whose it is as the table says it, its epoch hour and cells."""

    position: str
    station: str
    hour: int
    cells: list[str]


@dataclass(slots=True)
class Places:
    """Where the columns that the map names stand among the cells, and how many cells a row has."""

    of: dict[Column, int] = field(default_factory=dict)
    width: int = 0

    def cells(self, cells: Sequence[str], columns: Sequence[Column]) -> list[str]:
        """Give the cells of some columns."""
        return [cells[self.of[column]] for column in columns]


def read_table(table: Table, spec: ColumnMap, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read a table by its map and pass on what it holds. Errors: Unusable where a column that every row needs is missing."""
    table, spec = turned(table, spec)
    rows = placed_rows(table, spec, tally)
    if spec.long:
        _read_long(rows, spec, registry, tally, all_stations)
        return
    gathered: dict[tuple[str, ...], HourRows] = {}
    while chunk := list(itertools.islice(rows, CHUNK)):
        by_items: dict[tuple[str, ...], list[tuple[Places, Row]]] = {}
        for place, rows_of in itertools.groupby(chunk, key=lambda each: each[0]):
            by_items.setdefault(_items(place, spec), []).extend(rows_of)
        for items, mine in by_items.items():
            places, some = [place for place, _ in mine], [row for _, row in mine]
            values = np.stack([_item(places, some, item, spec, tally) for item in ITEMS])
            stand = [number_in(row.position) for row in some]
            gathered.setdefault(items, HourRows()).add(
                (row.station for row in some), [row.hour for row in some], values, stand
            )
    for items, found in gathered.items():
        stand = found.lines
        _pass_on(found.stations, *found.columns(), spec, registry, tally, all_stations, lines=stand, items=items)


def _items(places: Places, spec: ColumnMap) -> tuple[str, ...]:
    """Give the items of which a header has a column; of the others its rows say nothing."""
    return tuple(item for item in ITEMS if item in spec.items and spec.items[item].column in places.of)


def placed_rows(table: Table, spec: ColumnMap, tally: Tally) -> Iterator[tuple[Places, Row]]:
    """Give the rows that can be placed, with where their cells stand; count and reject the others.

    A header that stands again is obeyed. In a table of one item a row only what cannot be placed is counted here.
    """
    places = _places(table.names, table.place, spec, tally)
    read, passed_over = spec.time.reader(), Counter[tuple[Column, str]]()
    names = {column for column in spec.columns if isinstance(column, str)}
    for position, cells in table.rows:
        if not _fits(cells, places.width, table):
            expected = table.expected or f"{places.width} cells{'' if table.names else ' or more'}"
            _lose(tally, position, "wrong number of cells", ",".join(cells), expected)
            continue
        hour = read("\t".join(places.cells(cells, spec.time.columns)))
        if isinstance(hour, str) and names and _names_again(cells, names):
            places = _places(cells, position, spec, tally)
            continue
        if why := next((c for c, good in spec.only.items() if cells[places.of[c]] not in good), None):
            passed_over[why, cells[places.of[why]]] += 1
        elif isinstance(hour, str):
            value = " ".join(places.cells(cells, spec.time.columns))
            _lose(tally, position, hour, value, f"a time as the map {spec.name} says: {_told(spec)}")
        else:
            if not spec.long:
                tally.came_in(hour)
            yield places, Row(position, _station(cells, places, spec), hour, cells)
    _set_aside(passed_over, spec, tally)


def codes_by_name(names: Sequence[str], spec: ColumnMap, registry: Registry) -> dict[str, tuple[str | None, str]]:
    """Give the code of each station as the table names it, and why it has none where that is so."""
    station = spec.station
    if station.city:
        city = registry.city_named(station.city)
        codes = codes_of(names, city.code, registry) if city else dict.fromkeys(names)
        return {
            name: (code, "" if code else _why_no_code(name, city.code if city else "", registry))
            for name, code in codes.items()
        }
    found = {name: station.codes.get(name) if station.codes else name for name in names}
    return {
        name: (code, "")
        if code and CODE.fullmatch(code)
        else (None, "the map has no code for this station" if station.codes else "not a station code")
        for name, code in found.items()
    }


def _why_no_code(name: str, city: str, registry: Registry) -> str:
    return why_no_code(name, city, registry) if city else "the map's city is none of the registry's"


def _pass_on(
    names: Sequence[str], places: np.ndarray, hours: np.ndarray, values: np.ndarray, spec: ColumnMap, registry: Registry,
    tally: Tally, all_stations: bool, *, items: tuple[str, ...], lines: np.ndarray | None = None,
) -> None:  # fmt: skip
    codes = codes_by_name(names, spec, registry)
    known = np.array([codes[name][0] is not None for name in names])[places]
    for hour, at in by_hour(hours[~known]):
        nameless: dict[str, list[str]] = {}
        for place in places[~known][at].tolist():
            nameless.setdefault(codes[names[place]][1], []).append(names[place])
        for reason, some in nameless.items():
            value = ", ".join(sorted(set(some)))
            expected = "a station of the map, of the registry, or a code of 1 to 24 letters, digits, '.', '_' or '-'"
            tally.reject(
                "station", reason, value, expected, hour=hour, rows=len(some), set_aside=bool(spec.station.codes)
            )
    grids = cut_rows(
        [codes[name][0] or "" for name in names], places[known], hours[known], values[:, known], registry, tally,
        all_stations=all_stations, lines=None if lines is None else lines[known],
    )  # fmt: skip
    pass_on_observations(grids, tally, status=spec.status, items=items)


def _places(names: list[str], position: str, spec: ColumnMap, tally: Tally) -> Places:
    """Find the columns of a map; an item without one, or with one whose name says another unit, is missing throughout."""
    optional = {each.column for each in spec.items.values()}
    found = {column: place_of(column, names) for column in spec.columns}
    width = len(names) or max((column for column in spec.columns if isinstance(column, int)), default=1)
    lacking = [column for column, at in found.items() if at is None or at >= width]
    if fatal := [column for column in lacking if column not in optional]:
        raise Unusable(
            position, "a column of the map is missing", ", ".join(map(str, names)), f"once a column {fatal[0]}"
        )
    if spec.items and not optional - set(lacking):
        raise Unusable(
            position, "no item has a column", ", ".join(names), f"one or more of {', '.join(map(str, optional))}"
        )
    for item, each in spec.items.items():
        if each.column not in lacking and (said := _other_unit(names, found[each.column], each.unit)):
            reason, expected = "the header says another unit than the map", f"{each.unit}, as the map says of {item}"
            if optional == {*lacking, each.column}:
                raise Unusable(position, reason, said, expected)
            tally.reject(position, reason, said, expected, rows=0)
            found[each.column] = None
            optional.discard(each.column)
    for column in lacking:
        tally.reject(position, "a column of the map is missing", ", ".join(names), f"once a column {column}", rows=0)
    return Places({c: at for c, at in found.items() if c not in lacking and at is not None}, width)


def _other_unit(names: list[str], at: int, unit: str) -> str:
    """Give the name of a column where it says a unit that is not the map's, nothing where it says that or none."""
    said = unit_of(unit_and_name(names[at])[1]) if at < len(names) else None
    mine = unit_of(unit)
    same = said is None or (said.per_unit, said.is_mixing_ratio) == (mine.per_unit, mine.is_mixing_ratio)
    return "" if same else names[at]


def _fits(cells: list[str], width: int, table: Table) -> bool:
    """Tell whether a row has as many cells as its header, without one as many as it needs; empty ones behind are none."""
    return len(cells) == width or (len(cells) > width and (not table.names or not any(cells[width:])))


def _names_again(cells: list[str], names: set[str]) -> bool:
    return all(place_of(name, cells) is not None for name in names)


def _station(cells: list[str], places: Places, spec: ColumnMap) -> str:
    if spec.station.code:
        return spec.station.code
    parts = places.cells(cells, spec.station.columns)
    if spec.station.widths:
        parts = [
            part.zfill(width) if part.isascii() and part.isdigit() else part
            for part, width in zip(parts, spec.station.widths, strict=True)
        ]
    return spec.station.prefix + spec.station.join.join(parts)


def _item(places: Sequence[Places], rows: Sequence[Row], item: str, spec: ColumnMap, tally: Tally) -> np.ndarray:
    """Read the cells of an item of some rows, float64 (row,) in the platform's unit; NaN where the table has no column of it."""
    column = spec.items[item].column if item in spec.items else None
    if column is None or not all(column in place.of for place in places):
        return np.full(len(rows), np.nan)
    cells = [row.cells[place.of[column]] for place, row in zip(places, rows, strict=True)]
    hours = np.array([row.hour for row in rows])
    values, wrong = values_of(cells, hours, item, unit_of(spec.items[item].unit), spec)
    for i in wrong:
        position = f"{rows[i].position}, station {rows[i].station}, {item}"
        tally.reject(position, "not a concentration", cells[i], CONCENTRATION, hour=rows[i].hour, rows=0)
    return values


def values_of(
    cells: Sequence[str], hours: np.ndarray, item: str, unit: Unit, spec: ColumnMap
) -> tuple[np.ndarray, list[int]]:
    """Read cells of one item and unit: float64 (cell,) in the platform's unit, and the places of the wrong ones.

    Missing marks and sentinels of the map are NaN; wrong is what is no number, infinite, negative or above 100000 ug/m3.
    """
    plain = not spec.missing and spec.file.decimal == "."
    texts = cells if plain else [_number_text(cell, spec) for cell in cells]
    values, unreadable = numbers(texts)
    if spec.sentinels:
        values[np.isin(values, spec.sentinels)] = np.nan
    with np.errstate(over="ignore"):
        values = converted(values, hours, item, unit, spec.gas_state_k)
    wrong = ~((values >= 0) & (values <= 100_000)) & ~np.isnan(values)
    values[wrong] = np.nan
    return values, sorted({*unreadable, *np.flatnonzero(wrong).tolist()})


def _number_text(cell: str, spec: ColumnMap) -> str:
    if spec.missing and cell.lower() in spec.missing:
        return ""
    if spec.file.decimal == ",":
        return "?" if "." in cell else cell.replace(",", ".")
    return cell


class _Long:
    """Gathers lines of one item each into station-hours."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self.chunks: list[tuple[np.ndarray, ...]] = []

    @property
    def items(self) -> tuple[str, ...]:
        """The items that stand anywhere in the file."""
        found = {int(item) for _, _, items, _ in self.chunks for item in np.unique(items)}
        return tuple(item for i, item in enumerate(ITEMS) if i in found)

    def add(self, rows: Sequence[Row], items: Sequence[int], values: np.ndarray) -> None:
        places = [self.names.setdefault(row.station, len(self.names)) for row in rows]
        self.chunks.append((np.array(places), np.array([row.hour for row in rows]), np.array(items), values))

    def table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Give stations, hours, float (item, row), and which lines say another value than one before, as (hour, count)."""
        places, hours, items, values = (np.concatenate(parts) for parts in zip(*self.chunks, strict=True))
        order = np.lexsort((np.arange(len(places)), items, hours, places))
        places, hours, items, values = places[order], hours[order], items[order], values[order]
        same_row = np.r_[False, (np.diff(places) == 0) & (np.diff(hours) == 0)]
        row = np.cumsum(~same_row) - 1
        repeated = same_row & np.r_[False, np.diff(items) == 0]
        grid = np.full((len(ITEMS), int(row[-1]) + 1), np.nan)
        first = ~repeated
        grid[items[first], row[first]] = values[first]
        # A value may stand behind a missing one; of values, the first counts.
        late = repeated & np.isnan(grid[items, row]) & ~np.isnan(values)
        for i in np.flatnonzero(late).tolist():
            if np.isnan(grid[items[i], row[i]]):
                grid[items[i], row[i]] = values[i]
        other = repeated & ~np.isnan(values) & (values != grid[items, row])
        starts = np.flatnonzero(~same_row)
        return places[starts], hours[starts], grid, hours[other]


def _read_long(
    rows: Iterator[tuple[Places, Row]], spec: ColumnMap, registry: Registry, tally: Tally, all_stations: bool
) -> None:
    gathered, others, lines = _Long(), Counter[str](), 0
    while chunk := list(itertools.islice(rows, CHUNK)):
        lines += len(chunk)
        tally.require_room(lines // len(ITEMS))
        wanted = []
        for places, row in chunk:
            said = row.cells[places.of[spec.long.item]]
            if said in spec.long.items:
                wanted.append((places, row, spec.long.items[said]))
            else:
                others[said] += 1
        values, understood = _long_values(wanted, spec, tally)
        wanted, values = list(itertools.compress(wanted, understood)), values[understood]
        if wanted:
            gathered.add([row for _, row, _ in wanted], [ITEMS.index(item) for _, _, item in wanted], values)
    for said, count in others.most_common(_MOST_NAMED):
        expected = f"one of {', '.join(spec.long.items)}"
        tally.reject(f"{count} lines", "not an item that is read", said, expected, rows=0, set_aside=True)
    if not gathered.chunks:
        return
    places, hours, values, doubled = gathered.table()
    for hour, count in zip(*np.unique(hours, return_counts=True), strict=True):
        tally.came_in(int(hour), int(count))
    for hour, at in by_hour(doubled):
        expected = "one value for each station, hour and item; the first counts"
        tally.reject(
            "lines of the hour",
            "another value stands for the same hour",
            f"{len(at)} lines",
            expected,
            hour=hour,
            rows=0,
        )
    _pass_on(list(gathered.names), places, hours, values, spec, registry, tally, all_stations, items=gathered.items)


def _long_values(
    rows: Sequence[tuple[Places, Row, str]], spec: ColumnMap, tally: Tally
) -> tuple[np.ndarray, np.ndarray]:
    """Read the values of lines of one item each, those of the same item and unit at once: float (line,) and bool (line,).

    The second is False for lines in a unit that is not understood. They are no rows: these would withdraw what was said before.
    """
    alike: dict[tuple[str, str], list[int]] = {}
    for i, (places, row, item) in enumerate(rows):
        unit = spec.long.units[item] if spec.long.unit_column is None else row.cells[places.of[spec.long.unit_column]]
        alike.setdefault((item, unit), []).append(i)
    found, understood = np.full(len(rows), np.nan), np.ones(len(rows), bool)
    for (item, unit), at in alike.items():
        cells = [rows[i][1].cells[rows[i][0].of[spec.long.value]] for i in at]
        if why := why_not(unit, item):
            wrong, reason, expected = range(len(at)), why, EXPECTED
            cells = [unit] * len(at)
            understood[at] = False
            for i in at:
                tally.came_in(rows[i][1].hour)
        else:
            hours = np.array([rows[i][1].hour for i in at])
            found[at], wrong = values_of(cells, hours, item, unit_of(unit), spec)
            reason, expected = "not a concentration", CONCENTRATION
        for k in wrong:
            row = rows[at[k]][1]
            position = f"{row.position}, station {row.station}, {item}"
            tally.reject(position, reason, cells[k], expected, hour=row.hour, rows=int(bool(why)))
    return found, understood


def _lose(tally: Tally, position: str, reason: str, value: str, expected: str) -> None:
    tally.came_in(UNKNOWN_HOUR)
    tally.reject(position, reason, value, expected)


def _set_aside(passed_over: Mapping[tuple[Column, str], int], spec: ColumnMap, tally: Tally) -> None:
    for n, ((column, value), rows) in enumerate(sorted(passed_over.items(), key=lambda each: -each[1])):
        tally.came_in(UNKNOWN_HOUR, rows)
        expected = f"one of {', '.join(sorted(spec.only[column]))}"
        shown = value if n < _MOST_NAMED else "(others)"
        tally.reject(f"column {column}", "the map passes this over", shown, expected, rows=rows, set_aside=True)


def _told(spec: ColumnMap) -> str:
    time = spec.time
    said = time.form if time.kind == "column" else time.kind
    return f"{said}, the {time.label} of the hour, zone {time.zone}"
