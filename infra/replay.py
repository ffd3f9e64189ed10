"""`airshed replay`: read a folder of history, assess it and store it, as fast as the machine can; then end."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from infra import orphans, programs
from infra.children import Child, tail
from infra.datadir import DataDirectory
from infra.messages import say
from infra.running import only_one, running
from infra.store_url import choose_store, masked
from infra.supervisor import Tell, guarded

Progress = Callable[..., None]


class StepFailed(RuntimeError):
    """A process of the replay failed; the message names its log and shows its end."""


class Occupied(RuntimeError):
    """The running platform works on the data directory of the replay."""


def folder_for(store: str, default: DataDirectory, asked: Path | None) -> DataDirectory:
    """Give the data directory of a replay: that asked for, the platform's for its own store, else one for each store.

    The store remembers which segments of which topic it has; so one store must always be filled from one directory.
    """
    if asked or store == choose_store(None, default):
        return default
    name = hashlib.sha256(masked(store).encode()).hexdigest()[:12]
    return DataDirectory(default.root / "replays" / name)


def ingest(
    path: Path, data: DataDirectory, *, all_stations: bool, simulated: bool, progress: Progress, **pace: float
) -> object:
    """Read a file or folder into the topics; pace may hold speed: so many times as fast as it happened."""
    from streams.ingest import ingest_path
    from streams.registry import load

    return ingest_path(
        path, data.topics, load(), all_stations=all_stations, simulated=simulated, progress=progress, **pace
    )


def assess_and_store(data: DataDirectory, store: str, *, tell: Tell) -> None:
    """Assess and store all that the topics hold; raise StepFailed where a process fails."""
    from streams.store.connect import open_store

    open_store(store).dispose()
    mark = f"{data.root}#{uuid.uuid4().hex}"
    environment = {**programs.environment(data), orphans.MARK: mark}
    with guarded(mark):
        for program, key in zip(programs.bounded(data, store), ("assessing", "storing"), strict=True):
            tell(key, store=masked(store))
            _run_to_end(Child(program, data.log_of(program.name), environment))


def replay(
    folder: Path,
    data: DataDirectory,
    store: str,
    *,
    all_stations: bool,
    simulated: bool,
    tell: Tell,
    progress: Progress,
) -> None:
    """Read, assess and store a folder; raise Occupied where the platform works on that data directory."""
    data.create()
    begun = time.monotonic()
    if running(data):
        raise Occupied(say("replay_while_running", folder=data.root))
    with only_one(data):
        orphans.sweep(f"{data.root}#")
        ingest(folder, data, all_stations=all_stations, simulated=simulated, progress=progress)
        assess_and_store(data, store, tell=tell)
    tell("replayed", seconds=f"{time.monotonic() - begun:.1f}", store=masked(store))


def _run_to_end(child: Child) -> None:
    try:
        while child.exit_code() is None:
            time.sleep(0.1)
    finally:
        child.stop()
    if child.exit_code():
        raise StepFailed(
            say("step_failed", name=child.program.name, code=child.exit_code(), log=child.log, tail=tail(child.log))
        )
