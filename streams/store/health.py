"""What the data-health page asks: how fresh each source is, whether its rows add up, and whether the clocks are kept.

now is always an argument and has a time zone; moments in the answers are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from streams.store.clocks import FORECAST_DAYS, Clock, daily_clock, forecast_clock, forecast_due, hourly_clock
from streams.store.lines import EPOCH
from streams.store.schema import ACCOUNTED, air_city_day, air_city_hour, air_joined_hour, rejected, source_hour


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh one source is; None where no hour could be read, or its receipts are not known.

    age_hours [h]: from the end of the newest hour to now. receipt_age_s [s]: from the last receipt to now.
    """

    source: str
    oldest_hour: dt.datetime | None
    newest_hour: dt.datetime | None
    first_receipt: dt.datetime | None
    last_receipt: dt.datetime | None
    age_hours: float | None
    receipt_age_s: float | None


@dataclass(frozen=True, slots=True)
class RowSum:
    """Station-hours of one source (and hour): difference = rows_in - accepted - duplicate - late - rejected.

    A positive difference is on its way through the engine, or lost if it stays; hour_end is None for a whole source and
    for rows whose hour could not be read (then unread is True).
    """

    source: str
    hour_end: dt.datetime | None
    rows_in: int
    accepted: int
    duplicate: int
    late: int
    rejected: int
    difference: int
    unread: bool = False


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


def source_freshness(engine: sa.Engine, now: dt.datetime) -> tuple[Freshness, ...]:
    """Give the freshness of every source that ever brought rows, in the order of their names."""
    _require_zone(now)
    c = source_hour.c
    read = sa.case((c.hour_end > EPOCH, c.hour_end))
    query = (
        sa.select(
            c.source, sa.func.min(read), sa.func.max(read),
            sa.func.min(c.first_received_at), sa.func.max(c.last_received_at),
        )
        .group_by(c.source)
        .order_by(c.source)
    )  # fmt: skip
    with engine.connect() as connection:
        return tuple(
            _freshness(source, [_aware(m) for m in moments], now) for source, *moments in connection.execute(query)
        )


def rows_add_up(engine: sa.Engine, *, by_hour: bool = False, only_open: bool = False) -> tuple[RowSum, ...]:
    """Add up the rows of every source, or of every source and hour; only_open leaves out what adds up."""
    c = source_hour.c
    names = ("rows_in", "accepted", "duplicate", "late", "rejected")
    sums = [sa.cast(sa.func.sum(c[name]), sa.BigInteger).label(name) for name in names]
    keys = [c.source, c.hour_end] if by_hour else [c.source]
    query = sa.select(*keys, *sums).group_by(*keys).order_by(*keys)
    if only_open:
        query = query.having(sa.func.sum(c.rows_in - ACCOUNTED) != 0)
    with engine.connect() as connection:
        return tuple(_row_sum(row._mapping) for row in connection.execute(query))


def statutory_clocks(engine: sa.Engine, now: dt.datetime, *, cities: Sequence[str] | None = None) -> tuple[Clock, ...]:
    """Judge the hourly report, the daily report and the forecast of each city at a moment.

    cities: whose reports are due, for instance all of the registry; None takes those that ever had an hour.
    """
    _require_zone(now)
    with engine.connect() as connection:
        named = tuple(cities) if cities is not None else _known_cities(connection)
        return tuple(clock for city in named for clock in _clocks(connection, city, now))


def latest_rejects(engine: sa.Engine, n: int = 50) -> tuple[Reject, ...]:
    """Give the n rejects received last, newest first."""
    columns = [rejected.c[name] for name in Reject.__slots__]
    query = sa.select(*columns).order_by(rejected.c.received_at.desc(), rejected.c.id).limit(n)
    with engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(query)]
    moments = ("hour_end", "received_at")
    return tuple(Reject(**{**row, **{name: _aware(row[name]) for name in moments}}) for row in rows)


def _freshness(source: str, moments: list[dt.datetime | None], now: dt.datetime) -> Freshness:
    _, newest, _, receipt = moments
    return Freshness(
        source,
        *moments,
        None if newest is None else (now - newest).total_seconds() / 3600,
        None if receipt is None else (now - receipt).total_seconds(),
    )


def _row_sum(row: sa.RowMapping) -> RowSum:
    numbers = {name: int(row[name]) for name in ("rows_in", "accepted", "duplicate", "late", "rejected")}
    unread = row.get("hour_end") == EPOCH
    hour_end = None if unread else _aware(row.get("hour_end"))
    rows_in, *others = numbers.values()
    return RowSum(row["source"], hour_end, **numbers, difference=rows_in - sum(others), unread=unread)


def _known_cities(connection: sa.Connection) -> tuple[str, ...]:
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


def _clocks(connection: sa.Connection, city: str, now: dt.datetime) -> list[Clock]:
    hour = _aware(connection.scalar(_newest(air_city_hour, "hour_end", city)))
    day = connection.scalar(_newest(air_city_day, "day", city))
    joined = air_joined_hour.c
    known = sa.select(sa.literal(1)).where(joined.city == city, joined.run != "").limit(1)
    return [
        hourly_clock(city, hour, now),
        daily_clock(city, day, hour, now),
        forecast_clock(city, _runs(connection, city, now), now, any_run=connection.scalar(known) is not None),
    ]


def _newest(table: sa.Table, time: str, city: str) -> sa.Select:
    return sa.select(sa.func.max(table.c[time])).where(table.c.city == city)


def _runs(connection: sa.Connection, city: str, now: dt.datetime) -> list[tuple[dt.datetime, list[dt.datetime]]]:
    """Give the runs with an index in the days that a forecast has to cover now: start and hour ends."""
    _, deadline = forecast_due(now)
    c = air_joined_hour.c
    first = deadline.astimezone(dt.UTC).replace(tzinfo=None)
    query = sa.select(c.run_init, c.hour_end).where(
        c.city == city, c.run != "", c.forecast_aqi.is_not(None), c.run_init.is_not(None),
        c.hour_end > first, c.hour_end <= first + dt.timedelta(days=FORECAST_DAYS + 1),
    )  # fmt: skip
    runs: dict[dt.datetime, list[dt.datetime]] = {}
    for start, hour in connection.execute(query):
        runs.setdefault(_aware(start), []).append(_aware(hour))
    return list(runs.items())


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    return None if moment is None else moment.replace(tzinfo=dt.UTC)


def _require_zone(now: dt.datetime) -> None:
    if now.tzinfo is None:
        raise ValueError(f"now is {now.isoformat()} without a time zone, expected an aware moment")
