"""URLs of stores: which one is meant, and how to show one without its password."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from infra.datadir import STORE, DataDirectory
from infra.messages import say
from standards.addresses import settled
from standards.errors import AirshedError
from standards.passwords import masked, well_formed

_DIALECTS = {"postgres://": "postgresql+psycopg://", "postgresql://": "postgresql+psycopg://"}


class NoWayToHide(AirshedError, ValueError):
    """A password in a URL can be handed to a process only where everyone on the machine would read it."""


def choose_store(asked: str | None, data: DataDirectory, environment: Mapping[str, str] = os.environ) -> str:
    """Give the store asked for, else that of AIRSHED_STORE, else the SQLite file of the data directory.

    What is relative begins at the current folder, as a path and as a URL: processes, and directories of replays, are told the whole
    address.
    """
    url = asked or environment.get(STORE) or data.store_url
    for short, full in _DIALECTS.items():
        if url.startswith(short):
            return well_formed(full + url.removeprefix(short))
    return settled(well_formed(url))


def sqlite_file(url: str) -> Path | None:
    """Give the file of a store in SQLite; None of any other store."""
    address = sa.make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def split_password(url: str) -> tuple[str, str | None]:
    """Give a URL that may appear in a list of processes, and the password that was in it; raise NoWayToHide where one must stay."""
    parts = sa.make_url(well_formed(url))
    if parts.get_backend_name() == "sqlite":  # a folder may have any name, also one that looks like a password
        return url, None
    if "sslpassword" in parts.query:
        raise NoWayToHide(say("sslpassword_shown", store=masked(url)))
    password = parts.query.get("password") or parts.password
    if not password:
        return url, None
    open_parts = parts._replace(password=None).difference_update_query(["password"])
    return open_parts.render_as_string(hide_password=False), str(password)
