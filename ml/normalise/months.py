"""Months of a city's items in the usual weather of the season, as rows of the table normalised_month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from ml.normalise.beside import Beside, Steps, hours_per_day, read_beside, steps_of
from ml.normalise.design import TooLittle, local_moments, months_of
from ml.normalise.fitted import Fitted, fitted
from ml.normalise.weather_change import LEAST_HOURS, LEAST_SKILL, WHY_HOURS, WHY_SKILL, half_width
from streams.store.schema import air_city_hour

METHOD = "normalised 1"
"""Name and version of the method; a change of what it answers is a new version."""
ITEMS = ("pm25", "o3")
LONGEST_YEARS = 5
"""Years that models learn from, the newest: the time and memory of a day's work stay what they are."""
WHY_RECORD, WHY_WEATHER = "record", "weather"
"""Why nothing is told of a series: too few hours with weather for a model, no weather at all."""
Row = dict[str, Any]


def normalise_store(
    engine: sa.Engine, cities: Sequence[str], items: Sequence[str], *, tell: Callable[[str, str], None] | None = None
) -> Iterator[list[Row]]:
    """Give the rows of each city's items, one item after the other; a city without an hour gives none.

    tell: is told city and item before each.
    """
    for city in cities:
        span = _span(engine, city)
        beside = None if span is None else read_beside(engine, city, items, start=span[0], end=span[1])
        for item in () if beside is None else items:
            if tell is not None:
                tell(city, item)
            yield month_rows(beside, item)


def month_rows(beside: Beside, item: str) -> list[Row]:
    """Give a row for each month of a city and item that has an hour; where nothing can be told it says why."""
    steps = steps_of(beside, item)
    if not beside.weather:
        return _silent(beside, item, steps, WHY_WEATHER)
    try:
        fit = fitted(steps.values, steps.hour_ends, steps.weather, hours=steps.counts)
    except TooLittle:
        return _silent(beside, item, steps, WHY_RECORD)
    months = fit.days.astype("datetime64[M]")
    return [_row(beside, item, fit, month, months == month) for month in np.unique(months)]


def _span(engine: sa.Engine, city: str) -> tuple[dt.datetime, dt.datetime] | None:
    c = air_city_hour.c
    with engine.connect() as connection:
        # Each by the key; asked together they would read every hour.
        first, last = (
            connection.scalar(sa.select(each(c.hour_end)).where(c.city == city)) for each in (sa.func.min, sa.func.max)
        )
    return None if last is None else (max(first, last - dt.timedelta(days=366 * LONGEST_YEARS)), last)


def _row(beside: Beside, item: str, fit: Fitted, month: np.datetime64, inside: np.ndarray) -> Row:
    days = int(((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int))
    weights, hours = fit.hours[inside], int(fit.hours[inside].sum())
    by_seed = fit.by_seed[:, inside] @ weights / weights.sum()
    few = hours < LEAST_HOURS * days * hours_per_day(item)
    why = WHY_SKILL if not fit.skill >= LEAST_SKILL else WHY_HOURS if few else None
    middle, half = float(by_seed.mean()), half_width(fit, by_seed, days)
    told = (None, None, None) if why else (middle, middle - half, middle + half)
    record = {"record_first": _day(fit.days[0]), "record_last": _day(fit.days[-1]), "model": fit.digest}
    return _frame(beside, item, month, hours, float(fit.observed[inside] @ weights / weights.sum())) | record | {
        "normalised": told[0], "low": told[1], "high": told[2], "skill": fit.skill, "unanswered": why,
    }  # fmt: skip


def _silent(beside: Beside, item: str, steps: Steps, why: str) -> list[Row]:
    known = np.isfinite(steps.values)
    months = months_of(local_moments(steps.hour_ends))
    rows = []
    for month in np.unique(months[known]):
        inside = known & (months == month)
        hours = steps.counts[inside]
        mean = float((steps.values[inside] * hours).sum() / hours.sum())
        rows.append(_frame(beside, item, month, int(hours.sum()), mean) | {"unanswered": why})
    return rows


def _frame(beside: Beside, item: str, month: np.datetime64, hours: int, observed: float) -> Row:
    return {
        "city": beside.city, "item": item, "month": _day(month.astype("datetime64[D]")), "observed": observed,
        "normalised": None, "low": None, "high": None, "hours": hours, "skill": None, "unanswered": None, "record_first": None,
        "record_last": None, "model": "", "weather": beside.source, "method": METHOD, "simulated": beside.simulated,
    }  # fmt: skip


def _day(day: np.datetime64) -> int:
    return int(day.astype("datetime64[D]").astype(np.int64))
