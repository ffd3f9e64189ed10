"""The modelling quality of FAIRMODE: errors of a model measured by the uncertainty of observations.

A model meets the quality objective where at 90 % of the stations its error is no more than twice the uncertainty of the
measurements. The parameters are data (tables/fairmode.csv).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from standards.dated_tables import read_table
from standards.verification.pairs import Pairs, Score, checked, last_axis, paired, ratio


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """The uncertainty of measuring one item over one period.

    u_r [1]: relative, at the reference value rv [ug/m3]. alpha [1]: the share that does not depend on the
    concentration. np, nnp [1]: by how much a yearly mean is surer, for the dependent and the independent share.
    percentile [%]: of the exceedances that the item's limit allows. beta [1]: how many times the uncertainty an error
    may reach. mqo_share [1]: of stations that must keep to it. min_availability [1]: share of pairs that a station
    needs.
    """

    u_r: float
    rv: float
    alpha: float
    np: float
    nnp: float
    percentile: float
    beta: float
    mqo_share: float
    min_availability: float


_FIELDS = ("u_r", "rv", "alpha", "np", "nnp", "percentile", "beta", "mqo_share", "min_availability")
UNCERTAINTIES = {
    (row["item"], row["period"]): Uncertainty(**{field: float(row[field]) for field in _FIELDS})
    for row in read_table("fairmode").rows
}
"""By (item, period): no2 hour, o3 8h (largest 8-hour mean of the day), pm10 day, pm25 day."""


def uncertainty_of(item: str, period: str) -> Uncertainty:
    """Give the parameters of an item and a period; raise ValueError where FAIRMODE has none."""
    if (item, period) not in UNCERTAINTIES:
        known = ", ".join(" ".join(key) for key in UNCERTAINTIES)
        raise ValueError(f"FAIRMODE has no uncertainty of {item!r} over {period!r}, expected one of {known}")
    return UNCERTAINTIES[item, period]


def measurement_uncertainty(obs: np.ndarray, *, by: Uncertainty) -> np.ndarray:
    """Compute the uncertainty of each measurement, U = u_r sqrt((1 - alpha^2) O^2 + alpha^2 RV^2).

    obs [ug/m3]: any shape. by: as uncertainty_of gives it. Returns float64 of the same shape [ug/m3].
    Missing: NaN stays NaN.
    Errors: ValueError where a value is negative or infinite.
    Source: FAIRMODE guidance document (Janssen et al.).
    """
    obs = checked(obs, "obs", unit="ug/m3")
    return by.u_r * np.sqrt((1 - by.alpha**2) * obs**2 + (by.alpha * by.rv) ** 2)


def rmsu(obs: np.ndarray, *, by: Uncertainty, axis: int | None = -1) -> Score:
    """Compute the root mean square of the uncertainties of a series of measurements.

    obs [ug/m3]: any shape. by: as uncertainty_of gives it. axis: of the series, None for all values. Returns Score
    [ug/m3] of the other axes.
    Missing: NaN does not count; no value gives NaN.
    Errors: as measurement_uncertainty; also an unknown axis.
    Source: FAIRMODE guidance document (Janssen et al.).
    """
    p = paired(obs, obs, axis=axis)
    return Score(_rmsu(p, by), p.n)


def mqi(obs: np.ndarray, fcst: np.ndarray, *, by: Uncertainty, axis: int | None = -1) -> Score:
    """Compute the quality indicator of a series, MQI = RMSE / (beta RMSU).

    obs, fcst [ug/m3]: of one shape, hourly or daily values as by asks for. by: as uncertainty_of gives it. axis: of the
    series, None for all values. Returns Score [1] of the other axes: 1 or less is good enough.
    Missing: incomplete pairs are left out; a series with less than by.min_availability of its pairs gives NaN.
    Errors: ValueError where the shapes differ, a value is negative or infinite, or axis is unknown.
    Source: FAIRMODE guidance document (Janssen et al.); EvalTools.
    """
    p = paired(obs, fcst, axis=axis)
    error = np.sqrt(ratio(p.sum((p.fcst - p.obs) ** 2), p.n))
    return Score(np.where(_available(p, by), ratio(error, by.beta * _rmsu(p, by)), np.nan), p.n)


def mqi_year(obs: np.ndarray, fcst: np.ndarray, *, by: Uncertainty, axis: int | None = -1) -> Score:
    """Compute the quality indicator of a yearly mean, MQI = |mean O - mean F| / (beta U).

    Arguments, missing values and errors as mqi; U = u_r sqrt((1 - alpha^2) (mean O)^2 / Np + alpha^2 RV^2 / Nnp).
    Returns Score [1].
    Source: FAIRMODE guidance document (Janssen et al.); EvalTools.
    """
    p = paired(obs, fcst, axis=axis)
    obs_mean, fcst_mean = ratio(p.sum(p.obs), p.n), ratio(p.sum(p.fcst), p.n)
    u = _year_uncertainty(obs_mean, by)
    return Score(np.where(_available(p, by), ratio(np.abs(obs_mean - fcst_mean), by.beta * u), np.nan), p.n)


def year_uncertainty(obs_mean: np.ndarray | float, *, by: Uncertainty) -> np.ndarray:
    """Compute the uncertainty of a yearly mean [ug/m3], any shape; NaN stays NaN; errors as measurement_uncertainty."""
    return _year_uncertainty(checked(obs_mean, "obs_mean", unit="ug/m3"), by)


def mqo(indicators: np.ndarray, *, by: Uncertainty, axis: int | None = -1) -> Score:
    """Compute the objective of a model: the quality indicator that 90 % of the stations keep to.

    indicators [1]: of the stations, as mqi or mqi_year gives them. by: as uncertainty_of gives it. axis: of the
    stations, None for all values. Returns Score [1] of the other axes; the objective is met at 1 or less.
    Notes: with n sorted values and s the whole part of 0.9 n, MQI(s) + (MQI(s + 1) - MQI(s)) (0.9 n - s), counted from
    1; a single station stands for itself.
    Missing: stations without an indicator (NaN) do not count; none gives NaN.
    Errors: ValueError where an indicator is negative or infinite, or axis is unknown.
    Source: EvalTools (Météo-France), its formula of the 90th percentile; FAIRMODE guidance document.
    """
    values = np.sort(last_axis(checked(indicators, "indicator"), axis), axis=-1)  # NaN sorts to the end
    n = np.isfinite(values).sum(axis=-1, dtype=np.int64)
    if values.shape[-1] == 0:
        return Score(np.full(n.shape, np.nan), n)
    share = Fraction(str(by.mqo_share))
    whole = n * share.numerator // share.denominator
    part = (n * share.numerator % share.denominator) / share.denominator
    low = np.take_along_axis(values, np.maximum(whole - 1, 0)[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(values, np.clip(whole, 0, np.maximum(n - 1, 0))[..., None], axis=-1)[..., 0]
    return Score(low + (high - low) * part, n)


def _rmsu(p: Pairs, by: Uncertainty) -> np.ndarray:
    return np.sqrt(ratio(p.sum(measurement_uncertainty(p.obs, by=by) ** 2), p.n))


def _year_uncertainty(obs_mean: np.ndarray, by: Uncertainty) -> np.ndarray:
    dependent, independent = (1 - by.alpha**2) * obs_mean**2 / by.np, (by.alpha * by.rv) ** 2 / by.nnp
    return by.u_r * np.sqrt(dependent + independent)


def _available(p: Pairs, by: Uncertainty) -> np.ndarray:
    return p.n >= by.min_availability * p.complete.shape[-1] - 1e-9
