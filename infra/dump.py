"""Rows of one table of the store, for the command line to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from infra.health import engine_for
from infra.messages import say
from standards.errors import AirshedError


class NoTable(AirshedError, LookupError):
    """The store has no table of this name."""


@contextmanager
def table_rows(store: str, name: str) -> Iterator[tuple[list[str], Iterator[sa.Row]]]:
    """Give the columns and the rows of a table in the order of its key; raise NoTable where there is none."""
    from streams.store.schema import metadata, views

    tables = {**metadata.tables, **views.tables}
    if name not in tables:
        raise NoTable(say("no_table", table=name, tables=", ".join(sorted(tables))))
    table = tables[name]
    engine = engine_for(store)
    try:
        with engine.connect().execution_options(yield_per=5_000) as connection:
            yield list(table.columns.keys()), iter(connection.execute(sa.select(table).order_by(*table.primary_key)))
    finally:
        engine.dispose()
