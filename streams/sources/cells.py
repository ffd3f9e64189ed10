"""Read cells: numbers, concentrations and Chinese clock labels, as they stand in files of any feed.

A number is written in the digits 0 to 9, with a sign, a point and an exponent where they are needed. What Python's float
and int take beside that (1_000, full-width digits, whole numbers of thousands of digits) is none: no feed means it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Sequence

import numpy as np

from standards.days import UTC_OFFSET_HOURS

MISSING = frozenset({"", "nan", "+nan", "-nan", "na", "n/a", "null", "none", "-", "--", "—", "——"})
"""What feeds write where a value is missing, in lower case."""
CONCENTRATION = "a number from 0 to 100000, or nothing where it is missing"
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,23}")
"""A station code as the registry accepts it."""
FIRST_YEAR, LAST_YEAR = 1991, 2099
_PLAIN = b"0123456789+-.eE \tnaNA"
"""A column of these characters alone holds nothing that Python reads as a number and `number` does not."""
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{8}")
_HOUR = re.compile(r"([0-9]{1,2})(?::?00(?::?00)?)?")


def number(cell: str) -> float | None:
    """Read one number of any sign: NaN where it is missing, infinite where it is too large, None where it is no number."""
    text = cell.strip()
    if text.lower() in MISSING:
        return float("nan")
    return float(text) if _NUMBER.fullmatch(text) else None


def numbers(cells: Sequence[str]) -> tuple[np.ndarray, list[int]]:
    """Read one cell a number: float64 with NaN where missing or no number, and the places of the latter."""
    # Whole columns are nearly always clean, and reading them at once is ten times faster than cell by cell.
    if _is_plain("".join(cells)):
        with contextlib.suppress(ValueError):
            return np.array([cell or "nan" for cell in cells], dtype=float), []
    read = [number(cell) for cell in cells]
    return np.array([np.nan if x is None else x for x in read], float), [i for i, x in enumerate(read) if x is None]


def concentrations(cells: Sequence[str]) -> tuple[np.ndarray, list[int]]:
    """Read one cell a number: float64 with NaN where missing or wrong, and the places of the wrong ones.

    Wrong is what is no number, infinite, negative or above 100000 (no air has that many ug/m3).
    """
    values, unreadable = numbers(cells)
    wrong = ~((values >= 0) & (values <= 100_000)) & ~np.isnan(values)
    if wrong.any():
        values[wrong] = np.nan
        return values, sorted({*unreadable, *np.flatnonzero(wrong).tolist()})
    return values, unreadable


def amount(cell: str) -> float | None:
    """Read a finite number >= 0; None where the cell is not one, also where it is empty."""
    value = number(cell)
    return value if value is not None and 0 <= value < float("inf") else None


def whole(cell: str, least: int, most: int) -> int | None:
    """Read a whole number of at most nine digits from least to most, None where the cell is not one."""
    text = cell.strip()
    return int(text) if _WHOLE.fullmatch(text) and least <= int(text) <= most else None


def hour_of_day(text: str) -> int | None:
    """Read an hour from 0 to 24 as clocks write it (8, 08, 8:00, 0800, 08:00:00), None where it is none."""
    found = _HOUR.fullmatch(text.strip())
    return int(found[1]) if found and int(found[1]) <= 24 else None


def clock_hour(day: str, hour: str) -> int | None:
    """Give the epoch hour of a label such as "20230120", "8" in Asia/Shanghai; None where there is no such hour.

    24 is the next day's 0.
    """
    day, clock = day.strip(), hour_of_day(hour)
    if not _DAY.fullmatch(day) or clock is None or not FIRST_YEAR <= int(day[:4]) <= LAST_YEAR:
        return None
    try:
        midnight = dt.datetime(int(day[:4]), int(day[4:6]), int(day[6:]), tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(midnight.timestamp()) // 3600 + clock - UTC_OFFSET_HOURS


def _is_plain(text: str) -> bool:
    return text.isascii() and not text.encode().translate(None, _PLAIN)
