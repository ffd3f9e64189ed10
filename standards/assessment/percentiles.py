"""Percentiles as HJ 663 defines them, exact before any rounding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from standards.exact_means import STEPS_PER_UNIT, to_steps


def percentile(values: np.ndarray, p: int | str | Fraction) -> np.ndarray:
    """Find the p-th percentile of the values on the last axis.

    values [any unit]: (..., n), in any order. p [%]: 0 to 100 with at most one decimal, as int, text or Fraction.
    Returns float64 [same unit] of the leading shape: the double nearest to the exact percentile.
    Missing: NaN does not count; no value at all gives NaN. How many are enough is for the caller to say.
    Notes: with X(1) to X(n) ascending, k = 1 + (n - 1) p %, s the whole part of k: X(s) + (X(s+1) - X(s)) (k - s).
    Errors: ValueError where p is out of range or finer than 0.1, or a value is infinite or beyond 1e6.
    Source: HJ 663-2013 A.6 (A.3, A.4); HJ 663-2026 annex A.6 (quoted).
    """
    share = Fraction(p) / 100
    if not 0 <= share <= 1 or 1000 % share.denominator:
        raise ValueError(f"p is {p}, expected 0 to 100 % with at most one decimal")
    steps, present = to_steps(values)
    if steps.ndim == 0:
        raise ValueError("values is one number, expected an array of shape (..., n)")
    if steps.shape[-1] == 0:
        return np.full(steps.shape[:-1], np.nan)
    ordered = np.sort(np.where(present, steps, np.iinfo(np.int64).max), axis=-1)
    count = present.sum(axis=-1, keepdims=True)
    last = np.maximum(count - 1, 0)
    whole, part = np.divmod(last * share.numerator, share.denominator)
    low = np.take_along_axis(ordered, whole, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(whole + 1, last), axis=-1)
    some = count > 0
    # At most 1e12 steps times 1000: the sum and the divisor are whole numbers below 2**53, and are divided once.
    sums = np.where(some, low, 0) * share.denominator + np.where(some, high - low, 0) * part
    found = np.where(some, sums / (share.denominator * STEPS_PER_UNIT), np.nan)
    return found[..., 0]
