"""Rounding of reported values: GB/T 8170 (half to even, once) and the always-up rule of the air-quality index."""

from __future__ import annotations

import numpy as np


def round_half_even(x: np.ndarray | float, decimals: int = 0) -> np.ndarray:
    """Round to decimals places, half to even, once, on the exact decimal that each double stands for.

    x [any unit]: any shape; the decimal of a double is its shortest representation, so that 1.25 is a tie and gives
    1.2, and 2.675 gives 2.68 although the double lies below it. decimals: 0 or more places. Returns float64 of the
    same shape [same unit].
    Missing: NaN stays NaN.
    Errors: ValueError where decimals is negative, or where a value is infinite or too large to hold the places asked
    for.
    Source: GB/T 8170 (rounding off, carried out once); HJ 633-2026 4.2.2.
    """
    if decimals < 0:
        raise ValueError(f"decimals is {decimals}, expected 0 or more")
    x = np.asarray(x, dtype=np.float64)
    scale = 10.0**decimals
    if bool((np.abs(x) * scale >= 2.0**51).any()):
        raise ValueError(
            f"a value is {_largest(x)}, expected a magnitude below {2.0**51 / scale:.6g} for {decimals} decimals"
        )
    return half_even_units(x, decimals) / scale


def half_even_units(x: np.ndarray, decimals: int) -> np.ndarray:
    """Count the units of 1/10**decimals in x, rounded as round_half_even does.

    x: float64, any shape, magnitudes below 2**51 units. Returns whole numbers as float64 of the same shape; NaN stays
    NaN.
    """
    if decimals == 0:
        return np.rint(x)
    scale = 10.0**decimals
    below = np.floor(x * scale)
    # The midpoint is a short decimal, so this one correctly rounded division is the double that it is written as:
    # comparing with it decides on the decimal, not on a scaled copy that has been rounded already. A floor that is one
    # off is put right by the same comparison.
    midpoint = (2.0 * below + 1.0) / (2.0 * scale)
    ties = x == midpoint
    if ties.any():
        return below + ((x > midpoint) | (ties & (below % 2.0 == 1.0)))
    return below + (x > midpoint)


def round_up(x: np.ndarray | float) -> np.ndarray:
    """Round up to the next whole number ("always up"), leaving whole numbers alone.

    x [any unit]: any shape. Returns float64 of the same shape. The index itself is never computed this way from
    doubles, whose errors would lift exact results by one: standards.index.aqi works with exact integers.
    Missing: NaN stays NaN.
    Source: HJ 633-2012 and HJ 633-2026 4.2.6 (the index is rounded up).
    """
    return np.ceil(np.asarray(x, dtype=np.float64))


def _largest(x: np.ndarray) -> float:
    return float(x.flat[int(np.nanargmax(np.abs(x)))])
