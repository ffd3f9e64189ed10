"""Which release of the portal this is: a digest of its own files, so that open screens notice a new one."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_KINDS = (".py", ".js", ".css", ".toml")


@cache
def release() -> str:
    """Give the release of the portal as 12 hexadecimal digits: the same for the same files, wherever they lie."""
    whole = hashlib.sha256()
    for path in sorted(path for path in _FOLDER.rglob("*") if path.suffix in _KINDS):
        whole.update(
            f"{path.relative_to(_FOLDER).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return whole.hexdigest()[:12]
