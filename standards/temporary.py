"""Folders for temporary files that belong to one process: gone with it, however it ends.

A process that is killed clears nothing away. So a process keeps its folder locked: the system lets go of the lock when the
process ends, and whoever makes the next folder removes those that nobody holds. What cleans a machine's folder for temporary
files by age passes by a locked one too (systemd-tmpfiles(8)).
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX, MAKING = "airshed.", ".airshed-making-"
"""How the names of such folders begin, and of one that is not locked yet, which nobody removes.

Short, because below them lie paths that may have 255 bytes only: RocksDB writes the path of a state into the names of its logs.
"""


def own_folder(what: str, parent: Path | str | None = None) -> Path:
    """Make an empty folder for this user alone, removed when this process ends, or by the next one that makes such a folder.

    what: the middle of its name. parent: where, None: the system's folder for temporary files. Errors: OSError.
    """
    within = Path(parent or tempfile.gettempdir())
    sweep(within)
    making = Path(tempfile.mkdtemp(prefix=MAKING, dir=within))
    lock = os.open(making, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    with suppress(OSError):  # a file system without locks: then nobody can tell that it is left, and it stays
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    folder = within / f"{PREFIX}{what}.{making.name.removeprefix(MAKING)}"
    making.rename(folder)
    owner = os.getpid()
    atexit.register(_end, folder, owner)
    return folder


FALLBACK = Path("/tmp")
"""Where a folder is made that needs a plain path, when that of the system's own folder is none."""


def sweep_all() -> int:
    """Remove, wherever such folders are made, those of this user that no process holds any more; give how many."""
    return sum(sweep(within) for within in {Path(tempfile.gettempdir()), FALLBACK})


def sweep(within: Path) -> int:
    """Remove the folders of this user that no process holds any more; give how many."""
    return sum(_removed(folder) for folder in within.glob(f"{PREFIX}*"))


def _end(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a child that was forked ends too
        shutil.rmtree(folder, ignore_errors=True)


def _removed(folder: Path) -> bool:
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if os.fstat(lock).st_uid != os.geteuid():
            return False
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
        return True
    except OSError:
        return False
    finally:
        os.close(lock)
