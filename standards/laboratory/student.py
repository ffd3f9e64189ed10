"""Student's t with whole degrees of freedom: the quantile that intervals of few samples need."""

from __future__ import annotations

import math

STEPS = 200
"""Halvings of the angle: the last one is far below what a float tells apart."""


def t_quantile(p: float, degrees: int) -> float:
    """Give the quantile of Student's t for 0 < p < 1 and whole degrees of freedom from 1.

    The closed sums over the angle atan(t / sqrt(n)) (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), solved by halving.
    Raises ValueError outside of these.
    """
    if not 0 < p < 1 or degrees < 1:
        raise ValueError(f"p is {p} with {degrees} degrees of freedom, expected 0 < p < 1 and at least one")
    if p < 0.5:
        return -t_quantile(1 - p, degrees)
    low, high = 0.0, math.pi / 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _between(middle, degrees) < 2 * p - 1 else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def _between(angle: float, degrees: int) -> float:
    """Give the share between -t and t, t = sqrt(degrees) tan(angle)."""
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = degrees % 2
    term, total = (cosine, cosine) if odd and degrees > 1 else (1.0, 0.0 if odd else 1.0)
    for k in range(3 if odd else 2, degrees - 1, 2):
        term *= (k - 1) / k * cosine**2
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
