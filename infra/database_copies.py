"""Copies of databases as they are at one moment, while others go on writing: SQLite as a file, PostgreSQL as COPY of each table."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from dashboards.office import office_tables, schema
from infra.backed_up import BackupError
from infra.messages import say
from streams.store.absence import kind_of
from streams.store.placing import open_any
from streams.store.refusals import BOOKKEEPING
from streams.store.schema import metadata

WAIT_S = 60.0
SECRETS = (office_tables.session, office_tables.used_form, office_tables.attempt)
"""What lets somebody in, or is of a moment: no backup holds it, so after a restore everybody signs in again."""


def copy_sqlite(source: Path, target: Path, *, without: Sequence[str] = ()) -> None:
    """Copy a database of SQLite (its backup interface) and leave out the rows of some tables, also from what is free in the file.

    Errors: BackupError where the source is damaged: a copy of it would be no backup. OSError, with the target's path, where that
    has no room. sqlite3.DatabaseError for what else keeps the source shut.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=WAIT_S)) as there,
            contextlib.closing(sqlite3.connect(target, isolation_level=None)) as here,
        ):
            there.execute("PRAGMA query_only=ON")
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE").fetchall()
            known = {name for (name,) in here.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for table in known.intersection(without):
                here.execute(f'DELETE FROM "{table}"')
            if without:
                here.execute("VACUUM")
            found = [text for (text,) in here.execute("PRAGMA quick_check(3)")]
    except sqlite3.DatabaseError as error:
        kind = kind_of(error)
        if kind == "full":  # the source is only read
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
        if kind not in (None, "damaged"):
            raise
        raise BackupError(say("backup_of_damaged", file=source, error=error)) from error
    if found != ["ok"]:
        raise BackupError(say("backup_of_damaged", file=source, error=found[0]))
    os.chmod(target, source.stat().st_mode & 0o777)
    with open(target, "rb") as file:
        os.fsync(file.fileno())


def schema_of_sqlite(path: Path) -> str:
    """Give the version of a store's schema, "" where it says none."""
    with contextlib.closing(sqlite3.connect(path)) as connection, contextlib.suppress(sqlite3.DatabaseError):
        return str(connection.execute(f"SELECT version_num FROM {BOOKKEEPING}").fetchone()[0])
    return ""


def copy_postgres(url: str, folder: Path) -> tuple[str, dict[str, list[str]]]:
    """Write each table of the store and of the office into a folder, all as at one moment; give schema and columns."""
    folder.mkdir(parents=True, exist_ok=True)
    engine, columns = open_any(sa.make_url(url)), {}
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            known = set(sa.inspect(connection).get_table_names())
            version = (
                connection.scalar(sa.text(f"select version_num from {BOOKKEEPING}")) if BOOKKEEPING in known else ""
            )
            driver = connection.connection.driver_connection
            for name in _tables(known):
                columns[name] = [column["name"] for column in sa.inspect(connection).get_columns(name)]
                with open(folder / f"{name}.copy", "wb") as file, driver.cursor() as cursor:
                    with cursor.copy(f'COPY "{name}" ({_listed(columns[name])}) TO STDOUT') as rows:
                        for part in rows:
                            file.write(part)
                    file.flush()
                    os.fsync(file.fileno())
        return version, columns
    finally:
        engine.dispose()


def office_versions(folder: Path) -> dict[str, str] | None:
    """Give the versions of the office's parts of which copies in a folder are; None where no office is among them."""
    path = folder / f"{schema.version.name}.copy"
    return dict(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()) if path.is_file() else None


def fill_postgres(engine: sa.Engine, folder: Path, columns: dict[str, list[str]]) -> None:
    """Bring tables that were just made back from a folder, all or none; what they were made with goes."""
    schema.parts()
    names = [n for n in (*metadata.tables, *(t.name for t in schema.metadata.sorted_tables)) if n in columns]
    with engine.begin() as connection:
        driver = connection.connection.driver_connection
        for name in reversed(names):
            connection.exec_driver_sql(f'DELETE FROM "{name}"')
        for name in names:
            with (
                driver.cursor() as cursor,
                open(folder / f"{name}.copy", "rb") as file,
                cursor.copy(f'COPY "{name}" ({_listed(columns[name])}) FROM STDIN') as rows,
            ):
                while part := file.read(1 << 20):
                    rows.write(part)
        for table in (*metadata.tables.values(), *schema.metadata.sorted_tables):
            number = table.autoincrement_column
            if number is not None and table.name in columns and number.autoincrement is not False:
                ask = f"pg_get_serial_sequence('{table.name}', '{number.name}')"
                last = f'(SELECT coalesce(max("{number.name}"), 0) + 1 FROM "{table.name}")'
                connection.exec_driver_sql(f"SELECT setval({ask}, {last}, false) WHERE {ask} IS NOT NULL")


def _tables(known: set[str]) -> list[str]:
    schema.parts()
    left_out = {table.name for table in SECRETS}
    return [
        name for name in (*metadata.tables, *sorted(schema.metadata.tables)) if name in known and name not in left_out
    ]


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
