"""Micro-stations: hundreds to thousands of cheap sensors, placed where people live."""

from __future__ import annotations

import numpy as np
import shapely

from research.virtual_airshed.chance import generator
from research.virtual_airshed.grid import CELL_M, Grid
from research.virtual_airshed.inventories.places import Seat
from research.virtual_airshed.inventories.places import seats as shipped_seats
from research.virtual_airshed.inventories.spread import KM_PER_DEGREE, NARROW_KM, WIDE_AT_10K, WIDE_KM
from research.virtual_airshed.observe.sites import SIMULATED_SOURCE
from streams.registry import Registry, Station

MOST = 9_999
"""Codes have four digits."""
TRIES = 64
"""Places drawn for a station; where none is in its city, it stands at the seat itself."""


def micro_stations(grid: Grid, registry: Registry, *, count: int, seed: int) -> tuple[Station, ...]:
    """Place micro-stations around the county seats by their urban inhabitants, each inside the outline of its city.

    count: 0 to MOST. seed: of their places. Returns registry entries SIM-M0001 ... of kind micro; a station stands
    where it stands whatever the count. Errors: ValueError for a count that cannot be. Source: widths of towns as in
    inventories.spread.
    """
    if not 0 <= count <= MOST:
        raise ValueError(f"count is {count}, expected 0 to {MOST}")
    seats = [seat for seat in shipped_seats() if seat.city in registry.cities]
    people = np.array([seat.urban_population_10k for seat in seats])
    outlines = {seat.city: registry.outline(seat.city) for seat in seats}
    for outline in outlines.values():
        shapely.prepare(outline)
    found = []
    for number in range(1, count + 1):
        code = f"SIM-M{number:04d}"
        chance = generator(seed, "micro", code)
        seat = seats[int(chance.choice(len(seats), p=people / people.sum()))]
        lon, lat = _place(seat, outlines[seat.city], chance, grid)
        name = f"模拟微站{number:04d}"
        found.append(
            Station(
                code, name, "micro", lon, lat, seat.city, source=SIMULATED_SOURCE, note=f"invented, near {seat.name_zh}"
            )
        )
    return tuple(found)


def _place(seat: Seat, outline, chance: np.random.Generator, grid: Grid) -> tuple[float, float]:
    width = NARROW_KM + (WIDE_KM - NARROW_KM) * min(seat.urban_population_10k / WIDE_AT_10K, 1.0)
    east_km, north_km = width * chance.standard_normal((2, TRIES))
    lon = np.round(seat.lon + east_km / (KM_PER_DEGREE * np.cos(np.radians(seat.lat))), 5)
    lat = np.round(seat.lat + north_km / KM_PER_DEGREE, 5)
    margin = CELL_M / 1000 / KM_PER_DEGREE
    on_grid = (lon > grid.lon.min(axis=1).max()) & (lon < grid.lon.max(axis=1).min())
    on_grid &= (lat > grid.lat[0].max() + margin) & (lat < grid.lat[-1].min() - margin)
    good = np.flatnonzero(on_grid & shapely.contains_xy(outline, lon, lat))
    return (float(lon[good[0]]), float(lat[good[0]])) if good.size else (seat.lon, seat.lat)
