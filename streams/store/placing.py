"""Fill a new store beside the one in use, and put it in its place at once; what was there is kept aside under a dated name."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from standards.whole_files import sync_folder
from streams.store import refusals
from streams.store.connect import open_store
from streams.store.refusals import BOOKKEEPING, StoreDamaged, StoreError
from streams.store.remaking import Old
from streams.store.schema import metadata
from streams.store.views import drop_views, make_views

_MORE = ("", *(f"_{n}" for n in range(2, 1000)))
"""Told behind a date that is taken already."""
SIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database."""
_READABLE = (sa.exc.SQLAlchemyError, StoreError)


@contextlib.contextmanager
def beside(url: str, now: dt.datetime) -> Iterator[tuple[sa.Engine, sa.Connection, Old | None, Callable[[], str]]]:
    """Give a new store beside that of a URL, a connection to it that reads the old one, the old one, and what puts it in place.

    The old one is None where there is none. What puts the new one in place gives the name under which
    the old one is kept, "" where there was none; without it, all that was made is removed again. now: names it (naive UTC).
    """
    give = _in_postgres if sa.make_url(url).get_backend_name() == "postgresql" else _in_sqlite
    with give(url, f"{now:%Y%m%dT%H%M%SZ}") as found:
        yield found


@contextlib.contextmanager
def _in_sqlite(url: str, stamp: str) -> Iterator[tuple]:
    path = Path(sa.make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    engine, alone = open_store(str(draft)), open_any(sa.URL.create("sqlite", database=str(draft)))
    refusals.translate(alone, str(path))
    connection = alone.connect().execution_options(isolation_level="AUTOCOMMIT")

    def place() -> str:
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            connection.exec_driver_sql("DETACH DATABASE old")
        _settle(connection, draft)
        connection.close()
        engine.dispose()
        aside = _put_aside(path, stamp)
        os.replace(draft, path)
        sync_folder(path.parent)
        return aside

    try:
        yield engine, connection, _attached(connection, path), place
    finally:
        connection.close()
        engine.dispose()
        for each in (draft, *(Path(f"{draft}{side}") for side in SIDE)):
            each.unlink(missing_ok=True)


def _settle(connection: sa.Connection, draft: Path) -> None:
    """Bring all of a new store into its one file, and to the disk."""
    if found := whats_wrong(connection):
        raise StoreDamaged(f"the new store did not come out whole: {found[0]}")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(draft, "rb") as file:
        os.fsync(file.fileno())


def whats_wrong(connection: sa.Connection, most: int = 10) -> list[str]:
    """Let SQLite look at each page, index and bond between tables; give what it finds, empty where all is well. PostgreSQL: empty.

    Source: SQLite, PRAGMA integrity_check and foreign_key_check.
    """
    if connection.dialect.name != "sqlite":
        return []
    found = [text for (text,) in connection.exec_driver_sql(f"PRAGMA integrity_check({int(most)})")]
    bonds = connection.exec_driver_sql("PRAGMA foreign_key_check").all()[:most]  # an open question would lock the table
    return [text for text in found if text != "ok"] + [
        f"table {row[0]}: row {row[1]} names none of {row[2]}" for row in bonds
    ]


def _attached(connection: sa.Connection, path: Path) -> Old | None:
    if not path.is_file() or not path.stat().st_size:
        return None
    try:
        connection.exec_driver_sql("ATTACH DATABASE ? AS old", (str(path),))
        columns: dict[str, tuple[str, ...]] = {}
        for name in metadata.tables:
            found = connection.exec_driver_sql(f'PRAGMA old.table_info("{name}")').all()
            if found:
                columns[name] = tuple(row[1] for row in found)
        version = connection.exec_driver_sql(f"SELECT version_num FROM old.{BOOKKEEPING}").scalar()
    except _READABLE:
        return Old("old.", {})
    _require_not_newer(version, connection)
    return Old("old.", columns)


def _require_not_newer(version: str | None, connection: sa.Connection) -> None:
    ours = MigrationContext.configure(connection).get_current_revision()
    if version is not None and ours is not None and version > ours:
        raise StoreError(
            f"the store's schema is at version {version}, which this program does not know, expected one of {ours}: "
            f"go on with the newer release that wrote it, or restore a backup of before; nothing in it was changed"
        )


def _put_aside(path: Path, stamp: str) -> str:
    """Give a file a second, dated name, with what belongs to it; nothing is missing in its place until the new one takes it."""
    if not path.exists():
        return ""
    names = (path.with_name(f"{path.name}.before-{stamp}{more}") for more in _MORE)
    aside = next(name for name in names if not name.exists())
    for side in ("", *SIDE[:1]):
        if Path(f"{path}{side}").exists():
            os.link(f"{path}{side}", f"{aside}{side}")
    sync_folder(path.parent)
    for side in SIDE:  # a log ahead of the old file must not be taken for one of the new
        Path(f"{path}{side}").unlink(missing_ok=True)
    return str(aside)


@contextlib.contextmanager
def _in_postgres(url: str, stamp: str) -> Iterator[tuple]:
    address, draft = sa.make_url(url), f"airshed_new_{uuid.uuid4().hex[:8]}"
    plain = open_any(address)
    with plain.connect() as connection:
        home = connection.scalar(sa.text("select current_schema()"))
        known = sa.inspect(connection).get_table_names()
        columns = {
            n: tuple(c["name"] for c in sa.inspect(connection).get_columns(n)) for n in metadata.tables if n in known
        }
        version = connection.scalar(sa.text(f"select version_num from {BOOKKEEPING}")) if BOOKKEEPING in known else None
    with plain.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {draft}")
    asked = f"{address.query.get('options', '')} -csearch_path={draft}".strip()
    engine = None
    try:
        engine = open_store(address.update_query_dict({"options": asked}).render_as_string(hide_password=False))
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        _require_not_newer(version, connection)

        def place() -> str:
            connection.close()
            engine.dispose()
            return _change_places(plain, home, draft, f"airshed_before_{stamp.lower()}", known)

        yield engine, connection, Old(f'"{home}".', columns) if columns else None, place
    finally:
        if engine is not None:
            connection.close()
            engine.dispose()
        with plain.begin() as left:
            left.exec_driver_sql(f"DROP SCHEMA IF EXISTS {draft} CASCADE")
        plain.dispose()


def open_any(address: sa.URL) -> sa.Engine:
    """Give an engine for a database whatever it holds, by which nothing of it is changed."""
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    return sa.create_engine(address, poolclass=sa.pool.NullPool)


def _change_places(plain: sa.Engine, home: str, draft: str, aside: str, known: list[str]) -> str:
    ours = [*metadata.tables, BOOKKEEPING]
    there = [name for name in ours if name in known]
    with plain.begin() as connection:
        drop_views(connection)
        if there:
            taken = set(sa.inspect(connection).get_schema_names())
            aside = next(f"{aside}{more}" for more in _MORE if f"{aside}{more}" not in taken)
            connection.exec_driver_sql(f"CREATE SCHEMA {aside}")
            _move(connection, there, home, aside)
        connection.exec_driver_sql(f"SET LOCAL search_path TO {draft}")
        drop_views(connection)
        _move(connection, ours, draft, home)
        connection.exec_driver_sql(f'SET LOCAL search_path TO "{home}"')
        make_views(connection)
    return aside if there else ""


def _move(connection: sa.Connection, tables: list[str], source: str, target: str) -> None:
    """Move tables, with their indexes and numbers, and the functions of their triggers into another schema."""
    for name in tables:
        connection.exec_driver_sql(f'ALTER TABLE "{source}"."{name}" SET SCHEMA "{target}"')
    query = sa.text(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
        "where n.nspname = :schema and p.proname = any(:names)"
    )
    names = [f"keep_{name}" for name in tables]
    for name in connection.scalars(query, {"schema": source, "names": names}).all():
        connection.exec_driver_sql(f'ALTER FUNCTION "{source}"."{name}"() SET SCHEMA "{target}"')
