"""What `airshed retract` does: work out what is meant, what would go, and send it the way of the data."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from infra.datadir import DataDirectory

if TYPE_CHECKING:
    from streams.intake.retraction import Retraction, Said, Wrong


_RUN = re.compile(r"[^/]+/\d{4}-\d\d-\d\dT\d\dZ")
"""How a run of a model is called: CDAQS/2023-01-19T12Z."""


def meant(what: str, between: str, store: str) -> Wrong:
    """Give what is meant by a file's name or digest, a source or a run, "" for any, and hours FIRST/LAST (both included)."""
    from streams.intake.retraction import Wrong

    first, end = hours(between) if between else (None, None)
    if _RUN.fullmatch(what):
        return Wrong(run=what, first=first, end=end)
    is_source = bool(what) and _is_source(store, what)
    return Wrong(file="" if is_source else what, source=what if is_source else "", first=first, end=end)


def hours(between: str) -> tuple[int, int]:
    """Give the epoch hours [first, end) of FIRST/LAST or of one hour; raise ValueError where these are no hour ends in order."""
    from streams.store.moments import as_stored

    first, _, last = between.partition("/")
    ends = [as_stored(dt.datetime.fromisoformat(text)) for text in (first, last or first)]
    at = [(moment - dt.datetime(1970, 1, 1)) / dt.timedelta(hours=1) for moment in ends]
    if any(hour % 1 for hour in at) or at[0] > at[1]:
        raise ValueError(
            f"{between!r}, expected FIRST/LAST as full hours (ISO 8601), for instance 2026-11-01T00:00Z/2026-11-01T05:00Z"
        )
    return int(at[0]), int(at[1]) + 1


def planned(data: DataDirectory, wrong: Wrong, what: str, by: str, why: str) -> tuple[Retraction, Said]:
    """Find what would go, and how it would be said; changes nothing. Raises NothingToRetract."""
    from streams.intake.retraction import Said, plan

    said = Said(what, by.strip(), why.strip(), float(int(time.time())))
    return plan(data.topics, wrong, said), said


def finish_begun(data: DataDirectory) -> int:
    """Finish the retractions that a killed command left half done; give how many these were."""
    from streams.intake.intents import finish

    return finish(data.topics)


def carry_out(data: DataDirectory, store: str, retraction: Retraction, said: Said) -> None:
    """Send a retraction, all of it or nothing.

    Raises StrangerError where the store is fed by another directory, so that nothing would come of it.
    """
    from infra.feeding import require_own
    from infra.health import engine_for
    from streams.intake.retraction import publish

    if _is_there(store):
        engine = engine_for(store)
        try:
            require_own(data, engine)
        finally:
            engine.dispose()
    publish(data.topics, retraction, said)


def _is_source(store: str, what: str) -> bool:
    """Tell whether the store knows a source of this name; else it is taken as the name or digest of a file."""
    from infra.health import engine_for
    from streams.store.schema import source_file

    if not _is_there(store):
        return False
    engine = engine_for(store)
    try:
        with engine.connect() as connection:
            found = connection.execute(sa.select(source_file.c.source).where(source_file.c.source == what).limit(1))
            return found.first() is not None
    finally:
        engine.dispose()


def _is_there(store: str) -> bool:
    from infra.store_url import sqlite_file

    file = sqlite_file(store)
    return file is None or file.is_file()
