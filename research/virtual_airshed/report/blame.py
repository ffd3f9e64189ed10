"""Who caused the air: the days of the truth put together by season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from research.virtual_airshed.inventories.spread import SECTORS
from research.virtual_airshed.report.dates import Days, days_from
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.truth import QUANTITIES, local_split

PUBLISHED_LOCAL_PCT = {"winter": (21.0, 51.0), "summer": (15.0, 45.0)}
"""Share of local emissions in the mean PM2.5 over the area of the 18 cities of the Sichuan Basin, lowest and
highest city.

Source: Qiao et al. 2019, Atmos. Chem. Phys. 19: 5791, abstract (read): December 2014 to February 2015, June to
August 2015.
"""


@dataclass(frozen=True, eq=False)
class Season:
    """Means of a season. total: (quantity, place); allocation, removal: (quantity, place, source); places as in
    causes.Causes.
    """

    total: np.ndarray
    allocation: np.ndarray
    removal: np.ndarray

    def of(self, quantity: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give total (place,), allocation and removal (place, source) of one quantity."""
        q = tuple(QUANTITIES).index(quantity)
        return self.total[q], self.allocation[q], self.removal[q]


def days_of_causes(g: Gathered) -> Days:
    """Give the days of the truth."""
    return days_from(g.causes.first_day, len(g.causes.total))


def season_of(g: Gathered, season: str) -> Season:
    """Average the truth over a season of statistics.SEASONS, or "year" for all days of the run."""
    inside = days_of_causes(g).in_season(season)
    return Season(
        *(v[inside].mean(axis=0, dtype=float) for v in (g.causes.total, g.causes.allocation, g.causes.removal))
    )


def shares_of_places(g: Gathered, found: Season, quantity: str, *, area: bool) -> np.ndarray:
    """Give what each city's quantity owes to itself, to the other cities and to the air from outside [%]: (3, city).

    area: over the area of the cities, else at their stations. By truth.local_split, on the season's means.
    """
    total, allocation, _ = found.of(quantity)
    part = slice(len(g.cities), None) if area else slice(0, len(g.cities))
    truth = xr.Dataset(
        {quantity: ("city", total[part]), f"{quantity}_allocation": (("city", "source"), allocation[part])},
        coords={"city": list(g.cities), "source": list(g.sources)},
    )
    split = local_split(truth, quantity)
    return np.stack([100.0 * split[name].to_numpy() / total[part] for name in ("local", "other_cities", "outside")])


def by_sector(g: Gathered, found: Season, quantity: str, *, removal: bool = False) -> np.ndarray:
    """Give what sectors and inflow make of a quantity at the stations of the cities [its unit]: (sector + inflow,
    city).
    """
    values = found.of(quantity)[2 if removal else 1][: len(g.cities)]
    return np.concatenate([values[:, : len(SECTORS)], values[:, -1:]], axis=1).T


def transfer(g: Gathered, found: Season, quantity: str) -> np.ndarray:
    """Give what each city (and the air from outside, last) makes of a quantity at each city's stations [its unit]:
    (receiving, source).
    """
    values = found.of(quantity)[1][: len(g.cities)]
    return values[:, len(SECTORS) :]
