"""What the store says about the health of the data: how fresh it is, and whether the books of every source balance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

CONNECT_WITHIN_S = 3


@dataclass(frozen=True, slots=True)
class Books:
    """How many station-hours a source brought, and how many of them are accounted for."""

    source: str
    rows_in: int
    known: int

    @property
    def balanced(self) -> bool:
        """Tell whether nothing is under way or lost."""
        return self.rows_in == self.known


@dataclass(frozen=True, slots=True)
class Health:
    """The newest hour with an AQI (naive UTC, None where there is none), the cities that have it, and the books."""

    newest: dt.datetime | None
    cities: int
    books: tuple[Books, ...]

    def age_hours(self, now: dt.datetime) -> int:
        """Give how many whole hours ago (now: naive UTC) the newest hour ended."""
        return int((now - self.newest).total_seconds() // 3600) if self.newest else 0

    @property
    def open_books(self) -> tuple[Books, ...]:
        """Give the sources whose books do not balance."""
        return tuple(b for b in self.books if not b.balanced)


def engine_for(store: str) -> sa.Engine:
    """Open a store for looking only; a database that does not answer is given up soon."""
    from streams.store.connect import open_store

    url = sa.make_url(store)
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"connect_timeout": str(CONNECT_WITHIN_S)})
    return open_store(url.render_as_string(hide_password=False), create=False)


def read_health(engine: sa.Engine) -> Health:
    """Ask a store for its health."""
    from streams.store.schema import ACCOUNTED, air_city_hour, source_hour

    with engine.connect() as connection:
        newest = connection.scalar(
            sa.select(sa.func.max(air_city_hour.c.hour_end)).where(air_city_hour.c.aqi.is_not(None))
        )
        cities = connection.scalar(
            sa.select(sa.func.count()).where(air_city_hour.c.hour_end == newest, air_city_hour.c.aqi.is_not(None))
        )
        rows = connection.execute(
            sa.select(source_hour.c.source, sa.func.sum(source_hour.c.rows_in), sa.func.sum(ACCOUNTED)).group_by(
                "source"
            )
        )
        return Health(newest, cities or 0, _books(rows))


def has_aqi(engine: sa.Engine) -> bool:
    """Tell whether any AQI of a city is stored."""
    from streams.store.schema import air_city_hour

    with engine.connect() as connection:
        return (
            connection.scalar(sa.select(air_city_hour.c.city).where(air_city_hour.c.aqi.is_not(None)).limit(1))
            is not None
        )


def _books(rows: Iterable[sa.Row]) -> tuple[Books, ...]:
    return tuple(Books(source, int(rows_in or 0), int(known or 0)) for source, rows_in, known in rows)
