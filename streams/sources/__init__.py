"""From a raw file to blocks: which feed a file is, and what a parser owes.

A source is a module of this package with
    NAME: str                                   its name in records, for instance "cnemc-wide"
    recognises(path, head: bytes) -> bool       by the first bytes of a file (empty for a folder), never by its name
    parse(path, registry, *, all_stations, received_at, simulated) -> Parsed
and one line in _SOURCES. Units, time zones and hour labels are converted in the parser and nowhere else.

A parser never raises for what a file contains: what it cannot use it names in Parsed.rejected, and keeps the rest.
For every hour, rows passed on in blocks + rows of rejected = rows_in of the intake; a row is a station-hour, a
place-hour of a forecast, or a city-hour of emissions. A cell that cannot be read costs no row: it is rejected with
rows=0 and its item is missing.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from streams.records import Block, Intake, Rejected
from streams.registry import Registry

_SOURCES = (
    "streams.sources.stations.cnemc_wide",
    "streams.sources.stations.cnemc_transposed",
    "streams.sources.stations.cnemc_named",
    "streams.sources.stations.voc_csv",
    "streams.sources.stations.station_csv",
    "streams.sources.emissions.feed",
    "streams.sources.forecasts.cdaqs",
)
"""Asked in this order: voc_csv before station_csv, whose files begin alike. Modules with heavy imports stand last, and are
loaded only when nobody before recognised."""

HEAD_BYTES = 4096
UNKNOWN = "unrecognised"
"""The source name of a file that nobody recognises; such a file counts as one row of an unknown hour."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one file brought: blocks for the engine, rejected rows and cells, and the count of rows by hour."""

    blocks: list[Block]
    rejected: list[Rejected]
    intake: Intake


def detect(path: str | Path) -> str | None:
    """Tell which source a file or folder is of; None where nobody recognises it. OSError where it cannot be read."""
    module = _module_for(Path(path))
    return module.NAME if module else None


def parse_file(
    path: str | Path,
    registry: Registry,
    *,
    all_stations: bool = False,
    received_at: float,
    simulated: bool = False,
) -> Parsed:
    """Parse a file by the source that recognises it.

    all_stations: keep stations that are in none of the registry's cities, under group keys, instead of setting them
    aside. received_at: epoch seconds. simulated: mark all that the file brings as simulated. A file that nobody
    recognises gives one Rejected; OSError is raised for one that cannot be read.
    """
    path = Path(path)
    module = _module_for(path)
    if module is None:
        return _unrecognised(path, received_at)
    return module.parse(path, registry, all_stations=all_stations, received_at=received_at, simulated=simulated)


def layouts() -> tuple[str, ...]:
    """Name the sources that can be read."""
    return tuple(importlib.import_module(name).NAME for name in _SOURCES)


def head_of(path: Path) -> bytes:
    """Give the first bytes of a file, nothing for a folder."""
    if path.is_dir():
        return b""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _module_for(path: Path) -> ModuleType | None:
    head = head_of(path)
    modules = (importlib.import_module(name) for name in _SOURCES)
    return next((module for module in modules if module.recognises(path, head)), None)


def _unrecognised(path: Path, received_at: float) -> Parsed:
    head, folder = head_of(path), path.is_dir()
    empty = not head and not folder
    rejected = Rejected(
        source=UNKNOWN, file=path.name, position="folder" if folder else "line 1",
        reason="the file is empty" if empty else "the layout is not recognised",
        value=", ".join(sorted(p.name for p in path.iterdir())[:8]) if folder else repr(head[:60]),
        expected=f"one of the layouts {', '.join(layouts())}",
    )  # fmt: skip
    return Parsed([], [rejected], Intake(UNKNOWN, path.name, received_at, {-1: 1}, {-1: 1}))
