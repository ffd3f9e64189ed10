"""From the season and the random series to the weather of every cell and hour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr

from research.virtual_airshed.flow import PATTERNS
from research.virtual_airshed.grid import PLAIN_M, Grid
from research.virtual_airshed.weather.climate import Season, season_of
from research.virtual_airshed.weather.sun import cos_zenith, day_length_h, local_hour

LEAST_MIXED_M, MOST_MIXED_M = 80.0, 1_800.0
"""Bounds of the mixed layer's height [m], below grid.TOP_M."""
LAPSE_C_PER_M = 0.0055
SPELL_C = 2.2
"""Standard deviation of warm and cold spells [deg C]."""
REPORTED_SHARE = 0.72
"""Wind at 10 m over the wind of the mixed layer."""
HAZE = 0.73
"""Light that the haze of the basin lets through under a clear sky."""
SHADE, SHADE_KM, SHADE_LAT = 1.2, 30.0, 30.5
"""Ya'an and Emei are the wettest places of the basin: their cloud index is higher by SHADE, within SHADE_KM of the
mountains south of SHADE_LAT."""
DUST_ABOVE = 1.6
"""The dust series brings dust above this."""
LAYERS = ("mixed", "aloft")


@dataclass(frozen=True, eq=False)
class Weather:
    """The weather of consecutive hours. Fields are float64 (hour, row, column) unless said otherwise.

    first_hour: epoch hour of the first hour's end. mixing_height_m: (hour + 1, row, column), at the beginning of the
    first hour and at the end of every hour [m]. wind_ms: (layer, pattern, hour), amplitudes of flow.PATTERNS in LAYERS
    [m/s]. cos_zenith: (hour,), in the middle of the hour. cloud_transmission: share of the sun's light that passes the
    clouds, 0 to 1. temperature_c, humidity_pct, rain_mm: near the ground. exchange_ms, lid_ms: speed at which the two
    layers, and the upper one and the air above the model, trade air beyond what the wind carries [m/s] (hour, row,
    column). ventilation: (hour,), the state of the large-scale flow, mean 0 and variance 1, low when the air stagnates.
    dust: (hour,), 0 to about 1, how much desert dust comes in.
    """

    first_hour: int
    mixing_height_m: np.ndarray
    wind_ms: np.ndarray
    cos_zenith: np.ndarray
    cloud_transmission: np.ndarray
    temperature_c: np.ndarray
    humidity_pct: np.ndarray
    rain_mm: np.ndarray
    exchange_ms: np.ndarray
    lid_ms: np.ndarray
    ventilation: np.ndarray
    dust: np.ndarray

    @property
    def hours(self) -> int:
        """How many consecutive hours there are."""
        return self.cos_zenith.size

    @cached_property
    def season(self) -> Season:
        """What is usual in the middle of each hour, (hour,)."""
        return season_of(self.first_hour + np.arange(self.hours) - 0.5)


def weather_of(grid: Grid, series: dict[str, np.ndarray], first_hour: int) -> Weather:
    """Make the weather of consecutive hours.

    series: name to (hour + 1,), the random series at the beginning of the first hour and at the end of every hour.
    first_hour: epoch hour of the first hour's end.
    """
    marks = first_hour - 1 + np.arange(series["warmth"].size, dtype=float)
    middle = {name: 0.5 * (z[1:] + z[:-1]) for name, z in series.items()}
    season, sun = season_of(marks[1:] - 0.5), cos_zenith(marks[1:] - 0.5)
    shape = _Shapes(grid)
    ventilation = _ventilation(middle)
    sky = _sky(middle, season, shape)
    light = _light(sky)
    day = _warming(marks[1:] - 0.5)
    temperature_c = _temperature_c(middle, season, light, day, grid)
    rain_mm = _rain_mm(middle, season, sky, marks[1:] - 0.5)
    exchange_ms, lid_ms = _exchange_ms(ventilation, season, sun, light, rain_mm)
    return Weather(
        first_hour=first_hour, mixing_height_m=_mixing_height_m(series, marks, shape),
        wind_ms=_wind_ms(middle, season, marks[1:] - 0.5, light.mean(axis=(1, 2)), ventilation), cos_zenith=sun,
        cloud_transmission=light, temperature_c=temperature_c,
        humidity_pct=_humidity_pct(middle, season, temperature_c, rain_mm, day, grid), rain_mm=rain_mm,
        exchange_ms=exchange_ms, lid_ms=lid_ms, ventilation=ventilation, dust=_dust(middle, season),
    )  # fmt: skip


class _Shapes:
    """Four smooth shapes over the grid, of mean 0 and variance 1: from one side to the other, and once across.

    shade: how much cloudier than usual it is at the foot of the south-western mountains.
    """

    def __init__(self, grid: Grid) -> None:
        rows, columns = grid.shape
        y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
        raw = (x, y, np.cos(np.pi * x) * np.cos(np.pi * y / 2), np.sin(np.pi * (x - y) / 1.6))
        self.all = np.stack([(f - f.mean()) / f.std() for f in raw])
        self.shade = SHADE * np.exp(-np.abs(grid.margin_km) / SHADE_KM) / (1 + np.exp((grid.lat - SHADE_LAT) / 0.15))

    def mixed(self, series: dict[str, np.ndarray], stem: str) -> np.ndarray:
        """Mix the shapes by the series stem_1 to stem_4: (time, row, column), variance about 1."""
        weights = np.stack([series[f"{stem}_{i}"] for i in range(1, 5)])
        return np.tensordot(weights.T, self.all, axes=1) / 2.0


def _ventilation(z: dict[str, np.ndarray]) -> np.ndarray:
    return 0.85 * z["ventilation_slow"] + 0.53 * z["ventilation_fast"]


def _stir(ventilation: np.ndarray, season: Season, power: float) -> np.ndarray:
    """Give by which factor the large-scale flow changes wind, mixing and exchange.

    Stagnation has no floor, storms level off; both tell more in winter, when nothing else stirs the air.
    """
    bent = np.where(ventilation < 0, ventilation, 0.6 * ventilation)
    return np.exp(power * (1.4 - 0.75 * season.summer) * bent)


def _light(sky: np.ndarray) -> np.ndarray:
    return HAZE * (0.3 + 0.7 * ndtr(-sky / 0.9))


def _sky(z: dict[str, np.ndarray], season: Season, shape: _Shapes) -> np.ndarray:
    # A windy spell of the cold season comes with cloud, stagnation in summer with sun.
    whole = season.sky + 0.68 * z["cloud"] + 0.34 * z["cloud_slow"] + 0.15 * _ventilation(z)
    return whole[:, None, None] + 1.4 * shape.mixed(z, "sky") + shape.shade


def _warming(hour: np.ndarray) -> np.ndarray:
    """Give the course of temperature through the day, -1 at sunrise (7) to 1 at 16: a sine of two speeds."""
    local = local_hour(hour)
    rising = (local >= 7) & (local < 16)
    return np.where(
        rising, np.sin(np.pi * (local - 11.5) / 9.0), np.sin(np.pi / 2 - np.pi * ((local - 16) % 24) / 15.0)
    )


def _temperature_c(z, season: Season, light: np.ndarray, day: np.ndarray, grid: Grid) -> np.ndarray:
    spell = (
        SPELL_C * z["warmth"]
        - (0.3 + 1.3 * season.summer) * z["cloud_slow"]
        - 0.8 * (1 - season.summer) * _ventilation(z)
    )
    clear = 0.45 + 0.75 * light
    field = (season.temperature_c + spell)[:, None, None] + (season.swing_c * day)[:, None, None] * clear
    return lapsed_c(field, grid.elevation_m)


def lapsed_c(plain_c: np.ndarray | float, elevation_m: np.ndarray) -> np.ndarray:
    """Give the temperature at some heights above the sea [m] where the plain has plain_c [deg C]; both broadcast."""
    return plain_c - LAPSE_C_PER_M * (elevation_m - PLAIN_M)


def _humidity_pct(
    z, season: Season, temperature_c: np.ndarray, rain_mm: np.ndarray, day: np.ndarray, grid: Grid
) -> np.ndarray:
    dew_c = season.dew_point_c + 0.75 * SPELL_C * z["warmth"] + 1.5 * z["cloud_slow"] + 0.25 * season.swing_c * day
    dew = dew_c[:, None, None] - 0.8 * LAPSE_C_PER_M * (grid.elevation_m - PLAIN_M)
    dry = 100.0 * np.exp(17.625 * dew / (243.04 + dew) - 17.625 * temperature_c / (243.04 + temperature_c))
    return np.clip(dry + 12.0 * np.minimum(rain_mm, 1.0), 15.0, 100.0)


def _rain_mm(z, season: Season, sky: np.ndarray, hour: np.ndarray) -> np.ndarray:
    # It rains at night in the basin.
    night = 0.42 * np.cos(2 * np.pi * (local_hour(hour) - 3.0) / 24.0) * (0.3 + 0.7 * season.summer)
    index = (season.wet + night + 0.85 * z["rain"])[:, None, None] + 0.8 * (sky - season.sky[:, None, None])
    size = (0.5 + 2.0 * season.summer)[:, None, None]
    return size * np.maximum(index, 0.0) ** 1.6


def _mixing_height_m(z: dict[str, np.ndarray], marks: np.ndarray, shape: _Shapes) -> np.ndarray:
    season, local = season_of(marks), local_hour(marks)
    length = day_length_h(marks)
    rise, fall = 13.0 - length / 2 + 1.2, 13.0 + length / 2 + 0.8
    share = np.clip((local - rise) / (fall - rise), 0.0, 1.0)
    growth = np.sin(np.pi * share**1.25) ** 0.9
    ventilation = _ventilation(z)
    light = _light(_sky(z, season, shape))
    noon = (season.noon_m * _stir(ventilation, season, 0.26) * np.exp(0.16 * z["mixing"]))[:, None, None] * (
        0.55 + 0.8 * light
    )
    night = (season.night_m * _stir(ventilation, season, 0.32) * np.exp(0.14 * z["mixing"]))[:, None, None]
    height = (night + np.maximum(noon - night, 0.0) * growth[:, None, None]) * np.exp(0.12 * shape.mixed(z, "height"))
    return np.clip(height, LEAST_MIXED_M, MOST_MIXED_M)


def _wind_ms(z, season: Season, hour: np.ndarray, light: np.ndarray, ventilation: np.ndarray) -> np.ndarray:
    local = local_hour(hour)
    daily = 1.0 + 0.36 * np.cos(2 * np.pi * (local - 16.5) / 24.0)
    strength = 1.95 * season.wind * _stir(ventilation, season, 0.48) * daily
    east = season.towards_east + 0.55 * z["east"] + 0.5 * z["east_fast"]
    north = season.towards_north + 0.55 * z["north"] + 0.5 * z["north_fast"]
    slope = 0.55 * np.sin(2 * np.pi * (local - 9.5) / 24.0) * (0.5 + light)
    gyre = 0.5 * (0.4 + z["gyre"]) * _stir(ventilation, season, 0.3)
    near = np.stack([strength * east, strength * north, gyre, slope])
    far = 1.6 * season.wind * _stir(ventilation, season, 0.45)
    up_east = 1.1 * east + 0.7 * z["aloft_east"] + 0.15
    up_north = 1.1 * north + 0.7 * z["aloft_north"]
    above = np.stack([far * up_east, far * up_north, 1.3 * gyre, -0.35 * slope])
    assert len(near) == len(PATTERNS)
    return np.stack([near, above])


def _exchange_ms(ventilation, season: Season, sun: np.ndarray, light: np.ndarray, rain_mm: np.ndarray):
    stir = _stir(ventilation, season, 0.5)[:, None, None]
    heat = sun[:, None, None] * light
    between = stir * (0.0012 + 0.014 * heat) + 0.004 * np.minimum(rain_mm, 3.0)
    deep = _stir(ventilation, season, 0.9)[:, None, None]
    summer, still = season.summer[:, None, None], season.still[:, None, None]
    calm = 0.0016 + 0.0010 * summer - 0.0009 * still
    lid = deep * (calm + (0.0008 + 0.0075 * summer) * heat) + 0.003 * np.minimum(rain_mm, 3.0)
    return between, lid


def _dust(z, season: Season) -> np.ndarray:
    # Storms that cross the Qinling come from late February to early May.
    return season.dusty * np.maximum(z["dust"] - DUST_ABOVE, 0.0)
