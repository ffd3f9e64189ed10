"""Keeps the samples of a laboratory's file in the store, all or none, and counts every row in the books.

What a later file says of a sample replaces what the store has, which is kept in row_history; a simulated one never takes the place
of a measured one. The same file again changes nothing, unless it was retracted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from streams.laboratory.reading import SOURCE, Read, content_of, end_of
from streams.laboratory.rows import stored_keys, write_rows
from streams.laboratory.samples import Sample
from streams.memory.delivery import FILE_DIGITS
from streams.records import Rejected
from streams.store.connect import begin_write
from streams.store.lines import EPOCH, Count, reject_row, summed
from streams.store.schema import laboratory_sample
from streams.store.upserts import add_counts, keep_files, keep_rejects

_SAID = (
    "city", "medium", "substance", "result", "below", "detection_limit", "quantification_limit", "unit", "reported",
    "reported_unit", "laboratory",
)  # fmt: skip
"""Columns of what a sample says, in the order of content_of."""

SHOWN = 10
"""So many rejects of a file are told one by one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the rows of a file; rows is their sum. reasons: why rows were refused, each with its count.

    first: the first SHOWN of the rejects, as they stand in the file.
    """

    file: str
    rows: int
    accepted: int
    duplicate: int
    rejected: int
    reasons: tuple[tuple[str, int], ...] = ()
    first: tuple[Rejected, ...] = ()


def keep_samples(engine: sa.Engine, read: Read, *, now: dt.datetime, simulated: bool = False) -> Kept:
    """Store what a file says. now: when it was received (naive UTC). Errors: those of the database."""
    with begin_write(engine) as connection:
        held = stored_keys(connection, [sample.key for sample in read.samples])
        new = [each for each in read.samples if _is_new(each, held.get(each.key), simulated=simulated)]
        rows = [_row(each, read.digest, now, simulated=simulated) for each in new]
        write_rows(connection, rows, [held[each.key] for each in new if each.key in held], now)
        known = {each.key for each in new}
        again = [*(each for each in read.samples if each.key not in known), *read.repeated]
        count_rows(connection, [s.sampled_on for s in new], [s.sampled_on for s in again], read.rejected, now)
        _count_file(connection, read, len(new), len(again), now, simulated=simulated)
    reasons: dict[str, int] = {}
    for each in read.rejected:
        reasons[each.reason] = reasons.get(each.reason, 0) + 1
    return Kept(
        read.file, read.rows, len(new), len(again), len(read.rejected), tuple(reasons.items()), read.rejected[:SHOWN]
    )


def count_rows(
    connection: sa.Connection, accepted: Iterable[dt.date], duplicate: Iterable[dt.date], rejects: Sequence[Rejected],
    now: dt.datetime,
) -> None:  # fmt: skip
    """Enter rows into the books of their days, a reject whose day is not known under the first hour of all."""
    told = [("accepted", day) for day in accepted] + [("duplicate", day) for day in duplicate]
    counts = [Count(SOURCE, moment_of(end_of(day)), {"rows_in": 1, name: 1}, now) for name, day in told]
    for each in rejects:
        hour = EPOCH if each.hour_end is None else moment_of(each.hour_end)
        counts.append(Count(SOURCE, hour, {"rows_in": 1, "rejected": 1}, now))
    if counts:
        add_counts(connection, summed(counts))
    if rejects:
        keep_rejects(connection, [reject_row(each, now) for each in rejects])


def moment_of(hour: int) -> dt.datetime:
    """Give the moment (naive UTC) of an epoch hour."""
    return EPOCH + hour * dt.timedelta(hours=1)


def _is_new(sample: Sample, held: dict | None, *, simulated: bool) -> bool:
    if held is None or held["withdrawn"]:
        return True
    if held["simulated"] != simulated:
        return held["simulated"]
    return content_of(sample) != tuple(held[name] for name in _SAID)


def _row(sample: Sample, digest: str, now: dt.datetime, *, simulated: bool) -> dict:
    told = {column.name: getattr(sample, column.name) for column in laboratory_sample.c if hasattr(sample, column.name)}
    return told | {
        "file_digest": digest[:FILE_DIGITS], "released_at": None, "received_at": now, "withdrawn": False,
        "simulated": simulated,
    }  # fmt: skip


def _count_file(
    connection: sa.Connection, read: Read, accepted: int, duplicate: int, now: dt.datetime, *, simulated: bool
) -> None:  # fmt: skip
    days = sorted(each.sampled_on for each in (*read.samples, *read.repeated))
    keep_files(connection, [{
        "digest": read.digest, "file": read.file, "source": SOURCE,
        "first_hour": moment_of(end_of(days[0])) if days else None, "last_hour": moment_of(end_of(days[-1])) if days else None,
        "rows_in": read.rows, "rejected": len(read.rejected), "accepted": accepted, "duplicate": duplicate, "late": 0,
        "simulated": simulated, "released_at": None, "received_at": now,
    }])  # fmt: skip
