"""Whether the air of a city gets better or worse: pure."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

import numpy as np

from standards.assessment.trends import theil_sen

SPAN_H = 6
LEAST = 4
"""So many of the hours need an index."""
STEADY = 10
"""A change over SPAN_H below this is none [index]; about half the error of an hourly index (our choice)."""
RISING, FALLING, LEVEL = "rising", "falling", "level"


def change(by_hour: Mapping[dt.datetime, int | None], last: dt.datetime) -> float | None:
    """Give by how much the index changes in SPAN_H hours, from the slope of the hours up to last.

    by_hour: end of hour to index, None for NA. The slope is robust (Theil-Sen), so that one hour does not make a trend.
    Missing: None where fewer than LEAST of the last SPAN_H + 1 hours have an index.
    """
    hours = [last - dt.timedelta(hours=back) for back in range(SPAN_H, -1, -1)]
    values = np.array([math.nan if by_hour.get(h) is None else float(by_hour[h]) for h in hours])
    if np.isfinite(values).sum() < LEAST:
        return None
    return theil_sen(values).slope * SPAN_H


def direction(changed: float | None) -> str:
    """Name a change: rising, falling, level; "unknown" where there is none."""
    if changed is None:
        return "unknown"
    return RISING if changed >= STEADY else FALLING if changed <= -STEADY else LEVEL
