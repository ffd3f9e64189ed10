"""Scores of forecasts of the index: range, level, half-level, primary pollutant, skill, and each by lead time.

Definitions are common practice (HJ 1130-2020 and the provincial standards were not read); every threshold is data:
tables/forecast_ranges.csv, tables/forecast_half_widths.csv and tables/forecast_half_levels.csv, each with how it is
known. Accuracies are shares from 0 to 1. standards.verification.shanghai has another, documented way to score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from standards.dated_tables import read_table
from standards.index.levels import level_of
from standards.pollutants import ITEMS
from standards.verification.pairs import Score, checked, last_axis, paired, ratio
from standards.verification.scores import rmse

_AQI_MAX = 500.0
_PRIMARY_ABOVE = 50.0  # HJ 633-2026 4.3.1: a primary pollutant is named where the AQI exceeds this
_WIDTHS = read_table("forecast_half_widths").rows
HALF_WIDTHS = tuple((float(row["centre_above"]), float(row["half_width"])) for row in _WIDTHS)
"""(centre above, half-width) in rising order; of low confidence, ask who scores the forecasts."""
RANGE_METHODS = {row["method"]: row for row in read_table("forecast_ranges").rows}
"""Ways to make a range by name, as in the table: "widths" (ours), "quarter" (25 % to each side)."""
HALF_LEVEL_STARTS = tuple(float(row["aqi_from"]) for row in read_table("forecast_half_levels").rows)
"""The first index of each of the 12 half-levels; where the levels are split is inferred."""


@dataclass(frozen=True, slots=True)
class ByLead:
    """A score by lead time.

    lead: int64 (k,), rising. value: float64 (k, ...). n: int64 (k, ...), complete pairs.
    """

    lead: np.ndarray
    value: np.ndarray
    n: np.ndarray


def aqi_range(
    centre: np.ndarray | float,
    *,
    method: str = "widths",
    half_widths: tuple[tuple[float, float], ...] = HALF_WIDTHS,
) -> tuple[np.ndarray, np.ndarray]:
    """Give the range of a forecast of the index around its centre.

    centre [AQI, 0 to 500]: any shape. method: "widths" takes half_widths [AQI], pairs of (centre above, half-width) in
    rising order; "quarter" 75 to 125 % of the centre. Returns (low, high) [AQI], both of the same shape, within 0 to
    500.
    Missing: NaN stays NaN.
    Errors: ValueError where a centre is not within 0 to 500, half_widths do not rise or hold a negative width, or the
    method is unknown.
    Source: tables/forecast_ranges.csv: widths are practice, of low confidence; quarter is quoted from a public program.
    """
    centre = _aqi(centre, "centre")
    if method not in RANGE_METHODS:
        raise ValueError(f"method is {method!r}, expected one of {', '.join(RANGE_METHODS)}")
    if low_share := RANGE_METHODS[method]["low_share"]:
        high_share = float(RANGE_METHODS[method]["high_share"])
        return centre * float(low_share), np.minimum(centre * high_share, _AQI_MAX)
    above, widths = np.array(half_widths, dtype=np.float64).T
    if (np.diff(above) <= 0).any() or not (widths >= 0).all():
        raise ValueError(f"half_widths are {half_widths}, expected centres that rise and widths of 0 or more")
    width = widths[np.maximum(np.searchsorted(above, np.where(np.isnan(centre), 0.0, centre), side="left") - 1, 0)]
    return np.maximum(centre - width, 0.0), np.minimum(centre + width, _AQI_MAX)


def range_accuracy(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the share of observed indices that lie within the forecast range, both ends belonging to it.

    obs [AQI]: (...). fcst [AQI]: (2, ...), low and high, for instance np.stack(aqi_range(centre)). axis: of obs, over
    which forecasts are scored, None for all. missing: "omit" or "propagate". Returns Score [1] of the other axes.
    Missing: NaN in obs or in an end leaves the forecast out.
    Errors: ValueError where the shapes do not fit, an index is not within 0 to 500, or low is above high.
    Source: practice of forecasting centres; the definition is recalled.
    """
    obs, low, high = _with_range(obs, fcst)
    return _accuracy(_hit((low <= obs) & (obs <= high), obs, low, high), axis, missing)


def level_accuracy(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the share of observed levels that the forecast range touches (the loose variant).

    Arguments, missing values, errors and source as range_accuracy; fcst: (2, ...), low and high, rounded to whole
    indices (half to even).
    """
    obs, low, high = _with_range(obs, fcst)
    level, lowest, highest = (level_of(np.rint(each)) for each in (obs, low, high))
    return _accuracy(_hit((lowest <= level) & (level <= highest), obs, low, high), axis, missing)


def strict_level_accuracy(
    obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit"
) -> Score:
    """Compute the share of observed levels that equal the level of a single forecast.

    obs, fcst [AQI]: of one shape, rounded to whole indices (half to even). Other arguments, missing values, errors and
    source as range_accuracy.
    """
    obs, fcst = _single(obs, fcst)
    return _accuracy(_hit(level_of(np.rint(obs)) == level_of(np.rint(fcst)), obs, fcst), axis, missing)


def half_level_of(aqi: np.ndarray | float) -> np.ndarray:
    """Give the half-level of an index, 1 to 12.

    aqi [AQI, 0 to 500]: any shape, rounded to whole indices (half to even). Returns uint8 of the same shape.
    Missing: NaN gives 0.
    Errors: ValueError where an index is not within 0 to 500.
    Source: 环境科学 2022, 43(7):3396 (12 half-levels); tables/forecast_half_levels.csv, where the split is inferred.
    """
    aqi = np.rint(_aqi(aqi, "aqi"))
    half_level = np.maximum(np.searchsorted(HALF_LEVEL_STARTS, np.where(np.isnan(aqi), 0.0, aqi), side="right"), 1)
    return np.where(np.isnan(aqi), 0, half_level).astype(np.uint8)


def half_level_accuracy(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the share of observed half-levels that equal the half-level of a single forecast.

    obs, fcst [AQI]: of one shape. Other arguments, missing values and errors as range_accuracy. Returns Score [1].
    Source: 环境科学 2022, 43(7):3396; the comparison is our reading of its abstract.
    """
    obs, fcst = _single(obs, fcst)
    return _accuracy(_hit(half_level_of(obs) == half_level_of(fcst), obs, fcst), axis, missing)


def primary_accuracy(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the share of days on which a forecast primary pollutant is an observed one.

    obs, fcst: (2, ...), the index and the bit mask of its primary pollutants, as standards.index.aqi.Aqi has them: for
    instance np.stack([report.aqi, report.primary]). axis: of obs[0], over which forecasts are scored, None for all.
    missing: "omit" or "propagate". Returns Score [1] of the other axes; n counts the days scored.
    Missing: NaN leaves the day out; days with an observed index of 50 or less have no primary pollutant and are left
    out too. A forecast of 50 or less on another day is wrong.
    Errors: ValueError where the shapes do not fit, an index is not within 0 to 500, or a mask is no whole number of
    0 to 63.
    Source: practice of forecasting centres; the definition is recalled. HJ 633-2026 4.3.1 (above 50).
    """
    obs_aqi, obs_mask = with_primary(obs, "obs")
    fcst_aqi, fcst_mask = with_primary(_two(obs_aqi, fcst), "fcst")
    absent = np.isnan(obs_mask) | np.isnan(fcst_mask)
    shared = np.where(absent, 0, obs_mask).astype(np.int64) & np.where(absent, 0, fcst_mask).astype(np.int64)
    hit = _hit(shared > 0, obs_aqi, obs_mask, fcst_aqi, fcst_mask)
    return _accuracy(hit, axis, missing, counted=obs_aqi > _PRIMARY_ABOVE)


def persisted(obs: np.ndarray, *, lead: int) -> np.ndarray:
    """Give the forecast of persistence: the observed value of lead days before.

    obs [any unit]: (..., day), consecutive days. lead [days]: 1 or more. Returns float64 of the same shape; the value
    at a day is the one observed lead days earlier, NaN where there is none.
    Missing: NaN moves along.
    Errors: ValueError where lead is below 1, or a value is infinite.
    Source: Wilks 2011, Statistical Methods in the Atmospheric Sciences, 8.1.4 (persistence as the reference).
    """
    if lead < 1:
        raise ValueError(f"lead is {lead} days, expected 1 or more")
    obs = checked(obs, "obs", lowest=None)
    out = np.full(obs.shape, np.nan)
    out[..., lead:] = obs[..., : max(obs.shape[-1] - lead, 0)]
    return out


def persistence_skill(
    obs: np.ndarray,
    fcst: np.ndarray,
    *,
    score: Callable[..., Score] = rmse,
    axis: int | None = None,
    missing: str = "omit",
) -> Score:
    """Compute the skill over persistence, 1 - S(forecast) / S(persistence), where a perfect S is 0.

    obs [one unit, 0 or more]: (...). fcst [same unit]: (2, ...), the forecast and what persistence says (persisted).
    score: one of which less is better, with the signature of standards.verification.scores.rmse. axis: of obs, None for
    all. missing: "omit" or "propagate". Returns Score [1]: 1 perfect, 0 no better than persistence, below 0 worse.
    Missing: both are scored on the days that have all three values; NaN where persistence is perfect.
    Errors: ValueError where the shapes do not fit, or a value is negative or infinite.
    Source: Wilks 2011, 8.1.4.
    """
    obs, (fcst, reference) = np.asarray(obs, dtype=np.float64), _two(obs, fcst)
    complete = ~(np.isnan(obs) | np.isnan(fcst) | np.isnan(reference))
    fcst, reference = np.where(complete, fcst, np.nan), np.where(complete, reference, np.nan)
    ours, theirs = (score(obs, each, axis=axis, missing=missing) for each in (fcst, reference))
    return Score(1.0 - ratio(ours.value, theirs.value), ours.n)


def by_lead(score: Callable[..., Score], obs: np.ndarray, fcst: np.ndarray, lead: np.ndarray) -> ByLead:
    """Compute a score for each lead time.

    score: of this module, of standards.verification.scores, or another that takes (obs, fcst, axis=...) and returns
    Score. obs, fcst: as the score takes them, forecasts on the last axis: (..., n). lead [days or hours]: int (n,).
    Returns ByLead, the leads that occur.
    Notes: functools.partial sets other options of a score, for instance partial(rmse, missing="propagate").
    Missing and errors: as the score; ValueError also where lead is not whole or not (n,).
    """
    obs, fcst, lead = np.asarray(obs), np.asarray(fcst), np.asarray(lead)
    if lead.dtype.kind not in "iu" or lead.shape != obs.shape[-1:] or lead.shape != fcst.shape[-1:]:
        raise ValueError(
            f"lead is {lead.dtype} of shape {lead.shape}, expected whole numbers of shape {obs.shape[-1:]}"
        )
    leads = np.unique(lead)
    found = [score(obs[..., lead == each], fcst[..., lead == each], axis=-1) for each in leads]
    value, n = (np.array([getattr(each, name) for each in found]) for name in ("value", "n"))
    return ByLead(leads.astype(np.int64), value.astype(np.float64), n.astype(np.int64))


def _aqi(values: np.ndarray | float, name: str) -> np.ndarray:
    return checked(values, name, highest=_AQI_MAX)


def _single(obs: np.ndarray, fcst: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    obs, fcst = _aqi(obs, "obs"), _aqi(fcst, "fcst")
    if obs.shape != fcst.shape:
        raise ValueError(f"fcst has shape {fcst.shape}, expected {obs.shape}, the shape of obs")
    return obs, fcst


def _with_range(obs: np.ndarray, fcst: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    obs, (low, high) = _aqi(obs, "obs"), _two(obs, _aqi(fcst, "fcst"))
    if (low > high).any():
        at = low > high
        raise ValueError(f"fcst has the range {low[at][0]:g} to {high[at][0]:g}, expected low not above high")
    return obs, low, high


def with_primary(values: np.ndarray, name: str) -> np.ndarray:
    """Check an index and the bit mask of its primary pollutants, (2, ...), as primary_accuracy takes them."""
    values = np.asarray(values, dtype=np.float64)
    if values.ndim == 0 or values.shape[0] != 2:
        raise ValueError(f"{name} has shape {values.shape}, expected (2, ...): index and primary pollutants")
    _aqi(values[0], name)
    mask = checked(values[1], f"{name} primary", highest=2 ** len(ITEMS) - 1)
    if (mask != np.rint(mask))[~np.isnan(mask)].any():
        raise ValueError(f"{name} primary has a broken number, expected a whole bit mask of 0 to {2 ** len(ITEMS) - 1}")
    return values


def _two(obs: np.ndarray, fcst: np.ndarray) -> np.ndarray:
    fcst = np.asarray(fcst, dtype=np.float64)
    if fcst.shape != (2, *np.shape(obs)):
        raise ValueError(f"fcst has shape {fcst.shape}, expected {(2, *np.shape(obs))}")
    return fcst


def _hit(condition: np.ndarray, *values: np.ndarray) -> np.ndarray:
    # 1 where a condition holds, 0 where not, NaN where one of the values that it rests on is missing.
    absent = np.logical_or.reduce([np.isnan(each) for each in values])
    return np.where(absent, np.nan, condition)


def _accuracy(hit: np.ndarray, axis: int | None, missing: str, *, counted: np.ndarray | None = None) -> Score:
    # The share of hits among those that are not missing and, where given, counted.
    p = paired(hit, hit, axis=axis, missing=missing)
    of = p.complete if counted is None else p.complete & last_axis(counted, axis)
    n = of.sum(axis=-1, dtype=np.int64)
    return Score(ratio(np.where(of, p.obs, 0.0).sum(axis=-1), n), n)
