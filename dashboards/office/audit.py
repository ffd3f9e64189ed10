"""The log of every change: it only grows, and each entry holds the digest of the one before (Haber & Stornetta 1991)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dashboards.office.errors import OfficeError
from dashboards.office.office_tables import audit
from dashboards.office.records import once_done, writes

NONE = "0" * 64
"""What the first entry says of the one before it."""
LONGEST_DETAIL = 64 * 2**10
_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"
_SLICE = 1000
_LOG = logging.getLogger("dashboards.office.audit")


@dataclass(frozen=True)
class Entry:
    """One entry. at: UTC as text; place: whence, coarse; detail: canonical JSON; digest: of all before it and itself."""

    sequence: int
    at: str
    who: str
    place: str
    what: str
    subject: str
    detail: str
    previous: str
    digest: str


@dataclass(frozen=True)
class Verdict:
    """What a look at the whole chain found. entries: so many hold; broken: sequence of the first that does not, None for none."""

    entries: int
    head: str
    broken: int | None = None
    why: str = ""


def canonical(detail: Mapping[str, Any] | None) -> str:
    """Write a detail as JSON in its one form: names in order, no idle space, no NaN.

    Raises OfficeError for what JSON cannot hold, or what is longer than LONGEST_DETAIL.
    """
    try:
        text = json.dumps(detail or {}, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise OfficeError(f"the detail of an entry in the log cannot be written as JSON: {error}") from error
    text = text.encode("utf-8", "replace").decode()
    if len(text) > LONGEST_DETAIL:
        raise OfficeError(
            f"the detail of an entry in the log has {len(text)} characters, expected at most {LONGEST_DETAIL}"
        )
    return text


def digest_of(entry: Entry) -> str:
    """Give the digest that an entry must bear: SHA-256 of its fields, the digest of the one before among them."""
    fields = [entry.sequence, entry.at, entry.who, entry.place, entry.what, entry.subject, entry.detail, entry.previous]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def append(
    connection: sa.Connection, at: dt.datetime, who: str, place: str, what: str, subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Entry:  # fmt: skip
    """Append an entry in the transaction of the change that it records; at is naive UTC.

    Raises OfficeError outside of records.transaction: two writers could give one number twice.
    """
    if not writes(connection):
        raise OfficeError(
            "an entry in the log was to be written outside of a transaction, expected records.transaction"
        )
    last = connection.execute(_newest(1)).first()
    entry = Entry(
        sequence=last.sequence + 1 if last else 1, at=at.strftime(_FORM), who=_plain(who, 80), place=_plain(place, 60),
        what=_plain(what, 60), subject=_plain(subject, 200), detail=canonical(detail),
        previous=last.digest if last else NONE, digest="",
    )  # fmt: skip
    entry = Entry(**{**vars(entry), "digest": digest_of(entry)})
    connection.execute(sa.insert(audit).values(**vars(entry)))
    # Written down where nobody who holds the database can change it: the end of the chain is known from outside.
    once_done(connection, lambda: _LOG.info("entry %d %s %s", entry.sequence, entry.what, entry.digest))
    return entry


def verify(connection: sa.Connection, noted: tuple[int, str] | None = None) -> Verdict:
    """Walk the chain from its beginning and find the first link that does not hold.

    noted: (sequence, digest) of an entry as it was written down elsewhere; it must be there still.
    """
    previous, count = NONE, 0
    for entry in _all(connection):
        if entry.sequence != count + 1:
            return Verdict(count, previous, count + 1, "missing")
        if entry.previous != previous or digest_of(entry) != entry.digest:
            return Verdict(count, previous, entry.sequence, "changed")
        if noted and entry.sequence == noted[0] and entry.digest != noted[1]:
            return Verdict(count, previous, entry.sequence, "noted")
        previous, count = entry.digest, entry.sequence
    if noted and count < noted[0]:
        return Verdict(count, previous, count + 1, "missing")
    return Verdict(count, previous)


def first_broken(entries: Sequence[Entry]) -> int | None:
    """Give the sequence of the first entry of a stretch, the newest first, that does not hold; None where all do."""
    previous: Entry | None = None
    for entry in reversed(entries):
        follows = previous is None or (entry.sequence, entry.previous) == (previous.sequence + 1, previous.digest)
        if not follows or digest_of(entry) != entry.digest:
            return entry.sequence
        previous = entry
    return None


def newest(connection: sa.Connection, most: int = 100, before: int | None = None) -> list[Entry]:
    """Give the newest entries, the newest first. before: only those with a smaller number."""
    query = _newest(most)
    if before is not None:
        query = query.where(audit.c.sequence < before)
    return [Entry(*row) for row in connection.execute(query)]


def _newest(most: int) -> sa.Select[Any]:
    return sa.select(audit).order_by(audit.c.sequence.desc()).limit(most)


def _all(connection: sa.Connection) -> Iterator[Entry]:
    after = -(2**62)  # an entry with a number that nobody gives must be seen too
    while True:
        query = sa.select(audit).where(audit.c.sequence > after).order_by(audit.c.sequence).limit(_SLICE)
        rows = [Entry(*row) for row in connection.execute(query)]
        if not rows:
            return
        yield from rows
        after = rows[-1].sequence


def _plain(text: str, longest: int) -> str:
    """Give a text in one line that every database takes."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join("�" if unicodedata.category(c).startswith("C") else c for c in whole)[:longest]
