"""Scores of events that are forecast or not and happen or not, from the four counts of a contingency table."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from standards.dated_tables import read_table
from standards.verification.pairs import Score, checked, paired, ratio

EVENTS = MappingProxyType({row["event"]: float(row["above"]) for row in read_table("forecast_events").rows})
"""Thresholds of the events that are scored: aqi_100, aqi_150, aqi_200 [AQI], o3_160 [ug/m3, MDA8]."""


@dataclass(frozen=True, slots=True)
class Contingency:
    """How often an event was forecast and happened, int64 (...) each.

    hits: forecast and happened. false_alarms: forecast only. misses: happened only. rejections: neither.
    """

    hits: np.ndarray
    false_alarms: np.ndarray
    misses: np.ndarray
    rejections: np.ndarray

    @property
    def n(self) -> np.ndarray:
        """Complete pairs: int64 (...)."""
        return self.hits + self.false_alarms + self.misses + self.rejections


def contingency(
    obs: np.ndarray, fcst: np.ndarray, *, above: float, axis: int | None = None, missing: str = "omit"
) -> Contingency:
    """Count the four cases of an event, that a value is above a threshold.

    obs, fcst [one unit, 0 or more]: of one shape, NaN for missing. above [same unit]: the threshold, exceeded strictly;
    EVENTS has the usual ones. axis: over which pairs are counted, None for all. missing: "omit" leaves incomplete pairs
    out, "propagate" counts nothing where one is incomplete. Returns Contingency of the other axes.
    Missing: incomplete pairs are in none of the counts.
    Errors: ValueError where the shapes differ, a value or the threshold is negative or infinite, the threshold is NaN,
    or axis or missing is unknown.
    Source: Wilks 2011, Statistical Methods in the Atmospheric Sciences, 8.2.
    """
    if np.isnan(checked(above, "above")):
        raise ValueError("above is nan, expected a threshold of 0 or more")
    p = paired(obs, fcst, axis=axis, missing=missing)
    happened, forecast = p.obs > above, p.fcst > above
    cases = (happened & forecast, ~happened & forecast, happened & ~forecast, ~happened & ~forecast)
    return Contingency(*((case & p.complete).sum(axis=-1, dtype=np.int64) for case in cases))


def pod(table: Contingency) -> Score:
    """Compute the probability of detection, a / (a + c), from 0 to 1; NaN where the event never happened.

    a hits, b false alarms, c misses, d rejections, here and below. Source: Wilks 2011, 8.2.2.
    """
    return Score(ratio(table.hits, table.hits + table.misses), table.n)


def far(table: Contingency) -> Score:
    """Compute the false-alarm ratio, b / (a + b), from 0 to 1; NaN where the event was never forecast.

    Source: Wilks 2011, 8.2.2.
    """
    return Score(ratio(table.false_alarms, table.hits + table.false_alarms), table.n)


def csi(table: Contingency) -> Score:
    """Compute the critical success index, a / (a + b + c), from 0 to 1; NaN where the event was in neither.

    Source: Wilks 2011, 8.2.2.
    """
    return Score(ratio(table.hits, table.hits + table.false_alarms + table.misses), table.n)


def frequency_bias(table: Contingency) -> Score:
    """Compute the frequency bias, (a + b) / (a + c), 1 where right; NaN where the event never happened.

    Source: Wilks 2011, 8.2.2.
    """
    return Score(ratio(table.hits + table.false_alarms, table.hits + table.misses), table.n)


def hss(table: Contingency) -> Score:
    """Compute the Heidke skill score, 2 (a d - b c) / ((a + c)(c + d) + (a + b)(b + d)), 0 for chance, up to 1.

    NaN where the denominator is 0: nothing but hits, or nothing but rejections. Source: Wilks 2011, 8.2.2.
    """
    a, b, c, d = (x.astype(np.float64) for x in (table.hits, table.false_alarms, table.misses, table.rejections))
    return Score(ratio(2.0 * (a * d - b * c), (a + c) * (c + d) + (a + b) * (b + d)), table.n)
