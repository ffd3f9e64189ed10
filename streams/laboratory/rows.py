"""Rows of laboratory_sample: found by their keys, written with a version, and what they replace kept in row_history."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from streams.store.lines import EPOCH
from streams.store.schema import laboratory_sample, row_history

Key = tuple[str, dt.date, str, str, str]
Row = dict[str, Any]
KEYS = tuple(column.name for column in laboratory_sample.primary_key)
AT_ONCE = 200
"""So many keys are asked for in one statement."""


def key_of(row: Row) -> Key:
    """Give the key of a row."""
    return tuple(row[name] for name in KEYS)


def stored_keys(connection: sa.Connection, keys: Iterable[Key]) -> dict[Key, Row]:
    """Give the stored rows of some keys; without those that are not stored."""
    found: dict[Key, Row] = {}
    columns = [laboratory_sample.c[name] for name in KEYS]
    wanted = sorted(set(keys))
    for begin in range(0, len(wanted), AT_ONCE):
        some = wanted[begin : begin + AT_ONCE]
        these = sa.or_(*(sa.and_(*(c == part for c, part in zip(columns, key, strict=True))) for key in some))
        for row in connection.execute(sa.select(laboratory_sample).where(these)).mappings():
            found[key_of(row)] = dict(row)
    return found


def write_rows(connection: sa.Connection, rows: Sequence[Row], replaced: Sequence[Row], now: dt.datetime) -> None:
    """Write rows with a version above all; replaced: what is stored of their keys, which goes into row_history."""
    version = _next_version(connection, now)
    if replaced:
        connection.execute(sa.insert(row_history), [_history(row, now) for row in replaced])
        c = laboratory_sample.c
        gone = sa.delete(laboratory_sample).where(*(c[name] == sa.bindparam(f"k_{name}") for name in KEYS))
        connection.execute(gone, [{f"k_{name}": row[name] for name in KEYS} for row in replaced])
    if rows:
        connection.execute(sa.insert(laboratory_sample), [{**row, "version": version} for row in rows])


def history_key(key: Key) -> str:
    """Write a key for row_history, of at most 80 characters: point and day, and a digest of the rest."""
    point, day, *rest = key
    digest = hashlib.blake2b("\x1f".join(rest).encode(), digest_size=12).hexdigest()
    return f"{point}/{day:%Y-%m-%d}/{digest}"


def said_before(connection: sa.Connection, key: Key) -> list[Row]:
    """Give what replaced rows of a key said, the last one first."""
    c = row_history.c
    query = sa.select(c.row).where(c.table == laboratory_sample.name, c.key == history_key(key)).order_by(c.id.desc())
    return [_read(text) for text in connection.scalars(query)]


def _history(row: Row, now: dt.datetime) -> Row:
    told = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}
    return {
        "table": laboratory_sample.name, "key": history_key(key_of(row)), "version": row["version"],
        "row": json.dumps(told, ensure_ascii=False), "superseded_at": now,
    }  # fmt: skip


def _read(text: str) -> Row:
    row = json.loads(text)
    row["sampled_on"] = dt.date.fromisoformat(row["sampled_on"])
    for name in ("released_at", "received_at"):
        row[name] = dt.datetime.fromisoformat(row[name]) if row[name] else None
    return row


def _next_version(connection: sa.Connection, now: dt.datetime) -> int:
    newest = connection.scalar(sa.select(sa.func.max(laboratory_sample.c.version))) or 0
    return max(int((now - EPOCH) / dt.timedelta(milliseconds=1)), newest + 1)
