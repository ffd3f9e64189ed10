"""The health of the data, as the store's own watch tells it: sources, their sums, refused rows, statutory clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from dashboards.moment import Moment
from streams.store.clocks import Clock
from streams.store.health import (
    Books,
    File,
    Reject,
    Span,
    files_of,
    latest_rejects,
    rejects_of,
    source_books,
    source_books_of,
    statutory_clocks,
)

DAY = dt.timedelta(hours=23)


def books(connection: sa.Connection, moment: Moment) -> tuple[Books, ...]:
    """Give the books of each source: of all time, or, where the reader went back, of the 24 hours up to the hour shown."""
    if moment.is_past:
        return source_books_of(connection, _day(moment))
    return source_books(connection, moment.now)


def refused(connection: sa.Connection, moment: Moment, count: int = 6, *, skip: int = 0) -> tuple[Reject, ...]:
    """Give the newest refused rows, without those that were only set aside; where the reader went back, of these 24 hours.

    What was received after the hour shown had not happened then. In a replay everything was received long after its hour, so
    there the hour itself has to tell. skip: without so many of the newest.
    """
    if moment.is_past:
        return rejects_of(connection, _day(moment), count, received_until=received_until(moment), skip=skip)
    return latest_rejects(connection, count, set_aside=False, skip=skip)


def of_source(
    connection: sa.Connection, moment: Moment, source: str, count: int = 20
) -> tuple[tuple[File, ...], tuple[Reject, ...]]:
    """Give the newest files of a source, and its newest refused rows, also those that were only set aside.

    Where the reader went back only those that had been received by the hour shown; a replay received all long after.
    """
    until = received_until(moment)
    files = files_of(connection, source, count, received_until=until)
    return files, latest_rejects(connection, count, source=source, received_until=until)


def received_until(moment: Moment) -> dt.datetime | None:
    """Give up to when what is shown had been received; None where there is no such bound."""
    return moment.hour if moment.is_past and not moment.replayed else None


def clocks(connection: sa.Connection, now: dt.datetime, cities: Sequence[str]) -> dict[str, dict[str, Clock]]:
    """Give the verdicts of the statutory clocks at the present moment: clock -> city -> verdict."""
    found: dict[str, dict[str, Clock]] = {}
    for clock in statutory_clocks(connection, now, cities=cities):
        found.setdefault(clock.clock, {})[clock.city] = clock
    return found


def _day(moment: Moment) -> Span:
    return moment.hour - DAY, moment.hour
