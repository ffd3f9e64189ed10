"""The weather of the run at Chengdu, as reference.weather_reports describes the real one; and the haze that grows
and ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.virtual_airshed.reference.weather_reports import describe_weather, quadrant_of
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.series import SiteHours
from standards.days import UTC_OFFSET_HOURS
from standards.pollutants import ITEMS

ROSE = 16
"""Directions of the wind rose."""
CALM_MS = 0.5
"""Wind below this has no direction."""
ROSE_EDGES_MS = (CALM_MS, 1.0, 2.0, 3.0, np.inf)
BEFORE_DAYS, AFTER_DAYS = 4, 3
COLD_MONTHS = (11, 12, 1, 2)


def describe_site(hours: SiteHours, site: int) -> pd.DataFrame:
    """Describe the weather of a site and its PM2.5 by hour; COLUMNS of weather_reports."""
    u, v = (hours.of_weather(name)[site].astype(float) for name in ("wind_u_ms", "wind_v_ms"))
    quadrant = pd.Series(quadrant_of(u, v)).where(np.hypot(u, v) >= CALM_MS)
    ends = (hours.first_hour + np.arange(hours.hours) + UTC_OFFSET_HOURS).astype("datetime64[h]")
    table = {name: hours.of_weather(name)[site].astype(float) for name in ("temperature_c", "humidity_pct", "rain_mm")}
    table |= {
        "wind_ms": np.hypot(u, v),
        "quadrant": quadrant.to_numpy(),
        "pm25_ugm3": hours.items[ITEMS.index("pm25"), site].astype(float),
    }
    return describe_weather(pd.DataFrame(table, index=pd.DatetimeIndex(ends.astype("datetime64[ns]"))))


def rose(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, float]:
    """Give the share of the hours with wind from each of ROSE directions (0 is north, clockwise) and in each step
    of speed, and of calm hours [%].
    """
    speed = np.hypot(u, v)
    number = np.round(np.degrees(np.arctan2(-u, -v)) / (360 / ROSE)).astype(int) % ROSE
    found = np.zeros((ROSE, len(ROSE_EDGES_MS) - 1))
    step = np.searchsorted(ROSE_EDGES_MS, speed, side="right") - 1
    blowing = step >= 0
    np.add.at(found, (number[blowing], step[blowing]), 100.0 / speed.size)
    return found, float(100.0 * (~blowing).mean())


@dataclass(frozen=True)
class Haze:
    """A haze that grew and was swept out: days of the run (from 0) that are shown, the peak, and means of all
    cities before, then and after [ug/m3].
    """

    days: tuple[int, ...]
    peak: int
    before_ugm3: float
    peak_ugm3: float
    after_ugm3: float


def largest_haze(g: Gathered) -> Haze | None:
    """Find the day after which the cities' mean PM2.5 falls most within AFTER_DAYS: of the cold months where the
    run has some.

    None for a run of fewer than BEFORE_DAYS + AFTER_DAYS + 1 days.
    """
    mean = g.days["pm25_ugm3"].groupby(level="date").mean()
    level = mean.to_numpy()
    if level.size < BEFORE_DAYS + AFTER_DAYS + 1:
        return None
    peaks = np.arange(BEFORE_DAYS, level.size - AFTER_DAYS)
    cold = peaks[np.isin(mean.index.month[peaks], COLD_MONTHS)]
    peaks = cold if cold.size else peaks
    peak = int(peaks[np.argmax(level[peaks] - level[peaks + AFTER_DAYS])])
    shown = (peak - BEFORE_DAYS, peak - 2, peak - 1, peak, peak + 1, peak + AFTER_DAYS)
    return Haze(shown, peak, float(level[peak - BEFORE_DAYS]), float(level[peak]), float(level[peak + AFTER_DAYS]))
