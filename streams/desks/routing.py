"""Which desk a message goes to: its city's; emissions to every city's, since they may lie upwind; models to every city's too."""

from __future__ import annotations

from collections.abc import Iterator

from streams.records import RecordError
from streams.wire import arrays, messages

UNREADABLE = "unreadable"
_EMISSION_MARKS = tuple(f'"schema":"{schema}"' for schema in messages.EMISSIONS)
_SCORER_MARK = f'"schema":"{messages.SCORER}"'
_REJECTED_MARK = f'"schema":"{messages.REJECTED}"'
_HEAD = 80


def route(line: str, cities: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give (key, line) pairs: the line under its own key, and emissions as they are under the keys of the other cities too.

    A city needs the others' sectors, not only their totals: measured hours of a sector that come later correct the total. An
    announcement of a model has no city and goes to all.
    """
    key = arrays.key_of(line)
    # The marks are looked for near the start only: reading every message here would cost more than the rest of the stage.
    if is_notice(line):
        for city in cities:
            yield city, line
        return
    yield key or UNREADABLE, line
    if not any(mark in line[:_HEAD] for mark in _EMISSION_MARKS):
        return
    try:
        messages.block_from(line)
    except (arrays.WireError, RecordError):
        return  # its own city says what is wrong with it, once
    body = line.partition("\t")[2]
    for city in cities:
        if city != key:
            yield city, f"{city}\t{body}"


def is_reject(line: str) -> bool:
    """Tell whether a line says what could not be read; it goes to the store as it is."""
    return _REJECTED_MARK in line[:_HEAD]


def is_notice(line: str) -> bool:
    """Tell whether a line announces a model."""
    return _SCORER_MARK in line[:_HEAD]
