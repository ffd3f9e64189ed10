"""Forecasts of whole days beside the assessed days: the index of stored runs, the quantiles and probabilities of served models.

Every question is of one city and a bounded span of issue times; forecasts go by the index of city and start, days by their key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dashboards.queries.public import COLUMNS, hours_of, local_day
from dashboards.queries.verification import Span
from standards.averaging import daily_values
from standards.days import date_of_day
from standards.editions import edition_runs
from standards.exact_means import averageable
from standards.index.aqi import daily_aqi, primary_codes
from standards.pollutants import ITEMS
from streams.store.attribution import hour_of
from streams.store.schema import air_city_day, forecast_city_hour, model_hour

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
LEAD_DAYS = 7
ENDS = {"aqi_day_q10": "forecast_aqi_low", "aqi_day_q50": "forecast_aqi", "aqi_day_q90": "forecast_aqi_high"}
LEVELS = tuple(f"level{n}_day_pct" for n in range(1, 7))
HEAVY = "heavy_day_pct"
TABLE = ("model", "run", "day", "lead_day", "aqi", "forecast_aqi", "forecast_aqi_low", "forecast_aqi_high", "primary_pollutants",
         "forecast_primary_pollutants", *LEVELS, HEAVY, "simulated")  # fmt: skip


def day_pairs(connection: sa.Connection, city: str, span: Span) -> pd.DataFrame:
    """Give the whole days that forecasts tell of, with what was assessed, a row each.

    Columns: model (of a served one with its version), run, day (Asia/Shanghai), lead_day (1 for the natural day after that in
    which the run began, at most LEAD_DAYS), aqi and forecast_aqi [index] with the ends of its range where the model gives them,
    primary pollutants as codes by commas, probabilities of the levels 1 to 6 and of a heavy day [%], simulated.
    Missing: NaN or None. A day that had not ended by span.until is not there. Without forecasts an empty table.
    """
    rows = [*_numerical(connection, city, span), *_served(connection, city, span)]
    made = pd.DataFrame(rows, columns=[name for name in TABLE if name not in ("aqi", "primary_pollutants")])
    if made.empty:
        return made.assign(aqi=np.array([], float), primary_pollutants=np.array([], object))[list(TABLE)]
    days = _assessed(connection, city, made["day"].min(), made["day"].max())
    aqi = made["day"].map({day: row[0] for day, row in days.items()}).astype(float)
    primary = made["day"].map({day: row[1] for day, row in days.items()})
    simulated = made["simulated"] | made["day"].map({day: row[2] for day, row in days.items()}).eq(True)
    return made.assign(aqi=aqi, primary_pollutants=primary, simulated=simulated)[list(TABLE)]


def _assessed(
    connection: sa.Connection, city: str, first: dt.date, last: dt.date
) -> dict[dt.date, tuple[Any, str, bool]]:
    c = air_city_day.c
    query = sa.select(c.day, c.aqi, c.primary_pollutants, c.simulated).where(c.city == city, c.day.between(first, last))
    return {day: (aqi, primary, bool(made)) for day, aqi, primary, made in connection.execute(query)}


def _numerical(connection: sa.Connection, city: str, span: Span) -> Iterator[tuple]:
    c = forecast_city_hour.c
    query = sa.select(c.run, c.run_init, c.hour_end, c.simulated, *(c[f"forecast_{name}"] for name in COLUMNS)).where(
        c.city == city, c.run_init.between(span.first, span.last), c.lead_hours.between(1, (LEAD_DAYS + 1) * 24),
        c.hour_end <= span.until,
    )  # fmt: skip
    runs: dict[tuple[str, dt.datetime], list[Sequence[Any]]] = {}
    for run, start, *rest in connection.execute(query.order_by(c.run_init, c.run, c.hour_end)):
        runs.setdefault((run, start), []).append(rest)
    nothing = [np.nan] * (len(LEVELS) + 1)
    for (run, start), rows in runs.items():
        made_up = any(row[1] for row in rows)
        for day, aqi, primary in _days_of(rows):
            lead = (day - local_day(start)).days
            if 1 <= lead <= LEAD_DAYS and hours_of(day)[1] <= span.until:
                yield run.partition("/")[0], run, day, lead, aqi, np.nan, np.nan, primary, *nothing, made_up


def _days_of(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[dt.date, float, str]]:
    """Give the index and primary pollutants of the whole days of a run (rows: hour end, simulated, items)."""
    first, last = hour_of(rows[0][0]), hour_of(rows[-1][0])
    values = np.full((len(ITEMS), last - first + 1), np.nan)
    told = np.array([row[2:] for row in rows], float).T
    values[:, [hour_of(row[0]) - first for row in rows]] = averageable(told)
    days = daily_values(values, first)
    for part, edition in edition_runs(days.first_day, days.means.shape[-1]):
        report = daily_aqi(np.ascontiguousarray(days.means[..., part]), edition=edition)
        for at in np.flatnonzero(np.isfinite(report.aqi)).tolist():
            day = date_of_day(days.first_day + part.start + at)
            yield day, float(report.aqi[at]), primary_codes(int(report.primary[at]))


def _served(connection: sa.Connection, city: str, span: Span) -> Iterator[tuple]:
    """Give the days of served models; values of a day stand at the hour with which it ends."""
    c, first = model_hour.c, local_day(span.first)
    ends = [hours_of(first + n * DAY)[1] for n in range((local_day(span.last) - first).days + LEAD_DAYS + 1)]
    query = sa.select(c.run, c.hour_end, c.model, c.model_version, c.quantity, c.value, c.simulated).where(
        c.city == city, c.hour_end.in_([end for end in ends if end <= span.until]),
        c.quantity.in_((*ENDS, *LEVELS, HEAVY)), c.run != "", c.value.is_not(None),
    )  # fmt: skip
    told: dict[tuple, dict[str, Any]] = {}
    for run, end, model, version, quantity, value, made in connection.execute(query):
        day = told.setdefault((f"{model} {version}", run, local_day(end)), {"simulated": False})
        day[quantity] = float(value)
        day["simulated"] |= bool(made)
    for (model, run, day), values in told.items():
        start = _start_of(run)
        if start is None or not span.first <= start <= span.last:
            continue
        lead = (day - local_day(start)).days
        if 1 <= lead <= LEAD_DAYS:
            middle, low, high = (values.get(name, np.nan) for name in ("aqi_day_q50", "aqi_day_q10", "aqi_day_q90"))
            chances = (values.get(name, np.nan) for name in (*LEVELS, HEAVY))
            yield model, run, day, lead, middle, low, high, None, *chances, values["simulated"]


def _start_of(run: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(run.rpartition("/")[2], "%Y-%m-%dT%HZ")
    except ValueError:
        return None
