"""Whether anything that an hour's page shows is simulated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from dashboards.queries.air import REACH
from dashboards.queries.attributions import attributions
from dashboards.queries.emissions import emissions
from dashboards.queries.forecasts import newest_runs
from dashboards.queries.models import values_at
from dashboards.queries.scenarios import AHEAD_BACK, SINCE_BACK
from streams.store.episodes import episodes_at
from streams.store.scenarios import AHEAD, SINCE, newest_windows
from streams.store.schema import air_city_hour, air_station_hour, forecast_city_hour, scenario

BEFORE, AFTER = dt.timedelta(hours=48), dt.timedelta(hours=72)
"""How far the curves of a page reach around the hour shown."""


def shows_simulated(
    connection: sa.Connection,
    hour: dt.datetime,
    city: str,
    *,
    cities: Sequence[str],
    newest: dt.datetime,
    others: Sequence[str] = (),
) -> bool:
    """Tell whether anything on the page of an hour is simulated: of all cities, of the selected one, of the region.

    others: stations that are shown although no city is assessed from them, so that no row of a city says it for them.
    """
    hours, runs = air_city_hour.c, forecast_city_hour.c
    wanted = newest_runs(connection, city, hour)
    queries = [sa.select(hours.simulated).where(hours.city.in_(cities), hours.hour_end.between(hour - BEFORE, hour))]
    if wanted:
        reach = runs.hour_end.between(hour - BEFORE, hour + AFTER)
        queries.append(sa.select(runs.simulated).where(runs.city == city, runs.run.in_(wanted), reach))
    if others:
        c = air_station_hour.c
        queries.append(sa.select(c.simulated).where(c.station.in_(others), c.hour_end.between(hour - REACH, hour)))
    queries.extend(_of_measures(connection, hour, city, cities))
    for query in queries:
        column = query.selected_columns[0]
        if connection.execute(query.where(column.is_(True)).limit(1)).first() is not None:
            return True
    emitted = emissions(connection, city, hour)
    if emitted is not None and emitted.simulated:
        return True
    told = [attributions(connection, city, hour, item=item) for item in ("pm25", "o3")]
    rows = [row for each in told for row in (each.hour, each.span) if row is not None]
    if any(row["simulated"] for row in (*rows, *values_at(connection, city, hour))):
        return True
    return any(row["simulated"] for row in episodes_at(connection, hour, cities, newest=newest))


def _of_measures(connection: sa.Connection, hour: dt.datetime, city: str, cities: Sequence[str]) -> Iterator[sa.Select]:
    """Ask the answers about measures that a page of the hour tells of, those ahead and those of a warning gone by."""
    c = scenario.c
    for kind, back in ((AHEAD, AHEAD_BACK), (SINCE, SINCE_BACK)):
        found = (
            newest_windows(connection, each, hour, kind=kind, back=back) for each in dict.fromkeys((city, *cities))
        )
        window = next((each for each in found if each is not None), None)
        if window is not None and (kind == SINCE or window[0] > hour):
            of_window = c.run_init == window[1], c.hour_end == window[0], c.city.in_(cities)
            yield sa.select(c.simulated).where(*of_window)
