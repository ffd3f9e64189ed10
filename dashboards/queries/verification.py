"""Forecasts beside what was observed afterwards: stored runs and served models, and what persistence would have said.

Every question is of named cities and a bounded span of issue times; forecasts go by the index of city and start, hours by
their key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa

from standards.pollutants import POLLUTANTS
from streams.store.schema import air_city_hour, forecast_city_hour, model_hour

HOUR = dt.timedelta(hours=1)
LONGEST_LEAD = 168
"""Forecasts for later hours are not judged here [h]."""
QUANTILES = {0.1: "_q10", 0.5: "_q50", 0.9: "_q90"}
"""How served models name the quantiles of a quantity."""
COLUMNS = ("city", "model", "run", "hour_end", "lead", "forecast", "low", "high", "observed", "persisted", "simulated")
_RUN = "%Y-%m-%dT%HZ"


@dataclass(frozen=True)
class Span:
    """Which forecasts are judged. first, last: start of the first and last run; until: the last hour known (naive UTC).

    lead_day: 1 for the leads of 1 to 24 hours and so on, None for all.
    """

    first: dt.datetime
    last: dt.datetime
    until: dt.datetime
    lead_day: int | None = None

    @property
    def leads(self) -> tuple[int, int]:
        """Give the first and the last lead [h]."""
        return (1, LONGEST_LEAD) if self.lead_day is None else (24 * self.lead_day - 23, 24 * self.lead_day)

    @property
    def hours(self) -> tuple[dt.datetime, dt.datetime]:
        """Give the first and the last hour of the forecasts."""
        return self.first + self.leads[0] * HOUR, min(self.last + self.leads[1] * HOUR, self.until)


def column_of(item: str) -> str:
    """Name the column of an item, or of "aqi", in the tables of hours."""
    return "aqi" if item == "aqi" else POLLUTANTS[item].column


def pairs(connection: sa.Connection, cities: Sequence[str], item: str, span: Span) -> pd.DataFrame:
    """Give forecasts with what was observed, a row each.

    item: of ITEMS, or "aqi". Columns: city, model, run, hour_end (naive UTC), lead [h], forecast, low and high (quantiles
    of 10 and 90 %, where the model gives them), observed and persisted [unit of the item], simulated (of the forecast or of
    what was observed). persisted: what was observed at the same hour of the last day that was over when the run began, so
    1 day before for leads of 1 to 24 hours. The model of a run is what stands before the stroke in its name; a served model
    has its version too.
    A forecast below 0 counts as 0: no value is, but what a linear model says may be.
    Missing: NaN where nothing was observed, or what stands there is no value of the item (below 0, not finite).
    Without forecasts an empty table.
    """
    column = column_of(item)
    rows = [*_numerical(connection, cities, column, span), *_served(connection, cities, column, span)]
    made = pd.DataFrame(rows, columns=[*COLUMNS[:8], "simulated"])
    return _observed(connection, cities, column, span, made)[list(COLUMNS)]


def models_of(table: pd.DataFrame) -> list[str]:
    """Name the models of a table of pairs, the numerical ones first."""
    found = table[["model"]].drop_duplicates()["model"].tolist()
    return sorted(found, key=lambda name: (" " in name, name))


def _numerical(connection: sa.Connection, cities: Sequence[str], column: str, span: Span) -> list[tuple]:
    c = forecast_city_hour.c
    said = c[f"forecast_{column}"]
    query = sa.select(c.city, c.run, c.hour_end, c.lead_hours, said, c.simulated).where(
        c.city.in_(list(cities)), c.run_init.between(span.first, span.last),
        c.lead_hours.between(*span.leads), c.hour_end <= span.until, said.is_not(None),
    )  # fmt: skip
    return [
        (city, run.partition("/")[0], run, hour, lead, float(value), np.nan, np.nan, bool(made))
        for city, run, hour, lead, value, made in connection.execute(query)
    ]


def _served(connection: sa.Connection, cities: Sequence[str], column: str, span: Span) -> list[tuple]:
    c = model_hour.c
    names = (*(column + ending for ending in QUANTILES.values()), column)
    query = sa.select(c.city, c.run, c.hour_end, c.model, c.model_version, c.quantity, c.value, c.simulated).where(
        c.city.in_(list(cities)), c.hour_end.between(*span.hours), c.quantity.in_(names), c.run != "",
        c.value.is_not(None),
    )  # fmt: skip
    said: dict[tuple, dict[str, float]] = {}
    for city, run, hour, model, version, quantity, value, made in connection.execute(query):
        start = _start_of(run)
        if start is None or not span.first <= start <= span.last:
            continue
        lead = (hour - start) // HOUR
        if span.leads[0] <= lead <= span.leads[1]:
            said.setdefault((city, f"{model} {version}", run, hour, lead, bool(made)), {})[quantity] = float(value)
    low, middle, high, plain = names
    return [
        (*key[:5], each.get(middle, each.get(plain, np.nan)), each.get(low, np.nan), each.get(high, np.nan), key[5])
        for key, each in said.items()
    ]


def _start_of(run: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(run.rpartition("/")[2], _RUN)
    except ValueError:
        return None


def _observed(
    connection: sa.Connection, cities: Sequence[str], column: str, span: Span, made: pd.DataFrame
) -> pd.DataFrame:
    if made.empty:
        return made.assign(observed=np.array([], float), persisted=np.array([], float))
    first, last = made["hour_end"].min() - (LONGEST_LEAD + 24) * HOUR, min(made["hour_end"].max(), span.until)
    c = air_city_hour.c
    query = sa.select(c.city, c.hour_end, c[column], c.simulated).where(
        c.city.in_(list(cities)), c.hour_end.between(first, last), c[column].is_not(None)
    )
    place = {city: i for i, city in enumerate(cities)}
    values = np.full((len(cities), int((last - first) / HOUR) + 1), np.nan)
    simulated = np.zeros(values.shape, bool)
    for city, hour, value, is_made in connection.execute(query):
        at = place[city], (hour - first) // HOUR
        values[at], simulated[at] = value, is_made
    values[~(np.isfinite(values) & (values >= 0.0))] = np.nan
    rows = made["city"].map(place).to_numpy()
    hours = ((made["hour_end"] - first) // pd.Timedelta(hours=1)).to_numpy()
    before = hours - 24 * -(-made["lead"].to_numpy() // 24)
    said = {
        name: np.where(np.isfinite(made[name]), np.maximum(made[name], 0.0), np.nan)
        for name in ("forecast", "low", "high")
    }
    return made.assign(
        **said, observed=values[rows, hours], persisted=values[rows, before],
        simulated=made["simulated"].to_numpy(bool) | simulated[rows, hours],
    )  # fmt: skip
