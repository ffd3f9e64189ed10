"""What the wallboard asks of the store beside what other pages ask: the run ahead, days ahead, VOC of today, the year so far."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from dashboards.queries.forecasts import newest_runs
from ml.scenario.warned import daily_indices
from standards.days import date_of_day, natural_day
from standards.pollutants import ITEMS, POLLUTANTS
from streams.store.attribution import hour_of
from streams.store.lines import EPOCH
from streams.store.schema import air_city_day, forecast_city_hour, voc_station_hour

Row = dict[str, Any]
HOUR = dt.timedelta(hours=1)
DAYS_AHEAD = 7
OLDEST_RUN = dt.timedelta(days=4)
"""A run that started so long before the hour shown is not shown any more."""
_DAILY = tuple("o3_mda8_ugm3" if item == "o3" else POLLUTANTS[item].column for item in ITEMS)
_ITEMS = tuple(f"forecast_{POLLUTANTS[item].column}" for item in ITEMS)


@dataclass(frozen=True)
class Coming:
    """What is forecast of a city. run, started: the newest run (start, naive UTC), "" and None where there is none.

    hours: end of hour to its index, None for NA, of the newest run. days: of the days after the day shown, in order.
    """

    run: str
    started: dt.datetime | None
    hours: dict[dt.datetime, int | None]
    days: tuple[DayAhead, ...]
    simulated: bool


@dataclass(frozen=True)
class DayAhead:
    """A day to come. index: of the newest run, None where it does not reach. told: of every run asked that reaches, the
    newest included, so that it shows how far they agree."""

    date: dt.date
    index: int | None
    told: tuple[int, ...]


@dataclass(frozen=True)
class YearSoFar:
    """Daily values of this year. daily [ug/m3, CO mg/m3]: (6, city, day), MDA8 in the o3 row, NaN where there is none.

    first, last: the days of the last axis, both included; last is the newest day that any city has, None where there is
    none. simulated: by city.
    """

    daily: np.ndarray
    first: dt.date
    last: dt.date | None
    simulated: tuple[bool, ...]


def coming(connection: sa.Connection, city: str, hour: dt.datetime) -> Coming:
    """Give what the newest runs of a city that had started by an hour (naive UTC) say of the hours and days after it.

    The index of a day is of its hours in one run (HJ 633, daily), NA where the run does not hold the whole day.
    """
    c = forecast_city_hour.c
    wanted = newest_runs(connection, city, hour)
    query = sa.select(c.run, c.run_init, c.hour_end, c.forecast_aqi, c.simulated, *(c[name] for name in _ITEMS)).where(
        c.city == city, c.run.in_(wanted), c.run_init >= hour - OLDEST_RUN, c.hour_end >= hour - 24 * HOUR
    )
    runs: dict[str, list[sa.Row]] = {}
    for row in connection.execute(query.order_by(c.run_init.desc(), c.hour_end)) if wanted else ():
        runs.setdefault(row.run, []).append(row)
    today = int(natural_day(hour_of(hour)))
    by_run = [_days_of(rows) for rows in runs.values()]
    newest = next(iter(runs.values()), [])
    return Coming(
        run=newest[0].run if newest else "", started=newest[0].run_init if newest else None,
        hours={row.hour_end: row.forecast_aqi for row in newest},
        days=tuple(_day_ahead(today + at, by_run) for at in range(1, DAYS_AHEAD + 1)),
        simulated=any(row.simulated for rows in runs.values() for row in rows),
    )  # fmt: skip


def voc_hours(connection: sa.Connection, stations: Sequence[str], first: dt.datetime, last: dt.datetime) -> list[Row]:
    """Give the newest hour of volatile organic compounds of each station between two hours, compounds read from JSON."""
    c = voc_station_hour.c
    query = sa.select(voc_station_hour).where(c.station.in_(stations), c.hour_end.between(first, last))
    rows = {row["station"]: dict(row) for row in connection.execute(query.order_by(c.hour_end)).mappings()}
    return [row | {"compounds": _measured(row["species_ppb"])} for row in rows.values()]


def year_so_far(connection: sa.Connection, cities: Sequence[str], today: dt.date) -> YearSoFar:
    """Give the daily values of cities from the first of January to the day before today; one look by key a city."""
    first, end = dt.date(today.year, 1, 1), today - dt.timedelta(days=1)
    c = air_city_day.c
    query = sa.select(c.city, c.day, c.simulated, *(c[name] for name in _DAILY))
    rows = connection.execute(query.where(c.city.in_(cities), c.day.between(first, end))).all()
    last = max((row.day for row in rows), default=None)
    daily = np.full((len(ITEMS), len(cities), 0 if last is None else (last - first).days + 1), np.nan)
    place, made_up = {city: i for i, city in enumerate(cities)}, [False] * len(cities)
    for row in rows:
        daily[:, place[row.city], (row.day - first).days] = [np.nan if v is None else v for v in row[3:]]
        made_up[place[row.city]] |= row.simulated
    return YearSoFar(daily, first, last, tuple(made_up))


def _days_of(rows: Sequence[sa.Row]) -> dict[int, int]:
    """Give the index of each whole natural day of a run."""
    hours = np.array([(row.hour_end - EPOCH) // HOUR for row in rows])
    first = int(hours.min())
    values = np.full((len(ITEMS), int(hours.max()) - first + 1), np.nan)
    told = np.array([row[5:] for row in rows], float).T
    values[:, hours - first] = np.where(np.isfinite(told) & (told >= 0.0), told, np.nan)
    first_day, index = daily_indices(values, first)
    return {first_day + i: int(each) for i, each in enumerate(index) if each == each}


def _day_ahead(day: int, by_run: Sequence[dict[int, int]]) -> DayAhead:
    told = tuple(each[day] for each in by_run if day in each)
    return DayAhead(date_of_day(day), by_run[0].get(day) if by_run else None, told)


def _measured(species: str) -> dict[str, float]:
    """Read mixing ratios [ppb] by compound; what lies below its detection limit is no value."""
    return {name: float(value) for name, value in json.loads(species).items() if isinstance(value, int | float)}


__all__ = ["Coming", "DayAhead", "YearSoFar", "coming", "voc_hours", "year_so_far"]
