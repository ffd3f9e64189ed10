"""Station-hours with an axis of species: what is said of each, and which of two rows of one station-hour counts.

For each station-hour one row wins as a whole, whatever the order of arrival: a measured one before a simulated one, then
`reviewed` before `provisional`, then the higher revision, then the row released last, be it lower or higher or without any value,
then the one received last (streams.memory.delivery). Of rows of one file one that says anything stands before one that does not,
then the later line; a digest of content and source decides between rows that are equal in all of this. Such an hour stands
alone (no mean reaches into it), so only what decides has to be remembered of a row: mostly a digest of 8 bytes. What is stored of
a row is the feed's (streams.memory.vochours, streams.memory.compositionhours).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from streams.memory.cityhours import REVISIONS
from streams.memory.delivery import delivery_of
from streams.memory.origins import from_block
from streams.records import STATUSES, SpeciesBlock
from streams.results import Numbers, Rows, Same
from streams.wire.arrays import folded, stepped, unstepped

STRENGTH = np.dtype(
    [
        ("rank", "i4"),
        ("released", "i8"),
        ("received", "i8"),
        ("file", "i8"),
        ("says", "u1"),
        ("line", "i4"),
        ("digest", "u8"),
    ]
)
"""What decides between rows, most important first; digest is of what is said and by whom."""
_SAID = ("rank", "digest")
"""What tells two rows apart; the rest says how they came."""
ABSENT = np.array((-1, 0, 0, 0, 0, 0, 0), STRENGTH)
"""Weaker than any row."""
_NOTHING = "{}"
"""What is written of a row without any value or limit."""


def absent(hours: int) -> np.ndarray:
    """Give the strength of hours without a row, STRENGTH (hour,)."""
    return np.full(hours, ABSENT)


def packed(rows: np.ndarray) -> dict[str, Any]:
    """Make a compact picture of strengths (hour,) for keyed state: what is all one value as that value."""
    return {"line": stepped(rows["line"]), **{name: folded(rows[name]) for name in STRENGTH.names if name != "line"}}


def unpacked(kept: dict[str, Any], hours: int) -> np.ndarray:
    """Give back what packed pictured."""
    rows = np.empty(hours, STRENGTH)
    for name in STRENGTH.names:
        rows[name] = unstepped(*kept[name], hours) if name == "line" else kept[name]
    return rows


def contents(
    values: np.ndarray,
    below: np.ndarray | None,
    species: Sequence[str],
    station: np.ndarray,
    hour: np.ndarray,
    *,
    steps: int,
) -> list[str]:
    """Write rows as JSON: species to value, or to "<limit" where it is below; what is missing is left out.

    values, below: float64 (species, station, hour), below None where there is no limit. station, hour: int (row,), the rows'
    places in them. steps: how many steps of a value are 1.
    """
    rows = (np.rint(values[:, station, hour] * steps) / steps).T.tolist()
    if below is None:
        return [_json((name, x) for name, x in zip(species, row, strict=True) if x == x) for row in rows]
    limits = (np.rint(below[:, station, hour] * steps) / steps).T.tolist()
    return [
        _json(
            (name, x if x == x else f"<{limit}")
            for name, x, limit in zip(species, row, under, strict=True)
            if x == x or limit == limit
        )
        for row, under in zip(rows, limits, strict=True)
    ]


def strengths(block: SpeciesBlock, station: np.ndarray, hour: np.ndarray, texts: list[str]) -> np.ndarray:
    """Give what decides between rows, STRENGTH (row,); texts as contents gives them."""
    made, came = np.empty(len(texts), STRENGTH), delivery_of(block)
    made["rank"] = (2 * (not block.simulated) + STATUSES.index(block.status)) * REVISIONS + block.revision
    made["released"], made["received"], made["file"] = came.released, came.received, came.file
    made["says"] = [text != _NOTHING for text in texts]
    made["line"] = 0 if block.lines is None else block.lines[station, hour]
    made["digest"] = [_digest(f"{block.source}\n{text}") for text in texts]
    return made


def stronger(new: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Compare strengths of the same shape in the order of their fields: True where new wins."""
    wins, equal = np.zeros(new.shape, bool), np.ones(new.shape, bool)
    for name in STRENGTH.names:
        wins |= equal & (new[name] > held[name])
        equal &= new[name] == held[name]
    return wins


def unlike(new: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Tell where rows differ in more than how they came: bool in the shape of both."""
    return np.any([new[name] != held[name] for name in _SAID], axis=0)


def rows_of(
    table: str,
    block: SpeciesBlock,
    below: np.ndarray | None,
    station: np.ndarray,
    hour: np.ndarray,
    texts: list[str],
    *,
    text: str,
) -> Rows:
    """Give rows of a table, without city and version, and without what is the feed's own.

    below, station, hour, texts: as of contents. text: the name of the column that holds the texts.
    """
    none = np.zeros(len(texts), int)
    rows = Rows(table).coded("station", station.astype(np.uint16), block.stations)
    rows.numbers("hour_end", (block.first_hour + hour).astype(np.int32)).texts(text, texts)
    rows.numbers("n_species", count(block.values[:, station, hour]))
    rows.numbers("n_below", none if below is None else count(below[:, station, hour]))
    from_block(rows, block)
    rows.add("line", Same(0) if block.lines is None else Numbers(block.lines[station, hour]))
    return rows.same(source=block.source, status=block.status, revision=block.revision, simulated=block.simulated)


def count(values: np.ndarray) -> np.ndarray:
    """Count the values of rows, (species, row), that there are."""
    return np.isfinite(values).sum(axis=0)


def _json(items: Any) -> str:
    return orjson.dumps(dict(items)).decode()


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
