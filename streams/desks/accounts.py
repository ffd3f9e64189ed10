"""What became of the rows of a block, for the books: accepted, duplicate or late, hour by hour."""

from __future__ import annotations

import numpy as np

from streams.records import Block, released
from streams.results import Rows

COUNTED = ("accepted", "duplicate", "late")


def count_rows(
    block: Block, first_hour: int, accepted: np.ndarray, duplicate: np.ndarray, late: np.ndarray
) -> list[Rows]:
    """Give the counts of consecutive hours of a block from first_hour, each int (hour,), as result rows; none where all are 0.

    Rows are counted by source and hour, and by the file of the block where that is known.
    """
    counts = np.stack([accepted, duplicate, late])
    some = np.nonzero(counts.any(axis=0))[0]
    if not len(some):
        return []
    rows = Rows("source_hour").same(source=block.source).numbers("hour_end", first_hour + some)
    found = [rows.numbers(COUNTED, counts[:, some])]
    return [*found, _of_file(block, counts.sum(axis=1).tolist())] if block.digest else found


def _of_file(block: Block, counts: list[int]) -> Rows:
    accepted, duplicate, late = counts
    return Rows("source_file").same(
        digest=block.digest, file=block.file, source=block.source, simulated=block.simulated,
        released_at=int(released(block)), received_at=int(block.received_at), rows_in=0, rejected=0,
        accepted=accepted, duplicate=duplicate, late=late,
    )  # fmt: skip
