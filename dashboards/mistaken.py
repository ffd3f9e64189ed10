"""What is answered where an address, a method or a post is none of ours: words in the reader's language, and no script."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import dash
import flask
from dash import html
from werkzeug.exceptions import HTTPException

from dashboards.context import Context, waiting_scene
from dashboards.snapshots.frames import document
from dashboards.snapshots.markup import markup
from dashboards.snapshots.pages import ENGLISH, Page
from dashboards.text import Text
from dashboards.view import LANGUAGES, View

UPDATE = "/_dash-update-component"
REST = "/<path:path>"
"""The rule by which Dash answers every address that nobody else does."""
_WORDS = {
    400: "mistaken.asked",
    404: "mistaken.gone",
    405: "mistaken.method",
    413: "refused.large",
    415: "mistaken.asked",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_ADDRESS = ("pathname", "search")
"""What callbacks of Dash's own hear of the browser's address."""
_PAGE = Page("no_page", "/", {}, lambda _: (), "lost")


def install(app: dash.Dash, context: Context) -> None:
    """Answer for Dash and Flask what they would answer in English alone, or by a page that needs a script to say so."""
    server, page = app.server, _drawer(context)

    @server.before_request
    def _unknown() -> flask.Response | None:
        request = flask.request
        if request.path == UPDATE and request.method == "POST":
            return None if _is_asked(app, request.get_data(cache=True)) else _said(400)
        rule = request.url_rule.rule if request.url_rule else ""
        if rule != REST or request.method not in ("GET", "HEAD") or _is_page(request.path):
            return None
        return _answer(page(_lang()), 404)

    @server.errorhandler(dash.exceptions.DashException)
    def _not_ours(error: dash.exceptions.DashException) -> flask.Response:
        """Answer what Dash raises about a request of its own addresses: it names its inside, and no fault of ours."""
        asked = flask.request.method in ("GET", "HEAD")
        return _answer(page(_lang()), 404) if asked else _said(400)

    @server.errorhandler(HTTPException)
    def _mistaken(error: HTTPException) -> Any:
        """Keep what has no words to say (a redirect, an answer of its own); say the rest in ours."""
        if error.response is not None or error.code is None or error.code < 400:
            return error
        if error.code == 404 and flask.request.method in ("GET", "HEAD"):
            return _answer(page(_lang()), 404)
        answer = _said(error.code)
        answer.headers.extend(
            (name, value) for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
        )
        return answer

    @server.after_request
    def _never_empty(answer: flask.Response) -> flask.Response:
        """Say in words what an answer refuses without any."""
        if answer.status_code < 400 or flask.request.method == "HEAD" or answer.is_streamed or answer.get_data():
            return answer
        shown = answer.status_code == 404 and flask.request.method == "GET"
        return _answer(page(_lang()), 404) if shown else _said(answer.status_code)


def _is_page(path: str) -> bool:
    return path in {each["path"] for each in dash.page_registry.values()}


def _is_asked(app: dash.Dash, body: bytes) -> bool:
    """Tell whether a post is formed as Dash's own are, and asks for what there is. What its values say is the callback's matter."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return False
    output = asked.get("output") if isinstance(asked, dict) else None
    callback = app.callback_map.get(output) if isinstance(output, str) else None
    if callback is None or "callback" not in callback:  # some have their function in the browser alone
        return False
    return all(
        _parts(asked.get(part, [])) == [(each["id"], each["property"]) for each in callback.get(part, [])]
        and all(_is_address(each) for each in asked.get(part, []) if each.get("property") in _ADDRESS)
        for part in ("inputs", "state")
    )


def _is_address(sent: dict[str, Any]) -> bool:
    """Tell whether what is sent of the browser's address is one: Dash takes it apart without asking."""
    value = sent.get("value")
    return isinstance(value, str) and (sent["property"] != "pathname" or value.startswith("/"))


def _parts(sent: Any) -> list[tuple[Any, Any]] | None:
    """Give (id, property) of what is sent to a callback, in order; None where it is not formed so."""
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        return None
    return [(each.get("id"), each.get("property")) for each in sent]


def _lang() -> str:
    request = flask.request
    is_english = request.path.startswith(f"{ENGLISH}/") or request.args.get("lang") == LANGUAGES[1]
    return LANGUAGES[1] if is_english else LANGUAGES[0]


def _drawer(context: Context) -> Callable[[str], str]:
    """Give what draws the page that says that there is none, once a language: it needs no store."""

    @lru_cache(len(LANGUAGES))
    def drawn(lang: str) -> str:
        scene = waiting_scene(context, View(city=next(iter(context.registry.cities)), lang=lang), "", {})
        return document(
            scene, _PAGE, {"notices": markup(html.P(scene.text(_WORDS[404]), className="notice waiting"))}, ""
        )

    return drawn


def _said(status: int) -> flask.Response:
    """Say in both languages why nothing is done; short, for it is programs that meet it."""
    key = _WORDS.get(status, "mistaken.asked" if status < 500 else "mistaken.trouble")
    said = [Text(lang)(key) for lang in LANGUAGES]
    head = f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{said[0]}</title>'
    return _answer(f'{head}<p>{said[0]}<p lang="en">{said[1]}', status)


def _answer(whole: str, status: int) -> flask.Response:
    told = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return flask.Response(whole, status, told, content_type="text/html; charset=utf-8")
