"""What became of the rows of a block, for the books: accepted, duplicate or late, hour by hour."""

from __future__ import annotations

import numpy as np

from streams.results import Rows


def count_rows(
    source: str, first_hour: int, accepted: np.ndarray, duplicate: np.ndarray, late: np.ndarray
) -> list[Rows]:
    """Give the counts of consecutive hours from first_hour, each int (hour,), as result rows; none where all are 0."""
    some = np.nonzero(accepted + duplicate + late)[0]
    if not len(some):
        return []
    rows = Rows("source_hour").same(source=source).numbers("hour_end", first_hour + some)
    counts = np.stack([accepted[some], duplicate[some], late[some]])
    return [rows.numbers(("accepted", "duplicate", "late"), counts)]
