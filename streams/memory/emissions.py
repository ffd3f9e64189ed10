"""The emissions that a city remembers: its own by sector and those of the others, whose upwind side it may be, in layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from streams.memory.book import PIECE_HOURS, Mapping, folded, pieces_of, received_us
from streams.memory.held import Emissions, sum_known
from streams.memory.overlay import Layer, overlay
from streams.records import SPECIES, EmissionBlock
from streams.wire import curves


def merge_emissions(held: Mapping, block: EmissionBlock) -> np.ndarray:
    """Merge a block of any origin; return which of its hours brought something new.

    A piece holds {origin: {(name, measured, simulated): {"sectors", "kgh": curves of (sector, species, hour), "total": float32
    (species, hour), "received": int64 (sector, species, hour)}}}. What is measured and what is simulated is kept apart under
    whatever name it comes.
    """
    changed = np.zeros(block.hours, bool)
    end = block.first_hour + block.hours
    layer = (block.inventory, block.measured, block.simulated)
    for piece in pieces_of(block.first_hour, end):
        of_piece = dict(held.get(f"e{piece}") or {})
        start, stop = max(block.first_hour, piece * PIECE_HOURS), min(end, (piece + 1) * PIECE_HOURS)
        part = slice(start - block.first_hour, stop - block.first_hour)
        span = slice(start - piece * PIECE_HOURS, stop - piece * PIECE_HOURS)
        of_origin = dict(of_piece.get(block.city, {}))
        merged, moved, changed[part] = _with_hours(of_origin.get(layer), block, block.values[..., part], span)
        if moved:
            of_origin[layer] = merged
            of_piece[block.city] = of_origin
            held.put(f"e{piece}", of_piece)
    return changed


def _with_hours(
    before: dict[str, Any] | None, block: EmissionBlock, values: np.ndarray, span: slice
) -> tuple[dict[str, Any], bool, np.ndarray]:
    """Add hours of some sectors to a layer: the layer, whether it is to be kept, and bool (hour of span,), what says something new.

    Of two numbers for one place the one received last stays, a correction downwards as well as upwards; of two that came
    together the larger, so that the order of the blocks of one file does not matter. A number that is missing takes none away.
    """
    sectors = tuple(sorted({*block.sectors, *(before["sectors"] if before else ())}))
    shape = (len(sectors), len(SPECIES), PIECE_HOURS)
    kgh, received = np.full(shape, np.nan, np.float32), np.full(shape, -1, np.int64)
    if before:
        at = [sectors.index(name) for name in before["sectors"]]
        kgh[at] = curves.unpack(before["kgh"])
        received[at] = before["received"]
    then, rows, us = (
        kgh[..., span].copy(),
        [sectors.index(name) for name in block.sectors],
        received_us(block.received_at),
    )
    single, came = values.astype(np.float32), received[rows, :, span]
    wins = ~np.isnan(single) & ((us > came) | ((us == came) & (single > then[rows])))
    kgh[rows, :, span] = np.where(wins, single, then[rows])
    received[rows, :, span] = np.where(wins, us, came)
    now = kgh[..., span]
    news = ~((now == then) | (np.isnan(now) & np.isnan(then))).all(axis=(0, 1))
    if not wins.any():
        return before or {}, False, news
    total = sum_known(kgh.astype(float)).astype(np.float32)
    merged = {"sectors": sectors, "kgh": curves.pack(kgh), "total": total, "received": folded(received)}
    return merged, True, news


def load_emissions(held: Mapping, first: int, end: int, *, city: str, origins: tuple[str, ...]) -> Emissions:
    """Give the emissions of [first, end): the city's by sector and the origins' totals, each by streams.memory.overlay."""
    spans = [_Span(piece, first, end) for piece in pieces_of(first, end)]
    parts = {span: part for span in spans if (part := held.get(f"e{span.piece}"))}
    own = {span: overlay(_layers(part.get(city, {}), span.inner), span.hours) for span, part in parts.items()}
    sectors = tuple(sorted({sector for part in own.values() for sector in part.sectors}))
    kgh = np.full((len(sectors), len(SPECIES), end - first), np.nan)
    others = np.full((len(origins), len(SPECIES), end - first), np.nan)
    inventory, simulated = np.full(end - first, "", object), np.zeros(end - first, bool)
    made_up = np.zeros((len(origins), end - first), bool)
    for span, part in parts.items():
        outer, mine = span.outer, own[span]
        kgh[[sectors.index(sector) for sector in mine.sectors], :, outer] = mine.kgh
        inventory[outer], simulated[outer] = mine.inventory, mine.simulated
        for i, origin in enumerate(origins):
            if origin in part:
                others[i, :, outer], made_up[i, outer] = _total(part[origin], span)
    return Emissions(first, sectors, kgh, origins, others, inventory, simulated, made_up)


@dataclass(frozen=True, slots=True)
class _Span:
    """The hours of a piece that are asked for: inner in the piece, outer in what is asked for."""

    piece: int
    first: int
    end: int

    @property
    def inner(self) -> slice:
        start = self.piece * PIECE_HOURS
        return slice(max(self.first - start, 0), min(self.end - start, PIECE_HOURS))

    @property
    def outer(self) -> slice:
        shift = self.piece * PIECE_HOURS - self.first
        return slice(self.inner.start + shift, self.inner.stop + shift)

    @property
    def hours(self) -> int:
        return self.inner.stop - self.inner.start


def _layers(of_origin: dict, hours: slice) -> list[Layer]:
    return [
        Layer(*layer, data["sectors"], curves.unpack(data["kgh"], hours).astype(float))
        for layer, data in of_origin.items()
    ]


def _total(of_origin: dict, span: _Span) -> tuple[np.ndarray, np.ndarray]:
    """Give what an origin emits, (species, hour), and where that is simulated, (hour,)."""
    names = {name for name, measured, _ in of_origin if not measured}
    if len(names) == len(of_origin):
        # Nothing lies over the inventories, and each is of one layer: their totals need not be added up again.
        totals = [Layer(*layer, ("*",), data["total"][None, :, span.inner]) for layer, data in of_origin.items()]
        if len(totals) == 1:
            (only,) = totals
            return only.kgh[0], only.simulated & np.isfinite(only.kgh[0]).any(axis=0)
        result = overlay(totals, span.hours)
    else:
        result = overlay(_layers(of_origin, span.inner), span.hours)
    return sum_known(result.kgh).astype(np.float32), result.simulated
