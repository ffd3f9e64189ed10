"""Read tables by maps in tests: a file, its map beside it, and what is passed on of it by station and hour."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from standards.pollutants import ITEMS
from streams import registry, sources
from streams.sources.maps import feed
from streams.sources.tally import Origin, Parsed, Tally, Unusable

SHIPPED = registry.load()
Hours = dict[tuple[str, int], dict[str, float]]


def read(
    folder: Path, content: str | bytes, toml: str = "", *, name: str = "table.csv", everyone: bool = True
) -> Parsed:
    """Give what becomes of a file with a map beside it, without the guard that would hide what the feed raises."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if toml:
        (folder / f"{name}.map.toml").write_text(toml, encoding="utf-8")
    tally = Tally(Origin("map", name, "", 1.0))
    try:
        feed.parse(path, SHIPPED, tally, all_stations=everyone)
    except Unusable as problem:
        tally = Tally(Origin("map", name, "", 1.0))
        tally.refuse(problem)
    return tally.parsed()


def through_the_door(folder: Path, content: str | bytes, *, name: str = "table.csv", everyone: bool = True) -> Parsed:
    """Give what becomes of a file as the platform reads it."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return sources.parse_file(path, SHIPPED, received_at=1.0, all_stations=everyone)


def hours_of(parsed: Parsed) -> Hours:
    """Give the values that were passed on, by station and epoch hour; an hour that is there twice fails."""
    found: Hours = {}
    for block in parsed.blocks:
        for s, h in np.argwhere(block.present).tolist():
            key = (block.stations[s], block.first_hour + h)
            assert key not in found
            found[key] = {
                item: float(v) for item, v in zip(ITEMS, block.values[:, s, h], strict=True) if not np.isnan(v)
            }
    return found


def reasons(parsed: Parsed) -> list[tuple[str, str]]:
    """Give reason and value of each reject."""
    return [(each.reason, each.value) for each in parsed.rejected]
