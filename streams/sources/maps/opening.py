"""How tables and maps are opened: regular files only, at once, and a map that was found beside a table by no link.

A map that lies beside a table comes from wherever the table does; a link could lead it to anything.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from streams.sources.files import opened_at_once

opened = opened_at_once
"""A map is no part of the file that is read, so it need not be among those that are held while that is read."""


def is_plain_file(path: Path) -> bool:
    """Tell whether a regular file lies there, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):  # of names that no system takes
        return False


def size_mb(file: BinaryIO) -> float:
    """Give the size of an open file [MB]."""
    return os.fstat(file.fileno()).st_size / 1e6
