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
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from streams.registry import Registry
from streams.sources.files import digest_of, shown
from streams.sources.tally import Origin, Parsed, Tally, Unusable

LOG = logging.getLogger("airshed.sources")
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


def parse_file(
    path: str | Path,
    registry: Registry,
    *,
    all_stations: bool = False,
    received_at: float,
    simulated: bool = False,
    released_at: float | None = None,
) -> Parsed:
    """Parse a file, or the folder of an inventory, by the feed that recognises it.

    all_stations: keep stations that are in none of the registry's cities, under group keys, instead of setting them
    aside. received_at: epoch seconds. simulated: mark all that the file brings as simulated. released_at: epoch seconds, when the
    source published or sent it; None is when it was received. A file that nobody recognises, or that cannot be used, gives one
    Rejected; OSError is raised for one that cannot be read.
    """
    path = Path(path)
    origin = Origin(UNKNOWN, shown(path), digest_of(path), received_at, simulated, released_at)
    try:
        feed = feed_of(path)
        if feed is None:
            return refused(origin, _unrecognised(path))
        origin = replace(origin, source=feed.NAME)
        tally = Tally(origin)
        feed.parse(path, registry, tally, all_stations=all_stations)
        return tally.parsed()
    except Unusable as problem:
        if problem.__cause__:
            LOG.warning("%s: %s", origin.file, problem.reason, exc_info=problem.__cause__)
        return refused(origin, problem)
    except OSError:
        raise
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
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def refused(origin: Origin, problem: Unusable) -> Parsed:
    """Give the answer to a file of which nothing can be used."""
    tally = Tally(origin)
    tally.refuse(problem)
    return tally.parsed()


def _unrecognised(path: Path) -> Unusable:
    head, folder = head_of(path), path.is_dir()
    reason = "the layout is not recognised" if head or folder else "the file is empty"
    value = ", ".join(sorted(shown(entry) for entry in path.iterdir())[:8]) if folder else repr(head[:60])
    return Unusable("folder" if folder else "line 1", reason, value, f"one of the layouts {', '.join(layouts())}")


__all__ = ["HEAD_BYTES", "UNKNOWN", "Parsed", "feed_of", "head_of", "layouts", "parse_file", "refused"]
