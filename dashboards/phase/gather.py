"""Reads from the store everything that an assessment needs: days by one indexed query each, and what goes with them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from dashboards.phase import gather_more
from dashboards.phase.events import Event
from dashboards.phase.forecast_days import forecast_days
from dashboards.phase.gathered import PROVISIONAL, REVIEWED, Days, Gathered, no_days, so_far
from dashboards.phase.question import Question, date_before, year_before
from dashboards.phase.targets import Target
from standards.assessment.periods import Period
from standards.days import date_of_day, day_of_date, natural_day
from streams.registry import COUNTING_KINDS, Registry
from streams.store.schema import air_city_day, air_city_hour, air_station_day

YEARS_BACK = 10
"""Earlier years that a trend looks at."""
EPOCH, HOUR = dt.datetime(1970, 1, 1), dt.timedelta(hours=1)


def gather(
    connection: sa.Connection,
    question: Question,
    *,
    registry: Registry,
    targets: Sequence[Target] = (),
    events: Sequence[Event] = (),
    attribution_approved: bool = False,
) -> Gathered:
    """Read what a question needs.

    targets, events: as read from their files; those of other places and days are left out. attribution_approved: whether the
    stored attribution comes from a method that may be shown. Days that are not over yet are not read.
    """
    cities, known_to = question.cities, last_whole_day(connection, question.cities)
    if known_to is not None:  # what the store learns of days after the period is no input of its assessment
        known_to = min(known_to, question.period.last_day)
    period, base = so_far(question.period, known_to), _base(question, known_to)
    stations = _stations(registry, cities, (period,))
    codes = tuple(code for code, _ in stations)
    found: dict[str, Days] = {}
    versions = [0]
    for name, table, places, span in (
        ("now", air_city_day, cities, period), ("base", air_city_day, cities, base),
        ("station_now", air_station_day, codes, period),
    ):  # fmt: skip
        empty = known_to is not None and known_to < span.first_day
        found[name], version = (no_days(len(places), span.first_day, span.n_days), 0) if empty else days_of(
            connection, table, places, span.first_day, span.last_day
        )  # fmt: skip
        versions.append(version)
    forecasts, model = forecast_days(connection, cities, period)
    held = tuple(t for t in targets if t.place in (*cities, "region") and t.year == period.last_date.year)
    mine = tuple(e for e in events if e.touches(cities, (period, base)))
    return Gathered(
        question=question, known_to=known_to, version=max(versions), registry=registry_digest(registry, cities, codes),
        cities=cities, stations=stations, earlier=_earlier(connection, question, period),
        to_date=_to_date(connection, cities, period) if held else None,
        targets=tuple(t.row for t in held), events=tuple(e.row(cities) for e in mine), **found,
        forecasts=forecasts, forecast_model=model,
        **gather_more.of_period(connection, cities, period, base, approved=attribution_approved),
    )  # fmt: skip


def last_whole_day(connection: sa.Connection, cities: Sequence[str]) -> int | None:
    """Give the last natural day of which the store knows the end: by the newest hour of the cities, else by their days."""
    hours = [
        connection.scalar(sa.select(sa.func.max(air_city_hour.c.hour_end)).where(air_city_hour.c.city == city))
        for city in cities
    ]
    if any(hours):
        newest = (max(hour for hour in hours if hour) - EPOCH) // HOUR
        return int(natural_day(newest + 1)) - 1
    days = [
        connection.scalar(sa.select(sa.func.max(air_city_day.c.day)).where(air_city_day.c.city == city))
        for city in cities
    ]
    return day_of_date(max(day for day in days if day)) if any(days) else None


def days_of(
    connection: sa.Connection, table: sa.Table, places: Sequence[str], first_day: int, last_day: int
) -> tuple[Days, int]:
    """Read daily values of places (the table's first key) by its key, with the highest version of the rows."""
    c, n_days = table.c, last_day - first_day + 1
    place = c.city if table is air_city_day else c.station
    origin = c.stations_valid if table is air_city_day else c.version
    plain = (sa.type_coerce(c.day, sa.String), sa.type_coerce(c.simulated, sa.Integer))  # dates by text: half the time
    query = sa.select(place, plain[0], *(c[name] for name in gather_more.DAILY), c.status, plain[1], c.version, origin)
    query = query.where(place.in_(places), c.day.between(date_of_day(first_day), date_of_day(last_day)))
    rows = connection.execute(query).all() if places else []
    found = no_days(len(places), first_day, n_days)
    if not rows:
        return found, 0
    columns = list(zip(*rows, strict=True))
    at = {code: i for i, code in enumerate(places)}
    when = {date_of_day(first_day + i).isoformat(): i for i in range(n_days)}
    told = {day: when[str(day)[:10]] for day in set(columns[1])}
    where = tuple(
        np.fromiter(map(known.__getitem__, column), np.int64, len(rows))
        for known, column in ((at, columns[0]), (told, columns[1]))
    )
    found.values[:, *where] = np.array(columns[2:8], float)
    found.standing[where] = [REVIEWED if status == "reviewed" else PROVISIONAL for status in columns[8]]
    found.simulated[where] = np.array(columns[9], bool)
    found.published[where] = [each is None for each in columns[11]]
    return found, int(max(columns[10]))


def registry_digest(registry: Registry, cities: Sequence[str], stations: Sequence[str]) -> str:
    """Give the SHA-256 of what the registry says of these places."""
    told = [registry.cities.get(code) for code in cities] + [registry.stations.get(code) for code in stations]
    return hashlib.sha256("\n".join(map(repr, told)).encode()).hexdigest()


def _base(question: Question, known_to: int | None) -> Period:
    """Give the days to compare with: of a period that still runs those of the base up to the same date."""
    base, period = question.base, so_far(question.period, known_to)
    if period == question.period:
        return base
    years = period.first_date.year - base.first_date.year
    aligned = years >= 0 and date_before(period.first_date, years) == base.first_date
    last = day_of_date(date_before(period.last_date, years)) if aligned else base.first_day + period.n_days - 1
    return Period("campaign", base.name, base.first_day, max(base.first_day, min(last, base.last_day)))


def _stations(registry: Registry, cities: Sequence[str], spans: Sequence[Period]) -> tuple[tuple[str, str], ...]:
    def valid(station: object) -> bool:
        first, last = station.valid_from, station.valid_to
        return any((first is None or first <= s.last_date) and (last is None or last >= s.first_date) for s in spans)

    counting = (s for s in registry.stations.values() if s.city in cities and s.kind in COUNTING_KINDS and valid(s))
    return tuple((s.code, s.city) for s in sorted(counting, key=lambda s: (cities.index(s.city), s.code)))


def _earlier(connection: sa.Connection, question: Question, period: Period) -> tuple[tuple[int, Days], ...]:
    """Give the same days of earlier years that hold anything; one question tells whether there are any at all."""
    c, cities = air_city_day.c, question.cities
    oldest = sa.select(sa.func.min(c.day)).where(c.city.in_(cities))
    if period != question.period or (first := connection.scalar(oldest)) is None:
        return ()
    found = []
    for back in range(1, YEARS_BACK + 1):
        each = year_before(question.period, years=back)
        if each.last_day < day_of_date(first):
            break
        days, _ = days_of(connection, air_city_day, cities, each.first_day, each.last_day)
        if days.standing.any():
            found.append((back, days))
    return tuple(found)


def _to_date(connection: sa.Connection, cities: Sequence[str], period: Period) -> Days:
    first = day_of_date(dt.date(period.last_date.year, 1, 1))
    return days_of(connection, air_city_day, cities, first, period.last_day)[0]
