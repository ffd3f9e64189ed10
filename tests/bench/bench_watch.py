"""What watching an inbox costs by the number of files that were read: a start, an idle look, a new file. Prints JSON.

Run: python -m tests.bench.bench_watch [files ...]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from streams.intake.publisher import Publisher
from streams.intake.watcher import IDLE_S, Watcher
from streams.registry import Registry, load

COUNTS = (10, 1_000, 10_000, 100_000)
LOOKS = 40


class Ticking:
    """A clock that goes on by what a look asks to wait: the bench itself waits for nothing."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def publisher_of(data: Path, registry: Registry) -> Publisher:
    """Open the topics of a data directory."""
    return Publisher(data / "topics", registry, all_stations=False)


def lay_down(data: Path, count: int, registry: Registry) -> Path:
    """Make an inbox of small files that were all published, as the journal of the topic says."""
    inbox = data / "inbox"
    inbox.mkdir()
    publisher = publisher_of(data, registry)
    place, lines = publisher.place_of(inbox), []
    for n in range(count):
        path = inbox / f"china_sites_{n:08d}.csv"
        path.write_bytes(b"x")
        lines.append(f"1700000000000 {publisher.key_of(place.of(path.name), [('', os.stat(path))])} done\n")
    with (data / "topics" / "intake" / ".keys").open("a") as journal:
        journal.writelines(lines)
    return inbox


def measured(count: int, registry: Registry) -> dict[str, float]:
    """Give the figures for one number of files."""
    with tempfile.TemporaryDirectory() as folder:
        inbox, clock = lay_down(Path(folder), count, registry), Ticking()
        begun = time.perf_counter()
        watcher = Watcher([inbox], publisher_of(Path(folder), registry), clock=clock, wall=clock)
        watcher.look()
        start_s = time.perf_counter() - begun
        for _ in range(LOOKS):
            clock.now += watcher.look()
        begun_s = time.process_time()
        for _ in range(LOOKS):
            clock.now += watcher.look()
        idle_s = (time.process_time() - begun_s) / LOOKS
        (inbox / "new.csv").write_bytes(b"x")
        begun_s = time.process_time()
        clock.now += max(watcher.look(), count / 50_000)
        new_s = time.process_time() - begun_s
    return {
        "files": count, "start_s": round(start_s, 3), "idle_look_ms": round(idle_s * 1e3, 3),
        "idle_percent_of_a_core": round(100 * idle_s / IDLE_S, 3), "look_with_a_new_file_ms": round(new_s * 1e3, 2),
        "bytes_a_file": round(held(count, registry) / count),
    }  # fmt: skip


def held(count: int, registry: Registry) -> int:
    """Give the memory that a watcher and its journal hold [bytes]."""
    with tempfile.TemporaryDirectory() as folder:
        inbox = lay_down(Path(folder), count, registry)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        watcher = Watcher([inbox], publisher_of(Path(folder), registry))
        watcher.look()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return after - before


def main(counts: tuple[int, ...] = COUNTS) -> None:
    """Measure and print."""
    registry = load()
    print(json.dumps([measured(count, registry) for count in counts], indent=1))


if __name__ == "__main__":
    main(tuple(int(each) for each in sys.argv[1:]) or COUNTS)
