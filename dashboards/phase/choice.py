"""Which periods a reader is offered, on the day of the question: pure."""

from __future__ import annotations

import datetime as dt

YEARS = 3
"""This year and so many before it are offered as a whole."""


def offered(today: dt.date) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give the names of periods in groups, the newest first: months, quarters, half-years and years, campaigns.

    A period is offered from its second day on: before, not one whole day of it is known. today: a day in Beijing.
    """
    last = today - dt.timedelta(days=1)
    months = [_month(last, back) for back in range(13)]
    quarters = [_quarter(last, back) for back in range(6)]
    halves = [_half(last, back) for back in range(3)]
    years = [str(last.year - back) for back in range(YEARS)]
    ozone = [f"ozone-{last.year - back}" for back in range(0 if last.month >= 5 else 1, 2)]
    haze = [f"haze-{last.year - back}" for back in range(0 if last.month >= 11 else 1, 2)]
    return (
        ("quarters", tuple(quarters)), ("months", tuple(months)), ("years", (*halves, *years)),
        ("campaigns", (*ozone, *haze)),
    )  # fmt: skip


def first_choice(today: dt.date) -> str:
    """Give the period that is shown to who chooses none: the quarter of the last whole day."""
    return _quarter(today - dt.timedelta(days=1), 0)


def before(name: str) -> str:
    """Give the period of the same kind before a month, quarter, half-year or year; "" for what has none."""
    try:
        if "-Q" in name:
            year, number = int(name[:4]), int(name[6:])
            return f"{year}-Q{number - 1}" if number > 1 else f"{year - 1}-Q4"
        if "-H" in name:
            return f"{name[:4]}-H1" if name.endswith("2") else f"{int(name[:4]) - 1}-H2"
        if len(name) == 7:
            year, month = int(name[:4]), int(name[5:])
            return f"{year}-{month - 1:02d}" if month > 1 else f"{year - 1}-12"
        return str(int(name) - 1) if len(name) == 4 else ""
    except ValueError:
        return ""


def _month(day: dt.date, back: int) -> str:
    nth = day.year * 12 + day.month - 1 - back
    return f"{nth // 12:04d}-{nth % 12 + 1:02d}"


def _quarter(day: dt.date, back: int) -> str:
    nth = day.year * 4 + (day.month - 1) // 3 - back
    return f"{nth // 4:04d}-Q{nth % 4 + 1}"


def _half(day: dt.date, back: int) -> str:
    nth = day.year * 2 + (day.month - 1) // 6 - back
    return f"{nth // 2:04d}-H{nth % 2 + 1}"
