"""The hours of a city with the weather beside them, read from the store a part at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from standards.days import UTC_OFFSET_HOURS
from standards.pollutants import POLLUTANTS
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, forecast_city_hour

WIND = ("wind_u_ms", "wind_v_ms")
WEATHER = (*WIND, "temperature_c", "humidity_pct", "mixing_height_m", "rain_mm")
"""Columns of forecast_city_hour that stand beside an hour."""
STEP_H = 3
"""Hours that are averaged to one row: neighbours tell nearly the same, and a year of hours takes three times as long."""
LEAST_OF_STEP = 2
BEFORE_STEPS = 8
"""So many steps, a day, of the weather before stand beside a row as their mean: air is a day old as often as not."""
LEAST_KNOWN = 0.8
"""A variable that fewer of the hours with a wind have is left out."""
NEAREST_H = 24
"""Leads up to this stand beside an hour [h], of several runs the nearest."""
STATIONS = "stations"
PART = dt.timedelta(days=60)
AFTERNOON = (13, 21)
"""The local hour ends whose ozone is normalised: what is made by light, without the night's rest."""
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, eq=False)
class Beside:
    """Hours of a city from the epoch hour `first` on. items: code to (hour,) [unit of the item]. weather: name to (hour,).

    source: whose weather it is, model and leads, or STATIONS; empty without any. simulated: whether any of it is.
    """

    city: str
    first: int
    items: dict[str, np.ndarray]
    weather: dict[str, np.ndarray] = field(default_factory=dict)
    source: str = ""
    simulated: bool = False


@dataclass(frozen=True, eq=False)
class Steps:
    """A series by steps of STEP_H hours. values (step,), hour_ends: epoch hours, counts: hours behind each value."""

    values: np.ndarray
    hour_ends: np.ndarray
    counts: np.ndarray
    weather: dict[str, np.ndarray]


def read_beside(
    engine: sa.Engine, city: str, items: Sequence[str], *, start: dt.datetime, end: dt.datetime
) -> Beside | None:
    """Read the hours of a city from start to end (naive UTC), both included, with the weather beside them; None without hours.

    The weather is that of the model which tells of most of them, at leads of 1 to NEAREST_H h, the nearest; without any
    model the wind of the stations.
    """
    columns = {item: POLLUTANTS[item].column for item in items}
    first, n = (start - EPOCH) // _HOUR, int((end - start) / _HOUR) + 1
    seen = {name: np.full(n, np.nan) for name in (*columns.values(), *WIND)}
    told: dict[str, np.ndarray] = {}
    made_up = False
    with engine.connect() as connection:
        begin = start
        while begin <= end:
            last = min(begin + PART - _HOUR, end)
            made_up |= _observed(connection, city, begin, last, first, seen)
            made_up |= _foreseen(connection, city, begin, last, first, told, n)
            begin = last + _HOUR
    if not any(np.isfinite(seen[name]).any() for name in columns.values()):
        return None
    values = {item: seen[name] for item, name in columns.items()}
    weather, source = _weather(told, seen)
    return Beside(city, first, values, weather, source, made_up)


def _observed(connection, city, begin, last, first, seen) -> bool:
    c, made_up = air_city_hour.c, False
    names = list(seen)
    query = sa.select(c.hour_end, c.simulated, *(c[name] for name in names)).where(
        c.city == city, c.hour_end.between(begin, last)
    )
    for hour, simulated, *values in connection.execute(query):
        made_up |= bool(simulated)
        for name, value in zip(names, values, strict=True):
            if value is not None:
                seen[name][(hour - EPOCH) // _HOUR - first] = value
    return made_up


def _foreseen(connection, city, begin, last, first, told, n) -> bool:
    c, made_up = forecast_city_hour.c, False
    query = sa.select(c.hour_end, c.run, c.simulated, *(c[name] for name in WEATHER)).where(
        c.city == city, c.hour_end.between(begin, last), c.lead_hours.between(1, NEAREST_H)
    )
    # Of several runs the nearest is written last.
    for hour, run, simulated, *values in connection.execute(query.order_by(c.lead_hours.desc())):
        made_up |= bool(simulated)
        of_model = told.setdefault(run.partition("/")[0], np.full((len(WEATHER), n), np.nan))
        of_model[:, (hour - EPOCH) // _HOUR - first] = [np.nan if value is None else value for value in values]
    return made_up


def _weather(told: dict[str, np.ndarray], seen: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], str]:
    known = {model: int(np.isfinite(rows[: len(WIND)]).all(axis=0).sum()) for model, rows in told.items()}
    if any(known.values()):
        model = max(sorted(known), key=lambda each: known[each])
        least = LEAST_KNOWN * known[model]
        rows = {name: told[model][i] for i, name in enumerate(WEATHER) if np.isfinite(told[model][i]).sum() >= least}
        return rows, f"{model} 1-{NEAREST_H} h"
    rows = {name: seen[name] for name in WIND}
    return (rows, STATIONS) if all(np.isfinite(each).any() for each in rows.values()) else ({}, "")


def steps_of(beside: Beside, item: str) -> Steps:
    """Average the hours of an item by steps that end at local hours divisible by STEP_H; of ozone the afternoon alone.

    A step of fewer than LEAST_OF_STEP hours is NaN. Beside its own weather a row has that of the day before, as means, and
    the speed of the wind.
    """
    behind = (beside.first - 1 + UTC_OFFSET_HOURS) % STEP_H
    values = beside.items[item]
    n = -(-(behind + len(values)) // STEP_H)
    ends = beside.first - behind + STEP_H * np.arange(1, n + 1) - 1
    mean, counts = _by_step(values, behind, n)
    weather = {name: _by_step(each, behind, n)[0] for name, each in beside.weather.items()}
    if set(WIND) <= set(weather):
        weather["wind_speed_ms"] = np.hypot(*(weather[name] for name in WIND))
    weather |= {f"{name}_day_before": _before(each) for name, each in weather.items()}
    if item == "o3":
        local = (ends + UTC_OFFSET_HOURS) % 24
        mean = np.where((local - STEP_H + 1 >= AFTERNOON[0]) & (local <= AFTERNOON[1]), mean, np.nan)
    return Steps(mean, ends, np.where(np.isfinite(mean), counts, 0), weather)


def hours_per_day(item: str) -> int:
    """Give how many hours of a whole day an item is normalised by."""
    return AFTERNOON[1] - AFTERNOON[0] + 1 if item == "o3" else 24


def _by_step(values: np.ndarray, behind: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    padded = np.full(n * STEP_H, np.nan)
    padded[behind : behind + len(values)] = values
    rows = padded.reshape(n, STEP_H)
    counts = np.isfinite(rows).sum(axis=1)
    mean = np.nansum(rows, axis=1) / np.maximum(counts, 1)
    return np.where(counts >= LEAST_OF_STEP, mean, np.nan), counts


def _before(values: np.ndarray) -> np.ndarray:
    """Give the mean of the BEFORE_STEPS steps before each, NaN where fewer than half of them are known."""
    known = np.isfinite(values)
    sums, counts = (np.concatenate([[0.0], np.cumsum(each)]) for each in (np.where(known, values, 0.0), known))
    at = np.arange(len(values))
    begin = np.maximum(at - BEFORE_STEPS, 0)
    n = counts[at] - counts[begin]
    return np.where(n >= BEFORE_STEPS / 2, (sums[at] - sums[begin]) / np.maximum(n, 1), np.nan)
