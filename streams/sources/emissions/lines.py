"""Read the lines of emission files, annual totals or measured hours, with a reason for each line that is lost."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from standards.days import SHANGHAI
from streams.records import LARGEST_KGH, SECTOR_LENGTH, SPECIES
from streams.registry import Registry
from streams.sources.cells import FIRST_YEAR, LAST_YEAR, amount, whole
from streams.sources.headers import Heading
from streams.sources.tally import UNKNOWN_HOUR, Tally, Unusable

KEYS = ("city", "sector", "species")
HEADING = Heading(KEYS)
ANNUAL = (*KEYS, "year", "emission_t")
HOURLY = (*KEYS, "hour_end", "emission_kgh")
OPTIONAL = ("inventory", "simulated")
MOST_LINES = 1_000_000
"""Lines of one file that are held at a time: eight cities, ten sectors and all species for two months."""
TOO_MUCH = "more than any sector of a city emits: a unit is mistaken"
LARGEST = f"at most {LARGEST_KGH:.0f} kg in an hour"
_TRUTHS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}
_HOUR_24 = re.compile(r"([0-9]{4}-?[0-9]{2}-?[0-9]{2})[ T]24(?::?00(?::?00)?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class Line:
    """One good line: an annual total [t] or an hour's emission [kg/h] of one city, sector and species.

    number: of the line in the file. time: the year, or the epoch hour of the hour's end.
    """

    number: int
    city: str
    sector: str
    species: str
    time: int
    amount: float
    inventory: str
    simulated: bool


def columns_of(header: list[str], default_year: int | None) -> tuple[str, ...] | None:
    """Tell which columns a header promises, ANNUAL or HOURLY; None where it is neither."""
    if set(HOURLY) <= set(header):
        return HOURLY
    needed = set(ANNUAL) - ({"year"} if default_year else set())
    return ANNUAL if needed <= set(header) else None


def read_lines(
    header: list[str],
    rows: Iterable[tuple[int, list[str]]],
    registry: Registry,
    tally: Tally,
    default_year: int | None = None,
) -> list[Line]:
    """Read all good lines of an emission file, annual or hourly; what cannot be used is rejected.

    header: the names of the columns in lower case. rows: number and cells of each line below; a header among them is
    obeyed from there on. default_year serves lines without a year. Of lines that repeat a city, sector, species and time the
    first counts. Errors: Unusable for other columns.
    """
    columns = columns_of(header, default_year)
    if columns is None or len(set(header)) != len(header):
        found = ",".join(header)[:120]
        expected = f"{','.join(ANNUAL)} or {','.join(HOURLY)}, each once"
        raise Unusable(
            "line 1", "not the columns of an emission file" if found else "the file is empty", found, expected
        )
    for name in header:
        if name not in (*columns, *OPTIONAL, "year"):
            known = ", ".join((*columns, *OPTIONAL))
            tally.reject(f"line 1, column {name}", "unknown column, not read", name, known, rows=0)
    seen: dict[tuple[str, str, str, int], int] = {}
    reader = _reader(rows, header, columns, registry, tally, default_year)
    lines = []
    for line in reader:
        if _is_first(line, columns, seen, tally):
            lines.append(line)
        if len(seen) > MOST_LINES:
            expected = f"up to {MOST_LINES}; cut the file into parts, for instance by month"
            raise Unusable("file", "more lines than one file may bring", f"{len(seen)} lines or more", expected)
    return lines


def lose(tally: Tally, position: str, reason: str, value: str, expected: str, *, hour: int | None = None) -> None:
    """Reject a line: it counts as one row of its hour, of an unknown hour where that is None."""
    tally.came_in(UNKNOWN_HOUR if hour is None else hour)
    tally.reject(position, reason, value, expected, hour=hour)


def _reader(
    rows: Iterable[tuple[int, list[str]]],
    header: list[str],
    columns: tuple[str, ...],
    registry: Registry,
    tally: Tally,
    default_year: int | None,
) -> Iterator[Line]:
    readable = True
    for number, row in rows:
        if HEADING.heads(row):
            header = [*KEYS, *(name.lower() for name in row[len(KEYS) :])]
            readable = columns_of(header, default_year) == columns and len(set(header)) == len(header)
            continue
        if not readable:
            lose(tally, f"line {number}", "the header above is of other columns", ",".join(header), ",".join(columns))
            continue
        if len(row) != len(header):
            reason = "the line is cut or has too many cells"
            lose(tally, f"line {number}", reason, ",".join(row), f"{len(header)} cells")
            continue
        line = _line(dict(zip(header, row, strict=True)), columns, registry, number, tally, default_year)
        if line:
            yield line


def _line(
    cells: dict[str, str],
    columns: tuple[str, ...],
    registry: Registry,
    number: int,
    tally: Tally,
    default_year: int | None,
) -> Line | None:
    """Build a line, or reject it for the first thing that is wrong with it."""
    time_column, amount_column = columns[3], columns[4]
    time = _hour(cells["hour_end"]) if columns == HOURLY else _year(cells.get("year", ""), default_year)
    hour = time if columns == HOURLY else None
    city, emission = registry.city_named(cells["city"]), amount(cells[amount_column])
    species, sector, inventory = cells["species"].lower(), cells["sector"].casefold(), cells.get("inventory", "")
    simulated = _TRUTHS.get(cells.get("simulated", "").lower())
    too_much = columns == HOURLY and emission is not None and emission > LARGEST_KGH
    wrong = (
        (time is None, time_column, cells.get(time_column, "")),
        (city is None, "city", cells["city"]),
        (not _is_name(sector), "sector", cells["sector"]),
        (species not in SPECIES, "species", cells["species"]),
        (emission is None, amount_column, cells[amount_column]),
        (too_much, TOO_MUCH, cells[amount_column]),
        (simulated is None, "simulated", cells.get("simulated", "")),
        (not inventory.isprintable(), "inventory", repr(inventory)),
    )
    for is_wrong, what, value in wrong:
        if is_wrong:
            reason, expected = _TOLD[what]
            column = amount_column if what == TOO_MUCH else what
            lose(tally, f"line {number}, column {column}", reason, value, expected, hour=hour)
            return None
    # A million lines have a few names: each is kept once.
    code, sector, species, inventory = map(sys.intern, (city.code, sector, species, inventory))
    return Line(number, code, sector, species, time, emission, inventory, simulated)


def _is_name(sector: str) -> bool:
    return 0 < len(sector) <= SECTOR_LENGTH and sector.isprintable()


_TOLD = {
    "city": ("unknown city", "code or name of a city of the registry"),
    "sector": ("not a sector", f"a name of up to {SECTOR_LENGTH} characters in one line"),
    "species": ("unknown species", f"one of {', '.join(SPECIES)}"),
    "year": ("not a year", f"a year from {FIRST_YEAR} to {LAST_YEAR}"),
    "hour_end": (
        "not an hour",
        "YYYY-MM-DD HH:00, the local end of the hour (01:00 to 24:00), or ISO 8601 with an offset; "
        f"from {FIRST_YEAR} to {LAST_YEAR}",
    ),
    "emission_t": ("not an annual emission", "a finite number >= 0"),
    "emission_kgh": ("not an emission", "a finite number >= 0"),
    TOO_MUCH: (TOO_MUCH, LARGEST),
    "simulated": ("neither true nor false", "true or false"),
    "inventory": ("not a name", "a name in one line"),
}
"""Reason and expectation by what is wrong with a line."""


def _is_first(line: Line, columns: tuple[str, ...], seen: dict[tuple[str, str, str, int], int], tally: Tally) -> bool:
    first = seen.setdefault((line.city, line.sector, line.species, line.time), line.number)
    if first != line.number:
        value = f"{line.city} {line.sector} {line.species} {line.amount:g}"
        hour = line.time if columns == HOURLY else None
        expected = f"one line per key; line {first} counts"
        lose(tally, f"line {line.number}", "repeats an earlier line, which counts", value, expected, hour=hour)
    return first == line.number


def _year(text: str, default: int | None) -> int | None:
    return whole(text, FIRST_YEAR, LAST_YEAR) if text else default


def _hour(text: str) -> int | None:
    """Read the end of an hour as an epoch hour; 24:00 is 00:00 of the next day, no offset means Asia/Shanghai."""
    midnight = _HOUR_24.fullmatch(text)
    try:
        moment = dt.datetime.fromisoformat(f"{midnight[1]}T00:00{midnight[2] or ''}" if midnight else text)
    except ValueError:
        return None
    if (
        not text.isascii()
        or not FIRST_YEAR <= moment.year <= LAST_YEAR
        or (len(text) <= len("YYYY-MM-DD") and not midnight)
    ):
        return None  # a bare date would read as midnight: the hour of the day must be said
    moment = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    seconds = (moment + dt.timedelta(days=1 if midnight else 0)).timestamp()
    return int(seconds // 3600) if seconds % 3600 == 0 else None
