"""A store that cannot be used just now: why, how long to pause, and who is told. What it is asked for is another matter.

A server that restarts, a full disk, a lock of somebody's: all pass without the platform, so they are waited for, at the start and
while running. A row that the database refuses is no absence, and is set aside by itself (streams.store.materialiser).
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from standards.clocks import doubled_pause
from standards.passwords import masked
from streams.store import refusals
from streams.store.connect import StoreDamaged, StoreError, open_store, require_place
from streams.store.feeders import StrangerError, refusing_strangers, require_welcome

LOG = logging.getLogger("airshed.store")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
"""The pauses between two tries grow from the first to the longest [s]."""
NOTE = Path("run") / "store.away"
"""Below the data directory: what the supervisor tells of it, while it lasts."""
SQLITE_KINDS = {
    sqlite3.SQLITE_BUSY: "locked", sqlite3.SQLITE_LOCKED: "locked", sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_FULL: "full", sqlite3.SQLITE_NOMEM: "memory", sqlite3.SQLITE_READONLY: "readonly",
    sqlite3.SQLITE_CANTOPEN: "readonly", sqlite3.SQLITE_PERM: "readonly", sqlite3.SQLITE_IOERR: "io",
    sqlite3.SQLITE_CORRUPT: "damaged", sqlite3.SQLITE_NOTADB: "damaged",
}  # fmt: skip
"""By SQLite's primary result code (sqlite.org/rescode.html)."""
POSTGRES_KINDS = (
    ("53100", "full"), ("53200", "memory"), ("53300", "crowded"), ("53", "memory"), ("57P", "restarting"),
    ("57014", "locked"), ("55P03", "locked"), ("40", "locked"), ("08", "unreachable"), ("28", "refused"), ("3D000", "refused"),
    ("42501", "refused"), ("25006", "readonly"), ("58", "io"), ("XX001", "damaged"), ("XX002", "damaged"),
)  # fmt: skip
"""By the beginning of PostgreSQL's error code (its documentation, Appendix A)."""
SAID_AT_LOGIN = (
    ("password authentication failed", "refused"), ("no password supplied", "refused"), ("pg_hba.conf", "refused"),
    ("does not exist", "refused"), ("too many clients", "crowded"), ("remaining connection slots", "crowded"),
    ("starting up", "restarting"), ("shutting down", "restarting"), ("in recovery mode", "restarting"),
)  # fmt: skip
"""What the server says to who connects: its client hands on the words without their code. In another language: unreachable."""


def kind_of(error: BaseException) -> str | None:
    """Name why a store cannot be used just now, None where the error is about what was asked of it.

    "unreachable", "refused", "restarting", "crowded", "full", "memory", "locked", "readonly", "io" or "damaged".
    """
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, StoreDamaged):
        return "damaged"
    if isinstance(cause, sqlite3.Error):
        return SQLITE_KINDS.get(refusals.primary(cause))
    if isinstance(error, sa.exc.TimeoutError):
        return "crowded"
    if not type(cause).__module__.startswith("psycopg"):
        return "unreachable" if isinstance(error, sa.exc.OperationalError) else None
    if code := getattr(cause, "sqlstate", None):
        return next((kind for start, kind in POSTGRES_KINDS if code.startswith(start)), None)
    # Without a code it comes from the client: the connection was not made, or is gone.
    if type(cause).__name__ not in ("OperationalError", "ConnectionTimeout", "InterfaceError"):
        return None
    return next((kind for words, kind in SAID_AT_LOGIN if words in str(cause)), "unreachable")


def is_of_the_store(error: BaseException) -> bool:
    """Tell whether an error is about the store and not about one row: it is away, or lacks a table or a column."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        own = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    else:
        own = str(getattr(cause, "sqlstate", None) or "").startswith("42")
    return own or isinstance(error, StoreError) or kind_of(error) is not None


def pause_after(tries: int) -> float:
    """Give the pause [s] after so many tries in vain (1 or more)."""
    return doubled_pause(FIRST_PAUSE_S, tries - 1, LONGEST_PAUSE_S)


class Absence:
    """Says once that a store is away and once that it is there again. note: a file that is there meanwhile, None for none."""

    def __init__(self, note: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self.note, self._clock = note, clock
        self._kind, self._since, self._tries = "", 0.0, 0

    def away(self, error: BaseException) -> float | None:
        """Take note of a try in vain; give the pause [s] before the next, None where the store is not away."""
        kind = kind_of(error)
        if kind is None:
            return None
        self._tries += 1
        if kind != self._kind:
            self._since = self._since or self._clock()
            self._kind = kind
            LOG.error(
                "the store cannot be used (%s), it is waited for: %s",
                kind,
                masked(refusals.first_line(getattr(error, "orig", None) or error)),
            )
            self._write()
        return pause_after(self._tries)

    def there(self) -> None:
        """Take note that the store answered."""
        if not self._kind:
            return
        LOG.info("the store can be used again, after %.0f s", max(self._clock() - self._since, 0.0))
        self._kind, self._since, self._tries = "", 0.0, 0
        if self.note is not None:
            with contextlib.suppress(OSError):
                self.note.unlink()

    def _write(self) -> None:
        if self.note is None:
            return
        with contextlib.suppress(OSError):
            self.note.parent.mkdir(parents=True, exist_ok=True)
            self.note.write_text(json.dumps({"kind": self._kind, "since": self._since}), encoding="utf-8")


def open_when_there(
    url: str | Path | None, stop: threading.Event, absence: Absence | None = None, *, create: bool = True,
    feeds: Path | None = None,
) -> sa.Engine | None:  # fmt: skip
    """Open a store and wait while it is away, until stop is set (None then); see open_store. StoreError for what no wait mends.

    feeds: the data directory for which it is opened: StrangerError, before anything is changed, where another one feeds it.
    """
    absence = absence or Absence()
    before = None if feeds is None else refusing_strangers(feeds)
    if feeds is not None:
        require_place(url, feeds)
    while not stop.is_set():
        try:
            engine = open_store(url, create=create, before_upgrade=before)
            if feeds is not None:
                require_welcome(engine, feeds)
        except (StoreError, StrangerError):
            raise
        except Exception as error:
            pause = absence.away(error)
            if pause is None:
                raise
            stop.wait(pause)
        else:
            absence.there()
            return engine
    return None
