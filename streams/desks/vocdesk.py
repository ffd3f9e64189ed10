"""A city's organic compounds: takes blocks in any order and gives back the rows that they change. Called from the city's desk.

The keyed state, or the archive behind it, holds in pieces beside those of the other feeds the strength of the row held for each
station-hour.
"""

from __future__ import annotations

import numpy as np

from streams.desks.accounts import count_rows
from streams.memory import vochours
from streams.memory.book import PIECE_HOURS, Mapping
from streams.records import VocBlock
from streams.results import Rows


def handle(block: VocBlock, held: Mapping, *, city: str | None, version: int) -> list[Rows]:
    """Take one block at a city's desk and give its result rows; held is changed.

    city: the city's code, None for stations that belong to none. version: of the rows that this block changes.
    """
    station, hour = np.nonzero(block.present)
    texts = vochours.contents(block, station, hour)
    wins = _merge(block, station, hour, vochours.strengths(block, station, hour, texts), held)
    accepted, known = (np.bincount(hour[rows], minlength=block.hours) for rows in (wins, ~wins))
    found = count_rows(block, block.first_hour, accepted, known, np.zeros(block.hours, int))
    if wins.any():
        kept = [text for text, won in zip(texts, wins.tolist(), strict=True) if won]
        rows = vochours.rows_of(block, station[wins], hour[wins], kept)
        found.append(rows.same(city=city, version=version))
    return found


def _merge(block: VocBlock, station: np.ndarray, hour: np.ndarray, new: np.ndarray, held: Mapping) -> np.ndarray:
    """Merge the strengths of rows into those held; return bool (row,), True where a row won and says something else."""
    wins, moved = np.zeros(len(new), bool), np.zeros(len(new), bool)
    at = block.first_hour + hour
    for piece in np.unique(at // PIECE_HOURS).tolist():
        known = dict(held.get(f"v{piece}") or {})
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
    return wins
