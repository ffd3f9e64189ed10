"""How tables and maps are opened: regular files only, at once, and a map that was found beside a table by no link.

A map that lies beside a table comes from wherever the table does; a link could lead it to anything.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def opened(path: Path, *, by_link: bool = True) -> BinaryIO:
    """Open a regular file; nothing else is waited for. Errors: OSError, also for a link unless by_link."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if by_link else os.O_NOFOLLOW)
    handle = os.open(path, flags)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def is_plain_file(path: Path) -> bool:
    """Tell whether a regular file lies there, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):  # of names that no system takes
        return False


def size_mb(file: BinaryIO) -> float:
    """Give the size of an open file [MB]."""
    return os.fstat(file.fileno()).st_size / 1e6
