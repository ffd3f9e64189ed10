"""Which software computed an assessment: a digest of the very files that decide its numbers."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
DECIDING = ("standards", "dashboards/phase")
"""Folders whose code and tables make an assessment out of recorded inputs; no other part of the project has a say in it."""
_KINDS = (".py", ".csv", ".toml")


@cache
def software() -> str:
    """Give the revision of what computes an assessment as 16 hexadecimal digits: the same for the same files, wherever they lie."""
    whole = hashlib.sha256()
    paths = (path for folder in DECIDING for path in (_ROOT / folder).rglob("*") if path.suffix in _KINDS)
    for path in sorted(paths):
        name = path.relative_to(_ROOT).as_posix()
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]
