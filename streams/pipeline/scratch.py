"""What the engine writes for one start alone: unpacked libraries, working files of its state, what workers load.

A start that is killed leaves it behind, 24 MB and more, so it has a folder of its own that the next start clears.
"""

from __future__ import annotations

import atexit
import os
import shutil
from pathlib import Path

LINK = "scratch"
NOEXEC = getattr(os, "ST_NOEXEC", 0)
"""Where the system tells that a mount lets nothing be run from it."""


def prepare(folder: Path, doors: Path) -> Path:
    """Give an empty folder to work in, by a path that has plain signs only; it is cleared when this process ends.

    doors: a private folder with such a path, in which a link is made: Java's options and Flink's list of folders are cut at
    blanks, colons and commas, and a data directory may have any name. It is the folder to work in itself where nothing may be
    run from the data directory: Java could not load what it unpacks.
    """
    clear(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    link = doors / LINK
    if os.statvfs(folder).f_flag & NOEXEC:
        folder.rmdir()
        link.mkdir()
        return link
    link.symlink_to(folder.resolve(), target_is_directory=True)
    atexit.register(clear, folder)
    return link


def clear(folder: Path) -> None:
    """Remove it with all that is in it; what cannot be removed now is left to the next start."""
    shutil.rmtree(folder, ignore_errors=True)
