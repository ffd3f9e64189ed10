"""Whether a period complies with its limits, and by how much it does not."""

from __future__ import annotations

import numpy as np

from standards.assessment.rules import AssessmentRules
from standards.editions import Edition, limit
from standards.exact_means import exact_number, round_fraction
from standards.pollutants import ITEMS

COMPLIES, EXCEEDS, NA = 1, 0, -1
"""Verdicts as int8: the limit is kept, is exceeded, or too little is known to say."""


def period_limits(edition: Edition, rules: AssessmentRules) -> tuple[np.ndarray, np.ndarray]:
    """Give the grade-2 limits that a period is judged by.

    Returns (mean limit, percentile limit) [ug/m3, CO mg/m3]: float64 (6,); the annual limit, NaN where the mean is not
    judged (CO, O3), and the daily limit (8-hour for ozone).
    Source: GB 3095 Table 1 of the edition; HJ 663-2013 4.2.2 Table 1 (which statistics are judged).
    """
    pairs = zip(ITEMS, rules.mean_judged, strict=True)
    means = [limit(item, "year", edition=edition) if judged else np.nan for item, judged in pairs]
    daily = [limit(item, "8h" if item == "o3" else "day", edition=edition) for item in ITEMS]
    return np.array(means), np.array(daily)


def exceedance_multiple(concentration: np.ndarray, limits: np.ndarray | float, *, decimals: int = 2) -> np.ndarray:
    """Compute by how many times its limit a concentration exceeds it.

    concentration [ug/m3, CO mg/m3]: (6, ...) or any shape. limits [same unit]: float64 (6,), or one number. Returns
    float64 of the shape of concentration: B = (C - S) / S, exact and rounded once, and 0 where C is not above S.
    Missing: NaN in either gives NaN.
    Errors: ValueError where a concentration is negative or infinite, or a limit is not above 0.
    Source: HJ 663-2013 A.4 (A.1) and Table 3 (two decimals).
    """
    concentration = np.asarray(concentration, dtype=np.float64)
    limits = np.asarray(limits, dtype=np.float64)
    bad = (concentration < 0) | np.isinf(concentration)
    if bad.any():
        raise ValueError(f"concentration is {concentration[bad][0]}, expected 0 or more, or NaN for missing")
    if (limits <= 0).any():
        raise ValueError(f"a limit is {limits.min()}, expected more than 0")
    by_item = limits.reshape(limits.shape + (1,) * (concentration.ndim - limits.ndim)) if limits.ndim else limits
    by_item = np.broadcast_to(by_item, concentration.shape)
    known = ~np.isnan(concentration) & ~np.isnan(by_item)
    multiple = np.where(known, 0.0, np.nan)
    for at in np.argwhere(known & (concentration > by_item)):
        at = tuple(at)
        c, s = exact_number(concentration[at]), exact_number(by_item[at])
        multiple[at] = float(round_fraction((c - s) / s, decimals))
    return multiple


def rate_pct(part: np.ndarray, whole: np.ndarray, *, decimals: int = 1) -> np.ndarray:
    """Compute a share of days in percent.

    part, whole [days]: int arrays of one shape. Returns float64 [%], exact and rounded once.
    Missing: no day at all gives NaN.
    Source: HJ 663-2013 A.5 (A.2): D = A / B 100 %, and Table 3 (one decimal).
    """
    part, whole = np.asarray(part, dtype=np.int64), np.asarray(whole, dtype=np.int64)
    # Half to even on whole numbers: twice the remainder against the divisor.
    scale = 100 * 10**decimals
    safe = np.maximum(whole, 1)
    units, rest = np.divmod(part * scale, safe)
    units += (2 * rest > safe) | ((2 * rest == safe) & (units % 2 == 1))
    return np.where(whole > 0, units / 10.0**decimals, np.nan)


def item_verdicts(
    mean: np.ndarray, percentile: np.ndarray, mean_limit: np.ndarray, percentile_limit: np.ndarray
) -> np.ndarray:
    """Judge each item: its mean, where that is judged, and its percentile must both keep their limits.

    mean, percentile [ug/m3, CO mg/m3]: float64 (6, ...) rounded for compliance, NaN where not valid. Limits: float64
    (6,), NaN where not judged. Returns int8 (6, ...) of COMPLIES, EXCEEDS, NA.
    Missing: NaN in a judged value gives NA.
    Source: HJ 663-2013 5.1.1.2 (annual compliance needs the mean, but of CO and O3, and the percentile).
    """
    verdict = np.full(mean.shape, COMPLIES, dtype=np.int8)
    for value, limits in ((mean, mean_limit), (percentile, percentile_limit)):
        limits = limits.reshape(-1, *[1] * (value.ndim - 1))
        verdict[value > limits] = EXCEEDS
    unknown = np.isnan(percentile) | (np.isnan(mean) & ~np.isnan(mean_limit).reshape(-1, *[1] * (mean.ndim - 1)))
    verdict[unknown] = NA
    return verdict


def overall_verdict(verdicts: np.ndarray, *, missing_item: str = "exceeds") -> np.ndarray:
    """Judge a place by its six items: it complies where all of them do.

    verdicts: int8 (6, ...). missing_item: what an item that is NA makes of a place whose others comply, "exceeds" or
    "na" (rules.missing_item). Returns int8 (...); missing_decides tells where it is EXCEEDS for a missing item alone.
    Missing: NA where all six items are NA, of which the clause does not speak.
    Source: HJ 663-2013 6.2 (an item that is missing or not valid: the whole is treated as not complying, and the item
    is named).
    """
    exceeds, unknown = (verdicts == EXCEEDS).any(axis=0), (verdicts == NA).any(axis=0)
    absent = np.where((verdicts == NA).all(axis=0) | (missing_item == "na"), NA, EXCEEDS)
    return np.where(exceeds, EXCEEDS, np.where(unknown, absent, COMPLIES)).astype(np.int8)


def missing_decides(verdicts: np.ndarray) -> np.ndarray:
    """Tell where no item exceeds but some, not all, are NA: verdicts int8 (6, ...) give bool (...).

    There HJ 663-2013 6.2 treats the whole as not complying, for what is not known and not for what was measured.
    """
    unknown = verdicts == NA
    return unknown.any(axis=0) & ~unknown.all(axis=0) & ~(verdicts == EXCEEDS).any(axis=0)
