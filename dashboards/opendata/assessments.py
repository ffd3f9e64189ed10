"""Assessments for programs: a draft that follows the store, and what was published, of which the numbers never change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask
import orjson
import sqlalchemy as sa

from dashboards.context import current
from dashboards.office.errors import OfficeError
from dashboards.office.records import engine_of
from dashboards.opendata import parameters, terms
from dashboards.opendata.answers import answer, as_json, not_modified, opened
from dashboards.opendata.problems import Problem
from dashboards.phase.content import as_bytes
from dashboards.phase.question import NAMES, Question, QuestionRefused
from dashboards.publications import register
from dashboards.publications.drafting import asked_question, drafts_of, files_stamp
from dashboards.publications.office_tables import PUBLIC
from dashboards.publications.register import PublicationRefused, Record
from dashboards.queries.models import stamp

PERIOD = "natural days in Asia/Shanghai, both ends included"
DRAFT_NOTICE = "a draft: it follows the store, nobody has published it; NA is null, with its reason in why_missing"
NOTICE = "the content of a number never changes; state says whether it still stands"
FOR_EVER_S = 31_536_000
"""How long a program may keep what never changes [s]; a year is the most that is promised (RFC 9111, 5.2.2.1)."""
PARTS = {"content": register.content_of, "inputs": register.inputs_of}
"""What of a publication never changes, each under an address of its own as the bytes that its digest is of."""


def draft() -> flask.Response:
    """Answer with the assessment of a period as the store gives it now."""
    one = parameters.single(_given(), list(NAMES))
    question = _question(one)
    context = current()
    with opened() as (connection, version):
        version = _digest(version, files_stamp(context), stamp(context.models))
        if unchanged := not_modified(version):
            return unchanged
        found = drafts_of(context).of(context, connection, question)
    return answer(
        orjson.loads(as_bytes(found.content)), version, draft=True, question=question.texts, period=PERIOD,
        notice=DRAFT_NOTICE, citation=f"{terms.SOURCE}: draft of {question.period.name}, data version {version}",
        content_sha256=found.sha256, next=None,
    )  # fmt: skip


def publications() -> flask.Response:
    """Answer with a page of what was published for everybody, the newest first."""
    one = parameters.single(_given(), ["limit", "cursor"])
    size, before = parameters.limit_of(one), _before(one["cursor"]) if "cursor" in one else None
    with public_office() as connection:
        version = _digest(register.version_of(connection))
        if unchanged := not_modified(version):
            return unchanged
        found = register.listed(connection, most=size + 1, before=before)
    page = found[:size]
    end = parameters.cursor("publications", [page[-1].id]) if len(found) > size else None
    following = f"{flask.request.path}?limit={size}&cursor={end}" if end else None
    data = [record_told(each) for each in page]
    return answer(data, version, count=len(data), cursor=end, next=following, **_about("publications"))


def publication(name: str) -> flask.Response:
    """Answer with the record of a publication, its content, and what a revision changed."""
    parameters.single(_given(), [])
    with public_office() as connection:
        record = _public(connection, name)
        revisions = register.revisions_of(connection, record.number)
        version = _digest(record.content_sha256, *(f"{each.name} {each.state} {each.state_at}" for each in revisions))
        if unchanged := not_modified(version):
            return unchanged
        content = register.content_of(connection, record)
        changes = register.changes_of(connection, record)
    told = record_told(record) | {
        "revisions": [each.name for each in revisions], "content": orjson.loads(content), "changes": changes,
    }  # fmt: skip
    return answer(told, version, next=None, **_about(record.name))


def part(name: str, kind: str) -> flask.Response:
    """Answer with the frozen content or the recorded inputs of a publication: the very bytes, to be kept for ever."""
    parameters.single(_given(), [])
    with public_office() as connection:
        record = _public(connection, name)
        body = PARTS[kind](connection, record)
    response = as_json(None)
    response.set_data(body)
    response.set_etag(record.content_sha256 if kind == "content" else record.inputs_sha256)
    response.headers["Cache-Control"] = f"public, max-age={FOR_EVER_S}, immutable"
    return response.make_conditional(flask.request)


def record_told(record: Record) -> dict[str, Any]:
    """Give what programs are told of a publication; moments are UTC, days those of Asia/Shanghai."""
    plain = (
        "revision", "title_zh", "title_en", "period", "first_day", "last_day", "edition", "simulated", "state", "state_at",
        "state_reason", "reason", "frozen_at", "frozen_by", "content_sha256", "inputs_sha256", "software",
    )  # fmt: skip
    path = f"/publications/{record.name}"
    return {
        "publication": record.name, **{name: getattr(record, name) for name in plain},
        "question": dict(part.partition("=")[::2] for part in record.question.split(";")),
        "page": path, "content_address": f"/api/v1{path}/content", "inputs_address": f"/api/v1{path}/inputs",
    }  # fmt: skip


@contextmanager
def public_office() -> Iterator[sa.Connection]:
    """Open the office for a look; Problem where there is none, or it cannot be read."""
    try:
        engine = engine_of(current())
        if engine is None:
            raise Problem("there are no publications here", "path", "a portal with a folder of its own", 404)
        with engine.connect() as connection:
            yield connection
    except PublicationRefused as error:  # what is kept does not have its digest
        raise Problem("what is kept does not have its digest", "path", "an undamaged office", 503) from error
    except (sa.exc.SQLAlchemyError, OfficeError, OSError) as error:
        raise Problem("the office cannot be read", "office", "to be asked again later", 503) from error


def _question(one: dict[str, str]) -> Question:
    try:
        return asked_question(current(), one)
    except QuestionRefused as error:
        raise Problem(f"{error.part} is {parameters.shown(error.found)}", error.part, error.expected) from error


def _public(connection: sa.Connection, name: str) -> Record:
    """Give a publication that everybody may read; one for the office alone is not there, as one that there never was."""
    try:
        found = register.by_name(connection, name)
    except PublicationRefused:
        found = None
    if found is None or found.audience != PUBLIC:
        raise Problem(
            f"there is no publication {parameters.shown(name)}", "path", "a number of /api/v1/publications", 404
        )
    return found


def _before(text: str) -> int:
    parts = parameters.parts_of(text)
    if len(parts) != 2 or parts[0] != "publications" or type(parts[1]) is not int or not 0 < parts[1] < 2**31:
        raise Problem("the cursor is none of this list", "cursor", "the cursor of meta.next, unchanged")
    return parts[1]


def _about(what: str) -> dict[str, str]:
    return {"citation": f"{terms.SOURCE}: {what}", "period": PERIOD, "notice": NOTICE}


def _given() -> dict[str, list[str]]:
    if len(flask.request.query_string) > parameters.LARGEST_QUERY:
        raise Problem(
            f"the query has {len(flask.request.query_string)} letters", "query", f"at most {parameters.LARGEST_QUERY}"
        )
    return flask.request.args.to_dict(flat=False)


def _digest(*told: str) -> str:
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]
