"""Pairs of observed and forecast values: which count, how many, and a score with its count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MISSING_POLICIES = ("omit", "propagate")
"""What a score does with a missing value: "omit" leaves the pair out, "propagate" makes the score missing."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score and how many pairs it rests on.

    value: float64 (...), NaN where there is no score. n: int64 (...), complete pairs.
    """

    value: np.ndarray
    n: np.ndarray


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs with the averaged axis last: obs, fcst float64 (..., n), 0 where not complete; complete bool (..., n)."""

    obs: np.ndarray
    fcst: np.ndarray
    complete: np.ndarray

    def sum(self, terms: np.ndarray) -> np.ndarray:
        """Add up terms (..., n) over the complete pairs: float64 (...)."""
        return np.where(self.complete, terms, 0.0).sum(axis=-1)

    @property
    def n(self) -> np.ndarray:
        """Complete pairs: int64 (...)."""
        return self.complete.sum(axis=-1, dtype=np.int64)


def paired(
    obs: np.ndarray, fcst: np.ndarray, *, axis: int | None = None, missing: str = "omit", lowest: float | None = 0.0
) -> Pairs:
    """Check two arrays and pair their values.

    obs, fcst [one unit]: of one shape. axis: the axis over which pairs are scored, None for all values together.
    missing: one of MISSING_POLICIES; with "propagate" one missing value leaves no complete pair. lowest: values below
    are refused, None for no bound.
    Missing: NaN in either makes the pair incomplete.
    Errors: ValueError where the shapes differ, a value is infinite or below lowest, or axis or missing is unknown.
    """
    if missing not in MISSING_POLICIES:
        raise ValueError(f"missing is {missing!r}, expected one of {', '.join(MISSING_POLICIES)}")
    obs, fcst = checked(obs, "obs", lowest=lowest), checked(fcst, "fcst", lowest=lowest)
    if obs.shape != fcst.shape:
        raise ValueError(f"fcst has shape {fcst.shape}, expected {obs.shape}, the shape of obs")
    obs, fcst = last_axis(obs, axis), last_axis(fcst, axis)
    complete = ~(np.isnan(obs) | np.isnan(fcst))
    if missing == "propagate":
        complete &= complete.all(axis=-1, keepdims=True)
    return Pairs(np.where(complete, obs, 0.0), np.where(complete, fcst, 0.0), complete)


def checked(
    values: np.ndarray, name: str, *, lowest: float | None = 0.0, highest: float | None = None, unit: str = ""
) -> np.ndarray:
    """Give values as float64; raise ValueError where one is infinite or out of bounds, naming it and what was expected.

    values: any shape, NaN for missing. name: in the message. lowest, highest [unit]: both belong, None for no bound.
    """
    values = np.asarray(values, dtype=np.float64)
    low, high = -np.inf if lowest is None else lowest, np.inf if highest is None else highest
    bad = np.isinf(values) | (values < low) | (values > high)
    if bad.any():
        bounds = "a finite number" if lowest is None else f"{lowest:g} or more" if highest is None else ""
        expected = bounds or f"{lowest:g} to {highest:g}"
        raise ValueError(f"{name} is {values[bad][0]:g}{unit and ' '}{unit}, expected {expected}, or NaN for missing")
    return values


def last_axis(values: np.ndarray, axis: int | None) -> np.ndarray:
    """Bring an axis to the end, or all axes into one where axis is None, in one block of memory.

    The memory order is fixed so that a sum over the axis does not depend on how the caller's array was laid out.
    Errors: ValueError where there is no such axis.
    """
    if axis is None:
        return np.ascontiguousarray(values.reshape(-1))
    if not -values.ndim <= axis < values.ndim:
        raise ValueError(f"axis is {axis}, expected one of an array of shape {values.shape}, or None for all")
    return np.ascontiguousarray(np.moveaxis(values, axis, -1))


def ratio(numerator: np.ndarray, denominator: np.ndarray, n: np.ndarray | None = None) -> np.ndarray:
    """Divide, giving NaN where the denominator is 0 (or where n, the pairs behind it, is 0)."""
    numerator, denominator = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    defined = (denominator != 0) & (True if n is None else np.asarray(n) > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(defined, numerator / denominator, np.nan)
