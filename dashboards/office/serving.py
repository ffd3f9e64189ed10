"""The office in the portal's server: a blueprint that serves every declared page, for one person, kept by nobody."""

from __future__ import annotations

import dataclasses
import importlib
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import flask
import sqlalchemy as sa
from dash import html
from werkzeug.exceptions import RequestEntityTooLarge

import dashboards
from dashboards.context import Context, current, scene_of
from dashboards.office import attempts, audit, guard, sessions
from dashboards.office.accounts import Caller
from dashboards.office.desk import ROOT, Desk, OfficePage, is_secure, office_pages, remote_of
from dashboards.office.errors import NotSignedIn, NotThere, OfficeError, Refused
from dashboards.office.forms import form, posted
from dashboards.office.guard import Officer
from dashboards.office.records import engine_of, transaction
from dashboards.office.sessions import Session
from dashboards.snapshots.frames import document
from dashboards.snapshots.markup import markup
from dashboards.snapshots.pages import ENGLISH, Page
from dashboards.view import LANGUAGES, View

MODULE = "office_pages"
"""A package of dashboards declares its pages of the office in a module of this name."""
LOGIN = f"{ROOT}/login"
_COOKIE, _FORM_COOKIE = "airshed_office", "airshed_form"
_LONGEST_COOKIE, _LONGEST_VALUE = 100, 200
_OWN = re.compile(rf"(?:{ENGLISH})?{ROOT}(?:/(?!\.)[\w.%-]+)*", re.ASCII)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_LOG = logging.getLogger(__name__)


def load() -> None:
    """Import every module in which pages of the office are declared; again is nothing."""
    for path in sorted(Path(dashboards.__file__).parent.glob(f"*/{MODULE}.py")):
        importlib.import_module(f"dashboards.{path.parent.name}.{MODULE}")


def blueprint() -> flask.Blueprint:
    """Give the office as a part of a server: each page in both languages, and what it says where something goes wrong."""
    load()
    made = flask.Blueprint("office", __name__)
    for page in office_pages():
        for lang, before in zip(LANGUAGES, ("", ENGLISH), strict=True):
            made.add_url_rule(
                before + page.rule, f"{page.name}-{lang}", _view(page, lang),
                methods=["GET", "POST"] if page.post else ["GET"],
            )  # fmt: skip
    return made


def who(request: flask.Request) -> Officer | None:
    """Give who is signed in by the cookie of a request, None for nobody."""
    engine = engine_of(current())
    found = _session_of(request, engine, current()) if engine else None
    return found[1] if found else None


def sign_in(answer: flask.Response, token: str) -> flask.Response:
    """Let the browser hold the token of a new session."""
    _set(answer, _COOKIE, token)
    return answer


def sign_out(answer: flask.Response) -> flask.Response:
    """Let the browser forget its session."""
    answer.delete_cookie(_named(_COOKIE), path="/", secure=is_secure(flask.request), httponly=True, samesite="Lax")
    return answer


def own_address(text: str) -> str:
    """Give an address of the office as it was named by a request, "" where it is anything else."""
    return text if len(text) <= _LONGEST_VALUE and _OWN.fullmatch(text) else ""


def gone(to: str) -> flask.Response:
    """Lead on to another page; to may be of the office alone (an address of ours that holds other letters is quoted)."""
    return flask.Response("", 303, {"Location": quote(to, safe="/%?=&-._~#")}, content_type="text/plain")


def _view(page: OfficePage, lang: str) -> Any:
    def answer(**params: str) -> flask.Response:
        try:
            made = _answered(current(), page, lang, params)
        except sa.exc.SQLAlchemyError:
            _LOG.exception("the office cannot be read for page %s", page.name)
            made = _plain(current(), page, lang, params, "office.closed", 503)
        except (OfficeError, OSError) as error:
            _LOG.error("the office is closed: %s", error)
            made = _plain(current(), page, lang, params, "office.closed", 503)
        except RequestEntityTooLarge:
            made = _plain(current(), page, lang, params, "office.too_large", 413)
        except Exception:  # a page in trouble says so, and takes nobody with it
            _LOG.exception("page %s of the office cannot be answered", page.name)
            made = _plain(current(), page, lang, params, "office.trouble", 500)
        made.headers["Cache-Control"] = "no-store"
        made.headers["Content-Security-Policy"] = _POLICY
        made.headers["X-Robots-Tag"] = "noindex"
        made.vary.add("Cookie")
        return made

    return answer


def _answered(context: Context, page: OfficePage, lang: str, params: Mapping[str, str]) -> flask.Response:
    engine, request = engine_of(context), flask.request
    if engine is None:
        return _plain(context, page, lang, params, "office.none", 503)
    if params.get("city", "") not in ("", *context.registry.cities):
        return _plain(context, page, lang, params, "office.no_such_page", 404)
    found = _session_of(request, engine, context)
    session, officer = found or (None, None)
    if officer is None and not page.is_open:
        return gone(f"{_lang(LOGIN, lang)}?{urlencode({'to': request.path})}")
    with scene_of(context, _of(context, lang, params, officer), dict(params)) as scene:
        secret = request.cookies.get(_named(_COOKIE if officer else _FORM_COOKIE), "")[:_LONGEST_COOKIE]
        made = sessions.new_token() if not secret and page.is_open else ""
        query = {name: value for name, value in request.args.items() if len(value) <= _LONGEST_VALUE}
        desk = Desk(
            scene, engine, _caller(request, context, officer), officer, session, secret or made, request.path, query
        )
        answer = _of_desk(desk, page, params)
    if made and request.method != "POST":
        _set(answer, _FORM_COOKIE, made)
    return answer


def _of_desk(desk: Desk, page: OfficePage, params: Mapping[str, str]) -> flask.Response:
    said: Refused | None = None
    try:
        if page.action:
            _require_somewhere(desk, page.action)
        if flask.request.method == "POST" and page.post:
            fields = posted(desk, flask.request, page.takes)
            desk = dataclasses.replace(desk, typed=fields)
            result = page.post(desk, fields, **params)
            if isinstance(result, flask.Response):
                return result
            return gone(desk.link(result)) if isinstance(result, str) else _drawn(desk, page, result)
    except NotSignedIn:
        return gone(f"{desk.link(LOGIN)}?{urlencode({'to': desk.path})}")
    except Refused as refused:
        if refused.key in ("office.may_not", "office.change_first"):
            _tell_refused(desk, refused)
            return _drawn(desk, page, None, refused, 403)
        said = refused
    try:
        content = page.render(desk, **params)
        if isinstance(content, flask.Response):  # a file
            return content
        return _drawn(desk, page, content, said, 422 if said else 200)
    except Refused as refused:
        return _drawn(desk, page, None, refused, 404 if isinstance(refused, NotThere) else 403)


def _require_somewhere(desk: Desk, action: str) -> None:
    """Require that a reader may do this for some city; of which one, the page asks itself."""
    officer = desk.officer
    guard.require(officer, action, officer.city if officer else None)


def _tell_refused(desk: Desk, refused: Refused) -> None:
    with transaction(desk.engine) as connection:
        count = attempts.is_to_be_told(
            connection, f"refused {desk.caller.who} {refused.values.get('action', '')}", desk.at
        )
        if count:
            told = {"why": refused.key.removeprefix("office."), **refused.values, "times": count}
            desk.log(connection, "refused", desk.path, told)


def _session_of(request: flask.Request, engine: sa.Engine, context: Context) -> tuple[Session, Officer] | None:
    token = request.cookies.get(_named(_COOKIE), "")
    if not token:
        return None
    at = context.clock()
    with engine.connect() as connection:
        found = sessions.find(connection, token[:_LONGEST_COOKIE], at)
    if found is None and request.method == "POST":
        _tell_forged(request, engine, context)
    if found and at - found[0].seen >= sessions.SEEN_EVERY:
        with transaction(engine) as connection:
            sessions.touch(connection, found[0].label, at)
    return found


def _tell_forged(request: flask.Request, engine: sa.Engine, context: Context) -> None:
    """Write down that a form came with a session that there is not: forged, or over."""
    caller = _caller(request, context, None)
    with transaction(engine) as connection:
        count = attempts.is_to_be_told(connection, f"session {caller.address}", caller.at)
        if count:
            rule = flask.request.url_rule.rule if flask.request.url_rule else ""
            audit.append(connection, caller.at, caller.who, caller.place, "session.refused", rule, {"times": count})


def _caller(request: flask.Request, context: Context, officer: Officer | None) -> Caller:
    address, place = remote_of(request)
    return Caller(officer.name if officer else "?", context.clock(), address, place)


def _of(context: Context, lang: str, params: Mapping[str, str], officer: Officer | None) -> View:
    known = [*context.registry.cities]
    asked = params.get("city") or (officer.city if officer else None)
    return View(city=asked if asked in known else known[0], lang=lang)


def _drawn(
    desk: Desk, page: OfficePage, content: Any, said: Refused | None = None, status: int = 200
) -> flask.Response:
    told = html.P(_words(desk, said), className="notice waiting", role="alert") if said else None
    parts = {"desk-bar": markup(_bar(desk, page)), "notices": markup(told), "content": markup(content)}
    whole = document(desk.scene, _as_page(page), parts, "")
    return flask.Response(whole, status, content_type="text/html; charset=utf-8")


def _words(desk: Desk, said: Refused) -> str:
    values = dict(said.values)
    if "action" in values:
        values["action"] = desk.text.of_code("office.action.", str(values["action"]))
    if "city" in values:
        values["city"] = desk.scene.city_name(str(values["city"])) if values["city"] else desk.text("office.region")
    return desk.text(said.key, **values)


def _bar(desk: Desk, page: OfficePage) -> Any:
    """Draw who is signed in, and the way to the other pages of the office that he may open."""
    officer = desk.officer
    if officer is None:
        return None
    shown = [
        html.A(desk.text(f"page.{each.name}"), href=desk.link(each.rule), **_here(each, page))
        for each in office_pages()
        if each.in_navigation and (not each.action or desk.may(each.action, officer.city))
    ]
    away = form(desk, f"{ROOT}/logout", (), desk.text("office.sign_out"))
    return [html.Nav(shown, **{"aria-label": desk.text("page.office")}), html.Span(officer.display), away]


def _here(each: OfficePage, page: OfficePage) -> dict[str, str]:
    return {"aria-current": "page"} if each.name == page.name else {}


def _plain(
    context: Context, page: OfficePage, lang: str, params: Mapping[str, str], key: str, status: int
) -> flask.Response:
    """Draw a page that only says one thing, without a look at the office."""
    with scene_of(context, _of(context, lang, {}, None), dict(params)) as scene:
        parts = {
            "desk-bar": "",
            "content": "",
            "notices": markup(html.P(scene.text(key), className="notice waiting", role="alert")),
        }
        whole = document(scene, _as_page(page), parts, "")
    return flask.Response(whole, status, content_type="text/html; charset=utf-8")


def _as_page(page: OfficePage) -> Page:
    return Page(page.name, page.rule, {}, lambda _: (), "office")


def _lang(path: str, lang: str) -> str:
    return path if lang == LANGUAGES[0] else ENGLISH + path


def _named(name: str) -> str:
    """Name a cookie: where the browser speaks https none of another host or path can stand in its place (RFC 6265bis, 4.1.3)."""
    return f"__Host-{name}" if is_secure(flask.request) else name


def _set(answer: flask.Response, name: str, value: str) -> None:
    answer.set_cookie(_named(name), value, path="/", secure=is_secure(flask.request), httponly=True, samesite="Lax")
