"""How long a year of hours of 117 compounds takes: CSV to blocks, blocks to rows, and one live hour. Prints JSON.

Run: python -m tests.bench.bench_voc [hours]
"""

from __future__ import annotations

import json
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from streams.memory.pieces import Book

from standards.voc.species import SPECIES
from streams import registry, sources
from streams.desks import citydesk
from streams.records import iso_hour
from streams.registry.roster import roster_of
from streams.sources.stations.voc_columns import column_of
from streams.wire import messages
from tests.streams.replaying import Pieces

FIRST, LIVE = 464_592, 100


def csv_of(hours: int) -> str:
    """Make hours of one station, some of them below a detection limit."""
    ppb = np.random.default_rng(1).gamma(1, 0.5, (hours, len(SPECIES)))
    lines = [",".join(["station", "hour_end", *(column_of(each.name_en) for each in SPECIES)])]
    for hour, row in enumerate(ppb.tolist()):
        cells = ("<0.02" if x < 0.02 else f"{x:.3f}" for x in row)
        lines.append(",".join(["1431A", iso_hour(FIRST + hour), *cells]))
    return "\n".join(lines) + "\n"


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Give the seconds of a call and its result."""
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def desk(lines: list[str]) -> tuple[Pieces, int]:
    """Take messages through an empty desk; give its state and the bytes of its results."""
    book, held, roster, size = Book(version=1), Pieces(), roster_of(registry.load()), 0
    for line in lines:
        block = messages.block_from(line)
        size += sum(map(len, citydesk.handle(block, block.city, book, held, roster).lines))
    return held, size


def main(hours: int = 8760) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voc.csv"
        path.write_text(csv_of(hours), encoding="utf-8")
        parse_s, parsed = timed(lambda: sources.parse_file(path, registry.load(), received_at=0.0))
        path.write_text(csv_of(1), encoding="utf-8")
        (hour,) = sources.parse_file(path, registry.load(), received_at=0.0).blocks
    desk_s, (held, size) = timed(lambda: desk([messages.block_line(block) for block in parsed.blocks]))
    live = [messages.block_line(replace(hour, first_hour=FIRST + n)) for n in range(LIVE)]
    live_s, _ = timed(lambda: desk(live))
    print(json.dumps({
        "hours": hours, "compounds": len(SPECIES), "parse_s": round(parse_s, 2), "desk_s": round(desk_s, 2),
        "live_hour_ms": round(live_s / LIVE * 1000, 1), "results_mb": round(size / 1e6, 1),
        "state_kb": round(len(pickle.dumps(dict(held))) / 1e3),
    }))  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
