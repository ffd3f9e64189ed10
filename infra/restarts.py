"""When to start a process again and when to give up: arithmetic on moments, without a clock of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """At most so many restarts within a stretch of time, each after a longer wait [s] than the one before."""

    most: int = 5
    within_s: float = 600.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0

    def wait_after(self, exits: Sequence[float]) -> float | None:
        """Give the wait [s] before the next start, from the moments of all exits in order; None: give up."""
        recent = sum(1 for moment in exits if moment > exits[-1] - self.within_s)
        if recent > self.most:
            return None
        return min(self.first_wait_s * 2 ** (recent - 1), self.longest_wait_s)
