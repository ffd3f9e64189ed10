"""What `airshed retract` does: work out what is meant, what would go, and send it the way of the data."""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from infra.datadir import DataDirectory

if TYPE_CHECKING:
    from streams.intake.retraction import Retraction, Said, Wrong
    from streams.laboratory.retracting import Withdrawal


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
        raise ValueError(f"{between!r} are no whole hours in order")
    return int(at[0]), int(at[1]) + 1


@dataclass(frozen=True, slots=True)
class Planned:
    """What would go: of what the topics hold, and samples of laboratories, which no topic has; None where nothing of it would."""

    topics: Retraction | None
    samples: Withdrawal | None

    @property
    def rows(self) -> int:
        """How many rows would be taken out."""
        return self._sum("rows")

    @property
    def rows_restored(self) -> int:
        """How many of them would get back what was known before."""
        return self._sum("rows_restored")

    @property
    def kept_back(self) -> int:
        """Of how many something else is known that cannot stand in their place."""
        return self.topics.kept_back if self.topics else 0

    @property
    def files(self) -> frozenset[tuple[str, str]]:
        """The files whose rows would go, as (digest, source)."""
        return frozenset().union(*(part.files for part in (self.topics, self.samples) if part))

    def _sum(self, name: str) -> int:
        return sum(getattr(part, name) for part in (self.topics, self.samples) if part)


def planned(data: DataDirectory, store: str, wrong: Wrong, what: str, by: str, why: str) -> tuple[Planned, Said]:
    """Find what would go, and how it would be said; changes nothing. Raises NothingToRetract."""
    from streams.intake.retraction import NothingToRetract, Said, plan

    said = Said(what, by.strip(), why.strip(), float(int(time.time())))
    samples = _samples(store, wrong)
    try:
        return Planned(plan(data.topics, wrong, said), samples), said
    except NothingToRetract:
        if samples is None:
            raise
        return Planned(None, samples), said


def finish_begun(data: DataDirectory) -> int:
    """Finish the retractions that a killed command left half done; give how many these were."""
    from streams.intake.intents import finish

    return finish(data.topics)


def carry_out(data: DataDirectory, store: str, found: Planned, wrong: Wrong, said: Said) -> None:
    """Send a retraction, all of it or nothing, and take samples of laboratories out of the store.

    Raises StrangerError where the store is fed by another directory, so that nothing would come of it.
    """
    from infra.feeding import require_own
    from infra.health import engine_for
    from streams.intake.retraction import publish
    from streams.laboratory.retracting import withdraw

    if _is_there(store):
        engine = engine_for(store)
        try:
            if found.topics:
                require_own(data, engine)
            if found.samples:
                withdraw(engine, wrong, said)
        finally:
            engine.dispose()
    if found.topics:
        publish(data.topics, found.topics, said)


def _samples(store: str, wrong: Wrong) -> Withdrawal | None:
    from infra.health import engine_for
    from streams.laboratory.retracting import plan_samples

    if not _is_there(store):
        return None
    engine = engine_for(store)
    try:
        with engine.connect() as connection:
            found = plan_samples(connection, wrong)
    finally:
        engine.dispose()
    return found if found.rows else None


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
