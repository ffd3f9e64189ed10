"""What the memory gives back: a forecast run over a city, and what is emitted in some hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streams.memory.delivery import NEVER

REAL = 1 << 60
"""Added to the moment of release of what is not simulated: more than any moment."""


@dataclass(frozen=True, slots=True)
class Run:
    """One forecast run over one city.

    values: float64 (variable, hour) in the order of FORECAST_VARIABLES, NaN where the run has none: concentrations are means over
    the assessment points that count in the hour, weather is the mean over the city's area. points: int16 (hour,), over how many.
    came: int64 (3, 2, hour), when the concentrations and the weather were released [us since 1970], and REAL more where they are
    not simulated, when they were received, and the number of their file (streams.memory.delivery); NEVER where they were not.
    """

    name: str
    run_init: int
    first_hour: int
    values: np.ndarray
    points: np.ndarray
    came: np.ndarray

    @property
    def simulated(self) -> np.ndarray:
        """Tell in which hours anything of the run is simulated: bool (hour,)."""
        return ((self.came[0] > NEVER) & (self.came[0] < REAL // 2)).any(axis=0)

    @property
    def origin(self) -> np.ndarray:
        """Give when each hour was released and received [us] and the number of its file, of the half that came last:
        int64 (3, hour).
        """
        released = np.where(self.came[0] > REAL // 2, self.came[0] - REAL, self.came[0])
        later = self.came[1, 1] > self.came[1, 0]
        told = np.stack([released, *self.came[1:]])
        return np.where(later, told[:, 1], told[:, 0])

    @property
    def end(self) -> int:
        """The epoch hour after the last one."""
        return self.first_hour + self.values.shape[1]


@dataclass(frozen=True, slots=True)
class Emissions:
    """What is emitted in some consecutive hours, as far as it is known.

    sectors: of the city itself. own [kg/h]: float64 (sector, species, hour). others [kg/h]: float64 (origin, species, hour),
    totals of the other cities in the order of origins. NaN where nobody says anything. inventory: text by hour.
    simulated: bool (hour,), of the city's own; others_simulated: bool (origin, hour). came: int64 (3, hour), of what
    the city's own is made of the last release, its receipt and file (streams.memory.delivery), NEVER where nothing is
    known. beneath [kg/h]: (sector, species, hour), what the city's inventory says where a measured number took its place.
    """

    first_hour: int
    sectors: tuple[str, ...]
    own: np.ndarray
    origins: tuple[str, ...]
    others: np.ndarray
    inventory: np.ndarray
    simulated: np.ndarray
    others_simulated: np.ndarray
    came: np.ndarray
    beneath: np.ndarray


def sum_known(kgh: np.ndarray) -> np.ndarray:
    """Sum emissions over sectors: (sector, species, hour) -> (species, hour), NaN where no sector is known."""
    known = np.isfinite(kgh)
    return np.where(known.any(axis=0), np.where(known, kgh, 0.0).sum(axis=0), np.nan)
