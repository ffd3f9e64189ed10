"""What the forecast model does not know or does differently, and the world as it believes it to be.

Real models of the basin err in such ways: their wind is too strong where the air stands still, their mixed layer is too deep,
their emissions lie where the surrogates are rather than where the sources are, and their start is an analysis. What errs most, the
inventory and the weather ahead, is told beside this: forecasts.runs.
"""

from __future__ import annotations

import dataclasses
import zlib
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from research.virtual_airshed.grid import CELL_M
from research.virtual_airshed.sources import Spread
from research.virtual_airshed.tracers import CARRIED
from research.virtual_airshed.weather.fields import LEAST_MIXED_M, MOST_MIXED_M, Weather
from research.virtual_airshed.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Imperfections:
    """How the forecast model differs from the nature run; the defaults are choices of this model.

    mixing_height, wind, deposition: factors on the height of the mixed layer, on the wind, and on the speeds of dry deposition.
    evenly: which share of a city's emissions is spread evenly over its cells, 0 to 1, instead of falling where it is emitted.
    analysis_error: standard deviation of the logarithm of the error with which each species is known at the start. analysis_km:
    width of the bell over which that error is alike [km]. foreseen_weather: whether the weather is a forecast, not the truth.
    Errors: ValueError for a number that cannot be.
    """

    mixing_height: float = 1.10
    wind: float = 1.12
    deposition: float = 0.85
    evenly: float = 0.35
    analysis_error: float = 0.12
    analysis_km: float = 60.0
    foreseen_weather: bool = True

    def __post_init__(self) -> None:
        for name in ("mixing_height", "wind", "analysis_km"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a number above 0")
        for name, most in (("deposition", np.inf), ("evenly", 1.0), ("analysis_error", 1.0)):
            if not 0 <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 0 to {most}")


NONE = Imperfections(
    mixing_height=1.0, wind=1.0, deposition=1.0, evenly=0.0, analysis_error=0.0, foreseen_weather=False
)
"""A model that is the nature run itself, and knows the weather ahead."""


def believed_world(world: World, imperfections: Imperfections) -> World:
    """Give the world as the forecast model has it."""
    return dataclasses.replace(
        world,
        spread=evened(world.spread, imperfections.evenly),
        deposition=world.deposition * imperfections.deposition,
    )


def evened(spread: Spread, evenly: float) -> Spread:
    """Spread a share of each city's emissions evenly over its cells; what a city emits in all stays as it is."""
    cells_of_city = np.bincount(spread.city)
    even = 1.0 / cells_of_city[spread.city]
    return dataclasses.replace(spread, share=(1.0 - evenly) * spread.share + evenly * even)


def misjudged(weather: Weather, imperfections: Imperfections) -> Weather:
    """Give a weather with the model's own mixed layer and wind."""
    height = weather.mixing_height_m * imperfections.mixing_height
    return dataclasses.replace(
        weather,
        mixing_height_m=np.clip(height, LEAST_MIXED_M, MOST_MIXED_M),
        wind_ms=weather.wind_ms * imperfections.wind,
    )


def analysis_factors(imperfections: Imperfections, shape: tuple[int, int], *, seed: int, init: int) -> np.ndarray:
    """Draw by which factor an analysis misses each species, float64 (row, column, species): smooth, of mean 1 over many runs.

    shape: rows and columns. seed: of the scenario. init: epoch hour of the run's start; each run draws anew.
    """
    size = imperfections.analysis_error
    chance = np.random.Generator(np.random.PCG64([seed, zlib.crc32(b"analysis"), init]))
    noise = chance.standard_normal((*shape, len(CARRIED)))
    return np.exp(size * _smooth(noise, imperfections.analysis_km * 1e3 / CELL_M) - 0.5 * size**2)


def _smooth(noise: np.ndarray, cells: float) -> np.ndarray:
    """Smooth white noise (row, column, ...) and give it back its variance of 1, everywhere: opposite edges meet."""
    widths = (cells, cells, *[0.0] * (noise.ndim - 2))
    point = np.zeros(noise.shape[:2])
    point[0, 0] = 1.0
    kernel = gaussian_filter(point, cells, mode="wrap")
    return gaussian_filter(noise, widths, mode="wrap") / np.sqrt((kernel**2).sum())
