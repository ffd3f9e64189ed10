"""Months of series in the usual weather of the season: how rows travel to the store, and what reads them by their key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from streams.results import Rows, rows_of
from streams.store.schema import normalised_month

Row = dict[str, Any]


def as_rows(rows: Sequence[Mapping[str, Any]], version: int) -> Rows:
    """Lay rows, at least one, out in columns with their version; days are counted since 1970-01-01."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return rows_of(normalised_month.name, columns | {"version": version})


def next_version(connection: sa.Connection, now_ms: int) -> int:
    """Give a version above that of every row: the time, or one more than the last where the clock stands before it."""
    return max(now_ms, (connection.scalar(sa.select(sa.func.max(normalised_month.c.version))) or 0) + 1)


def months_between(connection: sa.Connection, city: str, item: str, first: dt.date, last: dt.date) -> list[Row]:
    """Give the rows of the months from one to another (their first days), both included, in their order."""
    c = normalised_month.c
    query = sa.select(normalised_month).where(c.city == city, c.item == item, c.month.between(first, last))
    return [dict(row) for row in connection.execute(query.order_by(c.month)).mappings()]
