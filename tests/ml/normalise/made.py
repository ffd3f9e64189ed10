"""A made series whose emission trend is known and whose weather hides it."""

from __future__ import annotations

import numpy as np

DAYS = 365 * 6


def series(*, fall_per_year: float = 5.0, step: float = 0.0, step_day: int = 0, seed: int = 1, days: int = DAYS):
    """Give values, hour ends and weather of daily means: emission falls evenly, wind rises over the years and dilutes.

    step: added from step_day on. What is normalised falls by fall_per_year; what is observed falls faster, for the wind rises.
    """
    chance, day = np.random.default_rng(seed), np.arange(days)
    wind = np.exp(chance.normal(0, 0.4, days)) * (2.0 + day / days)
    warm = 15 - 10 * np.cos(2 * np.pi * day / 365.25) + chance.normal(0, 3, days)
    level = 100 - fall_per_year * day / 365.25 + np.where(day >= step_day, step, 0.0)
    values = level - 12 * (wind - 2.5) - 0.8 * (warm - 15) + chance.normal(0, 5, days)
    return values, (day + 16071) * 24 + 16, {"wind": wind, "warm": warm}
