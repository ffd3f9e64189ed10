"""What the air and the weather are at the sites, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.flow import Flow
from research.virtual_airshed.ground import GroundHours
from research.virtual_airshed.receptors import over_cells
from research.virtual_airshed.report.sites import Sites
from research.virtual_airshed.run import Day
from research.virtual_airshed.tracers import NMOL_PER_PPB
from research.virtual_airshed.weather.fields import REPORTED_SHARE, Weather
from research.virtual_airshed.world import World

WEATHER = (
    "temperature_c",
    "humidity_pct",
    "rain_mm",
    "cloud_transmission",
    "mixing_height_m",
    "wind_u_ms",
    "wind_v_ms",
)
"""Wind as it is reported at 10 m, towards east and north."""


@dataclass(frozen=True, eq=False)
class SiteHours:
    """Series at the sites, float32, every one (..., site, hour).

    items: (item, ...) in the order of ITEMS [ug/m3, CO mg/m3]. parts: (part, ...) of PM2.5, as ground.PARTS
    [ug/m3]. ox_ppb, nox_ppb: odd oxygen, NOx. weather: (WEATHER, ...). ventilation, dust: (hour,), of the whole
    region.
    """

    first_hour: int
    items: np.ndarray
    parts: np.ndarray
    ox_ppb: np.ndarray
    nox_ppb: np.ndarray
    weather: np.ndarray
    ventilation: np.ndarray
    dust: np.ndarray

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return self.ventilation.size

    def of_weather(self, name: str) -> np.ndarray:
        """Give one of WEATHER (site, hour)."""
        return self.weather[WEATHER.index(name)]


class SiteSeries:
    """Collects SiteHours day by day."""

    def __init__(self, world: World, sites: Sites) -> None:
        self._sites = sites
        self._wind = Flow(*(p for p in (world.patterns.east, world.patterns.north))).centred()
        self._first_hour: int | None = None
        self._days: list[tuple[np.ndarray, ...]] = []

    def add(self, day: Day, ground: GroundHours) -> None:
        """Add a day. ground: of the sites' cells (..., cell, hour)."""
        if self._first_hour is None:
            self._first_hour = day.first_hour
        oxygen = np.stack([ground.of("ox"), ground.of("nox")]) / NMOL_PER_PPB
        made = (
            *(self._air(values) for values in (ground.items(), ground.pm25_parts_ugm3())),
            *self._air(oxygen), self._weather(day.weather), day.weather.ventilation, day.weather.dust,
        )  # fmt: skip
        self._days.append(tuple(np.asarray(each, np.float32) for each in made))

    def hours(self) -> SiteHours:
        """Give what was collected; ValueError where nothing was."""
        if self._first_hour is None:
            raise ValueError("there are no days, expected at least one")
        return SiteHours(self._first_hour, *(np.concatenate(each, axis=-1) for each in zip(*self._days, strict=True)))

    def _air(self, values: np.ndarray) -> np.ndarray:
        return over_cells(self._sites.air, values)

    def _weather(self, weather: Weather) -> np.ndarray:
        row, column = self._sites.at_row, self._sites.at_column
        heights = weather.mixing_height_m[:, row, column]
        fields = [getattr(weather, name)[:, row, column] for name in WEATHER[:4]]
        wind = [REPORTED_SHARE * weather.wind_ms[0].T @ pattern[:, row, column] for pattern in self._wind]
        return np.stack([each.T for each in (*fields, 0.5 * (heights[1:] + heights[:-1]), *wind)])
