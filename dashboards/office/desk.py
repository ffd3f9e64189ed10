"""One request to the office: who asks, in which language, on which scene; pages of the office are drawn for one person each."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import flask
import sqlalchemy as sa

from dashboards.context import Scene
from dashboards.office import audit, guard
from dashboards.office.accounts import Caller
from dashboards.office.guard import Officer
from dashboards.office.sessions import Session
from dashboards.opendata.limits import address_of
from dashboards.snapshots.pages import ENGLISH
from dashboards.view import LANGUAGES

Fields = Mapping[str, str]
Render = Callable[..., Any]
"""render(desk, **params of the address) -> components of dash.html and Drawing, or a flask.Response that is a file."""
Post = Callable[..., Any]
"""post(desk, fields, **params of the address) -> the address of the office to go on to, or components to show instead."""
ROOT = "/office"
_DATES = ("<hour>", "<day>", "<month>")


@dataclass(frozen=True)
class Desk:
    """What a page of the office is given. engine: of the office; scene: of the store, with words and registry.

    secret: what forms of this browser are bound to; path: of this page, as it stands in the address; typed: what stood in a
    form that was refused.
    """

    scene: Scene
    engine: sa.Engine
    caller: Caller
    officer: Officer | None = None
    session: Session | None = None
    secret: str = field(default="", repr=False)
    path: str = ROOT
    query: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> Any:
        """The words in the reader's language."""
        return self.scene.text

    @property
    def at(self) -> dt.datetime:
        """The moment of the request, naive UTC."""
        return self.caller.at

    def link(self, path: str) -> str:
        """Give the address of a page of the office in the reader's language: link("/office/users")."""
        return path if self.scene.text.lang == LANGUAGES[0] else ENGLISH + path

    def may(self, action: str, city: str | None = None) -> bool:
        """Tell whether who is signed in may do this (guard.may)."""
        return guard.may(self.officer, action, city)

    def require(self, action: str, city: str | None = None) -> Officer:
        """Give the officer where he may do this; raise what the page then says (guard.require)."""
        return guard.require(self.officer, action, city)

    def log(
        self, connection: sa.Connection, what: str, subject: str = "", detail: Mapping[str, Any] | None = None
    ) -> audit.Entry:
        """Append an entry to the log in the transaction of the change that it records."""
        return audit.append(connection, self.at, self.caller.who, self.caller.place, what, subject, detail)


@dataclass(frozen=True)
class OfficePage:
    """A page of the office. action: what its reader must be allowed for any city, "" for everybody who is signed in.

    takes: the fields of its forms with their longest length; others are not read. is_open: also to who is not signed in.
    """

    name: str
    rule: str
    render: Render
    post: Post | None = None
    action: str = ""
    takes: Mapping[str, int] = field(default_factory=dict)
    is_open: bool = False
    in_navigation: bool = False


_PAGES: dict[str, OfficePage] = {}


def office_page(
    name: str, rule: str, render: Render, post: Post | None = None, *, action: str = "",
    takes: Mapping[str, int] | None = None, is_open: bool = False, in_navigation: bool = False,
) -> OfficePage:  # fmt: skip
    """Declare a page of the office: its title is the catalogue's "page.<name>", its rule begins with /office.

    It is served at the rule in Chinese and below /en in English. A post is checked before it comes here: origin, session, the
    form and its single use, the size and the letters of its fields. What post raises as errors.Refused is shown above the page.

    Raises ValueError for an address outside of the office, one that another page has, or a parameter that is a moment.
    """
    if not (rule == ROOT or rule.startswith(ROOT + "/")) or any(kind in rule for kind in _DATES):
        raise ValueError(f"page {name!r} has the address {rule}, expected one below {ROOT} without hour, day or month")
    if any(each.rule == rule for each in _PAGES.values() if each.name != name):
        raise ValueError(f"two pages have the address {rule}, expected one of its own for {name!r}")
    if action and action not in guard.PERMISSIONS:
        raise ValueError(f"page {name!r} asks for {action!r}, expected one of {', '.join(guard.PERMISSIONS)}")
    _PAGES[name] = OfficePage(name, rule, render, post, action, dict(takes or {}), is_open, in_navigation)
    return _PAGES[name]


def office_pages() -> Sequence[OfficePage]:
    """Give every page of the office declared so far."""
    return tuple(_PAGES.values())


def is_secure(request: flask.Request) -> bool:
    """Tell whether the browser speaks https, to this server or to the proxy in front of it."""
    told = request.headers.get("X-Forwarded-Proto", "").split(",")[-1].strip().lower()
    return request.scheme == "https" or told == "https"


def remote_of(request: flask.Request) -> tuple[str, str]:
    """Give (the address that failures count by, the same coarse for the log).

    A proxy on this machine tells whom it speaks for in the last entry of X-Forwarded-For; from elsewhere nobody is believed.
    """
    remote = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
    if forwarded and address_of(forwarded) and _is_here(remote):
        remote = forwarded
    return address_of(remote), _coarse(remote)


def is_from_here(request: flask.Request) -> bool:
    """Tell whether a form was sent by a page of ours: Origin, or where a browser leaves it out Referer, names this host.

    A page elsewhere cannot set these headers, nor Host (RFC 6454, 7; OWASP, CSRF prevention).
    """
    told = request.headers.get("Origin") or request.headers.get("Referer") or ""
    hosts = {request.host, request.headers.get("X-Forwarded-Host", "").split(",")[-1].strip()} - {""}
    try:
        return urlsplit(told).scheme in ("http", "https") and urlsplit(told).netloc in hosts
    except ValueError:
        return False


def _is_here(remote: str) -> bool:
    try:
        return ipaddress.ip_address(remote).is_loopback
    except ValueError:
        return False


def _coarse(remote: str) -> str:
    try:
        read = ipaddress.ip_address(remote)
    except ValueError:
        return "?"
    if read.is_loopback:
        return "local"
    return str(ipaddress.ip_network((int(read), 24) if read.version == 4 else (int(read), 48), strict=False))
