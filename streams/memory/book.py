"""The small part of a city's state, read and written with every message, and how its pieces are numbered.

State is kept in pieces of PIECE_HOURS behind a mapping (streams.memory.shelf). What there is, is found by asking for a key:
nothing that is kept here grows with the years.

What is kept is made of plain dicts, lists, texts, numbers and arrays, never of classes: these can be read whatever the code is
called. Whoever changes what is kept raises LAYOUT (a test holds the two together).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

LAYOUT = 7
"""Number of the layout of a city's state. A state of another layout is not read: the city starts anew with its next hours."""
PIECE_HOURS = 240
CAPACITY = 48
"""Pieces of each kind in the keyed state, 480 days where hours follow one another; all others lie in the archive."""
GROUPS = CITY, OTHERS = "o", "m"
"""Groups of stations, as the first letter of their pieces' keys: what the city may depend on, and the others (registry.members)."""


class Mapping(Protocol):
    """What the engine's keyed map state offers."""

    def get(self, key: str) -> Any:
        """Give the value of a key, None where there is none."""

    def put(self, key: str, value: Any) -> None:
        """Keep a value."""


@dataclass(slots=True)
class Book:
    """The small part of the state, read and written with every message."""

    version: int
    scorers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was last said of each model that scores joined hours, by name (streams.scorers)."""
    hot: dict[str, list[str]] = field(default_factory=dict)
    """Which pieces lie in the keyed state (streams.memory.shelf)."""
    observed_end: int = 0
    """The hour after the last piece in which the city is observed: nothing is scored without a forecast from here on."""

    def state(self) -> dict[str, Any]:
        """Give what is kept of the book."""
        return {name: getattr(self, name) for name in self.__slots__}

    def copy(self) -> Book:
        """Give a book that can be changed without changing this one."""
        return Book(**{n: v.copy() if isinstance(v, list | dict) else v for n, v in self.state().items()})


def pieces_of(first: int, end: int) -> range:
    """Give the numbers of the pieces that hold any of the hours [first, end)."""
    return range(first // PIECE_HOURS, -(-end // PIECE_HOURS))
