"""The files of a publication: made once when somebody asks, kept by its content, the same bytes for everybody ever after."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import flask
import sqlalchemy as sa

from dashboards.context import Context, current
from dashboards.documents.forms import form_digest
from dashboards.documents.made import KINDS, files
from dashboards.documents.publication import FROZEN, SUPERSEDED, WITHDRAWN, DocumentRefused, Publication
from dashboards.moment import SHANGHAI
from dashboards.office.records import engine_of
from dashboards.opendata.answers import refused
from dashboards.opendata.problems import Problem
from dashboards.phase.content import from_bytes
from dashboards.publications import register
from dashboards.publications.asked_pages import public_record
from dashboards.publications.cards import period_of_record
from dashboards.publications.register import PublicationRefused, Record
from dashboards.snapshots.pages import ENGLISH
from dashboards.text import Text
from dashboards.view import LANGUAGES

FOLDER = "publications"
_MAKING = threading.Lock()
_STATES = {"published": FROZEN, "superseded": SUPERSEDED, "withdrawn": WITHDRAWN}


def blueprint() -> flask.Blueprint:
    """Serve the files of publications in both languages."""
    made = flask.Blueprint("publication_files", __name__)
    for lang, before in zip(LANGUAGES, ("", ENGLISH), strict=True):
        for kind in KINDS:
            made.add_url_rule(f"{before}/publications/<name>.{kind}", f"{kind}-{lang}", _view(kind, lang))
    made.register_error_handler(Problem, refused)
    return made


def file_of(context: Context, office: sa.Connection, record: Record, kind: str, lang: str) -> bytes:
    """Give a file of a publication: from the shelf, or made now and put there. Errors: DocumentRefused for a broken form."""
    path = _shelf(context) / f"{_name(context, record, lang)}.{kind}"
    with _MAKING:  # one at a time: the machine has other things to do, and a crowd asks for one file
        if not path.exists():
            content = from_bytes(register.content_of(office, record))
            body = files(document_of(record, lang), content, (kind,), portal=context.folder)[kind]
            path.parent.mkdir(parents=True, exist_ok=True)
            own = path.with_name(f".{path.name}-{os.getpid()}")
            own.write_bytes(body)
            own.replace(path)
    return path.read_bytes()


def document_of(record: Record, lang: str) -> Publication:
    """Give what stands around an assessment on paper."""
    text = Text(lang)
    return Publication(
        title=record.title(lang), organ=text("publications.organ"), period=period_of_record(text, record),
        number=number_of(record, text),
        issued=(record.frozen_at + SHANGHAI).date(), state=_STATES[record.state],
        sha256s={"inputs": record.inputs_sha256, "content": record.content_sha256}, simulated=record.simulated, lang=lang,
    )  # fmt: skip


def number_of(record: Record, text: Text) -> str:
    """Give the number of a document as papers bear it: year in brackets, and the revision where it is one."""
    year, _, number = record.number.partition("-")
    key = "publications.document_revision" if record.revision else "publications.document_number"
    return text(key, year=year, number=int(number), revision=record.revision + 1)


def _view(kind: str, lang: str):
    def answer(name: str) -> flask.Response:
        context = current()
        engine = engine_of(context)
        if engine is None:
            raise Problem("there are no publications here", "path", "a portal with a folder of its own", 404)
        with engine.connect() as connection:
            try:
                record = public_record(connection, name)
            except PublicationRefused as error:
                raise Problem("there is no such publication", "path", "a number of /publications", 404) from error
            try:
                body = file_of(context, connection, record, kind, lang)
            except DocumentRefused as error:
                raise Problem(
                    f"the document cannot be made: {error}", "templates", "a form that can be set", 503
                ) from error
        response = flask.Response(body, content_type=KINDS[kind])
        response.headers["Content-Disposition"] = f'attachment; filename="{record.name}-{lang}.{kind}"'
        response.headers["Cache-Control"] = "no-cache"  # its state, printed on it, may change; its numbers do not
        response.set_etag(hashlib.sha256(body).hexdigest()[:24])
        return response.make_conditional(flask.request)

    return answer


def _shelf(context: Context) -> Path:
    return context.files_folder() / FOLDER


def _name(context: Context, record: Record, lang: str) -> str:
    """Name a file by everything that decides its bytes, so that no old one is ever served for another."""
    told = [record.content_sha256, record.name, record.state, lang, record.title(lang), form_digest(context.folder)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:32]
