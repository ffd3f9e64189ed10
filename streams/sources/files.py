"""What stands for a file: the files that make it, its name for people, and a digest of what it holds.

An inventory lies in a folder, as `inventory.csv` with `meta.toml` and `profiles/monthly.csv`, `weekly.csv` and `hourly.csv`
beside it, of which only the first has to be there. These files, and no others of the folder, are one.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Set
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from standards.shown import harmless
from standards.whole_files import sha256_of

INVENTORY, META, PROFILES = "inventory.csv", "meta.toml", "profiles"
PROFILE_KINDS = ("monthly", "weekly", "hourly")
BESIDE_INVENTORY = (META, *(f"{PROFILES}/{kind}.csv" for kind in PROFILE_KINDS))
"""Where the other parts of an inventory lie, below its folder."""
Identity = tuple[int, int]
"""Device and number of a file, which no other file has while it is there."""
_ONLY: ContextVar[Set[Identity] | None] = ContextVar("only", default=None)


def opened(path: str | Path) -> BinaryIO:
    """Open a regular file to be read; every feed's text comes in by this door.

    What is no regular file is not waited for, whatever the name has come to mean since somebody looked at it. Errors: OSError.
    """
    file, only = opened_at_once(path), _ONLY.get()
    found = os.fstat(file.fileno())
    if only is not None and (found.st_dev, found.st_ino) not in only:
        file.close()
        raise OSError(errno.ESTALE, "another file has taken its place", os.fspath(path))
    return file


def opened_at_once(path: str | Path, *, by_link: bool = True) -> BinaryIO:
    """Open a regular file; nothing else is waited for. Errors: OSError, also for a link unless by_link."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if by_link else os.O_NOFOLLOW)
    handle = os.open(path, flags)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))


@contextlib.contextmanager
def only(files: Set[Identity]) -> Iterator[None]:
    """Let `opened` open none but these files while the block runs."""
    token = _ONLY.set(files)
    try:
        yield
    finally:
        _ONLY.reset(token)


def parts_of(path: Path) -> list[Path]:
    """Give the files that make a file (itself) or the inventory in a folder; nothing for a folder without one."""
    if not path.is_dir():
        return [path]
    found = [part for name in (INVENTORY, *BESIDE_INVENTORY) if (part := path / name).is_file()]
    return found if path / INVENTORY in found else []


def beside(path: Path) -> list[Path]:
    """Give what may be read with a file: settings and profiles beside a table of emissions; nothing with a folder."""
    folder = path.parent
    if path.is_dir() or not ((folder / PROFILES).is_dir() or (folder / META).is_file()):
        return []
    return [folder / part for part in BESIDE_INVENTORY]


def shown(path: Path) -> str:
    """Give the name of a file, or of the inventory in a folder, as people can read it.

    Names are bytes: one that is no UTF-8 is read as GB 18030, and signs that do not print are written as \\x...
    """
    return printable(f"{path.name}/{INVENTORY}" if path.is_dir() and (path / INVENTORY).is_file() else path.name)


def printable(name: str) -> str:
    """Give a file's name or path as people can read it; see shown."""
    return harmless(text_of(os.fsencode(name)))


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file as `sha256sum` writes it; of an inventory, that of the lines `sha256sum` writes for its parts.

    Errors: OSError where a file cannot be read.
    """
    parts = parts_of(path)
    if parts == [path]:
        return _sha256(path)
    lines = (f"{_sha256(part)}  {part.relative_to(path).as_posix()}\n" for part in parts)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def text_of(name: bytes) -> str:
    """Read a name that is UTF-8 or GB 18030; bytes of neither as \\x..."""
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return name.decode(encoding)
    return name.decode("ascii", "backslashreplace")


def _sha256(path: Path) -> str:
    with opened(path) as file:
        return sha256_of(file)
