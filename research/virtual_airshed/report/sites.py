"""Where a run is looked at hour by hour: the eight cities, and two places in the country."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.world import World

COUNTRY = MappingProxyType({"plain": (105.35, 30.10), "mountain": (104.10, 32.35)})
"""Two places without a town [deg]: the fields of Anyue between Suining and Ziyang, and the forest of northern
Mianyang.
"""


@dataclass(frozen=True, eq=False)
class Sites:
    """Places with a series. names: codes of the cities, then the names of COUNTRY.

    air: weight of each cell in a site's air, (site, cell), adding up to 1; a city is the mean of its stations. row,
    column: of those cells (cell,). at_row, at_column: the cell whose weather a site has (site,): a city's is that
    of its seat.
    """

    names: tuple[str, ...]
    row: np.ndarray
    column: np.ndarray
    air: np.ndarray
    at_row: np.ndarray
    at_column: np.ndarray


def sites_of(world: World, stations: Receptors) -> Sites:
    """Take the cities of a world as their stations are, and the places in the country."""
    seats = [(world.registry.cities[code].lon, world.registry.cities[code].lat) for code in stations.cities]
    at_row, at_column = world.grid.cells_of(*np.array([*seats, *COUNTRY.values()]).T)
    cities, cells = stations.weight.shape
    air = np.zeros((cities + len(COUNTRY), cells + len(COUNTRY)))
    air[:cities, :cells] = stations.weight
    air[cities:, cells:] = np.eye(len(COUNTRY))
    row, column = (
        np.concatenate([of_cells, at[cities:]])
        for of_cells, at in ((stations.cells.row, at_row), (stations.cells.column, at_column))
    )
    return Sites((*stations.cities, *COUNTRY), row, column, air, at_row, at_column)
