"""Read the lines of emission files, annual totals or measured hours, with a reason for each line that is lost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.records import SECTOR_LENGTH, SPECIES, Rejected
from streams.registry import Registry
from streams.sources.csv_cells import amount, rows_of
from streams.sources.emissions.profiles import UTC_OFFSET_HOURS

KEYS = ("city", "sector", "species")
ANNUAL = (*KEYS, "year", "emission_t")
HOURLY = (*KEYS, "hour_end", "emission_kgh")
OPTIONAL = ("inventory", "simulated")
_TRUTHS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}
_YEARS = range(1990, 2100)
_LOCAL = dt.timezone(dt.timedelta(hours=UTC_OFFSET_HOURS))
_HOUR_24 = re.compile(r"(\d{4}-\d\d-\d\d)[ T]24(:00(:00)?)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One good line: an annual total [t] or an hour's emission [kg/h] of one city, sector and species.

    time: the year, or the epoch hour of the hour's end.
    """

    city: str
    sector: str
    species: str
    time: int
    amount: float
    inventory: str
    simulated: bool


@dataclass
class Refusals:
    """Collects what cannot be used in one file, in the order of its lines."""

    source: str
    file: str
    rejected: list[Rejected] = field(default_factory=list)

    def line(self, position: str, reason: str, value: str, expected: str, hour: int | None = None) -> None:
        """Note a line that is lost: it counts as one row of its hour, of an unknown hour where hour is None."""
        self._add(position, reason, value, expected, rows=1, hour_end=hour)

    def cell(self, position: str, reason: str, value: str, expected: str) -> None:
        """Note something that is wrong without costing a row: a profile, a key of meta.toml."""
        self._add(position, reason, value, expected, rows=0)

    def note(self, position: str, reason: str, value: str, expected: str) -> None:
        """Note something that is not wrong but must be known, such as an even spread for want of a profile."""
        self._add(position, reason, value, expected, rows=0, set_aside=True)

    def _add(self, position: str, reason: str, value: str, expected: str, **others: object) -> None:
        self.rejected.append(
            Rejected(self.source, position, reason, value[:200], expected, file=self.file, **others)  # type: ignore[arg-type]
        )


def columns_of(header: list[str], default_year: int | None) -> tuple[str, ...] | None:
    """Tell which columns a header promises, ANNUAL or HOURLY; None where it is neither."""
    if set(HOURLY) <= set(header):
        return HOURLY
    needed = set(ANNUAL) - ({"year"} if default_year else set())
    return ANNUAL if needed <= set(header) else None


def read_lines(text: list[str], registry: Registry, refusals: Refusals, default_year: int | None = None) -> list[Line]:
    """Read all good lines of an emission file, annual or hourly; what cannot be used goes to refusals.

    default_year serves lines without a year. Of lines that repeat a city, sector, species and time the first counts.
    """
    rows = rows_of(text)
    _, first = next(rows, (1, []))
    header = [name.lower() for name in first]
    columns = columns_of(header, default_year)
    if columns is None or len(set(header)) != len(header):
        found = ",".join(header)[:120]
        expected = f"{','.join(ANNUAL)} or {','.join(HOURLY)}, each once"
        reason = "not the columns of an emission file" if found else "the file is empty"
        refusals.line("line 1", reason, found, expected)
        return []
    for name in header:
        if name not in (*columns, *OPTIONAL, "year"):
            refusals.cell(f"line 1, column {name}", "unknown column, not read", name, ", ".join((*columns, *OPTIONAL)))
    seen: dict[tuple[str, str, str, int], int] = {}
    reader = _reader(rows, header, columns, registry, refusals, default_year)
    return [line for number, line in reader if _is_first(number, line, columns, seen, refusals)]


def _reader(
    rows: Iterator[tuple[int, list[str]]],
    header: list[str],
    columns: tuple[str, ...],
    registry: Registry,
    refusals: Refusals,
    default_year: int | None,
) -> Iterator[tuple[int, Line]]:
    for number, row in rows:
        if len(row) != len(header):
            found = ",".join(row)
            refusals.line(f"line {number}", "the line is cut or has too many cells", found, f"{len(header)} cells")
            continue
        line = _line(dict(zip(header, row, strict=True)), columns, registry, f"line {number}", refusals, default_year)
        if line:
            yield number, line


def _line(
    cells: dict[str, str],
    columns: tuple[str, ...],
    registry: Registry,
    position: str,
    refusals: Refusals,
    default_year: int | None,
) -> Line | None:
    """Build a line, or note the first thing that is wrong with it."""
    time_column, amount_column = columns[3], columns[4]
    time = _hour(cells["hour_end"]) if columns == HOURLY else _year(cells.get("year", ""), default_year)
    hour = time if columns == HOURLY else None
    city, emission = registry.city_named(cells["city"]), amount(cells[amount_column])
    species, sector = cells["species"].lower(), cells["sector"].casefold()
    simulated = _TRUTHS.get(cells.get("simulated", "").lower())
    wrong = (
        (time is None, time_column, cells.get(time_column, ""), _TIMES[time_column]),
        (city is None, "city", cells["city"], "code or name of a city of the registry"),
        (not _is_name(sector), "sector", cells["sector"], f"a name of up to {SECTOR_LENGTH} characters in one line"),
        (species not in SPECIES, "species", cells["species"], f"one of {', '.join(SPECIES)}"),
        (emission is None, amount_column, cells[amount_column], "a finite number >= 0"),
        (simulated is None, "simulated", cells.get("simulated", ""), "true or false"),
    )
    for is_wrong, column, value, expected in wrong:
        if is_wrong:
            refusals.line(f"{position}, column {column}", _REASONS[column], value, expected, hour)
            return None
    return Line(city.code, sector, species, time, emission, cells.get("inventory", ""), simulated)


def _is_name(sector: str) -> bool:
    return 0 < len(sector) <= SECTOR_LENGTH and "\t" not in sector and "\n" not in sector


_TIMES = {
    "year": "a year from 1990 to 2099",
    "hour_end": "YYYY-MM-DD HH:00, the local end of the hour (01:00 to 24:00), or ISO 8601 with an offset",
}
_REASONS = {
    "city": "unknown city",
    "sector": "not a sector",
    "species": "unknown species",
    "year": "not a year",
    "hour_end": "not an hour",
    "emission_t": "not an annual emission",
    "emission_kgh": "not an emission",
    "simulated": "neither true nor false",
}


def _is_first(
    number: int,
    line: Line,
    columns: tuple[str, ...],
    seen: dict[tuple[str, str, str, int], int],
    refusals: Refusals,
) -> bool:
    key = (line.city, line.sector, line.species, line.time)
    first = seen.setdefault(key, number)
    if first != number:
        value = f"{line.city} {line.sector} {line.species} {line.amount:g}"
        hour = line.time if columns == HOURLY else None
        refusals.line(f"line {number}", f"repeats line {first}, which counts", value, "one line per key", hour)
    return first == number


def _year(text: str, default: int | None) -> int | None:
    if not text:
        return default
    return int(text) if text.isdecimal() and int(text) in _YEARS else None


def _hour(text: str) -> int | None:
    """Read the end of an hour as an epoch hour; 24:00 is 00:00 of the next day, no offset means Asia/Shanghai."""
    midnight = _HOUR_24.fullmatch(text)
    try:
        moment = dt.datetime.fromisoformat(midnight[1] if midnight else text)
    except ValueError:
        return None
    if moment.year not in _YEARS or (len(text) <= len("YYYY-MM-DD") and not midnight):
        return None  # a bare date would read as midnight: the hour of the day must be said
    moment = moment if moment.tzinfo else moment.replace(tzinfo=_LOCAL)
    seconds = (moment + dt.timedelta(days=1 if midnight else 0)).timestamp()
    return int(seconds // 3600) if seconds % 3600 == 0 else None
