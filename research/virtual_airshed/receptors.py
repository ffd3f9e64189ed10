"""Where the truth is taken: the cells in which the stations of the cities stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.grid import Cells, Grid


@dataclass(frozen=True, eq=False)
class Receptors:
    """Where the truth is taken: the cells of the stations, and their weight in each city (city, cell), adding up to 1."""

    cities: tuple[str, ...]
    cells: Cells
    weight: np.ndarray


def receptors_of(grid: Grid, stations: Iterable[tuple[str, float, float]]) -> Receptors:
    """Take the stations of the cities as receptors. stations: (city, longitude, latitude) [deg]; other cities are left out."""
    known = [each for each in stations if each[0] in grid.cities]
    row, column = grid.cells_of(np.array([lon for _, lon, _ in known]), np.array([lat for *_, lat in known]))
    columns = grid.shape[1]
    unique, cell = np.unique(row * columns + column, return_inverse=True)
    weight = np.zeros((len(grid.cities), unique.size))
    np.add.at(weight, (np.array([grid.cities.index(city) for city, *_ in known]), cell), 1.0)
    sums = weight.sum(axis=1, keepdims=True)
    return Receptors(grid.cities, Cells(unique // columns, unique % columns), weight / np.maximum(sums, 1.0))


def over_cells(weight: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Average values (item, cell, hour) over cells by the weight of each (place, cell): (item, place, hour)."""
    return np.tensordot(weight, values, axes=(1, 1)).swapaxes(0, 1)
