"""The way back from one row of the store, for the command line: its replaced versions, itself, and the files of its feed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from infra.dump import NoTable
from infra.health import engine_for
from infra.messages import say


@dataclass(frozen=True, slots=True)
class History:
    """One row: its columns, its versions, oldest first and the present one last, the files that they name (named), and, where they
    name none, those that may have brought it (files). Of a table with further keys all rows of the place and time, one by one.
    """

    columns: tuple[str, ...]
    versions: tuple[tuple[Any, ...], ...]
    files: tuple[dict[str, Any], ...]
    named: tuple[dict[str, Any], ...] = ()


def history_of(store: str, table: str, place: str, moment: str) -> History:
    """Give the history of a row; moment: its hour end (ISO 8601; UTC where it has no zone) or its day.

    The last column, superseded_at, is None for the present row. Raises NoTable for a table whose replaced rows are not kept,
    ValueError for a moment that is none.
    """
    from streams.store.history import files_named, source_files, superseded_rows
    from streams.store.moments import as_stored
    from streams.store.schema import REVISED, metadata

    if table not in REVISED:
        raise NoTable(say("no_table", table=table, tables=", ".join(sorted(REVISED))))
    of = metadata.tables[table]
    columns = (*of.c.keys(), "superseded_at")
    at = dt.date.fromisoformat(moment) if "day" in of.c else as_stored(dt.datetime.fromisoformat(moment))
    engine = engine_for(store)
    try:
        with engine.connect() as connection:
            place_column, time, *more = of.primary_key
            query = sa.select(of).where(place_column == place, time == at).order_by(*more)
            present = [dict(row) for row in connection.execute(query).mappings()]
            old = superseded_rows(connection, table, [(place, at)]).get((place, at), [])
            versions = sorted([*old, *present], key=lambda row: [row[column.name] for column in more])
            named = [*files_named(connection, (row.get("file_digest") for row in versions)).values()]
            source = present[0]["source"] if present and "source" in of.c else None
            files = [] if named or not source else source_files(connection, source, at)
    finally:
        engine.dispose()
    told = tuple(tuple(row.get(name) for name in columns) for row in versions)
    return History(columns, told, tuple(files), tuple(named))
