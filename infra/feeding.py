"""Which data directory feeds a store: seen before anything is started, and handed over when a person says so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from infra.datadir import DataDirectory
from infra.supervisor import Tell

if TYPE_CHECKING:
    from streams.store.feeders import Feeder


def let_in(data: DataDirectory, engine: sa.Engine, tell: Tell) -> None:
    """Let a data directory feed a store, and see that nobody does so now; say it where that takes a while.

    Raises StrangerError where another directory, or another copy of this one, feeds it, FedElsewhere where a process does so now.
    """
    from streams.store.feeders import admit
    from streams.store.identity import identity_of
    from streams.store.lease import require_free

    def watch(seconds: float) -> None:
        tell("feeder_watched", seconds=f"{seconds:.0f}")
        time.sleep(seconds)

    require_free(engine, sleep=watch)
    admit(engine, identity_of(data.root))


def open_own(data: DataDirectory, store: str, **how: float) -> sa.Engine:
    """Open a store for a data directory to feed, as streams.store.open_store, and bring it to the newest schema.

    Raises StrangerError, before anything is changed, where a store of an older schema is another directory's.
    """
    from functools import partial

    from streams.store.connect import open_store
    from streams.store.feeders import require_known_as_found
    from streams.store.identity import identity_of

    return open_store(store, before_upgrade=partial(require_known_as_found, identity=identity_of(data.root)), **how)


def require_own(data: DataDirectory, engine: sa.Engine) -> None:
    """Raise StrangerError where a store is fed by another directory; changes nothing and asks for no process."""
    from streams.store.feeders import require_known
    from streams.store.identity import identity_of

    with engine.connect() as connection:
        require_known(connection, identity_of(data.root))


def adopt(data: DataDirectory, store: str, why: str) -> Feeder | None:
    """Hand a store over to a data directory; give who had it, None where nobody else had.

    Raises FedElsewhere while it is being fed.
    """
    from streams.store import feeders
    from streams.store.connect import open_store
    from streams.store.identity import identity_of
    from streams.store.lease import require_free

    data.create()
    engine = open_store(store)
    try:
        require_free(engine)
        return feeders.adopt(engine, identity_of(data.root), why)
    finally:
        engine.dispose()


def feeders_of(store: str) -> tuple[Feeder, ...]:
    """Give the directories that ever fed a store, the present one first."""
    from infra.health import engine_for
    from streams.store import feeders

    engine = engine_for(store)
    try:
        with engine.connect() as connection:
            return feeders.feeders(connection)
    finally:
        engine.dispose()
