"""How far forecast runs agree on a day: pure. What is called confidence on the wall is this and no more."""

from __future__ import annotations

from collections.abc import Sequence

from standards.index.levels import level_of

HIGH, MEDIUM, LOW, UNKNOWN = "high", "medium", "low", "unknown"


def agreement(told: Sequence[int]) -> str:
    """Name how far runs agree on the index of a day: high where all name one level, medium where levels are neighbours, else
    low; "unknown" where fewer than two runs reach the day: a run cannot agree with itself."""
    if len(told) < 2:
        return UNKNOWN
    levels = [int(level_of(float(index))) for index in told]
    apart = max(levels) - min(levels)
    return HIGH if apart == 0 else MEDIUM if apart == 1 else LOW
