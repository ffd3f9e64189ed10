"""The modelling quality of FAIRMODE: errors of a model measured by the uncertainty of observations.

A model meets the quality objective where at 90 % of the stations its error stays within a multiple of the uncertainty
of the measurements. Two editions of the guidance have their own curve of uncertainty and their own multiple; their
parameters are data (tables/fairmode_2022.csv, tables/fairmode_2026.csv).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from standards.dated_tables import Table, read_table
from standards.verification.pairs import Pairs, Score, checked, last_axis, paired, ratio


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """The uncertainty of measuring one item over one period, by the edition v3.3.

    u_r [1]: relative, at the reference value rv [ug/m3]. alpha [1]: the share that does not depend on the
    concentration. np, nnp [1]: by how much a yearly mean is surer, for the dependent and the independent share.
    percentile [%]: of the exceedances that the item's limit allows. beta [1]: how many times the uncertainty an error
    may reach. mqo_share [1]: of stations that must keep to it. min_availability [1]: share of pairs that a station
    needs. unit: of rv.
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
    unit: str = "ug/m3"

    @property
    def factor(self) -> float:
        """How many times the uncertainty an error may reach."""
        return self.beta

    def of(self, obs: np.ndarray) -> np.ndarray:
        """Give the uncertainty of measurements [unit]: u_r sqrt((1 - alpha^2) O^2 + alpha^2 RV^2)."""
        return self.u_r * np.sqrt((1 - self.alpha**2) * obs**2 + (self.alpha * self.rv) ** 2)

    def of_year(self, obs_mean: np.ndarray) -> np.ndarray:
        """Give that of a yearly mean [unit]: u_r sqrt((1 - alpha^2) O^2 / Np + alpha^2 RV^2 / Nnp)."""
        dependent, independent = (1 - self.alpha**2) * obs_mean**2 / self.np, (self.alpha * self.rv) ** 2 / self.nnp
        return self.u_r * np.sqrt(dependent + independent)

    @property
    def year_factor(self) -> float:
        """How many times its uncertainty an error of a yearly mean may reach."""
        return self.factor


@dataclass(frozen=True, slots=True)
class LimitUncertainty:
    """The uncertainty of measuring one item over one period, by the edition v4.0.

    lv [unit]: limit value. u_rel [1]: relative uncertainty there. u_phi [unit]: uncertainty at nothing. beta [1]: an
    error may reach sqrt(1 + beta^2) times the uncertainty. mqo_share, min_availability [1]: as Uncertainty. unit: of
    lv. long: of the mean of a year or season, None where there is none.
    """

    lv: float
    u_rel: float
    u_phi: float
    beta: float
    mqo_share: float
    min_availability: float
    unit: str
    long: LimitUncertainty | None = None

    @property
    def factor(self) -> float:
        """How many times the uncertainty an error may reach."""
        return math.sqrt(1 + self.beta**2)

    def of(self, obs: np.ndarray) -> np.ndarray:
        """Give the uncertainty of measurements [unit]: rising from u_phi to u_rel lv at the limit, u_rel O above."""
        at_limit = self.u_rel * self.lv
        return np.where(obs > self.lv, self.u_rel * obs, self.u_phi + obs * ((at_limit - self.u_phi) / self.lv))

    def of_year(self, obs_mean: np.ndarray) -> np.ndarray:
        """Give that of the mean of a year, or for ozone of a season [unit]; ValueError where there is none."""
        return self._of_long().of(obs_mean)

    @property
    def year_factor(self) -> float:
        """How many times its uncertainty an error of such a mean may reach."""
        return self._of_long().factor

    def _of_long(self) -> LimitUncertainty:
        if self.long is None:
            raise ValueError("FAIRMODE v4.0 has no uncertainty of a yearly mean for this item, expected another item")
        return self.long


AnyUncertainty = Uncertainty | LimitUncertainty


@dataclass(frozen=True, slots=True)
class FairmodeEdition:
    """One edition of the guidance: name, code, first and last day, and the uncertainties by (item, period)."""

    name: str
    code: str
    valid_from: dt.date
    valid_to: dt.date
    uncertainties: dict[tuple[str, str], AnyUncertainty]


def _numbers(row: dict[str, str], fields: tuple[str, ...]) -> dict[str, float]:
    return {field: float(row[field]) for field in fields}


def _of_2022(table: Table) -> dict[tuple[str, str], AnyUncertainty]:
    fields = ("u_r", "rv", "alpha", "np", "nnp", "percentile", "beta", "mqo_share", "min_availability")
    return {(r["item"], r["period"]): Uncertainty(**_numbers(r, fields), unit=r["unit"]) for r in table.rows}


def _of_2026(table: Table) -> dict[tuple[str, str], AnyUncertainty]:
    fields = ("lv", "u_rel", "u_phi", "beta", "mqo_share", "min_availability")
    rows = {(r["item"], r["period"]): r for r in table.rows}

    def made(row: dict[str, str]) -> LimitUncertainty:
        long = made(rows[row["item"], row["long"]]) if row["long"] else None
        return LimitUncertainty(**_numbers(row, fields), unit=row["unit"], long=long)

    return {key: made(row) for key, row in rows.items()}


def _edition(name: str, table: Table, uncertainties: dict[tuple[str, str], AnyUncertainty]) -> FairmodeEdition:
    return FairmodeEdition(name, table.head["code"], table.valid_from, table.valid_to, uncertainties)


_2022, _2026 = read_table("fairmode_2022"), read_table("fairmode_2026")
FAIRMODE_EDITIONS = {
    "v3.3": _edition("v3.3", _2022, _of_2022(_2022)),
    "v4.0": _edition("v4.0", _2026, _of_2026(_2026)),
}
"""By name in the order of their dates: "v3.3" to 2026-05-05, "v4.0" from 2026-05-06."""
LATEST = "v4.0"
"""The edition in force today, which is taken where neither a name nor a date is given."""


def fairmode_edition(edition: str | dt.date | FairmodeEdition) -> FairmodeEdition:
    """Give an edition by name or by date, or itself; raise ValueError for another name."""
    if isinstance(edition, FairmodeEdition):
        return edition
    if isinstance(edition, dt.date):
        return next(each for each in FAIRMODE_EDITIONS.values() if each.valid_from <= edition <= each.valid_to)
    if edition not in FAIRMODE_EDITIONS:
        raise ValueError(
            f"edition of FAIRMODE is {edition!r}, expected one of {', '.join(FAIRMODE_EDITIONS)} or a date"
        )
    return FAIRMODE_EDITIONS[edition]


def uncertainty_of(item: str, period: str, *, edition: str | dt.date | FairmodeEdition = LATEST) -> AnyUncertainty:
    """Give the parameters of an item and a period; raise ValueError where the edition has none.

    edition: "v3.3", "v4.0", or a date, whose edition is taken.
    """
    found = fairmode_edition(edition)
    if (item, period) not in found.uncertainties:
        known = ", ".join(" ".join(key) for key in found.uncertainties)
        raise ValueError(f"{found.code} has no uncertainty of {item!r} over {period!r}, expected one of {known}")
    return found.uncertainties[item, period]


def measurement_uncertainty(obs: np.ndarray, *, by: AnyUncertainty) -> np.ndarray:
    """Compute the uncertainty of each measurement.

    obs [ug/m3, CO mg/m3]: any shape. by: as uncertainty_of gives it. Returns float64 of the same shape [same unit].
    Missing: NaN stays NaN.
    Errors: ValueError where a value is negative or infinite.
    Source: FAIRMODE guidance document: v3.3 U = u_r sqrt((1 - alpha^2) O^2 + alpha^2 RV^2); v4.0 3.3, Table 1.
    """
    return by.of(checked(obs, "obs", unit=by.unit))


def rmsu(obs: np.ndarray, *, by: AnyUncertainty, axis: int | None = -1) -> Score:
    """Compute the root mean square of the uncertainties of a series of measurements.

    obs [ug/m3, CO mg/m3]: any shape. by: as uncertainty_of gives it. axis: of the series, None for all values. Returns
    Score [same unit] of the other axes.
    Missing: NaN does not count; no value gives NaN.
    Errors: as measurement_uncertainty; also an unknown axis.
    Source: FAIRMODE guidance document v3.3 and v4.0.
    """
    p = paired(obs, obs, axis=axis)
    return Score(_rmsu(p, by), p.n)


def mqi(obs: np.ndarray, fcst: np.ndarray, *, by: AnyUncertainty, axis: int | None = -1) -> Score:
    """Compute the quality indicator of a series, MQI = RMSE / (factor RMSU).

    obs, fcst [ug/m3, CO mg/m3]: of one shape, hourly or daily values as by asks for. by: as uncertainty_of gives it;
    its factor is beta in v3.3 and sqrt(1 + beta^2) in v4.0. axis: of the series, None for all values. Returns Score [1]
    of the other axes: 1 or less is good enough.
    Missing: incomplete pairs are left out; a series with less than by.min_availability of its pairs gives NaN.
    Errors: ValueError where the shapes differ, a value is negative or infinite, or axis is unknown.
    Source: FAIRMODE guidance document v3.3 (EvalTools) and v4.0 eq. 1.
    """
    p = paired(obs, fcst, axis=axis)
    error = np.sqrt(ratio(p.sum((p.fcst - p.obs) ** 2), p.n))
    return Score(np.where(_available(p, by), ratio(error, by.factor * _rmsu(p, by)), np.nan), p.n)


def mqi_year(obs: np.ndarray, fcst: np.ndarray, *, by: AnyUncertainty, axis: int | None = -1) -> Score:
    """Compute the quality indicator of a mean of a year, for ozone in v4.0 of a season: |mean O - mean F| / (factor U).

    Arguments, missing values and errors as mqi; ValueError also where v4.0 has no such mean of the item (CO). U: of
    v3.3 u_r sqrt((1 - alpha^2) (mean O)^2 / Np + alpha^2 RV^2 / Nnp), of v4.0 by the row of the year or season. Returns
    Score [1].
    Source: FAIRMODE guidance document v3.3 (EvalTools) and v4.0 eq. 3.
    """
    p = paired(obs, fcst, axis=axis)
    obs_mean, fcst_mean = ratio(p.sum(p.obs), p.n), ratio(p.sum(p.fcst), p.n)
    allowed = by.year_factor * by.of_year(obs_mean)
    return Score(np.where(_available(p, by), ratio(np.abs(obs_mean - fcst_mean), allowed), np.nan), p.n)


def year_uncertainty(obs_mean: np.ndarray | float, *, by: AnyUncertainty) -> np.ndarray:
    """Compute the uncertainty of the mean of a year (v4.0, ozone: of a season) [unit of by], any shape.

    Missing: NaN stays NaN. Errors: as measurement_uncertainty, and as mqi_year.
    """
    return by.of_year(checked(obs_mean, "obs_mean", unit=by.unit))


def mqo(indicators: np.ndarray, *, by: AnyUncertainty, axis: int | None = -1) -> Score:
    """Compute the objective of a model: the quality indicator that 90 % of the stations keep to.

    indicators [1]: of the stations, as mqi or mqi_year gives them. by: as uncertainty_of gives it. axis: of the
    stations, None for all values. Returns Score [1] of the other axes; the objective is met at 1 or less.
    Notes: with n sorted values and s the whole part of 0.9 n, MQI(s) + (MQI(s + 1) - MQI(s)) (0.9 n - s), counted from
    1; a single station stands for itself.
    Missing: stations without an indicator (NaN) do not count; none gives NaN.
    Errors: ValueError where an indicator is negative or infinite, or axis is unknown.
    Source: EvalTools (Météo-France), its formula of the 90th percentile; FAIRMODE guidance document v4.0 eq. 5.
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


def _rmsu(p: Pairs, by: AnyUncertainty) -> np.ndarray:
    return np.sqrt(ratio(p.sum(measurement_uncertainty(p.obs, by=by) ** 2), p.n))


def _available(p: Pairs, by: AnyUncertainty) -> np.ndarray:
    return p.n >= by.min_availability * p.complete.shape[-1] - 1e-9
