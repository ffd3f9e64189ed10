"""Things found by any of their names, and the names that are near to one that nobody bears."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable


class Names:
    """The names of things, each of which has a place.

    names: the names of each thing in the order of their places, the first one its own. plain: what of a name counts, for instance
    not its capitals. Errors: ValueError where one name stands for two things.
    """

    def __init__(self, names: Iterable[Iterable[str]], plain: Callable[[str], str]) -> None:
        self._plain, self._places = plain, {}
        own: list[str] = []
        for place, group in enumerate(names):
            own += [next(iter(group := list(group)))]
            for name in group:
                if self._places.setdefault(plain(name), place) != place:
                    raise ValueError(f"{name!r} names both {own[self._places[plain(name)]]} and {own[place]}")

    def find(self, name: str) -> int | None:
        """Give the place of what bears a name, None where nothing does."""
        return self._places.get(self._plain(name))

    def near(self, name: str, *, cutoff: float) -> list[int]:
        """Give the places of up to three names that are as near as cutoff (0 to 1, 1: the same), the nearest first."""
        found = difflib.get_close_matches(self._plain(name), self._places, n=3, cutoff=cutoff)
        return list(dict.fromkeys(self._places[each] for each in found))
