"""What the wind brings: hours and concentrations by the side and the speed that it blows from. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from standards.days import UTC_OFFSET_HOURS

SECTORS = 16
CALM_MS = 0.5
"""A weaker wind has no direction to speak of [m/s]: as where the cities upwind are worked out."""
SPEEDS = (CALM_MS, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Lower bounds of the classes [m/s]; the last has no upper one."""
LEAST_HOURS = 10
"""A cell with fewer hours is shown grey."""


@dataclass(frozen=True)
class Means:
    """Means of cells: mean, error (standard error) in the item's unit, hours with wind and value. Arrays of one shape.

    The standard error is the spread of the hours over the root of the number of days that they fall on: hours of one day are alike.
    NaN: mean without an hour, error with hours of fewer than two days.
    """

    mean: np.ndarray
    error: np.ndarray
    hours: np.ndarray


@dataclass(frozen=True)
class Winds:
    """Winds of a span. counts: hours (SECTORS, speeds), by wind alone. calm: hours below CALM_MS. known: hours with a wind.

    by_sector (SECTORS,), by_cell (SECTORS, speeds), in_calm (1,): the item's means.
    """

    counts: np.ndarray
    calm: int
    known: int
    by_sector: Means
    by_cell: Means
    in_calm: Means


def winds(u: np.ndarray, v: np.ndarray, values: np.ndarray, first: dt.datetime) -> Winds:
    """Sort hours by wind. u, v: wind to the east and north [m/s]; values: an item; (hours,). first: end of the first, naive UTC.

    A sector is of the side that the wind comes from, 0 for north, clockwise; Missing: NaN in a wind leaves the hour out of all,
    NaN in values out of the means.
    """
    known = np.isfinite(u) & np.isfinite(v)
    speed = np.hypot(np.where(known, u, 0.0), np.where(known, v, 0.0))
    calm, blowing = known & (speed < CALM_MS), known & (speed >= CALM_MS)
    sector = sector_of(np.where(known, u, 0.0), np.where(known, v, 0.0))
    rank = np.clip(np.searchsorted(SPEEDS, speed, side="right") - 1, 0, len(SPEEDS) - 1)
    cell = sector * len(SPEEDS) + rank
    shape = (SECTORS, len(SPEEDS))
    day = (np.arange(len(u)) + (first.hour + UTC_OFFSET_HOURS - 1) % 24) // 24
    told = blowing & np.isfinite(values)
    by_cell = _means(cell[told], values[told], day[told], SECTORS * len(SPEEDS))
    return Winds(
        np.bincount(cell[blowing], minlength=shape[0] * shape[1]).reshape(shape), int(calm.sum()), int(known.sum()),
        _means(sector[told], values[told], day[told], SECTORS),
        Means(by_cell.mean.reshape(shape), by_cell.error.reshape(shape), by_cell.hours.reshape(shape)),
        _means(np.zeros(int((calm & np.isfinite(values)).sum()), dtype=int), values[calm & np.isfinite(values)],
               day[calm & np.isfinite(values)], 1),
    )  # fmt: skip


def sector_of(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Give the sector that a wind comes from: 0 for north (centred), 4 for east."""
    towards = np.degrees(np.arctan2(v, u))
    return (np.floor(((270.0 - towards) % 360.0 + 180.0 / SECTORS) / (360.0 / SECTORS)) % SECTORS).astype(int)


def _means(cell: np.ndarray, values: np.ndarray, day: np.ndarray, cells: int) -> Means:
    hours = np.bincount(cell, minlength=cells)
    days = np.bincount(np.unique(np.stack([cell, day]), axis=1)[0], minlength=cells) if len(cell) else hours
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(cell, values, minlength=cells) / hours
        spread = np.bincount(cell, (values - mean[cell]) ** 2, minlength=cells) / (hours - 1)
        error = np.where(days >= 2, np.sqrt(spread / days), np.nan)
    return Means(mean, error, hours)
