"""What the memory gives back: a forecast run over a city, and what is emitted in some hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REAL = 1 << 52
"""Added to the moment of receipt of what is not simulated: more than any moment, and exact in a float."""


@dataclass(frozen=True, slots=True)
class Run:
    """One forecast run over one city.

    values: float64 (variable, hour) in the order of FORECAST_VARIABLES, NaN where the run has none: concentrations are means over
    the assessment points that count in the hour, weather is the mean over the city's area. points: int16 (hour,), over how many.
    received: int64 (2, hour), when the concentrations and the weather came [us since 1970], and REAL more where they are not
    simulated; negative where they did not.
    """

    name: str
    run_init: int
    first_hour: int
    values: np.ndarray
    points: np.ndarray
    received: np.ndarray

    @property
    def simulated(self) -> np.ndarray:
        """Tell in which hours anything of the run is simulated: bool (hour,)."""
        return ((self.received >= 0) & (self.received < REAL)).any(axis=0)

    @property
    def end(self) -> int:
        """The epoch hour after the last one."""
        return self.first_hour + self.values.shape[1]


@dataclass(frozen=True, slots=True)
class Emissions:
    """What is emitted in some consecutive hours, as far as it is known.

    sectors: of the city itself. own [kg/h]: float64 (sector, species, hour). others [kg/h]: float64 (origin, species, hour),
    totals of the other cities in the order of origins. NaN where nobody says anything. inventory: text by hour.
    simulated: bool (hour,), of the city's own; others_simulated: bool (origin, hour).
    """

    first_hour: int
    sectors: tuple[str, ...]
    own: np.ndarray
    origins: tuple[str, ...]
    others: np.ndarray
    inventory: np.ndarray
    simulated: np.ndarray
    others_simulated: np.ndarray


def sum_known(kgh: np.ndarray) -> np.ndarray:
    """Sum emissions over sectors: (sector, species, hour) -> (species, hour), NaN where no sector is known."""
    known = np.isfinite(kgh)
    return np.where(known.any(axis=0), np.where(known, kgh, 0.0).sum(axis=0), np.nan)
