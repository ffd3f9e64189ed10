"""A store of 120 days for the exploring pages: air that remembers, gaps, a city without wind, one simulated, a revised hour."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import sqlalchemy as sa

from streams import registry
from streams.store import schema
from tests.dashboards import attributed

NEWEST = dt.datetime(2023, 4, 30, 15)
"""23:00 in Beijing."""
HOURS = 120 * 24
FIRST = NEWEST - dt.timedelta(hours=HOURS - 1)
HOME, NORTH, WINDLESS, SIMULATED = "510100", "510700", "511100", "511800"
STATION = "1431A"
REVISED = NEWEST - dt.timedelta(hours=30)
BEHIND = 5
"""Hours that Chengdu is behind Mianyang."""
_TRACE = {"edition": "HJ 633-2012", "status": "provisional", "revision": 0, "version": 1}


def remembering(seed: int, hours: int = HOURS, memory: float = 0.9) -> np.ndarray:
    """Give a series with an autocorrelation of memory per hour."""
    rng, found = np.random.default_rng(seed), np.zeros(hours)
    for i in range(1, hours):
        found[i] = memory * found[i - 1] + rng.normal()
    return found


def pm25(city: str) -> np.ndarray:
    """Give the PM2.5 of a city [ug/m3], NaN where it is missing: Chengdu follows Mianyang by BEHIND hours."""
    north = remembering(1, HOURS + BEHIND)
    own = {HOME: north[:HOURS], NORTH: north[BEHIND:]}.get(city, remembering(int(city)))
    values = np.round(60 + 8 * own + 10 * np.sin(2 * np.pi * np.arange(HOURS) / 24), 1).clip(1)
    values[40:52] = np.nan
    return values


def wind(city: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the wind of a city [m/s], NaN where it is missing."""
    rng = np.random.default_rng(int(city))
    u, v = (np.round(rng.normal(scale=1.5, size=HOURS), 2) for _ in range(2))
    u[100:110] = np.nan
    return (np.full(HOURS, np.nan),) * 2 if city == WINDLESS else (u, v)


def fill(engine: sa.Engine) -> None:
    """Fill an empty store; Chengdu has days too, of which the tenth has no index and the twentieth is not stored."""
    known = registry.load()
    hours = [FIRST + dt.timedelta(hours=i) for i in range(HOURS)]
    with engine.begin() as connection:
        for city in known.cities:
            rows = _rows(city, hours)
            connection.execute(sa.insert(schema.air_city_hour), rows)
        connection.execute(sa.insert(schema.air_city_day), days())
        base = attributed.row(HOME, tuple(known.cities), NEWEST)
        connection.execute(sa.insert(schema.attribution), [base])
        station = [{**_TRACE, "station": STATION, "city": HOME, "hour_end": h, "pm25_ugm3": 50.0 + i % 24, "aqi": 70,
                    "flags": "range:pm25" if h == NEWEST else "", "source": "cnemc", "simulated": False}
                   for i, h in enumerate(hours)]  # fmt: skip
        station[hours.index(REVISED)] |= {"status": "reviewed", "revision": 1, "pm25_ugm3": 55.0}
        connection.execute(sa.insert(schema.air_station_hour), station)
        old = {**_TRACE, "pm25_ugm3": 955.0, "aqi": 500}
        connection.execute(sa.insert(schema.row_history), [
            {"table": "air_station_hour", "key": f"{STATION}/{REVISED:%Y-%m-%dT%HZ}", "version": 0, "row": json.dumps(old),
             "superseded_at": NEWEST}])  # fmt: skip
        connection.execute(sa.insert(schema.emission_city_hour), [
            {"city": HOME, "hour_end": h, "inventory": "made-2020", "nox_kgh": 100.0 + h.hour, "simulated": True, "version": 1}
            for h in hours])  # fmt: skip
        connection.execute(sa.insert(schema.forecast_city_hour), _forecasts())


def days() -> list[dict]:
    """Give the days of Chengdu in 2023: their PM2.5 is the number of the day in the year, and so is their index."""
    first = dt.date(2023, 1, 1)
    return [
        {**_TRACE, "city": HOME, "day": first + dt.timedelta(days=i), "pm25_ugm3": i + 1.0, "aqi": None if i == 9 else i + 1,
         "o3_mda8_ugm3": 2.0 * i, "simulated": False}
        for i in range(120) if i != 19
    ]  # fmt: skip


def _rows(city: str, hours: list[dt.datetime]) -> list[dict]:
    columns = (pm25(city), *wind(city))
    told = ([None if np.isnan(v) else float(v) for v in column] for column in columns)
    return [
        {**_TRACE, "city": city, "hour_end": hour, "pm25_ugm3": p, "o3_ugm3": None if p is None else 120 - p / 2, "wind_u_ms": u,
         "wind_v_ms": v, "aqi": None if p is None else round(p * 1.3), "primary_pollutants": "", "simulated": city == SIMULATED}
        for hour, p, u, v in zip(hours, *told, strict=True)
    ]  # fmt: skip


def _forecasts() -> list[dict]:
    """Two runs of one day: the later one says 80, the earlier 40, and both are of day 1 for a part of the hours."""
    rows = []
    for back, value in ((36, 40.0), (24, 80.0)):
        init = NEWEST - dt.timedelta(hours=back)
        rows += [
            {"city": HOME, "hour_end": init + dt.timedelta(hours=lead), "run": f"CDAQS/{init:%Y-%m-%dT%H}Z", "run_init": init,
             "lead_hours": lead, "lead_day": (lead - 1) // 24 + 1, "forecast_pm25_ugm3": value, "points": 4, "temperature_c": -2.5,
             "edition": "HJ 633-2012", "simulated": False, "version": 1}
            for lead in range(1, 25)
        ]  # fmt: skip
    return rows
