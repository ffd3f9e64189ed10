"""Read text as a feed reads a file of it, without the guard around feeds: what a feed raises for a file fails the test."""

from __future__ import annotations

import io
from types import ModuleType

from streams import registry
from streams.sources.tally import Origin, Parsed, Tally, Unusable

SHIPPED = registry.load()


def read_text(feed: ModuleType, text: str, origin: Origin, *, all_stations: bool = False) -> Parsed:
    """Give what a feed makes of a text; one that it refuses is one reject."""
    lines = (line.removesuffix("\n") for line in io.StringIO(text, newline=None))
    tally = Tally(origin)
    try:
        feed.read(lines, SHIPPED, tally, all_stations=all_stations)
    except Unusable as problem:
        tally = Tally(origin)
        tally.refuse(problem)
    return tally.parsed()
