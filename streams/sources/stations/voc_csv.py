"""Organic compounds of super-sites: one line a station-hour, a column for each compound.

    station,hour_end[,status][,revision][,simulated],<compounds>

Place, hour and kind are as in station_csv. A compound's column is its name and unit, `toluene_ppb` or `toluene_ugm3` at
298.15 K and 1013.25 hPa (see voc_columns); docs/layouts/voc.md describes the layout with an example.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from standards.voc.species import ALL_SPECIES
from streams.records import Block, VocBlock
from streams.registry import Registry
from streams.sources import Parsed
from streams.sources.csv_cells import rows_of
from streams.sources.stations.station_csv import ITEM_COLUMNS, WIND_COLUMNS
from streams.sources.stations.station_hours import StationHours, cuts, layers
from streams.sources.stations.station_lines import PLACE_COLUMNS, Kind, StationLine, by_kind, station_lines
from streams.sources.stations.voc_columns import SpeciesColumn, mixing_ratios, species_columns, split
from streams.sources.tally import Origin, Tally, open_text, undecodable

NAME = "voc-csv"
BLOCK_HOURS = 240
"""A block of a hundred compounds is as large as one of the six items over a month."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line: places, columns with a compound's unit, and none of the six items or wind."""
    first = head.decode("utf-8-sig", "replace").replace("\r", "\n").partition("\n")[0]
    _, header = next(rows_of([first]), (1, []))
    if tuple(header[:2]) != PLACE_COLUMNS or {*ITEM_COLUMNS, *WIND_COLUMNS} & {*header}:
        return False
    stems = [parted[0] for name in header[2:] if (parted := split(name))]
    return any(stem.lower() not in ITEMS for stem in stems)


def parse(path: Path, registry: Registry, *, all_stations: bool, received_at: float, simulated: bool) -> Parsed:
    """Parse a file of this layout; see streams.sources for the contract."""
    origin, text = open_text(path, NAME, received_at=received_at, simulated=simulated)
    return undecodable(origin) if text is None else parse_text(text, registry, origin, all_stations=all_stations)


def parse_text(text: str, registry: Registry, origin: Origin, *, all_stations: bool = False) -> Parsed:
    """Parse the text of a file of this layout."""
    tally = Tally(origin)
    rows = rows_of(io.StringIO(text, newline=None))
    _, header = next(rows, (1, []))
    columns = species_columns(header, tally)
    lines = list(station_lines(rows, header, tally))
    if not columns:
        _reject_all(lines, header, tally)
        return tally.parsed([])
    blocks: list[Block] = []
    for kind, members in by_kind(lines):
        values = np.concatenate(mixing_ratios(members, columns, tally))
        for grid in layers([line.station for line in members], [line.hour for line in members], values):
            blocks += _blocks(grid, columns, kind, registry, tally, all_stations=all_stations)
    return tally.parsed(blocks)


def _reject_all(lines: list[StationLine], header: list[str], tally: Tally) -> None:
    for hour, rows in sorted(Counter(line.hour for line in lines).items()):
        expected = "one or more columns such as toluene_ppb or toluene_ugm3"
        tally.reject("line 1", "no compound has a column", ",".join(header), expected, hour=hour, rows=rows)


def _blocks(
    grid: StationHours,
    columns: list[SpeciesColumn],
    kind: Kind,
    registry: Registry,
    tally: Tally,
    *,
    all_stations: bool,
) -> Iterator[VocBlock]:
    """Cut station-hours into blocks; the grid holds the values, then the detection limits, of all compounds."""
    status, revision, simulated = kind
    origin, count = tally.origin, len(columns)
    species = tuple(ALL_SPECIES[column.species].name_en for column in columns)
    for key, members, run in cuts(grid, registry, tally, all_stations=all_stations, longest=BLOCK_HOURS):
        cells = grid.values[:, members, run]
        below = cells[count:]
        yield VocBlock(
            source=origin.source, city=key, stations=tuple(grid.stations[i] for i in members),
            first_hour=int(grid.hours[run.start]), species=species, values=cells[:count],
            present=grid.present[members, run], below_ppb=None if np.isnan(below).all() else below,
            status=status, revision=revision, simulated=simulated or origin.simulated,
            provenance=origin.provenance, received_at=origin.received_at,
        )  # fmt: skip
