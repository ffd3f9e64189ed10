"""The one place that opens the database of the office: an SQLite file of its own, or tables beside a store in PostgreSQL."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from dashboards.office import schema
from dashboards.office.errors import OfficeError
from standards.addresses import settled, sqlite_url
from standards.passwords import well_formed
from streams.store import refusals
from streams.store.connect import named
from streams.store.schema import metadata

if TYPE_CHECKING:
    from dashboards.context import Context

OFFICE = "AIRSHED_OFFICE"
"""The environment's name for the URL of an office that is elsewhere."""
FOLDER, FILE = "office", "office.db"
BUSY_S = 30
"""How long a writer waits for another one [s]."""
_LOCK = 633_663_3096
"""The PostgreSQL advisory lock that writers take in turn."""
_WRITES = "office_write"
MEND = "stop the platform, then restore a backup (airshed restore), for what people made cannot be made anew"
_OPENING = threading.Lock()
_LOG = logging.getLogger(__name__)
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # nobody can bring these rows again: not even a power cut may take the last one
    "foreign_keys=ON",
    "recursive_triggers=ON",  # REPLACE deletes, and its deletions are refused too
    f"busy_timeout={BUSY_S * 1000}",
)


def office_url(folder: Path | None, store: str = "", asked: str | None = None) -> str:
    """Give where the office is: as asked, as AIRSHED_OFFICE says, in the database of a PostgreSQL store, else in the folder.

    folder: the portal's own. Gives "" where there is no place: then there is no office. A path is a file of SQLite.
    """
    url = asked or os.environ.get(OFFICE) or (store if store.startswith("postgres") else "")
    if url:
        return settled(well_formed(url))
    return sqlite_url(folder.absolute() / FOLDER / FILE) if folder else ""


def open_office(url: str, folder: Path | None = None) -> sa.Engine:
    """Open the office, make what is missing, and bring older tables to the present version.

    folder: the portal's own, below which alone folders are made; None: wherever the office is to lie.
    Raises OfficeError where the URL is of another kind, the tables are newer than this program, or a file is damaged,
    somebody else's or shut; what is found damaged later raises StoreDamaged.
    """
    try:
        return _opened(_address(url), folder)
    except refusals.StoreError as error:
        raise OfficeError(str(error)) from error


def _opened(address: sa.URL, folder: Path | None) -> sa.Engine:
    if address.get_backend_name() == "sqlite":
        refusals.require_readable(Path(address.database or ""), MEND, mark=schema.version.name, kin=_of_the_store)
        _private(Path(address.database or ""), folder)
        engine = sa.create_engine(address, connect_args={"timeout": BUSY_S})
        _listen(engine)
    else:
        engine = sa.create_engine(address, pool_pre_ping=True)
    refusals.translate(engine, named(engine), MEND)
    try:
        upgrade(engine)
    except sa.exc.DBAPIError as error:
        engine.dispose()
        if told := refusals.shut(error, named(engine)):
            raise told from error
        raise
    except BaseException:
        engine.dispose()
        raise
    return engine


def engine_of(context: Context) -> sa.Engine | None:
    """Give the office of a portal, opened at the first call; None where it has no place for one."""
    url = context.office or office_url(context.folder)
    if not url:
        return None
    with _OPENING:
        if context.office_engine is None:
            context.office_engine = open_office(url, context.folder)
    return context.office_engine


@contextlib.contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection in a transaction that writes; it commits at the end and rolls back on an error.

    Writers queue, in both databases: what is read in it stays true until it ends.
    """
    done: list[Callable[[], None]] = []
    with engine.connect().execution_options(**{_WRITES: done}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield connection
    for each in done:
        each()


def once_done(connection: sa.Connection, what: Callable[[], None]) -> None:
    """Do something once the transaction of a connection has come to its end; where it fails it is not done."""
    connection.get_execution_options()[_WRITES].append(what)


def mark_changed(connection: sa.Connection, part: str) -> None:
    """Note that what public pages show of a part has changed: they are drawn again, as for new data."""
    state = schema.state
    found = connection.scalar(sa.select(state.c.changes).where(state.c.part == part))
    if found is None:
        connection.execute(sa.insert(state).values(part=part, changes=1))
    else:
        connection.execute(sa.update(state).where(state.c.part == part).values(changes=found + 1))


def state_of(context: Context) -> str:
    """Name the state of what public pages show of the office, "" where there is none or it cannot be read.

    Looks only: a portal whose office nobody has opened gets none by it.
    """
    url = context.office or office_url(context.folder)
    if not url or (context.office_engine is None and url.startswith("sqlite") and not _is_there(url)):
        return ""
    try:
        engine = engine_of(context)
        with engine.connect() as connection:
            rows = connection.execute(sa.select(schema.state).order_by(schema.state.c.part)).all()
    except (sa.exc.SQLAlchemyError, OfficeError, OSError) as error:
        _LOG.warning("the office cannot be read: %s", error)
        return ""
    return " ".join(f"{part}:{changes}" for part, changes in rows)


def writes(connection: sa.Connection) -> bool:
    """Tell whether a connection was given by transaction."""
    return _WRITES in connection.get_execution_options()


def upgrade(engine: sa.Engine) -> None:
    """Bring all parts to the version of this program; several processes may try at once."""
    parts = schema.parts()
    with transaction(engine) as connection:
        _require_office(connection)
        for table in (schema.version, schema.state):
            table.create(connection, checkfirst=True)
        found = dict(connection.execute(sa.select(schema.version.c.part, schema.version.c.version)).all())
        for part in parts:
            _bring(connection, part, found.get(part.name))


def _of_the_store(table: str) -> bool:
    return table in metadata.tables


def _require_office(connection: sa.Connection) -> None:
    """Refuse a file that is of another program, or that lacks a table of a part that it says it has."""
    if connection.dialect.name != "sqlite":  # there the office shares a database
        return
    tables, where = sa.inspect(connection).get_table_names(), named(connection.engine)
    if schema.version.name not in tables:
        refusals.require_ours(tables, (), None, where, alone=True, mend=MEND, kin=_of_the_store)
        return
    found = dict(connection.execute(sa.select(schema.version.c.part, schema.version.c.version)).all())
    ours = [table.name for part in schema.parts() if found.get(part.name) == part.version for table in part.tables]
    refusals.require_ours(tables, ours, "office", where, alone=True, mend=MEND)


def _bring(connection: sa.Connection, part: schema.Part, found: int | None) -> None:
    if found == part.version:
        return
    if found is None:
        schema.metadata.create_all(connection, tables=list(part.tables), checkfirst=False)
        connection.execute(sa.insert(schema.version).values(part=part.name, version=part.version))
        return
    if found > part.version:
        raise OfficeError(
            f"the office's {part.name} are at version {found}, this program knows {part.version}: "
            f"use the newer program, or a copy of the office from before it"
        )
    for step in part.steps[found - 1 :]:
        step(connection)
    this = sa.update(schema.version).where(schema.version.c.part == part.name)
    connection.execute(this.values(version=part.version))


def _address(url: str) -> sa.URL:
    address = sa.make_url(settled(well_formed(url)))
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise OfficeError(f"the office's URL is of kind {address.drivername!r}, expected sqlite or postgresql")
    return address


def _is_there(url: str) -> bool:
    return Path(sa.make_url(url).database or "").is_file()


def _private(path: Path, folder: Path | None) -> None:
    """Make the folder and the file for their owner alone; SQLite gives its side files the rights of the file."""
    if path.name in ("", ":memory:"):
        raise OfficeError("the office is in memory, expected a file: what people made must outlive the program")
    refusals.require_folder(path, folder, OFFICE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _listen(engine: sa.Engine) -> None:
    """Leave transactions to SQLAlchemy alone: Python's SQLite driver would commit where it thinks fit."""

    @sa.event.listens_for(engine, "connect")
    def prepare(connection, _record) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes(connection) else "BEGIN")
