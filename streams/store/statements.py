"""The statements that upsert rows, in the words that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from streams.store.schema import metadata

_VALUE = {"sqlite": "?", "postgresql": "%s"}
# Truth values are 0 and 1 here; PostgreSQL does not take a number for one.
_TRUTH = {"sqlite": "?", "postgresql": "%s::int::boolean"}


@lru_cache(maxsize=128)
def upsert_each(table: str, names: tuple[str, ...], dialect: str) -> str:
    """Write the statement that upserts one row with values of these columns; dialect: "sqlite" or "postgresql"."""
    columns = metadata.tables[table].c
    truths = [isinstance(columns[name].type, sa.Boolean) for name in names]
    places = ", ".join((_TRUTH if truth else _VALUE)[dialect] for truth in truths)
    return f"INSERT INTO {table} ({listed(names)}) VALUES ({places}) {replacing(table, names)}"


@lru_cache(maxsize=128)
def upsert_from(table: str, names: tuple[str, ...], values: str) -> str:
    """Write the statement that upserts what a query gives; values: from its SELECT on, with a WHERE.

    The WHERE keeps SQLite from reading ON as the condition of a join.
    """
    return f"INSERT INTO {table} ({listed(names)}) {values} {replacing(table, names)}"


def replacing(table: str, names: Sequence[str]) -> str:
    """Complete an insert: on a known key replace the other columns, unless the stored version is higher."""
    keys = [column.name for column in metadata.tables[table].primary_key]
    others = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    return f"ON CONFLICT ({listed(keys)}) DO UPDATE SET {others} WHERE excluded.version >= {table}.version"


def listed(names: Sequence[str]) -> str:
    """Write names of columns one after the other; some are words of SQL."""
    return ", ".join(f'"{name}"' for name in names)
