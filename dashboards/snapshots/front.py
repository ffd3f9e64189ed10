"""The first who sees a request: pages as text, their fragments, scripts and /now; all else goes on to Flask and Dash."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from dash import html

from dashboards import release
from dashboards.buffered import REFUSED
from dashboards.context import Context
from dashboards.figure_files import DRAWN, KINDS
from dashboards.folder import SHELF
from dashboards.moment import epoch_seconds
from dashboards.public.history import GO, gone_to
from dashboards.pulse import digest
from dashboards.snapshots.drawn import Drawn, drawn, is_unread
from dashboards.snapshots.figured import FIGURES, taken, wanted
from dashboards.snapshots.markup import markup
from dashboards.snapshots.pages import ENGLISH, Page, found
from dashboards.snapshots.press import version_of
from dashboards.snapshots.shelf import Body, Shelf, State, body_of
from dashboards.snapshots.statics import ROOT, scripts
from dashboards.text import Text
from dashboards.view import LANGUAGES, View
from dashboards.without import NOTICE

FRAGMENTS = "/fragments/"
SILENT_S = 30.0
"""A press that has not looked for so long, or looked at a moment that is so far ahead of the clock, is not at work."""
KEPT = 256
"""Bodies that are kept in memory: those from the shelf, and pages that were drawn for somebody."""
AGAIN_S = 5.0
"""So long the word of trouble about a page holds before the store is asked for it again."""
LONGEST = 200
"""Characters of an address that can be a page."""
QUALITY = 5
PLACE = '<div id="notices" class="notices">'
"""Where the notices of a page begin."""
_LOG = logging.getLogger(__name__)
_FOR_EVER, _EACH_TIME = "public, max-age=31536000, immutable", "no-cache"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
)
SAFE = [
    ("Server", "airshed"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
"""Headers of every answer."""

_TROUBLE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>暂时无法显示</title>
<p>此页暂时无法显示，故障已记录；其他页面不受影响。
<p lang="en">This page cannot be shown just now; the fault is logged, other pages are not affected.
<p><a href="/">/</a>""".encode()
_IN_WORDS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"),
]
"""Headers of what is words alone."""

_WORDS = {400: "refused.broken", 408: "refused.late", 413: "refused.large", 503: "refused.busy"}

FORMS = {GO: LANGUAGES[0], ENGLISH + GO: LANGUAGES[1]}
"""Where forms of pages as text lead, with their language."""

Answer = tuple[str, list[tuple[str, str]], bytes]


@dataclass
class Front:
    """A WSGI application in front of another one. Pages come from the shelf, or are drawn here when they are not there."""

    context: Context
    behind: Callable[..., Iterable[bytes]]
    _kept: OrderedDict[tuple[str, str], Body] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _drawing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.context.folder / SHELF) if self.context.folder else None
        self._own: tuple[float, str, str] = (-1e9, "", "")
        self._troubled: dict[str, tuple[float, Body]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer what is a page as text; pass everything else on."""
        try:
            answer = self._answer(environ)
        except Exception:  # a page in trouble says so, and takes nobody with it
            _LOG.exception("no answer to %s", environ.get("PATH_INFO", "")[:LONGEST])
            answer = (
                "500 Internal Server Error",
                _IN_WORDS,
                _TROUBLE,
            )
        if answer is None:
            return self.behind(environ, start_response)
        status, headers, body = answer
        # A 304 has no length of its own: 0 would speak of the page (RFC 9110, 8.6).
        length = [] if status.startswith("304") else [("Content-Length", str(len(body)))]
        start_response(status, [*headers, *SAFE, *length])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _answer(self, environ: dict[str, Any]) -> Answer | None:
        path = environ.get("PATH_INFO", "")
        if REFUSED in environ:
            return _refused(environ[REFUSED])
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or len(path) > LONGEST:
            return None
        if path == "/now":
            return self._now()
        if path.startswith(ROOT):
            script = scripts().get(path)
            return script and _sent(environ, script[1], "text/javascript; charset=utf-8", _FOR_EVER)
        if path.startswith(FRAGMENTS):
            version, slash, rest = path[len(FRAGMENTS) :].partition("/")
            body = self._body(version, slash + rest, fragments=True)
            return body and _sent(environ, body, "application/json; charset=utf-8", _FOR_EVER)
        if path.startswith((FIGURES, ENGLISH + FIGURES)):
            return self._figure(environ, path)
        if path in FORMS:
            query = environ.get("QUERY_STRING", "").encode("latin-1", "replace").decode(errors="replace")
            return self._gone(path, query)
        known = found(path, self.context.registry)
        if known is None:
            return None
        version, trouble = self.version()
        body = self._body(version, path)
        if trouble and body is not None:
            body = self._with_notice(version, path, known[1].lang, body)
        if body is not None and (said := self.context.without().get(known[1].lang)):
            body = self._without(path, said, body)
        ancestors = "*" if known[0].frame == "embed" else "'self'"
        policy = [("Content-Security-Policy", _POLICY.format(ancestors=ancestors))]
        return body and _sent(environ, body, "text/html; charset=utf-8", _EACH_TIME, policy)

    def _gone(self, path: str, query: str) -> Answer:
        """Lead from the fields of a form to the address that they name, or back to the form where they name none."""
        fields = {name: values[-1] for name, values in parse_qs(query[:LONGEST], keep_blank_values=True).items()}
        to = gone_to(fields, self.context.registry, FORMS[path]) or path.removesuffix("/go")
        return "303 See Other", [("Location", to), ("Cache-Control", "no-store"), ("Content-Type", "text/plain")], b""

    def _figure(self, environ: dict[str, Any], path: str) -> Answer | None:
        """Give what is taken from a figure of a page as text; None where there is no such figure or nothing in it."""
        asked, version = wanted(path, self.context.registry), self.version()[0]
        if asked is None or not version.isalnum():
            return None
        body = self._remembered(version, path)
        if body is None:
            with self._drawing:
                body = self._remembered(version, path)
                if body is None:
                    made = taken(self.context, asked)
                    body = made and self._keep(version, path, body_of(made, QUALITY))
        headers = [("Content-Security-Policy", DRAWN), ("X-Robots-Tag", "noindex")]
        return body and _sent(environ, body, KINDS[asked.kind], _EACH_TIME, headers)

    def version(self) -> tuple[str, str]:
        """Give (the present data version, trouble): as the press says, or by a look of our own where none is at work."""
        state = self.shelf.state() if self.shelf else None
        if state is not None and abs(time.time() - state.looked_at) < SILENT_S and state.release == release.release():
            return state.version, state.trouble
        at, version, trouble = self._own
        if time.monotonic() - at > 1.0:
            pulse, trouble = self.context.pulse()
            version = (version or self._left(state)) if trouble else version_of(self.context, pulse)
            version = version or version_of(self.context, pulse)
            self._own = (time.monotonic(), version, trouble)
        return version, trouble

    def _left(self, state: State | None) -> str:
        """Name the pages that a press left which is no longer at work: better than none while the store is away."""
        fits = state is not None and state.release == release.release() and self.shelf and self.shelf.has(state.version)
        return state.version if fits and not is_unread(state.version) else ""

    def _now(self) -> Answer:
        version, trouble = self.version()
        now = {"now": epoch_seconds(self.context.clock()), "version": version, "release": release.release()}
        without = self.context.without()
        said = now | {"trouble": trouble} | ({"without": without} if without else {})
        body = json.dumps(said, separators=(",", ":")).encode()
        return "200 OK", [("Content-Type", "application/json"), ("Cache-Control", "no-store")], body

    def _body(self, version: str, address: str, *, fragments: bool = False) -> Body | None:
        """Give a page of a version: out of memory, from the shelf, or drawn now where it is of the present version."""
        name = f"fragments{address}" if fragments else address
        known = found(address, self.context.registry)
        if known is None or not version.isalnum():
            return None
        body = self._remembered(version, name) or self._keep(
            version, name, self.shelf and self.shelf.get(version, name)
        )
        if body is not None or version != self.version()[0]:
            return body
        with self._drawing:  # one at a time: a crowd that asks for one page has it drawn once
            body = self._remembered(version, name)
            return body or self._draw(version, address, *known)[fragments]

    def _with_notice(self, version: str, address: str, lang: str, body: Body) -> Body:
        """Say on a page that was drawn before the store went away that it is; a script says so by the badge, and takes it back."""
        if f'data-version="{version}"'.encode() not in body.raw or is_unread(version):
            return body  # it says so itself
        name = f"notice{address}"
        told = self._remembered(version, name)
        if told is None:
            notice = html.P(Text(lang)("pages.kept_store"), className="notice waiting", role="status")
            whole = body.raw.decode().replace(PLACE, f"{PLACE}<noscript>{markup(notice)}</noscript>", 1)
            told = self._keep(version, name, body_of(whole, QUALITY))
        return told or body

    def _without(self, address: str, said: str, body: Body) -> Body:
        """Say on a page what the platform has to do without; scripts take it back when that is over."""
        notice = html.Div(said, id=NOTICE, className="notice waiting", role="status")
        name = f"without{digest(said)}{address}"
        told = self._remembered(body.tag, name)
        if told is None:
            whole = body.raw.decode().replace(PLACE, markup(notice) + PLACE, 1)
            told = self._keep(body.tag, name, body_of(whole, QUALITY))
        return told or body

    def _draw(
        self, version: str, address: str, page: Page, view: View, params: dict[str, Any]
    ) -> tuple[Body, Body | None]:
        """Draw a page and its fragments. Words of trouble are kept for a moment and give no fragments of a version of data."""
        at, told = self._troubled.get(address, (-1e9, None))
        if told is not None and time.monotonic() - at < AGAIN_S:
            return told, None
        one: Drawn = drawn(self.context, page, view, params, version)
        bodies = body_of(one.html, QUALITY), body_of(one.fragments, QUALITY)
        if one.version != version:
            self._troubled = dict(list(self._troubled.items())[-KEPT:]) | {address: (time.monotonic(), bodies[0])}
            return bodies[0], None
        for name, body in zip((address, f"fragments{address}"), bodies, strict=True):
            self._keep(version, name, body)
        return bodies

    def _remembered(self, version: str, name: str) -> Body | None:
        with self._lock:
            body = self._kept.get((version, name))
            if body is not None:
                self._kept.move_to_end((version, name))
            return body

    def _keep(self, version: str, name: str, body: Body | None) -> Body | None:
        if body is not None:
            with self._lock:
                self._kept[version, name] = body
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return body


def _refused(status: int) -> Answer:
    """Say in both languages why a request is not answered whose body has not come as it should; the connection ends with it."""
    said = [Text(lang)(_WORDS[status]) for lang in LANGUAGES]
    head = f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{said[0]}</title>'
    html = f'{head}<p>{said[0]}<p lang="en">{said[1]}'
    headers = [*_IN_WORDS, ("Connection", "close")]
    return f"{status} {HTTPStatus(status).phrase}", headers, html.encode()


def _sent(
    environ: dict[str, Any], body: Body, kind: str, kept: str, more: list[tuple[str, str]] | None = None
) -> Answer:
    """Send a body as the browser can take it, or tell it that what it has still holds (RFC 9110, 13.1.2)."""
    content, coding = body.best(environ.get("HTTP_ACCEPT_ENCODING", ""))
    tag = f'"{body.tag}{"-" + coding if coding else ""}"'
    headers = [("ETag", tag), ("Cache-Control", kept), ("Vary", "Accept-Encoding"), *(more or [])]
    held = [each.strip().removeprefix("W/") for each in environ.get("HTTP_IF_NONE_MATCH", "").split(",")]
    if tag in held or held == ["*"]:
        return "304 Not Modified", headers, b""
    return "200 OK", [("Content-Type", kind), *headers, *([("Content-Encoding", coding)] if coding else [])], content
