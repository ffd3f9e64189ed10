"""The files of a publication: made once, kept by content, the same bytes for everybody; who asks early is told how far they are."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import flask
import sqlalchemy as sa
from dash import html

from dashboards.context import Scene, current
from dashboards.documents.made import KINDS
from dashboards.office.errors import OfficeError
from dashboards.office.records import engine_of
from dashboards.opendata.answers import refused
from dashboards.opendata.problems import Problem
from dashboards.publications.asked_pages import public_record
from dashboards.publications.making import NotMade, Workshop, workshop_of
from dashboards.publications.register import PublicationRefused, Record
from dashboards.snapshots.drawn import drawn
from dashboards.snapshots.pages import ENGLISH, Page
from dashboards.view import LANGUAGES, View

PEOPLE_WAIT_S, PROGRAMS_WAIT_S = 1.0, 30.0
"""How long an answer is held back for a file that is nearly made [s]."""
AGAIN_S = 2
"""After how long a browser that waits asks again [s]."""
MOST_HELD = 3
"""Requests that may wait at once: the server has few threads, and others want pages."""
_HELD = threading.BoundedSemaphore(MOST_HELD)


def blueprint() -> flask.Blueprint:
    """Serve the files of publications in both languages."""
    made = flask.Blueprint("publication_files", __name__)
    for lang, before in zip(LANGUAGES, ("", ENGLISH), strict=True):
        for kind in KINDS:
            made.add_url_rule(f"{before}/publications/<name>.{kind}", f"{kind}-{lang}", _view(kind, lang))
    made.register_error_handler(Problem, refused)
    return made


def _view(kind: str, lang: str):
    def answer(name: str) -> flask.Response:
        record, workshop = _record(name), workshop_of(current())
        try:
            path = workshop.find(record, kind, lang) or _made(workshop, record, kind, lang)
            if path is not None:
                return _sent(path.read_bytes(), record, kind, lang)
        except (NotMade, OSError) as error:
            what = f"the document cannot be made: {error}"
            raise Problem(what, "templates", "a form that can be set, and room for the file", 503) from error
        if _is_browser():
            return _being_made(workshop, record, kind, lang)
        done = round(100 * workshop.state(record, kind, lang).done)
        raise Problem(f"the file is being made, {done} % are done", "path", "to be asked again in a moment", 503)

    return answer


def _record(name: str) -> Record:
    """Give the publication whose file is asked for; the office is left at once, so that nobody waits with a hold on it."""
    try:
        engine = engine_of(current())
        if engine is None:
            raise Problem("there are no publications here", "path", "a portal with a folder of its own", 404)
        with engine.connect() as connection:
            return public_record(connection, name)
    except PublicationRefused as error:
        raise Problem("there is no such publication", "path", "a number of /publications", 404) from error
    except (sa.exc.SQLAlchemyError, OfficeError, OSError) as error:
        raise Problem("the office cannot be read", "office", "to be asked again later", 503) from error


def _made(workshop: Workshop, record: Record, kind: str, lang: str) -> Path | None:
    """Have a file made and wait a little for it; None where it takes longer, or where too many wait already."""
    workshop.ask(record, (kind,), lang)
    if not _HELD.acquire(blocking=False):
        return None
    try:
        return workshop.wait(record, kind, lang, PEOPLE_WAIT_S if _is_browser() else PROGRAMS_WAIT_S)
    finally:
        _HELD.release()


def _is_browser() -> bool:
    return "text/html" in flask.request.headers.get("Accept", "")


def _sent(body: bytes, record: Record, kind: str, lang: str) -> flask.Response:
    response = flask.Response(body, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{record.name}-{lang}.{kind}"'
    response.headers["Cache-Control"] = "no-cache"  # its state, printed on it, may change; its numbers do not
    response.set_etag(hashlib.sha256(body).hexdigest()[:24])
    return response.make_conditional(flask.request)


def _being_made(workshop: Workshop, record: Record, kind: str, lang: str) -> flask.Response:
    """Say how far a file is; the browser asks again by itself, and then takes the file."""
    context, state = current(), workshop.state(record, kind, lang)

    def told(scene: Scene) -> Any:
        text, path = scene.text, flask.request.path
        back = f"{'' if lang == LANGUAGES[0] else ENGLISH}/publications/{record.name}"
        far = text("publications.making_far", percent=round(100 * state.done), before=state.before)
        return html.Section(
            [
                html.P(text("publications.making"), role="status"),
                html.Progress(value=str(round(100 * state.done)), max="100"), html.P(far),
                html.P([html.A(f"{record.name}.{kind}", href=path), " · ", html.A(record.title(lang), href=back)]),
            ],
            className="card",
        )  # fmt: skip

    page = Page("publication", f"/publications/<name>.{kind}", {"making": told}, lambda _: (), asked=True)
    view = View(city=next(iter(context.registry.cities)), lang=lang)
    body = drawn(context, page, view, {"name": record.name}, "").html
    response = flask.Response(body, 202, content_type="text/html; charset=utf-8")
    response.headers["Refresh"] = response.headers["Retry-After"] = str(AGAIN_S)
    response.headers["Cache-Control"] = "no-store"
    return response
