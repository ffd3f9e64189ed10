"""Rows for programs: pages by key, revisions in order, and what tells that a month has changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from dashboards.moment import SHANGHAI
from streams.store.known import places_of
from streams.store.schema import row_history

HOUR = dt.timedelta(hours=1)

Row = dict[str, Any]
_FOLD = 2_147_483_647
"""Versions may be large: they are added modulo this, so that no sum overflows."""


def page(
    connection: sa.Connection, columns: Sequence[sa.Column], key: Sequence[sa.Column], places: Sequence[str], *,
    first: dt.date | None, last: dt.date | None, equal: Mapping[str, Any], after: Sequence[Any] | None, size: int,
) -> list[Row]:  # fmt: skip
    """Give up to size rows of places, in the order of the key, that come after a key and lie from first to last.

    One walk along the key for each place: what a page costs does not grow with the rows before it or with the years.
    """
    rows: list[Row] = []
    table = key[0].table
    for place in sorted(places):
        if len(rows) >= size:
            break
        if after is not None and place < after[0]:
            continue
        query = sa.select(*columns).where(key[0] == place)
        if after is not None and place == after[0]:
            query = query.where(_beyond(key[1:], after[1:]))
        query = query if first is None else query.where(key[1] >= first)
        query = query if last is None else query.where(key[1] <= last)
        for name, value in equal.items():
            query = query.where(table.c[name] == value)
        found = connection.execute(query.order_by(*key[1:]).limit(size - len(rows))).mappings()
        rows += [dict(row) for row in found]
    return rows


def replaced_since(connection: sa.Connection, since: dt.datetime) -> int:
    """Give the id after which the rows come that were replaced from a moment (naive UTC) on.

    Rows are written in the order in which they are replaced, so that their ids are halved: some thirty looks into the key.
    """
    c = row_history.c
    low, high = 0, connection.scalar(sa.select(sa.func.max(c.id))) or 0
    while low < high:
        middle = (low + high) // 2
        at = connection.scalar(sa.select(c.superseded_at).where(c.id > middle).order_by(c.id).limit(1))
        if at is not None and at < since:
            low = middle + 1
        else:
            high = middle
    return low


def replaced(connection: sa.Connection, after: int, size: int) -> list[Row]:
    """Give up to size replaced rows of any table after an id, in the order in which they were replaced."""
    # Not by table: an index that leads by table would be read whole and sorted.
    query = sa.select(row_history).where(row_history.c.id > after).order_by(row_history.c.id).limit(size)
    return [dict(row) for row in connection.execute(query).mappings()]


def month_digest(
    connection: sa.Connection, table: sa.Table, first: dt.datetime, last: dt.datetime
) -> tuple[str, bool] | None:
    """Give what tells one state of the rows from first to last from another, and whether any is simulated; None: no rows."""
    place, time = list(table.primary_key)[:2]
    c = table.c
    numbers = [
        sa.func.count(), sa.func.max(c.version), sa.func.sum(c.version % _FOLD), sa.func.sum(c.revision),
        sa.func.sum(sa.case((c.status == "reviewed", 1), else_=0)), sa.func.sum(sa.case((c.simulated, 1), else_=0)),
    ]  # fmt: skip
    told, count, simulated = [], 0, 0
    for each in places_of(connection, table):
        found = connection.execute(sa.select(*numbers).where(place == each, time.between(first, last))).one()
        if found[0]:
            told.append((each, *map(int, found)))
            count, simulated = count + found[0], simulated + int(found[-1])
    return (hashlib.sha256(repr(told).encode()).hexdigest(), simulated > 0) if count else None


def month_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[sa.Column], first: dt.datetime, last: dt.datetime
) -> list[sa.Row]:
    """Give the rows of every place from first to last, in the order of the key."""
    place, time = list(table.primary_key)[:2]
    rows: list[sa.Row] = []
    for each in places_of(connection, table):
        query = sa.select(*columns).where(place == each, time.between(first, last)).order_by(time)
        rows += connection.execute(query).all()
    return rows


def held_months(connection: sa.Connection, table: sa.Table) -> set[dt.date]:
    """Give the months (Beijing, by their first day) in which a table has an hour.

    Along the key: for each place one look for each month that no place before it had, so that full tables cost two for a place.
    """
    place, time = list(table.primary_key)[:2]
    found: set[dt.date] = set()
    for each in places_of(connection, table):
        after: dt.datetime | None = None
        while True:
            mine = sa.select(sa.func.min(time)).where(place == each)
            hour = connection.execute(mine if after is None else mine.where(time > after)).scalar()
            if hour is None:
                break
            month = (hour + SHANGHAI - HOUR).date().replace(day=1)
            found.add(month)
            while month in found:
                month = (month + dt.timedelta(days=32)).replace(day=1)
            after = dt.datetime.combine(month, dt.time()) - SHANGHAI  # the last hour of the month before ends there
    return found


def _beyond(key: Sequence[sa.Column], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Write that a key comes after another, column by column, as both databases follow it along an index."""
    column, value = key[0], values[0]
    if len(key) == 1:
        return column > value
    return sa.and_(column >= value, sa.or_(column > value, _beyond(key[1:], values[1:])))
