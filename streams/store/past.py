"""How far a simulated past is in the store: which spans are planned, and of which the observations and the forecasts are in.

Each is a line among the segments that are in (topic_position), in the transaction of its own that comes after all its rows: what
a store says of its past goes with the store, and a store that is new knows of none.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from streams.store.lines import EPOCH
from streams.store.schema import source_file, topic_position
from streams.store.upserts import claim_segment, next_moment

PLANNED, OBSERVED, FORECAST, ENDED = (f"simulated-past/{part}" for part in ("planned", "observed", "forecast", "ended"))
"""Topics under which a span stands as FIRST/END (natural days, END not included); ended: why no more will come."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is planned, newest first, and what of it is in; ended: why the rest will not come, None where it will.

    stored_at: when each of the observed spans was in, oldest first (naive UTC). forecast_at: the same of the forecasts.
    """

    planned: tuple[str, ...]
    observed: frozenset[str]
    forecast: frozenset[str]
    stored_at: tuple[dt.datetime, ...]
    forecast_at: tuple[dt.datetime, ...]
    ended: str | None

    @property
    def next(self) -> str | None:
        """The month that is being made, as YYYY-MM; None where all are in or no more will come."""
        left = [] if self.ended else [span for span in self.planned if span not in self.done]
        return left[0][:7] if left else None

    @property
    def of_forecasts(self) -> bool:
        """Whether the observations are all in, so that it is about forecasts."""
        return set(self.planned) <= self.observed

    @property
    def done(self) -> frozenset[str]:
        """What is in of the present kind of work."""
        return self.forecast if self.of_forecasts else self.observed

    @property
    def minutes_left(self) -> int | None:
        """How many minutes the present kind of work will take yet at its pace so far, at least 1; None where no pace is known."""
        moments = self.forecast_at if self.of_forecasts else self.stored_at
        if len(moments) < 2:
            return None
        pace_s = (moments[-1] - moments[0]).total_seconds() / (len(moments) - 1)
        return max(1, round(pace_s * (len(self.planned) - len(self.done)) / 60))


def past_of(connection: sa.Connection) -> Past | None:
    """Read how far the simulated past is; None where none is planned."""
    c = topic_position.c
    query = sa.select(c.topic, c.segment, c.stored_at).where(c.topic.in_((PLANNED, OBSERVED, FORECAST, ENDED)))
    found = connection.execute(query.order_by(c.stored_at)).all()
    of = {topic: [row for row in found if row.topic == topic] for topic in (PLANNED, OBSERVED, FORECAST, ENDED)}
    if not of[PLANNED] and not of[ENDED]:
        return None
    return Past(
        tuple(sorted((row.segment for row in of[PLANNED]), reverse=True)),
        frozenset(row.segment for row in of[OBSERVED]), frozenset(row.segment for row in of[FORECAST]),
        tuple(row.stored_at for row in of[OBSERVED]), tuple(row.stored_at for row in of[FORECAST]),
        of[ENDED][0].segment if of[ENDED] else None,
    )  # fmt: skip


def note(connection: sa.Connection, topic: str, spans: Iterable[str]) -> None:
    """Note spans under one of the topics; a second time does nothing."""
    moment = next_moment(connection, EPOCH + dt.timedelta(seconds=time.time()))
    for span in spans:
        claim_segment(connection, {"topic": topic, "segment": span, "stored_at": moment})


def real_files(connection: sa.Connection, first: dt.datetime, last: dt.datetime) -> bool:
    """Tell whether a file that is not marked as simulated brought hours between two hour ends (naive UTC), both included."""
    c = source_file.c
    query = sa.select(c.digest).where(~c.simulated, c.first_hour <= last, c.last_hour >= first).limit(1)
    return connection.execute(query).first() is not None
