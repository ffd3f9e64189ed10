"""What the store says about the health of the data: its age, whether the books of every source balance, what was refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from streams.store.health import Books, Reject
    from streams.store.past import Past
    from streams.store.verifying import Round

CONNECT_WITHIN_S = 3
REJECTS = 5
"""How many of the newest rejects are told."""


@dataclass(frozen=True, slots=True)
class Health:
    """The newest hour with an AQI (naive UTC, None where there is none), the cities that have it, the books, the newest rejects."""

    newest: dt.datetime | None
    cities: int
    books: tuple[Books, ...]
    rejects: tuple[Reject, ...] = ()
    damaged: int = 0
    """Places of the topics that cannot be read."""
    verified: Round | None = None
    """When the segments of the topics were last read from end to end; None where never."""

    def age_hours(self, now: dt.datetime) -> int | None:
        """Give how many whole hours ago (now: naive UTC) the newest hour ended, None where there is none."""
        return int((now - self.newest).total_seconds() // 3600) if self.newest else None

    @property
    def open_books(self) -> tuple[Books, ...]:
        """Give the sources whose books do not balance."""
        return tuple(b for b in self.books if b.difference)

    @property
    def taken(self) -> int:
        """Give how many rows came in that were not refused."""
        return sum(each.rows_in - each.rejected for each in self.books)

    @property
    def emptiness(self) -> str:
        """Give the message that tells why nothing is stored: still on its way, refused, or nothing came."""
        if self.taken:
            return "health_on_its_way"
        return "health_empty_but_refused" if self.rejects else "health_empty"

    def verified_words(self, now: dt.datetime) -> tuple[str, dict[str, object]]:
        """Give the message, and its values, that tells when the segments were verified (now: naive UTC)."""
        from streams.store.verifying import OVERDUE_H

        if self.verified is None:
            return "health_never_verified", {}
        age = self.verified.age_h(now)
        values = {
            "begun": f"{self.verified.begun:%Y-%m-%dT%H:%MZ}", "ended": f"{self.verified.ended:%Y-%m-%dT%H:%MZ}",
            "segments": self.verified.segments, "size": f"{self.verified.size / 1e6:.1f}", "age": round(age),
        }  # fmt: skip
        return ("health_verified" if age < OVERDUE_H else "health_verified_long_ago"), values


def engine_for(store: str) -> sa.Engine:
    """Open a store for looking only; a database that does not answer is given up soon."""
    from streams.store.connect import open_store

    url = sa.make_url(store)
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"connect_timeout": str(CONNECT_WITHIN_S)})
    return open_store(url.render_as_string(hide_password=False), create=False)


def read_health(engine: sa.Engine) -> Health:
    """Ask a store for its health."""
    from streams.store.health import damages, latest_rejects, newest_index, source_books
    from streams.store.verifying import last_round

    with engine.connect() as connection:
        hours = newest_index(connection)
        found = source_books(connection, dt.datetime.now(dt.UTC))
        rejects = latest_rejects(connection, REJECTS, set_aside=False)
        damaged, verified = damages(connection), last_round(connection)
    newest = max(hours.values(), default=None)
    return Health(newest, sum(hour == newest for hour in hours.values()), found, rejects, damaged, verified)


def read_past(engine: sa.Engine) -> Past | None:
    """Ask a store how far its simulated past is; None where there is none."""
    from streams.store.past import past_of

    with engine.connect() as connection:
        return past_of(connection)


def past_words(past: Past) -> tuple[str, dict[str, object]]:
    """Give the message, and its values, that tells how far a simulated past is."""
    if past.ended:
        return "history_ended", {"done": len(past.observed), "total": len(past.planned)}
    if past.next is None:
        return "history_done", {"total": len(past.planned)}
    kind = "history_forecasts" if past.of_forecasts else "history_months"
    left = past.minutes_left
    return (kind if left is not None else f"{kind}_begun"), {
        "month": past.next, "done": len(past.done), "total": len(past.planned), "minutes": left,
    }  # fmt: skip


def has_aqi(engine: sa.Engine) -> bool:
    """Tell whether any AQI of a city is stored."""
    from streams.store.health import newest_index

    with engine.connect() as connection:
        return bool(newest_index(connection))
