"""The episodes of the region as they stood at an hour: what came later is cut off.

A stored row says what is known today. The start of an episode depends on the past only, so the episodes of an earlier moment
are those that had begun by then; how far each had got is found again from the hours of the cities, by the rules of
streams.assess.episodes, as the engine found it when these were the newest hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from standards.editions import limit
from streams.assess.episodes import ENDED, HAZE, OZONE, Episode, EpisodeRules, episodes_of, last_known
from streams.assess.hours import hour_editions
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, episode_event

Row = dict[str, Any]
RULES = EpisodeRules()
WITHDRAWN = "withdrawn"
_MEAN = {HAZE: "pm25_24h_ugm3", OZONE: "o3_8h_ugm3"}
_LIMIT = {HAZE: ("pm25", "day"), OZONE: ("o3", "8h")}
_HOUR = dt.timedelta(hours=1)


def episodes_at(
    connection: sa.Connection, hour: dt.datetime, cities: Sequence[str], *, newest: dt.datetime, count: int = 4
) -> list[Row]:
    """Give the newest episodes that had begun by an hour, those under way first, as they stood then.

    newest: the newest hour stored (UTC, as hour): at it rows stand as stored. cities: of the region. A row whose hours are not
    there any more keeps what is sure of it; the rest is None, phase included.
    """
    c = episode_event.c
    rows: list[Row] = []
    for kind in _MEAN:
        query = sa.select(episode_event).where(c.kind == kind, c.start <= hour, c.phase != WITHDRAWN)
        rows += map(dict, connection.execute(query.order_by(c.start.desc()).limit(count)).mappings())
    if hour < newest:
        rows = [_as_of(connection, row, hour, sorted(cities)) for row in rows]
    rows.sort(key=lambda row: row["start"], reverse=True)
    return sorted(rows, key=lambda row: row["phase"] == ENDED)[:count]


def as_it_stood(
    connection: sa.Connection, row: Row, hour: dt.datetime, cities: Sequence[str], *, newest: dt.datetime
) -> Row:
    """Give a stored episode, that had begun by an hour, as it stood then; at the newest hour as stored."""
    return row if hour >= newest else _as_of(connection, row, hour, sorted(cities))


def moving_means(
    connection: sa.Connection, kind: str, first: dt.datetime, last: dt.datetime, cities: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Give the means by which a kind of episode is judged (city, hour) [ug/m3] from first to last, and their limits (hour,).

    Missing: NaN where no mean is stored.
    """
    values, _ = _series(connection, kind, first, last, cities)
    return values, _limits(kind, (first - EPOCH) // _HOUR, values.shape[1])


def _as_of(connection: sa.Connection, row: Row, hour: dt.datetime, cities: Sequence[str]) -> Row:
    """Give a row as it stood at an hour."""
    if _had_ended(connection, row, hour, cities):
        return row
    first = row["start"] - RULES.alone_h * _HOUR
    values, simulated = _series(connection, row["kind"], first, hour, cities)
    start, first_hour = ((moment - EPOCH) // _HOUR for moment in (row["start"], first))
    limits = _limits(row["kind"], first_hour, values.shape[1])
    found = [e for e in episodes_of(row["kind"], first_hour, cities, values, limits, rules=RULES) if e.start == start]
    if not found:
        return _what_is_sure(row, hour)
    last = found[0].end if found[0].end is not None else first_hour + last_known(values)
    return row | _described(found[0]) | {"simulated": bool(simulated[start - first_hour : last - first_hour + 1].any())}


def _had_ended(connection: sa.Connection, row: Row, hour: dt.datetime, cities: Sequence[str]) -> bool:
    """Tell whether an hour with a value showed by then that the gap had run out."""
    if row["end"] is None:
        return False
    c = air_city_hour.c
    over = row["end"] + RULES.gap_h(row["kind"]) * _HOUR
    known = sa.select(sa.literal(1)).where(
        c.city.in_(cities), c.hour_end.between(over, hour), c[_MEAN[row["kind"]]].is_not(None)
    )
    return connection.execute(known.limit(1)).first() is not None


def _series(
    connection: sa.Connection, kind: str, first: dt.datetime, last: dt.datetime, cities: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Read the moving means (city, hour) from first to last, NaN where there is none, and where any is simulated (hour,)."""
    c = air_city_hour.c
    hours = (last - first) // _HOUR + 1
    values, simulated = np.full((len(cities), hours), np.nan), np.zeros(hours, bool)
    place = {city: i for i, city in enumerate(cities)}
    query = sa.select(c.city, c.hour_end, c[_MEAN[kind]], c.simulated).where(
        c.city.in_(cities), c.hour_end.between(first, last)
    )
    for city, hour, value, made_up in connection.execute(query):
        at = (hour - first) // _HOUR
        values[place[city], at] = np.nan if value is None else value
        simulated[at] |= made_up
    return values, simulated


def _limits(kind: str, first_hour: int, hours: int) -> np.ndarray:
    limits = np.empty(hours)
    for span, edition in hour_editions(first_hour, hours):
        limits[span] = limit(*_LIMIT[kind], edition=edition)
    return limits


def _described(episode: Episode) -> Row:
    moments = {name: getattr(episode, name) for name in ("peak", "end")}
    cities = " ".join(f"{city}@{EPOCH + hour * _HOUR:%m-%dT%H}Z" for city, hour in episode.cities)
    return {
        **{name: None if at is None else EPOCH + at * _HOUR for name, at in moments.items()},
        "phase": episode.phase, "peak_value_ugm3": episode.peak_value_ugm3, "peak_city": episode.peak_city,
        "growth_ugm3_per_h": episode.growth_ugm3_per_h, "cities": cities, "city_hours": episode.city_hours,
    }  # fmt: skip


def _what_is_sure(row: Row, hour: dt.datetime) -> Row:
    """Keep the name and the start of an episode whose hours are gone, and its peak where that had been."""
    unknown = dict.fromkeys(("end", "phase", "cities", "city_hours"))
    if row["peak"] is None or row["peak"] > hour:
        unknown |= dict.fromkeys(("peak", "peak_value_ugm3", "peak_city", "growth_ugm3_per_h"))
    return row | unknown
