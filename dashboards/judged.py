"""How good forecasts were, from pairs (dashboards.queries.verification): tables of scores and the points of diagrams. Pure.

The arithmetic is that of standards.verification. A model and persistence are scored on the same pairs: those that have a
forecast, an observation, and an observation of the last day before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from standards.averaging import day_mean, mda8
from standards.days import split_days
from standards.editions import edition_for, limit
from standards.verification import event_scores, fairmode
from standards.verification.scores import scores

SCORES = ("mb", "nmb", "nme", "rmse", "r", "ioa", "fac2")
PERSISTENCE = "persistence"
FEWEST = 24
"""Pairs below which there is no score: less than a day of hours tells of that day only."""
BIN_H = 6
"""Hours of lead that are one point of a curve."""
LEAD_DAYS = 7
LEVELS = (100, 150, 200)
"""Indices whose exceedance is an event: polluted, moderately, heavily (HJ 633)."""
PERIODS = {"no2": "hour", "so2": "hour", "o3": "8h", "pm10": "day", "pm25": "day", "co": "day"}
"""The averaging period by which FAIRMODE judges an item, as standards.labelled.model_quality."""
_EVENT_SCORES = {name: getattr(event_scores, name) for name in ("pod", "far", "csi", "frequency_bias", "hss")}
_EPOCH, _HOUR = pd.Timestamp(0), pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Scored:
    """Scores of one forecast. values: by name of SCORES, NaN where there are too few pairs. n: pairs. skill: over
    persistence by RMSE, NaN for persistence itself. ratio: standard deviation of the forecasts over that of the observed.
    """

    model: str
    values: dict[str, float]
    n: int
    skill: float
    ratio: float


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """Give the pairs that a model and persistence share."""
    return table.dropna(subset=["forecast", "observed", "persisted"])


def scored(table: pd.DataFrame, model: str) -> list[Scored]:
    """Score a model and, after it, persistence on the same pairs of one group of forecasts."""
    part = complete(table[table["model"] == model])
    obs = part["observed"].to_numpy(float)
    own = _scored(model, obs, part["forecast"].to_numpy(float))
    base = _scored(PERSISTENCE, obs, part["persisted"].to_numpy(float))
    error = base.values["rmse"]
    skill = 1.0 - own.values["rmse"] / error if error > 0 else np.nan
    return [Scored(own.model, own.values, own.n, float(skill), own.ratio), base]


def by_lead_day(table: pd.DataFrame, models: Sequence[str]) -> dict[int, list[Scored]]:
    """Score models by day of lead, each followed by persistence on its own pairs; who says nothing of a day is not there."""
    days = -(-table["lead"] // 24)
    return {
        day: [
            each
            for model in models
            if (there := table[(days == day) & (table["model"] == model)]).size
            for each in scored(there, model)
        ]
        for day in range(1, LEAD_DAYS + 1)
        if (days == day).any()
    }


def curve(table: pd.DataFrame, model: str) -> list[tuple[int, Scored, Scored]]:
    """Score a model and persistence by BIN_H hours of lead: (last lead of the bin [h], model, persistence)."""
    bins = -(-table["lead"] // BIN_H) * BIN_H
    return [(int(at), *scored(part, model)) for at, part in table.groupby(bins, sort=True)]


def thresholds(item: str, day: dt.date) -> dict[int, float]:
    """Give by index of LEVELS the hourly value above which it lies [unit of the item], by the edition of a day.

    Without a line for hours that of the day is taken. An index that no value of the table has is left out.
    """
    if item == "aqi":
        return {level: float(level) for level in LEVELS}
    edition = edition_for(day)
    lines = {**edition.breakpoints, **edition.network}
    line = lines.get((item, "hour")) or lines[item, "day"]
    at = dict(zip(line.iaqi, line.concentration, strict=False))
    return {level: float(at[level]) for level in LEVELS if level in at}


@dataclass(frozen=True)
class Event:
    """How an event was forecast. counts: hits, false alarms, misses, rejections. values: pod, far, csi and so on."""

    model: str
    above: float
    counts: tuple[int, int, int, int]
    values: dict[str, float]

    @property
    def n(self) -> int:
        """Pairs."""
        return sum(self.counts)


def events(table: pd.DataFrame, model: str, above: float) -> list[Event]:
    """Score the event that a value is above a threshold, for a model and for persistence on the same pairs."""
    part = complete(table[table["model"] == model])
    obs = part["observed"].to_numpy(float)
    made = []
    for name, column in ((model, "forecast"), (PERSISTENCE, "persisted")):
        found = event_scores.contingency(obs, part[column].to_numpy(float), above=above)
        counts = tuple(int(each) for each in (found.hits, found.false_alarms, found.misses, found.rejections))
        few = sum(counts) < FEWEST
        values = {key: np.nan if few else float(score(found).value) for key, score in _EVENT_SCORES.items()}
        made.append(Event(name, above, counts, values))
    return made


@dataclass(frozen=True)
class Quality:
    """The modelling quality of a place: mqi, and bias and centred error over what the uncertainty allows.

    right: whether the centred error is more of the amplitude than of the timing. mqi is NaN where too few pairs are there.
    """

    mqi: float
    bias: float
    centred: float
    right: bool
    n: int


def quality(table: pd.DataFrame, model: str, item: str, day: dt.date) -> Quality | None:
    """Judge a model at one place by FAIRMODE, by the edition of the guidance in force on a day; None where it has none.

    table: pairs of one city. Of several forecasts for an hour the one with the shortest lead counts. Particles and CO are
    judged by means of natural days, ozone by the largest 8-hour means, NO2 and SO2 by hours.
    """
    edition = fairmode.fairmode_edition(day)
    if (item, PERIODS.get(item, "")) not in edition.uncertainties:
        return None
    by = fairmode.uncertainty_of(item, PERIODS[item], edition=edition)
    obs, fcst = _series(table[table["model"] == model], item, day)
    indicator = fairmode.mqi(obs, fcst, by=by, axis=None)
    there = np.isfinite(obs) & np.isfinite(fcst)
    obs, fcst = obs[there], fcst[there]
    if not len(obs):
        return Quality(np.nan, np.nan, np.nan, False, 0)
    allowed = by.factor * float(fairmode.rmsu(obs, by=by, axis=None).value)
    off, seen, said = fcst - obs, float(obs.std()), float(fcst.std())
    covariance = float(((obs - obs.mean()) * (fcst - fcst.mean())).mean())
    right = (said - seen) ** 2 > 2.0 * (seen * said - covariance)
    return Quality(float(indicator.value), float(off.mean()) / allowed, float(off.std()) / allowed, right, len(obs))


def objective(found: Sequence[Quality], item: str, day: dt.date) -> tuple[float, int]:
    """Give the indicator that 90 % of the places keep to, and how many places have one."""
    by = fairmode.uncertainty_of(item, PERIODS[item], edition=day)
    made = fairmode.mqo(np.array([each.mqi for each in found], float), by=by, axis=None)
    return float(made.value), int(made.n)


def reliability(table: pd.DataFrame, model: str) -> list[tuple[float, float, int]]:
    """Give (level of a quantile, share of the observations not above it, n) of a model; nothing where it gives none."""
    part = table[(table["model"] == model)].dropna(subset=["low", "forecast", "high", "observed"])
    if part.empty:
        return []
    n, observed = len(part), part["observed"].to_numpy(float)
    columns = ((0.1, "low"), (0.5, "forecast"), (0.9, "high"))
    return [(level, float((observed <= part[name].to_numpy(float)).mean()), n) for level, name in columns]


def _scored(model: str, obs: np.ndarray, fcst: np.ndarray) -> Scored:
    n = len(obs)
    if n < FEWEST:
        return Scored(model, dict.fromkeys(SCORES, np.nan), n, np.nan, np.nan)
    found = scores(obs, fcst, names=SCORES)
    ratio = float(fcst.std() / obs.std()) if obs.std() > 0 else np.nan
    return Scored(model, {name: float(each.value) for name, each in found.items()}, n, np.nan, ratio)


def _series(table: pd.DataFrame, item: str, day: dt.date) -> tuple[np.ndarray, np.ndarray]:
    """Lay the pairs of one place out by hour, or by natural day as the item is judged."""
    kept = table.dropna(subset=["forecast", "observed"]).sort_values("lead").drop_duplicates("hour_end")
    if kept.empty:
        return np.array([]), np.array([])
    hours = ((kept["hour_end"] - _EPOCH) // _HOUR).to_numpy()
    first = int(hours.min())
    both = np.full((2, int(hours.max()) - first + 1), np.nan)
    both[0, hours - first], both[1, hours - first] = kept["observed"], kept["forecast"]
    if PERIODS[item] == "hour":
        return both[0], both[1]
    days, _ = split_days(both, first)
    if item == "o3":
        means, _ = mda8(days, limit=limit("o3", "8h", edition=edition_for(day)))
    else:
        means, _ = day_mean(days)
    # A day at either end that the span only touches is no day without a forecast.
    touched = np.isfinite(days).any(axis=(0, 2))
    whole = np.flatnonzero(np.isfinite(means).all(axis=0))
    if not touched.any() or not len(whole):
        return np.array([]), np.array([])
    inside = slice(whole[0], whole[-1] + 1)
    return means[0, inside], means[1, inside]
