"""From files to topics: read a file or a folder once, or watch folders for as long as the platform runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from streams.intake.publisher import Publisher, Summary
from streams.intake.units import Aside, units_below, unreadable, walk
from streams.intake.watcher import watch
from streams.registry import Registry

SAMPLE = Path(__file__).parent / "sample" / "stations.csv"
Progress = Callable[[int, int, str], None]
"""progress(done, of, name): how many files were read of how many, and which is next."""


def ingest_path(path: Path, topics: Path, registry: Registry, *, all_stations: bool = False, simulated: bool = False,
                progress: Progress | None = None, speed: float | None = None) -> Summary:  # fmt: skip
    """Publish a file, an inventory, or all that lies below a folder; return what was brought, and what is wrong with which file.

    speed: publish what was measured hour by hour, so many times as fast as they happened, instead of at once.
    A file that was published before from the same place and is unchanged is passed over, one that cannot be read is named.
    """
    found = list(walk(path))
    publisher = Publisher(topics, registry, all_stations=all_stations, simulated=simulated)
    total = Summary()
    for done, each in enumerate(found):
        if progress:
            progress(done, len(found), Path(each.path if isinstance(each, Aside) else each).name)
        total += _taken(each, publisher, speed)
    if progress:
        progress(len(found), len(found), "")
    return total


def _taken(each: Path | Aside, publisher: Publisher, speed: float | None) -> Summary:
    if isinstance(each, Aside):
        return publisher.pass_over(each)
    try:
        return publisher.publish(each, speed=speed)
    except OSError as error:
        if error.filename is None or not str(error.filename).startswith(str(each)):
            raise  # not the file: the topics cannot be written
        return publisher.pass_over(Aside(str(each), unreadable(error), wrong=True))


def main() -> int:
    """Run the watcher as a process: `python -m streams.ingest --data DIR [--watch FOLDER]... [--simulated-watch FOLDER]...`."""
    import argparse
    import signal
    import sys

    from streams.registry import load

    parser = argparse.ArgumentParser(prog="python -m streams.ingest", description=watch.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--watch", type=Path, action="append", default=[])
    parser.add_argument(
        "--simulated-watch", type=Path, action="append", default=[],
        help="watch a folder too, and mark all that lies below it as simulated, whatever the files say",
    )  # fmt: skip
    parser.add_argument("--sample", action="store_true", help="also the shipped sample")
    parser.add_argument("--all-stations", action="store_true")
    parser.add_argument("--simulated", action="store_true")
    parser.add_argument("--registry", type=Path, default=None)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stdout)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    publisher = Publisher(
        given.data / "topics", load(given.registry), all_stations=given.all_stations, simulated=given.simulated,
        simulated_below=given.simulated_watch,
    )  # fmt: skip
    sample = [SAMPLE] if given.sample else []
    watch([*sample, *given.watch, *given.simulated_watch, given.data / "inbox"], publisher, stop)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
__all__ = ["Publisher", "Summary", "ingest_path", "main", "units_below", "watch"]
