"""The emissions that a city remembers: its own by sector and those of the others, whose upwind side it may be, in layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from streams.memory.book import PIECE_HOURS, Mapping, pieces_of
from streams.memory.delivery import NEVER, after, content_number, delivery_of, newest
from streams.memory.held import Emissions, sum_known
from streams.memory.overlay import Layer, overlay
from streams.records import SPECIES, EmissionBlock
from streams.wire import curves
from streams.wire.arrays import folded


def merge_emissions(held: Mapping, block: EmissionBlock) -> np.ndarray:
    """Merge a block of any origin; return which of its hours brought something new.

    A piece holds {origin: {(name, measured, simulated): {"sectors", "kgh": curves of (sector, species, hour), "total": float32
    (species, hour), "came": int64 (3, sector, species, hour), as streams.memory.delivery.Delivery, "last": (3,
    hour)}}}. What is measured and what is simulated is kept apart under whatever name it comes.
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
        if block.measured and any(measured for _, measured, _ in of_origin.keys() - {layer}):
            # Of two measurements the one released last counts: what comes again as it was may now stand over the other.
            changed[part] |= moved
        if moved.any():
            of_origin[layer] = merged
            of_piece[block.city] = of_origin
            held.put(f"e{piece}", of_piece)
    return changed


def _with_hours(
    before: dict[str, Any] | None, block: EmissionBlock, values: np.ndarray, span: slice
) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Add hours of some sectors to a layer: the layer, and bool (hour of span,), what is to be kept and what says something new.

    Of two numbers for one place the one released last stays, a correction downwards as well as upwards
    (streams.memory.delivery); two that came together are told apart by a digest. A number that is missing takes none
    away; one that is withdrawn (streams.intake.retraction) stands among the releases as any and leaves nothing.
    """
    sectors = tuple(sorted({*block.sectors, *(before["sectors"] if before else ())}))
    shape = (len(sectors), len(SPECIES), PIECE_HOURS)
    kgh, came = np.full(shape, np.nan, np.float32), np.full((3, *shape), NEVER, np.int64)
    if before:
        at = [sectors.index(name) for name in before["sectors"]]
        kgh[at] = curves.unpack(before["kgh"])
        came[:, at] = before["came"]
    then, rows = kgh[..., span].copy(), [sectors.index(name) for name in block.sectors]
    told, held, mine = ~np.isnan(values), came[:, rows, :, span], _delivered(block)
    single = np.full(values.shape, np.nan, np.float32) if block.withdrawn else values.astype(np.float32)
    said, known = (content_number(each[None].astype(float)) for each in (single, then[rows]))
    wins = told & after([*mine, said], [*held, known])
    kgh[rows, :, span] = np.where(wins, single, then[rows])
    came[:, rows, :, span] = np.where(wins, mine, held)
    now = kgh[..., span]
    news = ~((now == then) | (np.isnan(now) & np.isnan(then))).all(axis=(0, 1))
    moved = wins.any(axis=(0, 1))
    if block.withdrawn:  # it is told whatever came before it, so that rows are the same in whatever order they come
        news |= moved
    if not moved.any():
        return before or {}, moved, news
    total = sum_known(kgh.astype(float)).astype(np.float32)
    last = _last_told(kgh, came)
    merged = {"sectors": sectors, "kgh": curves.pack(kgh), "total": total, "came": folded(came), "last": folded(last)}
    return merged, moved, news


def _last_told(kgh: np.ndarray, came: np.ndarray) -> np.ndarray:
    """Give when the last of what is still told in each hour came, (3, hour); where nothing is, when that was withdrawn."""
    told = newest(*np.where(np.isnan(kgh), NEVER, came).reshape(3, -1, PIECE_HOURS))
    return np.where(told[0] == NEVER, newest(*came.reshape(3, -1, PIECE_HOURS)), told)


def _delivered(block: EmissionBlock) -> np.ndarray:
    came = delivery_of(block)
    return np.array([came.released, came.received, came.file], np.int64)[:, None, None, None]


def load_emissions(held: Mapping, first: int, end: int, *, city: str, origins: tuple[str, ...]) -> Emissions:
    """Give the emissions of [first, end): the city's by sector and the origins' totals, each by streams.memory.overlay."""
    spans = [_Span(piece, first, end) for piece in pieces_of(first, end)]
    parts = {span: part for span in spans if (part := held.get(f"e{span.piece}"))}
    layers = {span: _layers(part.get(city, {}), span.inner) for span, part in parts.items()}
    own = {span: overlay(those, span.hours) for span, those in layers.items()}
    sectors = tuple(sorted({sector for part in own.values() for sector in part.sectors}))
    kgh = np.full((len(sectors), len(SPECIES), end - first), np.nan)
    beneath = kgh.copy()
    others = np.full((len(origins), len(SPECIES), end - first), np.nan)
    inventory, simulated = np.full(end - first, "", object), np.zeros(end - first, bool)
    made_up, came = np.zeros((len(origins), end - first), bool), np.full((3, end - first), NEVER, np.int64)
    for span, part in parts.items():
        outer, mine = span.outer, own[span]
        at = [sectors.index(sector) for sector in mine.sectors]
        kgh[at, :, outer], beneath[at, :, outer] = mine.kgh, mine.beneath
        inventory[outer], simulated[outer] = mine.inventory, mine.simulated
        came[:, outer] = np.where(mine.came[0] == NEVER, _last_of(layers[span], span.hours), mine.came)
        for i, origin in enumerate(origins):
            if origin in part:
                others[i, :, outer], made_up[i, outer] = _total(part[origin], span)
    return Emissions(first, sectors, kgh, origins, others, inventory, simulated, made_up, came, beneath)


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
        Layer(*layer, data["sectors"], curves.unpack(data["kgh"], hours).astype(float), _last(data)[:, hours])
        for layer, data in of_origin.items()
    ]


def _last_of(layers: list[Layer], hours: int) -> np.ndarray:
    # Of hours of which nothing is told any more: when the last was withdrawn.
    return newest(*np.stack([layer.came for layer in layers], axis=1)) if layers else np.full((3, hours), NEVER)


def _last(data: dict[str, Any]) -> np.ndarray:
    return np.broadcast_to(data["last"], (3, PIECE_HOURS))


def _total(of_origin: dict, span: _Span) -> tuple[np.ndarray, np.ndarray]:
    """Give what an origin emits, (species, hour), and where that is simulated, (hour,)."""
    names = {name for name, measured, _ in of_origin if not measured}
    if len(names) == len(of_origin):
        # Nothing lies over the inventories, and each is of one layer: their totals need not be added up again.
        totals = [
            Layer(*layer, ("*",), data["total"][None, :, span.inner], _last(data)[:, span.inner])
            for layer, data in of_origin.items()
        ]
        if len(totals) == 1:
            (only,) = totals
            return only.kgh[0], only.simulated & np.isfinite(only.kgh[0]).any(axis=0)
        result = overlay(totals, span.hours)
    else:
        result = overlay(_layers(of_origin, span.inner), span.hours)
    return sum_known(result.kgh).astype(np.float32), result.simulated
