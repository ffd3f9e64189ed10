"""Episodes of a year, and all that the store holds about one: cities, winds, forecasts before it, attribution, cuts, its like.

Every question goes by the key of the episode, by kind and start, or by city and hour; the newest CANDIDATES before an episode
are compared with it, however many there are.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from dashboards.asked import FIRST_YEAR
from dashboards.moment import SHANGHAI
from dashboards.queries.verification import Span, pairs
from dashboards.similar import Likeness, Traits, likeness, nearest
from streams.store.attribution import latest
from streams.store.episodes import WITHDRAWN, as_it_stood, moving_means
from streams.store.schema import air_city_hour, episode_event

Row = dict[str, Any]
KINDS = ("haze", "ozone")
ITEM = {"haze": "pm25", "ozone": "o3"}
PER_PAGE = 20
NAME = re.compile(r"(haze|ozone)/\d{4}-\d\d-\d\dT\d\dZ")
HOUR = dt.timedelta(hours=1)
CANDIDATES, FINALISTS, ALIKE = 200, 12, 5
BEFORE_ONSET = 12
"""Hours before a city joined whose wind is told."""
RUNS_BACK, MOST_RUNS = dt.timedelta(hours=120), 10
LONGEST = 24 * 30
"""Hours of an episode that are read; none was ever so long."""
FEWEST_WINDS = 6


@dataclass(frozen=True)
class Onset:
    """How a city came into an episode.

    joined: None where it did not. lag: hours after the first. peak: the largest mean there, at peak_at. above: hours above the
    limit; these three are None where no mean is known. wind: mean wind of the hours before it joined, to the east and north
    [m/s], None where too few are known. winds: hours behind it. upwind: city to its mean weight in them.
    """

    city: str
    joined: dt.datetime | None
    lag: int | None
    peak: float | None
    peak_at: dt.datetime | None
    above: int | None
    wind: tuple[float, float] | None
    winds: int
    upwind: dict[str, float]


@dataclass(frozen=True)
class Listed:
    """A page of episodes. more: whether another follows. total: of the year and the filters."""

    rows: list[Row]
    more: bool
    total: int


def years(connection: sa.Connection, hour: dt.datetime) -> list[int]:
    """Give the years from the newest back to the oldest that has an episode, by the index."""
    c = episode_event.c
    oldest = [connection.scalar(sa.select(sa.func.min(c.start)).where(c.kind == kind)) for kind in KINDS]
    known = [each for each in oldest if each is not None]
    newest = (hour + SHANGHAI).year
    return list(range(newest, (min(known) + SHANGHAI).year - 1, -1)) if known else [newest]


def listed(
    connection: sa.Connection, year: int, hour: dt.datetime, cities: Sequence[str], *, newest: dt.datetime, kind: str = "",
    city: str = "", page: int = 1,
) -> Listed:  # fmt: skip
    """Give a page of the episodes that began in a year (of Beijing) and by an hour, as they stood then, the newest first."""
    c = episode_event.c
    first, last = (dt.datetime(max(each, FIRST_YEAR), 1, 1) - SHANGHAI for each in (year, year + 1))
    rows: list[Row] = []
    for each in (kind,) if kind else KINDS:
        query = sa.select(episode_event).where(
            c.kind == each, c.start >= first, c.start < last, c.start <= hour, c.phase != WITHDRAWN
        )
        rows += map(dict, connection.execute(query).mappings())
    rows = [row for row in rows if not city or f"{city}@" in (row["cities"] or "")]
    rows.sort(key=lambda row: (row["start"], row["kind"]), reverse=True)
    begin = (page - 1) * PER_PAGE
    shown = [as_it_stood(connection, row, hour, cities, newest=newest) for row in rows[begin : begin + PER_PAGE]]
    return Listed(shown, len(rows) > begin + PER_PAGE, len(rows))


def episode(
    connection: sa.Connection, name: str, hour: dt.datetime, cities: Sequence[str], *, newest: dt.datetime
) -> Row | None:
    """Give an episode by its name as it stood at an hour; None where there is none or it had not begun."""
    row = connection.execute(sa.select(episode_event).where(episode_event.c.episode == name)).mappings().first()
    if row is None or row["phase"] == WITHDRAWN or row["start"] > hour:
        return None
    return as_it_stood(connection, dict(row), hour, cities, newest=newest)


def joined(row: Row) -> dict[str, dt.datetime]:
    """Give the cities of an episode in their order with the hour each joined; the column leaves the year out."""
    found = {}
    for part in (row["cities"] or "").split():
        city, _, when = part.partition("@")
        try:
            at = dt.datetime.strptime(f"{row['start'].year}-{when}", "%Y-%m-%dT%HZ")
        except ValueError:  # 29 February of the year after, or no hour at all
            continue
        found[city] = at if at >= row["start"] - 24 * HOUR else at.replace(year=at.year + 1)
    return found


def over(row: Row, hour: dt.datetime) -> dt.datetime:
    """Give the last hour of an episode that is known: its end, or the hour shown."""
    return min(row["end"] or hour, hour, row["start"] + LONGEST * HOUR)


def series(
    connection: sa.Connection, row: Row, hour: dt.datetime, cities: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Give the means by which the episode is judged (city, hour) from its start to its last hour, and their limits (hour,)."""
    return moving_means(connection, row["kind"], row["start"], over(row, hour), cities)


def onsets(
    connection: sa.Connection,
    row: Row,
    hour: dt.datetime,
    cities: Sequence[str],
    values: np.ndarray,
    limits: np.ndarray,
) -> list[Onset]:
    """Tell how each city came into an episode, in the order in which they joined; values, limits: of series."""
    when = joined(row)
    begin = min(when.values(), default=row["start"])
    made = []
    for city in [*when, *(c for c in cities if c not in when)]:
        if city not in cities:
            continue
        own, at = values[list(cities).index(city)], when.get(city)
        top = int(np.nanargmax(own)) if np.isfinite(own).any() else None
        wind, n, upwind = (
            _wind(connection, (city,), at - (BEFORE_ONSET - 1) * HOUR, at) if at is not None else (None, 0, {})
        )
        made.append(Onset(
            city, at, None if at is None else int((at - begin) / HOUR),
            None if top is None else float(own[top]), None if top is None else row["start"] + top * HOUR,
            int((own > limits).sum()) if top is not None else None, wind, n, upwind,
        ))  # fmt: skip
    return made


def runs_before(connection: sa.Connection, row: Row, hour: dt.datetime, city: str) -> pd.DataFrame:
    """Give what the newest runs that began before an episode said of its hours in a city, beside what was observed (pairs)."""
    item, last = ITEM[row["kind"]], over(row, hour)
    span = Span(row["start"] - RUNS_BACK, row["start"], last)
    found = pairs(connection, (city,), item, span)
    found = found[(found["hour_end"] >= row["start"]) & ~found["model"].str.contains(" ", regex=False)]
    newest = sorted(found["run"].unique(), key=lambda run: run.rpartition("/")[2], reverse=True)[:MOST_RUNS]
    return found[found["run"].isin(newest)]


def attribution_of(connection: sa.Connection, row: Row, hour: dt.datetime, city: str) -> list[Row]:
    """Give the attributions of an episode in a city: the newest span that begins with it, one for each quantity."""
    quantities = ("pm25",) if row["kind"] == "haze" else ("o3", "ox")
    last = over(row, hour)
    found = latest(connection, city, last, quantities=quantities, span="episode", back=last - row["start"])
    return [each for each in found if each["first_hour"] == row["start"]]


def alike(connection: sa.Connection, row: Row, hour: dt.datetime, cities: Sequence[str]) -> tuple[list[Likeness], int]:
    """Give the past episodes most like one, and with how many it was compared: all of its kind that began before it, at most
    CANDIDATES, of which FINALISTS are compared by wind too."""
    c = episode_event.c
    query = sa.select(episode_event).where(c.kind == row["kind"], c.start < row["start"], c.phase != WITHDRAWN)
    past = [dict(each) for each in connection.execute(query.order_by(c.start.desc()).limit(CANDIDATES)).mappings()]
    own = traits(row, over(row, hour))
    first = [
        each for other in past if (each := likeness(own, traits(other, other["end"] or other["start"]))) is not None
    ]
    finalists = nearest(own, [each.traits for each in first], FINALISTS)
    blown = [_with_wind(connection, each.traits, cities) for each in finalists]
    return nearest(_with_wind(connection, own, cities), blown, ALIKE), len(first)


def traits(row: Row, last: dt.datetime) -> Traits:
    """Give what is compared of an episode that went on until an hour, without its wind."""
    hours = (last - row["start"]) / HOUR + 1
    return Traits(row["episode"], row["start"], row["peak_value_ugm3"], hours if hours > 0 else None)


def _with_wind(connection: sa.Connection, one: Traits, cities: Sequence[str]) -> Traits:
    wind, _, _ = _wind(connection, cities, one.start - (BEFORE_ONSET - 1) * HOUR, one.start + BEFORE_ONSET * HOUR)
    return Traits(one.name, one.start, one.peak, one.hours, wind)


def _wind(
    connection: sa.Connection, cities: Sequence[str], first: dt.datetime, last: dt.datetime
) -> tuple[tuple[float, float] | None, int, dict[str, float]]:
    """Average the wind of hours and what lay upwind; no wind where fewer than FEWEST_WINDS hours have one."""
    c = air_city_hour.c
    query = sa.select(c.wind_u_ms, c.wind_v_ms, c.upwind_weights).where(
        c.city.in_(list(cities)), c.hour_end.between(first, last), c.wind_u_ms.is_not(None), c.wind_v_ms.is_not(None)
    )
    rows = connection.execute(query).all()
    if len(rows) < FEWEST_WINDS:
        return None, len(rows), {}
    weights: dict[str, float] = {}
    for _, _, packed in rows:
        for city, weight in (json.loads(packed) if packed else {}).items():
            weights[city] = weights.get(city, 0.0) + float(weight) / len(rows)
    u, v = (math.fsum(row[i] for row in rows) / len(rows) for i in (0, 1))
    return (u, v), len(rows), dict(sorted(weights.items(), key=lambda each: -each[1]))
