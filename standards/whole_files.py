"""Files that are there whole or as they were: written beside their place and put there in one step; and what tells them apart.

A reader, and whoever starts after a kill or a power cut, finds the file of before or the new one. synced: the content is on the
disk before the file takes its place; the name is there for good once its folder is forced to the disk too (sync_folder).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where a disk has no room, or a quota is used up."""
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
        with naming_where_full(path, draft=hidden):
            yield hidden
        os.replace(hidden, path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def naming_where_full(path: Path, *, draft: Path | None = None) -> Iterator[None]:
    """Let an error of a full disk name this path where it names none, as that of a write, or a draft that will be gone.

    draft: a file, or a folder with all below it. Of two paths that an error names (of a copy, a link) the second is written.
    """
    try:
        yield
    except OSError as error:
        written = error.filename if error.filename2 is None else error.filename2
        if error.errno in FULL and (written is None or (draft and Path(os.fsdecode(written)).is_relative_to(draft))):
            error.filename, error.filename2 = str(path), None
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
