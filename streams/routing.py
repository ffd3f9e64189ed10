"""Which desk a message goes to: its city's, and for emissions every city's, since they may lie upwind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from streams import messages, wire
from streams.records import EmissionBlock, RecordError

UNREADABLE = "unreadable"
_EMISSION_MARK = f'"schema":"{messages.EMISSION}"'


def route(line: str, cities: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give (key, line) pairs: the line under its own key, and an emission's total under the keys of the other cities."""
    key = wire.key_of(line)
    yield key or UNREADABLE, line
    # The mark is looked for near the start only: reading every message here would cost more than the rest of the stage.
    if _EMISSION_MARK not in line[:80]:
        return
    try:
        block = messages.block_from(line)
    except (wire.WireError, RecordError):
        return
    if isinstance(block, EmissionBlock):
        body = messages.block_line(replace(block, sectors=("*",), values=total(block.values)[None])).partition("\t")[2]
        for city in cities:
            if city != block.city:
                yield city, f"{city}\t{body}"


def total(values: np.ndarray) -> np.ndarray:
    """Sum emissions over sectors: (sector, species, hour) -> (species, hour), NaN where no sector is known."""
    known = np.isfinite(values)
    return np.where(known.any(axis=0), np.where(known, values, 0.0).sum(axis=0), np.nan)
