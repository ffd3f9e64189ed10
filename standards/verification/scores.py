"""Scores of concentrations: how far a forecast or a model is from observations.

Every score takes observations and forecasts of one shape, leaves out incomplete pairs, and returns the score together
with the number of pairs. Biases and errors that are normalised are in per cent, as benchmarks are written.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from standards.verification.pairs import Pairs, Score, paired, ratio

_PERCENT = 100.0


def mean_bias(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the mean bias, MB = 1/N sum(F - O).

    obs, fcst [one unit, 0 or more]: of one shape, NaN for missing. axis: over which pairs are scored, None for all.
    missing: "omit" leaves incomplete pairs out, "propagate" makes the score missing. Returns Score [same unit] of the
    other axes.
    Missing: no complete pair gives NaN, with n = 0.
    Errors: ValueError where the shapes differ, a value is negative or infinite, or axis or missing is unknown, naming
    the value and what was expected.
    Source: Emery et al. 2017 (doi 10.1080/10962247.2016.1265027).
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(ratio(p.sum(p.fcst - p.obs), p.n), p.n)


def rmse(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the root mean square error, RMSE = sqrt(1/N sum((F - O)^2)).

    Arguments, missing values, errors and source as mean_bias. Returns Score [same unit].
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(np.sqrt(ratio(p.sum((p.fcst - p.obs) ** 2), p.n)), p.n)


def mean_error(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the mean absolute error, MAE = 1/N sum(|F - O|), also called mean gross error.

    Arguments, missing values, errors and source as mean_bias. Returns Score [same unit].
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(ratio(p.sum(np.abs(p.fcst - p.obs)), p.n), p.n)


def efficiency(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the coefficient of determination, R2 = 1 - sum((F - O)^2) / sum((O - mean O)^2), up to 1.

    It is no square of a correlation: a bias costs, and a forecast worse than the observed mean is below 0.
    Arguments and errors as mean_bias. Returns Score [1].
    Missing: NaN also where the observations are all equal.
    Source: Nash and Sutcliffe 1970 (J. Hydrol. 10:282).
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    unexplained = ratio(p.sum((p.fcst - p.obs) ** 2), p.sum(_anomaly(p.obs, p) ** 2))
    return Score(np.where(_varies(p.obs, p), 1.0 - unexplained, np.nan), p.n)


def nmb(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the normalised mean bias, NMB = sum(F - O) / sum(O).

    Arguments, errors and source as mean_bias. Returns Score [%].
    Missing: NaN also where the observations add up to 0.
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(_PERCENT * ratio(p.sum(p.fcst - p.obs), p.sum(p.obs)), p.n)


def nme(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the normalised mean error, NME = sum(|F - O|) / sum(O).

    Arguments, errors and source as mean_bias. Returns Score [%].
    Missing: NaN also where the observations add up to 0.
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(_PERCENT * ratio(p.sum(np.abs(p.fcst - p.obs)), p.sum(p.obs)), p.n)


def mfb(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the mean fractional bias, MFB = 2/N sum((F - O) / (F + O)), from -200 to 200 %.

    Arguments, missing values and errors as mean_bias; a pair of two zeros is perfect and adds 0. Returns Score [%].
    Source: Boylan and Russell 2006 (Atmos. Environ. 40:4946).
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(_PERCENT * ratio(p.sum(_fractional(p)), p.n), p.n)


def mfe(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the mean fractional error, MFE = 2/N sum(|F - O| / (F + O)), from 0 to 200 %.

    Arguments, missing values and errors as mean_bias; a pair of two zeros is perfect and adds 0. Returns Score [%].
    Source: Boylan and Russell 2006 (Atmos. Environ. 40:4946).
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(_PERCENT * ratio(p.sum(np.abs(_fractional(p))), p.n), p.n)


def correlation(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute Pearson's correlation coefficient, r, from -1 to 1.

    Arguments and errors as mean_bias. Returns Score [1].
    Missing: NaN with fewer than two pairs, or where the observations or the forecasts are all equal.
    Source: Emery et al. 2017 (doi 10.1080/10962247.2016.1265027).
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    o, f = _anomaly(p.obs, p), _anomaly(p.fcst, p)
    r = ratio(p.sum(o * f), np.sqrt(p.sum(o**2)) * np.sqrt(p.sum(f**2)))
    varies = _varies(p.obs, p) & _varies(p.fcst, p)
    return Score(np.where(varies, np.clip(r, -1.0, 1.0), np.nan), p.n)


def ioa(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the index of agreement, IOA = 1 - sum((F - O)^2) / sum((|F - mean O| + |O - mean O|)^2), from 0 to 1.

    Arguments and errors as mean_bias. Returns Score [1].
    Missing: NaN also where all values are equal.
    Source: Willmott 1981 (Phys. Geogr. 2:184).
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    mean = _mean(p.obs, p)[..., None]
    largest = (np.abs(p.fcst - mean) + np.abs(p.obs - mean)) ** 2
    agreement = 1.0 - ratio(p.sum((p.fcst - p.obs) ** 2), p.sum(largest))
    spread = _varies(p.obs, p) | _varies(p.fcst, p) | (p.sum(np.abs(p.fcst - p.obs)) > 0)
    return Score(np.where(spread, np.clip(agreement, 0.0, 1.0), np.nan), p.n)


def fac2(obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit") -> Score:
    """Compute the share of forecasts within a factor of two, 0.5 O <= F <= 2 O, from 0 to 1.

    Arguments, missing values and errors as mean_bias; a pair of two zeros is within. Returns Score [1].
    Source: Chang and Hanna 2004 (Meteorol. Atmos. Phys. 87:167).
    """
    p = paired(obs, fcst, axis=axis, missing=missing)
    return Score(ratio(p.sum((0.5 * p.obs <= p.fcst) & (p.fcst <= 2.0 * p.obs)), p.n), p.n)


SCORES = MappingProxyType(
    {
        "mb": mean_bias,
        "nmb": nmb,
        "nme": nme,
        "rmse": rmse,
        "r": correlation,
        "ioa": ioa,
        "mfb": mfb,
        "mfe": mfe,
        "fac2": fac2,
    }
)
"""The scores of this module by the short names that benchmarks use."""


def scores(
    obs: np.ndarray,
    fcst: np.ndarray,
    *,
    names: tuple[str, ...] = tuple(SCORES),
    axis: int | None = None,
    missing: str = "omit",
) -> dict[str, Score]:
    """Compute several scores by their short names; arguments, missing values and errors as mean_bias.

    names: of SCORES. Errors: ValueError also for another name.
    """
    return {name: _named(name)(obs, fcst, axis=axis, missing=missing) for name in names}


def _named(name: str) -> Callable[..., Score]:
    if name not in SCORES:
        raise ValueError(f"score is {name!r}, expected one of {', '.join(SCORES)}")
    return SCORES[name]


def _fractional(p: Pairs) -> np.ndarray:
    total = p.fcst + p.obs
    return 2.0 * (p.fcst - p.obs) / np.where(total > 0, total, 1.0)


def _mean(values: np.ndarray, p: Pairs) -> np.ndarray:
    return p.sum(values) / np.maximum(p.n, 1)


def _anomaly(values: np.ndarray, p: Pairs) -> np.ndarray:
    return values - _mean(values, p)[..., None]


def _varies(values: np.ndarray, p: Pairs) -> np.ndarray:
    # Whether complete values differ: equal ones leave a variance of rounding errors, which is not one.
    high = np.where(p.complete, values, -np.inf).max(axis=-1, initial=-np.inf)
    low = np.where(p.complete, values, np.inf).min(axis=-1, initial=np.inf)
    return high > low
