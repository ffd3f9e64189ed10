"""How an annual emission spreads over the hours of a year: monthly, weekly and hourly profiles by sector.

A profile file has one line per sector: `sector[,species],` and one column per month (1..12), weekday (Mon..Sun) or hour
(1..24, local, the end of the hour). species empty or `*` is for all species; a line for one species goes before it.
A month's number is its share of the year; within each month, weekday and hour numbers multiply. Without a monthly
profile a month weighs as much as it has days. Only the proportions within a line matter: every year sums to one.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from standards.days import UTC_OFFSET_HOURS
from streams.records import SPECIES
from streams.sources.cells import amount
from streams.sources.csv_lines import rows_of
from streams.sources.files import PROFILE_KINDS

LABELS = {
    "monthly": tuple(str(month) for month in range(1, 13)),
    "weekly": ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    "hourly": tuple(str(hour) for hour in range(1, 25)),
}
_EXPECTED = {
    "monthly": "the months 1 to 12",
    "weekly": "the weekdays Mon to Sun",
    "hourly": "the hours 1 to 24, each the local end of the hour (00:00 to 01:00 is 1)",
}
ALL = "*"
LEAST, MOST = 1e-9, 1e6
"""What the proportions of a line may come to together at least, and each at most: beyond them their products leave the numbers."""
EXPECTED = f"a number >= 0, at most {MOST:g}"
Refuse = Callable[..., None]
"""refuse(position, reason, value, expected): note one line that cannot be used."""


@dataclass(frozen=True)
class Profiles:
    """Profiles by kind and by (sector, species); species ALL is for every species without a line of its own."""

    tables: dict[str, dict[tuple[str, str], np.ndarray]] = field(
        default_factory=lambda: {kind: {} for kind in PROFILE_KINDS}
    )

    def key(self, kind: str, sector: str, species: str) -> tuple[str, str] | None:
        """Name the line that serves a sector and species, None where there is none and the spread is even."""
        table = self.tables[kind]
        return next((key for key in ((sector, species), (sector, ALL)) if key in table), None)

    def weights(self, year: int, sector: str, species: str) -> np.ndarray:
        """Give the share of the year's emission in each hour of a year: float64 (hour,), summing to one."""
        lines = [self.tables[kind].get(self.key(kind, sector, species)) for kind in PROFILE_KINDS]
        return hour_weights(year, *lines)


def hour_weights(
    year: int,
    monthly: np.ndarray | None = None,
    weekly: np.ndarray | None = None,
    hourly: np.ndarray | None = None,
) -> np.ndarray:
    """Give the share of a year's emission in each of its local hours.

    monthly (12,), weekly (7,) from Monday, hourly (24,) from the hour ending 01:00: proportions >= 0, None for even.
    Returns float64 (8760,) or (8784,), summing to one; the first is the hour ending 01:00 on 1 January.
    """
    months, weekdays = _calendar(year)
    day = np.ones(7)[weekdays] if weekly is None else np.asarray(weekly, float)[weekdays]
    month_share = np.bincount(months, minlength=12) if monthly is None else np.asarray(monthly, float)
    of_month = np.bincount(months, weights=day, minlength=12)
    days = day * (month_share / month_share.sum() / of_month)[months]
    hours = np.full(24, 1 / 24) if hourly is None else np.asarray(hourly, float) / np.sum(hourly)
    shares = np.outer(days, hours).ravel()
    return shares / math.fsum(shares)  # the last bits of the products: the year's sum is the annual total


def first_hour_of(year: int) -> int:
    """Give the epoch hour of the hour ending 01:00 on 1 January, Asia/Shanghai."""
    return int(np.datetime64(f"{year:04d}-01-01", "h").astype(int)) - UTC_OFFSET_HOURS + 1


def hours_in(year: int) -> int:
    """Give the number of hours of a year."""
    return 24 * (366 if calendar.isleap(year) else 365)


def read_profile(kind: str, lines: Iterable[str], refuse: Refuse) -> dict[tuple[str, str], np.ndarray]:
    """Read one profile file: (sector, species) to proportions; what cannot be used goes to refuse."""
    rows = rows_of(lines)
    _, first = next(rows, (1, []))
    header = [name.lower() for name in first]
    columns = _columns(kind, header, refuse)
    if columns is None:
        return {}
    table: dict[tuple[str, str], np.ndarray] = {}
    for number, row in rows:
        _read_line(row, header, columns, f"line {number}", table, refuse)
    return table


@lru_cache(maxsize=8)
def _calendar(year: int) -> tuple[np.ndarray, np.ndarray]:
    """Give month (0..11) and weekday (Monday 0) of each natural day of a year."""
    days = np.arange(np.datetime64(f"{year:04d}-01-01"), np.datetime64(f"{year + 1:04d}-01-01"))
    # 1970-01-01 was a Thursday.
    return days.astype("M8[M]").astype(int) % 12, (days.astype(int) + 3) % 7


def _columns(kind: str, header: list[str], refuse: Refuse) -> list[int] | None:
    if not header or header[0] != "sector":
        refuse("line 1", f"the {kind} profile has no column sector", ",".join(header)[:80], "sector first")
        return None
    labels = LABELS[kind]
    for name in header[1:]:
        if name not in (*labels, "species"):
            refuse(f"line 1, column {name}", f"not a column of a {kind} profile", name, _EXPECTED[kind])
    missing = [name for name in labels if header.count(name) != 1]
    if missing:
        reason = f"columns of the {kind} profile missing or repeated: {' '.join(missing)}"
        refuse("line 1", reason, ",".join(header)[:80], _EXPECTED[kind])
        return None
    return [header.index(name) for name in labels]


def _read_line(
    row: list[str],
    header: list[str],
    columns: list[int],
    position: str,
    table: dict[tuple[str, str], np.ndarray],
    refuse: Refuse,
) -> None:
    if len(row) != len(header):
        refuse(position, "the line is cut or has too many cells", f"{len(row)} cells", f"{len(header)} cells")
        return
    sector = row[0].casefold()
    species = (row[header.index("species")].lower() or ALL) if "species" in header else ALL
    numbers = [amount(row[column]) for column in columns]
    bad = next((i for i, number in enumerate(numbers) if number is None or number > MOST), None)
    if not sector:
        refuse(position, "the sector is empty", row[0], "a sector of the inventory")
    elif species != ALL and species not in SPECIES:
        refuse(position, "unknown species", species, f"one of {', '.join(SPECIES)} or {ALL}")
    elif bad is not None:
        refuse(f"{position}, column {header[columns[bad]]}", "not a proportion", row[columns[bad]], EXPECTED)
    elif sum(numbers) < LEAST:
        refuse(position, "all proportions are zero", sector, "at least one number > 0")
    elif (sector, species) in table:
        refuse(position, "the line repeats a sector", f"{sector} {species}", "one line per sector and species")
    else:
        table[sector, species] = np.array(numbers)
