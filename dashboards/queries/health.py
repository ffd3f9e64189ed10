"""The health of the data: what came in, what became of it, and what was refused."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from streams.store.schema import rejected, source_hour

Row = dict[str, Any]
COUNTS = ("rows_in", "accepted", "duplicate", "late", "rejected")


def sources(connection: sa.Connection) -> list[Row]:
    """Give the counts of each source, its freshest hour, and whether its rows add up."""
    table = source_hour
    sums = [sa.func.coalesce(sa.func.sum(table.c[name]), 0).label(name) for name in COUNTS]
    query = sa.select(
        table.c.source, *sums,
        sa.func.max(sa.case((table.c.accepted > 0, table.c.hour_end))).label("freshest"),
        sa.func.max(table.c.last_received_at).label("received_at"),
    ).group_by(table.c.source).order_by(table.c.source)  # fmt: skip
    return [_adding_up(dict(row)) for row in connection.execute(query).mappings()]


def latest_rejects(connection: sa.Connection, count: int = 6) -> list[Row]:
    """Give the newest refused rows, without those that were only set aside."""
    query = sa.select(rejected).where(rejected.c.set_aside.is_(False))
    query = query.order_by(rejected.c.received_at.desc()).limit(count)
    return [dict(row) for row in connection.execute(query).mappings()]


def _adding_up(row: Row) -> Row:
    counts = {name: int(row[name]) for name in COUNTS}
    return {**row, **counts, "adds_up": counts["rows_in"] == sum(counts[name] for name in COUNTS[1:])}
