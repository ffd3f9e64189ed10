"""What observations make of a model's state at the start of its run: an optimal interpolation of the logarithms. Pure.

Each measured quantity is corrected alone, by what the stations measure beside what the run before says of their cells in the
same hour (Daley 1991, ch. 4, recalled: the error of the background is alike over a bell of some width, that of the stations is
their own). What nobody measures follows what it goes with, or stays: primary particles go with PM2.5, sulphate, nitrate and organic
aerosol, which come from further away, half as much; NOx goes with NO2, odd oxygen with O3 + NO2; ammonia and VOC stay. The
upper layer, which no station sees, follows in part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.grid import CELL_M
from research.virtual_airshed.ground import NO2_G, O3_G, GroundHours
from research.virtual_airshed.tracers import CARRIED
from standards.pollutants import ITEMS


@dataclass(frozen=True, slots=True)
class Errors:
    """How a quantity errs. background, station: standard deviations of the logarithm of the error of the model, and of a station's.

    The station's has that of the instrument, of its siting and of a place in a cell of 9 km. least: what is less counts as so much
    [ug/m3, CO mg/m3]. reach_km: width of the bell over which the error of the model is alike. follows: which part
    of its correction's logarithm each carried species takes.
    """

    background: float
    station: float
    reach_km: float
    least: float
    follows: Mapping[str, float]


ERRORS = {
    "so2": Errors(0.50, 0.20, 20.0, 2.0, {"so2": 1.0}),
    "no2": Errors(0.40, 0.20, 20.0, 2.0, {"nox": 1.0}),
    "co": Errors(0.25, 0.15, 20.0, 0.1, {"co": 1.0}),
    "ox": Errors(0.12, 0.08, 60.0, 10.0, {"ox": 1.0}),
    "pm25": Errors(0.35, 0.15, 40.0, 3.0, {"primary": 1.0, "sulphate": 0.5, "nitrate": 0.5, "soa": 0.5}),
    "coarse": Errors(0.50, 0.30, 20.0, 5.0, {"coarse": 1.0}),
}
"""Choices: those of stations are of the size of siting and instruments of the network, those of the model of what one has."""
ALOFT = 0.5
"""Which part of a correction's logarithm the upper layer follows."""
GROSS = 4.0
"""A station that is further off than this times the standard deviation that is expected counts as failed in this hour."""


@dataclass(frozen=True, eq=False)
class Observed:
    """What stations measured in an hour. row, column: of their cells, int (station,).

    values: the six items (item, station) [ug/m3, CO mg/m3], NaN where none.
    """

    row: np.ndarray
    column: np.ndarray
    values: np.ndarray


def corrections(background: GroundHours, observed: Observed) -> np.ndarray:
    """Give the factors on the state at the end of the background's last hour: float64 (layer, row, column, species).

    background: of the run before, (..., row, column, hour). Missing: a quantity that no station measures is left as it is.
    """
    last = GroundHours(*(v[..., -1:] for v in (background.amounts, background.temperature_c, background.humidity_pct,
                                               background.balance_ppb)))  # fmt: skip
    model, measured = _quantities(last.items()[..., 0]), _quantities(observed.values)
    factors = np.ones((2, *last.temperature_c.shape[:2], len(CARRIED)))
    for name, errors in ERRORS.items():
        grown = _increment(model[name], measured[name], observed, errors)
        for species, part in errors.follows.items():
            n = CARRIED.index(species)
            factors[0, ..., n], factors[1, ..., n] = np.exp(part * grown), np.exp(ALOFT * part * grown)
    return factors


def _quantities(items: np.ndarray) -> dict[str, np.ndarray]:
    """Give what is corrected of the six items (item, ...)."""
    by_name = dict(zip(ITEMS, items, strict=True))
    return {name: by_name[name] for name in ("so2", "no2", "co", "pm25")} | {
        "ox": by_name["o3"] + by_name["no2"] * O3_G / NO2_G,
        "coarse": by_name["pm10"] - by_name["pm25"],
    }


def _increment(model: np.ndarray, measured: np.ndarray, observed: Observed, errors: Errors) -> np.ndarray:
    """Give the correction of a quantity's logarithm (row, column). model: (row, column). measured: (station,)."""
    at = model[observed.row, observed.column]
    off = np.log(np.maximum(measured, errors.least)) - np.log(np.maximum(at, errors.least))
    with np.errstate(invalid="ignore"):
        good = np.abs(off) <= GROSS * np.hypot(errors.background, errors.station)
    if not good.any():
        return np.zeros(model.shape)
    row, column = observed.row[good], observed.column[good]
    rows, columns = np.indices(model.shape)
    between = errors.background**2 * _alike(row[:, None] - row, column[:, None] - column, errors.reach_km)
    weights = np.linalg.solve(between + errors.station**2 * np.eye(row.size), off[good])
    return errors.background**2 * _alike(rows[..., None] - row, columns[..., None] - column, errors.reach_km) @ weights


def _alike(rows: np.ndarray, columns: np.ndarray, reach_km: float) -> np.ndarray:
    """Give how much the background's error is alike at places so many rows and columns apart [1]."""
    return np.exp(-0.5 * (rows**2 + columns**2) * (CELL_M / (reach_km * 1e3)) ** 2)
