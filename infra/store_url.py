"""URLs of stores: which one is meant, and how to show one without its password."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from infra.datadir import STORE, DataDirectory

_PASSWORD = re.compile(r"(?P<before>://[^:/?#@\s]*:)(?P<password>[^/\s]*)(?=@)")
_QUERY_PASSWORD = re.compile(r"(?i)(?P<before>[?&]password=)[^&\s]*")
_DIALECTS = {"postgres://": "postgresql+psycopg://", "postgresql://": "postgresql+psycopg://"}


def choose_store(asked: str | None, data: DataDirectory, environment: Mapping[str, str] = os.environ) -> str:
    """Give the store asked for, else that of AIRSHED_STORE, else the SQLite file of the data directory."""
    url = asked or environment.get(STORE) or data.store_url
    for short, full in _DIALECTS.items():
        if url.startswith(short):
            return full + url.removeprefix(short)
    return url if "://" in url else f"sqlite:///{os.path.abspath(url)}"


def masked(text: str) -> str:
    """Hide the passwords of all URLs in a text; nothing else is changed."""
    return _QUERY_PASSWORD.sub(r"\g<before>***", _PASSWORD.sub(r"\g<before>***", text))


def has_password(url: str) -> bool:
    """Tell whether a URL must not appear in a list of processes."""
    return masked(url) != url
