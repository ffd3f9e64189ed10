"""`airshed replay`: read a folder of history, assess it and store it, as fast as the machine can; then end."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from infra import closing, orphans, programs
from infra.accounts import Account, Counts, account_of, accounted, became_of, since
from infra.children import Child, tail
from infra.datadir import DataDirectory
from infra.feeding import let_in, open_own, require_own, require_welcome
from infra.messages import say
from infra.retract import finish_begun
from infra.running import only_one, running
from infra.store_url import choose_store, sqlite_file
from infra.supervisor import Tell, guarded
from standards.addresses import settled
from standards.errors import AirshedError
from standards.passwords import masked
from streams.sources.files import printable

if TYPE_CHECKING:
    from streams.intake.publisher import Summary

Progress = Callable[..., None]
Bar = Callable[[str], AbstractContextManager[Progress]]
"""Shows how far a work of this title is, while it lasts."""
Run = Callable[[], "Summary"]
REPLAYS = "replays"
"""Below the platform's folder: one data directory for each other store that a history is replayed into."""
LOCK_WAIT_S = 30.0
"""How long a replay waits for another program's lock on the store [s]."""
LOOK_EVERY_S, CALM_LOOKS, STALLED_S, SEEN_WITHIN_S = 0.1, 12, 120.0, 30.0
"""How often to look, how many looks must find nothing open, and how long [s] nothing may move while something is open.

Calm for longer than two checkpoints: what follows from a row at the other cities and in the region arrives a little after it.
"""


class StepFailed(AirshedError, RuntimeError):
    """A process of the replay failed; the message names its log and shows its end."""


class Stalled(AirshedError, RuntimeError):
    """Nothing was stored for a long time although rows are still open."""


def folder_for(store: str, default: DataDirectory, asked: Path | None) -> DataDirectory:
    """Give the data directory of a replay: that asked for, the platform's for its own store, else one for each store.

    The store remembers which segments of which topic it has; so one store must always be filled from one directory.
    """
    store = settled(store)
    if asked or _same(store, choose_store(None, default)):
        return default
    name = hashlib.sha256(masked(store).encode()).hexdigest()[:12]
    return DataDirectory(default.root / REPLAYS / name)


def _same(one: str, other: str) -> bool:
    """Tell whether two whole addresses name one store: also through a link to its folder."""
    files = [sqlite_file(url) for url in (one, other)]
    return one == other or (None not in files and len({os.path.realpath(file) for file in files}) == 1)


def without_engine(data: DataDirectory) -> bool:
    """Tell whether a replay goes through the desks alone: where no engine works on the same topics, before or after it.

    What a platform's own folder has taken in, its engine goes on from; so there it takes in the history too.
    """
    return data.root.parent.name == REPLAYS and not any(data.checkpoints.glob("*/chk-*/_metadata"))


def ingest(
    path: Path, data: DataDirectory, *, all_stations: bool, simulated: bool, progress: Progress, **pace: float
) -> Summary:
    """Read a file or folder into the topics, as the user's own; pace may hold speed: so many times as fast as it happened."""
    from streams.ingest import ingest_path
    from streams.intake.readers import Limits, Readers
    from streams.registry.kept import registry_in_use

    finish_begun(data)
    registry = registry_in_use(data.own_registry)
    with contextlib.closing(Readers(registry, Limits.of(os.environ))) as reader:
        return ingest_path(
            path,
            data.topics,
            registry,
            all_stations=all_stations,
            simulated=simulated,
            progress=progress,
            reader=reader,
            **pace,
        )


def replay(
    folder: Path,
    data: DataDirectory,
    store: str,
    *,
    all_stations: bool,
    simulated: bool,
    tell: Tell,
    bar: Bar,
) -> Account:
    """Read, assess and store a folder, and end when every row is accounted for; give what became of the rows.

    Where the platform works on that data directory, it does the work and is only fed and waited for.
    """
    require_welcome(data, store, wait_s=LOCK_WAIT_S)
    data.create()
    begun = time.monotonic()
    engine = open_own(data, store)

    def read() -> Summary:
        with bar(say("ingesting", path=printable(str(folder)))) as progress:
            return ingest(folder, data, all_stations=all_stations, simulated=simulated, progress=progress)

    with contextlib.ExitStack() as opened:
        opened.callback(engine.dispose)
        before = became_of(engine)
        if running(data):
            require_own(data, engine)
            summary = read()
            wait_until_stored(engine, data, (), bar)
        else:
            with only_one(data):
                summary = (_run_history if without_engine(data) else _run_own)(engine, data, store, read, tell, bar)
        found = account_of(summary, since(before, became_of(engine)))
    tell("replayed", seconds=f"{time.monotonic() - begun:.1f}", store=masked(store))
    return found


def stored_by_file(store: str) -> Counts | None:
    """Ask a store what became of the files that it knows; None where it cannot be asked yet."""
    from infra.health import engine_for

    try:
        engine = engine_for(store)
    except (AirshedError, sa.exc.SQLAlchemyError):
        return None
    try:
        return became_of(engine)
    finally:
        engine.dispose()


def account_from(store: str, summary: Summary, before: Counts, *, within_s: float = SEEN_WITHIN_S) -> Account:
    """Give what became of files that a running platform was fed, as soon as it has stored all their rows.

    before: what the store said before they were read. Where it takes longer [s], what is not known yet is left open.
    """
    from infra.health import engine_for

    engine, until = engine_for(store), time.monotonic() + within_s
    try:
        while True:
            found = account_of(summary, since(before, became_of(engine)))
            if found.is_whole:
                return found
            if time.monotonic() > until:
                return account_of(summary, None)
            time.sleep(LOOK_EVERY_S)
    finally:
        engine.dispose()


def _run_own(engine: sa.Engine, data: DataDirectory, store: str, read: Run, tell: Tell, bar: Bar) -> Summary:
    closing.see_to_it(tell)
    # The engine takes seconds to start; the files are read meanwhile.
    orphans.sweep(f"{data.root}#")
    let_in(data, engine, tell)
    mark = f"{data.root}#{uuid.uuid4().hex}"
    environment = {**programs.environment(data), orphans.MARK: mark}
    with guarded(mark), contextlib.ExitStack() as children:
        started = []
        for program in programs.replaying(data, store):
            child = Child(program, data.log_of(program.name), environment)
            children.callback(child.stop)
            started.append(child)
        summary = read()
        tell("assessing", store=masked(store))
        wait_until_stored(engine, data, started, bar)
    return summary


def _run_history(engine: sa.Engine, data: DataDirectory, store: str, read: Run, tell: Tell, bar: Bar) -> Summary:
    # The desks work on what is there while the files are read; the mark says that no more will come.
    orphans.sweep(f"{data.root}#")
    let_in(data, engine, tell)
    mark, read_in = f"{data.root}#{uuid.uuid4().hex}", data.run / "read-in"
    environment = {**programs.environment(data), orphans.MARK: mark}
    read_in.unlink(missing_ok=True)
    program = programs.history(data, store, until=read_in)
    with guarded(mark), contextlib.ExitStack() as children:
        child = Child(program, data.log_of(program.name), environment)
        children.callback(child.stop)
        before = accounted(engine)
        summary = read()
        read_in.touch()
        tell("assessing_history", store=masked(store))
        with bar(say("storing_rows")) as advance:
            while child.exit_code() is None:
                advance(min(accounted(engine) - before, summary.rows), summary.rows)
                time.sleep(LOOK_EVERY_S)
        _require_done(child)
    return summary


def _require_done(child: Child) -> None:
    if child.exit_code():
        fields = {"name": child.program.name, "code": child.exit_code(), "log": child.log, "tail": tail(child.log)}
        raise StepFailed(say("step_failed", **fields))


def wait_until_stored(
    engine: sa.Engine, data: DataDirectory, children: Sequence[Child], bar: Bar | None = None
) -> None:
    """Wait until the books balance; raise StepFailed where a process ends, Stalled where nothing moves any more."""
    with bar(say("storing_rows")) if bar else contextlib.nullcontext(_silent) as advance:
        _wait_until_stored(engine, data, children, advance)


def _silent(*_: object) -> None:
    """Show nothing."""


def _wait_until_stored(engine: sa.Engine, data: DataDirectory, children: Sequence[Child], advance: Progress) -> None:
    from streams.store.drained import progress

    before, moved, calm = None, time.monotonic(), 0
    while calm < CALM_LOOKS:
        for child in children:
            if child.exit_code() is not None:
                raise StepFailed(
                    say(
                        "step_failed",
                        name=child.program.name,
                        code=child.exit_code(),
                        log=child.log,
                        tail=tail(child.log),
                    )
                )
        seen = progress(engine, data.topics)
        advance(seen.accounted, seen.rows_in)
        calm = calm + 1 if seen.drained else 0
        if seen != before:
            before, moved = seen, time.monotonic()
        elif time.monotonic() - moved > STALLED_S:
            raise Stalled(
                say("stalled", seconds=f"{STALLED_S:.0f}", rows_in=seen.rows_in, known=seen.accounted, logs=data.logs)
            )
        time.sleep(LOOK_EVERY_S)
