"""Read cities.csv and stations.csv.

A user edits these files, so every mistake is named by file, line, column, value and what was expected.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from standards.errors import AirshedError
from streams.registry.places import KINDS, City, Station

CITY_COLUMNS = ("code", "name_zh", "name_en", "lon", "lat")
STATION_COLUMNS = ("code", "name_zh", "kind", "lon", "lat", "city")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,23}")
_CITY_CODE = re.compile(r"[0-9]{6}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,4}(\.[0-9]{0,20})?|\.[0-9]{1,20})")
_COUNT = re.compile(r"[0-9]{1,10}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_Place = TypeVar("_Place", City, Station)


class RegistryError(AirshedError, ValueError):
    """A registry file cannot be used; the message names file, line, column, value and what was expected."""


def read_cities(path: Path) -> dict[str, City]:
    """Read cities by code, in the order of the file; columns after CITY_COLUMNS: population (optional)."""
    return _unique(path, _rows(path, CITY_COLUMNS), _city)


def read_stations(path: Path, cities: dict[str, City]) -> dict[str, Station]:
    """Read stations by code, in the order of the file.

    Columns after STATION_COLUMNS, all optional: aliases (joined by |), valid_from, valid_to, source, note.
    """
    return _unique(path, _rows(path, STATION_COLUMNS), lambda row: _station(row, cities))


class _Row:
    """One row of a file with its place, so that a wrong field can say where it is."""

    def __init__(self, path: Path, line: int, header: Sequence[str], fields: dict[str, str]) -> None:
        self.path, self.line, self.header, self.fields = path, line, header, fields

    def text(self, name: str) -> str:
        return (self.fields.get(name) or "").strip()

    def matching(self, name: str, pattern: re.Pattern[str], expected: str) -> str:
        if not pattern.fullmatch(self.text(name)):
            self.mistaken(name, expected)
        return self.text(name)

    def degrees(self, name: str, low: float, high: float) -> float:
        value = float(self.text(name)) if _NUMBER.fullmatch(self.text(name)) else float("nan")
        if not low <= value <= high:
            self.mistaken(name, f"a number of degrees from {low:g} to {high:g}")
        return value

    def day(self, name: str) -> dt.date | None:
        text = self.text(name)
        try:
            if not text or _DAY.fullmatch(text):
                return dt.date.fromisoformat(text) if text else None
        except ValueError:
            pass
        self.mistaken(name, "a day as YYYY-MM-DD, or nothing")

    def mistaken(self, name: str, expected: str) -> NoReturn:
        # Of two columns of a name the last one's value is read.
        column = len(self.header) - [*reversed(self.header)].index(name)
        _refuse(self.path, self.line, column, name, self.text(name), expected)


def _city(row: _Row) -> City:
    population = row.text("population")
    if population and not _COUNT.fullmatch(population):
        row.mistaken("population", "a whole number, or nothing")
    return City(
        code=row.matching("code", _CITY_CODE, "six digits"), name_zh=row.text("name_zh"), name_en=row.text("name_en"),
        lon=row.degrees("lon", -180, 180), lat=row.degrees("lat", -90, 90),
        population=int(population) if population else None,
    )  # fmt: skip


def _station(row: _Row, cities: dict[str, City]) -> Station:
    valid_from, valid_to = row.day("valid_from"), row.day("valid_to")
    if valid_from and valid_to and valid_from > valid_to:
        row.mistaken("valid_to", f"a day from valid_from ({valid_from}) on")
    if row.text("kind") not in KINDS:
        row.mistaken("kind", f"one of {', '.join(KINDS)}")
    if row.text("city") not in cities:
        row.mistaken("city", f"a code of cities.csv: {', '.join(cities)}")
    return Station(
        code=row.matching("code", _CODE, "1 to 24 letters, digits, '.', '_' or '-'"), name_zh=row.text("name_zh"),
        kind=row.text("kind"), city=row.text("city"),
        lon=row.degrees("lon", -180, 180), lat=row.degrees("lat", -90, 90), valid_from=valid_from, valid_to=valid_to,
        aliases=tuple(name for name in row.text("aliases").split("|") if name),
        source=row.text("source"), note=row.text("note"),
    )  # fmt: skip


def text_of(path: Path, expected: str) -> str:
    """Read a file of the registry as UTF-8, with or without a mark; raise RegistryError with the place of what is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RegistryError(f"{path} does not exist, expected {expected}") from None
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise RegistryError(
            f"{path} line {line}, column {column}: byte 0x{error.object[error.start]:02x} is no text, expected UTF-8"
        ) from None
    except OSError as error:
        raise RegistryError(
            f"{path} cannot be read ({error.strerror}), expected a file that this user may read"
        ) from None


def _rows(path: Path, required: tuple[str, ...]) -> Iterator[_Row]:
    lines = text_of(path, f"CSV with the columns {', '.join(required)}").splitlines()
    try:
        yield from _parsed(path, csv.DictReader(lines, strict=True), required)
    except csv.Error:
        line, column = _unquoted(lines)
        raise RegistryError(
            f"{path} line {line}, column {column}: the quotes do not pair or a cell is endless, expected CSV with closed quotes"
        ) from None


def _parsed(path: Path, reader: csv.DictReader, required: tuple[str, ...]) -> Iterator[_Row]:
    header = reader.fieldnames or ()
    if missing := [name for name in required if name not in header]:
        _refuse(path, 1, len(header) + 1, "header", ",".join(header), f"also the columns {', '.join(missing)}")
    for fields in reader:
        if None in fields or None in fields.values():
            found = _cells(fields)
            column = min(found, len(header)) + 1  # the first that is too many, or that is not there
            _refuse(path, reader.line_num, column, "number of cells", str(found), str(len(header)))
        yield _Row(path, reader.line_num, header, fields)


def _unquoted(lines: list[str]) -> tuple[int, int]:
    """Give line and column where text follows a closed quote, else where the quote or cell stands that does not end."""
    begun, inside, closed = (1, 1), False, False
    for number, line in enumerate(lines, start=1):
        begun, closed = (begun if inside else (number, 1)), False
        for at, char in enumerate(line, start=1):
            if inside:
                inside, closed = char != '"', char == '"'
            elif char == ",":
                begun, closed = (number, at + 1), False
            elif char == '"' and (closed or begun == (number, at)):
                inside, closed = True, False
            elif closed:
                return number, at
            elif at - begun[1] > csv.field_size_limit():
                return begun
    return begun


def _unique(path: Path, rows: Iterator[_Row], build: Callable[[_Row], _Place]) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for row in rows:
        place = build(row)
        if place.code in places:
            row.mistaken("code", "a code that no line before has")
        places[place.code] = place
    return places


def _cells(fields: dict[str | None, object]) -> int:
    return sum(value is not None for name, value in fields.items() if name) + len(fields.get(None, ()))  # type: ignore[arg-type]


def _refuse(path: Path, line: int, column: int, name: str, value: str, expected: str) -> NoReturn:
    raise RegistryError(f"{path} line {line}, column {column}: {name} is {value!r}, expected {expected}")
