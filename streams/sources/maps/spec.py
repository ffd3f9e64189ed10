"""What a column map says, read from its TOML: every mistake is named with its key, its value and what was expected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standards.errors import AirshedError
from standards.pollutants import ITEMS
from streams.records import STATUSES
from streams.sources.cells import CODE
from streams.sources.files import shown
from streams.sources.maps import clock
from streams.sources.maps.opening import opened
from streams.sources.maps.units import EXPECTED, why_not
from streams.sources.tally import Unusable

Column = str | int
"""A column by its name, or by its number from 1."""
FORMATS = ("csv", "jsonl", "xlsx")
ENCODINGS = ("auto", "utf-8", "gb18030", "utf-16", "latin-1", "cp1252", "shift_jis", "big5", "euc-kr")
LARGEST_BYTES = 1_000_000
"""A map is small; this is room for ten thousand codes of stations."""
MOST_SKIPPED = 1000
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")
_COLUMN = "a column's name, or its number from 1"


class MapError(AirshedError, ValueError):
    """A column map cannot be used; the message names the map, the key, what it says and what was expected."""

    def unusable(self) -> Unusable:
        """Give the answer to a file whose map this is."""
        name, _, said = str(self).partition(": ")
        found, _, expected = said.partition(", expected ")
        return Unusable(
            f"map {name}", "the column map cannot be used", found, expected or "a column map; see docs/layouts/map.md"
        )


@dataclass(frozen=True, slots=True)
class FileSpec:
    """How the table lies in its file. header: numbers of the lines (of a sheet: rows) that name the columns; may be none."""

    format: str = ""
    encoding: str = "auto"
    delimiter: str = ","
    decimal: str = "."
    header: tuple[int, ...] = (1,)
    sheet: Column = 1


@dataclass(frozen=True, slots=True)
class TimeSpec:
    """Where the time stands, and what it means. kind: "column", "day and hour" or "numbers" (year, month, day, hour)."""

    columns: tuple[Column, ...]
    zone: str
    label: str
    kind: str = "column"
    form: str = clock.AUTO

    def reader(self) -> Callable[[str], int | str]:
        """Give what reads the cells of the columns, joined by tabs, as an epoch hour, or says why it cannot."""
        read: Callable[[str], clock.Wall | None] = (
            clock.reader_of(self.form) if self.kind == "column" else self._several
        )
        return clock.hour_reader(clock.zone_of(self.zone), self.label, read)

    def _several(self, text: str) -> clock.Wall | None:
        parts = text.split("\t")
        read = clock.wall_of if self.kind == "day and hour" else clock.wall_of_numbers
        return read(*parts) if len(parts) == len(self.columns) else None


@dataclass(frozen=True, slots=True)
class StationSpec:
    """Whose a row is: a fixed code, or what stands in the columns, joined behind a prefix.

    widths: to how many digits each part is filled with zeros. codes: the station's code by what stands there. city: where names are
    those of the registry's stations in a city.
    """

    code: str = ""
    columns: tuple[Column, ...] = ()
    prefix: str = ""
    join: str = ""
    widths: tuple[int, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    city: str = ""


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """A column of one item: its unit as it is written, or the column that holds the unit."""

    column: Column
    unit: str


@dataclass(frozen=True, slots=True)
class LongSpec:
    """A table of one item a row: the columns of item, value and unit, and the items by what stands in the first."""

    item: Column
    value: Column
    items: Mapping[str, str]
    unit_column: Column | None = None
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AcrossSpec:
    """A table with a column for each station: those named, or all that the map does not name otherwise.

    items: the item by what stands in item_column; where there is none, that of the whole table stands under "".
    """

    stations: tuple[Column, ...]
    items: Mapping[str, str]
    units: Mapping[str, str]
    item_column: Column | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """All that a column map says; exactly one of items (a column for each item), long and across is there.

    only: values that a column must have for a row to be read. gas_state_k [K]: at which temperature masses of gases are told.
    """

    name: str
    title: str
    recognise: tuple[str, ...]
    file: FileSpec
    time: TimeSpec
    station: StationSpec
    items: Mapping[str, ItemSpec]
    long: LongSpec | None
    across: AcrossSpec | None = None
    missing: frozenset[str] = frozenset()
    sentinels: tuple[float, ...] = ()
    only: Mapping[Column, frozenset[str]] = field(default_factory=dict)
    gas_state_k: float | None = None
    status: str = "provisional"

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns that a row must have."""
        found = [*self.time.columns, *self.station.columns, *self.only]
        if self.across:
            item = [] if self.across.item_column is None else [self.across.item_column]
            return tuple(dict.fromkeys([*found, *item, *self.across.stations]))
        if self.long:
            unit = [] if self.long.unit_column is None else [self.long.unit_column]
            return tuple(dict.fromkeys([*found, self.long.item, self.long.value, *unit]))
        return tuple(dict.fromkeys([*found, *(item.column for item in self.items.values())]))


def read_map(path: Path, *, by_link: bool = True) -> ColumnMap:
    """Read a map. Errors: MapError; OSError where the file cannot be read, or is a link and by_link is not True."""
    return map_of(map_text(path, by_link=by_link), shown(path))


def map_text(path: Path, *, by_link: bool = True) -> str:
    """Give the text of a map. Errors: as read_map."""
    with opened(path, by_link=by_link) as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise MapError(f"{shown(path)}: a map of more than {LARGEST_BYTES} bytes, expected a smaller one")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise MapError(f"{shown(path)}: bytes that are not UTF-8 at {error.start}, expected TOML in UTF-8") from None


def map_of(text: str, name: str) -> ColumnMap:
    """Read the text of a map that is called name. Errors: MapError."""
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise MapError(f"{name}: brackets are nested too deep, expected a column map in TOML") from None
    except ValueError as error:
        raise MapError(f"{name}: not readable as TOML: {str(error)[:200]}") from None
    top = _Keys(name, "", raw)
    file = _file(top.table("file"))
    time = _time(top.table("time", needed=True))
    across = _across(top.table("across"))
    station = _station(top.table("station", needed=across is None), is_across=across is not None)
    items, long = _items(top.table("items")), _long(top.table("long"))
    if (kinds := bool(items) + (long is not None) + (across is not None)) != 1:
        raise MapError(f"{name}: {kinds or 'none'} of [items], [long] and [across], expected one of them")
    found = ColumnMap(
        name=top.matching("name", _NAME, "1 to 30 small letters, digits, '-' or '_'", ""),
        title=top.text("title", ""),
        recognise=top.texts("recognise"),
        file=file,
        time=time,
        station=station,
        items=items,
        long=long,
        across=across,
        missing=frozenset(each.lower() for each in top.texts("missing")),
        sentinels=top.numbers("sentinels"),
        only=_only(top.table("only")),
        gas_state_k=top.number("gas_state_k", 263.15, 313.15),
        status=top.choice("status", STATUSES, "provisional"),
    )
    top.close()
    if not file.header and any(isinstance(column, str) for column in found.columns):
        raise MapError(f"{name}: columns by name and header = 0, expected numbers of columns where no line names them")
    return found


class _Keys:
    """The keys of a table of a map, each taken once; what is left over is a mistake."""

    def __init__(self, name: str, table: str, raw: Mapping[str, Any]) -> None:
        self.name, self.path, self._raw = name, table, dict(raw)

    def __bool__(self) -> bool:
        return bool(self._raw)

    def wrong(self, key: str, value: object, expected: str) -> MapError:
        where = ".".join(part for part in (self.path, key) if part)
        said = "nothing" if value is None else _shown(value)
        return MapError(f"{self.name}: {where} is {said}, expected {expected}")

    def take(self, key: str) -> Any:
        return self._raw.pop(key, None)

    def table(self, key: str, *, needed: bool = False) -> _Keys:
        found = self.take(key)
        if found is None and needed:
            raise self.wrong(key, None, f"a table [{key}]")
        if found is not None and not isinstance(found, dict):
            raise self.wrong(key, found, f"a table [{key}]")
        return _Keys(self.name, f"{self.path}.{key}".strip("."), found or {})

    def text(self, key: str, default: str | None = None) -> str:
        found = self.take(key)
        if found is None and default is not None:
            return default
        if not isinstance(found, str) or not found or len(found) > 200 or not found.isprintable():
            raise self.wrong(key, found, "a text in one line")
        return found

    def matching(self, key: str, pattern: re.Pattern[str], expected: str, default: str | None = None) -> str:
        found = self.take(key)
        if found is None and default is not None:
            return default
        if not isinstance(found, str) or not pattern.fullmatch(found):
            raise self.wrong(key, found, expected)
        return found

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        found = self.take(key)
        if found is None and default is not None:
            return default
        if found not in choices:
            raise self.wrong(key, found, f"one of {', '.join(choices)}")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.take(key) or []
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise self.wrong(key, found, "a list of texts")
        return tuple(found)

    def numbers(self, key: str) -> tuple[float, ...]:
        found = self.take(key) or []
        if not isinstance(found, list) or not all(_is_number(each) for each in found):
            raise self.wrong(key, found, "a list of numbers")
        return tuple(float(each) for each in found)

    def number(self, key: str, least: float, most: float) -> float | None:
        found = self.take(key)
        if found is not None and not (_is_number(found) and least <= found <= most):
            raise self.wrong(key, found, f"a number from {least:g} to {most:g}")
        return None if found is None else float(found)

    def column(self, key: str, *, needed: bool = True) -> Column | None:
        found = self.take(key)
        if found is None and not needed:
            return None
        return self._column(key, found)

    def columns(self, key: str) -> tuple[Column, ...]:
        found = self.take(key)
        if not isinstance(found, list) or not found:
            raise self.wrong(key, found, f"a list of columns, each {_COLUMN}")
        return tuple(self._column(key, each) for each in found)

    def mapping(self, key: str, expected: str, good: Callable[[Any], bool]) -> dict[str, Any]:
        table = self.table(key)
        for name, value in table._raw.items():
            if not good(value):
                raise table.wrong(name, value, expected)
        return table._raw

    def close(self) -> None:
        if self._raw:
            raise self.wrong(next(iter(self._raw)), "unknown", "a key of docs/layouts/map.md") from None

    def _column(self, key: str, found: object) -> Column:
        is_name = isinstance(found, str) and bool(found.strip())
        if not (is_name or (isinstance(found, int) and not isinstance(found, bool) and 1 <= found <= 20_000)):
            raise self.wrong(key, found, _COLUMN)
        return found.strip() if isinstance(found, str) else found


def _file(keys: _Keys) -> FileSpec:
    delimiter = keys.text("delimiter", ",") if keys._raw.get("delimiter") != "\t" else keys.take("delimiter")
    if len(delimiter) != 1 or delimiter in '"0123456789.-\n\r':
        raise keys.wrong("delimiter", delimiter, 'one sign, such as ";" or a tab')
    decimal = keys.choice("decimal", (".", ","), ".")
    if decimal == delimiter:
        raise keys.wrong("decimal", decimal, "another sign than the delimiter")
    header = keys.take("header")
    lines = (1,) if header is None else tuple(header) if isinstance(header, list) else (header,)
    if (
        not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MOST_SKIPPED for n in lines)
        or len(lines) > 3
    ):
        raise keys.wrong(
            "header", header, f"the number of a line from 1 to {MOST_SKIPPED}, up to three of them, or 0 for none"
        )
    found = FileSpec(
        format=keys.choice("format", FORMATS, ""),
        encoding=keys.choice("encoding", ENCODINGS, "auto"),
        delimiter=delimiter,
        decimal=decimal,
        header=tuple(sorted(n for n in lines if n)),
        sheet=keys.column("sheet", needed=False) or 1,
    )
    keys.close()
    return found


def _time(keys: _Keys) -> TimeSpec:
    label = keys.choice("label", clock.LABELS)
    kinds = (("column", ("column",)), ("day and hour", ("day", "hour")), ("numbers", ("year", "month", "day", "hour")))
    given = {key for key in ("column", "year", "month", "day", "hour") if key in keys._raw}
    kind = next((kind for kind, names in kinds if set(names) == given), None)
    if kind is None:
        raise keys.wrong("", sorted(given) or None, "column, or day and hour, or year, month, day and hour")
    columns = tuple(keys.column(name) for name in dict(kinds)[kind])
    form = keys.text("format", clock.AUTO)
    if kind != "column" and form != clock.AUTO:
        raise keys.wrong("format", form, "no format beside columns of day and hour")
    zone = keys.text("zone", clock.IN_CELL if form in (clock.EPOCH_S, clock.EPOCH_MS) else None)
    for key, text, check in (("zone", zone, clock.zone_of), ("format", form, clock.reader_of)):
        try:
            check(text)
        except clock.ClockError as error:
            raise keys.wrong(key, text, str(error)) from None
    if zone == clock.IN_CELL and (
        kind != "column" or (form not in (clock.AUTO, clock.EPOCH_S, clock.EPOCH_MS) and "%z" not in form)
    ):
        raise keys.wrong("zone", zone, "a zone, where no cell says an offset")
    keys.close()
    return TimeSpec(columns, zone, label, kind, form)


def _station(keys: _Keys, *, is_across: bool = False) -> StationSpec:
    code = keys.matching("code", CODE, "a station's code of 1 to 24 letters, digits, '.', '_' or '-'", "")
    single = keys.column("column", needed=False)
    columns = () if single is None else (single,)
    if "columns" in keys._raw:
        columns = (*columns, *keys.columns("columns"))
    if is_across and (code or columns):
        raise keys.wrong("", code or columns, "neither code nor column beside [across]")
    if not is_across and (bool(code) == bool(columns) or (single is not None and len(columns) > 1)):
        raise keys.wrong("", None, "one of code, column and columns")
    widths = keys.take("widths") or []
    if (
        not isinstance(widths, list)
        or not all(isinstance(n, int) and 0 <= n <= 12 for n in widths)
        or len(widths) not in (0, len(columns))
    ):
        raise keys.wrong("widths", widths, "a number of digits from 0 to 12 for each column")
    codes = keys.mapping(
        "codes", "a station's code", lambda value: isinstance(value, str) and bool(CODE.fullmatch(value))
    )
    join = keys.matching("join", re.compile(r"[._-]{0,3}"), "up to three of '.', '_' and '-'", "")
    prefix = keys.matching(
        "prefix", re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,11}"), "the first letters of a station's code", ""
    )
    found = StationSpec(code, columns, prefix, join, tuple(widths), codes, keys.text("city", ""))
    if found.codes and found.city:
        raise keys.wrong("city", found.city, "either codes or city")
    keys.close()
    return found


def _items(keys: _Keys) -> dict[str, ItemSpec]:
    found = {}
    for item in list(keys._raw):
        if item not in ITEMS:
            raise keys.wrong(item, keys.take(item), f"items among {', '.join(ITEMS)}")
        inner = keys.table(item)
        column, unit = inner.column("column"), inner.text("unit")
        _require_unit(inner, unit, item)
        inner.close()
        found[item] = ItemSpec(column, unit)
    if len({each.column for each in found.values()}) != len(found):
        raise keys.wrong("", "one column for two items", "a column for each item")
    return found


def _long(keys: _Keys) -> LongSpec | None:
    if not keys:
        return None
    items = keys.mapping("items", f"one of {', '.join(ITEMS)}", lambda value: value in ITEMS)
    if not items:
        raise keys.wrong("items", None, 'a table such as {"pm25" = "pm25"}: an item by what stands in its column')
    unit_column = keys.column("unit_column", needed=False)
    units = keys.mapping("units", EXPECTED, lambda value: isinstance(value, str))
    for item, unit in units.items():
        if item not in ITEMS:
            raise keys.wrong("units", item, f"items among {', '.join(ITEMS)}")
        _require_unit(keys, unit, item)
    if unit_column is None and (missing := set(items.values()) - set(units)):
        raise keys.wrong("unit_column", None, f"a column of units, or units.{min(missing)}")
    if unit_column is not None and units:
        raise keys.wrong("units", sorted(units), "either unit_column or units")
    found = LongSpec(keys.column("item"), keys.column("value"), items, unit_column, units)
    keys.close()
    return found


def _across(keys: _Keys) -> AcrossSpec | None:
    if not keys:
        return None
    column = keys.column("item_column", needed=False)
    if column is None:
        item = keys.choice("item", ITEMS)
        items, units = {"": item}, {item: keys.text("unit")}
    else:
        items = keys.mapping("items", f"one of {', '.join(ITEMS)}", lambda value: value in ITEMS)
        units = keys.mapping("units", EXPECTED, lambda value: isinstance(value, str))
        if not items or set(items.values()) != set(units):
            raise keys.wrong(
                "units", sorted(units) or None, "items by what stands in item_column, and a unit for each of them"
            )
    for item, unit in units.items():
        _require_unit(keys, unit, item)
    found = AcrossSpec(keys.columns("stations") if "stations" in keys._raw else (), items, units, column)
    keys.close()
    return found


def _require_unit(keys: _Keys, unit: str, item: str) -> None:
    if why := why_not(unit, item):
        raise keys.wrong("unit", unit, f"{EXPECTED} ({item}: {why})")


def _only(keys: _Keys) -> dict[Column, frozenset[str]]:
    found: dict[Column, frozenset[str]] = {}
    for name in list(keys._raw):
        values = keys.texts(name)
        if not values:
            raise keys.wrong(name, values, "a list of texts, one of which a row must have there")
        found[name] = frozenset(values)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _shown(value: object) -> str:
    try:
        return repr(value)[:80]
    except (ValueError, RecursionError):
        return "a number of thousands of digits, or brackets nested too deep"
