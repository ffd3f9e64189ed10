"""From a raw file to blocks: which feed a file is, and what a feed owes.

A feed is a module below this package with
    NAME: str                                   its name in records, for instance "cnemc-wide"
    recognises(path, head: bytes) -> bool       by the first bytes of a file (empty for a folder), never by its name
    parse(path, registry, tally, *, all_stations) -> None
and one line in _SOURCES. Units, time zones and hour labels are converted in the feed and nowhere else.

All that a feed finds it tells the tally: each row that comes in, and then that it is passed on in a block or rejected. For
every hour, rows passed on + rows rejected = rows that came in; a row is a station-hour, a place-hour of a forecast, or a
city-hour of emissions. A cell that cannot be read costs no row: it is rejected with rows=0 and its item is missing. A file that
cannot be used at all is refused with `Unusable`.

A feed should raise nothing else for what a file contains. Where one does, its file is rejected as a whole, by name and with
what was raised, and the log has the traceback: one file can neither stop the others nor take them along.
"""

from __future__ import annotations

import importlib
import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from streams.registry import Registry
from streams.sources import kinds
from streams.sources.csv_lines import LARGEST_MB, require_size
from streams.sources.files import digest_of, opened, parts_of, shown
from streams.sources.tally import Origin, Parsed, Tally, Unusable

LOG = logging.getLogger("airshed.sources")
_SOURCES = (
    "streams.sources.stations.cnemc_wide",
    "streams.sources.stations.cnemc_transposed",
    "streams.sources.stations.cnemc_named",
    "streams.sources.stations.composition_csv",
    "streams.sources.stations.voc_csv",
    "streams.sources.stations.station_csv",
    "streams.sources.emissions.feed",
    "streams.sources.maps.feed",
    "streams.sources.tags.feed",
    "streams.sources.forecasts.cdaqs",
)
"""Asked in this order: composition_csv and voc_csv before station_csv, whose files begin alike, and tags before cdaqs, which takes
any NetCDF file. Modules with heavy imports stand last, and are loaded only when nobody before recognised."""

HEAD_BYTES = 4096
UNKNOWN = "unrecognised"
"""The source name of a file that nobody recognises; such a file counts as one row of an unknown hour."""


def parse_file(
    path: str | Path,
    registry: Registry,
    *,
    all_stations: bool = False,
    received_at: float,
    simulated: bool = False,
    name: str = "",
    memory_mb: int = 0,
    now: float | None = None,
    released_at: float | None = None,
) -> Parsed:
    """Parse a file, or the folder of an inventory, by the feed that recognises it.

    all_stations: keep stations that are in none of the registry's cities, under group keys, instead of setting them
    aside. received_at: epoch seconds. simulated: mark all that the file brings as simulated. name: what the file is called, if
    not as it lies there. memory_mb: how much memory there is for it, for the answer where that is not enough. now: the moment
    [epoch s] after which hours are refused as lying in the future, None: this one; that of receipt would do for files that just
    came, but a file may have been lying there, and a history says nothing of when it was written. released_at: epoch seconds,
    when the source published or sent it; None is when it was received. A file that nobody recognises, or that cannot be used,
    gives one Rejected; OSError is raised for one that cannot be read.
    """
    path = Path(path)
    origin = Origin(UNKNOWN, name or shown(path), "", received_at, simulated, released_at)
    try:
        feed = feed_of(path)
        origin = replace(origin, source=feed.NAME if feed else UNKNOWN)
        _require_sizes(path, feed)
        origin = replace(origin, digest=digest_of(path))
        if feed is None:
            return refused(origin, _unrecognised(path))
        tally = Tally(origin, now=time.time() if now is None else now)
        feed.parse(path, registry, tally, all_stations=all_stations)
        return tally.parsed()
    except Unusable as problem:
        if isinstance(problem.__cause__, MemoryError):
            return refused(origin, too_little_memory(origin.source, memory_mb))
        if problem.__cause__:
            LOG.warning("%s: %s", origin.file, problem.reason, exc_info=problem.__cause__)
        return refused(origin, _without_place(problem, path))
    except OSError:
        raise
    except MemoryError:
        LOG.exception("%s: the feed %s wants more memory", origin.file, origin.source)
        return refused(origin, too_little_memory(origin.source, memory_mb))
    except Exception as error:
        LOG.exception("%s: the feed %s failed", origin.file, origin.source)
        reason = f"reading it failed: {type(error).__name__}: {error}"[:200]
        return refused(origin, Unusable("file", reason, origin.file, f"a file of the layout {origin.source}"))


def feed_of(path: str | Path) -> ModuleType | None:
    """Give the feed that recognises a file or folder, None where none does. Errors: OSError where it cannot be read."""
    head = head_of(Path(path))
    return next((feed for feed in map(importlib.import_module, _SOURCES) if feed.recognises(Path(path), head)), None)


def layouts() -> tuple[str, ...]:
    """Name the sources that can be read."""
    return tuple(importlib.import_module(name).NAME for name in _SOURCES)


def head_of(path: Path) -> bytes:
    """Give the first bytes of a file, nothing for a folder."""
    if path.is_dir():
        return b""
    with opened(path) as file:
        return file.read(HEAD_BYTES)


def refused(origin: Origin, problem: Unusable) -> Parsed:
    """Give the answer to a file of which nothing can be used."""
    tally = Tally(origin)
    tally.refuse(problem)
    return tally.parsed()


def too_little_memory(source: str, memory_mb: int) -> Unusable:
    """Say of a file that reading it took too much memory; memory_mb [MB]: how much there was, 0 where nobody limited it."""
    if memory_mb:
        reason = f"reading it needed more than {memory_mb} MB of memory (MemoryError)"
    else:
        reason = "reading it needed more memory than there was (MemoryError)"
    expected = f"a smaller file of the layout {source}; cut it into parts, for instance by month"
    return Unusable("file", reason, "", expected)


def _without_place(problem: Unusable, path: Path) -> Unusable:
    """Leave out where on this machine a file lies: a library tells it with what it raises, and it is nobody's business."""
    reason = problem.reason.replace(f"{path.parent}{os.sep}", "")
    return Unusable(problem.position, reason, problem.value, problem.expected)


def _require_sizes(path: Path, feed: ModuleType | None) -> None:
    """Refuse a file that is too large before any of it is read: a feed of large files says so by LARGEST_MB of its own."""
    for part in parts_of(path):
        require_size(part.stat().st_size, getattr(feed, "LARGEST_MB", LARGEST_MB))


def _unrecognised(path: Path) -> Unusable:
    """Say what a file is without showing anything of what is in it: it may be anybody's, and anything."""
    head, folder = head_of(path), path.is_dir()
    reason = "the layout is not recognised" if head or folder else "the file is empty"
    names = ", ".join(sorted(shown(entry) for entry in path.iterdir())[:8]) if folder else ""
    value = names if folder else f"{kinds.kind_of(head)}, {path.stat().st_size} bytes"
    opened = "; of archives .zip, .gz, .tar and .tgz are opened" if value.startswith(kinds.ARCHIVE) else ""
    expected = f"one of the layouts {', '.join(layouts())}{opened}"
    return Unusable("folder" if folder else "file", reason, value, expected)


__all__ = [
    "HEAD_BYTES",
    "UNKNOWN",
    "Parsed",
    "feed_of",
    "head_of",
    "layouts",
    "parse_file",
    "refused",
    "too_little_memory",
]
