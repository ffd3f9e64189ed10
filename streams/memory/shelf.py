"""Where the pieces of a desk lie: the few that were written last in the keyed state, all others in the archive.

The desks ask for a key and need not know where it lies. Nothing is ever forgotten: of each kind of piece the keyed state holds at
most streams.memory.book.CAPACITY; the one that was not written for longest makes room and leaves its digest under its key. So
a row of a far year, or a history that is filled in, moves out only what of its own kind was not written for longest, and the
present comes back with its next hour. Which pieces lie where changes no result.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from streams.memory import book as books
from streams.memory.archive import Archive, ArchiveError
from streams.memory.book import Mapping

LOG = logging.getLogger("airshed.archive")
Hot = dict[str, list[str]]
"""By the first letter of their keys, the kind, the pieces in keyed state, the one written last at the end."""


class Shelf:
    """The pieces of one desk: a mapping of keyed state behind which an archive stands; without one everything stays in it."""

    def __init__(
        self, held: Mapping, archive: Archive | None = None, name: str = "", *, capacity: int | None = None
    ) -> None:
        self.held, self._archive, self._name, self._capacity = held, archive, name, capacity

    def get(self, key: str) -> Any:
        """Give the value of a key, None where there is none. Errors: ArchiveError where its file is missing or damaged."""
        value = self.held.get(key)
        if not isinstance(value, str):
            return value
        if self._archive is None:
            raise ArchiveError(f"{self._name}/{key}", "no archive was given to read it from")
        try:
            return self._archive.load(self._name, key, value)
        except ArchiveError as error:
            LOG.error("%s of %s is not usable: %s", key, self._name, error)
            raise

    def write(self, changes: dict[str, Any], hot: Hot) -> Hot:
        """Keep changed values, and let others make room for them; give what now lies in the keyed state."""
        for key, value in changes.items():
            if key not in hot.get(key[0], ()):
                self._let_go(key)
            self.held.put(key, value)
        return hot | {kind: self._make_room(kind, hot.get(kind, ()), changes) for kind in {key[0] for key in changes}}

    def _make_room(self, kind: str, known: Iterable[str], changes: Iterable[str]) -> list[str]:
        capacity = books.CAPACITY if self._capacity is None else self._capacity
        order = [*(key for key in known if key not in changes), *(key for key in changes if key[0] == kind)]
        for key in order[: max(len(order) - capacity, 0)]:
            if not self._demote(key):
                break
            order = order[1:]
        return order

    def _demote(self, key: str) -> bool:
        if self._archive is None:
            return False
        try:
            self.held.put(key, self._archive.keep(self._name, key, self.held.get(key)))
        except OSError as error:
            # It stays where it is, and has its try with the next message: nothing is lost but room.
            LOG.error("the archive cannot keep %s of %s: %s", key, self._name, error)
            return False
        return True

    def _let_go(self, key: str) -> None:
        before = self.held.get(key)
        if self._archive is not None and isinstance(before, str):
            self._archive.let_go(self._name, key, before)


class Draft:
    """Changes to a shelf that are made only when all of a message has succeeded."""

    def __init__(self, held: Shelf | Mapping) -> None:
        self._shelf = held if isinstance(held, Shelf) else Shelf(held)
        self._changes: dict[str, Any] = {}
        self._read: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """Give the value of a key as changed; what was read once is not read again."""
        if key in self._changes:
            return self._changes[key]
        if key not in self._read:
            self._read[key] = self._shelf.get(key)
        return self._read[key]

    def put(self, key: str, value: Any) -> None:
        """Note a new value."""
        self._changes[key] = value

    def apply(self, hot: Hot) -> Hot:
        """Make the changes; hot and what is given as in Shelf.write."""
        return self._shelf.write(self._changes, hot)
