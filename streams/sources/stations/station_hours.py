"""Station-hours as a feed has read them, cut as they travel: by city, and by runs of consecutive hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from standards.pollutants import ITEMS
from streams.records import ObservationBlock
from streams.registry import Registry, group_key
from streams.sources.tally import Tally

BLOCK_HOURS = 31 * 24
SPARSEST = 32
"""Cells that a grid has for each of its rows at most: stations that share few hours are not spread over all of them."""
_CODES_SHOWN = 8
_NUMBER = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True)
class StationHours:
    """What a file holds of some stations of one city, or group, in consecutive hours; each station-hour at most once.

    values: float (item, station, hour), of whatever items. present: bool (station, hour), True where the file has a
    row. lines: int32 (station, hour), the line (or column) of each row, 0 where not known; None where it is known of
    none.
    """

    key: str
    stations: tuple[str, ...]
    first_hour: int
    values: np.ndarray
    present: np.ndarray
    lines: np.ndarray | None = None


class HourRows:
    """Gathers rows, one a station-hour, some thousands at a time, so that their numbers are kept and their text is not."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._chunks: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._lines: list[np.ndarray] = []

    @property
    def stations(self) -> tuple[str, ...]:
        """The stations in the order in which they came."""
        return tuple(self._names)

    @property
    def lines(self) -> np.ndarray:
        """The numbers of the rows' lines, int32 (row,), 0 where they were not told."""
        return np.concatenate(self._lines)

    def add(
        self, stations: Iterable[str], hours: Sequence[int], values: np.ndarray, lines: Sequence[int] | None = None
    ) -> None:
        """Take rows: their stations and epoch hours, float (item, row), and the numbers of their lines."""
        places = [self._names.setdefault(name, len(self._names)) for name in stations]
        self._lines.append(np.zeros(len(hours), np.int32) if lines is None else np.array(lines, np.int32))
        self._chunks.append((np.array(places, np.int32), np.array(hours, np.int64), values))

    def columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give up all rows: the places of their stations, int (row,), their epoch hours, int (row,), and float (item, row)."""
        places, hours, values = zip(*self._chunks, strict=True)
        self._chunks = []
        return np.concatenate(places), np.concatenate(hours), np.concatenate(values, axis=1)


def number_in(position: str) -> int:
    """Give the number of the line or column that a position begins with, "line 7" or "lines 7 to 9"; 0 where it has none."""
    found = _NUMBER.search(position)
    return int(found[0]) if found else 0


def key_of(code: str, registry: Registry, *, all_stations: bool) -> str | None:
    """Give the city of a station, its group where it has none and all_stations, else None: it is to be set aside."""
    return registry.city_of(code) or (group_key(code) if all_stations else None)


def set_aside(codes: Sequence[str], hour: int, tally: Tally, *, rows: int | None = None) -> None:
    """Set the rows of an hour aside whose stations are in none of the registry's cities; rows: how many, if not one each."""
    more = f" and {len(codes) - _CODES_SHOWN} more" if len(codes) > _CODES_SHOWN else ""
    tally.reject(
        "stations", "station is in none of the registry's cities", ", ".join(codes[:_CODES_SHOWN]) + more,
        "a station of the registry", hour=hour, rows=len(codes) if rows is None else rows, set_aside=True,
    )  # fmt: skip


def cut_rows(
    codes: Sequence[str],
    places: np.ndarray,
    hours: np.ndarray,
    values: np.ndarray,
    registry: Registry,
    tally: Tally,
    *,
    all_stations: bool,
    longest: int = BLOCK_HOURS,
    lines: np.ndarray | None = None,
) -> Iterator[StationHours]:
    """Cut rows by city (or group) and runs of consecutive hours, at most longest [h] each.

    codes: the stations at which places, int (row,), point; hours: int (row,); values: float (item, row); lines: int32 (row,), the
    lines in which the rows stand. A station-hour that is there again comes in a further run, so that the engine counts
    it as a duplicate. Stations in none of the registry's cities go under group keys where all_stations, else they are
    set aside.
    """
    lines = np.zeros(len(hours), np.int32) if lines is None else lines
    names, rank = np.unique(np.asarray(codes, dtype=str), return_inverse=True)
    keys = [key_of(str(name), registry, all_stations=all_stations) for name in names]
    station = rank[places]
    ours = np.array([key is not None for key in keys])[station]
    _set_aside_by_hour(names, station[~ours], hours[~ours], tally)
    if not ours.all():
        station, hours, values, lines = station[ours], hours[ours], values[:, ours], lines[ours]
    key_names, key_rank = np.unique([key or "" for key in keys], return_inverse=True)
    key, layer = key_rank[station], _repetition(station, hours)
    order = np.lexsort((station, hours, key, layer))
    for rows in _runs(layer[order], key[order], hours[order], station[order], longest):
        at = order[rows]
        yield _grid(str(key_names[key[at[0]]]), names, station[at], hours[at], values[:, at], lines[at])


def by_hour(hours: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Give each of the hours, int (row,), with the places of its rows."""
    order = np.argsort(hours, kind="stable")
    found, begins = np.unique(hours[order], return_index=True)
    yield from zip(found.tolist(), np.split(order, begins[1:]), strict=True) if len(hours) else ()


def consecutive(hours: np.ndarray, longest: int = BLOCK_HOURS) -> Iterator[slice]:
    """Give the places of runs of consecutive hours, int (hour,) rising, at most longest [h] each."""
    ends = [*(np.flatnonzero(np.diff(hours) != 1) + 1).tolist(), len(hours)]
    for begin, end in zip([0, *ends], ends, strict=False):
        for start in range(begin, end, longest):
            yield slice(start, min(start + longest, end))


def pass_on_observations(
    grids: Iterable[StationHours],
    tally: Tally,
    *,
    status: str = "provisional",
    revision: int = 0,
    simulated: bool = False,
    released_at: float | None = None,
    items: tuple[str, ...] = ITEMS,
) -> None:
    """Pass station-hours on whose values are the six items, and behind them eastward and northward wind [m/s] or nothing.

    items: of which the file says anything; of the others its rows say nothing.
    """
    for grid in grids:
        wind = grid.values[len(ITEMS) :]
        tally.pass_on(
            ObservationBlock, city=grid.key, stations=grid.stations, first_hour=grid.first_hour,
            values=grid.values[: len(ITEMS)], present=grid.present, wind_ms=wind if np.isfinite(wind).any() else None,
            status=status, revision=revision, simulated=simulated, released_at=released_at, lines=grid.lines,
            items=items,
        )  # fmt: skip


def _set_aside_by_hour(names: np.ndarray, station: np.ndarray, hours: np.ndarray, tally: Tally) -> None:
    for hour, rows in by_hour(hours):
        set_aside(names[np.unique(station[rows])].tolist(), hour, tally, rows=len(rows))


def _repetition(station: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Count for each row how many rows before it are of the same station and hour."""
    order = np.lexsort((hours, station))
    same = (np.diff(station[order]) == 0) & (np.diff(hours[order]) == 0)
    rank = np.arange(len(station))
    first = np.r_[True, ~same][: len(station)]
    count = np.empty(len(station), int)
    count[order] = rank - np.maximum.accumulate(np.where(first, rank, 0))
    return count


def _runs(layer: np.ndarray, key: np.ndarray, hours: np.ndarray, station: np.ndarray, longest: int) -> Iterator[slice]:
    """Give slices of rows that are one grid each; the rows are sorted by layer, key and hour."""
    step = np.diff(hours)
    parted = (np.diff(layer) != 0) | (np.diff(key) != 0) | (step > 1)
    ends = [*(np.flatnonzero(parted) + 1).tolist(), len(hours)] if len(hours) else []
    for begin, end in zip([0, *ends], ends, strict=False):
        first, last = int(hours[begin]), int(hours[end - 1])
        starts = begin + np.searchsorted(hours[begin:end], np.arange(first, last + 1, longest))
        for low, high in zip(starts, [*starts[1:], end], strict=True):
            yield from _dense(hours, station, int(low), int(high))


def _dense(hours: np.ndarray, station: np.ndarray, low: int, high: int) -> Iterator[slice]:
    """Halve the hours of some rows until their grids have few cells without a row."""
    span = int(hours[high - 1] - hours[low]) + 1
    if span == 1 or span * len(np.unique(station[low:high])) <= SPARSEST * (high - low):
        yield slice(low, high)
        return
    middle = low + int(np.searchsorted(hours[low:high], hours[low] + span // 2))
    yield from _dense(hours, station, low, middle)
    yield from _dense(hours, station, middle, high)


def _grid(
    key: str, names: np.ndarray, station: np.ndarray, hours: np.ndarray, values: np.ndarray, lines: np.ndarray
) -> StationHours:
    members, place = np.unique(station, return_inverse=True)
    first = int(hours[0])
    shape = (len(members), int(hours[-1]) - first + 1)
    grid, present = np.full((len(values), *shape), np.nan), np.zeros(shape, bool)
    grid[:, place, hours - first] = values
    present[place, hours - first] = True
    stand = np.zeros(shape, np.int32)
    stand[place, hours - first] = lines
    return StationHours(key, tuple(names[members].tolist()), first, grid, present, stand)
