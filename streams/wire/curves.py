"""Many rows that follow few curves, made small: the species of a sector rise and fall together, hour by hour.

An inventory spreads annual totals by the profile of a sector, so its rows are multiples of one curve for each profile. A row is
kept as the number of its curve and an amount; where no curve fits, it is a curve of its own. Numbers have single precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SINGLE = 1.5e-7
"""Relative error that counts as single precision: a little more than that of rounding twice (2 * 2**-24), a curve and a row."""
_NONE = -1
_ALIKE = 1e-5
"""Rows whose shares of their sums differ by more than this times the largest are not multiples of one another."""
_LOOKS = 32
"""Hours that are looked at to rule out a curve, before all are."""
Packed = dict[str, Any]
"""shape: of the rows, without the hours. of: int16 (row,), its curve, -1 where all is missing. amount: float64 (row,), how many
times the curve. curves: float32 (curve, hour)."""


def pack(rows: np.ndarray, *, tolerance: float = 0.0) -> Packed:
    """Make rows small.

    rows [any unit]: (..., hour), not negative, NaN missing. tolerance: relative error allowed, by default none: unpack gives back
    exactly rows.astype(float32). Returns Packed. The order of the rows does not matter for how few curves are found.
    """
    flat = np.asarray(rows, np.float64).reshape(-1, np.shape(rows)[-1])
    single, sums = flat.astype(np.float32), np.nansum(flat, axis=1)
    of, amount, curves = np.full(len(flat), _NONE, np.int16), np.zeros(len(flat)), []
    left = np.flatnonzero(np.isfinite(flat).any(axis=1))
    # The largest row is the curve, so that rows packed, unpacked and packed again follow the same one.
    left = left[np.argsort(-sums[left], kind="stable")]
    while left.size:
        leader = left[_leaders(flat[left], sums[left])]
        times = sums[left] / np.where(sums[leader] > 0, sums[leader], 1.0)
        if not tolerance:
            times = _exact(single[left], single[leader], times)
        made = times[:, None] * single[leader].astype(np.float64)
        same = (made.astype(np.float32) == single[left]) | (np.isnan(single[left]) & np.isnan(single[leader]))
        if tolerance:
            same |= np.abs(made - flat[left]) <= tolerance * flat[left]
        fits = same.all(axis=1) | (left == leader)
        leaders = np.unique(leader)
        of[left[fits]] = len(curves) + np.searchsorted(leaders, leader[fits])
        amount[left[fits]] = np.where(left == leader, 1.0, times)[fits]
        curves.extend(single[leaders])
        left = left[~fits]
    stacked = np.array(curves, np.float32).reshape(len(curves), flat.shape[1])
    return {"shape": tuple(np.shape(rows)[:-1]), "of": of, "amount": amount, "curves": stacked}


def unpack(packed: Packed, hours: slice = slice(None)) -> np.ndarray:
    """Give the rows back, float32 (..., hour), or only some of their hours."""
    of, curves = packed["of"], packed["curves"][:, hours].astype(np.float64)
    rows = np.full((len(of), curves.shape[1]), np.nan, np.float32)
    there = of != _NONE
    rows[there] = packed["amount"][there, None] * curves[of[there]]
    return rows.reshape(*packed["shape"], curves.shape[1])


def _leaders(rows: np.ndarray, sums: np.ndarray) -> np.ndarray:
    # For each row the first row that it may be a multiple of, as an index: their shares of their sums look alike.
    shares = rows[:, :: max(rows.shape[1] // _LOOKS, 1)] / np.where(sums > 0, sums, 1.0)[:, None]
    leader = np.full(len(rows), _NONE)
    for row in range(len(rows)):
        if leader[row] == _NONE:
            off = np.abs(shares - shares[row]).max(axis=1, initial=0.0, where=np.isfinite(shares[row]))
            alike = ~(off > _ALIKE * np.fmax.reduce(shares[row], initial=0.0)) | (sums == 0)
            leader[(leader == _NONE) & alike] = row
    return leader


def _exact(rows: np.ndarray, curves: np.ndarray, about: np.ndarray) -> np.ndarray:
    """Give how many times its curve each row is, (row,), from rows and curves (row, hour) in single precision.

    Each number of a row was rounded once, so each hour leaves the amount a narrow interval; what lies in all of them fits exactly.
    """
    by = np.where(curves > 0, curves, np.nan).astype(np.float64)
    below, above = (np.nextafter(rows, np.float32(end)) for end in (-np.inf, np.inf))
    least = np.fmax.reduce((rows.astype(np.float64) + below) / by, axis=1)
    most = np.fmin.reduce((rows.astype(np.float64) + above) / by, axis=1)
    return np.where((about == 0) | np.isnan(least), about, (least + most) / 4)
