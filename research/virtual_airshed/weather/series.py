"""The random series behind the weather: independent, each of mean 0 and variance 1, with a memory of its own.

A series is an Ornstein-Uhlenbeck process at whole hours. Its value at an hour follows from the seed and the hour alone,
whichever hours are asked for: it starts long before any scenario, in ORIGIN. Every series draws from a generator of its own, so
that a new one leaves the others as they were.

A forecast sees a blend of the true series and of another draw: rho(lead) z + sqrt(1 - rho^2) z'. Its climate is thus the true
one at every lead, and its error grows with the lead as rho falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit

from research.virtual_airshed.chance import generator

ORIGIN = int(np.datetime64("2000-01-01", "h").astype(int))
"""Epoch hour from which all series run."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How a series remembers:

    memory_h is its e-folding time [h], foreseen_h the lead at which a forecast's correlation is 1/e [h].
    """

    memory_h: float
    foreseen_h: float


SERIES = {
    "ventilation_slow": Memory(130.0, 150.0), "ventilation_fast": Memory(26.0, 90.0),
    "warmth": Memory(75.0, 160.0), "cloud_slow": Memory(70.0, 120.0), "cloud": Memory(14.0, 55.0), "rain": Memory(5.0, 45.0),
    "east": Memory(30.0, 90.0), "north": Memory(30.0, 90.0), "east_fast": Memory(7.0, 40.0), "north_fast": Memory(7.0, 40.0),
    "gyre": Memory(30.0, 80.0), "mixing": Memory(18.0, 60.0), "aloft_east": Memory(40.0, 110.0), "aloft_north": Memory(40.0, 110.0),
    "dust": Memory(22.0, 70.0),
    **{f"sky_{i}": Memory(9.0, 36.0) for i in range(1, 5)},
    **{f"height_{i}": Memory(16.0, 50.0) for i in range(1, 5)},
}  # fmt: skip
"""Choices of this model; that those of wind, warmth and cloud give the persistence of the real weather is tested."""
ANALYSIS_CORRELATION = 0.985
"""How well a forecast knows the weather at its start."""


def true_series(seed: int, first_hour: int, hours: int) -> dict[str, np.ndarray]:
    """Give every series over consecutive epoch hours: name to float64 (hour,).

    Errors: ValueError for hours before ORIGIN.
    """
    start = first_hour - ORIGIN
    if start < 0:
        raise ValueError(f"hour {first_hour} lies before 2000-01-01, expected a later one")
    return {name: _whole(seed, name, start + hours)[start : start + hours] for name in SERIES}


def forecast_series(
    seed: int, true: dict[str, np.ndarray], *, run: int, first_lead_h: float = 0.0
) -> dict[str, np.ndarray]:
    """Give the series as a forecast sees them.

    true: name to (lead,), from first_lead_h [h] on. run: the epoch hour of its start.
    """
    seen = {}
    for name, truth in true.items():
        lead_h = first_lead_h + np.arange(truth.size)
        rho = ANALYSIS_CORRELATION * np.exp(-((lead_h / SERIES[name].foreseen_h) ** 1.5))
        other = _process(generator(seed, "forecast", str(run), name), truth.size, SERIES[name].memory_h)
        seen[name] = rho * truth + np.sqrt(1.0 - rho**2) * other
    return seen


@lru_cache(maxsize=256)
def _grown(seed: int, name: str, size: int) -> np.ndarray:
    return _process(generator(seed, name), size, SERIES[name].memory_h)


def _whole(seed: int, name: str, size: int) -> np.ndarray:
    # In steps of years, so that a scenario that runs on does not draw everything again each hour.
    return _grown(seed, name, -(-size // 8784) * 8784)


def _process(chance: np.random.Generator, size: int, memory_h: float) -> np.ndarray:
    keep = np.exp(-1.0 / memory_h)
    shocks = chance.standard_normal(size)
    shocks[1:] *= np.sqrt(1.0 - keep**2)
    _remember(shocks, keep)
    return shocks


@njit(nogil=True, cache=True)
def _remember(shocks, keep):
    for i in range(1, shocks.size):
        shocks[i] += keep * shocks[i - 1]
