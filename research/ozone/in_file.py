"""The hours of a station from a researcher's own table, CSV or xlsx: one row an hour, columns with their units in their names."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from research.ozone.errors import OzoneError
from research.ozone.hours import Hours
from research.ozone.in_store import to_ppb
from standards.days import UTC_OFFSET_HOURS
from standards.names import Names
from standards.voc.species import ALL_SPECIES, MOLAR_VOLUME
from streams.sources.stations.voc_columns import is_compound, split

TIME, STATION = "hour_end", "station"
MISSING = ("", "nan", "na", "null", "none", "-", "—")
SUFFIXES = (".csv", ".txt", ".xlsx")
MOST_ROWS = 500_000


def _times(factor: float) -> Callable[[float], float]:
    return lambda value: value * factor


SERIES: dict[str, tuple[str, Callable[[float], float]]] = {
    **{f"{gas}_ppb": (f"{gas}_ppb", _times(1.0)) for gas in ("no2", "no", "o3", "co")},
    **{
        f"{gas}_ugm3": (f"{gas}_ppb", lambda value, gas=gas: float(to_ppb(value, gas)))
        for gas in ("no2", "no", "o3", "co")
    },
    "co_ppm": ("co_ppb", _times(1000.0)),
    "co_mgm3": ("co_ppb", lambda value: float(to_ppb(1000.0 * value, "co"))),
    "temperature_c": ("temperature_c", _times(1.0)),
    "temperature_k": ("temperature_c", lambda value: value - 273.15),
    "humidity_pct": ("humidity_pct", _times(1.0)),
    "pressure_pa": ("pressure_pa", _times(1.0)),
    "pressure_hpa": ("pressure_pa", _times(100.0)),
    "jno2_per_s": ("jno2_per_s", _times(1.0)),
    "radiation_wm2": ("radiation_wm2", _times(1.0)),
    "cloud_transmission": ("cloud_transmission", _times(1.0)),
    "mixing_height_m": ("mixing_height_m", _times(1.0)),
}
"""Columns beside compounds: to which series each goes, and what makes its unit that of the series. Concentrations [ug/m3] are at
298.15 K and 1013.25 hPa."""
_NAMES = Names(((each.name_en, each.name_zh, each.cas, *each.aliases) for each in ALL_SPECIES), lambda n: "".join(
    c for c in n.casefold() if c.isalnum()))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is used: where it stands, its name, what it goes to, what makes its unit that of the series."""

    at: int
    name: str
    to: str
    convert: Callable[[float], float]
    compound: bool


def hours_from_file(
    path: str | Path,
    *,
    lon: float,
    lat: float,
    station: str = "",
    sheet: str = "",
    utc_offset_h: float = UTC_OFFSET_HOURS,
    simulated: bool = False,
) -> Hours:
    """Read the hours of a station from a table.

    path: CSV (UTF-8 or GB 18030, comma) or xlsx. lon, lat [deg]: where the station stands. station: which one, where the table has
    a column `station`; else its name, the file's by default. sheet: of a workbook, the first by default. utc_offset_h: of times
    that name no offset. simulated: whether the values are.
    Columns: `hour_end` (the END of the hour, ISO 8601), compounds as `<name>_ppb` or `<name>_ugm3` with a name, CAS number or
    Chinese name of the VOC list, and those of SERIES. A compound below its limit is `<0.02`.
    Missing: an empty cell, NaN, NA, null, - or —.
    Errors: OzoneError that names file, line and column of what cannot be read, unknown and double columns, hours that are not
    whole or stand twice.
    """
    file = Path(path)
    rows = _rows(file, sheet)
    header = [str(cell).strip() for cell in next(rows, (0, []))[1]]
    columns, time_at, station_at = _columns(header, file.name)
    taken = _chosen(rows, station, station_at, file.name)
    order = sorted(
        ((hour_of(r[time_at], utc_offset_h, _where(file, n, TIME)), n, r) for n, r in taken), key=lambda each: each[0]
    )
    hour_end = np.array([hour for hour, _, _ in order], np.int64)
    for (hour, line, _), (before, first, _) in zip(order[1:], order[:-1], strict=True):
        if hour == before:
            raise OzoneError(f"{file.name}, line {line}: the hour of line {first} again, expected each hour once")
    values, limits = np.full((2, len(columns), len(order)), np.nan)
    for at, (_, line, row) in enumerate(order):
        for i, column in enumerate(columns):
            values[i, at], limits[i, at] = _cell(
                row[column.at] if column.at < len(row) else "", column, _where(file, line, column.name)
            )
    of = [i for i, column in enumerate(columns) if column.compound]
    return Hours(
        station=station or file.stem, lon=lon, lat=lat, hour_end=hour_end, compounds=tuple(columns[i].to for i in of),
        voc_ppb=values[of], below_ppb=limits[of],
        series={column.to: values[i] for i, column in enumerate(columns) if not column.compound}, simulated=simulated,
        source=f"file {file.name}",
    )  # fmt: skip


def _rows(file: Path, sheet: str) -> Iterator[tuple[int, Sequence]]:
    """Give the rows of a table with the numbers of their lines; the first is the header."""
    if file.suffix.lower() not in SUFFIXES:
        raise OzoneError(f"{file.name}: expected a file that ends with {', '.join(SUFFIXES)}")
    lines = _sheet(file, sheet) if file.suffix.lower() == ".xlsx" else _text(file)
    for number, row in enumerate(lines, 1):
        if number > MOST_ROWS:
            raise OzoneError(f"{file.name}: more than {MOST_ROWS} lines, expected the hours of a station")
        if any(str(cell if cell is not None else "").strip() for cell in row):
            yield number, ["" if cell is None else cell for cell in row]


def _text(file: Path) -> Iterator[Sequence]:
    raw = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        yield from csv.reader(line for line in text.splitlines() if not line.startswith("#"))
        return
    raise OzoneError(f"{file.name}: neither UTF-8 nor GB 18030, expected text")


def _sheet(file: Path, sheet: str) -> Iterator[Sequence]:
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise OzoneError(f"{file.name}: no workbook ({error}), expected xlsx") from error
    if sheet and sheet not in book.sheetnames:
        raise OzoneError(f"{file.name}: the sheet is {sheet!r}, expected one of {', '.join(book.sheetnames)}")
    yield from (book[sheet] if sheet else book.worksheets[0]).iter_rows(values_only=True)


def _columns(header: Sequence[str], file: str) -> tuple[list[_Column], int, int | None]:
    names = [name.casefold() for name in header]
    if TIME not in names:
        raise OzoneError(f"{file}: columns are {', '.join(header) or 'none'}, expected {TIME}, the end of the hour")
    found: list[_Column] = []
    for at, name in enumerate(header):
        key = name.casefold()
        if not key or key in (TIME, STATION):
            continue
        found.append(_column(at, name, key, file))
        twice = [each.name for each in found[:-1] if each.to == found[-1].to]
        if twice:
            raise OzoneError(f"{file}: {name} and {twice[0]} are both {found[-1].to}, expected one of them")
    if not any(each.compound for each in found):
        raise OzoneError(f"{file}: no column is a compound, expected some such as toluene_ppb")
    return found, names.index(TIME), names.index(STATION) if STATION in names else None


def _column(at: int, name: str, key: str, file: str) -> _Column:
    if key in SERIES:
        return _Column(at, name, *SERIES[key], compound=False)
    if is_compound(name):
        compound, ppb = compound_of(name)
        return _Column(at, name, compound, _times(ppb), compound=True)
    parted = split(name)
    near = [ALL_SPECIES[i].name_en for i in _NAMES.near(parted[0] if parted else name, cutoff=0.6)]
    hint = f"; near are {', '.join(near)}" if near else ""
    raise OzoneError(
        f"{file}: column {at + 1} is {name!r}, expected a compound such as toluene_ppb, or one of {', '.join(SERIES)}{hint}"
    )


def compound_of(column: str) -> tuple[str, float]:
    """Give the English name of the compound that a column names, as streams.sources.stations.voc_columns.is_compound knows it,
    and what its unit is in ppb."""
    stem, unit = split(column)
    species = ALL_SPECIES[_NAMES.find(stem)]
    return species.name_en, 1.0 if unit == "ppb" else MOLAR_VOLUME / species.molar_mass


def _chosen(rows, station: str, station_at: int | None, file: str) -> list[tuple[int, Sequence]]:
    every = list(rows)
    if not every:
        raise OzoneError(f"{file}: there are no rows, expected hours")
    if station_at is None:
        return every
    there = sorted({str(row[station_at]).strip() for _, row in every})
    if not station and len(there) == 1:
        return every
    if station not in there:
        raise OzoneError(f"{file}: station is {station!r}, expected one of {', '.join(there)}")
    return [(n, row) for n, row in every if str(row[station_at]).strip() == station]


def hour_of(cell, utc_offset_h: float, where: str) -> int:
    """Give the epoch hour that a cell names as an end; OzoneError, beginning with `where`, for any that is none."""
    try:
        moment = cell if isinstance(cell, dt.datetime) else dt.datetime.fromisoformat(str(cell).strip())
    except ValueError as error:
        raise OzoneError(f"{where} is {str(cell)!r}, expected ISO 8601 such as 2024-07-03T08:00+08:00") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=utc_offset_h)))
    seconds = round(moment.timestamp(), 3)
    if abs(seconds / 3600.0 - round(seconds / 3600.0)) > 1.0 / 3600.0:
        raise OzoneError(f"{where} is {cell}, expected the end of a whole hour")
    return round(seconds / 3600.0)


def _cell(cell, column: _Column, where: str) -> tuple[float, float]:
    """Give a value and a limit, either NaN."""
    text = str(cell).strip()
    if text.casefold() in MISSING:
        return math.nan, math.nan
    limit = text[0] in "<＜"
    try:
        value = float(text.lstrip("<＜"))
    except ValueError as error:
        raise OzoneError(
            f"{where} is {text!r}, expected a number{', or a limit such as <0.02' if column.compound else ''}"
        ) from error
    if limit and not column.compound:
        raise OzoneError(f"{where} is {text!r}, expected a number: only compounds may lie below a limit")
    if not math.isfinite(value) or (column.compound and value < 0.0):
        raise OzoneError(f"{where} is {text!r}, expected a number{' of 0 or more' if column.compound else ''}")
    value = column.convert(value)
    return (math.nan, value) if limit else (value, math.nan)


def _where(file: Path, line: int, column: str) -> str:
    return f"{file.name}, line {line}, column {column}"
