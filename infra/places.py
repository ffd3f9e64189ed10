"""Whether a place on this machine can hold the platform's data: said in words before anything is made there."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from infra.messages import say
from standards.errors import AirshedError

LONGEST_NAME = 255
"""Bytes of one folder's name that Linux's file systems take (NAME_MAX)."""
LONGEST_ROOT = 400
"""Bytes of the whole path: SQLite opens files of paths up to 512 bytes (MAX_PATHNAME in its os_unix.c), with its side files."""
FORBIDDEN = "\\"
"""The engine takes a backslash for a slash."""


class BadPlace(AirshedError, ValueError):
    """A folder cannot hold the platform's data; the message says why and what to do."""


def require(root: Path, *folders: Path) -> None:
    """Raise BadPlace where data cannot lie below root (absolute), or where one of its folders (of those) is something else."""
    if problem := of_name(root) or of_folders(root, *folders):
        raise BadPlace(problem)


def of_name(root: Path) -> str | None:
    """Say what is wrong with a path itself; None where it can be used."""
    text, coded = str(root), os.fsencode(root)
    if wrong := next((sign for sign in text if sign in FORBIDDEN or unicodedata.category(sign) in _UNREADABLE), None):
        return say("place_signs", folder=_seen(text), sign=_seen(wrong))
    longest = max(map(len, coded.split(b"/")))
    if longest > LONGEST_NAME:
        return say("place_name_long", folder=f"{text[:80]}…", size=longest, most=LONGEST_NAME)
    if len(coded) > LONGEST_ROOT:
        return say("place_long", folder=f"{text[:80]}…", size=len(coded), most=LONGEST_ROOT)
    return None


def of_folders(root: Path, *folders: Path) -> str | None:
    """Say what is wrong with the first folder that is something else, leads nowhere, or cannot be written; None where all is well.

    Folders that are missing are made later: what counts for them is the nearest one above that is there.
    """
    for folder in (root, *folders):
        there = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
        if not there.exists():
            return say("place_link", folder=there)
        if not there.is_dir():
            return say("place_is_file", folder=there)
        if not os.access(there, os.W_OK | os.X_OK):
            return say("place_read_only", folder=there)
    return None


_UNREADABLE = ("Cc", "Zl", "Zp", "Cs")
"""Control signs (a line end among them), separators of lines, and bytes that are no UTF-8."""


def _seen(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
