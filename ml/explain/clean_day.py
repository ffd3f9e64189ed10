"""The baseline that a forecast is explained from: a clean day of the season, chosen by rule."""

from __future__ import annotations

import numpy as np

SHARE = 0.10
"""A clean day is near the level below which so great a share of the season's days lie."""
SEASON_D = 45.0
"""[days of the year] To each side of the day that is explained."""


def clean_day(
    values: np.ndarray, days: np.ndarray, *, day: int, share: float = SHARE, season_d: float = SEASON_D
) -> int:
    """Choose the clean day of the season: the index of one day among those of the past.

    values [unit of the item]: (n,), the daily or hourly value of each row that could serve, NaN for missing. days [days
    since 1970-01-01 local]: (n,), the day of each. day: the one to be explained; only earlier ones are looked at. Among
    the rows within season_d days of the year around it, the one whose value lies nearest to the quantile share of
    theirs; of equals the latest. A single real row is taken, no mean: its weather, emissions and history belong
    together.
    Errors: ValueError where no earlier day of the season is known.
    """
    values, days = np.asarray(values, float), np.asarray(days)
    apart = np.abs((days - day + 182.62) % 365.2425 - 182.62)
    usable = np.flatnonzero((days < day) & (apart <= season_d) & np.isfinite(values))
    if not len(usable):
        raise ValueError(f"no day before {day} within {season_d:g} days of its season is known, expected one or more")
    off = np.abs(values[usable] - np.quantile(values[usable], share))
    nearest = usable[off == off.min()]
    return int(nearest[np.argmax(days[nearest])])
