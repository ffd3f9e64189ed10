"""A store of two years of one city whose emissions fell and whose wind is known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import sqlalchemy as sa

from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, forecast_city_hour

CITY = "510100"
START = dt.datetime(2024, 1, 1, 1)
HOURS = 24 * 730
CUT = 15.0
"""What is emitted less from 2025 on [ug/m3]."""
HOUR = dt.timedelta(hours=1)


def wind(hours: int = HOURS, seed: int = 5) -> np.ndarray:
    """Give the wind to the east, hour by hour [m/s]: its days go together."""
    chance = np.random.default_rng(seed)
    days = np.abs(chance.normal(2.0, 0.9, hours // 24 + 2))
    return np.interp(np.arange(hours) / 24, np.arange(len(days)), days)


def fill(engine: sa.Engine, *, hours: int = HOURS, foreseen: bool = True, city: str = CITY) -> None:
    """Fill a store: PM2.5 is 90 less 18 a metre a second of wind and a cycle of the day, less CUT from 2025 on."""
    u, ends = wind(hours), [START + k * HOUR for k in range(hours)]
    chance = np.random.default_rng(6)
    cut = np.array([CUT if end > dt.datetime(2024, 12, 31, 16) else 0.0 for end in ends])
    level = 90 - 18 * u - cut + 5 * np.sin(np.arange(hours) / 24 * 2 * np.pi) + chance.normal(0, 3, hours)
    trace = {"edition": "HJ 633-2012", "status": "reviewed", "revision": 0, "simulated": True, "version": 1}
    rows = [
        {"city": city, "hour_end": end, "pm25_ugm3": max(float(v), 1.0), "o3_ugm3": 60.0 + k % 24, "wind_u_ms": float(w),
         "wind_v_ms": 0.0, **trace}
        for k, (end, v, w) in enumerate(zip(ends, level, u, strict=True))
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(air_city_hour), rows)
        if foreseen:
            connection.execute(sa.insert(forecast_city_hour), _runs(city, ends, u))


def _runs(city: str, ends: list[dt.datetime], u: np.ndarray) -> list[dict]:
    """Of each hour a near lead, which is right, and one of a day more, which is not."""
    rows = []
    for end, value in zip(ends, u.tolist(), strict=True):
        since = (end - HOUR - EPOCH) // HOUR % 24
        for lead, said in ((since + 1, value), (since + 25, 9.0)):
            init = end - lead * HOUR
            rows.append({
                "city": city, "hour_end": end, "run": f"CDAQS/{init:%Y-%m-%dT%H}Z", "run_init": init, "lead_hours": lead,
                "lead_day": (lead - 1) // 24 + 1, "points": 4, "wind_u_ms": said, "wind_v_ms": 0.0, "temperature_c": 10.0,
                "edition": "HJ 633-2012", "simulated": True, "version": 1,
            })  # fmt: skip
    return rows
