"""Columns that lead back from a row: the file that it came in, and when that was released and received."""

from __future__ import annotations

import numpy as np

from streams.memory.delivery import delivery_of, file_text
from streams.records import Block
from streams.results import Rows

_SECOND = 1_000_000
"""Microseconds."""


def from_file(rows: Rows, file: np.ndarray, released: np.ndarray, received: np.ndarray) -> Rows:
    """Add where rows come from: the numbers of their files, 0 where not known, and when each was released and received [us]."""
    # Rows of a file stand together, so that few have to be looked at to find all files.
    begins = np.r_[True, file[1:] != file[:-1]]
    different, codes = np.unique(file[begins], return_inverse=True)
    if len(different) == 1:
        rows.same(file_digest=file_text(int(different[0])))
    else:
        texts = [file_text(each) for each in different.tolist()]
        rows.coded("file_digest", codes.astype(np.int32)[np.cumsum(begins) - 1], texts)
    return rows.numbers("released_at", released // _SECOND).numbers("received_at", received // _SECOND)


def from_block(rows: Rows, block: Block) -> Rows:
    """Add where rows come from that are all of one block."""
    came = delivery_of(block)
    moments = {"released_at": came.released // _SECOND, "received_at": came.received // _SECOND}
    return rows.same(file_digest=file_text(came.file), **moments)
