"""A store with forecasts whose errors are known: 40 days of hours of eight cities, daily runs of five days, a served model."""

from __future__ import annotations

import datetime as dt

import numpy as np
import sqlalchemy as sa

from streams import registry
from streams.store import schema
from tests.dashboards import stores

NEWEST = dt.datetime(2023, 1, 31, 15)
"""23:00 in Beijing."""
HOUR = dt.timedelta(hours=1)
DAYS, LEADS = 30, 120
FIRST = NEWEST - 40 * 24 * HOUR
CITIES = tuple(registry.load().cities)
TRACE = {"edition": "HJ 633-2012", "simulated": False, "version": 1}
SERVED, VERSION = "pm25-q", "3"
EPISODE = "haze/2023-01-20T06Z"


def observed(city: int) -> np.ndarray:
    """Give hourly PM2.5 of a city from FIRST on [ug/m3]; every 50th hour is missing."""
    rng = np.random.default_rng(city)
    n = np.arange(40 * 24 + 1)
    values = 80 + 30 * np.sin(n / 24 * 2 * np.pi) + 35 * np.sin(n / 97) + rng.normal(0, 8, n.size) + 4 * city
    return np.where(n % 50 == 7, np.nan, np.maximum(values, 3.0).round(1))


def starts() -> list[dt.datetime]:
    """Give the starts of the runs, one a day at 00 UTC, the newest on the last day."""
    last = dt.datetime(2023, 1, 31)
    return [last - back * 24 * HOUR for back in range(DAYS - 1, -1, -1)]


def fill(engine: sa.Engine) -> None:
    """Fill an empty store."""
    with engine.begin() as connection:
        for i, city in enumerate(CITIES):
            seen = observed(i)
            connection.execute(sa.insert(schema.air_city_hour), [
                {"city": city, "hour_end": FIRST + k * HOUR, "pm25_ugm3": None if np.isnan(v) else float(v), "aqi": None,
                 "status": "provisional", "revision": 0, **TRACE}
                for k, v in enumerate(seen)
            ])  # fmt: skip
            said, served = _runs(i, city)
            connection.execute(sa.insert(schema.forecast_city_hour), said)
            if i == 0:
                connection.execute(sa.insert(schema.model_hour), served)
        position = {"topic": "air", "segment": "0", "stored_at": dt.datetime(2026, 1, 1)}
        connection.execute(sa.insert(schema.topic_position), [position])


def fill_beside(engine: sa.Engine) -> None:
    """Fill a store with what stores.fill gives and, in the place of its hours and runs, with ours and an episode in them."""
    stores.fill(engine, simulated=False)
    with engine.begin() as connection:
        for each in (schema.air_city_hour, schema.forecast_city_hour, schema.topic_position):
            connection.execute(sa.delete(each))
    fill(engine)
    row = {"episode": EPISODE, "kind": "haze", "phase": "ended", "peak_city": "511400", "growth_ugm3_per_h": 2.0, "city_hours": 90,
           "start": starts()[-12].replace(hour=6), "end": starts()[-10], "peak_value_ugm3": 150.0,
           "cities": "511400@01-20T06Z 510100@01-20T15Z", "edition": "HJ 633-2012", "simulated": False, "version": 1}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.episode_event), row)


def _runs(i: int, city: str) -> tuple[list[dict], list[dict]]:
    rng = np.random.default_rng(100 + i)
    seen = observed(i)
    filled = np.where(np.isnan(seen), 80.0, seen)
    said, served = [], []
    for start in starts():
        for lead in range(1, LEADS + 1):
            hour = start + lead * HOUR
            k = int((hour - FIRST) / HOUR)
            truth = filled[k] if k < len(filled) else 80.0
            value = max(float(truth * 0.9 + rng.normal(0, 6 + lead / 8)), 0.0)
            run = f"CDAQS/{start:%Y-%m-%dT%H}Z"
            said.append({"city": city, "hour_end": hour, "run": run, "run_init": start, "lead_hours": lead,
                         "lead_day": (lead - 1) // 24 + 1, "forecast_pm25_ugm3": value, "points": 4, **TRACE})  # fmt: skip
            if i == 0 and lead <= 48:
                middle = float(truth + rng.normal(0, 5))
                common = {"city": city, "hour_end": hour, "run": run, "model": SERVED, "model_version": VERSION,
                          "simulated": True, "version": 1}  # fmt: skip
                served += [common | {"quantity": f"pm25_ugm3{end}", "value": middle + shift}
                           for end, shift in (("_q10", -8.0), ("_q50", 0.0), ("_q90", 8.0))]  # fmt: skip
    return said, served
