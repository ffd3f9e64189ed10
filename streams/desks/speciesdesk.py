"""A city's hours with an axis of species: takes blocks in any order and gives back the rows that they change.

Called from the city's desk. The keyed state, or the archive behind it, holds in pieces beside those of the other feeds the
strength of the row held for each station-hour of each series.
"""

from __future__ import annotations

import numpy as np

from streams.desks.accounts import count_rows
from streams.memory import compositionhours, specieshours, vochours
from streams.memory.book import PIECE_HOURS, Mapping
from streams.records import CompositionBlock, SpeciesBlock, VocBlock
from streams.results import Rows

FEEDS = {VocBlock: vochours, CompositionBlock: compositionhours}
"""By kind of block what its feed says of its rows."""


def handle(block: SpeciesBlock, held: Mapping, *, city: str | None, version: int) -> list[Rows]:
    """Take one block at a city's desk and give its result rows; held is changed.

    city: the city's code, None for stations that belong to none. version: of the rows that this block changes.
    """
    feed = FEEDS[type(block)]
    station, hour = np.nonzero(block.present)
    texts = feed.contents(block, station, hour)
    wins = _merge(block, station, hour, specieshours.strengths(block, station, hour, texts), held)
    accepted, known = (np.bincount(hour[rows], minlength=block.hours) for rows in (wins, ~wins))
    found = count_rows(block, block.first_hour, accepted, known, np.zeros(block.hours, int))
    if wins.any():
        kept = [text for text, won in zip(texts, wins.tolist(), strict=True) if won]
        rows = feed.rows_of(block, station[wins], hour[wins], kept)
        found.append(rows.same(city=city, version=version))
    return found


def _merge(block: SpeciesBlock, station: np.ndarray, hour: np.ndarray, new: np.ndarray, held: Mapping) -> np.ndarray:
    """Merge the strengths of rows into those held; return bool (row,), True where a row won and says something else."""
    wins, moved = np.zeros(len(new), bool), np.zeros(len(new), bool)
    at, feed = block.first_hour + hour, FEEDS[type(block)]
    for piece in np.unique(at // PIECE_HOURS).tolist():
        known = dict(held.get(f"{feed.PIECES}{piece}") or {})
        here = at // PIECE_HOURS == piece
        for i in np.unique(station[here]).tolist():
            rows = np.flatnonzero(here & (station == i))
            places = at[rows] - piece * PIECE_HOURS
            series = feed.series_of(block, block.stations[i])
            held_here = specieshours.unpacked(known[series], PIECE_HOURS) if series in known else None
            strength = specieshours.absent(PIECE_HOURS) if held_here is None else held_here
            won = specieshours.stronger(new[rows], strength[places])
            wins[rows] = won & specieshours.unlike(new[rows], strength[places])
            moved[rows] = won
            strength[places[won]] = new[rows[won]]
            known[series] = specieshours.packed(strength)
        if moved[here].any():
            held.put(f"{feed.PIECES}{piece}", known)
    return wins
