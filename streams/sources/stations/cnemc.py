"""The national network's (CNEMC) hourly files: their types and hour labels, and how lines become station-hours.

Shared by the wide layout (a line holds one type and hour of all stations) and the transposed one (a column does).

**Hour labels.** Label h of day D is the hour ENDING at D h:00 in Asia/Shanghai; label 0 of day D is 24:00 of the day
before. Evidence, from the national files of 2023-01-20 and 21, which carry published moving means beside the hourly
values:
* `PM2.5_24h`, `SO2_24h`, `NO2_24h`, `CO_24h`, `PM10_24h` equal the rounded mean of the 24 labels up to and including
  their own in 99.98 to 99.99 % of some 35,000 complete cases each, and of labels shifted by one in 24 % (PM10) to 91
  % (CO, which hardly varies): a published mean ends with its label. The day's label 0 stands before its label 1 in
  that order.
* `O3_8h` is the mean of the last eight hours of one natural day, which starts at label 1: at label 7 it equals the mean
  of labels 1 to 7 at all 1,656 stations that have them, at label 1 the hour itself.
* `O3_8h_24h` at label 0 of the 21st equals the largest `O3_8h` of labels 8 to 23 of the 20th and that label 0 in 99.9 %
  of cases, and at label 1 it starts anew: label 0 is the 24:00 with which the law's 08:00 to 24:00 ends. Hours of a
  natural day end from 01:00 to 24:00, so a label is the end of its hour.

**Rows.** Each station column of each hour named in a file is one row, also where none of its cells has a value: then
it says that all is missing. Only the six hourly items are carried on; the published index and moving means are for
checks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from standards.pollutants import ITEMS, POLLUTANTS
from streams.records import Block
from streams.registry import Registry
from streams.sources.cells import CODE, CONCENTRATION, clock_hour, concentrations
from streams.sources.stations.station_hours import StationHours, observation_blocks
from streams.sources.tally import UNKNOWN_HOUR, Tally

ITEM_OF_TYPE = {POLLUTANTS[item].symbol: i for i, item in enumerate(ITEMS)}
CHECK_TYPES = (
    "AQI", "PM2.5_24h", "PM10_24h", "SO2_24h", "NO2_24h", "O3_24h", "O3_8h", "O3_8h_24h", "CO_24h",
)  # fmt: skip
_TYPES = ", ".join((*ITEM_OF_TYPE, *CHECK_TYPES))
_NOT_BLANK = re.compile(r"\S")


class Gathering:
    """Gathers the lines of one file: each holds one type of one hour, with one cell a station."""

    def __init__(self, stations: Sequence[str], tally: Tally) -> None:
        self._tally = tally
        self._names = [name.strip() for name in stations]
        self._first = {name: i for i, name in reversed(list(enumerate(self._names)))}
        self._good = [i for i, name in enumerate(self._names) if CODE.fullmatch(name) and self._first[name] == i]
        self._nameless = [i for i, name in enumerate(self._names) if not name]
        self._filled: set[int] = set()
        self._lines: dict[tuple[int, int], list[np.ndarray]] = {}
        self._times: dict[int, int] = {}
        self._unplaced: dict[tuple[str, str], str] = {}
        self._unplaced_lines: Counter[tuple[str, str]] = Counter()

    def add(self, position: str, label: tuple[str, str, str], cells: Sequence[str] | None) -> None:
        """Take one line, labelled (day, hour, type); cells is None where they cannot be told apart."""
        day, clock, kind = (text.strip() for text in label)
        hour = clock_hour(day, clock)
        if hour is None:
            self._unplaced.setdefault((day, clock), position)
            self._unplaced_lines[day, clock] += 1
            return
        self._times.setdefault(hour, 1)
        item = ITEM_OF_TYPE.get(kind)
        if item is None and kind not in CHECK_TYPES:
            self._tally.reject(position, "unknown type", kind, f"one of {_TYPES}", hour=hour, rows=0)
        elif item is not None and cells is not None:
            self._add_item(position, hour, item, cells)

    def blocks(self, registry: Registry, *, all_stations: bool) -> list[Block]:
        """Close the gathering: account for every row and give the blocks."""
        self._account()
        grids = [self._layer(n) for n in range(max(self._times.values(), default=0))] if self._good else []
        return [b for grid in grids for b in observation_blocks(grid, registry, self._tally, all_stations=all_stations)]

    def _add_item(self, position: str, hour: int, item: int, cells: Sequence[str]) -> None:
        values, wrong = concentrations(cells)
        for i in wrong:
            where = f"{position}, station {self._names[i] or f'number {i + 1}'}, {ITEMS[item]}"
            self._tally.reject(where, "not a concentration", cells[i], CONCENTRATION, hour=hour, rows=0)
        self._filled.update(i for i in self._nameless if _NOT_BLANK.search(cells[i]))
        lines = self._lines.setdefault((hour, item), [])
        lines.append(values[self._good])
        self._times[hour] = max(self._times[hour], len(lines))

    def _layer(self, n: int) -> StationHours:
        """Give the hours that the file holds more than n times, with the values of that repetition."""
        hours = sorted(hour for hour, times in self._times.items() if times > n)
        values = np.full((len(ITEMS), len(self._good), len(hours)), np.nan)
        for h, hour in enumerate(hours):
            for item in range(len(ITEMS)):
                lines = self._lines.get((hour, item), [])
                if n < len(lines):
                    values[item, :, h] = lines[n]
        stations = tuple(self._names[i] for i in self._good)
        return StationHours(stations, np.array(hours), values, np.ones(values.shape[1:], bool))

    def _account(self) -> None:
        """Count rows in, and reject those of columns and of hours that cannot be placed."""
        # A column without name and values is padding at the end of the line, not a row.
        faulty = [i for i in range(len(self._names)) if i not in set(self._good) | set(self._nameless) - self._filled]
        columns = len(self._good) + len(faulty)
        for hour, times in sorted(self._times.items()):
            self._tally.came_in(hour, columns * times)
            for i in faulty:
                repeated = self._names[i] and self._first[self._names[i]] != i
                reason = "station column is repeated" if repeated else "not a station code"
                self._tally.reject(
                    f"station number {i + 1}", reason, self._names[i],
                    "each station once, by 1 to 24 letters, digits, '.', '_' or '-'", hour=hour, rows=times,
                )  # fmt: skip
        for (day, clock), position in self._unplaced.items():
            self._tally.came_in(UNKNOWN_HOUR, columns)
            self._tally.reject(
                f"{position} and {self._unplaced_lines[day, clock] - 1} more", "no such hour", f"{day} {clock}",
                "a day as YYYYMMDD and an hour from 0 to 23", rows=columns,
            )  # fmt: skip
        if not self._times and not self._unplaced:
            self._tally.reject("line 2", "the file has a header but no hours", "", "lines of values", rows=0)
