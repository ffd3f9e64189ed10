"""One line of a topic to what the store does with it: rows to upsert, counts to add, or a reject to keep. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from streams import results
from streams.records import Intake, Rejected
from streams.store.columns import Rows
from streams.store.rows import decoded
from streams.store.schema import BY_FILE, COUNTS
from streams.store.schema import rejected as rejected_table
from streams.wire import arrays
from streams.wire.messages import INTAKE, INTAKE_1, INTAKE_2, REJECTED, ROWS, intake_from, rows_from

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What a line that is no valid message may raise while it is decoded."""
_PLACE = re.compile(r"[^/@]{1,60}/[^@]{1,180}@[0-9]{1,15}")
EPOCH = dt.datetime(1970, 1, 1)
"""The hour under which rows are counted whose hour could not be read."""


@dataclass(frozen=True, slots=True)
class Count:
    """Station-hours to add to one source and hour (naive UTC), and when they were received where that is known."""

    source: str
    hour_end: dt.datetime
    numbers: dict[str, int]
    received_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What one line does to the store."""

    rows: Rows | None = None
    rejects: tuple[dict[str, Any], ...] = ()
    counts: tuple[Count, ...] = ()
    files: tuple[dict[str, Any], ...] = ()
    position: str = ""
    """Of which line of which topic the counts or files are, empty where it is not known."""


def effect_of(line: str) -> Effect:
    """Decode a line; raise one of UNREADABLE where it is no message that the store knows."""
    known = (ROWS, REJECTED, INTAKE, INTAKE_2, INTAKE_1)
    schema = ROWS if f'"{ROWS}"' in line[:100] else arrays.parse(line, known)["schema"]
    if schema == ROWS:
        told, position = _placed(rows_from(line))
        if told.table == "source_file":
            return Effect(files=(file_of(told),), position=position)
        rows = decoded(told)
        return Effect(counts=added(rows), position=position) if rows.table == "source_hour" else Effect(rows=rows)
    record, received_at = intake_from(line)
    received = EPOCH + dt.timedelta(seconds=received_at)
    if isinstance(record, Intake):
        return Effect(counts=_counted(record, received), files=_file(record, received))
    return Effect(rejects=(reject_row(record, received),))


def _placed(told: results.Rows) -> tuple[results.Rows, str]:
    """Take from counts the line of a topic that they are of; raise ValueError where it is none."""
    for part in told.parts if told.table in ("source_hour", "source_file") else ():
        if part[0] == ("position",):
            place = getattr(part[1], "value", None)
            if not isinstance(place, str) or not _PLACE.fullmatch(place):
                raise ValueError(f"the position of counts is {place!r}, expected topic/segment@byte")
            return results.Rows(told.table, [each for each in told.parts if each is not part]), place
    return told, ""


def unreadable(line: str, error: Exception, *, source: str, position: str) -> Rejected:
    """Describe a line that could not be used; position names its segment and line number."""
    reason, _, expected = str(error).partition(", expected ")
    if not isinstance(error, ValueError):
        reason = f"{type(error).__name__}: {reason}"
    return Rejected(
        source, position, f"unreadable message: {reason}", line, expected or "a message that the store knows"
    )


def reject_row(rejected: Rejected, received_at: dt.datetime | None) -> dict[str, Any]:
    """Write a reject as a row of its table, with an identity that is the same whenever it is stored again."""
    row = {name: getattr(rejected, name) for name in ("source", "file", "position", "reason", "value", "expected")}
    texts = {name: _clipped(str(text), rejected_table.c[name].type.length) for name, text in row.items()}
    identity = "\x1f".join(texts[name] for name in ("source", "file", "position", "reason", "value"))
    return {
        "id": hashlib.sha1(identity.encode("utf-8", "replace")).hexdigest(),
        **texts,
        "hour_end": None if rejected.hour_end is None else EPOCH + dt.timedelta(hours=int(rejected.hour_end)),
        "rows": int(rejected.rows),
        "set_aside": bool(rejected.set_aside),
        "received_at": received_at,
    }


def summed(counts: Iterable[Count]) -> list[dict[str, Any]]:
    """Add up counts to one row per source and hour."""
    rows: dict[tuple[str, dt.datetime], dict[str, Any]] = {}
    for count in counts:
        key = (count.source, count.hour_end)
        row = rows.setdefault(
            key,
            {"source": key[0], "hour_end": key[1], **dict.fromkeys(COUNTS, 0)}
            | dict.fromkeys(("first_received_at", "last_received_at")),
        )
        for name, number in count.numbers.items():
            row[name] += number
        if count.received_at is not None:
            first, last = row["first_received_at"], row["last_received_at"]
            row["first_received_at"] = min(first or count.received_at, count.received_at)
            row["last_received_at"] = max(last or count.received_at, count.received_at)
    return list(rows.values())


def _file(intake: Intake, received: dt.datetime) -> tuple[dict[str, Any], ...]:
    """Write a file as a row of source_file: the way back from a row to what it was read from."""
    if not intake.digest:
        return ()
    hours = (
        None if hour is None else EPOCH + dt.timedelta(hours=hour) for hour in (intake.first_hour, intake.last_hour)
    )
    first, last = hours
    return (
        {
            "digest": _clipped(intake.digest, 64), "file": _clipped(intake.file, 400), "source": _source(intake.source),
            "first_hour": first, "last_hour": last, "rows_in": intake.rows, "rejected": sum(intake.rejected.values()),
            # What came before files were counted has blocks that do not name theirs.
            **dict.fromkeys(BY_FILE, None if intake.released_at is None else 0),
            "simulated": intake.simulated, "released_at": _moment(intake.released_at), "received_at": received,
        },
    )  # fmt: skip


def file_of(rows: results.Rows) -> dict[str, Any]:
    """Read what became of the rows of a file, a row of source_file in which each column is one value: it is added to
    what is stored.

    Raises ValueError where it is not that.
    """
    told = {name: getattr(column, "value", None) for name, column in rows.columns()}
    texts, counts = ("digest", "file", "source"), (*COUNTS, "released_at", "received_at")
    if set(told) != {*texts, *counts, "simulated"}:
        raise ValueError(
            f"source_file: columns {sorted(told)} cannot be added, expected {(*texts, *counts, 'simulated')}"
        )
    if not all(isinstance(told[name], str) for name in texts) or not all(type(told[name]) is int for name in counts):
        raise ValueError(f"source_file: {told} cannot be added, expected texts {texts} and whole numbers {counts}")
    named = {
        "digest": _clipped(told["digest"], 64),
        "file": _clipped(told["file"], 400),
        "source": _source(told["source"]),
    }
    moments = {name: _moment(told[name]) for name in ("released_at", "received_at")}
    return told | named | moments | {"simulated": bool(told["simulated"]), "first_hour": None, "last_hour": None}


def files_summed(files: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up what is told of files to one row for each digest and name; the earliest receipt stays."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for file in files:
        count_file(file, rows)
    return list(rows.values())


def count_file(file: dict[str, Any], known: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Add what is told of a file to what is known of files by digest and name."""
    key = (file["digest"], file["file"])
    known[key] = file if key not in known else known[key] | _both(known[key], file)


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    known = {name: [row[name] for row in (one, other) if row[name] is not None] for name in one}
    counts = {name: sum(known[name]) if known[name] else None for name in COUNTS}
    first = {name: min(known[name], default=None) for name in ("first_hour", "released_at", "received_at")}
    last = max(known["last_hour"], default=None)
    return counts | first | {"last_hour": last, "simulated": one["simulated"] or other["simulated"]}


def _moment(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else EPOCH + dt.timedelta(seconds=seconds)


def _counted(intake: Intake, received: dt.datetime) -> tuple[Count, ...]:
    hours = sorted({*intake.rows_in, *intake.rejected})
    return tuple(
        Count(
            _source(intake.source),
            EPOCH + dt.timedelta(hours=max(hour, 0)),
            {"rows_in": int(intake.rows_in.get(hour, 0)), "rejected": int(intake.rejected.get(hour, 0))},
            received,
        )
        for hour in hours
    )


def added(rows: Rows) -> tuple[Count, ...]:
    """Read rows of source_hour: they are added to what is stored, not put in its place."""
    unknown = {*rows.names} - {"source", "hour_end", *COUNTS}
    if unknown:
        raise ValueError(
            f"source_hour: columns {sorted(unknown)} cannot be added, expected source, hour_end and {COUNTS}"
        )
    counts = []
    for row in rows:
        values = dict(zip(rows.names, row, strict=True))
        source, hour_end = values.pop("source"), dt.datetime.fromisoformat(values.pop("hour_end"))
        counts.append(Count(_source(source), hour_end, values))
    return tuple(counts)


def _source(source: Any) -> str:
    if not isinstance(source, str) or not 0 < len(source) <= 40:
        raise ValueError(f"the source is {source!r}, expected a text of 1 to 40 characters")
    return source


def _clipped(text: str, length: int) -> str:
    # PostgreSQL takes no zero byte in a text.
    text = text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= length else text[: length - 1] + "…"
