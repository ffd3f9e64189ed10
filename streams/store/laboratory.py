"""Questions to laboratory_sample: what is measured where, and the results of a substance as numbers with their limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from standards.laboratory.censored import Censored, censored
from streams.store.schema import laboratory_sample

Row = dict[str, Any]
C = laboratory_sample.c


def measured(
    connection: sa.Connection, numbers: Collection[str] | None, last: dt.date, known_at: dt.datetime
) -> list[Row]:
    """Give what is measured of some CAS numbers, None for all: by number and medium how many results, values, points, and the days.

    last: the last day of sampling; known_at: when they had been received at the latest (naive UTC). Sorted by number and medium.
    """
    columns = (
        C.cas, C.medium, C.unit, sa.func.min(C.substance).label("substance"), sa.func.count().label("n"),
        sa.func.count(C.result).label("detected"), sa.func.count(C.point.distinct()).label("points"),
        sa.func.min(C.sampled_on).label("first"), sa.func.max(C.sampled_on).label("last"),
        sa.func.max(sa.cast(C.simulated, sa.Integer)).label("simulated"),
    )  # fmt: skip
    query = _counting(sa.select(*columns), numbers, last, known_at).group_by(C.cas, C.medium, C.unit)
    return [dict(row) for row in connection.execute(query.order_by(C.cas, C.medium)).mappings()]


def results_of(
    connection: sa.Connection, cas: str, medium: str, last: dt.date, known_at: dt.datetime, *, city: str | None = None
) -> list[Row]:
    """Give the results of a substance in a medium, of a city or of all, by day and point; days and moments as measured."""
    query = _counting(sa.select(laboratory_sample), (cas,), last, known_at).where(C.medium == medium)
    if city is not None:
        query = query.where(C.city == city)
    return [dict(row) for row in connection.execute(query.order_by(C.sampled_on, C.point, C.sample)).mappings()]


def as_censored(rows: Sequence[Mapping[str, Any]]) -> Censored:
    """Give results as numbers: the value, or the limit below which it lies; NaN where nobody said it."""
    return censored([row["result"] for row in rows], [limit_of(row) for row in rows])


def limit_of(row: Mapping[str, Any]) -> float | None:
    """Give the limit below which a result lies, None where it lies below none or nobody said it."""
    return row[f"{row['below']}_limit"] if row["below"] else None


def _counting(query: sa.Select, numbers: Collection[str] | None, last: dt.date, known_at: dt.datetime) -> sa.Select:
    query = query.where(~C.withdrawn, C.sampled_on <= last, C.received_at <= known_at)
    return query if numbers is None else query.where(C.cas.in_(sorted(numbers)))
