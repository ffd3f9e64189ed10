"""Addresses of folders and files as those who take them read them: one function for each reader, for each reads otherwise.

A path may hold blanks, Chinese, "%", "#" and "?"; `Path.as_uri` writes these as %.., which is right for who decodes an address,
and another place for who does not.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

SQLITE = "sqlite:///"
_RELATIVE = re.compile(
    r"(?P<head>sqlite(?:\+\w+)?:///)(?P<path>(?!/|:memory:|file:)[^?]+)(?P<options>\?.*)?", re.DOTALL
)
_CODED = {"%": "%25", "?": "%3F", "#": "%23"}


def engine_uri(folder: Path) -> str:
    """Write an absolute folder as the engine's own paths are read: whole and as it stands, for nothing is decoded there.

    Source: org.apache.flink.core.fs.Path(String) of Flink 2.x, which codes and decodes by itself; it takes a backslash for a
    slash, so no folder may hold one (infra.places). Errors: ValueError where the folder is not absolute.
    """
    return f"file://{_absolute(folder)}"


def log_uri(file: Path) -> str:
    """Write an absolute file as Log4j reads the address of its settings: decoded, and cut at commas, which are coded too.

    Errors: ValueError where the file is not absolute.
    """
    return Path(_absolute(file)).as_uri()


def sqlite_url(file: Path | str) -> str:
    """Write a file of SQLite as SQLAlchemy (from 2.1 on) reads its URL: decoded, a "?" begins its options.

    Only what would be read otherwise is coded, so that people see their folder's name. A relative file stays relative.
    """
    return SQLITE + "".join(_CODED.get(sign, sign) for sign in str(file))


def settled(store: str) -> str:
    """Give the address of a store or an office so that it means one place wherever it is read.

    A path is a file of SQLite; a relative one, and a relative SQLite URL, begin at the current folder. Databases in memory, and
    others, stay as they are.
    """
    if "://" not in store:
        return sqlite_url(os.path.abspath(store))
    relative = _RELATIVE.fullmatch(store)
    if not relative:
        return store
    here = sqlite_url(os.getcwd()).removeprefix(SQLITE)
    return relative["head"] + os.path.normpath(os.path.join(here, relative["path"])) + (relative["options"] or "")


def _absolute(path: Path) -> str:
    if not path.is_absolute():
        raise ValueError(f"{path} is relative, expected an absolute path")
    return str(path)
