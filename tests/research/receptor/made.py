"""Made air with known sources: what a receptor model ought to find."""

from __future__ import annotations

import numpy as np

from research.receptor.table import Table, table_of

SPECIES = ("ethane", "propane", "isobutane", "n-butane", "isopentane", "n-pentane", "ethylene", "propylene", "acetylene", "benzene",
           "toluene", "m,p-xylene", "isoprene", "ethyl acetate")  # fmt: skip
PROFILES_PPB = np.array([
    [0.6, 0.5, 0.5, 0.9, 2.4, 1.2, 1.6, 0.6, 1.5, 0.5, 1.1, 0.5, 0.05, 0.0],   # exhaust
    [4.0, 2.6, 0.6, 0.8, 0.2, 0.2, 0.2, 0.0, 0.1, 0.1, 0.1, 0.0, 0.0, 0.0],    # gas
    [0.0, 0.1, 0.0, 0.1, 0.1, 0.1, 0.0, 0.0, 0.0, 0.2, 2.2, 1.4, 0.0, 1.9],    # solvents
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 1.8, 0.0],    # plants
])  # fmt: skip
"""Profiles (source, species) [ppb] of a mean contribution of 1: round numbers in the proportions of usual textbooks."""


def contributions(hours: int, seed: int = 1) -> np.ndarray:
    """Give (hour, source) of mean 1: traffic by rush hour, gas at night, solvents on working hours, plants by the sun; each
    absent for some of the time."""
    chance, hour = np.random.default_rng(seed), np.arange(hours) % 24
    shapes = np.stack([
        1.0 + np.exp(-((hour - 8) ** 2) / 6) + np.exp(-((hour - 18) ** 2) / 8),
        1.2 + np.cos(hour / 24 * 2 * np.pi),
        (hour >= 7) & (hour <= 19),
        np.maximum(np.sin((hour - 6) / 12 * np.pi), 0.0),
    ], axis=1).astype(float)  # fmt: skip
    g = shapes * chance.lognormal(0.0, 0.5, shapes.shape) * (chance.random(shapes.shape) > 0.1)
    return g / g.mean(axis=0)


def made_table(hours: int = 240, *, seed: int = 1, error: float = 0.1, **options) -> tuple[Table, np.ndarray]:
    """Give a table of hours with the errors that its uncertainties tell, and the contributions it was made of."""
    g = contributions(hours, seed)
    clean = g @ PROFILES_PPB
    u = error * clean + 0.02
    x = np.maximum(clean + np.random.default_rng(seed + 100).normal(size=u.shape) * u, 0.001)
    times = np.datetime64("2026-06-01T01:00", "m") + np.arange(hours) * np.timedelta64(60, "m")
    return table_of(SPECIES, times, x, u, **{"unit": "ppb", "source": "made", "simulated": True, **options}), g


def matched(found: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Give the correlation of each known column with the found one that fits best, each found one used once."""
    from scipy.optimize import linear_sum_assignment

    r = np.corrcoef(found.T, known.T)[: found.shape[1], found.shape[1] :]
    rows, columns = linear_sum_assignment(-r)
    return r[rows, columns][np.argsort(columns)]
