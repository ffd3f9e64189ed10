"""What public pages ask: days of a city, which months and days there are, whole days of the newest runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import sqlalchemy as sa

from dashboards.moment import SHANGHAI
from dashboards.queries.forecasts import newest_runs
from ml.scenario.warned import daily_indices
from standards.averaging import daily_values
from standards.days import date_of_day
from standards.editions import edition_for
from standards.exact_means import averageable
from standards.index.aqi import daily_aqi, primary_codes
from standards.pollutants import ITEMS, POLLUTANTS
from streams.store.attribution import hour_of
from streams.store.history import superseded_rows
from streams.store.schema import air_city_day, air_city_hour, air_station_hour, forecast_city_hour, model_hour

Row = dict[str, Any]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
COLUMNS = tuple(POLLUTANTS[item].column for item in ITEMS)
AHEAD_DAYS = 3
_QUANTILES = "aqi_day_q10", "aqi_day_q50", "aqi_day_q90"


@dataclass(frozen=True)
class DayAhead:
    """What the newest runs say of a natural day of a city: a run's index of the day by its name, newest first.

    primary: of the newest run, as codes. quantiles: 10, 50 and 90 % of the day's index by a model, None without one.
    """

    day: dt.date
    indices: dict[str, int]
    primary: str
    simulated: bool
    quantiles: tuple[int, int, int] | None = None
    model: str = ""

    @property
    def span(self) -> tuple[int, int] | None:
        """Give the lowest and highest index of the day: of the model's quantiles, else over the runs; None without any."""
        if self.quantiles:
            return self.quantiles[0], self.quantiles[2]
        return (min(self.indices.values()), max(self.indices.values())) if self.indices else None


def local_day(hour: dt.datetime) -> dt.date:
    """Give the natural day that the hour ending at hour (naive UTC) belongs to."""
    return (hour + SHANGHAI - HOUR).date()


def hours_of(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Give the ends of the first and last hour of a natural day (naive UTC): 01:00 and 24:00 in Beijing."""
    midnight = dt.datetime.combine(day, dt.time()) - SHANGHAI
    return midnight + HOUR, midnight + DAY


def month_end(month: dt.date) -> dt.date:
    """Give the last day of the month that begins on a day."""
    return (month.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def city_days(connection: sa.Connection, city: str, first: dt.date, last: dt.date) -> dict[dt.date, Row]:
    """Give the assessed natural days of a city from first to last, by day."""
    c = air_city_day.c
    query = sa.select(air_city_day).where(c.city == city, c.day.between(first, last))
    return {row["day"]: dict(row) for row in connection.execute(query).mappings()}


def span_of(connection: sa.Connection, city: str) -> tuple[dt.datetime, dt.datetime] | None:
    """Give the first and the last hour of a city, None where it has none. Two looks into the primary key."""
    c = air_city_hour.c
    ends = [sa.select(f(c.hour_end)).where(c.city == city).scalar_subquery() for f in (sa.func.min, sa.func.max)]
    first, last = connection.execute(sa.select(*ends)).one()
    return None if first is None else (first, last)


def months_with_data(connection: sa.Connection, city: str) -> list[dt.date]:
    """Give the first day of each month in which a city has an hour. One look into the primary key a month."""
    span = span_of(connection, city)
    if span is None:
        return []
    firsts = list(_months(local_day(span[0]), local_day(span[1])))
    return [month for month, there in zip(firsts[:-1], _any_hours(connection, city, firsts), strict=True) if there]


def days_with_data(connection: sa.Connection, city: str, month: dt.date) -> list[dt.date]:
    """Give the days of a month on which a city has an hour."""
    days = [month + n * DAY for n in range((month_end(month) - month).days + 2)]
    return [day for day, there in zip(days[:-1], _any_hours(connection, city, days), strict=True) if there]


def days_ahead(connection: sa.Connection, city: str, hour: dt.datetime) -> list[DayAhead]:
    """Give what is foreseen of the three natural days after that of hour, by runs that had started by then."""
    days = [local_day(hour) + n * DAY for n in range(1, AHEAD_DAYS + 1)]
    rows = _runs(connection, city, hour, hours_of(days[0])[0], hours_of(days[-1])[1])
    told = _quantiles(connection, city, hour, days)
    by_run = {run: _days_of_run(of_run) for run, of_run in rows.items()}
    found = []
    for day in days:
        values = {run: each[day] for run, each in by_run.items() if day in each}
        primary = next(iter(values.values()))[1] if values else ""
        simulated = any(row["simulated"] for of_run in rows.values() for row in of_run)
        model, quantiles, made_up = told.get(day, ("", None, False))
        indices = {run: aqi for run, (aqi, _) in values.items()}
        found.append(DayAhead(day, indices, primary, simulated or made_up, quantiles, model))
    return found


def city_revisions(connection: sa.Connection, city: str, hour: dt.datetime) -> list[Row]:
    """Give the superseded versions of a city's hour, oldest first."""
    return superseded_rows(connection, "air_city_hour", [(city, hour)]).get((city, hour), [])


def station_series(connection: sa.Connection, station: str, first: dt.datetime, last: dt.datetime) -> list[Row]:
    """Give the hours of a station from first to last, in order of time."""
    c = air_station_hour.c
    query = sa.select(air_station_hour).where(c.station == station, c.hour_end.between(first, last))
    return [dict(row) for row in connection.execute(query.order_by(c.hour_end)).mappings()]


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = month_end(month) + DAY
    yield month


def _any_hours(connection: sa.Connection, city: str, firsts: Sequence[dt.date]) -> list[bool]:
    c = air_city_hour.c
    asked = [
        sa.exists().where(c.city == city, c.hour_end.between(hours_of(first)[0], hours_of(after - DAY)[1]))
        for first, after in pairwise(firsts)
    ]
    return [bool(there) for there in connection.execute(sa.select(*asked)).one()] if asked else []


def _runs(
    connection: sa.Connection, city: str, hour: dt.datetime, first: dt.datetime, last: dt.datetime
) -> dict[str, list[Row]]:
    wanted, c = newest_runs(connection, city, hour), forecast_city_hour.c
    named = [c[f"forecast_{column}"].label(column) for column in COLUMNS]
    query = sa.select(c.run, c.hour_end, c.simulated, *named)
    query = query.where(c.city == city, c.run.in_(wanted), c.hour_end.between(first, last)).order_by(c.hour_end)
    found: dict[str, list[Row]] = {run: [] for run in wanted}
    for row in connection.execute(query).mappings():
        found[row["run"]].append(dict(row))
    return {run: rows for run, rows in found.items() if rows}


def _days_of_run(rows: Sequence[Row]) -> dict[dt.date, tuple[int, str]]:
    """Give the index and primary pollutants of each whole day of a run; a city's hours stand for its stations'."""
    first = hour_of(rows[0]["hour_end"])
    values = np.full((len(ITEMS), hour_of(rows[-1]["hour_end"]) - first + 1), np.nan)
    for row in rows:
        told = np.array([row[column] for column in COLUMNS], float)
        values[:, hour_of(row["hour_end"]) - first] = averageable(told)
    first_day, index = daily_indices(values, first)
    found = {}
    for at, aqi in enumerate(index):
        if not np.isnan(aqi):
            day = date_of_day(first_day + at)
            means = daily_values(values, first).means[:, at]
            found[day] = int(aqi), primary_codes(int(daily_aqi(means, edition=edition_for(day)).primary))
    return found


def _quantiles(
    connection: sa.Connection, city: str, hour: dt.datetime, days: Sequence[dt.date]
) -> dict[dt.date, tuple[str, tuple[int, int, int], bool]]:
    """Give the quantiles of the day's index that a model tells from the newest run that had started by hour."""
    c, runs = model_hour.c, newest_runs(connection, city, hour)
    ends = {hours_of(day)[1]: day for day in days}
    query = sa.select(model_hour).where(
        c.city == city, c.hour_end.in_(ends), c.quantity.in_(_QUANTILES), c.run.in_(runs), c.value.is_not(None)
    )
    told: dict[tuple[dt.date, int, str], dict[str, Any]] = {}
    for row in connection.execute(query).mappings():
        key = ends[row["hour_end"]], runs.index(row["run"]), f"{row['model']} {row['model_version']}"
        told.setdefault(key, {"simulated": False})[row["quantity"]] = round(row["value"])
        told[key]["simulated"] |= bool(row["simulated"])
    found: dict[dt.date, tuple[str, tuple[int, int, int], bool]] = {}
    for (day, _, model), values in sorted(told.items()):
        if day not in found and all(name in values for name in _QUANTILES):
            low, middle, high = (values[name] for name in _QUANTILES)
            found[day] = model, (low, middle, high), values["simulated"]
    return found
