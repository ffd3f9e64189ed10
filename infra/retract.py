"""What `airshed retract` does: work out what is meant, what would go, and send it the way of the data."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from infra.datadir import DataDirectory
from infra.messages import say
from standards.errors import AirshedError

if TYPE_CHECKING:
    from streams.intake.retraction import Retraction, Said, Wrong


class NotRetractable(AirshedError, ValueError):
    """What is to be taken out cannot be: the message says what can."""


def meant(what: str, between: str, data: DataDirectory, store: str) -> Wrong:
    """Give what is meant by a file's name or digest, or a source, "" for any, and hours FIRST/LAST (ISO 8601, both included).

    Raises NotRetractable for what the store knows as something else than hours of stations.
    """
    from streams.intake.retraction import Wrong

    first, end = hours(between) if between else (None, None)
    if not what:
        return Wrong(first=first, end=end)
    sources, of_file = _known(store, what)
    if other := sources - _of_stations(data):
        raise NotRetractable(say("retract_other", what=what, source=", ".join(sorted(other))))
    return Wrong(file=what if of_file else "", source="" if of_file else what, first=first, end=end)


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


def carry_out(data: DataDirectory, store: str, retraction: Retraction, said: Said) -> None:
    """Send a retraction; raise StrangerError where the store is fed by another directory, so that nothing would come of it."""
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


def _known(store: str, what: str) -> tuple[set[str], bool]:
    """Give the sources whose files, or which themselves, are called so, and whether it is a file."""
    from infra.health import engine_for
    from streams.intake.retraction import LEAST_DIGITS
    from streams.store.schema import source_file

    if not _is_there(store):
        return set(), True
    c, engine = source_file.c, engine_for(store)
    of = [c.file == what, c.source == what]
    if len(what) >= LEAST_DIGITS:
        of.append(c.digest.startswith(what, autoescape=True))
    try:
        with engine.connect() as connection:
            found = connection.execute(sa.select(c.source, c.file).where(sa.or_(*of)).distinct()).all()
    finally:
        engine.dispose()
    sources = {row.source for row in found}
    return sources, what not in sources


def _of_stations(data: DataDirectory) -> set[str]:
    from streams.intake.retraction import sources_of

    return sources_of(data.topics)


def _is_there(store: str) -> bool:
    from infra.store_url import sqlite_file

    file = sqlite_file(store)
    return file is None or file.is_file()
