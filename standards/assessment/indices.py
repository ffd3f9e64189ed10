"""Single, composite and maximum quality index of six items, with limits, weights and rounding as a named method.

Two indices are in use. HJ 663 takes for each item the worse of mean over annual limit and percentile over daily limit;
the ranking of cities takes the mean for SO2, NO2, PM10 and PM2.5 and the percentile for CO and O3 only. Both end here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from standards.dated_tables import read_table
from standards.editions import Edition, edition_named, limit
from standards.exact_means import exact_number, round_fraction, to_steps
from standards.pollutants import ITEMS

ORDERS = ("sum_of_rounded", "rounded_sum")
"""Add the rounded single indices, or round the sum of the exact ones."""
IN_FORCE = "in_force"
"""The limit set of the edition that the assessment is made under."""


@dataclass(frozen=True, slots=True)
class IndexMethod:
    """How a composite index is made.

    name: stored with results. limit_set: name of an edition, or IN_FORCE. weights: whole or decimal numbers in the
    order of ITEMS. decimals: of single and composite index. order: one of ORDERS. confidence: how well the method is
    known.
    Errors: ValueError where a weight is negative, there are not six of them, or order or decimals are unknown.
    """

    name: str
    limit_set: str = IN_FORCE
    weights: tuple[float, ...] = (1, 1, 1, 1, 1, 1)
    decimals: int = 2
    order: str = "sum_of_rounded"
    confidence: str = "chosen by the caller"

    def __post_init__(self) -> None:
        if len(self.weights) != len(ITEMS) or not all(0 <= w < float("inf") for w in self.weights):
            raise ValueError(f"weights are {self.weights}, expected {len(ITEMS)} numbers from 0 up")
        if self.order not in ORDERS:
            raise ValueError(f"order is {self.order!r}, expected one of {ORDERS}")
        if self.decimals < 0:
            raise ValueError(f"decimals is {self.decimals}, expected 0 or more")
        if self.limit_set != IN_FORCE:
            edition_named(self.limit_set)


@dataclass(frozen=True, slots=True)
class CompositeIndex:
    """Indices of six items, without unit; "..." is the shape of one item's concentrations.

    single: float64 (6, ...), rounded, unweighted. total: float64 (...), their weighted sum by method. maximum: float64
    (...), the largest single index. main: uint8 (...), bit i set where ITEMS[i] has it (before rounding), 0 where NA.
    method: name of the method. limit_set: name of the edition whose limits divided.
    """

    single: np.ndarray
    total: np.ndarray
    maximum: np.ndarray
    main: np.ndarray
    method: str
    limit_set: str


def _method(row: dict[str, str]) -> IndexMethod:
    weights = tuple(float(row[item]) for item in ITEMS)
    return IndexMethod(row["method"], row["limit_set"], weights, int(row["decimals"]), row["order"], row["confidence"])


INDEX_METHODS = {row["method"]: _method(row) for row in read_table("index_methods").rows}
"""The methods of tables/index_methods.csv by name; "default" is unweighted with the limits in force."""


def index_method(name: str) -> IndexMethod:
    """Give a method by name; raise ValueError for another name."""
    if name not in INDEX_METHODS:
        raise ValueError(f"index method is {name!r}, expected one of {', '.join(INDEX_METHODS)}")
    return INDEX_METHODS[name]


def method_edition(method: IndexMethod, edition: Edition) -> Edition:
    """Give the edition whose limits a method divides by, when the assessment is made under edition."""
    return edition if method.limit_set == IN_FORCE else edition_named(method.limit_set)


def ranking_limits(edition: Edition) -> np.ndarray:
    """Give the grade-2 limits that the ranking index divides by.

    Returns float64 (6,) [ug/m3, CO mg/m3]: annual for SO2, NO2, PM10, PM2.5; daily for CO, 8-hour for O3.
    Source: the notice on ranking of 2018 (definition quoted).
    """
    period = {"co": "day", "o3": "8h"}
    return np.array([limit(item, period.get(item, "year"), edition=edition) for item in ITEMS])


def composite_index(
    concentration: np.ndarray, *, edition: Edition, method: IndexMethod = INDEX_METHODS["default"]
) -> CompositeIndex:
    """Compute the ranking index of cities.

    concentration [ug/m3, CO mg/m3]: (6, ...), means of the period, in the co row the 95th and in the o3 row the 90th
    percentile. edition: gives the limits where the method says in_force. Returns CompositeIndex.
    Missing: NaN gives a NaN single index, and NaN for total and maximum.
    Notes: I_i = C_i / S_i; total = sum of weight times I_i.
    Errors: ValueError where a concentration is negative or infinite, or the shape is not (6, ...).
    Source: the notice on ranking of 2018 (definition quoted); weights and rounding by tables/index_methods.csv.
    """
    limits_edition = method_edition(method, edition)
    concentration = _six(concentration)
    limits = ranking_limits(limits_edition).reshape(-1, *[1] * (concentration.ndim - 1))
    return _combine(_ratios(concentration, limits), method, limits_edition)


def quality_index(
    mean: np.ndarray, percentile: np.ndarray, *, edition: Edition, method: IndexMethod = INDEX_METHODS["default"]
) -> CompositeIndex:
    """Compute the quality index of HJ 663.

    mean, percentile [ug/m3, CO mg/m3]: (6, ...); the mean of CO and O3 is not looked at. edition: as composite_index.
    Returns CompositeIndex; its maximum is the maximum quality index.
    Missing: NaN in a needed value gives a NaN single index, and NaN for total and maximum.
    Notes: I_i = max(mean / annual limit, percentile / daily limit); for CO and O3 the percentile only.
    Errors: as composite_index.
    Source: HJ 663-2013 C.1.1, C.2.1 (C.1 to C.3); it prints no decimals.
    """
    limits_edition = method_edition(method, edition)
    mean, percentile = _six(mean), _six(percentile)
    daily = [limit(item, "8h" if item == "o3" else "day", edition=limits_edition) for item in ITEMS]
    ratios = _ratios(percentile, np.array(daily).reshape(-1, *[1] * (percentile.ndim - 1)))
    for i, item in enumerate(ITEMS):
        if (item, "year") in limits_edition.limits:
            ratios[i] = _larger(_ratios(mean[i], limit(item, "year", edition=limits_edition)), ratios[i])
    return _combine(ratios, method, limits_edition)


def _six(concentration: np.ndarray) -> np.ndarray:
    concentration = np.asarray(concentration, dtype=np.float64)
    if concentration.ndim == 0 or concentration.shape[0] != len(ITEMS):
        raise ValueError(f"concentration has shape {concentration.shape}, expected ({len(ITEMS)}, ...)")
    if (concentration < 0).any():
        at = tuple(np.argwhere(concentration < 0)[0])
        raise ValueError(f"{ITEMS[at[0]]} is {concentration[at]}, expected 0 or more, or NaN for missing")
    to_steps(concentration)  # refuses infinite and absurd values
    return concentration


# Exact ratios are arrays of Fraction, None where missing: an index that lies on a tie rounds as GB/T 8170 says.
_larger = np.frompyfunc(lambda a, b: None if a is None or b is None else max(a, b), 2, 1)
_ratio = np.frompyfunc(lambda c, s: None if c != c else exact_number(c) / exact_number(s), 2, 1)


def _ratios(concentration: np.ndarray, limits: np.ndarray | float) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # comparing NaN is how a missing value is found
        return np.asarray(_ratio(concentration, limits), dtype=object)


def _combine(ratios: np.ndarray, method: IndexMethod, edition: Edition) -> CompositeIndex:
    shape = ratios.shape[1:]
    columns = ratios.reshape(len(ITEMS), -1)
    weights = [exact_number(w) for w in method.weights]
    single = np.full(columns.shape, np.nan)
    total, maximum = np.full(columns.shape[1], np.nan), np.full(columns.shape[1], np.nan)
    main = np.zeros(columns.shape[1], dtype=np.uint8)
    for at, exact in enumerate(columns.T):
        rounded = [None if r is None else round_fraction(r, method.decimals) for r in exact]
        single[:, at] = [np.nan if r is None else float(r) for r in rounded]
        if any(r is None for r in rounded):
            continue
        terms = rounded if method.order == "sum_of_rounded" else list(exact)
        summed = sum((w * t for w, t in zip(weights, terms, strict=True)), Fraction(0))
        total[at] = float(round_fraction(summed, method.decimals))
        maximum[at] = float(max(rounded))
        main[at] = sum(1 << i for i, r in enumerate(exact) if r == max(exact))
    return CompositeIndex(
        single.reshape(ratios.shape),
        total.reshape(shape),
        maximum.reshape(shape),
        main.reshape(shape),
        method.name,
        edition.name,
    )
