"""How the bench stands, in a text that changes when it does; and what was asked and made of it as one knew it then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from dashboards.moment import SHANGHAI, Moment
from streams.store.bench_requests import OPEN, QUEUED, RUNNING, Request, newest_requests
from streams.store.bench_results import Kept, heads_of
from streams.store.schema import bench_request, bench_result

STEPS = 20
"""Progress is told in so many steps: pages are drawn again no more often for one request."""
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MOST_SIFTED = 200
"""Of a replay so many of the newest requests are looked at for those of the days that had passed."""


@dataclass(frozen=True, slots=True)
class Known:
    """Until when one looks (naive UTC); None where that is no bound.

    before: what was asked or made before it. last_hour: what rests on hours up to it, for a replay, whose hours have passed long
    before anything is asked of them.
    """

    before: dt.datetime | None = None
    last_hour: dt.datetime | None = None

    def has(self, kept: Kept) -> bool:
        """Tell whether a result was there."""
        return (self.before is None or kept.made_at is None or kept.made_at < self.before) and (
            self.last_hour is None or kept.last_hour <= self.last_hour
        )


def known_by(moment: Moment) -> Known:
    """Give until when one looks: an hour that a reader went back to was shown until the next one came."""
    if not moment.is_past:
        return Known()
    return Known(last_hour=moment.hour) if moment.replayed else Known(before=moment.hour + HOUR)


def requests_known(connection: sa.Connection, station: str | None, known: Known, *, most: int) -> list[Request]:
    """Give the newest requests (of one station, where it is given) as they stood."""
    sifted = known.last_hour is not None
    found = newest_requests(
        connection, station=station, most=MOST_SIFTED if sifted else most, asked_before=known.before
    )
    kept = [each for each in found if known.last_hour is None or _end(each.question) <= known.last_hour]
    return [_as_then(each, known.before) for each in kept[:most]]


def results_known(
    connection: sa.Connection, station: str, kind: str, known: Known, *, most: int
) -> list[tuple[str, Kept]]:
    """Give (digest, result without its content) of a station and kind that was there, the newest first."""
    return heads_of(connection, station, kind, most=most, made_before=known.before, last_hour=known.last_hour)


def _end(question: Mapping[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(question["last"]) + DAY - SHANGHAI


def _as_then(each: Request, before: dt.datetime | None) -> Request:
    """Give a request without its end where that came later; how far it was then is not known."""
    if before is None or (each.ended_at is not None and each.ended_at < before):
        return each
    state = RUNNING if each.started_at is not None and each.started_at < before else QUEUED
    return replace(each, state=state, progress=0.0, step="", reason=None, result=None, ended_at=None)


def standing(connection: sa.Connection) -> str:
    """Name open requests with their state and progress, and the newest use of a result; both by an index."""
    c = bench_request.c
    query = sa.select(c.id, c.state, c.progress, c.cancel).where(c.state.in_(OPEN)).order_by(c.id).limit(100)
    opened = [
        f"{id}{state[0]}{int(progress * STEPS)}{int(stop)}" for id, state, progress, stop in connection.execute(query)
    ]
    newest = connection.scalar(sa.select(sa.func.max(bench_result.c.used_at)))
    return f"{' '.join(opened)} {newest or ''}".strip()
