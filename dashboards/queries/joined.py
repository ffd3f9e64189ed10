"""Joined hours: forecasts by run beside observations, and emissions by sector."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from streams.records import SPECIES
from streams.store.schema import air_joined_hour, episode_event

Row = dict[str, Any]
RUNS = 4
EMISSION_REACH = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Emissions:
    """What a city emits in one hour [kg/h].

    by_sector: sector -> species -> kg/h. local, upwind: species -> kg/h, None where unknown.
    """

    hour: dt.datetime
    by_sector: dict[str, dict[str, float]]
    local: dict[str, float | None]
    upwind: dict[str, float | None]
    row: Row


def forecast_runs(
    connection: sa.Connection, city: str, hour: dt.datetime, first: dt.datetime, last: dt.datetime
) -> dict[str, list[Row]]:
    """Give the newest runs that had started by hour, oldest first: run -> its rows between first and last."""
    table = air_joined_hour
    query = (
        sa.select(table)
        .where(table.c.city == city, table.c.hour_end.between(first, last), table.c.run != "", table.c.run_init <= hour)
        .order_by(table.c.run_init, table.c.run, table.c.hour_end)
    )
    runs: dict[str, list[Row]] = {}
    for row in connection.execute(query).mappings():
        runs.setdefault(row["run"], []).append(dict(row))
    return dict(list(runs.items())[-RUNS:])


def emissions(connection: sa.Connection, city: str, hour: dt.datetime) -> Emissions | None:
    """Give the last emissions of a city by sector that are not older than EMISSION_REACH, None where there are none."""
    table = air_joined_hour
    query = (
        sa.select(table)
        .where(table.c.city == city, table.c.run == "", table.c.hour_end.between(hour - EMISSION_REACH, hour))
        .where(table.c.sectors.is_not(None))
        .order_by(table.c.hour_end.desc())
        .limit(1)
    )
    found = connection.execute(query).mappings().first()
    return None if found is None else _emissions(dict(found))


def episodes(connection: sa.Connection, hour: dt.datetime, count: int = 4) -> list[Row]:
    """Give the newest episodes that had begun by hour, those under way first."""
    table = episode_event
    under_way = sa.case((table.c.phase.in_(("growing", "easing")), 0), else_=1)
    query = sa.select(table).where(table.c.start <= hour, table.c.phase != "withdrawn")
    query = query.order_by(under_way, table.c.start.desc()).limit(count)
    return [dict(row) for row in connection.execute(query).mappings()]


def _emissions(row: Row) -> Emissions:
    parsed = json.loads(row["sectors"])
    by_sector = {
        sector: {s: float(v or 0) for s, v in zip(parsed["species"], values, strict=True)}
        for sector, values in zip(parsed["sectors"], parsed["kgh"], strict=True)
    }
    local = {s: row[f"{s}_kgh"] for s in SPECIES}
    return Emissions(row["hour_end"], by_sector, local, {s: row[f"upwind_{s}_kgh"] for s in SPECIES}, row)
