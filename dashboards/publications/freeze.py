"""Drafts that follow the store, and what an officer makes of them: a publication, its revision, its withdrawal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import orjson
import sqlalchemy as sa

from dashboards.office import audit
from dashboards.office.guard import Officer, require
from dashboards.office.records import mark_changed, transaction
from dashboards.phase.assess import assess
from dashboards.phase.content import Content, as_bytes, digest, from_bytes
from dashboards.phase.gathered import Gathered, gathered_from
from dashboards.phase.question import Question, question_of_text
from dashboards.publications import register
from dashboards.publications.difference import Cell, difference
from dashboards.publications.office_tables import PUBLIC
from dashboards.publications.register import Frozen, PublicationRefused, Record
from dashboards.publications.software import software
from dashboards.publications.why import changed_days


@dataclass(frozen=True, slots=True)
class Draft:
    """What the store gives now for a question: inputs and content in their canonical bytes, and the digest of the content."""

    question: Question
    inputs: bytes
    content: Content
    form: bytes

    @property
    def sha256(self) -> str:
        """Give the digest by which an officer tells what was looked at."""
        return digest(self.form)


def draft_of(gathered: Gathered) -> Draft:
    """Compute the draft of what was gathered; it is computed from the recorded form, so that a publication can be again."""
    inputs = gathered.as_bytes()
    content = assess(gathered_from(inputs))
    return Draft(gathered.question, inputs, content, as_bytes(content))


def freeze(
    office: sa.Engine, draft: Draft, officer: Officer, *, looked_at: str, titles: tuple[str, str], place: str,
    at: dt.datetime, audience: str = PUBLIC,
) -> Record:  # fmt: skip
    """Publish a draft under a new number; of two officers at once one is told that the other did.

    looked_at: digest of the content that the officer saw; where the store has moved on since then nothing is published.
    titles: Chinese and English. place: whence, for the log. at: naive UTC.
    Errors: Refused for an officer who may not; PublicationRefused where the question has a publication, or the draft is
    not the one that was looked at.
    """
    require(officer, "freeze", city_of(draft.question))
    _require_seen(draft, looked_at)
    frozen = _frozen(draft, titles, audience)
    with transaction(office) as connection:
        made = register.record_first(connection, frozen, by=officer.name, at=at)
        _log(connection, "freeze", made, officer, place, at)
    return made


def revise(
    office: sa.Engine, before: Record, draft: Draft, officer: Officer, *, looked_at: str, reason: str, place: str,
    at: dt.datetime,
) -> Record:  # fmt: skip
    """Publish what a draft changes as the next revision, with the list of cells and of the days behind them.

    Errors: as freeze; PublicationRefused also where nothing has changed, or `before` is not the newest revision.
    """
    require(officer, "revise", city_of(draft.question))
    _require_seen(draft, looked_at)
    if draft.question.text != before.question:
        raise PublicationRefused("publications.refused_other_question", name=before.name)
    with office.connect() as connection:
        old_form = register.content_of(connection, before)
        old_inputs = register.inputs_of(connection, before)
    if digest(old_form) == draft.sha256:
        raise PublicationRefused("publications.refused_no_change", name=before.name)
    changes = changes_between(
        from_bytes(old_form), draft.content, gathered_from(old_inputs), gathered_from(draft.inputs)
    )
    frozen = _frozen(draft, (before.title_zh, before.title_en), before.audience)
    with transaction(office) as connection:
        made = register.record_revision(connection, before, frozen, changes, reason=reason, by=officer.name, at=at)
        _log(connection, "revise", made, officer, place, at, reason=made.reason, supersedes=before.name)
    return made


def withdraw(
    office: sa.Engine, before: Record, officer: Officer, *, reason: str, place: str, at: dt.datetime
) -> Record:  # fmt: skip
    """Withdraw a publication; its number, content and record stay. Errors: as freeze."""
    require(officer, "withdraw", city_of_record(before))
    with transaction(office) as connection:
        made = register.withdraw(connection, before, reason=reason, by=officer.name, at=at)
        _log(connection, "withdraw", made, officer, place, at, reason=reason.strip())
    return made


def changes_between(before: Content, after: Content, old: Gathered, new: Gathered) -> bytes:
    """Give what a revision changed as canonical JSON: the cells, and the daily values of the inputs behind them."""
    cells = [_cell(cell) for cell in difference(before, after)]
    return orjson.dumps({"cells": cells, "days": changed_days(old, new)}, option=orjson.OPT_SORT_KEYS)


def city_of_record(record: Record) -> str | None:
    """Give the one city that a publication is about, None where it is about several: then it is the region's."""
    return city_of(question_of_text(record.question))


def city_of(question: Question) -> str | None:
    """Give the one city that a question is about, None where it is about several: then it is the region's."""
    return question.cities[0] if len(question.cities) == 1 and not question.region else None


def _require_seen(draft: Draft, looked_at: str) -> None:
    if looked_at != draft.sha256:
        raise PublicationRefused("publications.refused_moved_on", seen=looked_at[:12], now=draft.sha256[:12])


def _frozen(draft: Draft, titles: tuple[str, str], audience: str) -> Frozen:
    question, about = draft.question, draft.content.about
    zh, en = (each.strip() for each in titles)
    if not zh or not en or max(len(zh), len(en)) > 200:
        raise PublicationRefused("publications.refused_title", longest=200)
    return Frozen(
        question=question.text, title_zh=zh, title_en=en, period=question.period.name,
        first_day=question.period.first_date, last_day=question.period.last_date, edition=question.edition,
        simulated=bool(about.get("simulated")), inputs=draft.inputs, content=draft.form, software=software(),
        versions=about, audience=audience,
    )  # fmt: skip


def _log(
    connection: sa.Connection, what: str, record: Record, officer: Officer, place: str, at: dt.datetime, **more: str
) -> None:  # fmt: skip
    detail = {"content": record.content_sha256, "inputs": record.inputs_sha256, "question": record.question, **more}
    audit.append(connection, at, officer.name, place, what, f"publication {record.name}", detail)
    mark_changed(connection, "publications")


def _cell(cell: Cell) -> dict[str, object]:
    return {
        "edition": cell.edition, "table": cell.table, "row": list(cell.row), "column": cell.column.key, "kind": cell.kind,
        "was": cell.was, "now": cell.now,
    }  # fmt: skip
