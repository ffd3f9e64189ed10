"""Which release of the portal this is: a digest of its own files, so that open screens notice a new one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_KINDS = (".py", ".js", ".css", ".toml")


def digest_of(root: Path, folders: Iterable[Path], kinds: tuple[str, ...]) -> str:
    """Give the SHA-256 of all files of some kinds below folders, by name below root and content: the same wherever root lies."""
    whole = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in kinds):
        name = path.relative_to(root).as_posix()
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


@cache
def release() -> str:
    """Give the release of the portal as 12 hexadecimal digits."""
    return digest_of(_FOLDER, [_FOLDER], _KINDS)[:12]
