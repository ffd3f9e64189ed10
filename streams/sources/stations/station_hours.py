"""Station-hours as a parser has read them, and the blocks they travel in: one a city and run of consecutive hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from streams.records import ObservationBlock
from streams.registry import Registry, group_key
from streams.sources.tally import Tally

BLOCK_HOURS = 31 * 24
_CODES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class StationHours:
    """What a file holds of some stations, each station-hour at most once.

    hours: int (hour,), rising, not necessarily consecutive. values: float (item, station, hour), of whatever items. present: bool
    (station, hour). wind_ms: float (2, station, hour) or None.
    """

    stations: tuple[str, ...]
    hours: np.ndarray
    values: np.ndarray
    present: np.ndarray
    wind_ms: np.ndarray | None = None


def layers(
    stations: Sequence[str], hours: Sequence[int], values: np.ndarray, wind_ms: np.ndarray | None = None
) -> list[StationHours]:
    """Arrange rows (one a station-hour; values (item, row), wind_ms (2, row)) as StationHours.

    A station-hour that the file repeats comes again in a further layer, so that the engine counts it as a duplicate.
    """
    codes, times = np.asarray(stations, dtype=str), np.asarray(hours, dtype=np.int64)
    repetition = _repetition(codes, times)
    layered = []
    for n in range(int(repetition.max(initial=-1)) + 1):
        rows = np.flatnonzero(repetition == n)
        wind = None if wind_ms is None else wind_ms[:, rows]
        layered.append(_layer(codes[rows], times[rows], values[:, rows], wind))
    return layered


def observation_blocks(
    grid: StationHours,
    registry: Registry,
    tally: Tally,
    *,
    all_stations: bool,
    status: str = "provisional",
    revision: int = 0,
    simulated: bool = False,
) -> list[ObservationBlock]:
    """Cut station-hours of the six items into blocks; see cuts."""
    origin = tally.origin
    return [
        ObservationBlock(
            source=origin.source, city=key, stations=tuple(grid.stations[i] for i in members),
            first_hour=int(grid.hours[run.start]),
            values=grid.values[:, members, run], present=grid.present[members, run],
            wind_ms=None if grid.wind_ms is None else grid.wind_ms[:, members, run],
            status=status, revision=revision, simulated=simulated or origin.simulated,
            provenance=origin.provenance, received_at=origin.received_at,
        )
        for key, members, run in cuts(grid, registry, tally, all_stations=all_stations)
    ]  # fmt: skip


def cuts(
    grid: StationHours, registry: Registry, tally: Tally, *, all_stations: bool, longest: int = BLOCK_HOURS
) -> Iterator[tuple[str, list[int], slice]]:
    """Cut station-hours by city (or group) and run of consecutive hours, at most longest [h] each.

    Gives the key, the stations' places in the grid and the hours' places. Stations in none of the registry's cities go
    under group keys where all_stations, else they are set aside.
    """
    places: dict[str | None, list[int]] = {}
    for index in sorted(range(len(grid.stations)), key=grid.stations.__getitem__):
        code = grid.stations[index]
        key = registry.city_of(code) or (group_key(code) if all_stations else None)
        places.setdefault(key, []).append(index)
    _set_aside(grid, places.pop(None, []), tally)
    for key, members in sorted(places.items()):
        for run in _runs(grid.hours, grid.present[members].any(axis=0), longest):
            yield key, members, run


def _repetition(codes: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Count for each row how many rows before it are of the same station and hour."""
    _, station = np.unique(codes, return_inverse=True)
    order = np.lexsort((times, station))
    same = (np.diff(station[order]) == 0) & (np.diff(times[order]) == 0)
    rank = np.arange(len(codes))
    first = np.r_[True, ~same][: len(codes)]
    count = np.empty(len(codes), int)
    count[order] = rank - np.maximum.accumulate(np.where(first, rank, 0))
    return count


def _layer(codes: np.ndarray, times: np.ndarray, values: np.ndarray, wind_ms: np.ndarray | None) -> StationHours:
    stations, station = np.unique(codes, return_inverse=True)
    hours, hour = np.unique(times, return_inverse=True)
    shape = (len(stations), len(hours))
    grid, present = np.full((len(values), *shape), np.nan), np.zeros(shape, bool)
    grid[:, station, hour] = values
    present[station, hour] = True
    wind = None
    if wind_ms is not None and np.isfinite(wind_ms).any():
        wind = np.full((2, *shape), np.nan)
        wind[:, station, hour] = wind_ms
    return StationHours(tuple(stations.tolist()), hours, grid, present, wind)


def _set_aside(grid: StationHours, members: list[int], tally: Tally) -> None:
    for column, hour in enumerate(grid.hours.tolist()):
        codes = [grid.stations[i] for i in members if grid.present[i, column]]
        if codes:
            more = f" and {len(codes) - _CODES_SHOWN} more" if len(codes) > _CODES_SHOWN else ""
            tally.reject(
                "stations", "station is in none of the registry's cities", ", ".join(codes[:_CODES_SHOWN]) + more,
                "a station of the registry", hour=hour, rows=len(codes), set_aside=True,
            )  # fmt: skip


def _runs(hours: np.ndarray, wanted: np.ndarray, longest: int) -> Iterator[slice]:
    """Give slices of consecutive wanted hours."""
    start = None
    for i in range(len(hours) + 1):
        ends = i == len(hours) or not wanted[i]
        if start is not None and (ends or hours[i] != hours[i - 1] + 1 or i - start == longest):
            yield slice(start, i)
            start = None
        if not ends and start is None:
            start = i
