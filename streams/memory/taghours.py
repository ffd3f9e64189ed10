"""Tagged contributions: what is stored of a place's hour, and which of two rows of one counts.

A row is all that one file tells of a place in an hour of a run: some quantities of some contributors, its axes. Rows of other axes
stand beside it, so a file of ozone alone takes no PM2.5 away. For each place-hour, run and axes one row wins as a whole, by the
rules of organic compounds (streams.memory.specieshours): what is real before what is simulated, then the release, the receipt, the
file. The mean over a city is that of the file released last that has any of its points, and of two of one release that over
more points. No hour reaches into another, so only what decides has to be remembered: some bytes, not the contributions.

Numbers are stored as IEEE half precision: to 0.05 % of each (2^-11) down to 6e-5 of its unit, to 3e-8 below.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import numpy as np
import orjson

from streams.memory.delivery import delivery_of
from streams.memory.specieshours import STRENGTH, absent, packed, unpacked
from streams.records import TagBlock

AXES_DIGITS = 12
"""Hexadecimal digits that stand for the axes of a row: what is told of it, and in which order."""
MOST_POINTS = 250
_LEVEL = 1
"""Of zlib: a higher one gains a percent."""


def axes_of(block: TagBlock) -> tuple[str, str, str]:
    """Give a name for the axes of a block, and its quantities and contributors as JSON."""
    quantities, contributors = (orjson.dumps(each).decode() for each in (block.quantities, block.contributors))
    said = f"{block.definition}\n{quantities}\n{contributors}"
    return hashlib.sha256(said.encode()).hexdigest()[:AXES_DIGITS], quantities, contributors


def contents(values: np.ndarray) -> list[str]:
    """Write place-hours (quantity, contributor, row) as texts, each of its numbers in the order of the axes.

    Base64 of zlib of half precision, little-endian, all low bytes before all high ones; nothing where none is told.
    """
    rows = np.ascontiguousarray(values.reshape(-1, values.shape[-1]).T.astype("<f2"))
    told = np.isfinite(rows).any(axis=1).tolist()
    halves = rows.view(np.uint8).reshape(len(rows), -1, 2).transpose(0, 2, 1).reshape(len(rows), -1)
    return [
        base64.b64encode(zlib.compress(row.tobytes(), _LEVEL)).decode("ascii") if some else ""
        for row, some in zip(halves, told, strict=True)
    ]


def numbers_of(text: str, shape: tuple[int, int]) -> np.ndarray:
    """Give back what contents wrote of one place-hour: float16 (quantity, contributor), NaN where none is told.

    Raises ValueError where the text is of other axes.
    """
    if not text:
        return np.full(shape, np.nan, np.float16)
    halves = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    return np.ascontiguousarray(halves.reshape(2, -1).T).view("<f2").reshape(shape)


def strengths(block: TagBlock, texts: list[str], said: np.ndarray) -> np.ndarray:
    """Give what decides between rows, STRENGTH (row,); said: 0 for nothing, else 1, of a city the points of its mean as well."""
    made, came = np.empty(len(texts), STRENGTH), delivery_of(block)
    made["rank"], made["line"], made["says"] = 0 if block.simulated else 1, 0, said
    made["released"], made["received"], made["file"] = came.released, came.received, came.file
    made["digest"] = [_digest(f"{block.source}\n{text}") for text in texts]
    return made


def held_over(kept: dict[str, Any] | None, first: int, end: int) -> tuple[int, np.ndarray]:
    """Give the first hour and the strengths of a place that is kept, widened so that it spans the hours [first, end)."""
    if kept is None:
        return first, absent(end - first)
    low, high = min(kept["first_hour"], first), max(kept["first_hour"] + kept["hours"], end)
    rows = absent(high - low)
    at = kept["first_hour"] - low
    rows[at : at + kept["hours"]] = unpacked(kept["rows"], kept["hours"])
    return low, rows


def kept_of(first: int, rows: np.ndarray) -> dict[str, Any]:
    """Give what is kept of a place: plain numbers and arrays."""
    return {"first_hour": first, "hours": len(rows), "rows": packed(rows)}


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
