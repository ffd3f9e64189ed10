"""The small part of a city's state: what there is, so that nothing absent is looked up; and the changes of one message.

State is kept in pieces of PIECE_HOURS behind a mapping that the engine or a plain dict provides, and is bounded: the oldest hours
leave first and take the forecasts and emissions of their hours with them. What arrives for hours before Book.usable is late.

What is kept is made of plain dicts, lists, texts, numbers and arrays, never of classes: these can be read whatever the code is
called. Whoever changes what is kept raises LAYOUT (a test holds the two together).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from standards.days import first_hour_of_day, natural_day

LAYOUT = 5
"""Number of the layout of a city's state. A state of another layout is not read: the city starts anew with its next hours."""
PIECE_HOURS = 240
CAPACITY = 48
"""Pieces of 10 days kept for each city: 480 days of data, enough for a full year and for revisions weeks later."""
GROUPS = CITY, OTHERS = "o", "m"
"""Groups of stations, as the first letter of their pieces' keys: what the city may depend on, and the others (registry.members)."""


class Mapping(Protocol):
    """What the engine's keyed map state offers."""

    def get(self, key: str) -> Any:
        """Give the value of a key, None where there is none."""

    def put(self, key: str, value: Any) -> None:
        """Keep a value."""

    def remove(self, key: str) -> None:
        """Forget a key."""


@dataclass(slots=True)
class Book:
    """The small part of the state, read and written with every message."""

    version: int
    stations: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(GROUPS, ()))
    """Known stations by group."""
    observed: dict[str, list[int]] = field(default_factory=lambda: {group: [] for group in GROUPS})
    """Pieces of observations by group."""
    emitted: list[int] = field(default_factory=list)
    runs: dict[str, tuple[int, int]] = field(default_factory=dict)
    """First hour and hour after the last of each forecast run."""
    scorers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was last said of each model that scores joined hours, by name (streams.scorers)."""
    frontier: int = 0
    """Hours before this one have left the state."""
    emission_frontier: int = 0
    """Emissions before this hour have left the state."""
    forgotten_init: int = 0
    """Runs that started in this hour or before may have left the state."""

    @property
    def usable(self) -> int:
        """The first hour that can still be taken: its day and the days before it, which its means reach into, are whole."""
        return int(first_hour_of_day(natural_day(self.frontier - 1) + 3)) if self.frontier else 0

    def state(self) -> dict[str, Any]:
        """Give what is kept of the book."""
        return {name: getattr(self, name) for name in self.__slots__}

    def copy(self) -> Book:
        """Give a book that can be changed without changing this one."""
        return Book(**{n: v.copy() if isinstance(v, list | dict) else v for n, v in self.state().items()})


class Draft:
    """Changes to a mapping that are made only when all of a message has succeeded."""

    def __init__(self, held: Mapping) -> None:
        self._held, self._changes = held, {}

    def get(self, key: str) -> Any:
        """Give the value of a key as changed."""
        return self._changes[key] if key in self._changes else self._held.get(key)

    def put(self, key: str, value: Any) -> None:
        """Note a new value."""
        self._changes[key] = value

    def remove(self, key: str) -> None:
        """Note that a key is to be forgotten."""
        self._changes[key] = None

    def apply(self) -> None:
        """Make the changes."""
        for key, value in self._changes.items():
            if value is not None:
                self._held.put(key, value)
            elif self._held.get(key) is not None:
                self._held.remove(key)


def pieces_of(first: int, end: int) -> range:
    """Give the numbers of the pieces that hold any of the hours [first, end)."""
    return range(first // PIECE_HOURS, -(-end // PIECE_HOURS))
