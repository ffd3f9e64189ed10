"""The forecast runs that a city remembers: of each the mean over the points that count, the weather over the city, what has come.

A run is issued once, but its files may come in parts, twice, or again because they were wrong. What a city's hour is made of is
decided in two halves. Concentrations are the mean over the points that count, of hours rounded as reported, as the city's
observation is; of several blocks with such points those of the one released last (streams.memory.delivery), and of two of one file
those over more points. The weather, a mean over the city's area, is the one released last. What is real stands before what is
simulated. A withdrawn hour (streams.intake.retraction) stands among the releases as
any and has no values. Forecasts at stations pass through: a place's hour is given out again where it was released later and says
something else.

Runs are found by the hours of a piece: an index for each piece names the runs that started or reach into it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from standards.averaging import city_mean, reported_hours
from standards.pollutants import ITEMS
from streams.memory.book import Mapping, pieces_of
from streams.memory.delivery import NEVER, after, content_number, delivery_of
from streams.memory.held import REAL, Run
from streams.records import CITY_MEAN, FORECAST_VARIABLES, ForecastBlock
from streams.registry.members import Members
from streams.wire.arrays import folded

_UNSEEN = 0
_SEEN = ("released", "received", "file", "stamp")
"""What is remembered of a place's hour; released has REAL added where it is not simulated, stamp is a number for what was said."""
N = len(ITEMS)


@dataclass(frozen=True, slots=True)
class RunNews:
    """What a block brought: fresh, bool (place, hour), and city, bool (hour,), tell where they say something new.

    again: bool (place, hour), where a place had said something before.
    """

    fresh: np.ndarray
    again: np.ndarray
    city: np.ndarray
    run: Run


def merge_run(held: Mapping, block: ForecastBlock, members: Members) -> RunNews:
    """Merge a block of a run. members: which places are points of the city that count, and when.

    Missing: a city none of whose counting points a run has values for has no concentrations of that run.
    """
    end = block.first_hour + block.hours
    known = load_run(held, block.run)
    seen = _unpacked(held.get(f"f{block.run}")["places"], known) if known else {}
    if known is None:
        known = _empty(block)
    run = _stretched(known, block.first_hour, end)
    seen = {place: _widened(rows, known.first_hour, run) for place, rows in seen.items()}
    span = slice(block.first_hour - run.first_hour, end - run.first_hour)
    fresh, again, moved = _take_places(block, seen, run, span)
    city, kept = _take_city(block, run, span, members)
    if moved or kept:
        _enter(held, run)
        held.put(f"f{block.run}", _packed(run, seen))
    return RunNews(fresh, again, city, run)


def _take_places(
    block: ForecastBlock, seen: dict[str, np.ndarray], run: Run, span: slice
) -> tuple[np.ndarray, np.ndarray, bool]:
    again = np.zeros((len(block.places), block.hours), bool)
    fresh, moved = np.zeros((len(block.places), block.hours), bool), False
    stamps = np.array([digests(block.values[:, i]) for i in range(len(block.places))])
    came = _precedence(block)
    for i, place in enumerate(block.places):
        rows = seen.setdefault(place, np.zeros((len(_SEEN), run.end - run.first_hour), np.int64))
        before = rows[:, span]
        unseen = before[-1] == _UNSEEN
        wins = unseen | after([*came, stamps[i]], before)
        made_up = before[0] < REAL // 2
        fresh[i] = wins & ((stamps[i] != before[-1]) | (made_up != block.simulated))
        again[i] = ~unseen
        before[:-1, wins], before[-1, wins] = came[:, None], stamps[i][wins]
        moved |= bool(wins.any())
    return fresh, again, moved


def digests(values: np.ndarray) -> np.ndarray:
    """Give a number for what a place is forecast in each hour, (variable, hour) -> int64 (hour,), never 0."""
    thousandths = np.ascontiguousarray(np.nan_to_num(np.rint(values.T * 1000), nan=-9e9)).astype(np.int64)
    return np.array([zlib.crc32(row.tobytes()) | 1 << 32 for row in thousandths], np.int64)


def _take_city(block: ForecastBlock, run: Run, span: slice, members: Members) -> tuple[np.ndarray, bool]:
    """Merge the two halves of the city's hours in place; tell where they now differ, and whether anything is to be kept."""
    hours = np.arange(block.first_hour, block.first_hour + block.hours)
    counts = members.counting(block.places, hours)
    values = np.where(counts, block.values[:N], np.nan)
    points = np.isfinite(values).any(axis=0).sum(axis=0)
    at_points = (
        city_mean(reported_hours(np.ascontiguousarray(values))) if counts.any() else np.full((N, block.hours), np.nan)
    )
    weather = np.full((len(FORECAST_VARIABLES) - N, block.hours), np.nan)
    if CITY_MEAN in block.places:
        weather = block.values[N:, block.places.index(CITY_MEAN)]
    came, before, made_up = _precedence(block), run.values[:, span].copy(), run.simulated[span]
    held = run.came[..., span].copy()
    mine, theirs = content_number(at_points), content_number(before[:N])
    wins = counts.any(axis=0) & after([*came, points, mine], [*held[:, 0], run.points[span], theirs])
    told = np.isfinite(weather).any(axis=0) | (block.withdrawn and CITY_MEAN in block.places)
    mine, theirs = content_number(weather), content_number(before[N:])
    blows = told & after([*came, mine], [*held[:, 1], theirs])
    run.values[:N, span] = np.where(wins, at_points, before[:N])
    run.values[N:, span] = np.where(blows, weather, before[N:])
    run.points[span] = np.where(wins, points, run.points[span])
    run.came[..., span] = np.where(np.stack([wins, blows]), came[:, None, None], held)
    now = run.values[:, span]
    differs = ((now != before) & ~(np.isnan(now) & np.isnan(before))).any(axis=0)
    differs |= (run.simulated[span] != made_up) & np.isfinite(now).any(axis=0)
    if block.withdrawn:  # it is told whatever came before it, so that rows are the same in whatever order they come
        differs |= wins | blows
    return differs, bool((wins | blows).any())


def _precedence(block: ForecastBlock) -> np.ndarray:
    # What is real stands before what is simulated, whatever came later.
    came = delivery_of(block)
    return np.array([came.released + (0 if block.simulated else REAL), came.received, came.file], np.int64)


def _empty(block: ForecastBlock) -> Run:
    hours = block.hours
    return Run(
        block.run, block.run_init, block.first_hour, np.full((len(FORECAST_VARIABLES), hours), np.nan),
        np.zeros(hours, np.int16), np.full((3, 2, hours), NEVER, np.int64),
    )  # fmt: skip


def load_run(held: Mapping, name: str) -> Run | None:
    """Give a run as held, None where it is not known."""
    packed = held.get(f"f{name}")
    if packed is None:
        return None
    values = packed["values"].astype(float)
    return Run(
        name, packed["run_init"], packed["first_hour"], values, packed["points"].copy(),
        np.broadcast_to(packed["came"], (3, 2, values.shape[1])).copy(),
    )  # fmt: skip


def runs_over(held: Mapping, first: int, end: int) -> list[Run]:
    """Give the runs that cover any of the hours [first, end), by name."""
    names = {name for name, (_, start, stop) in _entered(held, first, end).items() if start < end and stop > first}
    return [load_run(held, name) for name in sorted(names)]


def runs_from(held: Mapping, first_init: int, last_init: int) -> list[Run]:
    """Give the runs that started in the hours first_init to last_init, by name."""
    found = _entered(held, first_init, last_init + 1)
    return [load_run(held, name) for name, (init, *_) in sorted(found.items()) if first_init <= init <= last_init]


def _enter(held: Mapping, run: Run) -> None:
    """Enter a run in the index of each piece from its start to its end, where that does not yet say so."""
    entry = (run.run_init, run.first_hour, run.end)
    for piece in pieces_of(run.run_init, run.end):
        index = held.get(f"i{piece}") or {}
        if index.get(run.name) != entry:
            held.put(f"i{piece}", index | {run.name: entry})


def _entered(held: Mapping, first: int, end: int) -> dict[str, tuple[int, int, int]]:
    # Start, first hour and hour after the last, by name, of the runs in the pieces around some hours.
    found: dict[str, tuple[int, int, int]] = {}
    for piece in pieces_of(first, end):
        found |= held.get(f"i{piece}") or {}
    return found


def _packed(run: Run, seen: dict[str, np.ndarray]) -> dict[str, Any]:
    places = {
        place: (folded(rows[:-1]), (rows[-1] & 0xFFFFFFFF).astype(np.uint32), folded(rows[-1] > 0))
        for place, rows in seen.items()
    }
    return {
        "run_init": run.run_init, "first_hour": run.first_hour, "values": run.values, "points": run.points,
        "came": folded(run.came), "places": places,
    }  # fmt: skip


def _unpacked(places: dict[str, tuple], run: Run) -> dict[str, np.ndarray]:
    hours = run.end - run.first_hour
    found = {}
    for place, (came, stamps, there) in places.items():
        rows = np.zeros((len(_SEEN), hours), np.int64)
        rows[:-1] = came
        rows[-1] = np.where(there, stamps.astype(np.int64) | 1 << 32, _UNSEEN)
        found[place] = rows
    return found


def _widened(rows: np.ndarray, first_hour: int, run: Run) -> np.ndarray:
    wider = np.zeros((len(_SEEN), run.end - run.first_hour), np.int64)
    wider[:, first_hour - run.first_hour :][:, : rows.shape[1]] = rows
    return wider


def _stretched(run: Run, first: int, end: int) -> Run:
    low, high = min(run.first_hour, first), max(run.end, end)
    if (low, high) == (run.first_hour, run.end):
        return run
    at = slice(run.first_hour - low, run.end - low)
    values = np.full((len(FORECAST_VARIABLES), high - low), np.nan)
    points, came = np.zeros(high - low, np.int16), np.full((3, 2, high - low), NEVER, np.int64)
    values[:, at], points[at], came[..., at] = run.values, run.points, run.came
    return replace(run, first_hour=low, values=values, points=points, came=came)
