"""From files to topics: read a file or a folder once, or watch folders for as long as the platform runs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from standards import logged
from streams.in_hand import HANDS, InHand, run_of
from streams.intake.ground import Ground
from streams.intake.own import SAMPLE
from streams.intake.publisher import ChangedError, Delivery, Publisher, Summary
from streams.intake.readers import Limits, Reader, Readers
from streams.intake.units import Aside, units_below, unreadable, walk
from streams.intake.watcher import watch
from streams.registry import Registry
from streams.sources.files import opened, printable

AHEAD = 8
"""Files that are being read at a time; what was read first is published first, and told in the order of the files."""
Look = tuple[int, bytes]
"""Size [bytes] of a file and a digest of its beginning: two files of the same bytes have the same."""
_BEGINNING = 1 << 16
Progress = Callable[[int, int, str], None]
"""progress(done, of, name): how many files were read of how many, and which is next."""


def ingest_path(path: Path, topics: Path, registry: Registry, *, all_stations: bool = False, simulated: bool = False,
                progress: Progress | None = None, speed: float | None = None, reader: Reader | None = None) -> Summary:  # fmt: skip
    """Publish a file, an inventory, or all that lies below a folder; return what was brought, and what is wrong with which file.

    speed: publish what was measured hour by hour, so many times as fast as they happened, instead of at once.
    reader: who reads the files (streams.intake.readers), this process itself where nobody is given.
    A file that was published before from the same place and is unchanged is passed over, one that cannot be read is named.
    """
    found = by_release(list(walk(path)))
    publisher = Publisher(topics, registry, all_stations=all_stations, simulated=simulated, reader=reader)
    summaries = []
    ahead = AHEAD if reader and not speed else 1
    for done, (each, summary) in enumerate(_published(found, publisher, Ground([path]), speed, ahead)):
        if progress:
            progress(done, len(found), printable(Path(each.path if isinstance(each, Aside) else each).name))
        summaries.append(summary)
    if progress:
        progress(len(found), len(found), "")
    return Summary.of(summaries)


def by_release(found: list[Path | Aside]) -> list[Path | Aside]:
    """Put files that may hold the same bytes in the order in which they were written, among their places; leave the others.

    The same bytes again are the delivery that they were the first time (streams.intake.releases): of a history that is read
    at once, the first is the one that was written first, whatever it is called.
    """
    groups: dict[Look, list[Path]] = {}
    for each, look in _alike(found):
        groups.setdefault(look, []).append(each)
    written = {
        each: at for group in groups.values() for each, at in zip(group, sorted(group, key=_written), strict=True)
    }
    return [written.get(each, each) for each in found]


def _alike(found: list[Path | Aside]) -> Iterator[tuple[Path, Look]]:
    """Give the files that have another one of the same size and beginning among them, each with these."""
    sizes: dict[int, list[Path]] = {}
    for each in found:
        with contextlib.suppress(OSError):
            if isinstance(each, Path) and each.is_file():
                sizes.setdefault(each.stat().st_size, []).append(each)
    looks: dict[Look, list[Path]] = {}
    for size, some in sizes.items():
        for each in some if len(some) > 1 else ():
            with contextlib.suppress(OSError), opened(each) as file:
                looks.setdefault((size, hashlib.sha256(file.read(_BEGINNING)).digest()), []).append(each)
    return ((each, look) for look, some in looks.items() if len(some) > 1 for each in some)


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _published(
    found: list[Path | Aside], publisher: Publisher, ground: Ground, speed: float | None, most: int
) -> Iterator[tuple[Path | Aside, Summary]]:
    """Publish what was found, some of it being read while the rest is published; give what came of each, in its order."""
    ahead: deque[tuple[Path | Aside, Delivery | OSError | None]] = deque()
    left, twins, begun = iter(found), dict(_alike(found)), {}
    while True:
        while len(ahead) < most and (each := next(left, None)) is not None:
            if (look := twins.get(each)) and isinstance(begun.get(look), Delivery):
                publisher.wait_for(begun[look])
            started = None if isinstance(each, Aside) else _started(each, publisher, ground, speed)
            begun |= {look: started} if look else {}
            ahead.append((each, started))
        if not ahead:
            return
        each, delivery = ahead.popleft()
        yield each, _outcome(each, delivery, publisher, ground, speed)


def _started(each: Path, publisher: Publisher, ground: Ground, speed: float | None) -> Delivery | OSError | None:
    try:
        return publisher.start(each, ground=ground, speed=speed)
    except OSError as error:
        if error.filename is None or not str(error.filename).startswith(str(each)):
            raise  # not the file: the topics cannot be read
        return error


def _outcome(
    each: Path | Aside, delivery: Delivery | OSError | None, publisher: Publisher, ground: Ground, speed: float | None
) -> Summary:
    """Wait for what comes of a file; one that changes meanwhile is read once more, and then named."""
    if isinstance(each, Aside):
        return publisher.pass_over(each)
    if isinstance(delivery, Delivery):
        publisher.wait_for(delivery)
        if isinstance(delivery.error, ChangedError):
            delivery = _started(each, publisher, ground, speed)
            if isinstance(delivery, Delivery):
                publisher.wait_for(delivery)
    if delivery is None:
        return Summary(known=1)
    error = delivery if isinstance(delivery, OSError) else delivery.error
    if error is None and isinstance(delivery, Delivery):
        return delivery.summary
    if isinstance(error, ChangedError):
        return publisher.pass_over(Aside(str(each), "it changes while it is read", wrong=True))
    if isinstance(error, OSError) and (error is delivery or (isinstance(delivery, Delivery) and delivery.of_file)):
        return publisher.pass_over(Aside(str(each), unreadable(error), wrong=True))
    raise error


def main() -> int:
    """Run the watcher as a process: `python -m streams.ingest --data DIR [--watch FOLDER]... [--simulated-watch FOLDER]...`."""
    import argparse
    import signal

    from streams.registry.kept import load_or_kept

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
    logged.begin(os.environ, phrase=_phrase)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    registry = load_or_kept(given.registry, speaks=True)
    publisher = Publisher(
        given.data / "topics", registry, all_stations=given.all_stations, simulated=given.simulated,
        simulated_below=given.simulated_watch, reader=Readers(registry, Limits.of(os.environ)),
        in_hand=InHand(given.data / HANDS / "ingest", run_of(os.environ)),
    )  # fmt: skip
    sample = [SAMPLE] if given.sample else []
    watch([*sample, *given.watch, *given.simulated_watch, given.data / "inbox"], publisher, stop)
    return 0


def _phrase(lang: str, told: str) -> str:
    from streams.store.reasons import told_in  # with it come the libraries of databases, for which reading has no use

    return told_in(lang, told)


if __name__ == "__main__":
    raise SystemExit(main())
__all__ = ["Publisher", "Summary", "ingest_path", "main", "units_below", "watch"]
