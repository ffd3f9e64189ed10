"""What holds of every row of a store, whatever was measured: rules that only damage, or a hand from outside, can break."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from standards.editions import EDITIONS
from streams.store.schema import COUNTS, metadata, source_hour, source_total, topic_position
from streams.wire import messages
from streams.wire.topics import open_topic

HOUR, EDITION, STATUS, INDEX, SHARE, VERSION, SUMS = "hour", "edition", "status", "index", "share", "version", "sums"
KNOWN = sorted({code for edition in EDITIONS for code in (edition.code, edition.limits_code)})
STATUSES = ("provisional", "reviewed")
HIGHEST = 500
"""The highest index (HJ 633, table 1)."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that so many rows of a table break; value: one that does."""

    table: str
    rule: str
    count: int
    value: object


def broken_rules(connection: sa.Connection) -> Iterator[Broken]:
    """Name the rules that rows break, table by table; each table is read once, and once more where a rule is broken.

    Hours end on the hour; editions are known; a status is one of two; an index is 0 to 500 and a share 0 to 1; versions are
    not negative; the totals of the sources are the sums of their hours.
    """
    for table in metadata.tables.values():
        rules = _rules(table, connection.dialect.name)
        if not rules:
            continue
        sums = [sa.func.sum(sa.case((breaks, 1), else_=0)) for _, breaks in rules.values()]
        for (rule, (column, breaks)), count in zip(
            rules.items(), connection.execute(sa.select(*sums)).one(), strict=True
        ):
            if count:
                as_text = sa.cast(table.c[column], sa.Text)  # as it is stored: it may be no moment at all
                value = connection.scalar(sa.select(as_text).where(breaks).limit(1))
                yield Broken(table.name, rule, int(count), value)
    yield from _sums(connection)


def missing_segments(connection: sa.Connection, topics: Path) -> tuple[int, str]:
    """Count the segments that the store has and the topics have not, and name one: what is pruned is forgotten in both."""
    missing: list[str] = []
    for name in messages.STORED_TOPICS:
        query = sa.select(topic_position.c.segment).where(topic_position.c.topic == name)
        stored = set(connection.scalars(query))
        if stored:
            there = set(open_topic(topics / name).segments()) if (topics / name).is_dir() else set()
            missing += [f"{name}/{segment}" for segment in sorted(stored - there)]
    return len(missing), missing[0] if missing else ""


def _rules(table: sa.Table, dialect: str) -> dict[str, tuple[str, sa.ColumnElement[bool]]]:
    c, found = table.c, {}
    if "hour_end" in c and "hour_end" in [k.name for k in table.primary_key]:
        found[HOUR] = "hour_end", _off_the_hour(c.hour_end, dialect)
    if "edition" in c:
        found[EDITION] = "edition", c.edition.not_in(KNOWN)
    if "status" in c:
        found[STATUS] = "status", c.status.not_in(STATUSES)
    if "aqi" in c:
        found[INDEX] = "aqi", ~c.aqi.between(0, HIGHEST)
    if "completeness" in c:
        found[SHARE] = "completeness", ~c.completeness.between(0, 1)
    if "version" in c:
        found[VERSION] = "version", c.version < 0
    return found


def _off_the_hour(column: sa.Column, dialect: str) -> sa.ColumnElement[bool]:
    if dialect == "sqlite":
        digits = "[0-9]" * 2
        glob = f"{digits}{digits}-{digits}-{digits} {digits}:00:00.000000"
        return sa.not_(sa.cast(column, sa.Text).bool_op("GLOB")(glob))
    return sa.func.date_trunc("hour", column) != column


def _sums(connection: sa.Connection) -> Iterator[Broken]:
    hours = sa.select(source_hour.c.source, *(sa.func.sum(source_hour.c[name]) for name in COUNTS)).group_by(
        source_hour.c.source
    )
    added = {row[0]: tuple(map(int, row[1:])) for row in connection.execute(hours)}
    told = sa.select(source_total.c.source, *(source_total.c[name] for name in COUNTS))
    totals = {row[0]: tuple(map(int, row[1:])) for row in connection.execute(told)}
    unlike = sorted(source for source in added.keys() | totals.keys() if added.get(source) != totals.get(source))
    if unlike:
        yield Broken(source_total.name, SUMS, len(unlike), unlike[0])
