"""What takes the place of what is retracted of forecasts, tags, emissions and hours with an axis of species.

Of these the platform remembers what decides between two deliveries, in one order for all sources. So the topics are asked:
which delivery counts with all that came (held), and which without what is wrong (heir). What has no heir of its standing is
withdrawn by a block without values. What has one gets it again, released anew. A mean over a city's points is of one delivery
as a whole, and measured emissions lie over each other by their release: so all deliveries that count without what is wrong are
released anew, in the order in which they stood, and whole in the hours concerned. What the engine then holds is what it would
hold without the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Protocol

import numpy as np

from standards.pollutants import ITEMS
from streams.intake.releases import NEXT_S
from streams.memory import taghours
from streams.memory.cityhours import REVISIONS, WITHDRAWN
from streams.memory.delivery import delivery_of
from streams.records import (
    CITY_MEAN,
    FORECAST_VARIABLES,
    STATUSES,
    Block,
    CompositionBlock,
    EmissionBlock,
    ForecastBlock,
    SpeciesBlock,
    TagBlock,
    VocBlock,
    released,
)
from streams.spans import hours_of, stretches

NOBODY = -1
WEATHER = len(FORECAST_VARIABLES) - len(ITEMS)
"""So many of a forecast's variables, the last, are weather."""


class Stamp(Protocol):
    """Who takes it out: what a withdrawal says of itself."""

    at: float

    @property
    def name(self) -> str:
        """What stands in the place of a file's name."""
        ...

    @property
    def digest(self) -> str:
        """What stands in the place of a file's digest."""
        ...


@dataclass(frozen=True, slots=True)
class Feed:
    """How the blocks of a feed stand to each other.

    layer: what of them stands in one order. things: what a block speaks of, and in which of its hours, bool (thing, hour).
    standing: what comes before any release. is_withdrawal: whether it takes out itself. emptied: blocks that say nothing of
    some things, bool (thing, hour). only: those of its cells that come back, in the hours [first, end). whole: whether an
    hour counts as one row, whatever things it has.
    """

    layer: Callable[[Any], Hashable]
    things: Callable[[Any], tuple[Sequence[Hashable], np.ndarray]]
    standing: Callable[[Any], int]
    is_withdrawal: Callable[[Any], bool]
    emptied: Callable[[Any, np.ndarray], Iterator[Block]]
    only: Callable[[Any, int, int, np.ndarray], Block]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Replaced:
    """What takes the place of a layer's wrong rows, how many these are and how many of them come back or are kept back."""

    withdrawn: tuple[Block, ...]
    restored: tuple[Block, ...]
    files: frozenset[tuple[str, str]]
    rows: int
    rows_restored: int
    kept_back: int


def replaced(
    blocks: Sequence[Block], wrong_hours: Callable[[Block], tuple[int, int] | None], span: tuple[int, int], by: Stamp
) -> Replaced:
    """Work out one layer over the hours [first, end) of span; wrong_hours: which of a block's hours are wrong, None for none."""
    feed, layer = FEEDS[type(blocks[0])], _Layer(blocks, span)
    wrong = [wrong_hours(block) for block in blocks]
    held, heir = layer.counting([None] * len(blocks)), layer.counting(wrong)
    at_fault = np.zeros((len(layer.deliveries) + 1, held.shape[1]), bool)
    for block, hours in zip(blocks, wrong, strict=True):
        if hours is not None and not feed.is_withdrawal(block):
            at_fault[layer.number(block), hours[0] - span[0] : hours[1] - span[0]] = True
    goes = (held != NOBODY) & at_fault[held, np.arange(held.shape[1])]
    followed = goes & (heir != NOBODY)
    known = followed & ~layer.withdrawals[heir]
    alike = layer.standings[heir] == layer.standings[held]
    at = max(by.at, *(released(block) + NEXT_S for block in blocks))
    withdrawn = [
        replace(empty, received_at=by.at, released_at=at, file=by.name, digest=by.digest)
        for block in blocks
        if (mine := layer.of(block, goes & ~(followed & alike) & (held == layer.number(block)))).any()
        for empty in feed.emptied(block, mine)
    ]
    restored = layer.again(heir, goes & followed & alike, goes, held, wrong, at, by.at)
    count = (lambda cells: int(cells.any(axis=0).sum())) if feed.whole else (lambda cells: int(cells.sum()))
    files = frozenset(
        (block.digest, block.source)
        for block, hours in zip(blocks, wrong, strict=True)
        if hours is not None and block.digest and (goes & (held == layer.number(block))).any()
    )
    return Replaced(tuple(withdrawn), tuple(restored), files, count(goes), count(known & alike), count(known & ~alike))


class _Layer:
    """The deliveries of a layer in their order: number n + 1 stands over n. Blocks of one file that came together are one."""

    def __init__(self, blocks: Sequence[Block], span: tuple[int, int]) -> None:
        self.blocks, self.feed, (self.first, self.end) = blocks, FEEDS[type(blocks[0])], span
        self.deliveries = sorted({self._key(block) for block in blocks})
        self._number = {key: n for n, key in enumerate(self.deliveries)}
        self._things = [self.feed.things(block) for block in blocks]
        self._index = {id(block): i for i, block in enumerate(blocks)}
        names = sorted({thing for things, _ in self._things for thing in things}, key=repr)
        self._row = {thing: i for i, thing in enumerate(names)}
        # One more at the end stands for nobody, who is number -1.
        self.standings = np.array([key[0] for key in self.deliveries] + [NOBODY])
        self.withdrawals = np.zeros(len(self.deliveries) + 1, bool)
        for block in blocks:
            self.withdrawals[self.number(block)] |= self.feed.is_withdrawal(block)

    def number(self, block: Block) -> int:
        """Give the number of a block's delivery."""
        return self._number[self._key(block)]

    def counting(self, without: Sequence[tuple[int, int] | None]) -> np.ndarray:
        """Give the number of the delivery that counts, (thing, hour), without some hours of each block; NOBODY for none."""
        found = np.full((len(self._row), self.end - self.first), NOBODY)
        for block, (things, speaks), gone in zip(self.blocks, self._things, without, strict=True):
            low, high = self._inside(block)
            told = speaks[:, low - block.first_hour : high - block.first_hour].copy()
            if gone is not None and not self.feed.is_withdrawal(block):
                told[:, max(gone[0] - low, 0) : max(gone[1] - low, 0)] = False
            rows, hours = [self._row[thing] for thing in things], slice(low - self.first, high - self.first)
            found[rows, hours] = np.where(told, np.maximum(found[rows, hours], self.number(block)), found[rows, hours])
        return found

    def of(self, block: Block, cells: np.ndarray) -> np.ndarray:
        """Give those of some cells, bool (thing, hour), of which a block speaks, in the frame of the block."""
        things, speaks = self._things[self._index[id(block)]]
        low, high = self._inside(block)
        mine = np.zeros(speaks.shape, bool)
        here = cells[[self._row[thing] for thing in things], low - self.first : high - self.first]
        mine[:, low - block.first_hour : high - block.first_hour] = here
        return mine & speaks

    def again(
        self, heir: np.ndarray, back: np.ndarray, goes: np.ndarray, held: np.ndarray,
        wrong: Sequence[tuple[int, int] | None], at: float, now: float,
    ) -> Iterator[Block]:  # fmt: skip
        """Give what counts without what is wrong, released anew in its order, in hours in which anything of its standing goes."""
        for i, block in sorted(enumerate(self.blocks), key=lambda each: self.number(each[1])):
            number = self.number(block)
            concerned = (goes & (self.standings[held] == self.standings[number])).any(axis=0)
            hours = concerned & (heir == number).any(axis=0)
            if (gone := wrong[i]) is not None and not self.feed.is_withdrawal(block):
                hours[gone[0] - self.first : gone[1] - self.first] = False
            low, high = self._inside(block)
            cells = self.of(block, back & (heir == number))
            for first, end in stretches(hours[low - self.first : high - self.first], low):
                part = self.feed.only(block, first, end, cells)
                if self.feed.things(part)[1].any():
                    yield replace(part, received_at=now, released_at=at + (number + 1) * NEXT_S)

    def _inside(self, block: Block) -> tuple[int, int]:
        low = max(block.first_hour, self.first)
        return low, max(min(block.first_hour + block.hours, self.end), low)

    def _key(self, block: Block) -> tuple[int, int, int, int]:
        came = delivery_of(block)
        return self.feed.standing(block), came.released, came.received, came.file


def _species_layer(block: SpeciesBlock) -> Hashable:
    own = (block.averaging_h, block.kind) if isinstance(block, CompositionBlock) else ()
    return type(block).__name__, block.city, *own


def _species_standing(block: SpeciesBlock) -> int:
    return (2 * (not block.simulated) + STATUSES.index(block.status)) * REVISIONS + block.revision


def _is_retracted(block: SpeciesBlock) -> bool:
    return block.lines is not None and bool((block.lines[block.present] == WITHDRAWN).all())


def _without_species(block: SpeciesBlock, cells: np.ndarray) -> Iterator[Block]:
    limits = "below_ppb" if isinstance(block, VocBlock) else "below_ugm3"
    lines = np.full(cells.shape, WITHDRAWN, np.int32)
    yield replace(block, values=np.full_like(block.values, np.nan), present=cells, lines=lines, **{limits: None})


def _species_only(block: SpeciesBlock, first: int, end: int, cells: np.ndarray) -> Block:
    return hours_of(replace(block, present=cells), first, end)


def _run_layer(block: ForecastBlock | TagBlock) -> Hashable:
    axes = taghours.axes_of(block)[0] if isinstance(block, TagBlock) else ""
    return type(block).__name__, block.city, block.run, axes


def _places(block: ForecastBlock | TagBlock) -> tuple[Sequence[Hashable], np.ndarray]:
    """Give the places; of a forecast's mean over the city the weather alone counts (streams.memory.runs)."""
    speaks = np.ones((len(block.places), block.hours), bool)
    if isinstance(block, ForecastBlock) and CITY_MEAN in block.places and not block.withdrawn:
        place = block.places.index(CITY_MEAN)
        speaks[place] = np.isfinite(block.values[-WEATHER:, place]).any(axis=0)
    return block.places, speaks


def _without_places(block: ForecastBlock | TagBlock, cells: np.ndarray) -> Iterator[Block]:
    """Give blocks of just these cells: one for each stretch of hours that has the same places."""
    hour = 0
    for pattern, group in groupby(cells.T.tolist()):
        first, hour = hour, hour + len(list(group))
        if any(pattern):
            part = hours_of(block, block.first_hour + first, block.first_hour + hour)
            values = np.full_like(part.values[..., pattern, :], np.nan)
            places = tuple(place for place, here in zip(part.places, pattern, strict=True) if here)
            yield replace(part, places=places, values=values, withdrawn=True)


def _all_of_it(block: Block, first: int, end: int, cells: np.ndarray) -> Block:
    return hours_of(block, first, end)


def _emission_layer(block: EmissionBlock) -> Hashable:
    name = "" if block.measured else block.inventory
    return type(block).__name__, block.city, block.measured, name, block.simulated


def _numbers(block: EmissionBlock) -> tuple[Sequence[Hashable], np.ndarray]:
    things = [(block.inventory, sector, i) for sector in block.sectors for i in range(block.values.shape[1])]
    return things, np.isfinite(block.values).reshape(len(things), -1)


def _without_numbers(block: EmissionBlock, cells: np.ndarray) -> Iterator[Block]:
    values = np.where(cells, 0.0, np.nan).reshape(block.values.shape)
    for first, end in stretches(cells.any(axis=0), block.first_hour):
        yield hours_of(replace(block, values=values, withdrawn=True), first, end)


_SPECIES = Feed(
    _species_layer, lambda block: (block.stations, block.present), _species_standing, _is_retracted, _without_species,
    _species_only,
)  # fmt: skip
_RUNS = Feed(
    _run_layer, _places, lambda block: int(not block.simulated), lambda block: block.withdrawn, _without_places,
    _all_of_it,
)  # fmt: skip
_EMISSIONS = Feed(
    _emission_layer, _numbers, lambda block: 0, lambda block: block.withdrawn, _without_numbers, _all_of_it, whole=True
)
FEEDS: dict[type, Feed] = {
    VocBlock: _SPECIES,
    CompositionBlock: _SPECIES,
    ForecastBlock: _RUNS,
    TagBlock: _RUNS,
    EmissionBlock: _EMISSIONS,
}
"""How each feed stands; hours of stations have layers of their own for each source (streams.intake.retraction)."""
