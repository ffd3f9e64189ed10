"""Where instruments stand: the stations of a registry on the grid, two super-sites and a background site of the virtual airshed.

The super-sites are invented. SIM-S01 stands in the middle of Chengdu. SIM-S02 stands at Xinjin, 34 km to the
south-west: the mean wind of the model blows that way (weather.climate), so that it sees the city's air some hours
later, aged; a test holds it. SIM-B01 stands outside the cities in the hills of north-eastern Sichuan, near the rim of
the grid from which the mean wind blows: of its PM2.5 more than four fifths come from outside the grid, in any season; a
test holds it on a seed that serves nothing else. It tells what flows in, counts for no city and is compared with none of
its stations; its city is the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.grid import Cells, Grid
from research.virtual_airshed.receptors import Receptors
from streams.registry import Registry, Station

SIMULATED_SOURCE = "simulated: virtual airshed"
"""What the registry says of every invented place."""
SUPER_SITES = (
    Station("SIM-S01", "模拟超级站成都", "super", 104.06, 30.64, "510100", source=SIMULATED_SOURCE, note="invented, urban"),
    Station("SIM-S02", "模拟超级站新津", "super", 103.82, 30.42, "510100", source=SIMULATED_SOURCE,
            note="invented, suburban, downwind of Chengdu in the mean wind"),
)  # fmt: skip
BACKGROUND_SITE = Station("SIM-B01", "模拟背景站川东北", "background", 106.16, 31.67, "510700", source=SIMULATED_SOURCE,
                          note="invented, background, upwind of the cities and outside all of them")  # fmt: skip
RESEARCH_SITES = (*SUPER_SITES, BACKGROUND_SITE)
"""All that send six items, wind and composition; the compounds of the air are measured at the super-sites alone."""


@dataclass(frozen=True, eq=False)
class Sites:
    """Stations and the cells that they stand in: row, column int (station,)."""

    stations: tuple[Station, ...]
    row: np.ndarray
    column: np.ndarray

    @property
    def codes(self) -> tuple[str, ...]:
        """Name the stations by code."""
        return tuple(station.code for station in self.stations)


def sites_of(grid: Grid, stations: Iterable[Station]) -> Sites:
    """Put stations on the grid, in their order; ValueError where one lies outside."""
    kept = tuple(stations)
    row, column = grid.cells_of(np.array([s.lon for s in kept], float), np.array([s.lat for s in kept], float))
    return Sites(kept, row, column)


def national_stations(registry: Registry) -> tuple[Station, ...]:
    """Give the national stations of a registry, in its order."""
    return tuple(station for station in registry.stations.values() if station.kind == "national")


def receptors_with(receptors: Receptors, sites: Sites) -> Receptors:
    """Keep the tags in the sites' cells too: the receptors, and what they lack of those cells with a weight of 0.

    The truth of the cities stays what it is, as the new cells count for none.
    """
    known = set(zip(receptors.cells.row.tolist(), receptors.cells.column.tolist(), strict=True))
    wanted = zip(sites.row.tolist(), sites.column.tolist(), strict=True)
    new = [cell for cell in dict.fromkeys(wanted) if cell not in known]
    if not new:
        return receptors
    rows, columns = (np.array(part) for part in zip(*new, strict=True))
    cells = Cells(np.r_[receptors.cells.row, rows], np.r_[receptors.cells.column, columns])
    return Receptors(receptors.cities, cells, np.pad(receptors.weight, ((0, 0), (0, len(new)))))


def kept_places(cells: Cells, sites: Sites) -> np.ndarray:
    """Find the sites' cells among the kept cells of a run: int (station,), -1 where a site's cell is not kept."""
    place = {cell: i for i, cell in enumerate(zip(cells.row.tolist(), cells.column.tolist(), strict=True))}
    return np.array([place.get(cell, -1) for cell in zip(sites.row.tolist(), sites.column.tolist(), strict=True)], int)
