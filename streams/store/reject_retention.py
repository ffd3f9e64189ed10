"""Rejects of long ago are summed up: one row for each source and year of receipt, in the place of one for each row or file.

A feed that sends one broken line an hour leaves 8,760 rejects a year, and nobody mends a file of two years ago by its line. What
stays for good is how many rows were rejected, in the books of each hour (source_hour) and in the sum of the year. How long
each reject is kept is a setting.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa

from streams.records import Rejected
from streams.store.connect import begin_write
from streams.store.lines import reject_row
from streams.store.schema import rejected
from streams.store.settings import whole_number
from streams.store.upserts import keep_rejects
from streams.wire.messages import DAMAGE

DAYS = "AIRSHED_REJECT_DAYS"
"""Setting: after how many days rejects are summed up (30 or more; 0: never)."""
KEPT_DAYS, LEAST_DAYS = 400, 30
"""A year and a month: who compares with the year before still finds each line."""
SUMMED = "no longer kept one by one"
EXPECTED = "the sum of the year in their place"
_SPAN = dt.timedelta(days=1)
"""Rejects received within so long go in one transaction."""


def reject_days(environment: Mapping[str, str]) -> int:
    """Read after how many days rejects are summed up, 0: never."""
    if environment.get(DAYS, "").strip() == "0":
        return 0
    return whole_number(environment, DAYS, KEPT_DAYS, least=LEAST_DAYS)


def sum_up_rejects(engine: sa.Engine, now: dt.datetime, *, days: int = KEPT_DAYS) -> int:
    """Sum up the rejects that were received more than days before now (naive UTC); give how many went.

    days 0: none goes. A row without a moment of receipt stays, and damage that is open.
    """
    if not days:
        return 0
    c, horizon, removed = rejected.c, now - dt.timedelta(days=days), 0
    for kind in (False, True):  # the index begins with it
        while True:
            settled = () if kind else (c.source != DAMAGE,)
            old = sa.and_(c.set_aside.is_(kind), c.received_at < horizon, c.reason != SUMMED, *settled)
            with engine.connect() as connection:
                first = connection.scalar(sa.select(sa.func.min(c.received_at)).where(old))
            if first is None:
                break
            end = min(first + _SPAN, dt.datetime(first.year + 1, 1, 1), horizon)
            with begin_write(engine) as connection:
                removed += _sum_up(connection, sa.and_(old, c.received_at < end), first.year, set_aside=kind)
    return removed


def _sum_up(connection: sa.Connection, old: sa.ColumnElement, year: int, *, set_aside: bool) -> int:
    c = rejected.c
    sums = sa.select(c.source, sa.func.sum(c.rows), sa.func.max(c.received_at)).where(old).group_by(c.source)
    for source, rows, newest in connection.execute(sums).all():
        told = Rejected(
            source, "rejects of the year", SUMMED, str(year), EXPECTED, file="set aside" if set_aside else "", rows=int(rows),
            set_aside=set_aside,
        )  # fmt: skip
        row = reject_row(told, newest)
        known = connection.scalar(sa.select(c.rows).where(c.id == row["id"]))
        if known is None:
            keep_rejects(connection, [row])
            continue
        more = {"rows": known + row["rows"], "received_at": newest}
        connection.execute(sa.update(rejected).where(c.id == row["id"]).values(more))
    return connection.execute(sa.delete(rejected).where(old), execution_options={"preserve_rowcount": True}).rowcount
