"""Stores with days of cities and stations, made from a seed, for the tests of assessments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from standards.days import date_of_day, day_of_date
from standards.editions import edition_for
from standards.index.aqi import daily_aqi
from standards.pollutants import ITEMS
from streams import registry
from streams.columns import DAY_MEANS
from streams.store import open_store, schema

KNOWN = registry.load()
CITIES = tuple(KNOWN.cities)
_SCALES = np.array([7.0, 30.0, 0.8, 100.0, 60.0, 38.0])


def daily(places: int, first: dt.date, last: dt.date, *, seed: int = 0, gaps: float = 0.02) -> np.ndarray:
    """Make daily values (6, place, day) with seasons, a difference between places and some gaps."""
    rng, n = np.random.default_rng(seed), (last - first).days + 1
    season = np.cos(2 * np.pi * (day_of_date(first) + np.arange(n)) / 365.25)
    swing = np.array([0.2, 0.3, 0.2, -0.6, 0.4, 0.5])[:, None, None] * season
    level = 1 + 0.25 * np.linspace(-1, 1, max(places, 2))[:places, None]
    values = _SCALES[:, None, None] * level * (1 + swing) * rng.gamma(6, 1 / 6, (len(ITEMS), places, n))
    return np.where(rng.random(values.shape) < gaps, np.nan, np.round(values, 3))


def store(folder: Path, name: str = "store.sqlite") -> sa.Engine:
    """Make a store with its tables and nothing in them."""
    return open_store(f"sqlite:///{folder / name}")


def put_cities(
    engine: sa.Engine, values: np.ndarray, first: dt.date, cities: Sequence[str] = CITIES, *, status: str = "reviewed",
    simulated: bool = False, version: int = 1, stations_valid: int | None = 5,
) -> None:  # fmt: skip
    """Put days of cities into a store, as the materialiser would."""
    rows = _rows("city", cities, values, first, status, simulated, version)
    with engine.begin() as connection:
        _insert(connection, schema.air_city_day, [row | {"stations_valid": stations_valid} for row in rows])


def put_stations(engine: sa.Engine, values: np.ndarray, first: dt.date, stations: Sequence[str]) -> None:
    """Put days of stations into a store."""
    rows = _rows("station", stations, values, first, "reviewed", False, 1)
    with engine.begin() as connection:
        _insert(
            connection, schema.air_station_day, [row | {"city": KNOWN.stations[row["station"]].city} for row in rows]
        )


def put_hour(engine: sa.Engine, hour_end: dt.datetime, city: str = CITIES[0]) -> None:
    """Put an hour of a city into a store, so that it knows how far its days are over."""
    row = {"city": city, "hour_end": hour_end, "edition": "HJ 633-2026", "status": "provisional", "revision": 0,
           "simulated": False, "version": 1}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.air_city_hour), [row])


def points(cities: Sequence[str] = CITIES) -> tuple[str, ...]:
    """Give the codes of the stations that cities are assessed from."""
    return tuple(s.code for s in KNOWN.stations.values() if s.city in cities and s.kind in registry.COUNTING_KINDS)


def _rows(key: str, places, values, first, status, simulated, version):
    found = []
    for at in range(values.shape[-1]):
        day = date_of_day(day_of_date(first) + at)
        edition = edition_for(day)
        report = daily_aqi(values[..., at : at + 1], edition=edition)
        for place, code in enumerate(places):
            held = [None if np.isnan(v) else float(v) for v in values[:, place, at]]
            aqi = report.aqi[place, 0]
            found.append(
                {key: code, "day": day, **dict(zip(DAY_MEANS, held, strict=True)), "aqi": None if np.isnan(aqi) else int(aqi),
                 "primary_pollutants": "", "edition": edition.code, "status": status, "revision": 0,
                 "simulated": simulated, "version": version}
            )  # fmt: skip
    return found


def _insert(connection, table, rows):
    for at in range(0, len(rows), 2000):
        connection.execute(sa.insert(table), rows[at : at + 2000])


def run_of(city: str, start: dt.datetime, pm25: float = 50.0, hours: int = 180) -> list[dict]:
    """Make the hours of a run of forecasts whose PM2.5 is the same in all of them."""
    names = {"so2_ugm3": 8.0, "no2_ugm3": 20.0, "co_mgm3": 0.6, "o3_ugm3": 60.0, "pm10_ugm3": 40.0, "pm25_ugm3": pm25}
    return [
        {"city": city, "hour_end": start + dt.timedelta(hours=lead), "run": f"CDAQS/{start:%Y-%m-%dT%HZ}", "run_init": start,
         "lead_hours": lead, "lead_day": -(-lead // 24), "edition": "HJ 633-2026", "simulated": False, "version": 1, "points": 5}
        | {f"forecast_{name}": value for name, value in names.items()}
        for lead in range(1, hours + 1)
    ]  # fmt: skip
