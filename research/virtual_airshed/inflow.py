"""What the air brings in from outside: concentrations around the grid and above it.

The basin goes on beyond the grid in the east and south, and its air comes in polluted; over the mountains in the west
and north, and from above, the air is clean. All of it is tagged `inflow`. Levels are choices of this model, of the
order of background stations and of the neighbouring cities of the basin (recalled); how much of the cities' air they
make is compared with published shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.grid import Grid
from research.virtual_airshed.tracers import CARRIED, NMOL_PER_PPB
from research.virtual_airshed.weather.fields import Weather


@dataclass(frozen=True, slots=True)
class Level:
    """Concentrations of one species in air from the basin (winter, summer), and in clean air (winter, summer), in its unit.

    stagnant: how it grows as the air of the basin stands still, by exp(-stagnant * ventilation).
    """

    basin: tuple[float, float]
    clean: tuple[float, float]
    stagnant: float = 0.0


LEVELS = {
    "so2": Level((260.0, 230.0), (25.0, 20.0), 0.15), "sulphate": Level((105.0, 80.0), (12.0, 14.0), 0.30),
    "nox": Level((560.0, 300.0), (30.0, 20.0), 0.15), "nitrate": Level((330.0, 110.0), (12.0, 10.0), 0.30),
    "ammonia": Level((560.0, 460.0), (40.0, 45.0), 0.20), "co": Level((37_000.0, 33_000.0), (6_500.0, 5_500.0), 0.20),
    "primary": Level((24.0, 10.0), (2.0, 1.6), 0.25), "coarse": Level((38.0, 22.0), (4.0, 4.0), 0.10),
    "alkanes": Level((26.0, 15.0), (5.0, 3.0), 0.15), "alkenes": Level((2.2, 0.7), (0.2, 0.1), 0.15),
    "aromatics": Level((6.0, 2.5), (0.4, 0.2), 0.15), "ovoc": Level((9.0, 9.0), (2.0, 2.5), 0.10),
    "isoprene": Level((0.03, 0.6), (0.0, 0.2)), "soa": Level((7.0, 6.5), (1.0, 1.5), 0.30),
    "ox": Level((45.0 * NMOL_PER_PPB, 44.0 * NMOL_PER_PPB), (41.0 * NMOL_PER_PPB, 40.0 * NMOL_PER_PPB)),
}  # fmt: skip
ALOFT_SHARE = 0.45
"""What is left of the basin's excess over clean air in the upper layer."""
LID_SHARE = 0.06
"""What is left of it above the lid."""
SPRING_OX_PPB = 4.0
"""Ozone of the free air is highest in late spring: added in April, taken off in October [ppb]."""
DUST_COARSE_UGM3, DUST_FINE_UGM3 = 620.0, 110.0
"""What a dust index of 1 adds to air from the north and from above [ug/m3]."""
LOWLAND_M = (900.0, 2_200.0)
"""Air over ground below the first comes from the basin, above the second from clean mountains [m above the sea]."""


class Inflow:
    """Concentrations of the air around and above a grid.

    excess: how much more polluted than clean air that of the rest of the basin is, 1 for LEVELS; ozone is left as it is.
    """

    def __init__(self, grid: Grid, *, excess: float = 1.0) -> None:
        self.excess = excess
        ground = np.pad(grid.elevation_m, 1, mode="edge")
        low, high = LOWLAND_M
        self.basin = np.clip((high - ground) / (high - low), 0.0, 1.0)
        rows, columns = grid.shape
        self.north = np.zeros((rows + 2, columns + 2))
        self.north[-1], self.north[:, 0] = 1.0, 0.5

    def hour(self, weather: Weather, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Give the concentrations of hour i: around the grid (species, layer, row + 2, column + 2), above the lid (species,).

        Species in the order of CARRIED, in their units. The inner cells are filled too: a run may start from them.
        """
        summer, spring = float(weather.season.summer[i]), float(weather.season.spring[i])
        ring = np.empty((len(CARRIED), 2, *self.basin.shape))
        lid = np.empty(len(CARRIED))
        for n, name in enumerate(CARRIED):
            level = LEVELS[name]
            clean, basin = (w + (s - w) * summer for w, s in (level.clean, level.basin))
            excess = basin * np.exp(-level.stagnant * weather.ventilation[i]) - clean
            excess *= 1.0 if name == "ox" else self.excess
            ring[n, 0] = clean + excess * self.basin
            ring[n, 1] = clean + ALOFT_SHARE * excess * self.basin
            lid[n] = clean + LID_SHARE * excess
        self._dust(ring, lid, weather.dust[i])
        extra = SPRING_OX_PPB * NMOL_PER_PPB * spring
        ring[CARRIED.index("ox")] += extra
        lid[CARRIED.index("ox")] += extra
        return ring, lid

    def _dust(self, ring: np.ndarray, lid: np.ndarray, index: float) -> None:
        for name, size in (("coarse", DUST_COARSE_UGM3), ("primary", DUST_FINE_UGM3)):
            n = CARRIED.index(name)
            ring[n] += size * index * self.north
            lid[n] += 0.5 * size * index
