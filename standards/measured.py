"""Checks of measured values before they are judged: numbers in range, missing, or a clear answer."""

from __future__ import annotations

import numpy as np

INVALID = ("raise", "missing")
"""What to do with a value that cannot be: raise ValueError, or take it for missing."""


def measured(
    values: np.ndarray | float,
    name: str,
    unit: str,
    *,
    low: float = 0.0,
    high: float,
    open_low: bool = False,
    invalid: str = "raise",
) -> np.ndarray:
    """Check measured values against the range that is possible.

    values [unit]: any shape. name, unit: for the message; unit is "" for a pure number. low, high [unit]: the range,
    both ends belong, low not where open_low. invalid: "raise", or "missing" to take a value outside for NaN. Returns
    float64 of the same shape; the input is never changed.
    Missing: NaN stays NaN.
    Errors: ValueError where a value is no number or is outside the range, naming it and what was expected.
    """
    if invalid not in INVALID:
        raise ValueError(f"invalid is {invalid!r}, expected one of {', '.join(INVALID)}")
    try:
        x = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {values!r}, expected numbers{f' in {unit}' if unit else ''}, or NaN for missing"
        ) from None
    inside = (x > low) if open_low else (x >= low)
    bad = ~(inside & (x <= high)) & ~np.isnan(x)
    if not bad.any():
        return x
    if invalid == "missing":
        return np.where(bad, np.nan, x)
    expected = f"above {low:g} up to {high:g}" if open_low else f"{low:g} to {high:g}"
    written = f" {unit}" if unit else ""
    raise ValueError(f"{name} is {x[bad][0]:g}{written}, expected {expected}{written}, or NaN for missing")
