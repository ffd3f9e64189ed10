"""Air that is made: a year of hours whose course is known, with weather that drives it and runs that err."""

from __future__ import annotations

from functools import cache

import numpy as np

from ml.forecast.boosted import Settings
from ml.forecast.inputs import LEADS, Ahead, History

FIRST = 16 + 24 * 17000 + 1
"""Epoch hour that ends at 01:00 local time."""
DAYS = 420
SMALL = Settings(trees=25, leaves=8, rows=2500, rate=0.15, least_rows=20)
SMALL_DAYS = Settings(trees=25, leaves=6, rows=2500, rate=0.15, least_rows=10)
CITY = "510100"


@cache
def history(seed: int = 1, days: int = DAYS) -> History:
    """Six items and weather: PM2.5 falls with wind, ozone rises with temperature and sun, one hour in fifty is
    missing."""
    random = np.random.default_rng(seed)
    n = 24 * days
    hours = FIRST + np.arange(n)
    season, clock = 2 * np.pi * hours / 8766.0, 2 * np.pi * ((hours + 8) % 24) / 24
    weather = _slow(random, n, 60.0)
    wind = np.maximum(2.0 + 1.2 * _slow(random, n, 30.0), 0.1)
    angle = _slow(random, n, 80.0) * 2.0
    temperature = 16.0 - 10.0 * np.cos(season) - 4.0 * np.cos(clock) + 3.0 * weather
    pm25 = np.exp(4.2 + 0.5 * np.cos(season) - 0.35 * (wind - 2.0) + 0.5 * weather + 0.15 * random.standard_normal(n))
    o3 = np.maximum(
        70.0 + 4.0 * (temperature - 16.0) - 40.0 * np.cos(clock - 0.8) + 8.0 * random.standard_normal(n), 2.0
    )
    columns = {
        "so2_ugm3": np.rint(pm25 * 0.15 + 3.0), "no2_ugm3": np.rint(25.0 + 0.2 * pm25 + 6.0 * np.cos(2 * clock)),
        "co_mgm3": np.round(0.4 + pm25 / 100.0, 1), "o3_ugm3": np.rint(o3), "pm10_ugm3": np.rint(pm25 * 1.5 + 10.0),
        "pm25_ugm3": np.rint(pm25),
    }  # fmt: skip
    for values in columns.values():
        values[random.random(n) < 0.02] = np.nan
    columns |= {
        "wind_u_ms": wind * np.cos(angle),
        "wind_v_ms": wind * np.sin(angle),
        "wind_speed_ms": wind,
        "temperature_c": temperature,
    }
    return History(CITY, FIRST, columns)


@cache
def runs(seed: int = 1, days: int = DAYS) -> Ahead:
    """Runs every twelve hours: the weather with small errors, concentrations a third too low."""
    past, random = history(seed, days), np.random.default_rng(seed + 100)
    issues = FIRST + np.arange(11, 24 * days - 1, 12)
    leads = issues[:, None] + np.arange(1, LEADS + 1)
    columns = {}
    for name in ("wind_speed_ms", "wind_u_ms", "wind_v_ms", "temperature_c"):
        columns[name] = past.at(name, leads) + 0.2 * random.standard_normal(leads.shape)
    columns["wind_speed_ms"] = np.maximum(columns["wind_speed_ms"], 0.0)
    columns["mixing_height_m"] = 300.0 + 250.0 * columns["wind_speed_ms"]
    for name in ("pm25_ugm3", "o3_ugm3"):
        columns[f"forecast_{name}"] = past.at(name, leads) * 0.67 * np.exp(0.2 * random.standard_normal(leads.shape))
    return Ahead(issues, columns)


def disturbed(past: History, after: int) -> History:
    """The same history with everything after an hour replaced."""
    random = np.random.default_rng(9)
    later = past.first_hour + np.arange(past.hours) > after
    return History(past.place, past.first_hour, {
        name: np.where(later, random.gamma(2.0, 400.0, past.hours), values) for name, values in past.columns.items()
    })  # fmt: skip


def _slow(random: np.random.Generator, n: int, memory_h: float) -> np.ndarray:
    keep = np.exp(-1.0 / memory_h)
    made, fresh = np.empty(n), random.standard_normal(n) * np.sqrt(1.0 - keep**2)
    made[0] = random.standard_normal()
    for i in range(1, n):
        made[i] = keep * made[i - 1] + fresh[i]
    return made
