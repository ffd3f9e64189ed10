"""A region under a warning for the tests of pages: days, runs, and rows of the table scenario; nothing of it is real."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import sqlalchemy as sa

from ml.scenario.free import CUTTABLE, SHARES
from ml.scenario.measures import FREE, LEVEL_MEASURES, TRAFFIC
from streams import registry
from streams.store import schema
from streams.store.scenarios import packed_free
from tests.dashboards import stores

NEWEST = dt.datetime(2025, 12, 20, 6)
"""14:00 in Beijing, under plans of 2024."""
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
RUN = dt.datetime(2025, 12, 20, 0)
"""08:00 in Beijing: what it says of measures begins with the day after."""
CITIES = tuple(registry.load().cities)
WARNED = "510100"
"""The city whose days are heavy from the 18th on; the others are fair."""
CHANGE = {LEVEL_MEASURES[0]: -0.06, LEVEL_MEASURES[1]: -0.12, LEVEL_MEASURES[2]: -0.18, TRAFFIC: -0.04}
"""Of PM2.5 by measure, as a share of the level; ozone rises by half as much."""


def fill(engine: sa.Engine, *, newest: dt.datetime = NEWEST, simulated: bool = True) -> None:
    """Fill a store with the hours of the overview, and with days, runs and scenarios up to newest."""
    stores.fill(engine, newest)
    with engine.begin() as connection:
        # The runs of the overview tell of its curves; here the days ahead matter.
        connection.execute(sa.delete(schema.forecast_city_hour))
        connection.execute(sa.delete(schema.air_city_hour))
        connection.execute(
            sa.insert(schema.air_city_hour), [_hour(c, newest - back * HOUR) for c in CITIES for back in range(120)]
        )
        connection.execute(sa.insert(schema.air_city_day), [_day(c, d) for c in CITIES for d in range(-6, 0)])
        for back in (4, 3, 2, 1, 0):
            rows = [row for c in CITIES for row in _run(c, RUN - back * DAY)]
            connection.execute(sa.insert(schema.forecast_city_hour), rows)
        connection.execute(sa.insert(schema.scenario), scenarios(simulated=simulated))


def heavy(city: str, day: dt.date) -> bool:
    """Tell whether a day is heavy."""
    return city == WARNED and dt.date(2025, 12, 17) <= day <= dt.date(2025, 12, 22)


def scenarios(*, simulated: bool = True) -> list[dict[str, Any]]:
    """Give the rows of what lies ahead, of the warning so far, and of what was foreseen before it."""
    start = dt.datetime(2025, 12, 16, 16)
    ahead = window("ahead", RUN + 17 * HOUR, RUN + 88 * HOUR, RUN, 1.0)
    before = window("ahead", start + 1 * HOUR, start + 72 * HOUR, start - 16 * HOUR, 0.8)
    since = window("since", start + 1 * HOUR, start + 72 * HOUR, start + 72 * HOUR, 0.9)
    return [row | {"simulated": simulated} for row in (*ahead, *before, *since)]


def window(kind: str, first: dt.datetime, last: dt.datetime, run: dt.datetime, factor: float) -> list[dict[str, Any]]:
    """Give the rows of a window of all cities: changes in proportion to a factor."""
    rows = []
    for i, city in enumerate(CITIES):
        level = 130.0 - 9.0 * i
        frame = {"city": city, "hour_end": last, "run_init": run, "kind": kind, "first_hour": first, "plan": "sichuan_2024",
                 "asked": 2 if city == WARNED else 0, "unanswered": None, "packed": None, "definition": "removal",
                 "models": "TWIN-A, TWIN-B", "method": "scenario 1", "simulated": True, "version": 1}  # fmt: skip
        for measure, share in CHANGE.items():
            for quantity, of in (("pm25", share), ("o3", -0.5 * share)):
                height = level if quantity == "pm25" else 62.0
                change = factor * of * height
                half = 0.35 * abs(change) + (0.4 if quantity == "pm25" else 2.5)
                rows.append(frame | {"quantity": quantity, "measure": measure, "level": height, "change": change,
                                     "low": change - half, "high": change + half})  # fmt: skip
        if kind == "ahead":
            rows += [frame | {"quantity": q, "measure": FREE, "level": level if q == "pm25" else 62.0, "change": None,
                              "low": None, "high": None, "packed": _free(i, q, factor)} for q in ("pm25", "o3")]  # fmt: skip
    return rows


def _free(i: int, quantity: str, factor: float) -> str:
    """Changes in proportion to the share: a tenth of the level by all of a sector everywhere, nine tenths of it at home."""
    middle = np.zeros((len(SHARES), len(CUTTABLE), 1 + len(CITIES)))
    at = -0.10 * factor * np.array(SHARES)
    middle[:, 1:, 0] = at[:, None]
    middle[:, 1:, 1 + i] = 0.9 * at[:, None]
    middle[:, 0] = middle[:, 1:].sum(axis=1)
    return packed_free(middle if quantity == "pm25" else -0.3 * middle, 0.05 * np.abs(middle))


def _day(city: str, back: int) -> dict[str, Any]:
    day = (NEWEST + 8 * HOUR).date() + back * DAY
    return {"city": city, "day": day, "aqi": 214 if heavy(city, day) else 82, "primary_pollutants": "pm25",
            "edition": "HJ 633-2012", "status": "provisional", "revision": 0, "simulated": True, "version": 1,
            "stations_valid": 4, "stations_expected": 4, "completeness": 1.0}  # fmt: skip


def _hour(city: str, hour: dt.datetime) -> dict[str, Any]:
    pm25 = 160.0 if heavy(city, (hour - HOUR + 8 * HOUR).date()) else 58.0
    return {"city": city, "hour_end": hour, "so2_ugm3": 8.0, "no2_ugm3": 52.0, "co_mgm3": 1.0, "o3_ugm3": 44.0,
            "pm10_ugm3": 1.3 * pm25, "pm25_ugm3": pm25, "aqi": 210 if pm25 > 100 else 80, "primary_pollutants": "pm25",
            "stations_reporting": 4, "stations_expected": 4, "completeness": 1.0, "edition": "HJ 633-2012",
            "status": "provisional", "revision": 0, "simulated": True, "version": 1}  # fmt: skip


def _run(city: str, init: dt.datetime) -> list[dict[str, Any]]:
    rows = []
    for lead in range(1, 121):
        hour = init + lead * HOUR
        pm25 = 168.0 if heavy(city, (hour - HOUR + 8 * HOUR).date()) else 60.0
        values = {
            "so2_ugm3": 8.0,
            "no2_ugm3": 50.0,
            "co_mgm3": 1.0,
            "o3_ugm3": 40.0,
            "pm10_ugm3": pm25 * 1.3,
            "pm25_ugm3": pm25,
        }
        rows.append({
            "city": city, "hour_end": hour, "run": f"CDAQS/{init:%Y-%m-%dT%H}Z", "run_init": init, "lead_hours": lead,
            "lead_day": (lead - 1) // 24 + 1, **{f"forecast_{name}": value for name, value in values.items()},
            "forecast_aqi": 200, "points": 4, "wind_u_ms": 2.0, "wind_v_ms": -1.0, "edition": "HJ 633-2012", "simulated": True,
            "version": 1,
        })  # fmt: skip
    return rows
