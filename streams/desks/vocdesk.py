"""A city's organic compounds: takes blocks in any order and gives back the rows that they change. Called from the city's desk.

The keyed state holds, in pieces beside those of the other feeds, the strength of the row held for each station-hour. It is
bounded as theirs: at most streams.memory.book.CAPACITY pieces; the oldest hours leave first, and what arrives for them is late.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streams.desks.accounts import count_rows
from streams.memory import book as books
from streams.memory import vochours
from streams.memory.book import PIECE_HOURS, Mapping
from streams.records import VocBlock
from streams.results import Rows

BOOK = "v"
"""The key under which the small part of the state is kept; pieces have the keys v0, v1, …"""


@dataclass(frozen=True, slots=True)
class VocBook:
    """What there is: the pieces held, and the first hour that has not left the state."""

    pieces: tuple[int, ...] = ()
    frontier: int = 0


def handle(block: VocBlock, held: Mapping, *, city: str | None, version: int) -> list[Rows]:
    """Take one block at a city's desk and give its result rows; held is changed.

    city: the city's code, None for stations that belong to none. version: of the rows that this block changes.
    """
    book = _book(held)
    hours = block.first_hour + np.arange(block.hours)
    late = block.present & (hours < book.frontier)
    station, hour = np.nonzero(block.present & ~late)
    texts = vochours.contents(block, station, hour)
    wins = _merge(block, station, hour, vochours.strengths(block, station, hour, texts), book, held)
    accepted, known = (np.bincount(hour[rows], minlength=block.hours) for rows in (wins, ~wins))
    found = count_rows(block, block.first_hour, accepted, known, late.sum(axis=0))
    if wins.any():
        kept = [text for text, won in zip(texts, wins.tolist(), strict=True) if won]
        rows = vochours.rows_of(block, station[wins], hour[wins], kept)
        found.append(rows.same(city=city, version=version))
    return found


def _book(held: Mapping) -> VocBook:
    kept = held.get(BOOK)
    return VocBook(tuple(kept["pieces"]), kept["frontier"]) if kept else VocBook()


def _merge(
    block: VocBlock, station: np.ndarray, hour: np.ndarray, new: np.ndarray, book: VocBook, held: Mapping
) -> np.ndarray:
    """Merge the strengths of rows into those held; return bool (row,), True where a row won and says something else."""
    wins, moved = np.zeros(len(new), bool), np.zeros(len(new), bool)
    at = block.first_hour + hour
    for piece in np.unique(at // PIECE_HOURS).tolist():
        known = dict(held.get(f"v{piece}")) if piece in book.pieces else {}
        here = at // PIECE_HOURS == piece
        for i in np.unique(station[here]).tolist():
            rows = np.flatnonzero(here & (station == i))
            places = at[rows] - piece * PIECE_HOURS
            code = block.stations[i]
            held_here = vochours.unpacked(known[code], PIECE_HOURS) if code in known else None
            strength = vochours.absent(PIECE_HOURS) if held_here is None else held_here
            won = vochours.stronger(new[rows], strength[places])
            wins[rows] = won & vochours.unlike(new[rows], strength[places])
            moved[rows] = won
            strength[places[won]] = new[rows[won]]
            known[code] = vochours.packed(strength)
        if moved[here].any():
            held.put(f"v{piece}", known)
            book = replace(book, pieces=tuple(sorted({*book.pieces, piece})))
    _keep(book, held)
    return wins


def _keep(book: VocBook, held: Mapping) -> None:
    """Keep the book, and let the oldest pieces leave when there are too many."""
    while len(book.pieces) > books.CAPACITY:
        oldest, *rest = book.pieces
        held.remove(f"v{oldest}")
        book = VocBook(tuple(rest), max(book.frontier, (oldest + 1) * PIECE_HOURS))
    if book != _book(held):
        held.put(BOOK, {"pieces": list(book.pieces), "frontier": book.frontier})
