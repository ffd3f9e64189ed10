"""When instruments fail, and what review does about it: events drawn for each station and month.

A station's events of 30 days come from one generator. So the faults of any hour follow from the seed, the station and
the hour alone, whichever hours are made. The rates are choices of the virtual airshed: a national station lacks some
3 % of its hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from research.virtual_airshed.chance import generator
from research.virtual_airshed.observe.clock import place_in_day
from standards.days import HOURS_PER_DAY

BLOCK_HOURS = 720
"""Events are drawn for so many hours at once [h]; rates are for them too."""
LONGEST_HOURS = 480
ROW = -1
"""The column of an event that takes the whole row."""
ALL = "*"
"""The station of an event that takes a whole feed."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a kind of event happens at a station in BLOCK_HOURS, and how long it lasts.

    mean_h, most_h: hours on average and at most [h]. row: whether it takes all columns at once.
    """

    kind: str
    rate: float
    mean_h: float = 1.0
    most_h: int = 1
    row: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    name: its own. column: which of the feed's columns, or ROW. hours: how long [h]. size, luck: even numbers from 0 to
    1: how strong it is, and what becomes of it in review.
    """

    name: str
    kind: str
    station: str
    column: int
    first_hour: int
    hours: int
    size: float
    luck: float

    @property
    def last_hour(self) -> int:
        """The epoch hour of its last hour's end."""
        return self.first_hour + self.hours - 1


KINDS = (
    "late", "gap_row", "cut", "no_offset", "unknown", "duplicate", "gap", "text", "negative", "spike", "stuck", "drift",
    "invalidated", "corrected", "revised",
)  # fmt: skip
"""In the order in which they claim an hour; the last three happen in review. The README says what each is."""
REVIEW_KINDS = ("invalidated", "corrected", "revised")
_LINES = (Habit("cut", 0.08, row=True), Habit("no_offset", 0.08, row=True), Habit("unknown", 0.08, row=True))
_CELLS = (Habit("text", 0.25), Habit("negative", 0.35))
HABITS = MappingProxyType({
    "stations": (
        Habit("gap_row", 1.2, 9.0, 60, row=True), *_LINES, Habit("duplicate", 0.5, 2.0, 6, row=True),
        Habit("gap", 26.0, 2.5, 30), *_CELLS,
        Habit("spike", 2.5), Habit("stuck", 0.6, 9.0, 20), Habit("drift", 0.10, 150.0, LONGEST_HOURS),
        Habit("invalidated", 0.8, 3.0, 12), Habit("corrected", 1.2, 4.0, 12), Habit("revised", 0.4, 5.0, 12),
    ),
    "micro": (
        Habit("gap_row", 2.0, 18.0, 240, row=True), Habit("cut", 0.01, row=True), Habit("no_offset", 0.01, row=True),
        Habit("unknown", 0.01, row=True), Habit("duplicate", 0.3, 2.0, 6, row=True), Habit("gap", 6.0, 3.0, 48),
        Habit("text", 0.01), Habit("negative", 0.02), Habit("spike", 4.0), Habit("stuck", 1.0, 8.0, 20),
        Habit("drift", 0.20, 150.0, LONGEST_HOURS),
    ),
    "super": (Habit("gap_row", 0.6, 5.0, 24, row=True), Habit("gap", 10.0, 2.0, 12), *_CELLS, Habit("spike", 1.0)),
    "voc": (
        Habit("gap_row", 5.0, 5.0, 36, row=True), *_LINES, Habit("gap", 60.0, 3.0, 24), Habit("text", 1.5),
        Habit("negative", 1.0),
    ),
    "composition": (
        Habit("gap_row", 3.0, 5.0, 36, row=True), *_LINES, Habit("gap", 25.0, 3.0, 24), Habit("text", 0.8),
        Habit("negative", 0.6),
    ),
    "cems": (Habit("gap", 4.0, 4.0, 24), Habit("text", 0.3), Habit("negative", 0.3)),
})  # fmt: skip
"""By feed."""
LATE = MappingProxyType({"stations": 0.6, "micro": 0.8, "super": 0.4, "voc": 0.8, "composition": 0.8, "cems": 0.6})
"""How often a feed as a whole is late in BLOCK_HOURS."""
LATE_MEAN_H, LATE_MOST_H = 5.0, 24


def events_in(
    feed: str, codes: Sequence[str], hours: np.ndarray, *, seed: int, scale: float, columns: int
) -> list[Event]:
    """Give the events that touch some consecutive hours, in the order in which they claim an hour.

    feed: of HABITS. codes: of the stations. hours: epoch hours (hour,). scale: factor on all rates, 0 for none.
    columns: how many columns an event may fall on.
    """
    found: list[Event] = []
    for number in _blocks(hours):
        for code in codes:
            found += _block(seed, feed, code, number, scale, columns)
    return _touching(found, hours)


def late_events(feed: str, hours: np.ndarray, *, seed: int, scale: float) -> list[Event]:
    """Give when a feed's files come late; arguments as events_in."""
    found = [event for number in _blocks(hours) for event in _late_block(seed, feed, number, scale)]
    return _touching(found, hours)


def _blocks(hours: np.ndarray) -> range:
    return range((int(hours[0]) - LONGEST_HOURS) // BLOCK_HOURS, int(hours[-1]) // BLOCK_HOURS + 1)


def _touching(events: list[Event], hours: np.ndarray) -> list[Event]:
    first, last = int(hours[0]), int(hours[-1])
    touching = (event for event in events if event.first_hour <= last and event.last_hour >= first)
    return sorted(touching, key=lambda event: (KINDS.index(event.kind), event.name))


@lru_cache(maxsize=32_768)
def _block(seed: int, feed: str, code: str, number: int, scale: float, columns: int) -> tuple[Event, ...]:
    chance = generator(seed, "faults", feed, code, str(number))
    return tuple(
        event
        for habit in HABITS[feed]
        for event in _draw(habit, chance, (feed, code), number, scale=scale, columns=columns)
    )


@lru_cache(maxsize=1_024)
def _late_block(seed: int, feed: str, number: int, scale: float) -> tuple[Event, ...]:
    chance = generator(seed, "late", feed, str(number))
    habit = Habit("late", LATE[feed], LATE_MEAN_H, LATE_MOST_H, row=True)
    return tuple(_draw(habit, chance, (feed, ALL), number, scale=scale, columns=1))


def _draw(habit: Habit, chance: np.random.Generator, owner: tuple[str, str], block: int, *, scale: float, columns: int):
    feed, code = owner
    for i in range(int(chance.poisson(habit.rate * scale))):
        first = block * BLOCK_HOURS + int(chance.integers(BLOCK_HOURS))
        hours = min(int(chance.geometric(1.0 / habit.mean_h)), habit.most_h)
        if habit.kind == "stuck":
            # It ends with the natural day, so that a day made alone knows the value at which it began.
            hours = min(hours, HOURS_PER_DAY - int(place_in_day(first)))
        column = int(chance.integers(columns))
        size, luck = chance.random(2)
        name = f"{feed}/{code}/{block}/{habit.kind}/{i + 1}"
        yield Event(name, habit.kind, code, ROW if habit.row else column, first, hours, float(size), float(luck))
