"""Superseded results: what a row said before a revision replaced it.

The database itself keeps them, by a trigger: whoever replaces a row, and however, the old row is written to row_history
in the same transaction. What is new, which is all that a replay brings, does not pay for it (see upserts).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa

from streams.store.schema import row_history

_SQLITE = """
CREATE TRIGGER keep_{table} BEFORE UPDATE ON {table}
WHEN OLD.status <> NEW.status OR OLD.revision <> NEW.revision
BEGIN
  INSERT INTO row_history ("table", "key", version, "row", superseded_at)
  SELECT '{table}', {key}, OLD.version, json_object({pairs}), strftime('%Y-%m-%d %H:%M:%f000', 'now')
  WHERE NOT EXISTS (SELECT 1 FROM row_history WHERE "table" = '{table}' AND "key" = {key} AND version = OLD.version);
END
"""
_POSTGRES = """
CREATE OR REPLACE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO row_history ("table", "key", version, "row", superseded_at)
  VALUES ('{table}', {key}, OLD.version, to_jsonb(OLD)::text, timezone('utc', clock_timestamp()))
  ON CONFLICT DO NOTHING;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_{table} BEFORE UPDATE ON {table} FOR EACH ROW
WHEN (OLD.status <> NEW.status OR OLD.revision <> NEW.revision) EXECUTE FUNCTION keep_{table}();
"""
_DROP = {
    "sqlite": "DROP TRIGGER IF EXISTS keep_{table}",
    "postgresql": "DROP TRIGGER IF EXISTS keep_{table} ON {table}",
}


def keep_history(connection: sa.Connection, table: str) -> None:
    """Make the database keep the replaced rows of a table (again, where its columns have changed); for migrations."""
    inspector, dialect = sa.inspect(connection), connection.dialect.name
    place, time = inspector.get_pk_constraint(table)["constrained_columns"]
    columns = [column["name"] for column in inspector.get_columns(table)]
    pairs = ", ".join(f"'{name}', OLD.{name}" for name in columns)
    body = _SQLITE if dialect == "sqlite" else _POSTGRES
    connection.exec_driver_sql(_DROP[dialect].format(table=table))
    connection.exec_driver_sql(body.format(table=table, key=_key(dialect, place, time), pairs=pairs))


def superseded(engine: sa.Engine, table: str, place: str, moment: dt.datetime | dt.date) -> list[dict[str, Any]]:
    """Give the replaced versions of one row, oldest first, each with superseded_at (UTC); empty where there are none.

    place is a station or city; moment is the hour end (UTC) or the day.
    """
    key = f"{place}/{moment:%Y-%m-%dT%HZ}" if isinstance(moment, dt.datetime) else f"{place}/{moment:%Y-%m-%d}"
    query = (
        sa.select(row_history.c.row, row_history.c.superseded_at)
        .where(row_history.c.table == table, row_history.c.key == key)
        .order_by(row_history.c.id)
    )
    with engine.connect() as connection:
        return [{**json.loads(row), "superseded_at": at} for row, at in connection.execute(query)]


def _key(dialect: str, place: str, time: str) -> str:
    """Write the expression of a row's key, for instance 1431A/2023-01-19T12Z or 510100/2023-01-19."""
    if time == "day":
        text = f"OLD.{time}" if dialect == "sqlite" else f"OLD.{time}::text"
    elif dialect == "sqlite":
        text = f"replace(substr(OLD.{time}, 1, 13), ' ', 'T') || 'Z'"
    else:
        text = f"""to_char(OLD.{time}, 'YYYY-MM-DD"T"HH24"Z"')"""
    return f"OLD.{place} || '/' || {text}"
