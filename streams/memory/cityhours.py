"""The recent hours of one city's stations as arrays, and the merges that make order of arrival irrelevant.

For each station-hour one row wins as a whole: measured beats simulated, whatever else they say, for a made-up number must never
hide what was measured, not even that nothing was; then `reviewed` beats `provisional`, then the higher revision. What is left is
decided in two steps. Of the rows of one source the one released last wins (streams.memory.delivery): a source that publishes an
hour again corrects it, upwards or downwards, and one that publishes it without a value withdraws it. Rows of one file that stand
for one hour are no releases of it: there one with a value stands before one without, then the later line. Of the rows of several
sources one that has any value stands before one that has none, for a source says nothing of another's values; then the one
released last, then the one received last, then the one of the source that is first in the alphabet. So each source has a layer of
its own (merge), and the city looks through all of them (strongest); both are the largest by a total order, whatever came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from standards.pollutants import ITEMS
from streams.memory.delivery import after, content_number, delivery_of
from streams.records import STATUSES, ObservationBlock
from streams.wire.arrays import THOUSANDTHS, folded, from_whole, stepped, to_whole, unstepped

ABSENT = -1
WITHDRAWN = -1
"""The line of a row that was retracted: nothing in its source's layer, and it hides nothing of any other source."""
REVISIONS = 32_768
"""rank = REVISIONS * (index of the status) + revision; ABSENT where there is no row."""


@dataclass(frozen=True, slots=True)
class CityHours:
    """Station-hours of one city over consecutive hours.

    values: float64 (6, station, hour) [ug/m3, CO mg/m3], NaN missing. rank: int32 (station, hour), ABSENT where no row is held.
    source: uint16 (station, hour), index into the names of the sources, in the order of the alphabet. simulated: bool (station,
    hour). wind_ms: float64 (2, station, hour), NaN missing. released, received: int64 (station, hour), when the row was published
    and when it came [us since 1970]. file: int64 and line: int32 (station, hour), where it stands, 0 where not known.
    """

    first_hour: int
    stations: tuple[str, ...]
    values: np.ndarray
    rank: np.ndarray
    source: np.ndarray
    simulated: np.ndarray
    wind_ms: np.ndarray
    released: np.ndarray
    received: np.ndarray
    file: np.ndarray
    line: np.ndarray

    @property
    def hours(self) -> int:
        """How many consecutive hours are held."""
        return self.rank.shape[1]

    @property
    def end(self) -> int:
        """The epoch hour after the last one."""
        return self.first_hour + self.rank.shape[1]

    def window(self, first: int, end: int) -> CityHours:
        """Give the hours [first, end), as views; both must lie inside."""
        cut = slice(first - self.first_hour, end - self.first_hour)
        arrays = {name: getattr(self, name)[..., cut] for name in _ARRAYS}
        return CityHours(first, self.stations, **arrays)

    def only(self, stations: np.ndarray) -> CityHours:
        """Give the hours of some stations, bool (station,)."""
        if stations.all():
            return self
        arrays = {name: getattr(self, name)[..., stations, :] for name in _ARRAYS}
        return CityHours(self.first_hour, tuple(compress(self.stations, stations)), **arrays)


_CONTENT = ("values", "wind_ms", "rank", "simulated")
_ORIGIN = ("released", "received", "file", "line")
_ARRAYS = (*_CONTENT, "source", *_ORIGIN)
_FOLDED = ("rank", "simulated", "released", "received", "file")


def empty(first_hour: int, hours: int, stations: tuple[str, ...]) -> CityHours:
    """Give hours of which nothing is known yet."""
    shape = (len(stations), hours)
    return CityHours(
        first_hour, stations,
        values=np.full((len(ITEMS), *shape), np.nan), rank=np.full(shape, ABSENT, np.int32),
        source=np.zeros(shape, np.uint16), simulated=np.zeros(shape, bool), wind_ms=np.full((2, *shape), np.nan),
        **{name: np.zeros(shape, np.int64) for name in ("released", "received", "file")}, line=np.zeros(shape, np.int32),
    )  # fmt: skip


def place(target: CityHours, part: CityHours) -> None:
    """Copy the hours and stations of part into target, which must have all its stations."""
    first, end = max(target.first_hour, part.first_hour), min(target.end, part.end)
    if first >= end:
        return
    inner, outer = part.window(first, end), target.window(first, end)
    rows = _rows_of(part.stations, target.stations)
    for name in _ARRAYS:
        getattr(outer, name)[..., rows, :] = getattr(inner, name)


def take_from(target: CityHours, whole: CityHours) -> None:
    """Copy into target the hours of its stations, all of which whole has, over the same hours."""
    rows = _rows_of(target.stations, whole.stations)
    for name in _ARRAYS:
        getattr(target, name)[...] = getattr(whole, name)[..., rows, :]


def from_block(block: ObservationBlock) -> CityHours:
    """Turn a block into hours of its own stations."""
    shape = block.present.shape
    rank = REVISIONS * STATUSES.index(block.status) + block.revision
    wind = np.full((2, *shape), np.nan) if block.wind_ms is None else block.wind_ms
    came = delivery_of(block)
    return CityHours(
        block.first_hour, block.stations, values=block.values,
        rank=np.where(block.present, rank, ABSENT).astype(np.int32), source=np.zeros(shape, np.uint16),
        simulated=np.full(shape, block.simulated), wind_ms=wind,
        released=np.full(shape, came.released), received=np.full(shape, came.received), file=np.full(shape, came.file),
        line=np.zeros(shape, np.int32) if block.lines is None else block.lines,
    )  # fmt: skip


def merge(held: CityHours, new: CityHours) -> tuple[np.ndarray, np.ndarray]:
    """Merge new hours of a source into those held of it, in place.

    held must cover the hours and stations of new. Returns bool (station of new, hour of new), twice: where the new row won, and
    where it says something else than the row before. A row that comes again as it was only moves the moment of its receipt.
    """
    rows = _rows_of(new.stations, held.stations)
    outer = held.window(new.first_hour, new.end)
    mine, theirs = _precedence(new), _precedence(outer)[rows, :]
    wins = mine > theirs
    tied = (mine == theirs) & (mine != ABSENT)
    if tied.any():
        wins |= tied & _later(new, outer, rows)
    if not wins.any():
        return wins, wins
    differs = wins & _differ(new, outer, rows)
    for name in _ARRAYS:
        target, said = getattr(outer, name), getattr(new, name)
        if isinstance(rows, slice):
            np.copyto(target, said, where=wins)
        else:
            target[..., rows, :] = np.where(wins, said, target[..., rows, :])
    return wins, differs


def composed(layers: Sequence[tuple[tuple[str, ...], CityHours]]) -> CityHours:
    """Make one row of what files of one source say that speak of other items each, (items, hours) in the order of the items.

    The row is that of the layer which decides; each item, and the wind, is that of the layer which decides among those that speak
    of it, where that is simulated or not as the row is. A row is reviewed where all is that it is made of.
    """
    if len(layers) == 1:
        return layers[0][1]
    top = _foremost([hours for _, hours in layers])
    values, rank = np.full(top.values.shape, np.nan), top.rank.copy()
    for i, item in enumerate(ITEMS):
        if speaking := [hours for items, hours in layers if item in items]:
            own = _foremost(speaking)
            said = ~np.isnan(own.values[i]) & (own.rank != ABSENT) & (own.simulated == top.simulated)
            values[i] = np.where(said, own.values[i], np.nan)
            rank = np.where(said, np.minimum(rank, own.rank), rank)
    blowing = [np.isfinite(hours.wind_ms).any(axis=0) for _, hours in layers]
    windy = _foremost(
        [
            replace(hours, rank=np.where(blows, hours.rank, ABSENT))
            for (_, hours), blows in zip(layers, blowing, strict=True)
        ]
    )
    wind = np.where((windy.rank != ABSENT) & (windy.simulated == top.simulated), windy.wind_ms, np.nan)
    return replace(top, values=values, rank=rank.astype(np.int32), wind_ms=wind)


def _foremost(layers: Sequence[CityHours]) -> CityHours:
    """Give of each station-hour the row that decides among several of one source."""
    best = layers[0]
    for layer in layers[1:]:
        wins = after(_standing(layer), _standing(best))
        best = replace(best, **{name: np.where(wins, getattr(layer, name), getattr(best, name)) for name in _ARRAYS})
    return best


def _standing(hours: CityHours) -> tuple[np.ndarray, ...]:
    return _precedence(hours), hours.released, hours.received, hours.file, hours.line


def strongest(layers: Sequence[CityHours]) -> CityHours:
    """Look through the layers of several sources, which are of the same hours and stations and in the order of their names."""
    best = layers[0]
    for number, layer in enumerate(layers[1:], start=1):
        mine, theirs = _among_sources(layer), _among_sources(best)
        wins = mine > theirs
        tied = (mine == theirs) & (layer.rank != ABSENT)
        if tied.any():
            wins |= tied & after(_before_others(layer), _before_others(best))
        chosen = {name: np.where(wins, getattr(layer, name), getattr(best, name)) for name in _ARRAYS}
        chosen["source"] = np.where(wins, np.uint16(number), best.source)
        best = CityHours(best.first_hour, best.stations, **chosen)
    return best


def unlike(one: CityHours, other: CityHours) -> np.ndarray:
    """Tell where the rows of two sets of the same hours and stations differ, in what they say or in who says it."""
    return _differ(one, other, slice(None)) | ((one.source != other.source) & (one.rank != ABSENT))


def _differ(new: CityHours, held: CityHours, rows: slice | np.ndarray) -> np.ndarray:
    different = np.zeros(new.rank.shape, bool)
    for name in _CONTENT:
        mine, theirs = getattr(new, name), getattr(held, name)[..., rows, :]
        apart = (mine != theirs) & ((mine == mine) | (theirs == theirs))
        different |= apart.any(axis=0) if apart.ndim == 3 else apart
    return different


def _precedence(hours: CityHours) -> np.ndarray:
    """Give what decides first: the rank, with every measured row above every simulated one; ABSENT where there is no row."""
    measured = (hours.rank != ABSENT) & ~hours.simulated
    return hours.rank + np.where(measured, np.int32(len(STATUSES) * REVISIONS), np.int32(0))


def _among_sources(hours: CityHours) -> np.ndarray:
    """Give what decides first between sources: the precedence, but what was retracted stands below every other row."""
    withdrawn = (hours.line == WITHDRAWN) & (_says(hours) == 0) & (hours.rank != ABSENT)
    return np.where(withdrawn, np.int32(2 * ABSENT + 1), 2 * _precedence(hours))


def _later(new: CityHours, held: CityHours, rows: slice | np.ndarray) -> np.ndarray:
    """Tell where rows of one source and of equal precedence are releases after those held: bool (station, hour) of new."""
    came = [(getattr(new, name), getattr(held, name)[rows, :]) for name in ("released", "received", "file")]
    later = after(*zip(*came, strict=True))
    same = np.logical_and.reduce([mine == theirs for mine, theirs in came])
    if same.any():
        in_file = [
            (_says(each)[at], each.line[at], _content(each)[at]) for each, at in ((new, ...), (held, (rows, ...)))
        ]
        later |= same & after(*in_file)
    return later


def _before_others(hours: CityHours) -> tuple[np.ndarray, ...]:
    """Give what decides between rows of equal precedence of several sources, most important first."""
    return _says(hours), hours.released, hours.received


def _says(hours: CityHours) -> np.ndarray:
    """Tell what rows have values of: 2 of an item, 1 of the wind alone, 0 of nothing."""
    some = ~np.isnan(hours.values).all(axis=0)
    return np.where(some, np.int8(2), np.isfinite(hours.wind_ms).any(axis=0).astype(np.int8))


def _content(hours: CityHours) -> np.ndarray:
    return content_number(np.concatenate([hours.values, hours.wind_ms]))


def _rows_of(stations: tuple[str, ...], roster: tuple[str, ...]) -> slice | np.ndarray:
    if stations == roster:
        return slice(None)
    position = {station: i for i, station in enumerate(roster)}
    return np.array([position[station] for station in stations])


def pack(hours: CityHours) -> dict:
    """Make a compact picture of a layer for keyed state: concentrations to thousandths, what is all one value as that value."""
    return {
        "first_hour": hours.first_hour,
        "stations": hours.stations,
        "shape": hours.rank.shape,
        "values": to_whole(hours.values, THOUSANDTHS),
        "wind_ms": None if np.isnan(hours.wind_ms).all() else to_whole(hours.wind_ms, THOUSANDTHS),
        "line": stepped(hours.line),
        **{name: folded(getattr(hours, name)) for name in _FOLDED},
    }


def unpack(packed: dict) -> CityHours:
    """Give back what pack pictured."""
    shape, wind = packed["shape"], packed["wind_ms"]
    return CityHours(
        packed["first_hour"],
        packed["stations"],
        values=from_whole(*packed["values"]),
        source=np.zeros(shape, np.uint16),
        wind_ms=np.full((2, *shape), np.nan) if wind is None else from_whole(*wind),
        line=np.broadcast_to(unstepped(*packed["line"], shape[1]), shape),
        **{name: np.broadcast_to(packed[name], shape) for name in _FOLDED},
    )
