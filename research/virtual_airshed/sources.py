"""Emissions on the grid: an inventory in the layout of the cities, spread over the cells and into what the model carries.

The inventory is read by the platform's own parser (streams.sources.emissions.feed). What is emitted differs from it in three
ways that no inventory knows: plants emit with warmth and light, ammonia with warmth, and rain holds the dust down.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from research.virtual_airshed import inventories as inventories_package
from research.virtual_airshed.grid import CELL_M2, Grid
from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.inventories.spread import Cells, shares
from research.virtual_airshed.tracers import CARRIED, SECTORS, VOC_GROUPS
from research.virtual_airshed.weather.fields import Weather, lapsed_c
from standards.days import date_of_day, natural_day
from standards.errors import AirshedError
from streams.records import SPECIES
from streams.registry import Registry
from streams.sources.emissions import feed as inventories

MOLAR_G = {"so2": 64.066, "nox": 46.006, "nh3": 17.031, "co": 28.010}
"""NOx is counted as NO2, as inventories do [g/mol]."""
PRIMARY_NO2 = 0.08
"""Share of NOx that leaves the source as NO2, and so brings odd oxygen along (recalled, of the order of diesel traffic)."""
STACK_LAYER_M = 280.0
"""Plumes of tall stacks rise above a mixed layer lower than this [m]."""
TALL = {"coal": 0.75, "industry": 0.35}
"""Share of a sector that leaves through tall stacks."""
UG_PER_KG = 1e9
INVENTORY = Path(inventories_package.__file__).with_name("current")
"""The shipped inventory."""
OUTDATED = INVENTORY.with_name("outdated")
"""The shipped inventory of an earlier year."""


class InventoryError(AirshedError, ValueError):
    """An inventory cannot drive the model; the message says what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Spread:
    """Where the cities' emissions fall. row, column, city: int (cell,); share: (sector, cell), adding up to 1 in each city.

    elevation_m: height of the ground above the sea (cell,) [m].
    """

    row: np.ndarray
    column: np.ndarray
    city: np.ndarray
    share: np.ndarray
    elevation_m: np.ndarray


def spread_over(grid: Grid) -> Spread:
    """Spread the sectors of all cities over the cells that they own."""
    row, column = np.nonzero(grid.city >= 0)
    cells = Cells(
        grid.lon[row, column], grid.lat[row, column], grid.city[row, column].astype(int), grid.elevation_m[row, column]
    )
    share = np.stack([shares(sector, cells, cities=grid.cities) for sector in SECTORS])
    return Spread(row, column, grid.city[row, column].astype(np.int64), share, grid.elevation_m[row, column])


def hourly_kg(
    folder: Path,
    registry: Registry,
    first_hour: int,
    hours: int,
    *,
    factors: Mapping[tuple[str, str, str], float] | None = None,
) -> np.ndarray:
    """Read what an inventory emits in consecutive hours [kg/h]: float64 (city, sector, species, hour), species as
    streams.records.SPECIES.

    first_hour: epoch hour of the first hour's end. factors: (city, sector, species), each possibly "*", to a factor;
    all that match multiply. Missing: what the inventory does not name is not emitted. Errors: InventoryError where the
    parser rejects a line.
    """
    day = date_of_day(natural_day(first_hour))
    last = date_of_day(natural_day(first_hour + hours - 1))
    wanted = (first_hour, first_hour + hours - 1)
    parsed = inventories.read_inventory(folder, registry, hours=wanted, applies_to=(day, last))
    if lost := [r for r in parsed.rejected if not r.set_aside]:
        raise InventoryError(
            f"{folder}: {lost[0].position}: {lost[0].reason} {lost[0].value!r}, expected {lost[0].expected}"
        )
    kg = np.zeros((len(registry.cities), len(SECTORS), len(SPECIES), hours))
    cities = list(registry.cities)
    for block in parsed.blocks:
        unknown = set(block.sectors) - set(SECTORS)
        if unknown:
            raise InventoryError(f"{folder}: sector {sorted(unknown)[0]!r}, expected one of {', '.join(SECTORS)}")
        at = slice(block.first_hour - first_hour, block.first_hour - first_hour + block.hours)
        rows = [SECTORS.index(name) for name in block.sectors]
        kg[cities.index(block.city), rows, :, at] = np.nan_to_num(block.values)
    for (city, sector, species), factor in (factors or {}).items():
        pick = (_matching(city, cities), _matching(sector, SECTORS), _matching(species, SPECIES))
        kg[np.ix_(*pick)] *= factor
    return kg


def inventory_voc_t(folder: Path) -> dict[str, float]:
    """Give the VOC that the sectors of an inventory emit in a year [t], all cities together; sectors without any are left out."""
    total: dict[str, float] = {}
    with (folder / "inventory.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["species"] == "voc":
                total[row["sector"]] = total.get(row["sector"], 0.0) + float(row["emission_t"])
    return {sector: mass for sector, mass in total.items() if mass > 0}


def _matching(name: str, names: list[str] | tuple[str, ...]) -> list[int]:
    if name != "*" and name not in names:
        raise InventoryError(f"a factor names {name!r}, expected * or one of {', '.join(names)}")
    return [i for i, each in enumerate(names) if name in ("*", each)]


def carried_amounts(kg: np.ndarray) -> np.ndarray:
    """Turn emissions [kg/h] (city, sector, species, ...) into what the model carries: (carried, city, sector, ...) per
    m2 of one cell and hour.

    nmol or ug by tracers.UNITS. VOC go to the groups by the sector's profile; what is not emitted is zero.
    """
    by_name = {name: np.moveaxis(kg, 2, 0)[i] for i, name in enumerate(SPECIES)}
    nmol = {name: by_name[name] * UG_PER_KG * 1e3 / g / CELL_M2 for name, g in MOLAR_G.items()}
    ug = {name: by_name[name] * UG_PER_KG / CELL_M2 for name in ("pm25", "pm10", "voc")}
    amounts = np.zeros((len(CARRIED), *by_name["so2"].shape))
    put = dict(zip(CARRIED, amounts, strict=True))
    put["so2"][...], put["nox"][...], put["ammonia"][...], put["co"][...] = (
        nmol[n] for n in ("so2", "nox", "nh3", "co")
    )
    put["primary"][...] = ug["pm25"]
    put["coarse"][...] = np.maximum(ug["pm10"] - ug["pm25"], 0.0)  # a rounded profile must not make it negative
    put["ox"][...] = PRIMARY_NO2 * nmol["nox"]
    for s, sector in enumerate(SECTORS):
        if sector in voc_profiles.SECTORS:
            for group, fraction in zip(VOC_GROUPS, voc_profiles.group_fractions(sector), strict=True):
                put[group][:, s] = fraction * ug["voc"][:, s]
    return amounts


def weather_factors(weather: Weather, spread: Spread, i: int) -> np.ndarray:
    """Give by how much the weather of hour i changes what each sector emits in each cell: (sector, cell), of mean about 1."""
    usual_c = lapsed_c(float(weather.season.temperature_c[i]), spread.elevation_m)
    warmer_c = weather.temperature_c[i, spread.row, spread.column] - usual_c
    light = weather.cloud_transmission[i, spread.row, spread.column]
    dry = weather.rain_mm[i, spread.row, spread.column] < 0.05
    factors = np.ones((len(SECTORS), spread.row.size))
    factors[SECTORS.index("biogenic")] = np.exp(0.08 * warmer_c) * (0.45 + 0.95 * light)
    factors[SECTORS.index("agriculture")] = np.exp(0.04 * warmer_c)
    factors[SECTORS.index("dust")] = np.where(dry, 1.06, 0.35)
    return np.minimum(factors, 3.0)


def aloft_shares(height_m: np.ndarray, spread: Spread) -> np.ndarray:
    """Give which share of each sector is emitted above the mixed layer in each cell (sector, cell). height_m: (row, column) [m]."""
    above = 1.0 / (1.0 + np.exp((height_m[spread.row, spread.column] - STACK_LAYER_M) / 60.0))
    tall = np.array([TALL.get(sector, 0.0) for sector in SECTORS])
    return tall[:, None] * above


@njit(nogil=True, cache=True)
def emit(state, amount, share, city, row, column, aloft, tags, sums):
    """Add emissions to a species' state (layer, row + 2, column + 2, tracer).

    amount: (city, sector) per m2 of a cell. share, aloft: (sector, cell), share includes the weather's factor. tags:
    (first tag of the sectors, of the cities, of the pairs of both, of the zero-outs, how many zero-outs); zeros where
    there are none. sums: (1,), the total emitted is added.
    """
    first_sector, first_city, first_pair, first_zero, zeros = tags
    cities = amount.shape[0]
    for i in range(row.size):
        r, c = row[i] + 1, column[i] + 1
        for s in range(share.shape[0]):
            whole = amount[city[i], s] * share[s, i]
            if whole == 0.0:
                continue
            high = whole * aloft[s, i]
            low = whole - high
            sums[0] += whole
            state[0, r, c, 0] += low
            state[1, r, c, 0] += high
            if first_sector:
                sector, place = first_sector + s, first_city + city[i]
                state[0, r, c, sector] += low
                state[1, r, c, sector] += high
                state[0, r, c, place] += low
                state[1, r, c, place] += high
                pair = 0
                if first_pair:
                    pair = first_pair + s * cities + city[i]
                    state[0, r, c, pair] += low
                    state[1, r, c, pair] += high
                if first_zero:
                    for t in range(zeros):
                        # Without this sector, this city, or this sector of it, the emission is not there.
                        if t + 1 != sector and t + 1 != place and t + 1 != pair:
                            state[0, r, c, first_zero + t] += low
                            state[1, r, c, first_zero + t] += high
