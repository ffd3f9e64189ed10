"""What became of the rows of a block, for the books: accepted, duplicate or late, hour by hour."""

from __future__ import annotations

import numpy as np

from streams.wire import messages


def count_lines(
    key: str, source: str, first_hour: int, accepted: np.ndarray, duplicate: np.ndarray, late: np.ndarray
) -> list[str]:
    """Write the counts of consecutive hours from first_hour, each int (hour,), as result lines; none where all are 0."""
    some = np.nonzero(accepted + duplicate + late)[0]
    if not len(some):
        return []
    counts = {"accepted": accepted[some], "duplicate": duplicate[some], "late": late[some]}
    return [messages.rows_line("source_hour", key, {"source": source, "hour_end": first_hour + some, **counts})]
