"""Reads daily values of cities from a table of texts: with a header, or without one in the layout of aqistudy. Pure.

With a header its names say what stands where: city, date, so2, no2, co, o3, pm10, pm25 (any more are passed over). Without one
the columns are city, date, AQI, range, level, PM2.5, PM10, SO2, CO, NO2, O3, rank. Values in ug/m3, CO in mg/m3; o3 is taken for
the largest 8-hour mean of the day.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

from standards.exact_means import VALUE_MAX
from standards.pollutants import ITEMS
from streams.records import Rejected
from streams.registry import Registry

SOURCE = "published-days"
"""Under this name the books count such rows."""
WITHOUT_HEADER = {"city": 0, "date": 1, "pm25": 5, "pm10": 6, "so2": 7, "co": 8, "no2": 9, "o3": 10}
LAYOUTS = "a header with city and date, or days in the columns of aqistudy"
EARLIEST = dt.date(1990, 1, 1)
MISSING = ("", "-", "—", "NA", "nan")


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """The values of a city and day in the order of ITEMS [ug/m3, CO mg/m3], None where missing; line of the file."""

    city: str
    day: dt.date
    values: tuple[float | None, ...]
    line: int


def read_days(text: str, file: str, registry: Registry) -> tuple[list[PublishedDay], list[Rejected]]:
    """Read a file; each row is a day or a reject that says what was expected.

    Of a file without a header and without one day nothing is known: it is refused whole, as one row.
    """
    days: list[PublishedDay] = []
    rejects: list[Rejected] = []
    columns, is_headed = None, False
    for line, row in _rows(text):
        if columns is None:
            columns, is_headed = _columns(row)
            if is_headed:
                continue
        found = _day(row, line, columns, registry)
        if isinstance(found, PublishedDay):
            days.append(found)
        else:
            rejects.append(Rejected(SOURCE, f"line {line}", *found, file=file))
    if rejects and not days and not is_headed:
        rejects = [Rejected(SOURCE, "file", "the layout is not recognised", rejects[0].value, LAYOUTS, file=file)]
    return days, rejects


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    for row in reader:
        if any(cell.strip() for cell in row):
            yield reader.line_num, [cell.strip() for cell in row]


def _columns(row: list[str]) -> tuple[dict[str, int], bool]:
    names = [cell.lower().replace(".", "") for cell in row]
    if "city" in names and "date" in names:
        return {name: at for at, name in enumerate(names) if name in ("city", "date", *ITEMS)}, True
    return WITHOUT_HEADER, False


def _day(row: list[str], line: int, columns: dict[str, int], registry: Registry) -> PublishedDay | tuple[str, str, str]:
    """Read one row; or give reason, value and what was expected."""
    if len(row) <= max(columns.values()):
        return "too few columns", ",".join(row)[:80], f"at least {max(columns.values()) + 1} columns"
    city = registry.city_named(row[columns["city"]])
    if city is None:
        return "unknown city", row[columns["city"]], f"one of {', '.join(registry.cities)} or its name"
    try:
        day = dt.date.fromisoformat(row[columns["date"]])
    except ValueError:
        return "no date", row[columns["date"]], "a date as 2016-01-31"
    if day < EARLIEST:
        return "a date too early", str(day), f"a day from {EARLIEST} on"
    values: list[float | None] = []
    for item in ITEMS:
        cell = row[columns[item]] if item in columns else ""
        value = None if cell in MISSING else _number(cell)
        if value is not None and not 0 <= value <= VALUE_MAX:  # NaN is no number either
            return f"{item} is no concentration", cell, "a number from 0 up, or nothing where it is missing"
        values.append(value)
    if all(value is None for value in values):
        return "no value at all", ",".join(row)[:80], "at least one concentration"
    return PublishedDay(city.code, day, tuple(values), line)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
