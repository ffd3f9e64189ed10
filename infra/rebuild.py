"""`airshed rebuild`: make the store anew from the topics, beside the one in use, and put it in its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from infra.datadir import DataDirectory
from infra.feeding import refuse_stranger
from infra.messages import say
from infra.running import only_one, running
from standards.errors import AirshedError
from streams.store.placing import beside
from streams.store.remaking import Remade, remake


class PlatformRuns(AirshedError, RuntimeError):
    """What is asked for can be done only while the platform does not run."""


class RowsLost(AirshedError, RuntimeError):
    """Rows of the store of before cannot be read, and nobody has said that this is accepted."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of the rows, and where the store of before is kept ("" where there was none)."""

    remade: Remade
    aside: str


def rebuild(
    data: DataDirectory, store: str, *, accept_loss: bool, now: dt.datetime,
    progress: Callable[[str, int], object] = lambda *_: None,
) -> Rebuilt:  # fmt: skip
    """Make a store anew; now: dates what is kept aside (naive UTC).

    Errors: PlatformRuns; StrangerError where another directory feeds the store; RowsLost, with nothing changed, where rows
    cannot be read and accept_loss is not said; StoreError.
    """
    require_stopped(data)
    refuse_stranger(data, store)
    data.create()
    with only_one(data), beside(store, now) as (new, connection, old, place):
        found = remake(new, connection, old, data.topics, progress)
        if found.lost and not accept_loss:
            tables = ", ".join(f"{name} (≈{count})" if count else name for name, count in sorted(found.lost.items()))
            raise RowsLost(say("rebuild_would_lose", tables=tables))
        return Rebuilt(found, place())


def require_stopped(data: DataDirectory) -> None:
    """Raise PlatformRuns where a platform works on a data directory."""
    if about := running(data):
        raise PlatformRuns(say("stop_first", pid=about.get("pid", say("unknown")), folder=data.root))
