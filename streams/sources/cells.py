"""Read cells: concentrations and Chinese clock labels, as they stand in files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "--", "—", "——"})
"""What feeds write where a value is missing, in lower case."""
CONCENTRATION = "a number from 0 to 100000, or nothing where it is missing"
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,23}")
"""A station code as the registry accepts it."""
UTC_OFFSET_H = 8
"""Asia/Shanghai; without summer time since 1991."""
FIRST_YEAR, LAST_YEAR = 1991, 2099
_DAY = re.compile(r"\d{8}")
_HOUR = re.compile(r"\d{1,2}")


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


def numbers(cells: Sequence[str]) -> tuple[np.ndarray, list[int]]:
    """Read one cell a number of any sign: float64 with NaN where missing or no number, and the places of the latter."""
    try:
        # Whole columns are nearly always clean, and reading them at once is ten times faster than cell by cell.
        return np.array([cell or "nan" for cell in cells], dtype=float), []
    except ValueError:
        read = [_number(cell) for cell in cells]
        return np.array([np.nan if x is None else x for x in read]), [i for i, x in enumerate(read) if x is None]


def clock_hour(day: str, hour: str) -> int | None:
    """Give the epoch hour of a label such as "20230120", "8" in Asia/Shanghai; None where there is no such hour."""
    day, hour = day.strip(), hour.strip()
    if not _DAY.fullmatch(day) or not _HOUR.fullmatch(hour) or not FIRST_YEAR <= int(day[:4]) <= LAST_YEAR:
        return None
    try:
        moment = dt.datetime(int(day[:4]), int(day[4:6]), int(day[6:]), int(hour), tzinfo=dt.UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) // 3600 - UTC_OFFSET_H


def _number(cell: str) -> float | None:
    text = cell.strip()
    if text.lower() in MISSING:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return None
