"""Limits with their unit, clause and confidence: GB 3095 in every edition, and the guideline levels of the WHO."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cache

from standards.dated_tables import Table, read_table
from standards.editions import Edition

WHO_LEVELS = ("it1", "it2", "it3", "it4", "aqg")
"""Interim targets 1 to 4 and the guideline level, from the loosest to the strictest."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One printed line: values by grade or level, and where they stand.

    item and period as in the table. unit: of the values. values: by "grade1" and "grade2", or by WHO_LEVELS; NaN where
    the line has none. code, clause: of the standard. valid_from, valid_to: first and last day. confidence: "read",
    "recalled ..." as the table says; ask a person before a recalled value decides anything.
    """

    item: str
    period: str
    unit: str
    values: dict[str, float]
    code: str
    clause: str
    valid_from: dt.date
    valid_to: dt.date
    confidence: str


def limit_line(item: str, period: str, *, edition: Edition) -> Limit:
    """Give the line of GB 3095 of an item and a period.

    item: one of ITEMS, "tsp", "nox", "pb", "bap" (Table 2), or the reference values of annex A: "cd", "hg", "as",
    "cr6", "f", "f_deposition". period: "hour", "8h", "day", "month", "quarter", "growing_season" or "year".
    Returns Limit; GB 3095-2026 has no grades in annex A and gives its value twice, but for f_deposition the values of
    two kinds of area, as GB 3095-2012 prints them.
    Errors: ValueError where the edition has no such line, naming the periods that it has.
    Source: GB 3095-2012 (with the amendment of 2018) and GB 3095-2026, Tables 1 and 2, annex A.
    """
    lines = _gb_lines(edition.name)
    if (item, period) not in lines:
        raise _unknown(edition.limits_code, item, period, lines)
    return lines[item, period]


def limit_lines(*, edition: Edition) -> list[Limit]:
    """Give every line of an edition of GB 3095 in the order of its tables."""
    return list(_gb_lines(edition.name).values())


def guideline_line(item: str, period: str) -> Limit:
    """Give the line of the WHO guidelines of an item and a period.

    item: one of ITEMS. period: "10min", "15min", "hour", "8h", "day", "peak_season" or "year". Returns Limit with NaN
    for interim targets that do not exist.
    Errors: ValueError where the guidelines have no such line.
    Source: WHO global air quality guidelines 2021, Tables 0.1 and 0.2 (quoted; tables/who_2021.csv).
    """
    lines = _who_lines()
    if (item, period) not in lines:
        raise _unknown("the WHO guidelines 2021", item, period, lines)
    return lines[item, period]


def guideline(item: str, period: str, *, level: str = "aqg") -> float:
    """Give one value of the WHO guidelines.

    level: one of WHO_LEVELS. Returns the value [ug/m3, CO mg/m3].
    Errors: ValueError where the level, or the line, does not exist.
    Source: as guideline_line.
    """
    values = guideline_line(item, period).values
    if level not in values or math.isnan(values[level]):
        existing = [name for name, value in values.items() if not math.isnan(value)]
        raise ValueError(f"level is {level!r}, expected one of {existing} for {item!r} over {period!r}")
    return values[level]


@cache
def _gb_lines(edition_name: str) -> dict[tuple[str, str], Limit]:
    names = {"2012": "gb3095_2012", "2026T": "gb3095_2026_transition", "2031": "gb3095_2026_final"}
    return _lines(read_table(names[edition_name]), ("grade1", "grade2"))


@cache
def _who_lines() -> dict[tuple[str, str], Limit]:
    return _lines(read_table("who_2021"), WHO_LEVELS)


def _lines(table: Table, columns: tuple[str, ...]) -> dict[tuple[str, str], Limit]:
    found = {}
    for row in table.rows:
        values = {name: float(row[name]) if row[name] else math.nan for name in columns}
        found[row["item"], row["period"]] = Limit(
            item=row["item"],
            period=row["period"],
            unit=row["unit"],
            values=values,
            code=table.head["code"],
            clause=row["clause"],
            valid_from=table.valid_from,
            valid_to=table.valid_to,
            confidence=row.get("confidence") or table.head["confidence"],
        )
    return found


def _unknown(code: str, item: str, period: str, lines: dict[tuple[str, str], Limit]) -> ValueError:
    periods = sorted(p for i, p in lines if i == item)
    items = list(dict.fromkeys(i for i, _ in lines))
    expected = f"one of {periods}" if periods else f"an item of {items}"
    return ValueError(f"{code} has no line for {item!r} over {period!r}, expected {expected}")
