"""Where in a city a sector emits: the share of each cell, from seats, stacks and the height of the ground.

Four patterns are mixed: towns (a bell around each seat, wide where many people live), fringe (a ring around each seat
with industry), plain (flat land, for fields, villages and country roads) and forest. All numbers are judgements for a
simulated airshed, no statistics of any city. Cells count alike: they must be of one size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.inventories.places import CITIES, Seat, Stack
from research.virtual_airshed.inventories.places import seats as shipped_seats
from research.virtual_airshed.inventories.places import stacks as shipped_stacks

SECTORS = (
    "industry", "coal", "dust", "vehicles", "nonroad", "solvent", "residential", "agriculture", "biogenic",
)  # fmt: skip
"""The sectors of the virtual airshed, as its files name them."""
PATTERNS = ("towns", "fringe", "plain", "forest")
MIX = {
    "industry": (0.15, 0.75, 0.10, 0.0), "coal": (0.20, 0.50, 0.30, 0.0), "dust": (0.55, 0.10, 0.35, 0.0),
    "vehicles": (0.72, 0.05, 0.23, 0.0), "nonroad": (0.35, 0.15, 0.50, 0.0), "solvent": (0.62, 0.28, 0.10, 0.0),
    "residential": (0.45, 0.0, 0.55, 0.0), "agriculture": (0.0, 0.0, 1.0, 0.0), "biogenic": (0.0, 0.0, 0.12, 0.88),
}  # fmt: skip
"""How much of a sector follows each of PATTERNS; each line sums to 1. Of coal, what does not leave by the stacks."""
NARROW_KM, WIDE_KM, WIDE_AT_10K = 6.0, 12.0, 200.0
"""Width (standard deviation) of the bell around a small seat, around one of WIDE_AT_10K people or more [km, km, 10,000]."""
FRINGE_WIDTHS, FRINGE_THICKNESS_KM = 0.9, 5.0
"""Works stand at the edge of a town: the ring's radius in widths of the bell, and the ring's own width [km]."""
PLAIN_BELOW_M, PLAIN_STEP_M = 950.0, 120.0
"""Height of the ground at which half of it is still plain, and how fast the share falls off [m]."""
TREE_LINE_M, TREE_STEP_M = 3_600.0, 200.0
FOREST_IN_PLAIN = 0.08
"""Trees and bamboo around the farms of the plain, as a share of a mountain forest."""
TERPENE_PER_C, LAPSE_C_PER_KM, PLAIN_M = 0.09, 6.5, 480.0
"""Emission falls with the cold of height: exp(0.09 per deg C) (Guenther et al. 1993, monoterpenes; recalled), 6.5 deg C per km."""
KM_PER_DEGREE = 111.32


@dataclass(frozen=True, eq=False)
class Cells:
    """Centres of cells of one size, all arrays (cell,).

    lon, lat [deg, WGS-84]. city_index: whole numbers, index into the tuple of cities that goes with it (CITIES unless
    the caller gives another), -1 outside all of them. elevation_m: height of the ground above the sea [m].
    Errors: ValueError for arrays of different length or more than one axis, for places that are not finite, and for an
    index that is not a whole number from -1 on.
    """

    lon: np.ndarray
    lat: np.ndarray
    city_index: np.ndarray
    elevation_m: np.ndarray

    def __post_init__(self) -> None:
        for name in ("lon", "lat", "elevation_m"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)
            if values.ndim != 1 or values.shape != np.shape(self.lon):
                raise ValueError(f"{name} has the shape {values.shape}, expected {np.shape(self.lon)}, one axis")
            if not np.isfinite(values).all():
                bad = int(np.argmin(np.isfinite(values)))
                raise ValueError(f"{name} of cell {bad} is {values[bad]}, expected a finite number")
        index = np.asarray(self.city_index)
        if index.shape != self.lon.shape or index.dtype.kind not in "iu" or (index.astype(np.int64) < -1).any():
            raise ValueError(f"city_index must be whole numbers from -1 on, one for each of {self.lon.size} cells")
        object.__setattr__(self, "city_index", index.astype(np.int64))


def shares(
    sector: str,
    cells: Cells,
    *,
    cities: tuple[str, ...] = CITIES,
    seats: tuple[Seat, ...] | None = None,
    stacks: tuple[Stack, ...] | None = None,
) -> np.ndarray:
    """Give the share of its city's sector that falls in each cell: float64 (cell,), summing to 1 in each city.

    sector: one of SECTORS. cities: codes that cells.city_index points into. seats, stacks: None for the shipped ones.
    Cells outside the cities have 0. Of coal, the stacks are included, each in the cell of its city that is nearest.
    Errors: ValueError for an unknown sector, a city without a cell, and an index beyond the cities.
    """
    total = diffuse_shares(sector, cells, cities=cities, seats=seats, stacks=stacks)
    if sector == "coal":
        used = _stacks_in(cities, stacks)
        np.add.at(total, stack_cells(cells, cities=cities, stacks=stacks), [stack.share for stack in used])
    return total


def diffuse_shares(
    sector: str,
    cells: Cells,
    *,
    cities: tuple[str, ...] = CITIES,
    seats: tuple[Seat, ...] | None = None,
    stacks: tuple[Stack, ...] | None = None,
) -> np.ndarray:
    """Give what shares() gives without the stacks: float64 (cell,), summing in each city to 1 less its stacks' shares.

    It is 0 for the coal of a city whose stacks are complete, and equals shares() for every sector but coal.
    Arguments and errors as shares().
    """
    if sector not in SECTORS:
        raise ValueError(f"sector is {sector!r}, expected one of {', '.join(SECTORS)}")
    _require_cells_in_each(cells, cities)
    all_seats = shipped_seats() if seats is None else seats
    total = np.zeros(cells.lon.size)
    for number, city in enumerate(cities):
        here = np.flatnonzero(cells.city_index == number)
        left = 1.0 - (sum(s.share for s in _stacks_in((city,), stacks)) if sector == "coal" else 0.0)
        if left > 1e-9:
            own = tuple(seat for seat in all_seats if seat.city == city)
            total[here] = left * _mixed(sector, cells, here, own)
    return total


def stack_cells(
    cells: Cells, *, cities: tuple[str, ...] = CITIES, stacks: tuple[Stack, ...] | None = None
) -> np.ndarray:
    """Find the cell of each stack of the cities: int64 (stack,), the nearest cell that its city owns.

    The order is that of the stacks, without those of other cities. Arguments and errors as shares().
    """
    _require_cells_in_each(cells, cities)
    found = []
    for stack in _stacks_in(cities, stacks):
        here = np.flatnonzero(cells.city_index == cities.index(stack.city))
        found.append(here[int(np.argmin(_distance_km(cells.lon[here], cells.lat[here], stack.lon, stack.lat)))])
    return np.array(found, dtype=np.int64)


def plainness(elevation_m: np.ndarray) -> np.ndarray:
    """Give how much of the ground is flat enough for fields, 0 to 1: a smooth step down at PLAIN_BELOW_M.

    elevation_m [m]: any shape. Missing: NaN stays NaN. Source: a judgement for the simulated airshed.
    """
    return _step_down(np.asarray(elevation_m, dtype=np.float64), PLAIN_BELOW_M, PLAIN_STEP_M)


def forestness(elevation_m: np.ndarray) -> np.ndarray:
    """Give how much the vegetation of a place emits for its height, 0 to 1: forest between plain and tree line, cooler above.

    elevation_m [m]: any shape. Missing: NaN stays NaN. Source: a judgement; temperature by Guenther et al. 1993 (recalled).
    """
    height = np.asarray(elevation_m, dtype=np.float64)
    flat = plainness(height)
    trees = (FOREST_IN_PLAIN * flat + (1 - flat)) * _step_down(height, TREE_LINE_M, TREE_STEP_M)
    return trees * np.exp(-TERPENE_PER_C * LAPSE_C_PER_KM * np.maximum(height - PLAIN_M, 0.0) / 1000)


def _mixed(sector: str, cells: Cells, here: np.ndarray, seats: tuple[Seat, ...]) -> np.ndarray:
    """Mix the patterns of a sector over the cells of one city, summing to 1; a pattern without a place falls to the others."""
    total = np.zeros(here.size)
    for pattern, part in zip(PATTERNS, MIX[sector], strict=True):
        if part:
            total += part * _pattern(pattern, cells, here, seats)
    whole = total.sum()
    return total / whole if whole > 0 else np.full(here.size, 1 / here.size)


def _pattern(pattern: str, cells: Cells, here: np.ndarray, seats: tuple[Seat, ...]) -> np.ndarray:
    """Give one pattern over the cells of one city, summing to 1, or to 0 where it has no place in the city."""
    if pattern in ("plain", "forest"):
        weight = (plainness if pattern == "plain" else forestness)(cells.elevation_m[here])
        return weight / weight.sum() if weight.sum() > 0 else weight
    weight = np.array([_weight(pattern, seat) for seat in seats])
    if not weight.sum():
        return np.zeros(here.size)
    around = np.stack([_around(pattern, seat, cells.lon[here], cells.lat[here]) for seat in seats])
    return weight / weight.sum() @ around


def _weight(pattern: str, seat: Seat) -> float:
    return seat.urban_population_10k if pattern == "towns" else seat.industry_weight


def _around(pattern: str, seat: Seat, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Spread one seat over cells, summing to 1: what a bell or ring would put outside the city stays in it."""
    width = NARROW_KM + (WIDE_KM - NARROW_KM) * min(seat.urban_population_10k / WIDE_AT_10K, 1.0)
    away = _distance_km(lon, lat, seat.lon, seat.lat)
    if pattern == "fringe":
        away, width = away - FRINGE_WIDTHS * width, FRINGE_THICKNESS_KM
    power = -0.5 * (away / width) ** 2
    bell = np.exp(power - power.max())  # so that a seat far from every cell still falls in the nearest
    return bell / bell.sum()


def _distance_km(lon: np.ndarray, lat: np.ndarray, to_lon: float, to_lat: float) -> np.ndarray:
    # On a plane: within a city's 200 km the error stays far below a cell.
    east = (lon - to_lon) * np.cos(np.radians((lat + to_lat) / 2))
    return KM_PER_DEGREE * np.hypot(east, lat - to_lat)


def _step_down(height: np.ndarray, middle_m: float, step_m: float) -> np.ndarray:
    return 0.5 * (1 - np.tanh((height - middle_m) / (2 * step_m)))  # the logistic function, without overflow


def _stacks_in(cities: tuple[str, ...], stacks: tuple[Stack, ...] | None) -> tuple[Stack, ...]:
    return tuple(stack for stack in (shipped_stacks() if stacks is None else stacks) if stack.city in cities)


def _require_cells_in_each(cells: Cells, cities: tuple[str, ...]) -> None:
    if cells.city_index.size and cells.city_index.max() >= len(cities):
        raise ValueError(f"city_index reaches {cells.city_index.max()}, expected at most {len(cities) - 1}: {cities}")
    without = [city for number, city in enumerate(cities) if not (cells.city_index == number).any()]
    if without:
        raise ValueError(f"no cell belongs to {', '.join(without)}, expected at least one for each city")
