"""Which desk a message goes to: its city's, and for emissions every city's, since they may lie upwind."""

from __future__ import annotations

from collections.abc import Iterator

from streams.records import RecordError
from streams.wire import arrays, messages

UNREADABLE = "unreadable"
_EMISSION_MARKS = tuple(f'"schema":"{schema}"' for schema in (messages.EMISSION, messages.EMISSION_1))


def route(line: str, cities: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give (key, line) pairs: the line under its own key, and emissions as they are under the keys of the other cities too.

    A city needs the others' sectors, not only their totals: measured hours of a sector that come later correct the total.
    """
    key = arrays.key_of(line)
    yield key or UNREADABLE, line
    # The mark is looked for near the start only: reading every message here would cost more than the rest of the stage.
    if not any(mark in line[:80] for mark in _EMISSION_MARKS):
        return
    try:
        messages.block_from(line)
    except (arrays.WireError, RecordError):
        return  # its own city says what is wrong with it, once
    body = line.partition("\t")[2]
    for city in cities:
        if city != key:
            yield city, f"{city}\t{body}"
