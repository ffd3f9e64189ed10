"""Files as wholes: the digest that tells whether one is what it was."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO


def sha256_of(file: Path | BinaryIO) -> str:
    """Give the SHA-256 of a file, by its path or open, as `sha256sum` writes it. Errors: OSError where it cannot be read."""
    if isinstance(file, Path):
        with open(file, "rb") as opened:
            return sha256_of(opened)
    return hashlib.file_digest(file, "sha256").hexdigest()
