"""A small store with a super-site, its city, and the weather of forecasts: the made days, as rows."""

from __future__ import annotations

import datetime as dt
import json
import math

import sqlalchemy as sa

from streams.store import schema
from streams.store.connect import open_store
from streams.store.lines import EPOCH
from tests.research.ozone.made import hours

STATION, CITY = "SIM-S01", "510100"
STANDING = {"status": "provisional", "revision": 0, "simulated": True, "version": 1}


def fill(url, first, days=2, *, items_of="city", below=(), by_day=()):
    """Write made days; items_of: whether NO2, CO and O3 are of the city or the station; by_day: of a second source, by day."""
    record = hours(first, days)
    engine = open_store(url)
    voc, items, weather = [], [], []
    for i, end in enumerate(record.hour_end.tolist()):
        moment = EPOCH + dt.timedelta(hours=end)
        ppb = {name: round(float(record.voc_ppb[n, i]), 5) for n, name in enumerate(record.compounds)}
        ppb |= {
            name: round(ppb[name] * (1.0 + 2.0 * max(0.0, math.sin(math.pi * (i % 24 - 6) / 12.0))), 5)
            for name in by_day
        }
        ppb |= dict.fromkeys(below, "<0.02")
        voc.append({"station": STATION, "hour_end": moment, "city": CITY, "species_ppb": json.dumps(ppb), "n_species": len(ppb),
                    "n_below": len(below), **STANDING})  # fmt: skip
        series = {name: float(values[i]) for name, values in record.series.items()}
        no2, o3, co = (
            series[f"{gas}_ppb"] * mass / 24.465 for gas, mass in (("no2", 46.0055), ("o3", 47.9982), ("co", 28.0101))
        )
        items.append(
            {"hour_end": moment, "no2_ugm3": no2, "co_mgm3": co / 1000.0, "o3_ugm3": o3, "edition": "2026", **STANDING}
        )
        for lead, off in ((30, 5.0), (6, 0.0)):  # an older run, 5 degrees warmer, and the newest one
            weather.append({"city": CITY, "hour_end": moment, "run": f"MODEL/{lead}", "run_init": moment - dt.timedelta(hours=lead),
                            "lead_hours": lead, "lead_day": lead // 24, "points": 1, "edition": "2026", "simulated": True,
                            "temperature_c": series["temperature_c"] + off, "humidity_pct": 60.0, "mixing_height_m": 800.0,
                            "version": 1})  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.voc_station_hour), voc)
        connection.execute(sa.insert(schema.forecast_city_hour), weather)
        if items_of == "city":
            connection.execute(sa.insert(schema.air_city_hour), [{**row, "city": CITY} for row in items])
        else:
            connection.execute(sa.insert(schema.air_station_hour), [{**row, "station": STATION} for row in items])
    engine.dispose()
