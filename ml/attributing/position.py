"""Where an attribution goes on after a kill: what of the store it has seen, and the last version that it gave."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from standards.whole_files import write_whole
from streams.store.attribution import Stored
from streams.store.identity import version_after


@dataclass(frozen=True, slots=True)
class Position:
    """seen: None where nothing was seen yet. version: the last that rows were given."""

    seen: Stored | None = None
    version: int = 0


def read_position(path: Path) -> Position:
    """Read a position; a file that is not there or is damaged is the beginning: rows that are stored already are not
    written again."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        seen = held["seen"]
        at = None if seen is None else Stored(dt.datetime.fromisoformat(seen["at"]), frozenset(seen["segments"]))
        return Position(at, int(held["version"]))
    except (OSError, ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return Position()


def write_position(path: Path, position: Position) -> None:
    """Write a position; the file is there whole or as it was."""
    seen = position.seen
    told = None if seen is None else {"at": seen.at.isoformat(), "segments": sorted(seen.segments)}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({"seen": told, "version": position.version}).encode(), synced=False)


def next_version(last: int, data: Path) -> int:
    """Give a version above the last, and above all stamps of the data directory: the position may have been lost."""
    return version_after(last, data)
