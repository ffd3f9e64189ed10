"""Numbered records of assessments: given in one transaction, read by number, changed in their state alone."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from dashboards.moment import SHANGHAI
from dashboards.office.errors import Refused
from dashboards.phase.content import digest
from dashboards.publications.office_tables import (
    ALLOWED,
    CHANGES,
    CONTENT,
    INPUTS,
    PUBLIC,
    PUBLISHED,
    SUPERSEDED,
    WITHDRAWN,
    blob,
    publication,
)

_NUMBER = re.compile(r"(\d{4})-(\d{3,6})(?:r(\d{1,3}))?")


class PublicationRefused(Refused):
    """A publication that cannot be made, changed or found; key and values as of every refusal of the office."""


def name_of(number: str, revision: int) -> str:
    """Give number and revision as they stand in addresses and on paper: "2026-014", "2026-014r1"."""
    return f"{number}r{revision}" if revision else number


@dataclass(frozen=True, slots=True)
class Record:
    """One revision of a publication as it stands in the register; times are naive UTC, versions as they were recorded."""

    id: int
    number: str
    revision: int
    question: str
    title_zh: str
    title_en: str
    period: str
    first_day: dt.date
    last_day: dt.date
    edition: str
    audience: str
    simulated: bool
    inputs_sha256: str
    content_sha256: str
    changes_sha256: str | None
    software: str
    versions: Mapping[str, Any]
    frozen_by: str
    frozen_at: dt.datetime
    reason: str
    state: str
    state_by: str
    state_at: dt.datetime
    state_reason: str

    @property
    def name(self) -> str:
        """Give number and revision as they stand in addresses and on paper: "2026-014", "2026-014r1"."""
        return name_of(self.number, self.revision)

    def title(self, lang: str) -> str:
        """Give the title in a language."""
        return self.title_zh if lang == "zh" else self.title_en


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is to be recorded: question (canonical text), titles, period, edition, inputs and content (canonical bytes)."""

    question: str
    title_zh: str
    title_en: str
    period: str
    first_day: dt.date
    last_day: dt.date
    edition: str
    simulated: bool
    inputs: bytes
    content: bytes
    software: str
    versions: Mapping[str, Any]
    audience: str = PUBLIC


def record_first(connection: sa.Connection, frozen: Frozen, *, by: str, at: dt.datetime) -> Record:
    """Record a publication under the next number of its year; raise PublicationRefused where the question has one already.

    connection: in a transaction of the office that lets one writer in at a time, so that numbers have no gaps.
    """
    earlier = newest_of(connection, frozen.question)
    if earlier is not None:
        raise PublicationRefused("publications.refused_exists", name=earlier.name, by=earlier.frozen_by)
    return _insert(connection, frozen, next_number(connection, at), 0, None, "", by=by, at=at)


def record_revision(
    connection: sa.Connection, before: Record, frozen: Frozen, changes: bytes, *, reason: str, by: str, at: dt.datetime
) -> Record:  # fmt: skip
    """Record the next revision of a publication and let it supersede the last one where that still stands.

    Raises PublicationRefused where `before` is not the newest revision any more, or no reason is given.
    """
    newest = newest_of(connection, before.question)
    if newest is None or newest.id != before.id:
        raise PublicationRefused("publications.refused_not_newest", name=before.name)
    if not reason.strip():
        raise PublicationRefused("publications.refused_no_reason", name=before.name)
    made = _insert(
        connection, frozen, before.number, before.revision + 1, changes, reason.strip(), by=by, at=at
    )  # fmt: skip
    if newest.state == PUBLISHED:  # as it stands now: somebody may have withdrawn it since it was looked at
        _move(connection, newest, SUPERSEDED, made.name, by=by, at=at)
    return made


def withdraw(connection: sa.Connection, before: Record, *, reason: str, by: str, at: dt.datetime) -> Record:
    """Withdraw a publication: its record and content stay, and say so; raise PublicationRefused where it does not stand."""
    if not reason.strip():
        raise PublicationRefused("publications.refused_no_reason", name=before.name)
    now = by_name(connection, before.name)
    if WITHDRAWN not in ALLOWED[now.state]:
        raise PublicationRefused("publications.refused_state", name=now.name, state=now.state)
    _move(connection, now, WITHDRAWN, reason.strip(), by=by, at=at)
    return by_name(connection, before.name)


def by_name(connection: sa.Connection, name: str) -> Record:
    """Give a revision by its name, "2026-014" the first and "2026-014r1" the one after; raise PublicationRefused for none."""
    parts = _NUMBER.fullmatch(name)
    if parts:
        c = publication.c
        wanted = (c.number == f"{parts[1]}-{parts[2]}") & (c.revision == int(parts[3] or 0))
        row = connection.execute(sa.select(publication).where(wanted)).first()
        if row is not None and _record(row).name == name:
            return _record(row)
    raise PublicationRefused("publications.refused_unknown", name=name[:24])


def named(
    connection: sa.Connection, names: Iterable[str], audiences: Sequence[str] = (PUBLIC,)
) -> dict[str, Record]:  # fmt: skip
    """Give the revisions of these names for these audiences, by name; one that there is not, or not for them, is left out."""
    wanted = set(names)
    numbers = {name.partition("r")[0] for name in wanted}
    c = publication.c
    rows = connection.execute(sa.select(publication).where(c.number.in_(numbers), c.audience.in_(audiences)))
    return {record.name: record for record in map(_record, rows) if record.name in wanted}


def newest_of(connection: sa.Connection, question: str) -> Record | None:
    """Give the newest revision of the publication of a question, in whatever state; None where none was made."""
    c = publication.c
    query = sa.select(publication).where(c.question == question).order_by(c.revision.desc()).limit(1)
    row = connection.execute(query).first()
    return row and _record(row)


def revisions_of(connection: sa.Connection, number: str) -> list[Record]:
    """Give all revisions under one number, the first first."""
    c = publication.c
    return [
        _record(r) for r in connection.execute(sa.select(publication).where(c.number == number).order_by(c.revision))
    ]


def listed(
    connection: sa.Connection, *, audiences: tuple[str, ...] = (PUBLIC,), most: int = 50, before: int | None = None
) -> list[Record]:  # fmt: skip
    """Give publications, the newest first, at most `most` of those recorded before the one with the id `before`."""
    c = publication.c
    query = sa.select(publication).where(c.audience.in_(audiences)).order_by(c.id.desc()).limit(most)
    return [_record(row) for row in connection.execute(query if before is None else query.where(c.id < before))]


def version_of(connection: sa.Connection) -> str:
    """Give a text that changes when the register does: with every record, and with every one that stops standing."""
    c = publication.c
    newest = connection.execute(sa.select(sa.func.max(c.id))).scalar()
    moved = connection.execute(sa.select(sa.func.count()).where(c.state != PUBLISHED)).scalar()
    return f"{newest or 0}-{moved}"


def inputs_of(connection: sa.Connection, record: Record) -> bytes:
    """Give the recorded inputs, checked against their digest."""
    return _blob(connection, record.inputs_sha256)


def content_of(connection: sa.Connection, record: Record) -> bytes:
    """Give the frozen content, checked against its digest."""
    return _blob(connection, record.content_sha256)


def changes_of(connection: sa.Connection, record: Record) -> dict[str, list[dict[str, Any]]]:
    """Give what a revision changed: "cells", a dictionary for each, and "days" behind them; both are empty for the first."""
    return (
        orjson.loads(_blob(connection, record.changes_sha256)) if record.changes_sha256 else {"cells": [], "days": []}
    )


def next_number(connection: sa.Connection, at: dt.datetime) -> str:
    """Give the number that the next publication of that year (Beijing) gets."""
    year = (at + SHANGHAI).year
    numbers = connection.execute(
        sa.select(publication.c.number).where(publication.c.number.like(f"{year}-%"), publication.c.revision == 0)
    ).scalars()
    return f"{year}-{max((int(n.partition('-')[2]) for n in numbers), default=0) + 1:03d}"


def _insert(
    connection: sa.Connection, frozen: Frozen, number: str, revision: int, changes: bytes | None, reason: str, *, by: str,
    at: dt.datetime,
) -> Record:  # fmt: skip
    row = {
        "number": number, "revision": revision, "question": frozen.question, "title_zh": frozen.title_zh,
        "title_en": frozen.title_en, "period": frozen.period, "first_day": frozen.first_day, "last_day": frozen.last_day,
        "edition": frozen.edition, "audience": frozen.audience, "simulated": frozen.simulated,
        "inputs_sha256": _keep(connection, INPUTS, frozen.inputs),
        "content_sha256": _keep(connection, CONTENT, frozen.content),
        "changes_sha256": None if changes is None else _keep(connection, CHANGES, changes),
        "software": frozen.software,
        "versions": orjson.dumps(dict(frozen.versions), option=orjson.OPT_SORT_KEYS).decode(),
        "frozen_by": by, "frozen_at": at, "reason": reason, "state": PUBLISHED, "state_by": by, "state_at": at,
    }  # fmt: skip
    connection.execute(sa.insert(publication).values(row))
    return by_name(connection, name_of(number, revision))


def _move(connection: sa.Connection, record: Record, state: str, reason: str, *, by: str, at: dt.datetime) -> None:
    values = {"state": state, "state_by": by, "state_at": at, "state_reason": reason}
    connection.execute(sa.update(publication).where(publication.c.id == record.id).values(values))


def _keep(connection: sa.Connection, kind: str, body: bytes) -> str:
    key = digest(body)
    if connection.execute(sa.select(blob.c.size).where(blob.c.sha256 == key)).first() is None:
        row = {"sha256": key, "kind": kind, "size": len(body), "body": zlib.compress(body, 6)}
        connection.execute(sa.insert(blob).values(row))
    return key


def _blob(connection: sa.Connection, key: str) -> bytes:
    found = connection.execute(sa.select(blob.c.body).where(blob.c.sha256 == key)).scalar()
    try:
        body = b"" if found is None else zlib.decompress(found)
    except zlib.error:
        body = b""
    if digest(body) != key:
        raise PublicationRefused("publications.refused_damaged", sha256=key)
    return body


def _record(row: sa.Row) -> Record:
    return Record(**dict(row._mapping) | {"versions": orjson.loads(row.versions)})
