"""Which desk a message goes to: its city's, and for emissions every city's, since they may lie upwind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from streams import messages, wire
from streams.join.joined import sum_known
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
        # The total is named after its sectors: two files of one inventory with other sectors add up.
        whole = replace(block, sectors=("*" + ",".join(sorted(block.sectors)),), values=sum_known(block.values)[None])
        body = messages.block_line(whole).partition("\t")[2]
        for city in cities:
            if city != block.city:
                yield city, f"{city}\t{body}"
