"""Drive a watcher without waiting: its clock goes on by what it asks to wait, and what it asks of the system is counted."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from streams.intake.publisher import Publisher
from streams.intake.watcher import Watcher
from streams.registry import load

REGISTRY = load()
HOURS = "station,hour_end,pm25_ugm3\n{code},2024-01-01T0{hour}:00Z,5\n"


class Clock:
    """A clock that goes on when it is told; it begins now, so that the times of files mean something."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class Counting:
    """The system, with the calls counted and some paths closed."""

    def __init__(self, closed: Sequence[str] = ()) -> None:
        self.calls: Counter[str] = Counter()
        self.closed = set(closed)

    def stat(self, path: str) -> os.stat_result:
        self.calls["stat"] += 1
        return os.stat(path)

    def scandir(self, path: str) -> Iterator[os.DirEntry[str]]:
        self.calls["scandir"] += 1
        if str(path) in self.closed:
            raise PermissionError(13, "Permission denied", str(path))
        return os.scandir(path)


class Watching:
    """A watcher over some folders, with the clock and the system in hand."""

    def __init__(
        self, topics: Path, *roots: Path, system: Counting | None = None, simulated_below: Sequence[Path] = ()
    ) -> None:
        self.publisher = Publisher(topics, REGISTRY, all_stations=False, simulated_below=simulated_below)
        self.clock, self.system = Clock(), system or Counting()
        self.watcher = Watcher(roots, self.publisher, clock=self.clock, wall=self.clock, system=self.system)

    def look(self, seconds: float = 0.0) -> int:
        """Look once, and then again and again for some seconds; give how many looks it took."""
        until, looks = self.clock.now + seconds, 0
        while True:
            pause = self.watcher.look()  # which may take its time by the clock too
            self.clock.now += pause
            looks += 1
            if self.clock.now >= until:
                return looks


def hours(path: Path, code: str = "1431A", hour: int = 0) -> Path:
    """Lay down a file of one station-hour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HOURS.format(code=code, hour=hour), encoding="utf-8")
    return path
