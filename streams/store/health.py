"""What the data-health page asks: how fresh each source is, whether its rows add up, and whether the clocks are kept.

Moments are UTC without an offset, as in the store; a moment that is given may have a time zone. Everything is found by a key
or an index: totals of all time are kept beside the hours (source_total), hours whose books are open have an index of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from streams.store.clocks import RUN_AGE_H, Clock, daily_clock, forecast_clock, forecast_due, hourly_clock
from streams.store.lines import EPOCH
from streams.store.mending import is_open
from streams.store.moments import as_stored, local
from streams.store.schema import (
    ACCOUNTED,
    COUNTS,
    IS_OPEN,
    air_city_day,
    air_city_hour,
    forecast_city_hour,
    rejected,
    source_file,
    source_hour,
    source_total,
)

Span = tuple[dt.datetime, dt.datetime]
"""First and last hour end, both included."""
RETENTION = dt.timedelta(days=30)
"""A row that is not accounted for so long after its receipt never will be: its segment leaves the topic."""


@dataclass(frozen=True, slots=True)
class Books:
    """Station-hours of one source: how many came in, what became of them, and its newest hour.

    newest_hour: its end; None where no hour could be read. lost: rows in hours that have been open for longer than RETENTION.
    damaged: places of the topics that could not be read, of whatever source: while there are any nobody knows that all is there.
    """

    source: str
    rows_in: int
    accepted: int
    duplicate: int
    late: int
    rejected: int
    newest_hour: dt.datetime | None
    lost: int = 0
    damaged: int = 0

    @property
    def accounted(self) -> int:
        """Rows of which it is known what became of them."""
        return self.accepted + self.duplicate + self.late + self.rejected

    @property
    def difference(self) -> int:
        """Rows that came in and are not accounted for: under way through the engine, or lost; negative: too many."""
        return self.rows_in - self.accounted


@dataclass(frozen=True, slots=True)
class OpenHour:
    """An hour of a source whose books do not balance; hour_end is None for rows whose hour could not be read."""

    source: str
    hour_end: dt.datetime | None
    difference: int
    last_received_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Reject:
    """One rejected row or line, as stored."""

    source: str
    file: str
    position: str
    hour_end: dt.datetime | None
    reason: str
    value: str
    expected: str
    rows: int
    set_aside: bool
    received_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class File:
    """One file of a source, as stored: its first and last hour (None where it brought none), and what became of its rows.

    accepted, duplicate, late: None where it was not counted by file.
    """

    digest: str
    file: str
    first_hour: dt.datetime | None
    last_hour: dt.datetime | None
    rows_in: int
    accepted: int | None
    duplicate: int | None
    late: int | None
    rejected: int
    simulated: bool
    received_at: dt.datetime


def files_of(
    connection: sa.Connection, source: str, n: int = 20, *, skip: int = 0, received_until: dt.datetime | None = None
) -> tuple[File, ...]:
    """Give the n files of a source received last, newest first.

    skip: without so many of the newest. received_until: only those received until a moment, None: whenever.
    """
    c = source_file.c
    query = sa.select(*(c[name] for name in File.__slots__)).where(c.source == source)
    if received_until is not None:
        query = query.where(c.received_at <= as_stored(received_until))
    return tuple(
        File(*row) for row in connection.execute(query.order_by(c.received_at.desc(), c.file).limit(n).offset(skip))
    )


def source_books(connection: sa.Connection, now: dt.datetime) -> tuple[Books, ...]:
    """Add up the rows of every source that ever brought any, in the order of their names."""
    columns = [source_total.c[name] for name in ("source", *COUNTS, "newest_hour")]
    rows = connection.execute(sa.select(*columns).order_by(source_total.c.source)).all()
    lost: dict[str, int] = {}
    for each in open_hours(connection, received_before=as_stored(now) - RETENTION):
        lost[each.source] = lost.get(each.source, 0) + max(each.difference, 0)
    damaged = damages(connection)
    return tuple(Books(*row, lost=lost.get(row.source, 0), damaged=damaged) for row in rows)


def damages(connection: sa.Connection) -> int:
    """Count the places of the topics that cannot be read, each named by a reject of the source "damage" that is open."""
    return connection.scalar(sa.select(sa.func.count()).select_from(rejected).where(is_open())) or 0


def source_books_of(connection: sa.Connection, hours: Span) -> tuple[Books, ...]:
    """Add up the rows of a few hours, of the sources that brought any for them; newest_hour is the newest of these hours."""
    c = source_hour.c
    sums = [sa.cast(sa.func.sum(c[name]), sa.BigInteger) for name in COUNTS]
    sources = connection.scalars(sa.select(source_total.c.source)).all()
    within = c.source.in_(sources), c.hour_end.between(*map(as_stored, hours))
    query = sa.select(c.source, *sums, sa.func.max(c.hour_end)).where(*within).group_by(c.source).order_by(c.source)
    return tuple(Books(*row) for row in connection.execute(query))


def open_hours(
    connection: sa.Connection, *, received_before: dt.datetime | None = None, count: int | None = None
) -> tuple[OpenHour, ...]:
    """Give the hours whose books do not balance, or only those whose last rows were received before a moment."""
    c = source_hour.c
    query = sa.select(c.source, c.hour_end, c.rows_in - ACCOUNTED, c.last_received_at).where(IS_OPEN)
    if received_before is not None:
        query = query.where(c.last_received_at < as_stored(received_before))
    rows = connection.execute(query.order_by(c.source, c.hour_end).limit(count))
    return tuple(OpenHour(source, None if hour == EPOCH else hour, *rest) for source, hour, *rest in rows)


def statutory_clocks(
    connection: sa.Connection, now: dt.datetime, *, cities: Sequence[str] | None = None
) -> tuple[Clock, ...]:
    """Judge the hourly report, the daily report and the forecast of each city at a moment, by what is of before it.

    cities: whose reports are due, for instance all of the registry; None takes those that ever had an hour. The store does not
    keep when an hour became known, so the moment has to be the present one: of a past one nobody can say what was in time.
    """
    named = tuple(cities) if cities is not None else known_cities(connection)
    return tuple(clock for city in named for clock in _clocks(connection, city, as_stored(now)))


def latest_rejects(
    connection: sa.Connection,
    n: int = 50,
    *,
    set_aside: bool | None = None,
    source: str | None = None,
    skip: int = 0,
    received_until: dt.datetime | None = None,
) -> tuple[Reject, ...]:
    """Give the n rejects received last, newest first; set_aside: only those that are, or only those that are not.

    source: of one source alone, None: of all. skip: without so many of the newest. received_until: only those
    received until a moment, None: whenever.
    """
    # Both kinds are read apart: the index begins with the kind, and of one kind there may be millions.
    kinds = (False, True) if set_aside is None else (set_aside,)
    c = rejected.c
    found = []
    for kind in kinds:
        of_kind = (c.set_aside.is_(kind),) if source is None else (c.source == source, c.set_aside.is_(kind))
        if received_until is not None:
            of_kind = (*of_kind, c.received_at <= as_stored(received_until))
        query = _rejects().where(*of_kind).order_by(c.received_at.desc(), c.id.desc()).limit(n + skip)
        found += connection.execute(query).all()
    found.sort(key=lambda row: (row.received_at or EPOCH, row.id), reverse=True)
    return _as_rejects(found[skip : skip + n])


def rejects_of(
    connection: sa.Connection, hours: Span, n: int = 50, *, received_until: dt.datetime | None = None, skip: int = 0
) -> tuple[Reject, ...]:
    """Give up to n rejects, not set aside, of rows of a few hours, the newest hour first; received until a moment, or whenever.

    skip: without so many of the newest.
    """
    c = rejected.c
    query = _rejects().where(c.hour_end.between(*map(as_stored, hours)), c.set_aside.is_(False))
    if received_until is not None:
        query = query.where(c.received_at <= as_stored(received_until))
    return _as_rejects(connection.execute(query.order_by(c.hour_end.desc(), c.id).limit(n).offset(skip)).all())


def known_cities(connection: sa.Connection) -> tuple[str, ...]:
    """Give the cities with hours, stepping through the key: a DISTINCT would read every row of every year."""
    cities: list[str] = []
    while True:
        query = sa.select(sa.func.min(air_city_hour.c.city)).where(
            air_city_hour.c.city > (cities[-1] if cities else "")
        )
        following = connection.scalar(query)
        if following is None:
            return tuple(cities)
        cities.append(following)


def newest_index(connection: sa.Connection) -> dict[str, dt.datetime]:
    """Give by city the newest hour that has an index (AQI); a city without any is left out."""
    c = air_city_hour.c
    found = {}
    for city in known_cities(connection):
        query = sa.select(c.hour_end).where(c.city == city, c.aqi.is_not(None)).order_by(c.hour_end.desc()).limit(1)
        if (hour := connection.scalar(query)) is not None:
            found[city] = hour
    return found


def _rejects() -> sa.Select:
    return sa.select(rejected.c.id, *(rejected.c[name] for name in Reject.__slots__))


def _as_rejects(rows: Sequence[sa.Row]) -> tuple[Reject, ...]:
    return tuple(Reject(*row[1:]) for row in rows)


def _clocks(connection: sa.Connection, city: str, now: dt.datetime) -> list[Clock]:
    hour = connection.scalar(_newest(air_city_hour, "hour_end", city, now))
    day = connection.scalar(_newest(air_city_day, "day", city, local(now).date()))
    known = sa.select(sa.literal(1)).where(forecast_city_hour.c.city == city).limit(1)
    return [
        hourly_clock(city, hour, now),
        daily_clock(city, day, hour, now),
        forecast_clock(city, _runs(connection, city, now), now, any_run=connection.scalar(known) is not None),
    ]


def _newest(table: sa.Table, time: str, city: str, until: dt.datetime | dt.date) -> sa.Select:
    return sa.select(sa.func.max(table.c[time])).where(table.c.city == city, table.c[time] <= until)


def _runs(connection: sa.Connection, city: str, now: dt.datetime) -> list[tuple[dt.datetime, list[dt.datetime]]]:
    """Give the runs that are young enough for the forecast that is due now: start, and hour ends with an index."""
    _, deadline = forecast_due(now)
    c = forecast_city_hour.c
    query = sa.select(c.run_init, c.hour_end).where(
        c.city == city, c.run_init.between(deadline - dt.timedelta(hours=RUN_AGE_H), now), c.forecast_aqi.is_not(None)
    )
    runs: dict[dt.datetime, list[dt.datetime]] = {}
    for start, hour in connection.execute(query):
        runs.setdefault(start, []).append(hour)
    return list(runs.items())
