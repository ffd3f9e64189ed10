"""Seats and stacks: the places around which the virtual airshed puts what a city emits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from research.virtual_airshed.inventories.checked_csv import Row, TableError, rows_of, table_error

CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")
"""The eight cities in the order of the registry."""
SEAT_COLUMNS = ("name_zh", "city", "lon", "lat", "urban_population_10k", "industry_weight", "source")
STACK_COLUMNS = ("code", "name_zh", "city", "lon", "lat", "share", "height_m", "complete")
LON, LAT = (100.0, 108.0), (27.0, 34.0)
"""The surroundings of the Chengdu Plain [deg]: what lies outside is a slip of the pen."""
_FOLDER = Path(__file__).parent
_SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Seat:
    """A county seat or urban district: lon, lat [deg, WGS-84], urban inhabitants [10,000], weight of its industry, 0 to 3."""

    name_zh: str
    city: str
    lon: float
    lat: float
    urban_population_10k: float
    industry_weight: float


@dataclass(frozen=True, slots=True)
class Stack:
    """A large stack: lon, lat [deg, WGS-84], its share of the city's coal sector, its height [m].

    complete: the stacks of its city make up all of the coal sector.
    """

    code: str
    name_zh: str
    city: str
    lon: float
    lat: float
    share: float
    height_m: float
    complete: bool


def read_seats(path: Path) -> tuple[Seat, ...]:
    """Read seats in the order of the file.

    Errors: TableError with file, line, value and expectation for a wrong cell, a seat that is given twice, and a city
    without a seat or without industry.
    """
    seats = tuple(_seat(row) for row in _unique(path, SEAT_COLUMNS, ("city", "name_zh")))
    for city in CITIES:
        own = [seat for seat in seats if seat.city == city]
        if not any(seat.industry_weight > 0 for seat in own):
            raise TableError(f"{path} has no seat with an industry_weight above 0 in {city}, expected one in each city")
    return seats


def read_stacks(path: Path) -> tuple[Stack, ...]:
    """Read stacks in the order of the file.

    Errors: TableError for a wrong cell, a code that is given twice, shares of a city above 1, and a city whose
    `complete` differs between its stacks or does not say whether its shares sum to 1.
    """
    rows = list(_unique(path, STACK_COLUMNS, ("code",)))
    stacks = tuple(_stack(row) for row in rows)
    for row, stack in zip(rows, stacks, strict=True):
        total = math.fsum(each.share for each in stacks if each.city == stack.city)
        if total > 1 + _SUM_TOLERANCE:
            raise row.error("share", f"shares of {stack.city} that sum to at most 1, not {total:g}")
        if stack.complete != (abs(total - 1) <= _SUM_TOLERANCE):
            raise row.error("complete", f"yes where the shares of the city sum to 1, else no: they sum to {total:g}")
    return stacks


@lru_cache(maxsize=1)
def seats() -> tuple[Seat, ...]:
    """Give the shipped seats."""
    return read_seats(_FOLDER / "seats.csv")


@lru_cache(maxsize=1)
def stacks() -> tuple[Stack, ...]:
    """Give the shipped stacks."""
    return read_stacks(_FOLDER / "stacks.csv")


def complete_cities(of: tuple[Stack, ...] | None = None) -> tuple[str, ...]:
    """Give the cities whose stacks make up all of their coal sector, in the order of the file; of: None for the shipped."""
    return tuple(dict.fromkeys(stack.city for stack in (stacks() if of is None else of) if stack.complete))


def _unique(path: Path, columns: tuple[str, ...], key: tuple[str, ...]):
    seen: dict[tuple[str, ...], int] = {}
    for row in rows_of(path, columns):
        found = tuple(row.text(column) for column in key)
        if found in seen:
            raise table_error(path, row.line, " ".join(key), " ".join(found), f"once, it is on line {seen[found]} too")
        seen[found] = row.line
        yield row


def _seat(row: Row) -> Seat:
    row.text("source")
    return Seat(
        name_zh=row.text("name_zh"), city=row.one_of("city", CITIES),
        lon=row.number("lon", *LON), lat=row.number("lat", *LAT),
        urban_population_10k=row.number("urban_population_10k", 0.1, 3000),
        industry_weight=row.number("industry_weight", 0, 3),
    )  # fmt: skip


def _stack(row: Row) -> Stack:
    return Stack(
        code=row.text("code"), name_zh=row.text("name_zh"), city=row.one_of("city", CITIES),
        lon=row.number("lon", *LON), lat=row.number("lat", *LAT),
        share=row.number("share", 0, 1), height_m=row.number("height_m", 10, 400),
        complete=row.one_of("complete", ("yes", "no")) == "yes",
    )  # fmt: skip
