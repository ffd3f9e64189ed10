"""From files to topics: parse each file once and publish what it brought.

A file's blocks, rejects and counts are appended under one key made of its content and place, so that a writer killed
half-way finishes the same appends when it is run again, and nothing is published twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from streams import sources
from streams.records import Block, ObservationBlock, Rejected, VocBlock
from streams.registry import Registry
from streams.sources.forecasts.netcdf_ready import MAGICS, readiness
from streams.wire import messages
from streams.wire.topics import open_topic

LOG = logging.getLogger("airshed.ingest")
POLL_S = 0.2
SETTLED_POLLS = 2
SKIPPED_SUFFIXES = (".md", ".tmp", ".part", ".toml", ".py", ".pyc", ".json", ".geojson")
INVENTORY = "inventory.csv"
MEASURED = ObservationBlock | VocBlock
"""Blocks that a paced replay publishes hour by hour."""
_BY_HOUR = ("values", "present", "wind_ms", "below_ppb")
"""Arrays of such a block whose last axis is time."""
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an ingest brought: files read, rows that came in, rows rejected or set aside, blocks published."""

    files: int = 0
    rows: int = 0
    rejected: int = 0
    blocks: int = 0

    def __add__(self, other: Summary) -> Summary:
        return Summary(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))

    def __str__(self) -> str:
        return f"{self.files} files, {self.rows} rows, {self.rejected} rejected or set aside, {self.blocks} blocks"


def ingest_path(path: Path, topics: Path, registry: Registry, *, all_stations: bool = False, simulated: bool = False,
                progress: Progress | None = None, speed: float | None = None) -> Summary:  # fmt: skip
    """Publish a file, an inventory folder, or all files below a folder; return what was brought.

    speed: publish what was measured hour by hour, so many times as fast as they happened, instead of at once.
    A file that was published before from the same place and is unchanged is passed over.
    """
    units = list(units_below(Path(path)))
    publisher = Publisher(topics, registry, all_stations=all_stations, simulated=simulated)
    total = Summary()
    for done, unit in enumerate(units):
        if progress:
            progress(done, len(units), unit.name)
        total += publisher.publish(unit, speed=speed)
    if progress:
        progress(len(units), len(units), "")
    return total


def units_below(path: Path) -> Iterator[Path]:
    """Give what is parsed as one: files, and folders that hold an inventory; hidden files and notes are left out."""
    if not path.is_dir():
        yield path
        return
    if (path / INVENTORY).exists():
        yield path
        return
    for entry in sorted(path.iterdir()):
        if entry.name.startswith((".", "_")) or entry.suffix.lower() in SKIPPED_SUFFIXES:
            continue
        yield from units_below(entry)


class Publisher:
    """Parses units and appends what they bring to the topics.

    simulated: mark all as simulated, whatever the files say. simulated_below: folders; mark all that lies below any of them.
    """

    def __init__(self, topics: Path, registry: Registry, *, all_stations: bool, simulated: bool = False,
                 simulated_below: Sequence[Path] = ()) -> None:  # fmt: skip
        self.registry, self.all_stations, self.simulated = registry, all_stations, simulated
        self.simulated_below = [place for folder in simulated_below for place in _places(folder)]
        self.topics = {schema: open_topic(topics / name) for schema, name in messages.TOPICS.items()}
        self.intake = open_topic(topics / messages.INTAKE_TOPIC)

    def publish(self, unit: Path, *, speed: float | None = None) -> Summary:
        """Parse one unit and publish it."""
        received_at, digest = _identity(unit)
        simulated = self.simulated or self._lies_below(unit)
        key = f"{digest}-{'all' if self.all_stations else 'own'}{'-simulated' if simulated else ''}"
        if self.intake.holds(key):
            return Summary()
        try:
            parsed = sources.parse_file(
                unit, self.registry, all_stations=self.all_stations, received_at=received_at, simulated=simulated
            )
        except OSError as error:
            parsed = _unreadable(unit, received_at, error)
        self._append(list(parsed.blocks), key, speed)
        lines = [messages.rejected_line(each, received_at) for each in parsed.rejected]
        self.intake.append([*lines, messages.intake_line(parsed.intake)], key=key)
        rows, gone = sum(parsed.intake.rows_in.values()), sum(parsed.intake.rejected.values())
        LOG.info("%s: %d rows, %d rejected or set aside, %d blocks", unit.name, rows, gone, len(parsed.blocks))
        return Summary(1, rows, gone, len(parsed.blocks))

    def _lies_below(self, unit: Path) -> bool:
        # Where a file lies decides, not by which folder it was found: folders that are watched may lie in one another.
        return any(place.is_relative_to(folder) for place in _places(unit) for folder in self.simulated_below)

    def _append(self, blocks: list[Block], key: str, speed: float | None) -> None:
        if speed:
            paced = [block for block in blocks if isinstance(block, MEASURED)]
            blocks = [block for block in blocks if not isinstance(block, MEASURED)]
        for schema, topic in self.topics.items():
            lines = [messages.block_line(block) for block in blocks if messages.schema_of(block) == schema]
            if lines:
                topic.append(lines, key=key)
        if speed:
            self._append_paced(paced, key, speed)

    def _append_paced(self, blocks: list[MEASURED], key: str, speed: float) -> None:
        by_hour: dict[int, list[MEASURED]] = {}
        for block in blocks:
            for hour in range(block.hours):
                by_hour.setdefault(block.first_hour + hour, []).append(_one_hour(block, hour))
        begun, first = time.monotonic(), min(by_hour, default=0)
        for hour in sorted(by_hour):
            due = begun + (hour - first) * 3600 / speed
            time.sleep(max(due - time.monotonic(), 0))
            self._append(by_hour[hour], f"{key}-{hour}", None)


def watch(folders: list[Path], publisher: Publisher, stop: threading.Event) -> None:
    """Publish what lies in the folders and what is dropped there, until stop; files are left where they are.

    A file is read when it has stopped growing; a NetCDF file when its header says that it is whole.
    """
    seen: dict[Path, tuple[tuple[int, int], int]] = {}
    while True:
        for folder in folders:
            for unit in _units_now(folder):
                _consider(unit, publisher, seen)
        if stop.wait(POLL_S):
            return


def _units_now(folder: Path) -> list[Path]:
    try:
        return list(units_below(folder)) if folder.exists() else []
    except OSError as error:
        LOG.error("%s cannot be listed: %s", folder, error.strerror or error)
        return []


def _consider(unit: Path, publisher: Publisher, seen: dict[Path, tuple[tuple[int, int], int]]) -> None:
    try:
        _look_at(unit, publisher, seen)
    except OSError as error:
        # Gone again, or not ours to read: the others are read all the same, and this one when it has changed.
        LOG.error("%s cannot be read: %s", unit, error.strerror or error)
        with contextlib.suppress(OSError):
            seen[unit] = (_state(unit), SETTLED_POLLS + 1)


def _look_at(unit: Path, publisher: Publisher, seen: dict[Path, tuple[tuple[int, int], int]]) -> None:
    state = _state(unit)
    before, polls = seen.get(unit, (None, 0))
    if before != state:
        seen[unit] = (state, 0)
        return
    if polls > SETTLED_POLLS:
        return
    if polls == SETTLED_POLLS and not _still_written(unit):
        publisher.publish(unit)
    elif polls == SETTLED_POLLS:
        return
    seen[unit] = (state, polls + 1)


def _state(unit: Path) -> tuple[int, int]:
    files = sorted(unit.rglob("*")) if unit.is_dir() else [unit]
    stats = [file.stat() for file in files if file.is_file()]
    return sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)


def _still_written(unit: Path) -> bool:
    if unit.is_dir():
        return False
    with unit.open("rb") as file:
        head = file.read(4)
    return head.startswith(MAGICS) and readiness(unit, now=time.time(), settle_s=1.0) == "wait"


def _places(path: Path) -> tuple[Path, Path]:
    # Where a path leads, and where it is itself: a link in a folder lies in it.
    return path.resolve(), Path(os.path.abspath(path))


def _identity(unit: Path) -> tuple[float, str]:
    # When the unit came to this machine, and a digest of its place, that moment and its content: the same file delivered
    # again is counted again (as duplicates), the same delivery read again is not.
    digest = hashlib.sha256(str(unit.resolve()).encode())
    files = sorted(file for file in unit.rglob("*") if file.is_file()) if unit.is_dir() else [unit]
    received = max(file.stat().st_ctime for file in files)
    digest.update(repr(received).encode())
    for file in files:
        digest.update(file.name.encode())
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return received, digest.hexdigest()[:24]


def _unreadable(unit: Path, received_at: float, error: OSError) -> sources.Parsed:
    from streams.records import Intake

    rejected = Rejected(
        source=sources.UNKNOWN, file=unit.name, position="file", reason=f"cannot be read: {error.strerror or error}",
        value=unit.name, expected="a readable file",
    )  # fmt: skip
    return sources.Parsed([], [rejected], Intake(sources.UNKNOWN, unit.name, received_at, {-1: 1}, {-1: 1}))


def _one_hour(block: MEASURED, hour: int) -> MEASURED:
    cut = slice(hour, hour + 1)
    arrays = {name: array for name in _BY_HOUR if (array := getattr(block, name, None)) is not None}
    return replace(
        block,
        first_hour=block.first_hour + hour,
        **{name: np.ascontiguousarray(array[..., cut]) for name, array in arrays.items()},
    )


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
    folders = [*given.watch, *given.simulated_watch, given.data / "inbox"]
    if given.sample:
        folders.insert(0, Path(__file__).parent / "sample")
    watch(folders, publisher, stop)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
