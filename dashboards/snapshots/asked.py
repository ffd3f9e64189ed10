"""Pages as text of which a reader asks more than an address can name: drawn for whoever asks, kept per data version.

They stand beside the pages of `pages.py`: the same parts, frame and freshness. What is chosen is their query (a form with
GET, links), so that a choice is an address. Nobody makes them ahead: there are as many as questions.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
import sqlalchemy as sa

import dashboards
from dashboards.context import Context, Scene, current, own_parameters
from dashboards.office.reading import LOST, fleeting
from dashboards.snapshots.drawn import drawn
from dashboards.snapshots.pages import ENGLISH, Page, Render, also_asked
from dashboards.snapshots.press import version_of
from dashboards.snapshots.shelf import Body, body_of
from dashboards.view import LANGUAGES, View

MODULE = "asked_pages"
"""A package of dashboards declares its pages that are asked in a module of this name."""
KEPT = 64
"""Drawn pages that are kept in memory, each with its parts and compressed: about 1 MB for the largest."""
QUALITY = 5
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class AskedPage:
    """A page that is asked. page: name, rule, parts and frame; its rule may hold <city> and parameters of its own.

    also: what else than the data its text depends on, as a text that changes with it. is_there: whether what the parameters
    name can be shown at all; else the page says so in its parts and the answer is 404.
    """

    page: Page
    also: Callable[[Context], str]
    is_there: Callable[[Context, Mapping[str, str]], bool]


_PAGES: dict[str, AskedPage] = {}


def asked_page(
    name: str, rule: str, parts: Mapping[str, Render], *, also: Callable[[Context], str] = lambda _: "",
    is_there: Callable[[Context, Mapping[str, str]], bool] = lambda *_: True, in_navigation: bool = False,
) -> AskedPage:  # fmt: skip
    """Declare a page that is asked; its title is the catalogue's "page.<name>". Raises ValueError for an address given twice."""
    if any(each.page.rule == rule for other, each in _PAGES.items() if other != name):
        raise ValueError(f"two pages have the address {rule}, expected one of its own for {name!r}")
    page = Page(name, rule, dict(parts), lambda _: (), "public", in_navigation, asked=True)
    _PAGES[name] = AskedPage(page, also, is_there)
    also_asked(page)
    return _PAGES[name]


def asked_pages() -> dict[str, AskedPage]:
    """Give every page declared so far, by its name."""
    return dict(_PAGES)


def asked_address(scene: Scene, name: str, query: Mapping[str, Any] | None = None, **params: Any) -> str:
    """Give the address of a page with a query, in the reader's language; None in the query is left out."""
    kept = {key: value for key, value in (query or {}).items() if value not in (None, "")}
    return _PAGES[name].page.address(scene.text.lang, **params) + (f"?{urlencode(kept, safe=',.:/')}" if kept else "")


def load() -> None:
    """Import every module in which such pages are declared; again is nothing."""
    for path in sorted(Path(dashboards.__file__).parent.glob(f"*/{MODULE}.py")):
        importlib.import_module(f"dashboards.{path.parent.name}.{MODULE}")


def blueprint() -> flask.Blueprint:
    """Serve every declared page in both languages, and its parts for pages that are open."""
    load()
    made, kept = flask.Blueprint("asked", __name__), _Kept()
    for each in _PAGES.values():
        for lang, before in zip(LANGUAGES, ("", ENGLISH), strict=True):
            rule, name = before + each.page.rule, f"{each.page.name}-{lang}"
            made.add_url_rule(rule, name, _whole(each, lang, kept))
            made.add_url_rule(f"/fragments/<version>{rule}", f"{name}-parts", _parts(each, lang, kept))
    return made


@dataclass(frozen=True)
class _Made:
    """A page that was drawn: the whole and its parts as they are sent, of which data version, and whether there is such a page."""

    whole: Body
    parts: Body
    version: str
    is_there: bool


class _Kept:
    """Pages that were drawn, the ones asked for last; a crowd that asks for one page has it drawn once."""

    def __init__(self) -> None:
        self._lock, self._pages = threading.Lock(), OrderedDict[tuple[str, ...], _Made]()
        self.drawing = threading.Lock()

    def get(self, key: tuple[str, ...]) -> _Made | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: tuple[str, ...], made: _Made) -> None:
        with self._lock:
            self._pages[key] = made
            while len(self._pages) > KEPT:
                self._pages.popitem(last=False)


def _whole(asked: AskedPage, lang: str, kept: _Kept) -> Callable[..., flask.Response]:
    def answer(**params: str) -> flask.Response:
        made = _drawn(asked, lang, params, kept)
        response = _sent(made.whole, "text/html; charset=utf-8", 200 if made.is_there else 404)
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response.make_conditional(flask.request) if made.is_there else response

    return answer


def _parts(asked: AskedPage, lang: str, kept: _Kept) -> Callable[..., flask.Response]:
    def answer(version: str, **params: str) -> flask.Response:
        made = _drawn(asked, lang, params, kept)
        response = _sent(made.parts, "application/json; charset=utf-8", 200)
        # The parts are those of now, whatever was asked for: nobody keeps them under another version's name.
        response.headers["Cache-Control"] = "private" if made.version == version else "no-store"
        return response

    return answer


def _sent(body: Body, kind: str, status: int) -> flask.Response:
    content, coding = body.best(flask.request.headers.get("Accept-Encoding", ""))
    response = flask.Response(content, status, content_type=kind)
    response.set_etag(f"{body.tag}{'-' + coding if coding else ''}")
    response.vary.add("Accept-Encoding")
    if coding:
        response.headers["Content-Encoding"] = coding
    return response


def _drawn(asked: AskedPage, lang: str, params: Mapping[str, str], kept: _Kept) -> _Made:
    context, query = current(), own_parameters(flask.request.args)
    pulse, trouble = context.pulse()
    version = version_of(context, pulse)
    key = (asked.page.name, lang, repr(sorted({**query, **params}.items())), version, _also(asked, context))
    found = None if trouble else kept.get(key)
    if found is None:
        with kept.drawing:
            found = (None if trouble else kept.get(key)) or _draw(asked, context, lang, query, params, version)
        if not trouble and found.version == version and not flask.g.get("fleeting"):
            kept.put(key, found)
    return found


def _draw(
    asked: AskedPage, context: Context, lang: str, query: Mapping[str, str], params: Mapping[str, str], version: str
) -> _Made:  # fmt: skip
    city = params.get("city", "")
    view = View(city=city if city in context.registry.cities else next(iter(context.registry.cities)), lang=lang)
    texts = {**query, **{name: value for name, value in params.items() if name != "city"}}
    there = _is_there(asked, context, {**query, **params}) and city in ("", view.city)
    made = drawn(context, asked.page, view, texts, version)
    return _Made(body_of(made.html, QUALITY), body_of(made.fragments, QUALITY), made.version, there)


def _is_there(asked: AskedPage, context: Context, params: Mapping[str, str]) -> bool:
    """Tell whether there is what a page names; while that cannot be read it is not said that there is not."""
    try:
        return asked.is_there(context, params)
    except LOST as error:
        _LOG.warning("whether there is what page %s names cannot be read: %s", asked.page.name, error)
        fleeting()
        return True


def _also(asked: AskedPage, context: Context) -> str:
    """Tell what else a page depends on; where that cannot be read now nothing is taken from what was kept."""
    try:
        return asked.also(context)
    except sa.exc.SQLAlchemyError as error:
        _LOG.warning("what page %s depends on cannot be read: %s", asked.page.name, error)
        return context.clock().isoformat()
