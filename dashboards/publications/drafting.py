"""The draft of a question as the store gives it now; kept for the data version, since many ask for the same one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

import sqlalchemy as sa

from dashboards.context import Context
from dashboards.phase.content import from_bytes
from dashboards.phase.door import gathered_for
from dashboards.phase.question import Question, question_of, question_of_text
from dashboards.publications.difference import Cell, difference
from dashboards.publications.freeze import Draft, draft_of
from dashboards.publications.register import Record, content_of
from dashboards.queries.air import fingerprint
from dashboards.queries.models import stamp

KEPT = 8
"""Drafts in memory: each some megabytes."""
Asked = Mapping[str, str]


class Drafts:
    """Drafts of one portal by question and data version; two who ask at once have it computed once."""

    def __init__(self) -> None:
        self._lock, self._kept = threading.Lock(), OrderedDict[tuple[str, str, str], Draft]()

    def of(self, context: Context, connection: sa.Connection, question: Question) -> Draft:
        """Give the draft of a question; raise SQLAlchemyError where the store cannot be read."""
        # Of this very connection, before it is read: the shared answer may know of rows that a connection from before does not see.
        pulse = fingerprint(connection, tuple(context.registry.cities)) + stamp(context.models)
        key = (question.text, pulse, files_stamp(context))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = fresh(context, connection, question)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


def fresh(context: Context, connection: sa.Connection, question: Question) -> Draft:
    """Compute the draft of a question now: what is frozen is never taken from what was kept."""
    return draft_of(
        gathered_for(connection, question, registry=context.registry, folder=context.folder, models=context.models)
    )  # fmt: skip


def drafts_of(context: Context) -> Drafts:
    """Give the drafts of a portal."""
    if context.drafts is None:
        context.drafts = Drafts()
    return context.drafts


def asked_question(context: Context, asked: Asked) -> Question:
    """Read a question from the parameters of an address; raise QuestionRefused for what is none."""
    return question_of(asked, tuple(context.registry.cities))


def overtaken(context: Context, connection: sa.Connection, office: sa.Connection, record: Record) -> tuple[Cell, ...]:
    """Give the cells in which the draft of now differs from a frozen publication; empty where it would come out the same.

    Raises QuestionRefused where the question cannot be read by this software any more.
    """
    draft = drafts_of(context).of(context, connection, question_of_text(record.question))
    if draft.sha256 == record.content_sha256:
        return ()
    return difference(from_bytes(content_of(office, record)), draft.content)


def files_stamp(context: Context) -> str:
    """Tell how the files stand that a draft reads beside the store: targets and exceptional events."""
    if context.folder is None:
        return ""
    found = []
    for name in ("targets.toml", "events.toml"):
        try:
            stat = (context.folder / name).stat()
            found.append(f"{name} {stat.st_mtime_ns} {stat.st_size}")
        except OSError:
            found.append("")
    return " ".join(found)
