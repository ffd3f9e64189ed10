"""By what came when: the order in which the releases of one thing stand, and the file that each came in.

Of two rows that are alike in rank the one released later counts, lower or higher; of two released together the one received
later, then, of two files that came together, either by its digest, and in one file the later line. Rows that are alike in all of
this are told apart by a digest of what they say. None of it looks at how large a value is, or at what came first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streams.records import Block, released
from streams.wire.arrays import THOUSANDTHS

FILE_DIGITS = 15
"""Hexadecimal digits of a file's SHA-256 that stand for it with each row: 60 bits, which fit a whole number."""
NEVER = -(1 << 62)
"""Before any moment: nothing came."""
_MISSING = -(1 << 40)
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@dataclass(frozen=True, slots=True)
class Delivery:
    """When something was released and received [us since 1970], and the number of the file that it came in, 0 where not known."""

    released: int
    received: int
    file: int


def delivery_of(block: Block) -> Delivery:
    """Give when and in which file a block came."""
    return Delivery(microseconds(released(block)), microseconds(block.received_at), file_number(block.digest))


def microseconds(moment: float) -> int:
    """Give a moment [s since 1970] in whole microseconds: files of one command come within a millisecond."""
    return round(moment * 1_000_000)


def file_number(digest: str) -> int:
    """Give the first digits of a file's digest as a number, 0 where it has none."""
    return int(digest[:FILE_DIGITS] or "0", 16)


def file_text(number: int) -> str | None:
    """Give back the digits of a file's number, None where it is 0."""
    return f"{number:0{FILE_DIGITS}x}" if number else None


def after(new: Sequence[np.ndarray | int], held: Sequence[np.ndarray]) -> np.ndarray:
    """Compare in dictionary order, the most important first: True where new is beyond held; all of one shape or one number."""
    first, second = new[0], held[0]
    result, open_ = first > second, first == second
    for mine, other in zip(new[1:], held[1:], strict=True):
        if not open_.any():
            break
        result = result | open_ & (mine > other)
        open_ = open_ & (mine == other)
    return result


def newest(released: np.ndarray, received: np.ndarray, file: np.ndarray) -> np.ndarray:
    """Give the last of several deliveries, each (part, hour): int64 (3, hour), as they stand in Delivery; NEVER where none came."""
    last = released.max(axis=0, initial=NEVER)
    at_last = released == last
    then = np.where(at_last, received, NEVER).max(axis=0, initial=NEVER)
    return np.stack([last, then, np.where(at_last & (received == then), file, NEVER).max(axis=0, initial=NEVER)])


def content_number(values: np.ndarray) -> np.ndarray:
    """Give a number for what is said, (part, ...) -> uint64 (...): alike where all parts are to a thousandth, and
    without any order.

    Missing parts are a part like any other.
    """
    thousandths = np.nan_to_num(np.rint(values * THOUSANDTHS), nan=_MISSING).astype(np.int64).view(np.uint64)
    number = np.zeros(values.shape[1:], np.uint64)
    for part in thousandths:
        number = (number ^ part) * _ODD
        number ^= number >> _SHIFT
    return number
