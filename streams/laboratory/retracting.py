"""Take a laboratory's file out again: its rows go, what the store said of a sample before comes back, and both are counted.

Nothing is removed: a row that goes lies in row_history, marked as withdrawn, so that no later retraction brings it back. So does
one that another file had replaced already. The same bytes imported again count as any other file.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from streams.intake.retraction import LEAST_DIGITS, Said, Wrong
from streams.laboratory.keeping import count_rows, moment_of
from streams.laboratory.reading import SOURCE, end_of
from streams.laboratory.rows import Row, key_of, said_before, write_rows
from streams.memory.delivery import FILE_DIGITS
from streams.store.connect import begin_write
from streams.store.schema import laboratory_sample, row_history, source_file
from streams.store.upserts import keep_files


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What goes and what comes back. goes: stored rows; heirs: for each what was known before, None where nothing was; buried:
    rows of row_history that another file had replaced, by id. files: (digest, source) of the files.
    """

    goes: tuple[Row, ...]
    heirs: tuple[Row | None, ...]
    buried: tuple[int, ...]
    files: frozenset[tuple[str, str]]

    @property
    def rows(self) -> int:
        """How many rows are taken out, also of those that count no more."""
        return len(self.goes) + len(self.buried)

    @property
    def rows_restored(self) -> int:
        """How many get back what was known before."""
        return sum(heir is not None for heir in self.heirs)


def plan_samples(connection: sa.Connection, wrong: Wrong) -> Withdrawal:
    """Find what goes; changes nothing. Hours alone mean no sample: a file or the source is named. Nothing found: no rows."""
    digests = _digests(connection, wrong)
    short = {digest[:FILE_DIGITS] for digest in digests}
    c = laboratory_sample.c
    query = sa.select(laboratory_sample).where(c.file_digest.in_(short), ~c.withdrawn)
    goes = [dict(row) for row in connection.execute(query).mappings() if _is_meant(row["sampled_on"], wrong)]
    heirs = [
        next((old for old in said_before(connection, key_of(row)) if _may_return(old, short)), None) for row in goes
    ]
    buried = _buried(connection, short, wrong) if short else ()
    return Withdrawal(tuple(goes), tuple(heirs), buried, frozenset((digest, SOURCE) for digest in digests))


def withdraw(engine: sa.Engine, wrong: Wrong, said: Said) -> Withdrawal:
    """Take out what is wrong, all or none, and give what was found. Errors: those of the database."""
    now = moment_of(0) + dt.timedelta(seconds=said.at)
    with begin_write(engine) as connection:
        found = plan_samples(connection, wrong)
        gone = [{**row, "withdrawn": True} for row in found.goes]
        rows = [
            _empty(row, said, now) if heir is None else heir for row, heir in zip(found.goes, found.heirs, strict=True)
        ]
        write_rows(connection, rows, gone, now)
        _mark(connection, found.buried)
        if found.rows:
            days = [row["sampled_on"] for row in found.goes]
            count_rows(connection, days, (), (), now)
            _count_file(connection, days, said, now)
    return found


def _digests(connection: sa.Connection, wrong: Wrong) -> list[str]:
    c, named = source_file.c, sa.false()
    if wrong.run or not (wrong.file or wrong.source):
        return []
    if wrong.source:
        named = sa.true() if wrong.source == SOURCE else sa.false()
    if wrong.file:
        named = c.file == wrong.file
        if len(wrong.file) >= LEAST_DIGITS:
            named = sa.or_(named, c.digest.startswith(wrong.file, autoescape=True))
    return sorted(set(connection.scalars(sa.select(c.digest).where(c.source == SOURCE, named))))


def _is_meant(day: dt.date, wrong: Wrong) -> bool:
    hour = end_of(day)
    return (wrong.first is None or wrong.first <= hour) and (wrong.end is None or hour < wrong.end)


def _may_return(old: Row, wrong: set[str]) -> bool:
    return not old["withdrawn"] and old["file_digest"] not in wrong


def _buried(connection: sa.Connection, digests: set[str], wrong: Wrong) -> tuple[int, ...]:
    c = row_history.c
    named = sa.or_(*(c.row.contains(f'"file_digest": "{digest}"') for digest in digests))
    query = sa.select(c.id, c.row).where(c.table == laboratory_sample.name, named)
    found = ((number, json.loads(text)) for number, text in connection.execute(query))
    return tuple(
        number
        for number, row in found
        if not row["withdrawn"]
        and row["file_digest"] in digests
        and _is_meant(dt.date.fromisoformat(row["sampled_on"]), wrong)
    )


def _mark(connection: sa.Connection, buried: Sequence[int]) -> None:
    c = row_history.c
    for number in buried:
        row = json.loads(connection.scalar(sa.select(c.row).where(c.id == number)))
        marked = json.dumps({**row, "withdrawn": True}, ensure_ascii=False)
        connection.execute(sa.update(row_history).where(c.id == number).values(row=marked))


def _empty(row: Row, said: Said, now: dt.datetime) -> Row:
    nothing = dict.fromkeys(("result", "below", "detection_limit", "quantification_limit", "line"))
    return {
        **row, **nothing, "reported": "", "withdrawn": True, "file_digest": said.digest[:FILE_DIGITS], "received_at": now,
    }  # fmt: skip


def _count_file(connection: sa.Connection, days: list[dt.date], said: Said, now: dt.datetime) -> None:
    ends = sorted(moment_of(end_of(day)) for day in days)
    keep_files(connection, [{
        "digest": said.digest, "file": said.name, "source": SOURCE, "first_hour": ends[0] if ends else None,
        "last_hour": ends[-1] if ends else None, "rows_in": len(days), "rejected": 0, "accepted": len(days), "duplicate": 0,
        "late": 0, "simulated": False, "released_at": None, "received_at": now,
    }])  # fmt: skip
