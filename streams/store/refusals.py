"""What is wrong with a store that cannot be used, in words, with what to do: damaged, somebody else's, shut, or of another release.

Every door opens a store by streams.store.connect and so asks here: before the first statement, and whenever one fails.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import struct
from collections.abc import Callable, Collection
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from standards.errors import AirshedError

MAGIC = b"SQLite format 3\0"
"""How a database begins. Source: SQLite, Database File Format, 1.3.1."""
HEADER_BYTES = 100
WRITERS, IN_WAL = 18, 2
"""Where the header says how the file is written, and that it is with a log ahead, as all of ours are (1.3.3)."""
BOOKKEEPING = "alembic_version"
OFFICE = "office_"
"""With this begin the names of the office's tables, which may lie in the store's database."""
SOME = 3
"""So many tables are named."""
NAMED_BY = "--store, AIRSHED_STORE"
"""By what a person chooses the place of a store."""
MEND = "stop the platform, then restore a backup (airshed restore) or make the store anew (airshed rebuild)"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKED = "is locked by another program: close what has it open (a browser of databases, a copy that is being made)"
_SHUT = {
    sqlite3.SQLITE_BUSY: _LOCKED, sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: "may only be read: give the user of the platform the right to write the file and its folder",
    sqlite3.SQLITE_PERM: "may not be opened: give the user of the platform the right to read and write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it must be a file in a folder that the user of the platform may write",
    sqlite3.SQLITE_FULL: "takes nothing more, the disk is full: make room on it",
    sqlite3.SQLITE_IOERR: "cannot be read from the disk: look at the system's log for faults of the disk",
}  # fmt: skip
"""By primary result code (SQLite, Result and Error Codes) what keeps a store shut, with the remedy."""
_CORRUPT_SERVER = ("XX001", "XX002")
"""data_corrupted and index_corrupted (PostgreSQL, Appendix A)."""


class StoreError(AirshedError, ValueError):
    """A store cannot be opened or asked; the message says what was found and what was expected."""


class StoreDamaged(StoreError, sa.exc.SQLAlchemyError):
    """What is stored cannot be read as it was written; the message names the store, what is wrong, and the remedy."""


def of_the_office(table: str) -> bool:
    """Tell whether a table is one of the office's."""
    return table.startswith(OFFICE)


def require_readable(
    path: Path, mend: str = MEND, *, mark: str = BOOKKEEPING, kin: Callable[[str], bool] = of_the_office
) -> None:
    """Look at an SQLite file and change nothing; an empty or absent one is no fault.

    mend: what a message advises. mark: the table by which one of ours is known. kin: tells which tables may lie beside.

    Errors: StoreDamaged where it is no SQLite database or was cut short, StoreError where it is no file or may not be read.
    """
    if path.is_dir():
        raise StoreError(f"the database {path} is a folder: name a file, or move the folder away")
    try:
        with open(path, "rb") as file:
            head, size = file.read(HEADER_BYTES), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise StoreError(f"the database {path} {_SHUT[sqlite3.SQLITE_PERM]}") from error
    if head and not head.startswith(MAGIC):
        raise StoreDamaged(f"the database {path} is no SQLite database: {mend}")
    expected = _written_bytes(head)
    if size < expected and not _has_content(Path(f"{path}-wal")):
        raise StoreDamaged(f"the database {path} is cut short, {size} of {expected} bytes are there: {mend}")
    if head and head[WRITERS] != IN_WAL:
        _require_mark(path, mark, mend, kin)


def require_folder(path: Path, root: Path | None, named_by: str = NAMED_BY) -> None:
    """Raise StoreError where a database would lie in a folder that is not there: below the data directory (root) alone one is made.

    A slip of the pen in an address would else be a folder anywhere, with an empty store in it. root None: nothing is asked.
    named_by: what a person chose the place by.
    """
    folder = Path(os.path.abspath(path)).parent
    if root is not None and not (folder.is_relative_to(os.path.abspath(root)) or os.path.isdir(folder)):
        raise StoreError(
            f"there is no folder {folder} for the database {path.name}: make it (mkdir -p) or choose another place ({named_by}); "
            f"outside the data directory none is made"
        )


def _require_mark(path: Path, mark: str, mend: str, kin: Callable[[str], bool]) -> None:
    """Refuse a database without the mark: merely to open it as ours would change how it is written from then on."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    except sqlite3.Error as error:
        if found := damage(error, str(path), mend):
            raise found from error
        return  # what else keeps it shut is told when it is opened
    if mark not in tables:
        require_ours(tables, (), None, str(path), alone=True, kin=kin)


def require_ours(
    tables: Collection[str], ours: Collection[str], revision: str | None, where: str, *, alone: bool, mend: str = MEND,
    kin: Callable[[str], bool] = of_the_office,
) -> None:  # fmt: skip
    """Tell by the names of its tables whether a database is a store, whole, or empty.

    revision: its schema's, None where it says none. alone: a database of the store's own, in which nobody else has a table but
    those of which kin is true.
    Errors: StoreError for somebody else's, StoreDamaged where tables are missing.
    """
    if revision is not None:
        missing = sorted(set(ours) - set(tables))
        if missing:
            raise StoreDamaged(f"the database {where} lacks {_named(missing)}: {mend}")
        return
    others = (name for name in tables if name != BOOKKEEPING and not kin(name))
    foreign = sorted(others if alone else set(tables) & set(ours))
    if foreign:
        raise StoreError(
            f"the database {where} is of another program, it holds {_named(foreign)}: name another one, nothing in it was changed"
        )


def translate(engine: sa.Engine, where: str, mend: str = MEND) -> None:
    """Let every statement that meets damage raise StoreDamaged, in words, in place of the driver's error."""

    @sa.event.listens_for(engine, "handle_error")
    def told(context: sa.engine.ExceptionContext) -> None:
        if found := damage(context.original_exception, where, mend):
            raise found from context.original_exception


def damage(error: BaseException, where: str, mend: str = MEND) -> StoreDamaged | None:
    """Give a driver's error that tells of damage in words; None for any other."""
    if isinstance(error, sqlite3.Error) and primary(error) in _DAMAGED:
        return StoreDamaged(f"the database {where} is damaged ({error}): {mend}")
    if getattr(error, "sqlstate", None) in _CORRUPT_SERVER:
        return StoreDamaged(f"PostgreSQL finds its files damaged ({first_line(error)}): {mend}")
    return None


def shut(error: sa.exc.DBAPIError, where: str) -> StoreError | None:
    """Give why a store in SQLite does not open, in words; None where these are not known."""
    if not isinstance(error.orig, sqlite3.Error):
        return None
    words = _SHUT.get(primary(error.orig))
    return StoreError(f"the database {where} {words}") if words else None


def _written_bytes(head: bytes) -> int:
    """Give how long the header says the file is; 0 where it does not say.

    Source: SQLite, Database File Format, 1.3: the size counts only where the change counter is that of the last writer.
    """
    if len(head) < HEADER_BYTES:
        return len(head) and HEADER_BYTES
    (page,), (pages,) = struct.unpack(">H", head[16:18]), struct.unpack(">I", head[28:32])
    return (65_536 if page == 1 else page) * pages if head[24:28] == head[92:96] else 0


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def primary(error: sqlite3.Error) -> int:
    """Give the primary result code of SQLite's error, 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _named(tables: Collection[str]) -> str:
    named = ", ".join(sorted(tables)[:SOME])
    return (
        f"table {named}" if len(tables) == 1 else f"{len(tables)} tables ({named}{', …' if len(tables) > SOME else ''})"
    )


def first_line(error: BaseException) -> str:
    """Give the first line of what an error says; of one that says nothing its kind."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
