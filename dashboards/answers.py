"""What Flask does to every answer of Dash: kept per data version and selection, compressed once, with the headers of safety."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import brotli
import dash
import flask

from dashboards import release
from dashboards.context import Context
from dashboards.snapshots.front import SAFE
from dashboards.snapshots.press import version_of
from dashboards.snapshots.shelf import coding_of

UPDATE = "/_dash-update-component"
KEPT_BYTES = 48 * 2**20
LARGEST_POST = 256 * 2**10
"""Bytes of a post: what Dash sends of a selection are a few hundred."""
LEAST = 800
"""Bytes below which compression gains nothing."""
_TEXT = ("text/", "application/json", "application/javascript", "application/atom+xml", "image/svg+xml")
_STATIC = ("/_dash-component-suites/", "/assets/")
_POLICY = (
    "default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

_TOLD = ("Content-Encoding", "Vary", "ETag", "Cache-Control")
"""Headers that belong to a body: without them a browser fetches again what it has."""

Body = tuple[bytes, str, Mapping[str, str]]


@dataclass
class Kept:
    """Bodies by key within KEPT_BYTES, the longest unused leaves first."""

    limit: int = KEPT_BYTES
    _bodies: OrderedDict[str, Body] = field(default_factory=OrderedDict)
    _size: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> Body | None:
        """Give (content, type, headers) of a key, None where it is not kept."""
        with self._lock:
            found = self._bodies.get(key)
            if found is not None:
                self._bodies.move_to_end(key)
            return found

    def put(self, key: str, body: Body) -> None:
        """Keep a body."""
        with self._lock:
            old = self._bodies.pop(key, None)
            self._size += len(body[0]) - (len(old[0]) if old else 0)
            self._bodies[key] = body
            while self._size > self.limit and self._bodies:
                _, (content, _, _) = self._bodies.popitem(last=False)
                self._size -= len(content)


def install(server: flask.Flask, context: Context) -> None:
    """Let a server keep, compress and guard what it answers."""
    kept = Kept()
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_POST

    @server.before_request
    def _from_memory() -> flask.Response | None:
        flask.g.key = _key(context)
        found = kept.get(flask.g.key) if flask.g.key else None
        return None if found is None else _response(*found)

    @server.after_request
    def _finish(answer: flask.Response) -> flask.Response:
        key = flask.g.get("key", "")
        if key and answer.status_code == 200 and not flask.g.get("unread") and kept.get(key) is None:
            _compress(answer)
            answer.direct_passthrough = False
            told = {name: answer.headers[name] for name in _TOLD if name in answer.headers}
            kept.put(key, (answer.get_data(), answer.mimetype, told))
        elif not answer.is_streamed and not answer.headers.get("Content-Encoding"):
            _compress(answer)
        answer.headers.update(SAFE)
        return answer


def guard(app: dash.Dash) -> None:
    """Send the policy of content with every page of Dash; its two inline scripts are named by their digests."""
    hashes: list[str] = []

    @app.server.after_request
    def _policy(answer: flask.Response) -> flask.Response:
        if answer.mimetype == "text/html" and "Content-Security-Policy" not in answer.headers:
            answer.headers.setdefault("Cache-Control", "no-cache")  # it holds the first numbers
            if not hashes:
                hashes.extend(f"{each}" for each in app.csp_hashes())
            answer.headers["Content-Security-Policy"] = _POLICY.format(
                hashes=" ".join(f"'{h.strip(chr(39))}'" for h in hashes)
            )
        return answer


def _key(context: Context) -> str:
    """Name what is asked, with the data version where the answer depends on it; empty where nothing is to be kept."""
    request, coding = flask.request, _coding()
    if request.method == "GET" and request.path.startswith(_STATIC):
        return f"{coding} {release.release()} {request.path}"  # what a query adds is the browser's: it changes no file
    if request.method != "POST" or request.path != UPDATE:
        return ""
    pulse, trouble = context.pulse()
    body = request.get_data(cache=True)
    if trouble or not _is_section(body):
        return ""
    # What is due is due on a full hour: a verdict must not outlive it while the store is silent.
    hour = context.clock().strftime("%Y-%m-%dT%H")
    return f"{coding} {version_of(context, pulse)} {hour} {hashlib.sha256(body).hexdigest()}"


def _is_section(body: bytes) -> bool:
    """Tell whether a post asks for a section: of all that Dash asks, that alone is kept."""
    try:
        output = json.loads(body).get("output", "")
    except (ValueError, AttributeError, RecursionError):
        return False
    return isinstance(output, str) and output.endswith(".children")


def _coding() -> str:
    return coding_of(flask.request.headers.get("Accept-Encoding", ""))


def _compress(answer: flask.Response) -> None:
    if answer.status_code != 200 or not answer.mimetype.startswith(_TEXT):
        return
    answer.vary.add("Accept-Encoding")  # a cache must not give one reader's coding to another, nor none to all
    coding = _coding()
    if not coding:
        return
    answer.direct_passthrough = False
    content = answer.get_data()
    if len(content) < LEAST:
        return
    quality = 9 if flask.request.path.startswith(_STATIC) else 4
    answer.set_data(brotli.compress(content, quality=quality) if coding == "br" else gzip.compress(content, 6))
    answer.headers["Content-Encoding"] = coding
    tag, weak = answer.get_etag()
    if tag and not weak:  # a weak one holds for every coding (RFC 9110, 8.8.1), and is asked for again as it is
        answer.set_etag(f"{tag}-{coding}")


def _response(content: bytes, kind: str, told: Mapping[str, str]) -> flask.Response:
    answer = flask.Response(content, mimetype=kind)
    answer.headers.update(told)
    return answer.make_conditional(flask.request)
