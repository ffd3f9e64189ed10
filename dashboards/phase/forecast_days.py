"""The index of each day as forecasts told it, one to seven days before: what scores by lead need, bounded however long the period.

Of each city and day the first run that starts on it counts. Of a long period every second, third … day is taken, so that at
most RUNS runs of a city are read: leads are scored from as many days as that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from dashboards.phase.gathered import LEADS
from ml.scenario.warned import daily_indices
from standards.assessment.periods import Period
from standards.days import first_hour_of_day, natural_day
from standards.pollutants import ITEMS, POLLUTANTS
from streams.store.schema import forecast_city_hour

RUNS = 40
"""Runs of a city that are read at most."""
EPOCH, HOUR = dt.datetime(1970, 1, 1), dt.timedelta(hours=1)
_ITEMS = tuple(f"forecast_{POLLUTANTS[item].column}" for item in ITEMS)


def forecast_days(connection: sa.Connection, cities: Sequence[str], period: Period) -> tuple[np.ndarray, str]:
    """Give the index by lead (LEADS, city, day of the period), NaN where nothing was told, and which models told it."""
    found, models = np.full((LEADS, len(cities), period.n_days), np.nan), set()
    for place, city in enumerate(cities):
        runs = _runs(connection, city, period)
        for run, (first_hour, values) in _hours(connection, city, runs).items():
            models.add(run.partition("/")[0])
            first_day, index = daily_indices(values, first_hour)
            for at, value in enumerate(index):
                lead, day = first_day + at - int(natural_day(runs[run])), first_day + at - period.first_day
                if 1 <= lead <= LEADS and 0 <= day < period.n_days:
                    found[lead - 1, place, day] = value
    return found, ", ".join(sorted(models))


def _runs(connection: sa.Connection, city: str, period: Period) -> dict[str, int]:
    """Give run -> hour of its start, the first run of each day that is taken; the next day is the first that it holds whole."""
    c, every = forecast_city_hour.c, -(-(period.n_days + LEADS) // RUNS)
    first, last = (EPOCH + int(first_hour_of_day(day)) * HOUR for day in (period.first_day - LEADS, period.last_day))
    of_city = sa.select(sa.func.min(c.run_init)).where(c.city == city, c.run_init <= last)
    starts = of_city.where(c.run_init >= first).cte("starts", recursive=True)
    start = next(iter(starts.c))
    after = of_city.where(c.run_init > start).correlate(starts).scalar_subquery()
    starts = starts.union_all(
        sa.select(after).where(start.is_not(None))
    )  # from start to start by the index, not by each row
    start = next(iter(starts.c))
    run = sa.select(sa.func.min(c.run)).where(c.city == city, c.run_init == start).correlate(starts).scalar_subquery()
    by_day: dict[int, tuple[str, int]] = {}
    for begun, name in connection.execute(sa.select(start, run).where(start.is_not(None)).order_by(start)).all():
        hour = (begun - EPOCH) // HOUR
        by_day.setdefault(int(natural_day(hour)), (name, hour))
    return dict(held for day, held in by_day.items() if day % every == 0)


def _hours(connection: sa.Connection, city: str, runs: dict[str, int]) -> dict[str, tuple[int, np.ndarray]]:
    """Give run -> first hour and values (6, hour) of the days one to seven after its start."""
    if not runs:
        return {}
    c = forecast_city_hour.c
    starts = [EPOCH + hour * HOUR for hour in set(runs.values())]  # each by itself: the index skips what lies between
    query = sa.select(c.run, c.lead_hours, *(c[name] for name in _ITEMS)).where(
        c.city == city, c.run_init.in_(starts), c.run.in_(list(runs))
    )  # fmt: skip
    rows = connection.execute(query).all()
    if not rows:
        return {}
    columns = list(zip(*rows, strict=True))
    at = {run: place for place, run in enumerate(runs)}
    whose = np.fromiter(map(at.__getitem__, columns[0]), np.int64, len(rows))
    hours = np.array(columns[1], np.int64) + np.array(list(runs.values()))[whose]
    values = np.array(columns[2:], float)
    values[~(np.isfinite(values) & (values >= 0))] = np.nan
    found = {}
    for run, place in at.items():
        mine = np.flatnonzero(whose == place)
        if mine.size:
            when = hours[mine]
            first = int(when.min())
            laid = np.full((len(ITEMS), int(when.max()) - first + 1), np.nan)
            laid[:, when - first] = values[:, mine]
            found[run] = first, laid
    return found
