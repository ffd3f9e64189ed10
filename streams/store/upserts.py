"""Write rows into the store: a row is replaced only by one of the same or a higher version; counts are added.

Whatever the order and however often, the highest version of each key stays, of equal versions the one written last. What a
replaced row said before is kept by the database itself (streams.store.history). Many rows go in whole columns, by the ways of
each database (streams.store.into_sqlite, streams.store.into_postgres).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from streams.store.columns import Rows
from streams.store.lines import EPOCH
from streams.store.schema import (
    BY_FILE,
    COUNTS,
    rejected,
    source_file,
    source_hour,
    source_total,
    topic_position,
)
from streams.wire.messages import AT_REST, DAMAGE

COUNTED = "counted/"
"""Begins the topic under which it is recorded that the counts of a line were added."""
AT_ONCE = 500
"""So many names are asked for in one statement."""
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def upsert(connection: sa.Connection, batches: Iterable[Rows]) -> None:
    """Write batches of rows of any tables, in a transaction that the caller holds.

    Raises the errors of the database's driver.
    """
    alike: dict[tuple[str, tuple[str, ...]], list[Rows]] = {}
    for rows in batches:
        if len(rows):
            alike.setdefault((rows.table, rows.names), []).append(rows)
    if connection.dialect.name == "sqlite":
        from streams.store.into_sqlite import write
    else:
        from streams.store.into_postgres import write  # its driver is loaded only where it is used
    cursor = connection.connection.cursor()
    try:
        for each in alike.values():
            write(cursor, each)
    finally:
        cursor.close()


def keep_rejects(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store rejects; one that is already known stays as it is, but damage that was settled is open again.

    Damage that was known at rest, where rows had been stored before, becomes that of a segment that was read with it.
    """
    insert = _INSERT[connection.dialect.name](rejected)
    old, new = rejected.c, insert.excluded
    worse = sa.or_(old.set_aside.is_(True), sa.and_(old.expected == AT_REST, new.expected != AT_REST))
    statement = insert.on_conflict_do_update(
        index_elements=["id"], set_={name: new[name] for name in ("set_aside", "expected", "received_at")},
        where=sa.and_(old.source == DAMAGE, new.set_aside.is_(False), worse),
    )  # fmt: skip
    connection.execute(statement, list(rows))


def keep_files(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store which files were read and what became of their rows; each file at most once in rows.

    What is told of a file that is known is added to it: it may have come again, and its counts come apart from its
    rows. The moment of its first coming stays.
    """
    insert = _INSERT[connection.dialect.name](source_file)
    old, new = source_file.c, insert.excluded
    changed: dict[str, Any] = {name: old[name] + new[name] for name in ("rows_in", "rejected")}
    for name in BY_FILE:
        changed[name] = sa.func.coalesce(old[name] + new[name], old[name], new[name])
    for name, sign in {"first_hour": "<", "last_hour": ">", "released_at": "<", "received_at": "<"}.items():
        changed[name] = _better(old[name], new[name], sign)
    changed["simulated"] = sa.or_(old.simulated, new.simulated)
    connection.execute(insert.on_conflict_do_update(index_elements=["digest", "file"], set_=changed), list(rows))


def add_counts(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add to the counts of sources and hours, and to those of the sources; each source and hour at most once in rows."""
    moments = {"first_received_at": "<", "last_received_at": ">"}
    _add(connection, source_hour, rows, moments)
    _add(connection, source_total, _by_source(rows), {"newest_hour": ">", "last_received_at": ">"})


def _add(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]], moments: dict[str, str]) -> None:
    """Add counts to known keys; of each moment the earlier ("<") or the later (">") stays, and one that is known."""
    insert = _INSERT[connection.dialect.name](table)
    old, new = table.c, insert.excluded
    changed = {name: old[name] + new[name] for name in COUNTS}
    changed |= {name: _better(old[name], new[name], sign) for name, sign in moments.items()}
    keys = [column.name for column in table.primary_key]
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def _better(old: sa.ColumnElement, new: sa.ColumnElement, sign: str) -> sa.ColumnElement:
    """Write the earlier ("<") or the later (">") of two moments, and the one that is known where the other is not."""
    return sa.func.coalesce(sa.case((old.op(sign)(new), old), else_=new), old)


def _by_source(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up rows of sources and hours to one row a source.

    An hour that could not be read, or of which no row was passed on, is no newest hour: a rejected row moves nothing.
    """
    totals: dict[str, dict[str, Any]] = {}
    for row in rows:
        total = totals.setdefault(
            row["source"],
            {"source": row["source"], **dict.fromkeys(COUNTS, 0)} | dict.fromkeys(("newest_hour", "last_received_at")),
        )
        for name in COUNTS:
            total[name] += row[name]
        passed_on = row["rows_in"] > row["rejected"] or row["accepted"] + row["duplicate"] + row["late"] > 0
        hour = row["hour_end"] if row["hour_end"] > EPOCH and passed_on else None
        for name, moment in (("newest_hour", hour), ("last_received_at", row["last_received_at"])):
            total[name] = max((m for m in (total[name], moment) if m is not None), default=None)
    return list(totals.values())


def claim_counts(connection: sa.Connection, places: Collection[str], now: dt.datetime) -> set[str]:
    """Record that the counts of lines, `topic/segment@byte`, are added; give those of which they were not before.

    A segment that a history took has been counted by it.
    """
    lines = {place: _line_of(place) for place in places}
    segments = {(topic, segment.partition("@")[0]) for topic, segment in lines.values()}
    c, taken = topic_position.c, set()
    for topic in {topic for topic, _ in segments}:
        named = [segment for each, segment in segments if each == topic]
        for begin in range(0, len(named), AT_ONCE):
            query = sa.select(c.topic, c.segment).where(c.topic == topic, c.segment.in_(named[begin : begin + AT_ONCE]))
            taken |= {tuple(row) for row in connection.execute(query)}
    insert = _INSERT[connection.dialect.name](topic_position)
    statement = insert.on_conflict_do_nothing(index_elements=["topic", "segment"]).returning(c.topic, c.segment)
    rows = [
        {"topic": f"{COUNTED}{topic}", "segment": line, "stored_at": now}
        for topic, line in lines.values()
        if (topic, line.partition("@")[0]) not in taken
    ]
    new = {tuple(row) for row in connection.execute(statement, rows)} if rows else set()
    return {place for place, (topic, line) in lines.items() if (f"{COUNTED}{topic}", line) in new}


def claim_lines(connection: sa.Connection, topic: str, lines: Collection[str], now: dt.datetime) -> None:
    """Record of lines of a topic, `segment@byte`, that their counts were added, whoever did it."""
    statement = _INSERT[connection.dialect.name](topic_position).on_conflict_do_nothing()
    rows = [{"topic": f"{COUNTED}{topic}", "segment": line, "stored_at": now} for line in lines]
    if rows:
        connection.execute(statement, rows)


def forget_counts(connection: sa.Connection, topic: str, held: Collection[str], before: dt.datetime) -> int:
    """Forget which lines of a topic were counted before a moment and whose segments are not held any more; give how many.

    Nobody can read them again, so nobody tells their counts again.
    """
    c, known = topic_position.c, set(held)
    query = sa.select(c.segment).where(c.topic == f"{COUNTED}{topic}", c.stored_at < before)
    gone = [line for line in connection.scalars(query) if line.partition("@")[0] not in known]
    for begin in range(0, len(gone), AT_ONCE):
        some = gone[begin : begin + AT_ONCE]
        connection.execute(sa.delete(topic_position).where(c.topic == f"{COUNTED}{topic}", c.segment.in_(some)))
    return len(gone)


def _line_of(place: str) -> tuple[str, str]:
    topic, _, line = place.partition("/")
    return topic, line


MOMENT = dt.timedelta(milliseconds=1)


def next_moment(connection: sa.Connection, now: dt.datetime) -> dt.datetime:
    """Give the moment to store at: now, or a step after the newest one where the clock stands before that (naive UTC).

    Whoever reads on from a moment that it knows would otherwise never see what was stored after the clock was set back.
    """
    newest = connection.scalar(sa.select(sa.func.max(topic_position.c.stored_at)))
    return now if newest is None or now >= newest else newest + MOMENT


def claim_segment(connection: sa.Connection, row: dict[str, Any]) -> bool:
    """Record a segment as stored; False where it already was, perhaps by another process."""
    insert = _INSERT[connection.dialect.name](topic_position).values(**row)
    statement = insert.on_conflict_do_nothing(index_elements=["topic", "segment"])
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1
