"""Whole-number arithmetic on concentrations: sums, means and ratios without rounding errors.

Values are counted in whole millionths of their unit, summed as integers and divided once, so that a result is the
double nearest to the exact one and does not depend on the order of its terms.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

STEPS_PER_UNIT = 1e6
"""Steps in one unit of concentration: values are taken to the nearest millionth."""
VALUE_MAX = 1e6
"""[any unit] Largest magnitude: 1e12 steps, so that a mean of 9000 such values, or a running sum, is still exact."""


def averageable(values: np.ndarray) -> np.ndarray:
    """Give concentrations with NaN wherever a value is none that a mean takes: not finite, negative, beyond VALUE_MAX.

    values [any unit]: any shape. Returns float64 of the same shape. For values from outside, of which one bad number must
    not cost the others.
    """
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(values) & (values >= 0.0) & (values <= VALUE_MAX), values, np.nan)


def to_steps(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count values in whole steps.

    values [any unit]: any shape. Returns (steps, present): int64, 0 where missing, and bool, both of the same shape.
    Missing: NaN is not present.
    Errors: ValueError where a value is infinite or beyond 1e6.
    """
    values = np.asarray(values, dtype=np.float64)
    present = values == values
    if (np.abs(values) > VALUE_MAX).any():
        worst = values[np.abs(values) > VALUE_MAX][0]
        raise ValueError(f"a value is {worst}, expected a magnitude up to {VALUE_MAX:.0f}, or NaN for missing")
    steps = np.rint(np.where(present, values, 0.0) * STEPS_PER_UNIT).astype(np.int64)
    return steps, present


def mean_of_steps(sums: np.ndarray, count: np.ndarray, min_count: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide sums of steps by how many there are.

    sums [steps], count: int arrays of one shape. min_count: values that a mean needs. Returns (mean, count): float64
    [unit of the values] and int16.
    Missing: fewer than min_count values, or none, give NaN.
    """
    # Sum and divisor are whole numbers below 2**53, so this one division gives the double nearest to the exact mean.
    enough = count >= max(min_count, 1)
    mean = np.full(sums.shape, np.nan)
    np.divide(sums, count * STEPS_PER_UNIT, out=mean, where=enough)
    return mean, count.astype(np.int16)


def exact_number(value: float) -> Fraction:
    """Give the exact decimal that a double stands for, its shortest representation: 1.1 is 11/10."""
    return Fraction(repr(float(value)))


def round_fraction(value: Fraction, decimals: int) -> Fraction:
    """Round an exact number to decimals places, half to even, once (GB/T 8170)."""
    return Fraction(round(value * 10**decimals), 10**decimals)
