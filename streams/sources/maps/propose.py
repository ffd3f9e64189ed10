"""Propose a map for a table: what its header and first rows tell, and what only a person can say.

Known names of columns, units in the header, forms of time that fit all rows are taken. Which zone the times are in, at which end
of the hour they stand, and a unit or a day and month that the table leaves open, are asked, never guessed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from standards.pollutants import ITEMS
from streams.sources.cells import hour_of_day, number
from streams.sources.csv_lines import cells_of, lines_of
from streams.sources.maps import clock, excel, json_lines
from streams.sources.maps.feed import delimiter_of, format_of
from streams.sources.maps.known_names import CODES, ROLES, item_of, simple_words, unit_and_name
from streams.sources.maps.tables import merged
from streams.sources.maps.units import why_not
from streams.sources.tally import Unusable

LOOKED_AT = 200
"""Lines that are read of a table to propose a map."""
_FIRST_LINES = 30
"""Lines among which a header is looked for."""
FORMS = (
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%d-%m-%Y %H:%M", "%m-%d-%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%d %b %Y %H:%M",
    "%d-%b-%Y %H:%M", "%d/%m/%y %H:%M", "%m/%d/%y %H:%M", clock.EPOCH_S, clock.EPOCH_MS, clock.EXCEL,
)  # fmt: skip
"""Forms of times that do not begin with the year."""
_MARKS = (
    "NA",
    "N/A",
    "NULL",
    "缺测",
    "无",
    "无数据",
    "----",
    "---",
    "NoData",
    "null",
    "/",
    "*",
    "停运",
    "维护",
    "*****",
)
_SENTINELS = (-99.0, -999.0, -9999.0, 9999.0, 99999.0, -99.9, -999.9, 999.9)


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a table: what kind of file it is, the sign between cells, the line of the header, names and rows."""

    format: str
    delimiter: str
    header: int
    names: list[str]
    rows: list[list[str]]
    sheet: str = ""

    def column(self, at: int) -> list[str]:
        """Give the cells of a column that are not empty."""
        return [row[at] for row in self.rows if at < len(row) and row[at]]


@dataclass(slots=True)
class Proposal:
    """What a map for a sample would say. An empty text is what a person must say: zone, label, a unit, a form of time.

    times: "column", "day" and "hour", or "year", "month", "day", "hour", to the names of the columns. forms: forms of time that
    fit, where several do. station, by_name: its column, and whether that holds names. items: column and unit by item. long: the
    columns of item, value and unit; long_items: items by what stands in the first.
    """

    sample: Sample
    times: dict[str, str] = field(default_factory=dict)
    form: str = clock.AUTO
    forms: tuple[str, ...] = ()
    zone: str = ""
    label: str = ""
    station: str = ""
    by_name: bool = False
    stations: tuple[str, ...] = ()
    items: dict[str, tuple[str, str]] = field(default_factory=dict)
    long: dict[str, str] = field(default_factory=dict)
    long_items: dict[str, str] = field(default_factory=dict)
    decimal: str = "."
    missing: tuple[str, ...] = ()
    sentinels: tuple[float, ...] = ()


def propose(path: Path) -> Proposal:
    """Propose a map for a file. Errors: Unusable where it is no table; OSError where it cannot be read."""
    sample = sample_of(path)
    found = Proposal(sample)
    roles = _roles(sample)
    _propose_times(found, roles)
    _propose_station(found, roles)
    _propose_items(found, roles)
    _propose_numbers(found)
    return found


def sample_of(path: Path) -> Sample:
    """Read the first rows of a table. Errors: Unusable where it has no header that can be found."""
    kind = format_of(path)
    if kind == "jsonl":
        return _json_sample(path)
    if kind == "xlsx":
        sheets = excel.sheets_of(path)
        rows = {sheet: excel.first_rows(path, sheet, LOOKED_AT) for sheet in sheets[:10]}
        sheet = max(rows, key=lambda name: (_best(rows[name])[1], len(rows[name])))
        return replace(_sample("xlsx", ",", rows[sheet]), sheet=sheet if sheet != sheets[0] else "")
    lines = list(itertools.islice(lines_of(path), LOOKED_AT))
    signs = [delimiter_of(line) for line in lines[:_FIRST_LINES] if line.strip()]
    samples = [_sample("csv", sign, [cells_of(line, sign) for line in lines]) for sign in dict.fromkeys(signs)]
    if not samples:
        raise _no_table("an empty file")
    return max(samples, key=lambda each: _known(each.names) * 100 + len(each.names))


def _sample(kind: str, delimiter: str, rows: Sequence[Sequence[str]]) -> Sample:
    at, _ = _best(rows)
    if not rows or len(rows[at]) < 2:
        raise _no_table(f"{len(rows)} lines")
    below = [list(row) for row in rows[at + 1 :] if any(row)]
    return Sample(kind, delimiter, at + 1, merged([rows[at]]), below)


def _best(rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Give the place of the row that looks most like a header, and how many of its names are known."""
    scores = [
        (_known(row) * 10 + min(len([cell for cell in row if cell]), 9), -n)
        for n, row in enumerate(rows[:_FIRST_LINES])
    ]
    best = max(scores, default=(0, 0))
    return -best[1], best[0]


def _known(names: Sequence[str]) -> int:
    every = frozenset().union(*ROLES.values())
    return sum(1 for name in names if simple_words(name) in every or item_of(name))


def _json_sample(path: Path) -> Sample:
    names: dict[str, None] = {}
    found = []
    for line in itertools.islice(lines_of(path), LOOKED_AT):
        try:
            found.append(dict(json_lines.flat(json_lines.object_of(line))))
            names |= dict.fromkeys(found[-1])
        except ValueError:
            continue
    if not names:
        raise _no_table("no line that is an object")
    return Sample("jsonl", ",", 1, list(names), [[each.get(name, "") for name in names] for each in found])


def _roles(sample: Sample) -> dict[str, str]:
    """Give the first column of each role."""
    found: dict[str, str] = {}
    for role, names in ROLES.items():
        for name in sample.names:
            last = simple_words(name).rpartition(".")[2] if sample.format == "jsonl" else simple_words(name)
            if last in names or simple_words(name) in names:
                found.setdefault(role, name)
    return found


def _propose_times(found: Proposal, roles: dict[str, str]) -> None:
    sample = found.sample
    candidates = [
        name for name in sample.names if simple_words(name) in ROLES["time"] or "time" in name.lower() or "时间" in name
    ]
    for name in candidates:
        cells = sample.column(sample.names.index(name))
        forms = _forms(cells)
        if forms:
            found.times = {"column": name}
            found.form, found.forms = (forms[0], ()) if len(forms) == 1 else ("", forms)
            if found.form in (clock.EPOCH_S, clock.EPOCH_MS) or _all_say_offsets(cells, found.form):
                found.zone = clock.IN_CELL
            return
    if {"year", "month", "date", "hour"} <= roles.keys():
        found.times = {"year": roles["year"], "month": roles["month"], "day": roles["date"], "hour": roles["hour"]}
        return
    days = [name for name in sample.names if _all(sample, name, lambda cell: clock.day_of(cell) is not None)]
    named = [name for name in sample.names if simple_words(name) in ROLES["hour"]]
    hours = [name for name in named if _all(sample, name, lambda cell: hour_of_day(cell) is not None)]
    if days and hours:
        found.times = {"day": days[0], "hour": hours[0]}


def _forms(cells: Sequence[str]) -> tuple[str, ...]:
    """Give the forms of time that fit all of some cells."""
    if not cells:
        return ()
    forms = []
    for form in (clock.AUTO, *FORMS):
        read = clock.reader_of(form)
        if all(read(cell) is not None for cell in cells):
            if form == clock.AUTO:
                return (clock.AUTO,)
            forms.append(form)
    return tuple(forms)


def _all_say_offsets(cells: Sequence[str], form: str) -> bool:
    read = clock.reader_of(form or clock.AUTO)
    return all((wall := read(cell)) is not None and wall.offset is not None for cell in cells)


def _all(sample: Sample, name: str, good: Callable[[str], bool]) -> bool:
    cells = sample.column(sample.names.index(name))
    return bool(cells) and all(good(cell) for cell in cells)


def _propose_station(found: Proposal, roles: dict[str, str]) -> None:
    column = roles.get("code") or roles.get("name")
    if not column:
        return
    found.station = column
    cells = found.sample.column(found.sample.names.index(column))
    found.stations = tuple(dict.fromkeys(cells))[:50]
    found.by_name = any(not cell.isascii() for cell in cells)


def _propose_items(found: Proposal, roles: dict[str, str]) -> None:
    sample = found.sample
    if {"item", "value"} <= roles.keys():
        found.long = {"item": roles["item"], "value": roles["value"]} | (
            {"unit_column": roles["unit"]} if "unit" in roles else {}
        )
        said = dict.fromkeys(sample.column(sample.names.index(roles["item"])))
        found.long_items = {name: item for name in said if (item := CODES.get(name) or item_of(name))}
        return
    for name in sample.names:
        parts = name.split(".") if sample.format == "jsonl" else [name]
        ends = (".".join(parts[n:]) for n in range(len(parts)))
        item = next((item for end in ends if (item := item_of(end))), None)
        if item and item not in found.items and name not in found.times.values():
            unit = unit_and_name(name)[1]
            found.items[item] = (name, unit if unit and not why_not(unit, item) else "")
    found.items = {item: found.items[item] for item in ITEMS if item in found.items}


def _propose_numbers(found: Proposal) -> None:
    """Tell decimal commas, missing marks and sentinels by the cells of the items."""
    sample = found.sample
    columns = [found.long["value"]] if found.long else [name for name, _ in found.items.values()]
    cells = [cell for name in columns for cell in sample.column(sample.names.index(name))]
    commas = any(re.fullmatch(r"-?[0-9]+,[0-9]+", cell) for cell in cells)
    if sample.delimiter != "," and commas and not any("." in cell for cell in cells):
        found.decimal = ","
    plain = [cell.replace(",", ".") if found.decimal == "," else cell for cell in cells]
    found.missing = tuple(mark for mark in _MARKS if mark in cells and number(mark) is None)
    values = {value for cell in plain if (value := number(cell)) is not None}
    found.sentinels = tuple(value for value in _SENTINELS if value in values)


def _no_table(found: str) -> Unusable:
    return Unusable(
        "file", "no header of a table of hours is found", found, "a line that names columns, with rows below it"
    )
