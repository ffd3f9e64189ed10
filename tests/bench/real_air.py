"""Reads the public series of Beijing and Chengdu as histories of places; the files stay where they are."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import numpy as np
import pandas as pd

from ml.forecast.inputs import OBSERVED, Ahead, History
from standards.days import first_hour_of_day

_CHINESE = {
    "PM2.5": "pm25_ugm3",
    "PM10": "pm10_ugm3",
    "SO2": "so2_ugm3",
    "NO2": "no2_ugm3",
    "CO": "co_mgm3",
    "O3": "o3_ugm3",
}
_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_CHENGDU = {"PM_Caotangsi": "Caotangsi", "PM_Shahepu": "Shahepu", "PM_US Post": "US Post"}
WEATHER = (
    "temperature_c",
    "dew_point_c",
    "humidity_pct",
    "pressure_hpa",
    "wind_u_ms",
    "wind_v_ms",
    "wind_speed_ms",
    "rain_mm",
)
DAY_ENDS = 16
"""Epoch hours with which a natural day ends leave this over 24."""


def folder() -> Path:
    """Give where public data lie (AIRSHED_DATA)."""
    return Path(os.environ.get("AIRSHED_DATA", "../shared/data"))


def day_of(text: str) -> int:
    """Give the natural day of an ISO date [days since 1970-01-01 local]."""
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def last_hour_of(text: str) -> int:
    """Give the epoch hour with which the day of an ISO date ends."""
    return int(first_hour_of_day(day_of(text))) + 23


def beijing() -> list[History]:
    """Read the six stations, 2013-03 to 2017-02: items, weather, and the mean of the five others.

    Labels are the end of the hour (why stands in streams/sources/maps/shipped/uci-beijing.toml), CO is brought to
    mg/m3.
    """
    places = []
    for path in sorted((folder() / "uci_beijing_prsa").glob("*.csv")):
        table = pd.read_csv(path)
        columns = {ours: table[theirs].to_numpy(float) for theirs, ours in _CHINESE.items()}
        columns["co_mgm3"] = columns["co_mgm3"] / 1000.0
        angle = np.array([_POINTS.index(p) * 22.5 if p in _POINTS else np.nan for p in table["wd"]])
        columns |= _weather(table["TEMP"], table["DEWP"], table["PRES"], table["WSPM"], angle, table["RAIN"])
        places.append(History(str(table["station"].iloc[0]), _first_hour(table), columns))
    return _with_around(places, ("pm25_ugm3", "o3_ugm3"))


def chengdu() -> list[History]:
    """Read the three sites of PM2.5, 2013 to 2015, with the weather of the city; places without PM2.5 hours of a year
    stay short."""
    table = pd.read_csv(folder() / "uci_chengdu" / "stefanie17_ChengduPM20130101_20151231.csv")
    angle = table["cbwd"].map({"NE": 45.0, "SE": 135.0, "SW": 225.0, "NW": 315.0}).to_numpy(float)
    since_turn = table["Iws"].to_numpy(float)  # cumulated speed since the wind turned
    speed = np.where(np.diff(since_turn, prepend=0.0) >= 0, np.diff(since_turn, prepend=0.0), since_turn)
    weather = _weather(table["TEMP"], table["DEWP"], table["PRES"], speed, angle, table["precipitation"])
    weather = {name: np.where(np.abs(values) < 2000, values, np.nan) for name, values in weather.items()}
    places = [
        History(n, _first_hour(table), {"pm25_ugm3": table[c].to_numpy(float), **weather}) for c, n in _CHENGDU.items()
    ]
    return _with_around(places, ("pm25_ugm3",))


def _first_hour(table: pd.DataFrame) -> int:
    first = table.iloc[0]
    moment = dt.datetime(int(first.year), int(first.month), int(first.day), int(first.hour)) - dt.timedelta(hours=8)
    return int((moment - dt.datetime(1970, 1, 1)) / dt.timedelta(hours=1))


def _weather(temperature, dew_point, pressure, speed, angle, rain) -> dict[str, np.ndarray]:
    t, d, p, s, r = (np.asarray(each, float) for each in (temperature, dew_point, pressure, speed, rain))
    humidity = 100.0 * np.exp(
        17.625 * d / (243.04 + d) - 17.625 * t / (243.04 + t)
    )  # Magnus, Alduchov and Eskridge 1996
    u, v = -s * np.sin(np.deg2rad(angle)), -s * np.cos(np.deg2rad(angle))
    return dict(zip(WEATHER, (t, d, humidity, p, u, v, s, r), strict=True))


def _with_around(places: list[History], names: tuple[str, ...]) -> list[History]:
    made = []
    for one in places:
        columns = dict(one.columns)
        for name in names:
            others = np.stack([p.columns[name] for p in places if p is not one])
            count = np.isfinite(others).sum(axis=0)
            columns[f"around_{name}"] = np.where(count > 0, np.nansum(others, axis=0) / np.maximum(count, 1), np.nan)
        made.append(History(one.place, one.first_hour, columns))
    return made


def with_errors(ahead: Ahead, *, seed: int, every_h: int = 6) -> Ahead:
    """Give weather ahead the errors that a good forecast of it has: autoregressive along the lead, growing to twice
    their size in 5 days.

    At 24 h: temperature and dew point 2 K, humidity 10 %, pressure 1.5 hPa, each wind component 1.4 m/s (2 m/s as a
    vector), rain by a factor of e^0.7; consecutive hours go with 0.95. ahead: from observation. every_h [h]: issues
    that are kept. Sizes: Emery, Tai, Yarwood 2001 (wind 2 m/s RMSE, temperature 2 K as limits of a good run); pressure,
    rain and the growth are chosen.
    """
    keep = (ahead.issues - DAY_ENDS) % every_h == 0
    columns = {name: np.array(values[keep], np.float64) for name, values in ahead.columns.items()}
    sizes = {
        "temperature_c": 2.0,
        "dew_point_c": 2.0,
        "humidity_pct": 10.0,
        "pressure_hpa": 1.5,
        "wind_u_ms": 1.4,
        "wind_v_ms": 1.4,
    }
    random = np.random.default_rng(seed)
    leads = np.arange(1, next(iter(columns.values())).shape[1] + 1)
    growth = np.sqrt(np.minimum(0.5 + 0.5 * leads / 24, 4.0))
    for name, size in {**sizes, "rain_mm": 0.7}.items():
        error = size * growth * _autoregressive(random, columns[name].shape)
        columns[name] = columns[name] * np.exp(error) if name == "rain_mm" else columns[name] + error
    columns["humidity_pct"] = np.clip(columns["humidity_pct"], 1.0, 100.0)
    columns["wind_speed_ms"] = np.hypot(columns["wind_u_ms"], columns["wind_v_ms"])
    return Ahead(ahead.issues[keep], columns, OBSERVED)


def _autoregressive(random: np.random.Generator, shape: tuple[int, int], memory: float = 0.95) -> np.ndarray:
    fresh = random.standard_normal(shape)
    made = np.empty(shape)
    made[:, 0] = fresh[:, 0]
    for lead in range(1, shape[1]):
        made[:, lead] = memory * made[:, lead - 1] + np.sqrt(1.0 - memory**2) * fresh[:, lead]
    return made
