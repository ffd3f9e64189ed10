"""The chemistry of ozone at noon in summer: how much is made in each cell, and what more NOx or more VOC would do
to it.

Sensitivities are logarithmic: d production / d ln NOx and d production / d ln reactivity, by raising and lowering
each by STEP in the chemistry's table, hour by hour in the sky of that hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.chemistry.surface import interpolate, load
from research.virtual_airshed.ground import GroundHours
from research.virtual_airshed.run import Day
from research.virtual_airshed.tracers import NMOL_PER_PPB
from research.virtual_airshed.weather.fields import Weather
from research.virtual_airshed.world import World
from standards.days import date_of_day, natural_day

SUMMER = (6, 7, 8)
NOON = slice(11, 15)
"""Hours of the natural day that end at 12:00 to 15:00: the sun is highest at 13:10 in Chengdu."""
STEP = 0.1
"""NOx and reactivity are raised and lowered by this share."""


@dataclass(frozen=True, eq=False)
class Noon:
    """Means over the noon hours of the summer days of a run, float64 (row, column); NaN where there are none.

    nox_ppb, reactivity_per_s: what the table is asked for. production_ppb_per_h: odd oxygen made. by_nox,
    by_reactivity: its logarithmic sensitivities [ppb/h]. cos_zenith, cloud_transmission, temperature_c: sky of the
    plain, one number each. hours: how many.
    """

    nox_ppb: np.ndarray
    reactivity_per_s: np.ndarray
    production_ppb_per_h: np.ndarray
    by_nox: np.ndarray
    by_reactivity: np.ndarray
    cos_zenith: float
    cloud_transmission: float
    temperature_c: float
    hours: int


class NoonChemistry:
    """Collects Noon day by day."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._plain = world.grid.margin_km > 0
        self._grids = np.zeros((5, *world.grid.shape))
        self._sky = np.zeros(3)
        self._hours = 0

    def add(self, day: Day) -> None:
        """Add a day; one outside summer changes nothing."""
        if date_of_day(int(natural_day(day.first_hour))).month not in SUMMER:
            return
        nox, reactivity = (
            day.ground.of("nox")[..., NOON] / NMOL_PER_PPB,
            reactivity_per_s(self._world, day.ground)[..., NOON],
        )
        sky = sky_of(day.weather, NOON)
        self._grids += np.stack([v.sum(axis=-1) for v in (nox, reactivity, *sensitivities(nox, reactivity, sky))])
        self._sky += [sky[0].sum(), *(v[self._plain].mean(axis=0).sum() for v in sky[1:])]
        self._hours += sky[0].size

    def noon(self) -> Noon:
        """Give what was collected."""
        with np.errstate(invalid="ignore", divide="ignore"):
            grids, sky = self._grids / self._hours, self._sky / self._hours
        return Noon(*grids, *(float(v) for v in sky), self._hours)


def reactivity_per_s(world: World, ground: GroundHours) -> np.ndarray:
    """Give the weighted OH reactivity of VOC and CO near the ground [1/s], (..., hour): the other axis of the
    chemistry's table.
    """
    return sum(per_unit * ground.of(name) for name, per_unit in world.reactivity_per_unit.items())


def sky_of(weather: Weather, hours: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give cos_zenith (hour,), cloud_transmission and temperature_c (row, column, hour) of some hours."""
    cloud, temperature = (np.moveaxis(v[hours], 0, -1) for v in (weather.cloud_transmission, weather.temperature_c))
    return weather.cos_zenith[hours], cloud, temperature


def sensitivities(nox: np.ndarray, reactivity: np.ndarray, sky: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Give production and its logarithmic sensitivities by NOx and by reactivity [ppb/h], in the shape of nox [ppb]
    and reactivity [1/s].
    """
    table = load().production_ppb_per_h
    more, less = 1.0 + STEP, 1.0 - STEP
    here = interpolate(table, nox, reactivity, *sky)
    width = np.log(more / less)
    by_nox = (
        interpolate(table, more * nox, reactivity, *sky) - interpolate(table, less * nox, reactivity, *sky)
    ) / width
    by_reactivity = (
        interpolate(table, nox, more * reactivity, *sky) - interpolate(table, nox, less * reactivity, *sky)
    ) / width
    return here, by_nox, by_reactivity
