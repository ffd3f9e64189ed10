"""Which software computed an assessment: a digest of the very files that decide its numbers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dashboards.release import digest_of

_ROOT = Path(__file__).resolve().parents[2]
DECIDING = ("standards", "dashboards/phase")
"""Folders whose code and tables make an assessment out of recorded inputs; no other part of the project has a say in it."""
_KINDS = (".py", ".csv", ".toml")


@cache
def software() -> str:
    """Give the revision of what computes an assessment as 16 hexadecimal digits: the same for the same files, wherever they lie."""
    return digest_of(_ROOT, [_ROOT / folder for folder in DECIDING], _KINDS)[:16]
