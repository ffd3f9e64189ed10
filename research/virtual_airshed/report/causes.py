"""Who caused what, day by day: the truth of a run, averaged to what the page shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.grid import Cells
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.truth import QUANTITIES, Contributions
from research.virtual_airshed.world import World
from standards.days import natural_day

EIGHT = 8
EVERY = 5
"""Of a city's cells every fifth is taken, in a pattern of knight's moves; all would take a third more time."""
O3 = tuple(QUANTITIES).index("o3_ugm3")


@dataclass(frozen=True, eq=False)
class Causes:
    """The truth of the days, float32.

    total: (day, quantity, place), means of days in the order of QUANTITIES; places are the cities at their
    stations, then the cities over their area. allocation, removal: (day, quantity, place, source). In the place of
    ozone's day stand the 8 hours in which the place's ozone is highest, as they make its MDA8.
    """

    first_day: int
    total: np.ndarray
    allocation: np.ndarray
    removal: np.ndarray


def places_of(world: World, stations: Receptors) -> Receptors:
    """Give the cities at their stations and, in as many rows again, over every fifth cell of their area, as
    receptors of the truth.
    """
    grid = world.grid
    number = np.arange(grid.city.size).reshape(grid.shape)
    row, column = np.nonzero(
        (grid.city >= 0) & (np.add.outer(2 * np.arange(grid.shape[0]), np.arange(grid.shape[1])) % EVERY == 0)
    )
    at_stations = number[stations.cells.row, stations.cells.column]
    cells, place = np.unique(np.concatenate([at_stations, number[row, column]]), return_inverse=True)
    weight = np.zeros((2, len(grid.cities), cells.size))
    weight[0][:, place[: at_stations.size]] = stations.weight
    weight[1][grid.city[row, column], place[at_stations.size :]] = 1.0
    weight[1] /= weight[1].sum(axis=1, keepdims=True)
    taken = Cells(cells // grid.shape[1], cells % grid.shape[1])
    return Receptors((*grid.cities, *grid.cities), taken, weight.reshape(-1, cells.size))


class CauseDays:
    """Collects Causes day by day."""

    def __init__(self) -> None:
        self._first_day: int | None = None
        self._days: list[tuple[np.ndarray, ...]] = []

    def add(self, found: Contributions) -> None:
        """Add the truth of a natural day."""
        if self._first_day is None:
            self._first_day = int(natural_day(found.first_hour))
        window = eight_highest(found.total[O3])
        means = [each.mean(axis=-1) for each in (found.total, found.allocation, found.removal)]
        for mean, hourly in zip(means, (found.total, found.allocation, found.removal), strict=True):
            mean[O3] = _within(hourly[O3], window)
        self._days.append(tuple(mean.astype(np.float32) for mean in means))

    def causes(self) -> Causes:
        """Give what was collected; ValueError where nothing was."""
        if self._first_day is None:
            raise ValueError("there are no days, expected at least one")
        return Causes(self._first_day, *(np.stack(each) for each in zip(*self._days, strict=True)))


def eight_highest(o3_ugm3: np.ndarray) -> np.ndarray:
    """Give where in a natural day the 8 consecutive hours of the highest ozone begin, (city,); o3_ugm3: (city, 24).

    Windows end at 08:00 to 24:00 (HJ 663-2013), as for MDA8.
    """
    sums = np.cumsum(np.pad(o3_ugm3, ((0, 0), (1, 0))), axis=-1)
    return np.argmax(sums[:, EIGHT:] - sums[:, :-EIGHT], axis=-1)


def _within(hourly: np.ndarray, begins: np.ndarray) -> np.ndarray:
    return np.stack([each[..., b : b + EIGHT].mean(axis=-1) for each, b in zip(hourly, begins, strict=True)])
