"""Which data directory feeds a store: seen before anything is started, and handed over when a person says so."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from infra.datadir import DataDirectory
from infra.supervisor import Tell

if TYPE_CHECKING:
    from streams.store.feeders import Feeder


LOOK_WAIT_S = 5.0
"""For so long a store that is locked is waited for when it is looked at [s]."""


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

    Raises, before anything is changed, StrangerError where a store of an older schema is another directory's, StoreError where its
    folder is not there: outside the data directory none is made.
    """
    from streams.store.connect import open_store, require_place
    from streams.store.feeders import refusing_strangers

    require_place(store, data.root)
    return open_store(store, before_upgrade=refusing_strangers(data.root), **how)


def require_welcome(data: DataDirectory, store: str, *, wait_s: float) -> None:
    """Raise, in words, where a data directory may not feed a store as that is; makes nothing, neither there nor here.

    StrangerError where another directory feeds it, StoreError where it is damaged, another program's or of a newer schema, or its
    folder is not there. A store that is not there, or away, refuses nobody.
    """
    from streams.store import feeders
    from streams.store.absence import kind_of
    from streams.store.connect import StoreError, open_as_found, require_place
    from streams.store.identity import IdentityError

    require_place(store, data.root)
    engine = None
    try:
        engine = open_as_found(store, wait_s=wait_s)
        if engine is not None:
            feeders.require_welcome(engine, data.root)
    except (StoreError, feeders.StrangerError, IdentityError):
        raise
    except Exception as error:
        if kind_of(error) in (None, "damaged"):
            raise
    finally:
        if engine is not None:
            engine.dispose()


def require_office_place(data: DataDirectory, store: str) -> None:
    """Raise StoreError where the office would lie in a folder that is not there: outside the data directory none is made."""
    from dashboards.office.records import OFFICE, office_url
    from infra.store_url import sqlite_file
    from streams.store.refusals import require_folder

    path = sqlite_file(office_url(data.portal, store))
    if path is not None:
        require_folder(path, data.root, OFFICE)


def refuse_stranger(data: DataDirectory, store: str) -> None:
    """Raise StrangerError, with nothing made, where another directory feeds a store; one that cannot be read refuses nobody here.

    Errors: StrangerError, IdentityError. For commands that have their own words for a store that is damaged.
    """
    from streams.store.connect import StoreError, require_place

    require_place(store, data.root)
    with contextlib.suppress(StoreError):
        require_welcome(data, store, wait_s=LOOK_WAIT_S)


def require_own(data: DataDirectory, engine: sa.Engine) -> None:
    """Raise StrangerError where a store is fed by another directory; changes nothing and asks for no process."""
    from streams.store.feeders import require_known
    from streams.store.identity import identity_as_found

    with engine.connect() as connection:
        require_known(connection, identity_as_found(data.root))


def adopt(data: DataDirectory, store: str, why: str) -> Feeder | None:
    """Hand a store over to a data directory; give who had it, None where nobody else had.

    Raises FedElsewhere while it is being fed, StoreError where it cannot be used, BadPlace and IdentityError where the directory
    cannot feed it: then the store is as it was, its schema too.
    """
    from streams.store import feeders
    from streams.store.connect import open_store, require_place
    from streams.store.identity import identity_as_found, identity_of

    require_place(store, data.root)
    identity_as_found(data.root)
    _require_free_as_found(store)
    identity = identity_of(data.create().root)
    engine = open_store(store)
    try:
        return feeders.adopt(engine, identity, why)
    finally:
        engine.dispose()


def _require_free_as_found(store: str) -> None:
    """Raise FedElsewhere where a process feeds a store now, StoreError where nobody could; one that is not there is free."""
    from streams.store.connect import open_as_found
    from streams.store.lease import require_free

    engine = open_as_found(store)
    if engine is not None:
        try:
            require_free(engine)
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
