"""The inputs of the hourly models: what each is, of which group, and when it is known.

An input of the rule OBSERVED is made of hours that ended with the issue or before, one of the rule RUN of what runs
that had started by then say of later hours, one of CALENDAR of the date alone. What is missing stays NaN.
Concentrations enter as log(1 + c).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.forecast.climatology import Climatology
from ml.forecast.inputs import Ahead, History, logged
from standards.days import hour_of_day, natural_day
from standards.pollutants import POLLUTANTS

CALENDAR, OBSERVED, RUN = "calendar", "observed", "run"
"""When an input is known: always, with the end of the issue's hour, with a run that has started."""
WEATHER, EMISSIONS, BACKGROUND, HISTORY, MODEL = "weather", "emissions", "background", "history", "model"
GROUPS = (WEATHER, EMISSIONS, BACKGROUND, HISTORY, MODEL)
"""Groups of inputs: the weather, observed and forecast; what is emitted, and the working day; season, hour and the air
around; the own past hours; what a numerical model says of the concentration."""

COLUMNS = tuple(p.column for p in POLLUTANTS.values())
OBSERVED_WEATHER = (
    "temperature_c", "dew_point_c", "humidity_pct", "pressure_hpa", "wind_u_ms", "wind_v_ms", "wind_speed_ms", "rain_mm",
)  # fmt: skip
"""Weather of the past that is used where a history has it."""
AHEAD_WEATHER = (
    "temperature_c", "dew_point_c", "humidity_pct", "pressure_hpa", "wind_u_ms", "wind_v_ms", "wind_speed_ms",
    "mixing_height_m", "rain_mm",
)  # fmt: skip
"""Weather of the hours ahead that is used where runs have it."""
EMITTED = ("pm25_kgh", "nox_kgh", "voc_kgh", "so2_kgh", "upwind_pm25_kgh", "upwind_nox_kgh", "upwind_voc_kgh")
AROUND = "around_{}"
"""How the mean of the other places is named in a history, by item: around_pm25_ugm3."""
_GRID = 1024.0
_MEANS_H = (3, 6, 12, 24, 48, 168)
_CHANGES_H = (1, 2, 3, 6, 12, 24)
_DISPERSING = ("wind_speed_ms", "mixing_height_m")
LOOKBACK_H = 175
"""Hours before the issue that inputs look back on, the issue's own not counted: a week, and the seven hours that the
first 8-hour mean of ozone reaches further."""
_DOWN = {
    "pm25": _DISPERSING,
    "co": _DISPERSING,
    "no2": _DISPERSING,
    "so2": _DISPERSING,
    "pm10": ("mixing_height_m",),
    "o3": (),
}
"""By item the weather ahead in which it never rises, other inputs being equal: more wind and a deeper layer dilute what
is emitted at the ground. Wind also raises dust (pm10), and mixing brings ozone down from above, so that no sign is told
there."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its name, its group, of which feed it is, when it is known, and its sign: -1 where the forecast never
    rises with it."""

    name: str
    group: str
    known: str
    feed: str
    sign: int = 0

    def declared(self) -> dict[str, object]:
        """Say when the input is known, as plain values."""
        lookback = LOOKBACK_H if self.known == OBSERVED else 0
        return {
            "name": self.name,
            "unit": "1",
            "feed": self.feed,
            "known": self.known,
            "delay_h": 0.0,
            "lookback_h": lookback,
        }


@dataclass(frozen=True, eq=False)
class Design:
    """A table of inputs: inputs in the order of the columns, values float64 (row, input), NaN for missing.

    Values are taken to the nearest 1/1024, finer than any instrument: up to 8192 they and the middle of any two are
    then the same number in single precision, which the explanation of trees compares in.
    """

    inputs: tuple[Input, ...]
    values: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.rint(self.values * _GRID) / _GRID)

    def columns(self, names: Sequence[str]) -> np.ndarray:
        """Give some inputs by name as float64 (row, name)."""
        at = {each.name: i for i, each in enumerate(self.inputs)}
        return self.values[:, [at[name] for name in names]]


def design(
    history: History, ahead: Ahead | None, issues: np.ndarray, leads: np.ndarray, *, item: str, climate: Climatology
) -> Design:
    """Make the inputs of rows, each an issue and a lead.

    issues [epoch hours]: int64 (row,). leads [h]: int64 (row,), 1 or more. item: one of standards.pollutants.ITEMS.
    climate: what is usual, learned from the past. Nothing of an hour after a row's issue is read from history; of ahead
    only the row's own issue.
    Missing: NaN, never a number in its place; columns that history or ahead do not have give no input.
    """
    made: list[tuple[Input, np.ndarray]] = []
    made += _calendar(issues + leads, climate)
    made += _own_hours(history, issues, item)
    made += _same_hours(history, issues, leads, POLLUTANTS[item].column)
    made += _past_weather(history, issues)
    if ahead is not None:
        made += _weather_ahead(ahead, issues, leads, item)
        made += _model_ahead(history, ahead, issues, leads, POLLUTANTS[item].column)
        made += _emitted(ahead, issues, leads)
    made.append((Input("lead_h", BACKGROUND, CALENDAR, "calendar"), leads.astype(float)))
    inputs = tuple(each for each, _ in made)
    return Design(inputs, np.column_stack([values for _, values in made]))


def signs_of(item: str, name: str) -> int:
    """Give the sign with which a forecast of an item goes with the weather ahead: -1 where it never rises with it, 0
    for none."""
    return -1 if name in _DOWN[item] else 0


def present(history: History, issues: np.ndarray, item: str) -> np.ndarray:
    """Tell at which issues the item was observed often enough to start from: in 6 of the last 24 hours and one of the
    last 3."""
    column = POLLUTANTS[item].column
    day, latest = (history.mean_at(column, issues, window=w, least=n, log=True) for w, n in ((24, 6), (3, 1)))
    return np.isfinite(day) & np.isfinite(latest)


def start(history: History, issues: np.ndarray, item: str) -> np.ndarray:
    """Give log(1 + c) that forecasts start from: the mean of the last 3 hours, or less where fewer are known."""
    own = POLLUTANTS[item].column
    latest = np.log1p(history.at(own, issues))
    return np.where(np.isfinite(latest), latest, history.mean_at(own, issues, window=3, least=1, log=True))


def _calendar(hours: np.ndarray, climate: Climatology) -> list[tuple[Input, np.ndarray]]:
    day = natural_day(hours)
    year = 2 * np.pi * day / 365.2425
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    found = [("usual_log", BACKGROUND, climate.log_at(hours)), ("hour_of_day", BACKGROUND, hour_of_day(hours).astype(float)),
             ("season_cos", BACKGROUND, np.cos(year)), ("season_sin", BACKGROUND, np.sin(year)),
             ("weekday", EMISSIONS, weekday.astype(float))]  # fmt: skip
    return [(Input(name, group, CALENDAR, "calendar"), values) for name, group, values in found]


def _own_hours(history: History, issues: np.ndarray, item: str) -> list[tuple[Input, np.ndarray]]:
    made = []
    own = POLLUTANTS[item].column
    for column in COLUMNS:
        if column not in history.columns:
            continue
        made.append((f"{column}_now", HISTORY, logged(history.at(column, issues))))
        means = {h: history.mean_at(column, issues, window=h, least=h // 2, log=True) for h in _MEANS_H}
        made += [(f"{column}_mean{h}", HISTORY, mean) for h, mean in means.items()]
    now = logged(history.at(own, issues))
    made += [(f"{own}_change{h}", HISTORY, now - logged(history.at(own, issues - h))) for h in _CHANGES_H]
    around = AROUND.format(own)
    if around in history.columns:
        near = logged(history.at(around, issues))
        day = history.mean_at(around, issues, window=24, least=12, log=True)
        made += [("around_now", BACKGROUND, near), ("around_mean24", BACKGROUND, day),
                 ("around_change6", BACKGROUND, near - logged(history.at(around, issues - 6)))]  # fmt: skip
    return [(Input(name, group, OBSERVED, "observation"), values) for name, group, values in made]


def _same_hours(history: History, issues: np.ndarray, leads: np.ndarray, column: str) -> list[tuple[Input, np.ndarray]]:
    # The same hour of the days before, the newest that had ended with the issue first.
    newest = issues + leads - 24 * -(-leads // 24)
    past = np.stack([logged(history.at(column, newest - 24 * k)) for k in range(7)])
    count = np.isfinite(past).sum(axis=0)
    mean = np.where(count >= 3, np.nansum(past, axis=0) / np.maximum(count, 1), np.nan)
    return [(Input("same_hour_last", HISTORY, OBSERVED, "observation"), past[0]),
            (Input("same_hour_week", HISTORY, OBSERVED, "observation"), mean)]  # fmt: skip


def _past_weather(history: History, issues: np.ndarray) -> list[tuple[Input, np.ndarray]]:
    made = []
    for name in OBSERVED_WEATHER:
        if name not in history.columns:
            continue
        mean = {h: history.mean_at(name, issues, window=h, least=h // 2) for h in (6, 24)}
        now = history.at(name, issues)
        made += [(f"{name}_now", now), (f"{name}_mean6", mean[6]), (f"{name}_mean24", mean[24])]
        if name != "rain_mm":
            made.append((f"{name}_change24", now - history.at(name, issues - 24)))
    return [(Input(name, WEATHER, OBSERVED, "observation"), values) for name, values in made]


def _weather_ahead(ahead: Ahead, issues: np.ndarray, leads: np.ndarray, item: str) -> list[tuple[Input, np.ndarray]]:
    made = []
    for name in AHEAD_WEATHER:
        if name not in ahead.columns:
            continue
        sign = signs_of(item, name)
        means = ahead_means(ahead, name, issues, leads, windows=(1, 12, None))
        for ending, values in zip(("then", "then_mean12", "then_mean_all"), means, strict=True):
            made.append((Input(f"{name}_{ending}", WEATHER, RUN, "forecast", sign), values))
    return made


def ahead_mean(ahead: Ahead, name: str, issues: np.ndarray, leads: np.ndarray, *, window: int | None) -> np.ndarray:
    """As ahead_means, of one window."""
    return ahead_means(ahead, name, issues, leads, windows=(window,))[0]


def ahead_means(
    ahead: Ahead, name: str, issues: np.ndarray, leads: np.ndarray, *, windows: Sequence[int | None]
) -> list[np.ndarray]:
    """Average what is said of the hours that end with each lead, (row,) for each window.

    windows [h]: how many of the hours ahead, None for all of them up to the lead. Missing: NaN where less than half of
    them, or the lead's own, is said, where the issue is none of ahead's, or the lead beyond its last.
    """
    rows, there = ahead.rows_of(issues)
    values = ahead.columns[name]
    if not values.size or not len(issues):
        return [np.full(len(issues), np.nan) for _ in windows]
    there = there & (leads <= values.shape[1])
    last = np.clip(leads, 1, values.shape[1])
    then = np.where(there, values[rows, last - 1], np.nan)
    if all(window == 1 for window in windows):
        return [then for _ in windows]
    # One row of sums for each issue that occurs, however often it does, and no further than is asked.
    unique, which = np.unique(rows, return_inverse=True)
    block = np.asarray(values[unique, : last.max()], float)
    known = np.isfinite(block)
    sums, counts = _running(np.where(known, block, 0.0)), _running(known)
    found = []
    for window in windows:
        first = np.zeros_like(last) if window is None else np.maximum(last - window, 0)
        count = counts[which, last] - counts[which, first]
        enough = np.isfinite(then) & (2 * count >= last - first)
        mean = (sums[which, last] - sums[which, first]) / np.maximum(count, 1)
        found.append(then if window == 1 else np.where(enough, mean, np.nan))
    return found


def _running(values: np.ndarray) -> np.ndarray:
    # Sums of all hours before each: (issue, lead + 1).
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _model_ahead(
    history: History, ahead: Ahead, issues: np.ndarray, leads: np.ndarray, column: str
) -> list[tuple[Input, np.ndarray]]:
    name = f"forecast_{column}"
    if name not in ahead.columns:
        return []
    then, day = (logged(mean) for mean in ahead_means(ahead, name, issues, leads, windows=(1, 24)))
    gap = logged(history.at(column, issues)) - logged(ahead_mean(ahead, name, issues, np.ones_like(leads), window=1))
    found = [("model_then", then), ("model_then_mean24", day), ("model_gap_at_start", gap)]
    return [(Input(name, MODEL, RUN, "forecast"), values) for name, values in found]


def _emitted(ahead: Ahead, issues: np.ndarray, leads: np.ndarray) -> list[tuple[Input, np.ndarray]]:
    names = [name for name in EMITTED if name in ahead.columns]
    values = [logged(ahead_mean(ahead, name, issues, leads, window=6)) for name in names]
    return [(Input(f"{n}_then", EMISSIONS, RUN, "emission"), v) for n, v in zip(names, values, strict=True)]
