"""Stores for the tests of the portal: 48 hours of eight cities, three runs, one city simulated, one without AQI."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from streams import registry
from streams.records import SPECIES
from streams.store import open_store, schema
from streams.store.lines import Count, summed
from streams.store.upserts import add_counts
from tests.dashboards import attributed

NEWEST = dt.datetime(2023, 1, 21, 15)
"""23:00 in Beijing."""
HOURS = 48
SIMULATED, ABSENT = "511800", "511100"
"""The city whose rows are simulated, and the one whose newest hour lacks ozone and CO and so has no index."""
REVISED = "1431A"
"""The station whose newest hour a revision has replaced."""
SECTORS = ("industry", "transport", "power", "residential", "agriculture", "dust")
_LEVEL = {
    "510100": 118,
    "510600": 96,
    "510700": 74,
    "510900": 58,
    "511100": 152,
    "511400": 139,
    "511800": 31,
    "512000": 66,
}
_SHARES = (0.34, 0.26, 0.1, 0.14, 0.04, 0.12)
_KGH = {"so2": 900, "nox": 5200, "co": 31000, "nh3": 2100, "voc": 7400, "pm25": 1900, "pm10": 4300}
HOUR = dt.timedelta(hours=1)


def empty_store(folder: Path) -> sa.Engine:
    """Make a store with its tables and nothing in them."""
    return open_store(f"sqlite:///{folder / 'store.sqlite'}")


def fill(engine: sa.Engine, newest: dt.datetime = NEWEST, *, simulated: bool = True, version: int = 1) -> None:
    """Fill a store with 48 hours up to newest."""
    hours = [newest - back * HOUR for back in range(HOURS - 1, -1, -1)]
    known = registry.load()
    with engine.begin() as connection:
        for city in known.cities:
            trace = _trace(version, simulated and city == SIMULATED)
            _insert(connection, schema.air_city_hour, [_city_hour(city, hour, newest, trace) for hour in hours])
            _insert(connection, schema.emission_city_hour, _emissions(city, hours, trace))
            _insert(connection, schema.forecast_city_hour, _forecasts(city, hours, trace))
        stations = [s for s in known.stations.values() if s.city in _LEVEL]
        rows = [
            _station_hour(s, h, simulated, version) for s in stations for h in hours[-6:] if s.code != stations[-1].code
        ]
        _insert(connection, schema.air_station_hour, rows)
        _insert(connection, schema.episode_event, _episodes(newest, version))
        _insert(connection, schema.attribution, _attributions(newest, tuple(known.cities), version))
        add_counts(connection, summed(_sources(newest)))
        _insert(connection, schema.rejected, _rejects(newest))
        _insert(connection, schema.source_file, _files(newest))
        _insert(connection, schema.row_history, [_replaced(known.stations[REVISED], newest)])
        _insert(
            connection, schema.topic_position, [{"topic": "air", "segment": "0", "stored_at": dt.datetime(2026, 1, 1)}]
        )


def add_city_hour(engine: sa.Engine, city: str, hour: dt.datetime, aqi: int) -> None:
    """Add one assessed hour, as the materialiser would: the row and the topic position together."""
    row = {**_city_hour(city, hour, hour - HOUR, _trace(2, False)), "aqi": aqi}
    with engine.begin() as connection:
        _insert(connection, schema.air_city_hour, [row])
        connection.execute(sa.delete(schema.topic_position))
        position = {"topic": "air", "segment": "1", "stored_at": dt.datetime(2026, 1, 2)}
        _insert(connection, schema.topic_position, [position])


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(sa.insert(table), rows)


def _trace(version: int, simulated: bool) -> dict[str, Any]:
    return {
        "edition": "HJ 633-2012",
        "status": "provisional",
        "revision": 0,
        "simulated": simulated,
        "version": version,
    }


def _concentrations(city: str, hour: dt.datetime) -> dict[str, float | None]:
    """Plausible winter values: a daily wave on a level of the city, building up towards the end."""
    epoch = hour.replace(tzinfo=dt.UTC).timestamp() / 3600
    wave = 1 + 0.22 * math.sin((epoch + 2) / 24 * 2 * math.pi) + 0.1 * math.sin(epoch / 7 + _LEVEL[city])
    pm25 = _LEVEL[city] * wave * 0.8
    sun = max(0.0, math.sin((epoch % 24 + 2) / 24 * 2 * math.pi))
    return {
        "so2_ugm3": round(6 + pm25 / 30, 1), "no2_ugm3": round(22 + pm25 / 3.5, 1),
        "co_mgm3": round(0.4 + pm25 / 160, 2),
        "o3_ugm3": round(18 + 70 * sun, 1), "pm10_ugm3": round(pm25 * 1.4 + 8, 1), "pm25_ugm3": round(pm25, 1),
    }  # fmt: skip


def _aqi(values: dict[str, float | None]) -> int:
    """Near enough to an index for a test of pages; the real one is standards.index.aqi's."""
    pm25 = values["pm25_ugm3"]
    return math.ceil(pm25 * 50 / 35) if pm25 <= 35 else math.ceil(50 + (pm25 - 35) * 1.25)


def _verdict(values: dict[str, float | None]) -> dict[str, Any]:
    aqi = _aqi(values)
    return {"aqi": aqi, "primary_pollutants": "pm25" if aqi > 50 else ""}


def _city_hour(city: str, hour: dt.datetime, newest: dt.datetime, trace: dict[str, Any]) -> dict[str, Any]:
    values = _concentrations(city, hour)
    row = {"city": city, "hour_end": hour, **values, **_verdict(values), "stations_reporting": 4,
           "stations_expected": 5, "completeness": 0.93, **trace}  # fmt: skip
    if city == ABSENT and hour == newest:
        row |= {"o3_ugm3": None, "co_mgm3": None, "aqi": None, "primary_pollutants": "", "completeness": 0.31}
    return row


def _station_hour(station: Any, hour: dt.datetime, simulated: bool, version: int) -> dict[str, Any]:
    factor = 0.85 + sum(station.code.encode()) % 30 / 100
    values = {name: round(v * factor, 1) for name, v in _concentrations(station.city, hour).items()}
    flags = "spike:pm10,pm25 stuck:so2" if station.code == "1431A" else ""
    return {
        "station": station.code, "hour_end": hour, "city": station.city, **values, **_verdict(values), "flags": flags,
        "source": "cnemc", **_trace(version, simulated and station.city == SIMULATED),
    }  # fmt: skip


def _emissions(city: str, hours: list[dt.datetime], trace: dict[str, Any]) -> list[dict[str, Any]]:
    sectors = {"sectors": SECTORS, "species": SPECIES, "kgh": [[_KGH[s] * share for s in SPECIES] for share in _SHARES]}
    made = {name: trace[name] for name in ("simulated", "version")}
    emitted = {f"{s}_kgh": float(_KGH[s]) for s in SPECIES}
    row = {"city": city, "inventory": "MEIC-2020", "sectors": json.dumps(sectors), **emitted, **made}
    return [{**row, "hour_end": hour} for hour in hours]


def _forecasts(city: str, hours: list[dt.datetime], trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Three runs of 72 hours, in a wind that blows from one other city."""
    made = {name: trace[name] for name in ("edition", "simulated", "version")}
    upwind = next(code for code in _LEVEL if code != city)
    wind = {"wind_u_ms": 2.0, "wind_v_ms": -1.0, "upwind_weights": json.dumps({upwind: 0.6})}
    return [
        {"city": city, "points": 4, **_forecast(city, init, lead, back), **wind, **made}
        for back in (51, 27, 3)
        for init in (hours[-1] - back * HOUR,)
        for lead in range(1, 73)
    ]


def _forecast(city: str, init: dt.datetime, lead: int, skew: int) -> dict[str, Any]:
    hour = init + lead * HOUR
    values = {name: value * (0.86 + skew / 300) for name, value in _concentrations(city, hour).items()}
    columns = {f"forecast_{name}": value for name, value in values.items()}
    run = {"run": f"CDAQS/{init:%Y-%m-%dT%H}Z", "run_init": init, "lead_hours": lead, "lead_day": (lead - 1) // 24 + 1}
    return {"hour_end": hour, **run, **columns, "forecast_aqi": _aqi(values)}


def _episodes(newest: dt.datetime, version: int) -> list[dict[str, Any]]:
    trace = {"edition": "HJ 633-2012", "simulated": False, "version": version}
    start = newest - 20 * HOUR
    haze = {
        "episode": f"haze/{start:%Y-%m-%dT%H}Z", "kind": "haze", "start": start, "peak": newest - 4 * HOUR, "end": None,
        "phase": "growing", "peak_value_ugm3": 161.0, "peak_city": "511100", "growth_ugm3_per_h": 3.4,
        "cities": "511100@01-20T19Z 511400@01-20T22Z 510100@01-21T01Z 510600@01-21T06Z", "city_hours": 61, **trace,
    }  # fmt: skip
    old = {"episode": "ozone/2022-08-01T05Z", "kind": "ozone", "start": newest - 200 * HOUR, "end": newest - 190 * HOUR,
           "phase": "ended", "peak_value_ugm3": 214.0, "cities": "510100@08-01T05Z 512000@08-01T07Z",
           "city_hours": 12}  # fmt: skip
    return [haze, {**haze, **old}]


def _attributions(newest: dt.datetime, cities: tuple[str, ...], version: int) -> list[dict[str, Any]]:
    start = newest - 20 * HOUR
    told, silent = cities[:-1], cities[-1]
    rows = [attributed.row(city, cities, newest, seed=i, version=version, simulated=city == SIMULATED)
            for i, city in enumerate(told)]  # fmt: skip
    rows += [attributed.row(city, cities, newest, span="episode", hours=(newest - start) // HOUR + 1, seed=i, total=118.0,
                            version=version, simulated=city == SIMULATED) for i, city in enumerate(told)]  # fmt: skip
    rows += [
        attributed.row(city, cities, newest - HOUR, quantity="ox", seed=9, total=88.0, version=version) for city in told
    ]
    return [*rows, attributed.nothing(silent, cities, newest, why="no tags", version=version)]


def _sources(newest: dt.datetime) -> list[Count]:
    counts = {"rows_in": 1968, "accepted": 1901, "duplicate": 41, "late": 20, "rejected": 6}
    return [
        Count("cnemc", newest, counts, newest + HOUR / 2),
        Count("cdaqs", newest - 6 * HOUR, {"rows_in": 10, "accepted": 8, "rejected": 1}, newest),
    ]


def _files(newest: dt.datetime) -> list[dict[str, Any]]:
    common = {"source": "cnemc", "rows_in": 984, "rejected": 3, "simulated": False, "last_hour": newest}
    return [
        {"digest": "8442" * 16, "file": "china_sites_20230121.csv", "first_hour": newest - 22 * HOUR,
         "received_at": newest + HOUR / 2, **common},
        {"digest": "b10c" * 16, "file": "复核/成都_202301.csv", "first_hour": newest - 480 * HOUR,
         "received_at": newest + 240 * HOUR, **common},
    ]  # fmt: skip


def _replaced(station: Any, newest: dt.datetime) -> dict[str, Any]:
    """The first version of a row: its PM2.5 was higher, its ozone was not there."""
    row = _station_hour(station, newest, False, 0)
    row |= {"pm25_ugm3": row["pm25_ugm3"] + 40, "aqi": row["aqi"] + 50, "o3_ugm3": None, "hour_end": f"{newest}"}
    key, replaced = f"{station.code}/{newest:%Y-%m-%dT%HZ}", newest + 240 * HOUR
    return {"table": "air_station_hour", "key": key, "version": 0, "row": json.dumps(row), "superseded_at": replaced}


def _rejects(newest: dt.datetime) -> list[dict[str, Any]]:
    common = {"source": "cnemc", "hour_end": newest, "rows": 1, "set_aside": False, "received_at": newest}
    return [
        {"id": "a", "file": "china_sites_20230121.csv", "position": "line 17, column 1431A", "reason": "not a concentration",
         "value": "—", "expected": "a number from 0 to 100000, or nothing where it is missing", **common},
        {"id": "b", "file": "china_sites_20230121.csv", "position": "line 31", "reason": "not a concentration",
         "value": "-4", "expected": "0 to 100000", **common},
    ]  # fmt: skip
