"""A small file system of its own, for tests of a full disk; skipped with the reason where none can be mounted."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CHUNK = 4096


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: float) -> Iterator[Path]:
    """Mount a tmpfs of so many MB on a folder, and unmount it in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={int(megabytes * 1024)}k"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "small", str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


class Ballast:
    """Takes all the room that is left, and gives it back."""

    def __init__(self, disk: Path) -> None:
        self.path = disk / "ballast"

    def fill(self, *, leave_kb: int = 0) -> None:
        """Write until nothing goes any more; leave_kb: give so much back."""
        with open(self.path, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0" * CHUNK) == CHUNK:
                pass
        if leave_kb:
            os.truncate(self.path, max(self.path.stat().st_size - leave_kb * 1024, 0))

    def clear(self) -> None:
        """Give the room back."""
        self.path.unlink()
