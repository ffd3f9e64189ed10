"""The way back from a row: the file that brought it, and what it said before a revision or a correction replaced it.

The database itself keeps them, by a trigger: whoever replaces a row, and however, the old row is written to row_history
in the same transaction. What is new, which is all that a replay brings, does not pay for it (see upserts).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from streams.store.moments import as_stored
from streams.store.schema import CORRECTED, metadata, row_history, source_file

Row = dict[str, Any]
Moment = dt.datetime | dt.date
FILE_REACH = dt.timedelta(days=400)
"""Most files hold at most a year: only where none of these holds an hour are longer ones looked for."""

_SQLITE = """
CREATE TRIGGER keep_{table} BEFORE UPDATE ON {table}
WHEN {replaced}
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
WHEN ({replaced}) EXECUTE FUNCTION keep_{table}();
"""
_DROP = {
    "sqlite": "DROP TRIGGER IF EXISTS keep_{table}",
    "postgresql": "DROP TRIGGER IF EXISTS keep_{table} ON {table}",
}


def keep_history(connection: sa.Connection, table: str) -> None:
    """Make the database keep the replaced rows of a table (again, where its columns have changed); for migrations."""
    inspector, dialect = sa.inspect(connection), connection.dialect.name
    place, time, *more = inspector.get_pk_constraint(table)["constrained_columns"]
    columns = [column["name"] for column in inspector.get_columns(table)]
    pairs = ", ".join(f"'{name}', OLD.{name}" for name in columns)
    body = _SQLITE if dialect == "sqlite" else _POSTGRES
    unlike = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    told = ("status", "revision", *CORRECTED.get(table, ()))
    replaced = " OR ".join(f"OLD.{name} {unlike} NEW.{name}" for name in told)
    drop_keeping(connection, table)
    key = _key(dialect, place, time, more)
    connection.exec_driver_sql(body.format(table=table, key=key, pairs=pairs, replaced=replaced))


def drop_keeping(connection: sa.Connection, table: str) -> None:
    """Stop keeping the replaced rows of a table, whose columns are about to change; for migrations."""
    connection.exec_driver_sql(_DROP[connection.dialect.name].format(table=table))


def superseded(engine: sa.Engine, table: str, place: str, moment: Moment) -> list[Row]:
    """Give the replaced versions of one row, oldest first, each with superseded_at (UTC); empty where there are none.

    place is a station or city; moment is the hour end (UTC) or the day. Of a table with further keys those of all its rows there.
    """
    with engine.connect() as connection:
        return superseded_rows(connection, table, [(place, moment)]).get((place, moment), [])


def superseded_rows(
    connection: sa.Connection, table: str, rows: Iterable[tuple[str, Moment]]
) -> dict[tuple[str, Moment], list[Row]]:
    """Give the replaced versions of several rows of a table, by place and moment, as superseded; without those that have none."""
    wanted = {_row_key(place, moment): (place, moment) for place, moment in rows}
    if not wanted:
        return {}
    c = row_history.c
    if len(metadata.tables[table].primary_key) > 2:
        there = sa.or_(sa.false(), *(c.key.startswith(f"{key}/", autoescape=True) for key in wanted))
    else:
        there = c.key.in_(wanted)
    query = sa.select(c.key, c.row, c.superseded_at).where(c.table == table, there).order_by(c.id)
    found: dict[tuple[str, Moment], list[Row]] = {}
    for key, row, at in connection.execute(query):
        found.setdefault(wanted["/".join(key.split("/")[:2])], []).append({**json.loads(row), "superseded_at": at})
    return found


def source_files(connection: sa.Connection, source: str, hour: dt.datetime, count: int = 3) -> list[Row]:
    """Give the files of a feed whose hours reach over an hour, the one received last first; empty where none is known.

    A file does not tell which stations it has, so that each of these may have brought a row of the hour, and none must have.
    """
    c, hour = source_file.c, as_stored(hour)
    within = sa.select(source_file).where(c.source == source, c.first_hour <= hour)
    for reach in (c.last_hour.between(hour, hour + FILE_REACH), c.last_hour >= hour):
        query = within.where(reach).order_by(c.received_at.desc(), c.file).limit(count)
        if rows := connection.execute(query).mappings().all():
            return [dict(row) for row in rows]
    return []


def files_named(connection: sa.Connection, digests: Iterable[str | None]) -> dict[str, Row]:
    """Give the file that a row's file_digest stands for, by file_digest; of one that came under several names the first to come.

    Missing: what is no known file's is left out.
    """
    c, found = source_file.c, {}
    for digest in sorted({each for each in digests if each}):
        query = sa.select(source_file).where(c.digest >= digest, c.digest < digest + "g")  # the key leads there
        row = connection.execute(query.order_by(c.received_at, c.file).limit(1)).mappings().first()
        if row:
            found[digest] = dict(row)
    return found


def _row_key(place: str, moment: Moment) -> str:
    if isinstance(moment, dt.datetime):
        return f"{place}/{as_stored(moment):%Y-%m-%dT%HZ}"
    return f"{place}/{moment:%Y-%m-%d}"


def _key(dialect: str, place: str, time: str, more: Iterable[str]) -> str:
    """Write the expression of a row's key, for instance 1431A/2023-01-19T12Z, 510100/2023-01-19 or S1/2023-01-19T12Z/24/ion."""
    if time == "day":
        text = f"OLD.{time}" if dialect == "sqlite" else f"OLD.{time}::text"
    elif dialect == "sqlite":
        text = f"replace(substr(OLD.{time}, 1, 13), ' ', 'T') || 'Z'"
    else:
        text = f"""to_char(OLD.{time}, 'YYYY-MM-DD"T"HH24"Z"')"""
    return " || '/' || ".join((f"OLD.{place}", text, *(f"OLD.{name}" for name in more)))
