"""How readers reach the portal from outside: its public address, and the proxies in front of it that may be believed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from standards.errors import AirshedError

PUBLIC_URL, PROXIES = "AIRSHED_PUBLIC_URL", "AIRSHED_TRUSTED_PROXIES"
"""Names in the environment."""
PLACEHOLDER = "https://HOST"
"""Stands in examples where the address is not known; a browser with scripts puts its own in (live.js)."""
MOST_PROXIES = 9
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class SiteError(AirshedError, ValueError):
    """What the environment says of the site cannot be used."""


def public_url_of(environment: Mapping[str, str]) -> str:
    """Give the address that readers use, "https://air.example.org", empty where none is set; SiteError where it is none."""
    said = environment.get(PUBLIC_URL, "").strip().rstrip("/")
    if said and not _ORIGIN.fullmatch(said):
        raise SiteError(f"{PUBLIC_URL} is {said!r}, expected http(s)://HOST or http(s)://HOST:PORT")
    return said


def proxies_of(environment: Mapping[str, str]) -> int:
    """Give how many proxies stand in front, each of which adds to X-Forwarded-For; 0, the default, believes no such header."""
    said = environment.get(PROXIES, "").strip() or "0"
    if not (said.isascii() and said.isdigit() and int(said) <= MOST_PROXIES):
        raise SiteError(f"{PROXIES} is {said!r}, expected a whole number from 0 to {MOST_PROXIES}")
    return int(said)


def reader_of(remote: str | None, forwarded: str, proxies: int) -> str:
    """Give the address of who asks. forwarded: X-Forwarded-For, to which each proxy has added whom it heard.

    Only what the trusted proxies wrote counts: the entry that the outermost of them added. What stands before it was said
    by the reader himself. A request with fewer entries did not come through them all: it is the one that is connected.
    """
    heard = [each.strip() for each in forwarded.split(",") if each.strip()]
    return heard[-proxies] if 0 < proxies <= len(heard) else remote or ""
