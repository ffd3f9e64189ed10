"""What the bench is asked: requests that wait, are taken by one process, tell their progress, and end in a word.

A request is taken by a change of its state that only one process can make. Whose process ends under it (a kill, no memory) is
queued once more; the second time it has failed, by name, so that one bad question stops nobody behind it.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from streams.store.bench_results import BenchError, canonical
from streams.store.schema import bench_request

QUEUED, RUNNING, DONE, CANCELLED, FAILED = "queued", "running", "done", "cancelled", "failed"
STATES = (QUEUED, RUNNING, DONE, CANCELLED, FAILED)
OPEN = (QUEUED, RUNNING)
MOST_WAITING = 50
"""More requests do not wait at a time: who asks for more is told so."""
LONGEST_QUESTION = 4_000
SILENT = dt.timedelta(seconds=60)
"""A request whose process has given no sign for so long has lost it."""
KEPT_DAYS = 400
DEATHS = 2
"""So often a process may end under a request before it has failed."""
DIED = "its process ended {} times under it, expected one that ends by itself: ask for less (a shorter period, fewer starts)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it stands. Moments are naive UTC; result: digest of its bench_result, None without one."""

    id: str
    kind: str
    station: str
    question: Mapping[str, Any]
    asked_by: str
    asked_at: dt.datetime
    state: str
    cancel: bool = False
    progress: float = 0.0
    step: str = ""
    reason: str | None = None
    runner: str | None = None
    started_at: dt.datetime | None = None
    beat_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    deaths: int = 0
    result: str | None = None


def ask(
    connection: sa.Connection, kind: str, station: str, question: Mapping[str, Any], *, by: str, now: dt.datetime
) -> Request:
    """Queue a question, or give the open request that asks the same.

    Raises BenchError where MOST_WAITING wait already or the question is longer than LONGEST_QUESTION.
    """
    c, text = bench_request.c, canonical(question)
    if len(text) > LONGEST_QUESTION:
        raise BenchError(f"the question has {len(text)} characters, expected at most {LONGEST_QUESTION}")
    waiting = connection.execute(sa.select(bench_request).where(c.state.in_(OPEN))).mappings().all()
    for row in waiting:
        if (row["kind"], row["station"], row["question"]) == (kind, station, text) and not row["cancel"]:
            return _request(row)
    if len(waiting) >= MOST_WAITING:
        raise BenchError(f"{len(waiting)} requests wait, expected fewer than {MOST_WAITING}: cancel some, or wait")
    row = {
        "id": f"{now:%Y%m%d%H%M%S}-{secrets.token_hex(3)}", "kind": kind, "station": station, "question": text, "asked_by": by[:80],
        "asked_at": now, "state": QUEUED, "cancel": False, "progress": 0.0, "step": "", "deaths": 0,
    }  # fmt: skip
    connection.execute(sa.insert(bench_request).values(row))
    return request_named(connection, row["id"])


def request_named(connection: sa.Connection, id: str) -> Request | None:
    """Give a request by its id, None where there is none."""
    row = connection.execute(sa.select(bench_request).where(bench_request.c.id == id)).mappings().first()
    return None if row is None else _request(row)


def newest_requests(
    connection: sa.Connection, *, station: str | None = None, most: int = 20, asked_before: dt.datetime | None = None
) -> list[Request]:
    """Give requests, the newest first; of one station, and asked before a moment (naive UTC), where these are given."""
    query = sa.select(bench_request).order_by(bench_request.c.asked_at.desc(), bench_request.c.id).limit(most)
    if station is not None:
        query = query.where(bench_request.c.station == station)
    if asked_before is not None:
        query = query.where(bench_request.c.asked_at < asked_before)
    return [_request(row) for row in connection.execute(query).mappings()]


def is_waiting(connection: sa.Connection) -> bool:
    """Tell whether a request waits to be taken."""
    return connection.scalar(sa.select(bench_request.c.id).where(bench_request.c.state == QUEUED).limit(1)) is not None


def take(connection: sa.Connection, runner: str, now: dt.datetime, *, id: str | None = None) -> Request | None:
    """Take the request that waits the longest, or the one named; None where there is none that another one has not taken."""
    c = bench_request.c
    waits = sa.select(c.id).where(c.state == QUEUED).order_by(c.asked_at, c.id).limit(1)
    found = id or connection.scalar(waits)
    values = {"state": RUNNING, "runner": runner[:120], "started_at": now, "beat_at": now, "progress": 0.0, "step": ""}
    if found is None or not _changed(connection, sa.and_(c.id == found, c.state == QUEUED), values):
        return None
    return request_named(connection, found)


def tell(connection: sa.Connection, id: str, runner: str, now: dt.datetime, *, progress: float, step: str) -> bool:
    """Write a sign of life with the progress (0 to 1) and the step; tell whether to go on.

    Not to go on: somebody wants it cancelled, or it is no longer this process's.
    """
    c = bench_request.c
    mine = sa.and_(c.id == id, c.state == RUNNING, c.runner == runner[:120])
    values = {"beat_at": now, "progress": min(max(progress, 0.0), 1.0), "step": step[:40]}
    return _changed(connection, mine, values) and not connection.scalar(sa.select(c.cancel).where(c.id == id))


def end(
    connection: sa.Connection, id: str, runner: str, state: str, now: dt.datetime, *, reason: str | None = None,
    result: str | None = None,
) -> bool:  # fmt: skip
    """Let a request end that this process has in hand: DONE with its result, CANCELLED, or FAILED with why; tell whether it was."""
    c = bench_request.c
    mine = sa.and_(c.id == id, c.state == RUNNING, c.runner == runner[:120])
    values = {"state": state, "ended_at": now, "reason": None if reason is None else reason[:400], "result": result}
    return _changed(connection, mine, values | ({"progress": 1.0} if state == DONE else {}))


def require_open(request: Request) -> None:
    """Refuse a request that has ended: BenchError that says how."""
    if request.state not in (QUEUED, RUNNING):
        raise BenchError(f"the request {request.id} has ended already ({request.state}), so there is nothing to cancel")


def cancel(connection: sa.Connection, id: str, now: dt.datetime) -> Request | None:
    """Cancel a request: one that waits at once, of one that runs it is noted; one that has ended stays. None for no such one."""
    c = bench_request.c
    if not _changed(
        connection, sa.and_(c.id == id, c.state == QUEUED), {"state": CANCELLED, "cancel": True, "ended_at": now}
    ):
        _changed(connection, sa.and_(c.id == id, c.state == RUNNING), {"cancel": True})
    return request_named(connection, id)


def lost(connection: sa.Connection, now: dt.datetime, *, runner: str | None = None) -> list[Request]:
    """Queue anew what its process has lost, or let it fail at the DEATHS-th time; give these requests as they then stand.

    runner: that process is known to have ended; without it those that gave no sign for SILENT.
    """
    c = bench_request.c
    gone = c.runner == runner[:120] if runner is not None else c.beat_at < now - SILENT
    found = connection.execute(sa.select(c.id, c.deaths, c.cancel).where(c.state == RUNNING, gone)).all()
    for id, deaths, cancelled in found:
        values: dict[str, Any] = {"deaths": deaths + 1, "runner": None}
        if cancelled:
            values |= {"state": CANCELLED, "ended_at": now}
        elif deaths + 1 >= DEATHS:
            values |= {"state": FAILED, "ended_at": now, "reason": DIED.format(deaths + 1)}
        else:
            values |= {"state": QUEUED, "progress": 0.0, "step": ""}
        _changed(connection, sa.and_(c.id == id, c.state == RUNNING), values)
    return [request_named(connection, id) for id, *_ in found]


def give_back(connection: sa.Connection, runner: str) -> None:
    """Queue again what a process has in hand that is asked to end: that is no death."""
    c = bench_request.c
    mine = sa.and_(c.state == RUNNING, c.runner == runner[:120])
    _changed(connection, mine, {"state": QUEUED, "runner": None, "progress": 0.0, "step": ""})


def forget(connection: sa.Connection, now: dt.datetime, *, days: int = KEPT_DAYS) -> None:
    """Remove requests that ended more than days ago."""
    c = bench_request.c
    old = sa.and_(c.asked_at < now - dt.timedelta(days=days), c.state.not_in(OPEN))
    connection.execute(sa.delete(bench_request).where(old))


def _changed(connection: sa.Connection, where: sa.ColumnElement, values: Mapping[str, Any]) -> bool:
    statement = sa.update(bench_request).where(where).values(**values)
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount > 0


def _request(row: Mapping[str, Any]) -> Request:
    return Request(**{**row, "question": json.loads(row["question"])})
