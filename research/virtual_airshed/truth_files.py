"""The truth as files, and at stations: written day by day, so that memory does not grow with the length of a run.

    truth.nc             cities, and nine sectors, cities, inflow as sources (truth.dataset_of)
    truth_stations.nc    where it is wanted: the same at each national station and research site; the truth of a city is the
                         mean of its stations by the weight that stands with them

Where the sectors of cities are told apart, both have them as sources too.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

from research.virtual_airshed.grid import Grid
from research.virtual_airshed.observe.sites import kept_places, receptors_with, sites_of
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.run import DAY_HOURS
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.truth import FILE, QUANTITIES, Contributions, dataset_of, save, source_coords
from streams.registry import Station

STATIONS_FILE = "truth_stations.nc"


@dataclass(frozen=True, eq=False)
class StationTruth:
    """Cities and stations at which the truth is taken together.

    receptors: places are the cities and behind them the stations. stations: in that order. weight: of each in the mean of its
    city (station,), 0 for one that does not count for it.
    """

    receptors: Receptors
    stations: tuple[Station, ...]
    weight: np.ndarray

    @property
    def cities(self) -> int:
        """How many cities stand before the stations."""
        return len(self.receptors.cities) - len(self.stations)


def at_stations(receptors: Receptors, grid: Grid, stations: Sequence[Station], counting: Sequence[str]) -> StationTruth:
    """Take the truth of some cities at stations, too.

    receptors: of the cities. stations: all that are wanted; their cells are kept. counting: codes of those whose mean a city
    is. Errors: ValueError for a station outside the grid.
    """
    sites = sites_of(grid, stations)
    kept = receptors_with(receptors, sites)
    alone = np.zeros((len(sites.stations), kept.cells.row.size))
    alone[np.arange(len(alone)), kept_places(kept.cells, sites)] = 1.0
    counts = np.array([station.code in counting for station in sites.stations])
    members = np.array([sum(s.city == o.city and n for o, n in zip(stations, counts, strict=True)) for s in stations])
    whole = Receptors((*receptors.cities, *sites.codes), kept.cells, np.concatenate([kept.weight, alone]))
    return StationTruth(whole, sites.stations, np.where(counts, 1.0 / np.maximum(members, 1), 0.0))


def parted(found: Contributions, at: StationTruth) -> tuple[Contributions, Contributions]:
    """Part the truth at cities and stations: that of the cities, that of the stations."""

    def of(places: slice) -> Contributions:
        return Contributions(found.first_hour, *(v[:, places] for v in (found.total, found.allocation, found.removal)))

    return of(slice(0, at.cities)), of(slice(at.cities, None))


class GrowingFile:
    """A file of the truth that is written day by day: (place, time) and (place, source, time), float32.

    It gets its name when it is whole; what was broken off leaves a hidden file, which the next run replaces.
    """

    def __init__(
        self, path: Path, coords: dict[str, object], *, first_hour: int, hours: int, about: dict[str, str]
    ) -> None:
        """Begin a file. coords: those of the places, the first of which names their dimension, and of the sources, each a list
        or (dimension, list). first_hour, hours: the whole span."""
        self.path, self.first_hour = path, first_hour
        self.place = next(iter(coords))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._hidden = path.with_name(f".{path.name}.part")
        self._hidden.unlink(missing_ok=True)
        self._file = netCDF4.Dataset(self._hidden, "w", format="NETCDF4")
        self._file.setncatts({"simulated": 1, **about})
        self._lay_out(coords, hours)

    def __enter__(self) -> GrowingFile:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.close()
        if kind is None:
            os.replace(self._hidden, self.path)

    def add(self, day: Contributions) -> None:
        """Write some hours of the span."""
        at = slice(day.first_hour - self.first_hour, day.first_hour - self.first_hour + day.total.shape[-1])
        for q, name in enumerate(QUANTITIES):
            self._file[name][:, at] = day.total[q].astype(np.float32)
            self._file[f"{name}_allocation"][:, :, at] = day.allocation[q].astype(np.float32)
            self._file[f"{name}_removal"][:, :, at] = day.removal[q].astype(np.float32)

    def _lay_out(self, coords: dict[str, object], hours: int) -> None:
        file = self._file
        file.createDimension("time", hours)
        time = file.createVariable("time", "i8", ("time",))
        time.setncatts({"units": "hours since 1970-01-01", "calendar": "standard", "long_name": "end of the hour, UTC"})
        time[:] = self.first_hour + np.arange(hours)
        for name, given in coords.items():
            dimension, values = given if isinstance(given, tuple) else (name, given)
            if dimension not in file.dimensions:
                file.createDimension(dimension, len(values))
            texts = isinstance(values[0], str)
            file.createVariable(name, str if texts else "f8", (dimension,))[:] = np.array(
                values, object if texts else float
            )
        by_source, sizes = (
            (self.place, "source", "time"),
            {name: len(file.dimensions[name]) for name in file.dimensions},
        )
        named = " ".join(name for name in coords if name not in (self.place, "source"))
        for quantity, unit in QUANTITIES.items():
            for name, dims in (
                (quantity, (self.place, "time")), (f"{quantity}_allocation", by_source), (f"{quantity}_removal", by_source),
            ):  # fmt: skip
                chunks = [min(DAY_HOURS, hours) if each == "time" else sizes[each] for each in dims]
                variable = file.createVariable(
                    name, "f4", dims, zlib=True, complevel=4, shuffle=True, chunksizes=chunks
                )
                # One chunk is a day, which is written once: the cache of each variable needs to hold no more.
                variable.set_var_chunk_cache(size=4 * int(np.prod(chunks)), preemption=1.0)
                variable.setncatts({"units": unit, "coordinates": named})


class TruthFolder:
    """The files of the truth of a run, in a folder: add() its days, and leave the with-block.

    at: where stations are wanted too, else the truth is that of cities alone. first_hour, hours: of the run.
    """

    def __init__(
        self, folder: Path, tags: Tags, at: StationTruth | None, *, first_hour: int, hours: int, about: dict[str, str]
    ) -> None:
        self.folder, self.tags, self.at, self.about = folder, tags, at, about
        span = {"first_hour": first_hour, "hours": hours, "about": about}
        self._days: list[Contributions] = []
        self._cities = self._stations = None
        if tags.pairs:
            self._cities = GrowingFile(folder / FILE, {"city": list(tags.cities), **source_coords(tags)}, **span)
        if at is not None:
            self._stations = GrowingFile(folder / STATIONS_FILE, {**station_coords(at), **source_coords(tags)}, **span)

    def __enter__(self) -> TruthFolder:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        for file in (self._cities, self._stations):
            if file is not None:
                file.__exit__(kind, *rest)
        if kind is None and self._cities is None:
            save(dataset_of(self._days, self.tags, about=self.about), self.folder)

    def add(self, found: Contributions) -> None:
        """Add the truth of some hours, of the places that were asked for."""
        cities, stations = parted(found, self.at) if self.at else (found, None)
        if self._cities is not None:
            self._cities.add(cities)
        else:
            self._days.append(cities.rounded())
        if self._stations is not None:
            self._stations.add(stations)


def station_coords(at: StationTruth) -> dict[str, object]:
    """Give the coordinates of the stations: code, city, kind, place [deg], weight in the mean of the city."""
    own = at.stations
    return {
        "station": [s.code for s in own], "city": ("station", [s.city for s in own]),
        "station_kind": ("station", [s.kind for s in own]), "lon": ("station", [s.lon for s in own]),
        "lat": ("station", [s.lat for s in own]), "weight": ("station", at.weight.tolist()),
    }  # fmt: skip


def open_station_truth(folder: Path) -> xr.Dataset:
    """Open the truth of a run at its stations, without loading it: for judging what has been predicted without it.

    Quantities as in truth.QUANTITIES (station, time), each with _allocation and _removal (station, source, time), float32; the
    coordinates city, station_kind, lon, lat [deg] and weight stand with the stations, kind with the sources, and where the
    sectors of cities are told apart sector and place, too. Errors: FileNotFoundError where the run kept none.
    """
    return xr.open_dataset(folder / STATIONS_FILE, engine="netcdf4")
