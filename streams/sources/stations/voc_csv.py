"""Organic compounds of super-sites: one line a station-hour, a column for each compound.

    station,hour_end[,status][,revision][,simulated][,released_at],<compounds>

Place, hour and kind are as in station_csv. A compound's column is its name and unit, `toluene_ppb` or `toluene_ugm3` at
298.15 K and 1013.25 hPa (see voc_columns); docs/layouts/voc.md describes the layout with an example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from standards.voc.species import ALL_SPECIES
from streams.records import VocBlock
from streams.registry import Registry
from streams.sources.csv_lines import header_of, lines_of
from streams.sources.headers import Section
from streams.sources.stations.species_lines import SpeciesColumn, amounts, gathered_lines, parted
from streams.sources.stations.station_csv import ITEM_COLUMNS, WIND_COLUMNS
from streams.sources.stations.station_hours import StationHours, cut_rows
from streams.sources.stations.station_lines import PLACE_COLUMNS, Kind, StationLine, station_lines, told_of
from streams.sources.stations.voc_columns import WANTED, split
from streams.sources.tally import Tally

NAME = "voc-csv"
BLOCK_HOURS = 240
"""A block of a hundred compounds is as large as one of the six items over a month."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line: places, columns with a compound's unit, and none of the six items or wind."""
    header = header_of(head)
    if tuple(header[:2]) != PLACE_COLUMNS or {*ITEM_COLUMNS, *WIND_COLUMNS} & {*header}:
        return False
    stems = [parted[0] for name in header[2:] if (parted := split(name))]
    return any(stem.lower() not in ITEMS for stem in stems)


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a file of this layout; see streams.sources for the contract."""
    read(lines_of(path), registry, tally, all_stations=all_stations)


def read(lines: Iterable[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read the lines of a file of this layout."""

    def placed_of(section: Section, _: list[SpeciesColumn]) -> Iterator[StationLine]:
        return station_lines(section.rows, section.header, tally)

    def values_of(some: list[StationLine], header: list[str], columns: list[SpeciesColumn]) -> np.ndarray:
        return np.concatenate(amounts(some, columns, WANTED, tally))

    gathered = gathered_lines(lines, WANTED, tally, placed_of=placed_of, values_of=values_of)
    for kind, places, hour_rows in gathered.tables():
        numbers = hour_rows.lines  # before they are let go of with the columns
        grids = cut_rows(
            hour_rows.stations, *hour_rows.columns(), registry, tally, all_stations=all_stations, longest=BLOCK_HOURS,
            lines=numbers,
        )  # fmt: skip
        _pass_on(grids, tuple(ALL_SPECIES[place].name_en for place in places), kind, tally)


def _pass_on(grids: Iterable[StationHours], species: tuple[str, ...], kind: Kind, tally: Tally) -> None:
    """Pass station-hours on whose values are the values, then the detection limits, of all compounds."""
    for grid in grids:
        values, below = parted(grid.values)
        tally.pass_on(
            VocBlock, city=grid.key, stations=grid.stations, first_hour=grid.first_hour, species=species, values=values,
            present=grid.present, below_ppb=below, lines=grid.lines, **told_of(kind),
        )  # fmt: skip
