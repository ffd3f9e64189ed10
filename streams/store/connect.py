"""Open the store, at the schema that this version of the code expects."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from standards.addresses import settled
from standards.passwords import masked, well_formed
from streams.store import refusals
from streams.store.refusals import StoreDamaged, StoreError
from streams.store.schema import metadata
from streams.store.views import drop_views, make_views

__all__ = ["StoreDamaged", "StoreError", "begin_write", "ending_in_words", "is_current", "open_as_found", "open_store",
           "require_known_schema", "require_place", "upgrade"]  # fmt: skip
DEFAULT_STORE = ".airshed/store.sqlite"
BUSY_S = 30
"""How long a connection waits for another one's write lock [s]."""
LEAST_CONNECT_S = 2
"""The least that PostgreSQL's client can be told to wait for a server [s]."""
_LOG = logging.getLogger(__name__)
_VERSION = sa.text("select version_num from alembic_version where version_num = :version")
_UPGRADE_LOCK = 633_663_3095
"""The PostgreSQL advisory lock under which one process at a time upgrades."""
_PRAGMAS = (
    "synchronous=NORMAL",  # a killed process loses nothing; a power cut at most the last transactions, whole
    "temp_store=MEMORY",
    "cache_size=-65536",
    "wal_autocheckpoint=8000",
)
_OWN_WAY = "journal_mode=WAL"
"""Readers and the one writer do not wait for each other. The file keeps it, so who looks at a store as found leaves it out."""


def open_store(url: str | Path | None = None, *, create: bool = True, wait_s: float = BUSY_S,
               before_upgrade: Callable[[sa.Connection], None] | None = None) -> sa.Engine:  # fmt: skip
    """Open a store by database URL or by the path of an SQLite file; None is AIRSHED_STORE or .airshed/store.sqlite.

    create makes what is missing and upgrades the schema. Without it nothing is changed, and StoreError is raised where
    there is no store or its schema is not the one of this code. wait_s: how long a statement waits for another one's lock [s].
    before_upgrade: looks at a store of an older schema and raises where it is not to be touched.
    One that is damaged, somebody else's or shut is told in words (streams.store.refusals); so is damage that is met later.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        _require_file(address, create)
    return _opened(
        address, wait_s, lambda engine: upgrade(engine, before_upgrade) if create else _require_head(engine),
        *((_OWN_WAY,) if create else ()),
    )  # fmt: skip


def open_as_found(url: str | Path | None = None, *, wait_s: float = BUSY_S) -> sa.Engine | None:
    """Open a store as it is, also of an older schema, to look at it: nothing is made or changed. None where there is none.

    Raises StoreError, in words, for one that is damaged, somebody else's, shut, or of a schema that this code does not know.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        if not os.path.exists(address.database or ""):  # also where nothing can be: who makes the place says why
            return None
        _require_file(address, create=False)
    return _opened(address, wait_s, _require_known_schema)


def require_place(url: str | None, root: Path) -> None:
    """Raise StoreError where a store in SQLite would lie in a folder that is not there, outside a data directory (root)."""
    address = _address(url)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        refusals.require_folder(Path(address.database), root)


def _opened(address: sa.URL, wait_s: float, look: Callable[[sa.Engine], None], *pragmas: str) -> sa.Engine:
    engine = sa.create_engine(address, **_options(address, wait_s))
    refusals.translate(engine, named(engine))
    if address.get_backend_name() == "sqlite":
        _listen(engine, wait_s, pragmas)
    try:
        look(engine)
    except sa.exc.DBAPIError as error:
        engine.dispose()
        if told := refusals.shut(error, named(engine)):
            raise told from error
        raise
    except BaseException:
        engine.dispose()
        raise
    return engine


def named(engine: sa.Engine) -> str:
    """Give how a store is called in messages: its file, or its address without a password."""
    address = engine.url
    return (
        str(address.database)
        if address.get_backend_name() == "sqlite"
        else masked(address.render_as_string(hide_password=True))
    )


def ending_in_words(main: Callable[[], int]) -> Callable[[], int]:
    """Let a process that cannot use its store end with one line in its log, in words, and the exit code 1."""

    @functools.wraps(main)
    def run() -> int:
        try:
            return main()
        except StoreError as error:
            _LOG.error("the process ends: %s", error)
            return 1

    return run


@contextlib.contextmanager
def begin_write(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection in a transaction that will write; it commits at the end and rolls back on an error.

    SQLite takes its write lock at once: a transaction that first reads and then writes could be refused half way.
    """
    with engine.connect().execution_options(airshed_write=True) as connection, connection.begin():
        yield connection


def upgrade(engine: sa.Engine, before: Callable[[sa.Connection], None] | None = None) -> None:
    """Bring the schema to the newest version; several processes may try at once. before: as before_upgrade of open_store."""
    head = _head()
    with engine.connect() as connection:
        found = _revision_of_ours(connection)
        if found == head:
            return
        if found is not None and before is not None:
            require_known_schema(found)
            before(connection)
    with begin_write(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        config = _config()
        config.attributes["connection"] = connection
        require_known_schema(_revision_of_ours(connection))
        drop_views(connection)
        command.upgrade(config, "head")
        make_views(connection)
        _write_comments(connection)


def is_current(connection: sa.Connection) -> bool:
    """Tell whether a store that is open is (still) at the schema of this code: another release may upgrade it meanwhile."""
    return connection.scalar(_VERSION, {"version": _expected()}) is not None


def _revision_of_ours(connection: sa.Connection) -> str | None:
    """Give the version of a store's schema, None of an empty database; refuse what is no store or lacks a table."""
    found = MigrationContext.configure(connection).get_current_revision()
    ours = metadata.tables if found in (None, _head()) else ()  # of another version other tables are expected
    tables = sa.inspect(connection).get_table_names()
    alone = connection.dialect.name == "sqlite"
    refusals.require_ours(tables, ours, found, named(connection.engine), alone=alone)
    return found


def _write_comments(connection: sa.Connection) -> None:
    """Tell whoever looks into the database what the columns mean; SQLite has no place for it."""
    if connection.dialect.name == "postgresql":
        for table in metadata.tables.values():
            for column in table.c:
                if column.comment:
                    connection.execute(sa.schema.SetColumnComment(column))


def require_known_schema(found: str | None) -> None:
    """Raise StoreError where a schema's version is one that this program does not know; nothing for "" and None, which say none."""
    known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    if found and found not in known:
        raise StoreError(
            f"the store's schema is at version {found}, which this program does not know, expected one of {', '.join(known)}: "
            f"go on with the newer release that wrote it, or restore a backup of before; nothing in it was changed"
        )


def _address(url: str | Path | None) -> sa.URL:
    text = str(url) if url is not None else os.environ.get("AIRSHED_STORE", DEFAULT_STORE)
    address = sa.make_url(settled(well_formed(text)))
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"the store's URL is of kind {address.drivername!r}, expected sqlite or postgresql")
    return address


def _options(address: sa.URL, wait_s: float) -> dict[str, object]:
    if address.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": wait_s}}
    # Who waits as long as the writer does leaves it to the server how long that is.
    asked = {} if wait_s >= BUSY_S else {"connect_timeout": LEAST_CONNECT_S}
    return {"pool_pre_ping": True, "connect_args": {"options": _settings(address, wait_s), **asked}}


def _settings(address: sa.URL, wait_s: float) -> str:
    lock = "" if wait_s >= BUSY_S else f" -clock_timeout={int(wait_s * 1000)}"
    return f"{address.query.get('options', '')} -ctimezone=UTC{lock}".strip()


def _require_file(address: sa.URL, create: bool) -> None:
    path = address.database
    if not path or path == ":memory:":
        raise StoreError("the store is in memory, expected a file: several processes share it")
    if path.startswith("file:"):
        raise StoreError(f"the store's file is named by the URI {path}, where its path is wanted")
    refusals.require_readable(Path(path))
    if create:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    elif not Path(path).is_file():
        raise StoreError(f"there is no store at {path}, expected an SQLite file made by open_store(create=True)")


def _require_known_schema(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        require_known_schema(_revision_of_ours(connection))


def _require_head(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        found = _revision_of_ours(connection)
    if found != _head():
        if found is not None:
            require_known_schema(found)
        raise StoreError(f"the store's schema is at version {found}, expected {_head()}: open it once with create=True")


def _listen(engine: sa.Engine, wait_s: float, pragmas: Sequence[str]) -> None:
    """Leave transactions to SQLAlchemy alone: Python's SQLite driver would commit where it thinks fit."""

    @sa.event.listens_for(engine, "connect")
    def prepare(connection, _record) -> None:
        connection.isolation_level = None
        for pragma in (f"busy_timeout={int(wait_s * 1000)}", *pragmas, *_PRAGMAS):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get("airshed_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "streams.store:migrations")
    return config


@cache
def _expected() -> str | None:
    return _head()


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()
