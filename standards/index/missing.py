"""What becomes of an hourly index when an item is missing: the letter of the standard, or what the network did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from standards.dated_tables import read_table
from standards.days import date_of_day, day_of_date
from standards.pollutants import ITEMS

MISSING_POLICIES = ("letter", "network")
"""Rules for hours with a missing item: as the standard says, or as the national network did on the day."""


@dataclass(frozen=True, slots=True)
class MissingRule:
    """When an index of fewer items is given; confidence: how the rule is known.

    publish_above: the index of the items that are there must be above this, -1 for any. needs: bit i set where
    ITEMS[i] is one of those of which one must be there, 0 for none.
    """

    name: str
    publish_above: int
    needs: int
    confidence: str


def _rule(row: dict[str, str]) -> MissingRule:
    above = int(row["publish_above"]) if row["publish_above"] else -1
    needs = sum(1 << ITEMS.index(item) for item in row["needs"].split())
    return MissingRule(row["rule"], above, needs, row["confidence"])


_ROWS = read_table("missing_items").rows
MISSING_RULES = {row["rule"]: _rule(row) for row in _ROWS}
"""By name: "letter" (above 100), "particle" (one of PM10 and PM2.5 is there)."""
LETTER = MISSING_RULES["letter"]
"""HJ 633-2026 5.3.1: an index of fewer items is given where it is above 100."""
_PRACTICE = tuple(
    (dt.date.fromisoformat(row["valid_from"]), dt.date.fromisoformat(row["valid_to"]), MISSING_RULES[row["rule"]])
    for row in _ROWS
    if row["valid_from"]
)


def missing_rule(name: str) -> MissingRule:
    """Give a rule by name; raise ValueError for another name."""
    if name not in MISSING_RULES:
        raise ValueError(f"missing is {name!r}, expected one of {', '.join(MISSING_RULES)}, or a MissingRule")
    return MISSING_RULES[name]


def network_rule(date: dt.date) -> MissingRule:
    """Give the rule that the national network followed on a natural day: LETTER where no other practice is known.

    Source: published hourly AQI; tables/missing_items.csv says of which days, and how often it holds.
    """
    return next((rule for first, last, rule in _PRACTICE if first <= date <= last), LETTER)


def network_runs(first_day: int, n_days: int) -> list[tuple[slice, MissingRule]]:
    """Split consecutive natural days by the rule that the national network followed.

    first_day [days since 1970-01-01 local], n_days [days]. Returns (slice of 0..n_days, rule) in order; no days give an
    empty list.
    """
    turns = {day_of_date(first) for first, _, _ in _PRACTICE} | {day_of_date(last) + 1 for _, last, _ in _PRACTICE}
    cuts = [0, *sorted(day - first_day for day in turns if 0 < day - first_day < n_days), n_days]
    runs = [(slice(start, stop), network_rule(date_of_day(first_day + start))) for start, stop in pairwise(cuts)]
    return runs if n_days > 0 else []
