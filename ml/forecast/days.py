"""The inputs of the daily models: natural days seen from an issue, and the daily values that they are to meet.

Daily values are those of standards.averaging: means of the natural day, for ozone its largest 8-hour mean. Day 1 is the
first natural day that begins at or after the issue, day 2 the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.forecast.climatology import Climatology
from ml.forecast.features import (
    AHEAD_WEATHER,
    AROUND,
    BACKGROUND,
    CALENDAR,
    COLUMNS,
    EMISSIONS,
    HISTORY,
    MODEL,
    OBSERVED,
    OBSERVED_WEATHER,
    RUN,
    WEATHER,
    Design,
    Input,
    signs_of,
)
from ml.forecast.inputs import Ahead, History
from standards.averaging import DayValues, daily_values, moving_mean, ozone_8h
from standards.days import first_hour_of_day, natural_day
from standards.pollutants import ITEMS, POLLUTANTS

DAYS = 7
"""Natural days ahead that a daily forecast reaches."""
_PARTS = {"day": (1, 24), "night": (1, 7), "afternoon": (12, 18), "evening": (19, 24)}
"""Parts of a natural day: first and last hour that ends in it."""


def days_of(history: History) -> DayValues:
    """Give the daily values of a place: day means, MDA8 in the o3 row, (6, 1, day)."""
    missing = np.full(history.hours, np.nan)
    hours = np.stack([history.columns.get(column, missing) for column in COLUMNS])
    return daily_values(hours[:, None], history.first_hour)


def day_values_at(history: History, days: np.ndarray, item: str) -> np.ndarray:
    """Give an item's daily values on natural days of any shape, NaN where there is none."""
    found = days_of(history)
    values = found.means[ITEMS.index(item), 0]
    index = np.asarray(days) - found.first_day
    inside = (index >= 0) & (index < len(values))
    return np.where(inside, values[np.clip(index, 0, len(values) - 1)], np.nan)


def target_days(issues: np.ndarray, ahead_days: np.ndarray) -> np.ndarray:
    """Give the natural day that is so many days ahead of an issue [days since 1970-01-01 local]."""
    return natural_day(issues) + ahead_days


def day_ends(history: History) -> np.ndarray:
    """Give the hours of a history with which a natural day ends [epoch hours]."""
    hours = history.first_hour + np.arange(history.hours)
    return hours[natural_day(hours) != natural_day(hours + 1)]


@dataclass(frozen=True, eq=False)
class _Rows:
    issues: np.ndarray
    day: np.ndarray
    history: History
    ahead: Ahead | None


def day_design(
    history: History,
    ahead: Ahead | None,
    issues: np.ndarray,
    ahead_days: np.ndarray,
    *,
    item: str,
    climate: Climatology,
) -> Design:
    """Make the inputs of rows, each an issue and a day ahead of it.

    issues [epoch hours]: int64 (row,). ahead_days [days]: int64 (row,), 1 to DAYS. Other arguments, what is read and
    what is missing as ml.forecast.features.design.
    """
    rows = _Rows(issues, target_days(issues, ahead_days), history, ahead)
    made = _season(rows, ahead_days, climate) + _past(rows, item) + _past_weather(rows)
    if ahead is not None:
        made += _day_ahead(rows, item)
    return Design(tuple(each for each, _ in made), np.column_stack([values for _, values in made]))


def _season(rows: _Rows, ahead_days: np.ndarray, climate: Climatology) -> list[tuple[Input, np.ndarray]]:
    year = 2 * np.pi * rows.day / 365.2425
    usual = np.mean([climate.log_at(first_hour_of_day(rows.day) + h) for h in range(0, 24, 3)], axis=0)
    found = [("usual_log", BACKGROUND, usual), ("season_cos", BACKGROUND, np.cos(year)), ("season_sin", BACKGROUND, np.sin(year)),
             ("weekday", EMISSIONS, (rows.day + 3.0) % 7), ("days_ahead", BACKGROUND, ahead_days.astype(float))]  # fmt: skip
    return [(Input(name, group, CALENDAR, "calendar"), values) for name, group, values in found]


def _past(rows: _Rows, item: str) -> list[tuple[Input, np.ndarray]]:
    history, issues = rows.history, rows.issues
    made = []
    for column in COLUMNS:
        if column in history.columns:
            means = {h: _mean(history, column, h, issues, log=True) for h in (4, 8, 24, 48, 168)}
            made += [(f"{column}_mean{h}", HISTORY, mean) for h, mean in means.items()]
    own = POLLUTANTS[item].column
    series = history.columns[own]
    if item == "o3":
        series, _ = ozone_8h(series)
    recent = np.stack([_largest(history, series, issues - 24 * k) for k in range(7)])
    made += [(f"largest_{k}_days_ago", HISTORY, recent[k]) for k in (0, 1, 2, 6)]
    made.append(("largest_week", HISTORY, _mean_known(recent, 3)))
    around = AROUND.format(own)
    if around in history.columns:
        near = history.columns[around]
        if item == "o3":
            near, _ = ozone_8h(near)
        made += [("around_largest", BACKGROUND, _largest(history, near, issues))]
        made += [(f"around_mean{h}", BACKGROUND, _mean(history, around, h, issues, log=True)) for h in (4, 24)]
    return [(Input(name, group, OBSERVED, "observation"), values) for name, group, values in made]


def _mean(history: History, name: str, window: int, hours: np.ndarray, *, log: bool = False) -> np.ndarray:
    return history.mean_at(name, hours, window=window, least=window // 2, log=log)


def _largest(history: History, series: np.ndarray, ends: np.ndarray) -> np.ndarray:
    # The largest of the 24 hours that end with each hour, NaN where less than 18 are known.
    shifted = History(history.place, history.first_hour, {"x": series})
    block = shifted.at("x", ends[:, None] - np.arange(24))
    enough = np.isfinite(block).sum(axis=1) >= 18
    return np.where(enough, np.where(np.isfinite(block), block, -np.inf).max(axis=1), np.nan)


def _mean_known(values: np.ndarray, least: int) -> np.ndarray:
    count = np.isfinite(values).sum(axis=0)
    return np.where(count >= least, np.nansum(values, axis=0) / np.maximum(count, 1), np.nan)


def _past_weather(rows: _Rows) -> list[tuple[Input, np.ndarray]]:
    made = []
    for name in OBSERVED_WEATHER:
        if name in rows.history.columns:
            series = rows.history.columns[name]
            made += [(f"{name}_mean{h}", _mean(rows.history, name, h, rows.issues)) for h in (6, 24, 48)]
            made.append((f"{name}_largest", _largest(rows.history, series, rows.issues)))
    return [(Input(name, WEATHER, OBSERVED, "observation"), values) for name, values in made]


def _day_ahead(rows: _Rows, item: str) -> list[tuple[Input, np.ndarray]]:
    made = []
    for name in AHEAD_WEATHER:
        if name not in rows.ahead.columns:
            continue
        sign = signs_of(item, name)
        block = _hours_of_day(rows, name)
        for part, (first, last) in _PARTS.items():
            values = _mean_known(block[:, first - 1 : last].T, (last - first) // 2 + 1)
            made.append((Input(f"{name}_{part}", WEATHER, RUN, "forecast", sign), values))
        whole, known = np.isfinite(block).sum(axis=1) >= 18, np.isfinite(block)
        highest, lowest = np.where(known, block, -np.inf).max(axis=1), np.where(known, block, np.inf).min(axis=1)
        for part, values in (("highest", highest), ("lowest", lowest)):
            made.append((Input(f"{name}_{part}", WEATHER, RUN, "forecast", sign), np.where(whole, values, np.nan)))
    column = POLLUTANTS[item].column
    if f"forecast_{column}" in rows.ahead.columns:
        block = _hours_of_day(rows, f"forecast_{column}")
        said = _largest_mean_8h(block) if item == "o3" else _mean_known(block.T, 18)
        made.append((Input("model_day", MODEL, RUN, "forecast"), said))
    return made


def _largest_mean_8h(block: np.ndarray) -> np.ndarray:
    means, _ = moving_mean(block, 8, min_count=6)
    known = np.isfinite(means[:, 7:])
    return np.where(known.sum(axis=1) >= 14, np.where(known, means[:, 7:], -np.inf).max(axis=1), np.nan)


def _hours_of_day(rows: _Rows, name: str) -> np.ndarray:
    # What is said of the 24 hours of each row's day: (row, 24), NaN beyond the last lead.
    at, there = rows.ahead.rows_of(rows.issues)
    leads = first_hour_of_day(rows.day)[:, None] + np.arange(24) - rows.issues[:, None]
    values = rows.ahead.columns[name]
    if not values.size:
        return np.full(leads.shape, np.nan)
    inside = there[:, None] & (leads >= 1) & (leads <= values.shape[1])
    return np.where(inside, values[at[:, None], np.clip(leads, 1, values.shape[1]) - 1], np.nan)
