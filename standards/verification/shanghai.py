"""The points that Shanghai's method gives a day's forecast: primary pollutant, level and value of the index in one sum.

A documented alternative to the accuracies of standards.verification.forecast_scores; its numbers are data
(tables/forecast_shanghai.csv), with how each is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.index.levels import level_of
from standards.rounding import round_half_even
from standards.verification.forecast_scores import with_primary
from standards.verification.pairs import Score, last_axis, paired, ratio

PARTS = ("primary", "level", "value")
"""f1, f2 and f3 of the sum, in its order."""
_TABLE = read_table("forecast_shanghai")
SHANGHAI_CODE = _TABLE.head["code"]
"""The method that the points follow."""
_WEIGHTS = {part: float(row["points"]) for part in PARTS for row in _TABLE.rows if row["part"] == f"weight_{part}"}
_PRIMARY_ABOVE = 50.0  # HJ 633 4.3.1: a primary pollutant is named where the AQI exceeds this


def _points(part: str) -> np.ndarray:
    # Points by whole number: slot i holds those of i.
    rows = [row for row in _TABLE.rows if row["part"] == part]
    found = np.zeros(max(int(row["to"]) for row in rows) + 1)
    for row in rows:
        found[int(row["from"]) : int(row["to"]) + 1] = float(row["points"])
    return found


_POINTS = {part: _points(part) for part in PARTS}


@dataclass(frozen=True, slots=True)
class ShanghaiDays:
    """Points of days. total: float64 (...), S with one decimal. parts: float64 (3, ...), f1, f2, f3, each 0 to 100."""

    total: np.ndarray
    parts: np.ndarray


def shanghai_days(obs: np.ndarray, fcst: np.ndarray) -> ShanghaiDays:
    """Give each day's forecast its points, S = 0.2 f1 + 0.5 f2 + 0.3 f3.

    obs, fcst: (2, ...), the index and the bit mask of its primary pollutants, as
    standards.verification.forecast_scores.primary_accuracy takes them; indices are rounded to whole ones (half to
    even). Returns ShanghaiDays of the shape of one index. f1: 100 where one of the forecast primary pollutants is an
    observed one, or neither has any (an index of 50 or less has none). f2: by how many levels the forecast is off. f3:
    by how much the index is off.
    Missing: NaN in an index or a mask leaves the day without points.
    Errors: as primary_accuracy.
    Source: 上海市城市空气质量预报检验评估和考核办法(试行) (quoted; the points of f2 are assumed, tables/forecast_shanghai.csv).
    """
    obs_aqi, obs_mask = with_primary(obs, "obs")
    fcst_aqi, fcst_mask = with_primary(fcst, "fcst")
    if obs_aqi.shape != fcst_aqi.shape:
        raise ValueError(f"fcst has shape {np.shape(fcst)}, expected {np.shape(obs)}, the shape of obs")
    absent = np.logical_or.reduce([np.isnan(each) for each in (obs_aqi, obs_mask, fcst_aqi, fcst_mask)])
    masks = [
        np.where(absent | (aqi <= _PRIMARY_ABOVE), 0.0, mask).astype(np.int64)
        for aqi, mask in ((obs_aqi, obs_mask), (fcst_aqi, fcst_mask))
    ]
    whole = [np.rint(np.where(absent, 0.0, aqi)) for aqi in (obs_aqi, fcst_aqi)]
    levels = [level_of(aqi).astype(np.int64) for aqi in whole]
    off = {
        "primary": ((masks[0] & masks[1]) > 0) | ((masks[0] | masks[1]) == 0),
        "level": np.abs(levels[0] - levels[1]),
        "value": np.abs(whole[0] - whole[1]),
    }
    parts = np.stack([_POINTS[part][off[part].astype(np.int64)] for part in PARTS])
    total = sum(_WEIGHTS[part] * row for part, row in zip(PARTS, parts, strict=True))
    return ShanghaiDays(np.where(absent, np.nan, round_half_even(total, 1)), np.where(absent, np.nan, parts))


def shanghai_score(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Average the points of days, as the method does for a month, a quarter and a year.

    obs, fcst: as shanghai_days. axis: of one index, over which days are averaged, None for all. missing: "omit" or
    "propagate". Returns Score [0 to 100] of the other axes.
    Missing: days without points do not count; none gives NaN.
    Errors: as shanghai_days; also an unknown axis or missing.
    Source: as shanghai_days.
    """
    total = shanghai_days(obs, fcst).total
    p = paired(total, total, axis=axis, missing=missing)
    return Score(ratio(p.sum(p.obs), p.n), p.n)


def level_threat(obs: np.ndarray, fcst: np.ndarray, level: int, *, axis: int | None = None) -> Score:
    """Compute the threat score of one level, right over right, missed and false: TS = AC / (AF + AO - AC).

    obs, fcst [AQI]: of one shape, rounded to whole indices (half to even). level: 1 to 6; the method uses it for 5 and
    6. axis: over which days are counted, None for all. Returns Score [1] of the other axes: 0 where the level was
    neither observed nor forecast, as the method has it.
    Missing: NaN in either leaves the day out; no day gives NaN.
    Errors: ValueError where the shapes differ, an index is negative or infinite, or level or axis is unknown.
    Source: as shanghai_days.
    """
    if level not in range(1, 7):
        raise ValueError(f"level is {level!r}, expected 1 to 6")
    p = paired(obs, fcst, axis=axis)
    observed, forecast = (p.complete & (level_of(np.rint(each)) == level) for each in (p.obs, p.fcst))
    right = last_axis((observed & forecast).astype(np.float64), -1).sum(axis=-1)
    either = (observed | forecast).sum(axis=-1)
    score = np.where(either > 0, right / np.maximum(either, 1), 0.0)
    return Score(np.where(p.n > 0, score, np.nan), p.n)
