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
it says that all is missing. An hour of which no line of an item can be read says nothing, and its rows are rejected: passed on,
they would withdraw what an earlier file said. Only the six hourly items are carried on; the published index and moving means
are for checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from standards.pollutants import ITEMS, POLLUTANTS
from streams.records import iso_hour
from streams.registry import Registry
from streams.sources.cells import CODE, CONCENTRATION, clock_hour, concentrations
from streams.sources.stations.station_hours import (
    StationHours,
    consecutive,
    key_of,
    number_in,
    pass_on_observations,
    set_aside,
)
from streams.sources.tally import UNKNOWN_HOUR, Tally

ITEM_OF_TYPE = {POLLUTANTS[item].symbol: i for i, item in enumerate(ITEMS)}
CHECK_TYPES = (
    "AQI", "PM2.5_24h", "PM10_24h", "SO2_24h", "NO2_24h", "O3_24h", "O3_8h", "O3_8h_24h", "CO_24h",
)  # fmt: skip
HOUR_EXPECTED = "a day as YYYYMMDD and an hour from 0 to 24"
_TYPES = ", ".join((*ITEM_OF_TYPE, *CHECK_TYPES))


def readings(cells: Sequence[str]) -> tuple[np.ndarray, dict[int, str]]:
    """Read cells of concentrations: float64 (cell,), NaN where missing or wrong, and the wrong ones by their places."""
    values, wrong = concentrations(cells)
    return values, {i: cells[i] for i in wrong}


class Gathering:
    """Gathers the lines of one file: each holds one type of one hour, with one cell a station."""

    def __init__(self, stations: Sequence[str], registry: Registry, tally: Tally, *, all_stations: bool) -> None:
        self._tally = tally
        self._names = list(stations)
        self._first = {name: i for i, name in reversed(list(enumerate(self._names)))}
        good = [i for i, name in enumerate(self._names) if CODE.fullmatch(name) and self._first[name] == i]
        keys = {i: key_of(self._names[i], registry, all_stations=all_stations) for i in good}
        self._aside = [i for i in good if keys[i] is None]
        self._kept = sorted((i for i in good if keys[i] is not None), key=lambda i: (keys[i], self._names[i]))
        self._keys = [str(keys[i]) for i in self._kept]
        self._nameless = [i for i, name in enumerate(self._names) if not name]
        self._filled: set[int] = set()
        self._lines: dict[tuple[int, int], list[np.ndarray]] = {}
        self._times: dict[int, int] = {}
        self._stand: dict[int, list[int]] = {}
        self._unplaced: dict[tuple[str, str], str] = {}
        self._unplaced_lines: Counter[tuple[str, str]] = Counter()

    @property
    def stations(self) -> list[str]:
        """The stations in the order of the lines' cells."""
        return self._names

    @property
    def rows(self) -> int:
        """How many station-hours the lines that were placed come to."""
        return len(self._names) * len(self._times)

    def place(self, position: str, label: Sequence[str]) -> tuple[int, int] | None:
        """Note a line, labelled day, hour and type; give its hour and item, None where it holds nothing that is carried on.

        Errors: Unusable where the hours are too many for the stations.
        """
        day, clock, kind = label
        hour = clock_hour(day, clock)
        if hour is None:
            self._unplaced.setdefault((day, clock), position)
            self._unplaced_lines[day, clock] += 1
            return None
        self._times.setdefault(hour, 1)
        self._tally.require_room(len(self._names) * len(self._times))
        item = ITEM_OF_TYPE.get(kind)
        if item is None and kind not in CHECK_TYPES:
            self._tally.reject(position, "unknown type", kind, f"one of {_TYPES}", hour=hour, rows=0)
        return None if item is None else (hour, item)

    def put(self, position: str, place: tuple[int, int], values: np.ndarray, wrong: dict[int, str]) -> None:
        """Take the values of a line that was placed, float (station,), and its wrong cells by the places of their stations."""
        hour, item = place
        for i, cell in wrong.items():
            where = f"{position}, station {self._names[i] or f'number {i + 1}'}, {ITEMS[item]}"
            self._tally.reject(where, "not a concentration", cell, CONCENTRATION, hour=hour, rows=0)
        self._filled.update(i for i in self._nameless if i in wrong or not np.isnan(values[i]))
        lines = self._lines.setdefault(place, [])
        lines.append(values[self._kept])
        if len(lines) > len(self._stand.setdefault(hour, [])):
            self._stand[hour].append(number_in(position))
        self._times[hour] = max(self._times[hour], len(lines))

    def close(self) -> None:
        """Account for every row, and pass on those of the stations that are kept."""
        self._account()
        for n in range(max(self._times.values(), default=0)):
            found: dict[tuple[str, ...], list[int]] = {}
            for hour in sorted(hour for hour, times in self._times.items() if times > n and hour in self._stand):
                items = tuple(item for i, item in enumerate(ITEMS) if (hour, i) in self._lines)
                found.setdefault(items, []).append(hour)
            for items, hours in found.items():
                pass_on_observations(self._layer(n, np.array(hours)), self._tally, items=items)

    def _layer(self, n: int, hours: np.ndarray) -> Iterator[StationHours]:
        """Give some hours that the file holds more than n times, with the values of that repetition.

        An item that is not repeated keeps the values that it had: a repeated type says nothing of the others.
        """
        for key in dict.fromkeys(self._keys):
            first = self._keys.index(key)
            members = slice(first, first + self._keys.count(key))
            stations = tuple(self._names[i] for i in self._kept[members])
            for run in consecutive(hours):
                values = self._values(hours[run].tolist(), n, members)
                lines = np.zeros(values.shape[1:], np.int32) + self._standing(hours[run].tolist(), n)
                yield StationHours(key, stations, int(hours[run][0]), values, np.ones(values.shape[1:], bool), lines)

    def _values(self, hours: list[int], n: int, members: slice) -> np.ndarray:
        values = np.full((len(ITEMS), members.stop - members.start, len(hours)), np.nan)
        for h, hour in enumerate(hours):
            for item in range(len(ITEMS)):
                lines = self._lines.get((hour, item), [])
                if lines:
                    values[item, :, h] = lines[min(n, len(lines) - 1)][members]
        return values

    def _standing(self, hours: list[int], n: int) -> np.ndarray:
        """Give the line or column at which the n-th repetition of each hour begins, int32 (hour,); 0 where it has no item."""
        stand = (self._stand.get(hour, []) for hour in hours)
        return np.array([each[n] if n < len(each) else 0 for each in stand], np.int32)

    def _account(self) -> None:
        """Count rows in, set aside those of unknown stations, and reject those of columns and hours that cannot be placed."""
        # A column without name and values is padding at the end of the line, not a row.
        sound = {*self._kept, *self._aside, *self._nameless} - self._filled
        faulty = [i for i in range(len(self._names)) if i not in sound]
        columns = len(self._kept) + len(self._aside) + len(faulty)
        aside = [self._names[i] for i in self._aside]
        for hour, times in sorted(self._times.items()):
            self._tally.came_in(hour, columns * times)
            for _ in range(times if aside else 0):
                set_aside(aside, hour, self._tally)
            if hour not in self._stand and self._kept:
                self._tally.reject(
                    f"hour {iso_hour(hour)}", "no line of the hour holds an item that can be read", "",
                    f"a line of one of {', '.join(ITEM_OF_TYPE)}", hour=hour, rows=len(self._kept) * times,
                )  # fmt: skip
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
                HOUR_EXPECTED, rows=columns,
            )  # fmt: skip
