"""The store as the end of a history."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from streams.history.cities import Counts, Files
from streams.records import Rejected
from streams.results import Rows
from streams.store import bulk
from streams.store.columns import Rows as StoredRows
from streams.store.connect import begin_write
from streams.store.lines import EPOCH, Count, reject_row, summed
from streams.store.origins import RUNS
from streams.store.schema import topic_position
from streams.store.upserts import add_counts, claim_segment, keep_files, keep_rejects, next_moment

_ADDED = ("accepted", "duplicate", "late")


class StoreSink:
    """Writes a history's rows into a store. prove: called first in each transaction; raises where this process may not write."""

    def __init__(self, engine: sa.Engine, prove: Callable[[sa.Connection], object] = lambda connection: None) -> None:
        self._engine, self._prove = engine, prove

    def taken(self, topic: str) -> set[str]:
        """Give the segments of a topic that are in already."""
        query = sa.select(topic_position.c.segment).where(topic_position.c.topic == topic)
        with self._engine.connect() as connection:
            return set(connection.scalars(query))

    def write(self, rows: Sequence[StoredRows | Rows]) -> None:
        """Upsert rows of any tables in a transaction."""
        with begin_write(self._engine) as connection:
            self._prove(connection)
            bulk.write(connection, rows)

    def close(
        self, run: str, taken: Sequence[tuple[str, str]], counts: Counts, files: Files, rejected: Sequence[Rejected]
    ) -> None:
        """Record counts by hour and by file, rejects, segments and the run itself in one transaction; a second time
        does nothing.
        """
        now = EPOCH + dt.timedelta(seconds=time.time())
        with begin_write(self._engine) as connection:
            self._prove(connection)
            moment = next_moment(connection, now)
            if not claim_segment(connection, {"topic": RUNS, "segment": run, "stored_at": moment}):
                return
            for topic, segment in taken:
                claim_segment(connection, {"topic": topic, "segment": segment, "stored_at": moment})
            if rejected:
                keep_rejects(
                    connection, list({row["id"]: row for row in (reject_row(r, now) for r in rejected)}.values())
                )
            if counts:
                add_counts(connection, summed(_counts(counts)))
            if files:
                keep_files(connection, list(files.values()))

    def closed(self, run: str) -> bool:
        """Tell whether a run was made true."""
        return run in self.taken(RUNS)


def _counts(counts: Counts) -> list[Count]:
    return [
        Count(source, EPOCH + dt.timedelta(hours=hour), dict(zip(_ADDED, numbers, strict=True)))
        for (source, hour), numbers in counts.items()
    ]
