"""Clocks that are wrong, or are set while a program runs: told by comparing the wall's clock with one that goes on evenly.

And pauses between tries, which need no clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable

DAY_S = 86_400.0
MOVED_S = 60.0
"""A wall's clock that has moved by less than this [s] against the even one was only trimmed."""


def doubled_pause(first_s: float, doublings: int, longest_s: float) -> float:
    """Give a pause [s] that has doubled so many times (0 or more), at most the longest."""
    return min(first_s * 2.0 ** min(doublings, 60), longest_s)  # beyond 60 a float has long been over any longest pause


class ClockWatch:
    """Sees how far the wall's clock has moved by itself [s]: ahead above 0 (or the machine slept), back below 0."""

    def __init__(self, wall: Callable[[], float] = time.time, even: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._even = wall, even
        self._begun = self._seen = wall() - even()

    def moved(self) -> float:
        """Give how far it has moved since the last question, 0 where that is little."""
        now = self._wall() - self._even()
        by, self._seen = now - self._seen, now
        return by if abs(by) >= MOVED_S else 0.0

    def since_start(self) -> float:
        """Give how far it has moved since this began to watch."""
        return self._wall() - self._even() - self._begun
