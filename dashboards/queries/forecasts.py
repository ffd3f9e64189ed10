"""Forecasts of a city by run."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from streams.store.schema import forecast_city_hour

Row = dict[str, Any]
RUNS = 4


def newest_runs(connection: sa.Connection, city: str, hour: dt.datetime, count: int = RUNS) -> list[str]:
    """Name the newest runs of a city that had started by hour, newest first."""
    c = forecast_city_hour.c
    # The index gives each run once an hour, newest first; what is older than the runs wanted is not read.
    started = sa.select(c.run_init, c.run).where(c.city == city, c.run_init <= hour).distinct()
    query = started.order_by(c.run_init.desc(), c.run.desc()).limit(count)
    return [run for _, run in connection.execute(query)]


def forecast_runs(
    connection: sa.Connection, city: str, hour: dt.datetime, first: dt.datetime, last: dt.datetime
) -> dict[str, list[Row]]:
    """Give the newest runs that had started by hour, oldest first: run -> its rows between first and last."""
    table = forecast_city_hour
    wanted = newest_runs(connection, city, hour)
    columns = [column for column in table.c if column.name != "upwind_weights"]
    query = (
        sa.select(*columns)
        .where(table.c.city == city, table.c.hour_end.between(first, last), table.c.run.in_(wanted))
        .order_by(table.c.run_init, table.c.run, table.c.hour_end)
    )
    runs: dict[str, list[Row]] = {}
    for row in connection.execute(query).mappings() if wanted else ():
        runs.setdefault(row["run"], []).append(dict(row))
    return runs
