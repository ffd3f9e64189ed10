"""Quarters of a year by their names, and what is due after one: pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.phase.named import period_words
from dashboards.phase.question import period_of
from dashboards.text import Text
from standards.assessment.periods import Period, quarter

FIRST_YEAR, LAST_YEAR = 2000, 2100
_NAME = re.compile(r"(\d{4})-Q([1-4])")
ASSESSMENT, MEETING, REPORT = "assessment", "meeting", "report"
DUTIES = (ASSESSMENT, MEETING, REPORT)
DONE, OPEN, OVERDUE = "done", "open", "overdue"


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter: year and number, 1 to 4; they are in order of time."""

    year: int
    number: int

    @property
    def name(self) -> str:
        """Give its name: "2026-Q3"."""
        return f"{self.year}-Q{self.number}"

    @property
    def period(self) -> Period:
        """Give its days."""
        return quarter(self.year, self.number)

    def later(self, count: int) -> Quarter:
        """Give the quarter so many later, or with a negative count earlier."""
        nth = self.year * 4 + self.number - 1 + count
        return Quarter(nth // 4, nth % 4 + 1)

    def since(self, other: Quarter) -> int:
        """Tell how many quarters this one is after another one."""
        return (self.year - other.year) * 4 + self.number - other.number


def quarter_named(name: str) -> Quarter | None:
    """Read the name of a quarter; None for what is none, or of a year outside of FIRST_YEAR to LAST_YEAR."""
    found = _NAME.fullmatch(name) if name.isascii() else None
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    return Quarter(int(found[1]), int(found[2]))


def quarter_of(day: dt.date) -> Quarter:
    """Give the quarter that a day is in."""
    return Quarter(day.year, (day.month + 2) // 3)


def quarter_words(text: Text, name: str) -> str:
    """Name a quarter as reports do: "2026年第一季度"."""
    return period_words(text, period_of(name))


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who hosts from a quarter on: cities by turns. assumed: nobody has decided it yet, it is a proposal."""

    first: Quarter
    order: tuple[str, ...]
    source: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Duty:
    """What is due so many days after the end of each quarter from one on. kind: one of DUTIES."""

    first: Quarter
    kind: str
    days: int
    source: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for one quarter: kind, on which day, and how it stands on the day of the question."""

    kind: str
    day: dt.date
    state: str
    assumed: bool


def host_of(asked: Quarter, rotations: Sequence[Rotation]) -> tuple[str, Rotation] | None:
    """Give the city that hosts the meeting of a quarter, by the newest rotation that has begun; None before the first."""
    begun = [each for each in rotations if each.first <= asked]
    if not begun:
        return None
    newest = max(begun, key=lambda each: each.first)
    return newest.order[asked.since(newest.first) % len(newest.order)], newest


def due_of(asked: Quarter, duties: Sequence[Duty], done: Sequence[str], today: dt.date) -> tuple[Due, ...]:
    """Tell what is due for a quarter and how it stands. done: the kinds that are fulfilled. today: a day in Beijing.

    What falls due today is not overdue yet. A duty counts from its newest entry that has begun.
    """
    found = []
    for kind in DUTIES:
        begun = [each for each in duties if each.kind == kind and each.first <= asked]
        if begun:
            newest = max(begun, key=lambda each: each.first)
            day = asked.period.last_date + dt.timedelta(days=newest.days)
            state = DONE if kind in done else OVERDUE if today > day else OPEN
            found.append(Due(kind, day, state, newest.assumed))
    return tuple(found)
