"""What the grid looks like: means of months, and the days of PM2.5, ozone and wind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.flow import Flow
from research.virtual_airshed.run import Day
from research.virtual_airshed.weather.fields import REPORTED_SHARE
from research.virtual_airshed.world import World
from standards.averaging import mda8
from standards.days import date_of_day, natural_day
from standards.editions import edition_for, limit
from standards.pollutants import ITEMS

MONTHS = 12
NOON = slice(12, 16)
"""Hours of the natural day that end at 13:00 to 16:00, when the mixed layer is deepest."""


@dataclass(frozen=True, eq=False)
class Fields:
    """Fields on the grid, float32.

    items: means of months (month, item, row, column), NaN without days [ug/m3, CO mg/m3]. noon_height_m: of the
    mixed layer in NOON, (month, row, column) [m]. wind_ms: mean reported wind (month, 2, row, column), towards east
    and north [m/s]. speed_ms: mean of its speed (month, row, column). days: how many there are (month,). pm25_ugm3,
    o3_mda8_ugm3: of each day (day, row, column). day_wind_ms: (day, 2, row, column).
    """

    items: np.ndarray
    noon_height_m: np.ndarray
    wind_ms: np.ndarray
    speed_ms: np.ndarray
    days: np.ndarray
    pm25_ugm3: np.ndarray
    o3_mda8_ugm3: np.ndarray
    day_wind_ms: np.ndarray


class FieldSums:
    """Collects Fields day by day."""

    def __init__(self, world: World) -> None:
        shape = world.grid.shape
        self._wind = Flow(*(p for p in (world.patterns.east, world.patterns.north))).centred()
        self._days = np.zeros(MONTHS, np.int32)
        self._items, self._height, self._flow, self._speed = (
            np.zeros((MONTHS, *more, *shape)) for more in ((len(ITEMS),), (), (2,), ())
        )
        self._pm25: list[np.ndarray] = []
        self._mda8: list[np.ndarray] = []
        self._day_wind: list[np.ndarray] = []

    def add(self, day: Day) -> None:
        """Add a natural day."""
        date = date_of_day(int(natural_day(day.first_hour)))
        month, items = date.month - 1, day.ground.items()
        means = items.mean(axis=-1)
        u, v = (REPORTED_SHARE * np.tensordot(day.weather.wind_ms[0].T, p, axes=1) for p in self._wind)
        wind = np.stack([u.mean(axis=0), v.mean(axis=0)])
        self._days[month] += 1
        self._items[month] += means
        self._height[month] += day.weather.mixing_height_m[1:][NOON].mean(axis=0)
        self._flow[month] += wind
        self._speed[month] += np.hypot(u, v).mean(axis=0)
        highest, _ = mda8(items[ITEMS.index("o3")], limit=limit("o3", "8h", edition=edition_for(date)))
        for kept, field in ((self._pm25, means[ITEMS.index("pm25")]), (self._mda8, highest), (self._day_wind, wind)):
            kept.append(field.astype(np.float32))

    def fields(self) -> Fields:
        """Give what was collected."""
        with np.errstate(invalid="ignore"):
            sums = (self._items, self._height, self._flow, self._speed)
            means = [(s / self._days.reshape(-1, *[1] * (s.ndim - 1))).astype(np.float32) for s in sums]
        return Fields(*means, self._days, *(np.stack(kept) for kept in (self._pm25, self._mda8, self._day_wind)))
