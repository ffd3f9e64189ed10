"""Results straight into the store: for whoever assesses a long history in this process or in others, without topics.

    workers     tables = bulk.prepared(outcome.rows)          decode and check; arrays, cheap to send to another process
    writer      with begin_write(engine) as connection:
                    bulk.write(connection, tables)
                    … and where the writer is, in the same transaction

What is stored is what the materialiser stores from the same rows: the same values, rounded as messages round them, and the same
law of versions, in whatever order the rows come and however often.

One writer is enough, and on SQLite more are of no use, for it lets one write at a time. The writer is best a thread: SQLite and
PostgreSQL work outside the interpreter's lock, so that the others go on. Rows of about a month of a city together, and
transactions of 100,000 to 500,000 rows, are as quick as larger ones; of one city in the order of time, PostgreSQL takes them
straight into the table. Rows that are in the store already cost as much as new ones in SQLite, three times as much in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import sqlalchemy as sa

from streams import results
from streams.store.columns import Column, Numbers, Rows, joined
from streams.store.keys import numbered
from streams.store.lines import added, file_of, files_summed, summed
from streams.store.rows import decoded
from streams.store.schema import COUNTS
from streams.store.upserts import add_counts, keep_files, upsert


def prepared(tables: Iterable[results.Rows]) -> list[Rows]:
    """Decode result rows into what the store takes; pure, so that it can be done where the rows are made. Not those of source_file.

    Raises RowsError, which names the column, where rows do not fit their table.
    """
    return [decoded(rows.carried()) for rows in tables]


def write(connection: sa.Connection, tables: Iterable[Rows | results.Rows]) -> int:
    """Store rows of any tables, prepared or as the desks give them, in a transaction that the caller holds; give how many.

    A row is replaced only by one of the same or a higher version. Rows of source_hour and source_file are added to what is counted
    already: they must come once, so let the transaction record that they came.
    Raises RowsError where rows do not fit their table, ValueError where rows of source_hour hold what cannot be added, and the
    errors of the database's driver. After an error the caller rolls back: a part may have been written.
    """
    given = list(tables)
    if files := files_summed(file_of(rows) for rows in given if rows.table == "source_file"):
        keep_files(connection, files)
    given = [rows for rows in given if rows.table != "source_file"]
    batches = [rows if isinstance(rows, Rows) else decoded(rows.carried()) for rows in given]
    upsert(connection, (rows for rows in batches if rows.table != "source_hour"))
    alike: dict[tuple[str, ...], list[Rows]] = {}
    for rows in batches:
        if rows.table == "source_hour" and len(rows):
            alike.setdefault(rows.names, []).append(rows)
    counts = [count for each in alike.values() for count in added(_once(joined(each)))]
    if counts:
        add_counts(connection, summed(counts))
    return sum(map(len, batches))


def _once(rows: Rows) -> Rows:
    """Add up rows of source_hour to one for each source and hour: cities share their hours."""
    different, first, place = np.unique(numbered(rows), return_index=True, return_inverse=True)
    columns: dict[str, Column] = dict(rows.picked(first).columns)
    for name in set(rows.names) & set(COUNTS):
        column, sums = rows.columns[name], np.zeros(len(different), np.int64)
        np.add.at(sums, place, column.values if isinstance(column, Numbers) else column.value)
        columns[name] = Numbers(sums)
    return Rows(rows.table, columns, len(different))
