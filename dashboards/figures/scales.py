"""Round values along a scale, and how they are written. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

ROUND = (1, 2, 5, 10)
LENIENT = 0.999
"""A step that is shorter than asked for by rounding alone will do."""


def round_step(least: float, *, among: Sequence[float] = ROUND, slack: float = LENIENT) -> float:
    """Give the smallest step of those among, times a power of ten, that is not below slack times least (above 0)."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(each * power for each in among if each * power >= least * slack)


def ticks_at(low: float, high: float, step: float) -> list[float]:
    """Give the multiples of a step from low to high."""
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) + 0.0 for i in range(first, math.floor(high / step + 1e-9) + 1)]


def written(value: float) -> str:
    """Write the value of a tick without needless digits, with a true minus."""
    return f"{value:g}".replace("-", "−")
