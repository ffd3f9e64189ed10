"""What the air near the ground is in an hour: concentrations of what is carried, and the six items that a station measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed import aerosol, ozone
from research.virtual_airshed.tracers import CARRIED, NMOL_PER_PPB
from standards.pollutants import ITEMS

SO2_G, NO2_G, CO_G, O3_G = 64.066, 46.006, 28.010, 47.998
"""Molar masses [g/mol]."""
PARTS = ("primary", "sulphate", "nitrate", "ammonium", "soa")
"""What PM2.5 is made of."""


@dataclass(frozen=True, eq=False)
class GroundHours:
    """Means of the mixed layer over consecutive hours.

    amounts: float64 (carried, ..., hour), in tracers.UNITS, species in the order of CARRIED. temperature_c,
    humidity_pct, balance_ppb (see ozone.balance_ppb): (..., hour).
    """

    amounts: np.ndarray
    temperature_c: np.ndarray
    humidity_pct: np.ndarray
    balance_ppb: np.ndarray

    def of(self, species: str) -> np.ndarray:
        """Give one species (..., hour)."""
        return self.amounts[CARRIED.index(species)]

    def at(self, rows: np.ndarray, columns: np.ndarray) -> GroundHours:
        """Give the hours at some cells of a grid (cell,): (..., cell, hour) in place of (..., row, column, hour)."""
        return GroundHours(*(v[..., rows, columns, :] for v in (self.amounts, *self._air())))

    def secondary(self) -> aerosol.Secondary:
        """Give the inorganic secondary aerosol [ug/m3]."""
        product = aerosol.dissociation_nmol2(self.temperature_c, self.humidity_pct)
        return aerosol.secondary(self.of("sulphate"), self.of("nitrate"), self.of("ammonia"), product)

    def odd_oxygen(self) -> ozone.Parts:
        """Give ozone and NO2 [ppb]."""
        return ozone.parts(self.of("ox") / NMOL_PER_PPB, self.of("nox") / NMOL_PER_PPB, self.balance_ppb)

    def pm25_parts_ugm3(self) -> np.ndarray:
        """Give what PM2.5 is made of [ug/m3]: (PARTS, ..., hour)."""
        made = self.secondary()
        return np.stack([self.of("primary"), made.sulphate_ugm3, made.nitrate_ugm3, made.ammonium_ugm3, self.of("soa")])

    def items(self) -> np.ndarray:
        """Give the six items (item, ..., hour) in the order of ITEMS [ug/m3, CO mg/m3]."""
        oxygen, pm25 = self.odd_oxygen(), self.pm25_parts_ugm3().sum(axis=0)
        by_name = {
            "so2": self.of("so2") * SO2_G * 1e-3, "no2": oxygen.no2_ppb * NMOL_PER_PPB * NO2_G * 1e-3,
            "co": self.of("co") * CO_G * 1e-6, "o3": np.maximum(oxygen.o3_ppb, 0.0) * NMOL_PER_PPB * O3_G * 1e-3,
            "pm10": pm25 + self.of("coarse"), "pm25": pm25,
        }  # fmt: skip
        return np.stack([by_name[item] for item in ITEMS])

    def _air(self) -> tuple[np.ndarray, ...]:
        return self.temperature_c, self.humidity_pct, self.balance_ppb
