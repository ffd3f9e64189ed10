"""The truth of a run: who caused what, hour by hour, at the stations of each city.

Two answers are kept for every source (nine sectors, the cities, the inflow):
* allocation: how much of a quantity belongs to the source. Sectors and inflow add up to the whole, so do cities and
  inflow. For what is linear it is the tag; for ozone, NO2 and the inorganic secondary aerosol the path-integrated
  (Aumann-Shapley) allocation.
* removal: by how much the quantity would be less without the source, all else as it is (zero-out, brute force). It adds up only for
  what is linear, and is negative where a source takes ozone away.

In a run that tells the sectors of each city apart (tracers.Tags.sector_city) each pair of both is a source, too: those of
a sector add up to the sector, those of a city to the city, in allocation. The removal of a pair is NaN for ozone and NO2
unless the run carried its zero-out.

A city is the mean of its stations, as its published values are. Nothing of this is ever read by what is judged by it:
it lies beside the files that the platform reads, in a folder of its own, and only `research` knows how to open it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from research.virtual_airshed import aerosol, ozone
from research.virtual_airshed.ground import CO_G, NO2_G, O3_G, SO2_G
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.run import Day
from research.virtual_airshed.tracers import NMOL_PER_PPB, SECTORS, TOTAL, Tags
from streams.contributors import ALL, OUTSIDE

QUANTITIES = {
    "so2_ugm3": "ug m-3", "no2_ugm3": "ug m-3", "nox_ugm3": "ug m-3", "co_mgm3": "mg m-3", "o3_ugm3": "ug m-3",
    "pm10_ugm3": "ug m-3", "pm25_ugm3": "ug m-3", "pm25_primary_ugm3": "ug m-3", "pm25_secondary_ugm3": "ug m-3",
    "sulphate_ugm3": "ug m-3", "nitrate_ugm3": "ug m-3", "ammonium_ugm3": "ug m-3", "soa_ugm3": "ug m-3",
}  # fmt: skip
"""What the truth is kept of; secondary is all of PM2.5 but the primary."""
FILE = "truth.nc"


@dataclass(frozen=True, eq=False)
class Contributions:
    """What the sources contribute in some hours, float64, quantities in the order of QUANTITIES.

    total: (quantity, city, hour). allocation, removal: (quantity, city, source, hour).
    """

    first_hour: int
    total: np.ndarray
    allocation: np.ndarray
    removal: np.ndarray

    def rounded(self) -> Contributions:
        """Give them in single precision, as they are stored: half the memory for a long run."""
        arrays = (self.total, self.allocation, self.removal)
        return Contributions(self.first_hour, *(array.astype(np.float32) for array in arrays))


def contributions(day: Day, tags: Tags, receptors: Receptors) -> Contributions:
    """Work out the truth of some hours of a tagged run, whose kept cells are those of the receptors."""
    ground = day.ground.at(receptors.cells.row, receptors.cells.column)
    product = aerosol.dissociation_nmol2(ground.temperature_c, ground.humidity_pct)
    cell = _Cell({name: np.moveaxis(v, 1, -1) for name, v in day.tagged.items()}, tags, product, ground.balance_ppb)
    to_city = [np.tensordot(receptors.weight, np.stack(list(part.values())), axes=(1, 1)) for part in cell.work_out()]
    total, allocation, removal = (np.moveaxis(v, 0, 1) for v in to_city)
    return Contributions(day.first_hour, total, *(np.moveaxis(v, -1, -2) for v in (allocation, removal)))


class _Cell:
    """Truth at the cells: species to (cell, hour, tracer)."""

    def __init__(self, tagged: dict[str, np.ndarray], tags: Tags, product: np.ndarray, balance_ppb: np.ndarray) -> None:
        self.tagged, self.tags, self.product, self.balance_ppb = tagged, tags, product, balance_ppb

    def work_out(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Give total (cell, hour), allocation and removal (cell, hour, source) by quantity."""
        linear = {
            "so2_ugm3": self._linear("so2", SO2_G * 1e-3), "nox_ugm3": self._linear("nox", NO2_G * 1e-3),
            "co_mgm3": self._linear("co", CO_G * 1e-6), "pm25_primary_ugm3": self._linear("primary", 1.0),
            "soa_ugm3": self._linear("soa", 1.0), "coarse": self._linear("coarse", 1.0),
        }  # fmt: skip
        parts = linear | self._oxygen() | self._inorganic()
        parts["pm25_secondary_ugm3"] = _sum(parts, "sulphate_ugm3", "nitrate_ugm3", "ammonium_ugm3", "soa_ugm3")
        parts["pm25_ugm3"] = _sum(parts, "pm25_primary_ugm3", "pm25_secondary_ugm3")
        parts["pm10_ugm3"] = _sum(parts, "pm25_ugm3", "coarse")
        return tuple({name: parts[name][i] for name in QUANTITIES} for i in range(3))  # type: ignore[return-value]

    def _linear(self, species: str, factor: float) -> tuple[np.ndarray, ...]:
        total, tag = self._total(species) * factor, self._tag(species) * factor
        return total, tag, tag

    def _oxygen(self) -> dict[str, tuple[np.ndarray, ...]]:
        ox, nox = (self._total(name) / NMOL_PER_PPB for name in ("ox", "nox"))
        ox_tag, nox_tag = (self._tag(name) / NMOL_PER_PPB for name in ("ox", "nox"))
        without = self.tagged["ox"][..., self.tags.zero_outs] / NMOL_PER_PPB
        whole = ozone.parts(ox, nox, self.balance_ppb)
        shared = ozone.allocation(ox, nox, self.balance_ppb, tags=(ox_tag, nox_tag))
        zeros = without.shape[-1]
        left = ozone.parts(without, nox[..., None] - nox_tag[..., :zeros], self.balance_ppb[..., None])
        found = {}
        for name, part, grams in (("o3_ugm3", "o3_ppb", O3_G), ("no2_ugm3", "no2_ppb", NO2_G)):
            a, b, c = (getattr(each, part) * NMOL_PER_PPB * grams * 1e-3 for each in (whole, shared, left))
            removed = np.full(b.shape, np.nan)
            removed[..., :zeros] = a[..., None] - c
            found[name] = a, b, removed
        return found

    def _inorganic(self) -> dict[str, tuple[np.ndarray, ...]]:
        names = ("sulphate", "nitrate", "ammonia")
        totals, tags = [self._total(n) for n in names], tuple(self._tag(n) for n in names)
        whole = aerosol.secondary(*totals, self.product)
        shared = aerosol.allocation(*totals, self.product, tags=tags)
        left = aerosol.secondary(
            *(t[..., None] - g for t, g in zip(totals, tags, strict=True)), self.product[..., None]
        )
        return {
            name: (getattr(whole, name), getattr(shared, name), getattr(whole, name)[..., None] - getattr(left, name))
            for name in ("sulphate_ugm3", "nitrate_ugm3", "ammonium_ugm3")
        }

    def _total(self, species: str) -> np.ndarray:
        return self.tagged[species][..., TOTAL]

    def _tag(self, species: str) -> np.ndarray:
        return self.tagged[species][..., 1 : self.tags.count]


def _sum(parts: dict[str, tuple[np.ndarray, ...]], *names: str) -> tuple[np.ndarray, ...]:
    return tuple(sum(parts[name][i] for name in names) for i in range(3))


def dataset_of(days: Iterable[Contributions], tags: Tags, *, about: dict[str, str]) -> xr.Dataset:
    """Put the truth of a run together as a dataset (time, city, source), float32; attrs say what about says, and that it
    is simulated."""
    kept = list(days)
    hours = np.concatenate([each.first_hour + np.arange(each.total.shape[-1]) for each in kept])
    data: dict[str, tuple] = {}
    by_source = ("city", "source", "time")
    for q, (name, unit) in enumerate(QUANTITIES.items()):
        for part, dims in (("total", ("city", "time")), ("allocation", by_source), ("removal", by_source)):
            values = np.concatenate([getattr(each, part)[q] for each in kept], axis=-1).astype(np.float32)
            data[name if part == "total" else f"{name}_{part}"] = (dims, values, {"units": unit})
    coords = {
        "time": ("time", (hours * 3600).astype("datetime64[s]").astype("datetime64[ns]"), {"long_name": "end of the hour, UTC"}),
        "city": list(tags.cities), **source_coords(tags),
    }  # fmt: skip
    return xr.Dataset(data, coords=coords, attrs={"simulated": 1, **about})


def source_coords(tags: Tags) -> dict[str, object]:
    """Give the coordinates of the sources: their names and kinds, and where pairs are told apart the sector and place of
    each as a contributor's (streams.contributors)."""
    kinds = ["sector"] * len(SECTORS) + ["city"] * len(tags.cities) + ["inflow"] + ["pair"] * len(tags.pairs)
    coords: dict[str, object] = {"source": list(tags.sources), "kind": ("source", kinds)}
    if tags.pairs:
        marginal = [*((sector, ALL) for sector in SECTORS), *((ALL, city) for city in tags.cities), (ALL, OUTSIDE)]
        sectors, places = zip(*marginal, *tags.pairs, strict=True)
        coords |= {"sector": ("source", list(sectors)), "place": ("source", list(places))}
    return coords


def save(dataset: xr.Dataset, folder: Path) -> Path:
    """Write the truth into a folder; give the file."""
    folder.mkdir(parents=True, exist_ok=True)
    packing = {"zlib": True, "complevel": 4, "shuffle": True}
    dataset.to_netcdf(folder / FILE, engine="netcdf4", encoding={name: dict(packing) for name in dataset.data_vars})
    return folder / FILE


def open_truth(folder: Path) -> xr.Dataset:
    """Open the truth of a run: for judging what has been predicted without it."""
    return xr.load_dataset(folder / FILE, engine="netcdf4")


def local_split(truth: xr.Dataset, quantity: str) -> xr.Dataset:
    """Split a quantity into what each city made itself, what the other cities made, and what came from outside: (city, time)."""
    allocation = truth[f"{quantity}_allocation"]
    cities = list(truth["city"].values)
    from_cities = allocation.sel(source=cities)
    own = xr.concat([from_cities.sel(city=c, source=c, drop=True) for c in cities], dim=truth["city"])
    outside = allocation.sel(source="inflow", drop=True)
    return xr.Dataset({"local": own, "other_cities": from_cities.sum("source") - own, "outside": outside})
