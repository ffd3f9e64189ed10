"""What stands for a file: the files that make it, its name for people, and a digest of what it holds.

An inventory lies in a folder, as `inventory.csv` with `meta.toml` and `profiles/monthly.csv`, `weekly.csv` and `hourly.csv`
beside it, of which only the first has to be there. These files, and no others of the folder, are one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

INVENTORY, META, PROFILES = "inventory.csv", "meta.toml", "profiles"
PROFILE_KINDS = ("monthly", "weekly", "hourly")
BESIDE_INVENTORY = (META, *(f"{PROFILES}/{kind}.csv" for kind in PROFILE_KINDS))
"""Where the other parts of an inventory lie, below its folder."""


def parts_of(path: Path) -> list[Path]:
    """Give the files that make a file (itself) or the inventory in a folder; nothing for a folder without one."""
    if not path.is_dir():
        return [path]
    found = [part for name in (INVENTORY, *BESIDE_INVENTORY) if (part := path / name).is_file()]
    return found if path / INVENTORY in found else []


def shown(path: Path) -> str:
    """Give the name of a file, or of the inventory in a folder, as people can read it.

    Names are bytes: one that is no UTF-8 is read as GB 18030, and signs that do not print are written as \\x...
    """
    return printable(f"{path.name}/{INVENTORY}" if path.is_dir() and (path / INVENTORY).is_file() else path.name)


def printable(name: str) -> str:
    """Give a file's name or path as people can read it; see shown."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in _text_of(os.fsencode(name)))


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file as `sha256sum` writes it; of an inventory, that of the lines `sha256sum` writes for its parts.

    Errors: OSError where a file cannot be read.
    """
    parts = parts_of(path)
    if parts == [path]:
        return _sha256(path)
    lines = (f"{_sha256(part)}  {part.relative_to(path).as_posix()}\n" for part in parts)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _text_of(name: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return name.decode(encoding)
    return name.decode("ascii", "backslashreplace")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
