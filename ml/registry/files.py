"""Files that are whole or not there: content by its digest, and events under numbers that are given once."""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from pathlib import Path

from ml.registry.artefact import digest_of
from ml.registry.errors import Damaged, RegistryError
from standards.whole_files import DRAFT, sync_folder, write_whole

_DIGEST = re.compile(r"[0-9a-f]{64}")
LEFT_OVER_S = 86_400.0
"""A hidden file of this age [s] was left by a writer that was killed; nobody will ever rename it."""


class Objects:
    """Content by its SHA-256 below a folder; the same content is kept once, and nothing is ever changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep content and give its digest; where it is already there and whole, nothing is written."""
        digest = digest_of(content)
        target = self._path(digest)
        if not _holds(target, content):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content, synced=True)
            sync_folder(target.parent)
        return digest

    def get(self, digest: str, what: str) -> bytes:
        """Give content by its digest. Errors: Damaged where it is not there or has changed; what: named in the message."""
        if not _DIGEST.fullmatch(digest):
            raise RegistryError(f"the digest of {what} is {digest!r}, expected 64 hexadecimal digits")
        try:
            content = self._path(digest).read_bytes()
        except OSError as error:
            raise Damaged(f"{what} cannot be read: {error.strerror}, expected its content {digest[:12]}…") from error
        if (found := digest_of(content)) != digest:
            raise Damaged(f"{what} has changed on disk: its content is {found[:12]}…, expected {digest[:12]}…")
        return content

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest


def give_number(folder: Path, number: int, content: bytes) -> bool:
    """Write content as the file of a number; False where the number is taken, also by a writer at the same moment."""
    folder.mkdir(parents=True, exist_ok=True)
    hidden = _written(folder, content)
    try:
        os.link(hidden, folder / numbered(number))
    except FileExistsError:
        return False
    finally:
        hidden.unlink(missing_ok=True)
    sync_folder(folder)
    return True


def numbered(number: int) -> str:
    """Give the name of the file of a number."""
    return f"{number:08d}.json"


def clear_left_over(folder: Path) -> None:
    """Remove what killed writers left half written, once it is a day old."""
    horizon = time.time() - LEFT_OVER_S
    for path in folder.glob(f"{DRAFT}*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < horizon:
                path.unlink()


def _written(folder: Path, content: bytes) -> Path:
    hidden = folder / f"{DRAFT}{uuid.uuid4().hex}"
    with open(hidden, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hidden


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False
