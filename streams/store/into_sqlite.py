"""Rows into SQLite: many as a database in memory, from which one statement upserts them, a few one by one."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from streams.store import image
from streams.store.columns import One, Rows, joined
from streams.store.statements import upsert_each, upsert_from

TOGETHER = 100
"""From this many rows on an image is quicker than row by row: it takes 0.2 ms, however few they are."""
PORTION = 5_000
"""Batches are joined up to about this many rows: more gains nothing and leaves the processor's cache."""
_INCOMING = "incoming"
"""The name under which images are attached."""


def write(cursor: sqlite3.Cursor, batches: Sequence[Rows]) -> None:
    """Upsert batches of rows that share their table and columns, in the order in which they stand."""
    for rows in _portions(batches):
        made = image.images(rows) if len(rows) >= TOGETHER and takes_images() else None
        if made is None:
            cursor.executemany(upsert_each(rows.table, rows.names, "sqlite"), rows)
        else:
            _from_images(cursor, rows, made)


@lru_cache(maxsize=1)
def takes_images() -> bool:
    """Ask this build of SQLite whether it can be given databases within a transaction."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        cursor = connection.execute("BEGIN")
        with _incoming(cursor) as take:
            for _ in range(2):
                take(np.frombuffer(image.empty(), np.uint8))
                cursor.execute(f"SELECT count(*) FROM {_INCOMING}.{image.TABLE}").fetchall()
        return True
    except (sqlite3.Error, AttributeError):
        return False
    finally:
        connection.close()


def _portions(batches: Sequence[Rows]) -> Iterator[Rows]:
    waiting: list[Rows] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= PORTION:
            yield joined(waiting)
            waiting = []
    if waiting:
        yield joined(waiting)


def _from_images(cursor: sqlite3.Cursor, rows: Rows, images: Iterator[np.ndarray]) -> None:
    held = image.held(rows)
    values = ", ".join(f'"{name}"' if name in held else "?" for name in rows.names)
    source = f"SELECT {values} FROM {_INCOMING}.{image.TABLE} WHERE true"
    statement = upsert_from(rows.table, rows.names, source)
    ones = [column.value for column in rows.columns.values() if isinstance(column, One)]
    with _incoming(cursor) as take:
        for each in images:
            take(each)
            cursor.execute(statement, ones)


@contextlib.contextmanager
def _incoming(cursor: sqlite3.Cursor) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that makes a database the one named _INCOMING; afterwards an empty one takes its place.

    The name stays attached: nothing can be detached within a transaction.
    """
    connection = cursor.connection
    if _INCOMING not in (name for _, name, _ in cursor.execute("PRAGMA database_list")):
        cursor.execute(f"ATTACH ':memory:' AS {_INCOMING}")
    try:
        yield lambda made: connection.deserialize(made, name=_INCOMING)
    finally:
        connection.deserialize(image.empty(), name=_INCOMING)
