"""What PM2.5 is made of at super-sites: one line a station-hour or a sample, a column for each species.

    station,hour_end[,averaging_h][,status][,revision][,simulated][,released_at],<species>

Place, hour and kind are as in station_csv; averaging_h is over how many hours, up to hour_end, the line is a mean. A species'
column is its name and unit, `sulphate_ugm3` or `pb_ngm3` (see composition_columns). Ions, carbon, elements and the marker come from
instruments of their own: for each kind that a header names, a line is one row. docs/layouts/composition.md describes the layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from streams.components import COMPONENTS, KINDS
from streams.records import LONGEST_AVERAGING_H, CompositionBlock
from streams.registry import Registry
from streams.sources.cells import whole
from streams.sources.csv_lines import header_of, lines_of
from streams.sources.headers import Section
from streams.sources.stations.composition_columns import AVERAGING_COLUMN, WANTED, is_component
from streams.sources.stations.species_lines import SpeciesColumn, amounts, gathered_lines, parted
from streams.sources.stations.station_csv import ITEM_COLUMNS, WIND_COLUMNS
from streams.sources.stations.station_hours import HourRows, cut_rows
from streams.sources.stations.station_lines import PLACE_COLUMNS, Kind, StationLine, station_lines, told_of
from streams.sources.stations.voc_columns import is_compound
from streams.sources.tally import Tally

NAME = "composition-csv"
_AVERAGING = f"a whole number of hours from 1 to {LONGEST_AVERAGING_H}"


def recognises(path: Path, head: bytes) -> bool:
    """Tell this layout by its first line: places, a species of PM2.5, and none of the six items, wind or organic compounds."""
    header = header_of(head)
    if "\ufffd" in "".join(header):
        header = header_of(head.decode("gb18030", "replace").encode())
    if tuple(header[:2]) != PLACE_COLUMNS or {*ITEM_COLUMNS, *WIND_COLUMNS} & {*header}:
        return False
    return any(map(is_component, header[2:])) and not any(map(is_compound, header[2:]))


def parse(path: Path, registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Parse a file of this layout; see streams.sources for the contract."""
    read(lines_of(path), registry, tally, all_stations=all_stations)


def read(lines: Iterable[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
    """Read the lines of a file of this layout."""

    def placed_of(section: Section, columns: list[SpeciesColumn]) -> Iterator[StationLine]:
        rows = len(_by_kind([column.species for column in columns])) or 1
        return _with_averaging(
            station_lines(section.rows, section.header, tally, each=rows), section.header, rows, tally
        )

    def values_of(some: list[StationLine], header: list[str], columns: list[SpeciesColumn]) -> np.ndarray:
        return np.vstack([*amounts(some, columns, WANTED, tally), [_averaging(line, header) for line in some]])

    gathered = gathered_lines(lines, WANTED, tally, placed_of=placed_of, values_of=values_of)
    for kind, places, hour_rows in gathered.tables():
        _pass_on(hour_rows, places, kind, registry, tally, all_stations=all_stations)


def _with_averaging(lines: Iterable[StationLine], header: list[str], rows: int, tally: Tally) -> Iterator[StationLine]:
    """Give the lines whose averaging time can be read; reject the others, each of so many rows."""
    for line in lines:
        if _averaging(line, header) is not None:
            yield line
            continue
        position, cell = f"{line.position}, column {AVERAGING_COLUMN}", line.cells[header.index(AVERAGING_COLUMN)]
        tally.reject(position, "not an averaging time", cell, _AVERAGING, hour=line.hour, rows=rows)


def _averaging(line: StationLine, header: list[str]) -> int | None:
    """Give over how many hours a line is a mean [h], None where that cannot be read."""
    if AVERAGING_COLUMN not in header:
        return 1
    return whole(line.cells[header.index(AVERAGING_COLUMN)] or "1", 1, LONGEST_AVERAGING_H)


def _by_kind(places: Sequence[int]) -> dict[str, list[int]]:
    """Give for each kind that there is where in places, which point into COMPONENTS, its species are."""
    found = {kind: [i for i, place in enumerate(places) if COMPONENTS[place].kind == kind] for kind in KINDS}
    return {kind: at for kind, at in found.items() if at}


def _pass_on(
    hour_rows: HourRows, places: tuple[int, ...], kind: Kind, registry: Registry, tally: Tally, *, all_stations: bool
) -> None:
    """Pass rows on, each averaging time and each kind of species in blocks of its own.

    Their values are those of all species, then their detection limits, then the averaging time.
    """
    numbers = hour_rows.lines  # before they are let go of with the columns
    station, hour, values = hour_rows.columns()
    for averaging_h in np.unique(values[-1]).tolist():
        rows = values[-1] == averaging_h
        for own in _by_kind(places).values():
            picked = values[[*own, *(len(places) + i for i in own)]][:, rows]
            grids = cut_rows(
                hour_rows.stations, station[rows], hour[rows], picked, registry, tally, all_stations=all_stations,
                lines=numbers[rows],
            )  # fmt: skip
            species = tuple(COMPONENTS[places[i]].name for i in own)
            for grid in grids:
                of_species, below = parted(grid.values)
                tally.pass_on(
                    CompositionBlock, city=grid.key, stations=grid.stations, first_hour=grid.first_hour,
                    species=species, values=of_species, present=grid.present, below_ugm3=below, lines=grid.lines,
                    averaging_h=int(averaging_h), **told_of(kind),
                )  # fmt: skip
