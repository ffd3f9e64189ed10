"""Whether anything that an hour's page shows is simulated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from dashboards.queries.air import REACH
from streams.store.schema import air_city_hour, air_joined_hour, air_station_hour, episode_event

BEFORE, AFTER = dt.timedelta(hours=48), dt.timedelta(hours=72)
"""How far the curves of a page reach around the hour shown."""


def shows_simulated(connection: sa.Connection, hour: dt.datetime, *, others: Sequence[str] = ()) -> bool:
    """Tell whether any row around the hour is simulated, observed or forecast.

    others: stations that are shown although no city is assessed from them, so that no row of a city says it for them.
    """
    queries = [
        sa.select(table.c.simulated).where(
            table.c.simulated.is_(True), table.c.hour_end.between(hour - BEFORE, hour + AFTER)
        )
        for table in (air_city_hour, air_joined_hour)
    ]
    queries.append(
        sa.select(episode_event.c.simulated).where(episode_event.c.simulated.is_(True), episode_event.c.start <= hour)
    )
    if others:
        c = air_station_hour.c
        shown = c.station.in_(others) & c.hour_end.between(hour - REACH, hour)
        queries.append(sa.select(c.simulated).where(shown, c.simulated.is_(True)))
    return any(connection.execute(query.limit(1)).first() is not None for query in queries)
