"""Runs on disk: each is made once, by whichever process comes to it, and read back in two parts, what is told and what is true.

    FOLDER/<revision>/<unit>_seen.npz      what the real world sends        (nature)
    FOLDER/<revision>/<unit>_true.npz      who caused it: the judge's alone  (nature)
    FOLDER/<revision>/<unit>.npz           tags, weather, told emissions     (twin)

A file comes into being whole (hidden name, then renamed), so a making that was broken off goes on where it was. Tags are kept in
half precision, each series by its own largest value: half a thousandth.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from research.attribution_bench import making
from research.attribution_bench.digests import nature_revision
from research.attribution_bench.plan import Unit
from standards.whole_files import taking_place

LOG = logging.getLogger(__name__)
TAGS = ("sector", "place", "joint")
Arrays = dict[str, np.ndarray]


class Worlds:
    """The runs of a folder. revision: of the code that made them, None for that of the working tree."""

    def __init__(self, folder: Path, revision: str | None = None) -> None:
        self.folder = folder / (revision or nature_revision())

    def has(self, unit: Unit) -> bool:
        """Tell whether a run has been made."""
        return all(path.exists() for path in self._paths(unit))

    def seen(self, unit: Unit) -> Arrays:
        """Give what the real world sent in a nature run."""
        return _load(self._paths(unit)[0])

    def true(self, unit: Unit) -> Arrays:
        """Give the truth of a nature run: for the judge."""
        return _load(self._paths(unit)[1])

    def told(self, unit: Unit) -> Arrays:
        """Give what a twin says."""
        return unpacked(_load(self._paths(unit)[0]))

    def make(self, unit: Unit) -> float:
        """Make a run unless it is there; give the seconds of the processor that it took."""
        if self.has(unit):
            return 0.0
        start = time.process_time()
        self.folder.mkdir(parents=True, exist_ok=True)
        for path, arrays in zip(self._paths(unit), _made(unit), strict=True):
            _save(path, arrays)
        return time.process_time() - start

    def _paths(self, unit: Unit) -> tuple[Path, ...]:
        ends = ("_seen", "_true") if unit.kind == "nature" else ("",)
        return tuple(self.folder / f"{unit.name}{end}.npz" for end in ends)


def _made(unit: Unit) -> tuple[Arrays, ...]:
    if unit.kind == "nature":
        return making.nature(unit.scenario())
    return (packed(making.twin(unit.scenario(), unit.kind)),)


def make_all(
    worlds: Worlds, units: Iterable[Unit], *, workers: int = 1, report: Callable[[str], None] = LOG.info
) -> int:
    """Make the runs that are missing, in some processes at once; give how many were made."""
    missing = [unit for unit in units if not worlds.has(unit)]
    report(f"{len(missing)} runs to make in {worlds.folder}")
    if workers == 1:
        done = ((unit, worlds.make(unit)) for unit in missing)
        return _reported(done, len(missing), report)
    # A fresh process each: one that had made ten runs took five times as long for the next.
    with ProcessPoolExecutor(workers, max_tasks_per_child=1) as pool:
        waiting = {pool.submit(worlds.make, unit): unit for unit in missing}
        return _reported(((waiting[job], job.result()) for job in as_completed(waiting)), len(missing), report)


def _reported(done: Iterable[tuple[Unit, float]], count: int, report: Callable[[str], None]) -> int:
    made = 0
    for made, (unit, seconds) in enumerate(done, start=1):
        report(f"{made}/{count} {unit.name} {seconds:.0f} s")
    return made


def packed(arrays: Arrays) -> Arrays:
    """Turn tags into half precision, each series (the last axis) by its largest value."""
    found = dict(arrays)
    for name in TAGS:
        values = arrays[name]
        scale = np.abs(values).max(axis=-1, keepdims=True)
        scale = np.where(scale > 0, scale, 1.0).astype(np.float32)
        found[name], found[f"{name}_scale"] = (values / scale).astype(np.float16), scale
    return found


def unpacked(arrays: Arrays) -> Arrays:
    """Undo packed()."""
    found = {name: values for name, values in arrays.items() if not name.endswith("_scale")}
    for name in TAGS:
        found[name] = arrays[name].astype(np.float32) * arrays[f"{name}_scale"]
    return found


def _load(path: Path) -> Arrays:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def _save(path: Path, arrays: Arrays) -> None:
    with taking_place(path, draft=f".{path.stem}.{os.getpid()}.npz") as hidden:
        np.savez(hidden, **arrays)
