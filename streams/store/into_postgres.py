"""Rows into PostgreSQL: many as bytes for COPY, straight into the table or merged from a temporary one, a few one by one."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from streams.store.binary import copied
from streams.store.columns import Rows, joined
from streams.store.keys import beyond, numbered, single
from streams.store.schema import CORRECTED, REVISED, metadata
from streams.store.statements import listed, upsert_each, upsert_from

TOGETHER = 100
"""From this many rows on a COPY is quicker than a statement for each."""


def write(cursor: psycopg.Cursor, batches: Sequence[Rows]) -> None:
    """Upsert batches of rows that share their table and columns.

    What lies beyond the moments stored of its place is new and is copied straight into the table; the rest, if it is not a few
    rows, is merged.
    """
    rows = joined(batches)
    if len(rows) >= TOGETHER:
        rows = _after_new_ones(cursor, rows)
    if len(rows) >= TOGETHER:
        _merge(cursor, rows)
    elif len(rows):
        cursor.executemany(upsert_each(rows.table, rows.names, "postgresql"), rows)


def _after_new_ones(cursor: psycopg.Cursor, rows: Rows) -> Rows:
    """Copy the rows that are new straight into their table and give the rest."""
    new = single(numbered(rows)) & beyond(cursor, rows)
    if new.any() and _copied_straight(cursor, rows.picked(new)):
        return rows.picked(~new)
    return rows


def _copied_straight(cursor: psycopg.Cursor, rows: Rows) -> bool:
    """Copy rows into their table; False, and nothing is done, where another process has stored one of them since."""
    try:
        with cursor.connection.transaction():
            _copy_into(cursor, rows.table, rows)
    except psycopg.errors.UniqueViolation:
        return False
    return True


def _copy_into(cursor: psycopg.Cursor, table: str, rows: Rows) -> None:
    with cursor.copy(f"COPY {table} ({listed(rows.names)}) FROM STDIN (FORMAT binary)") as copy:
        for piece in copied(rows):
            copy.write(piece)


def _merge(cursor: psycopg.Cursor, rows: Rows) -> None:
    """Copy rows into a temporary table and merge that, in rounds where keys come again: a statement touches a key only once."""
    name, names = rows.table, rows.names
    cursor.execute(f"CREATE TEMPORARY TABLE stage (LIKE {name}, seq bigserial) ON COMMIT DROP")
    _copy_into(cursor, "stage", rows)
    values = f"SELECT {listed(names)} FROM"
    if single(numbered(rows)).all():
        cursor.execute(upsert_from(name, names, f"{values} stage WHERE true"))
        cursor.execute("DROP TABLE stage")
        return
    _rank(cursor, name)
    (rounds,) = cursor.execute("SELECT coalesce(max(round), 0) FROM ranked").fetchone()
    for number in range(1, rounds + 1):
        cursor.execute(upsert_from(name, names, f"{values} ranked WHERE round = %s"), [number])
    cursor.execute("DROP TABLE stage, ranked")


def _rank(cursor: psycopg.Cursor, name: str) -> None:
    """Number the rows of each key by version, without those that the next one repeats in all that the history keeps."""
    keys = ", ".join(f'"{column.name}"' for column in metadata.tables[name].primary_key)
    kept = ("status", "revision", *CORRECTED.get(name, ())) if name in REVISED else ()
    unlike = " OR ".join(
        ("lead(seq) OVER later IS NULL", *(f"{c} IS DISTINCT FROM lead({c}) OVER later" for c in kept))
    )
    cursor.execute(
        f"CREATE TEMPORARY TABLE ranked ON COMMIT DROP AS "
        f"SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY version, seq) AS round FROM "
        f"(SELECT *, {unlike} AS tells FROM stage WINDOW later AS (PARTITION BY {keys} ORDER BY version, seq)) AS told "
        f"WHERE tells"
    )
