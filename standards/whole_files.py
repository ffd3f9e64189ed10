"""Files that are there whole or as they were: written beside their place and put there in one step; and what tells them apart.

A reader, and whoever starts after a kill or a power cut, finds the file of before or the new one. synced: the content is on the
disk before the file takes its place; the name is there for good once its folder is forced to the disk too (sync_folder).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

DRAFT = ".tmp-"
"""How the name of a draft begins that has no name of its own: hidden, and passed over by whoever lists or copies a folder."""


def write_whole(path: Path, content: bytes, *, synced: bool, draft: str = "") -> None:
    """Write a file whole, in an existing folder. draft: its name until then, in the same folder; one of its own without.

    Errors: OSError, with what was in the place as it was and no draft left.
    """
    with taking_place(path, draft=draft) as hidden, open(hidden, "wb") as file:
        file.write(content)
        if synced:
            file.flush()
            os.fsync(file.fileno())


@contextlib.contextmanager
def taking_place(path: Path, *, draft: str = "") -> Iterator[Path]:
    """Give a path beside another one: what the block writes there takes that place at its end, or goes where the block fails."""
    hidden = path.with_name(draft or f"{DRAFT}{uuid.uuid4().hex}")
    try:
        yield hidden
        os.replace(hidden, path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(file: Path | BinaryIO) -> str:
    """Give the SHA-256 of a file, by its path or open, as `sha256sum` writes it. Errors: OSError where it cannot be read."""
    if isinstance(file, Path):
        with open(file, "rb") as opened:
            return sha256_of(opened)
    return hashlib.file_digest(file, "sha256").hexdigest()
