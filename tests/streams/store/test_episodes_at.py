"""Episodes of an earlier moment are those that would have been found when its hour was the newest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from standards.days import date_of_day, natural_day
from standards.editions import edition_for
from streams.assess.episodes import Episode, find_episodes
from streams.store import begin_write
from streams.store.episodes import episodes_at
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, episode_event

CITIES = ("510100", "510600", "510700")
HOURS = 150
HOUR = dt.timedelta(hours=1)
FIRST = 465_000
"""January 2023: under the edition of 2012 the limits are 75 for the day's PM2.5 and 160 ug/m3 for ozone (GB 3095-2012, Table 1)."""
LIMITS = {"pm25_limit_ugm3": 75.0, "o3_limit_ugm3": 160.0}
TRACE = {"edition": "HJ633-2012", "status": "provisional", "revision": 0, "version": 1}


def history(rng: np.random.Generator, level: tuple[float, ...]) -> np.ndarray:
    """Draw clean and dirty stretches (city, hour) with missing cells, missing hours, and a feed that falls silent for a while."""
    values = np.repeat(rng.choice(level, HOURS), rng.integers(1, 9, HOURS))[:HOURS]
    values = np.round(values + rng.normal(0, level[0] / 5, (len(CITIES), HOURS)), 1)
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:, rng.random(HOURS) < 0.1] = np.nan
    gap = rng.integers(0, HOURS)
    values[:, gap : gap + rng.integers(0, 40)] = np.nan
    return values


def found(
    values: np.ndarray, simulated: np.ndarray, until: int, cities: Sequence[str] = CITIES
) -> list[dict[str, Any]]:
    """Give the rows that the engine would have given out when the hour until (from 0) was the newest, newest first."""
    pm25, o3 = values[:, :, : until + 1]
    known = {"haze": _last(pm25), "ozone": _last(o3)}
    rows = [_row(e, simulated, known[e.kind]) for e in find_episodes(FIRST, cities, pm25, o3, **LIMITS)]
    return in_order(rows)


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["start"], row["kind"]), reverse=True)


def _last(values: np.ndarray) -> int:
    hours = np.flatnonzero(~np.isnan(values).all(axis=0))
    return int(hours[-1]) if hours.size else -1


def _row(e: Episode, simulated: np.ndarray, last_known: int) -> dict[str, Any]:
    last = e.end - FIRST if e.end is not None else last_known
    start, peak, end = (None if at is None else EPOCH + at * HOUR for at in (e.start, e.peak, e.end))
    return {
        "episode": f"{e.kind}/{start:%Y-%m-%dT%HZ}", "kind": e.kind, "start": start, "peak": peak, "end": end,
        "phase": e.phase, "peak_value_ugm3": e.peak_value_ugm3, "peak_city": e.peak_city,
        "growth_ugm3_per_h": e.growth_ugm3_per_h, "city_hours": e.city_hours,
        "cities": " ".join(f"{city}@{EPOCH + hour * HOUR:%m-%dT%HZ}" for city, hour in e.cities),
        "edition": edition_for(date_of_day(natural_day(e.start))).code, "version": 1,
        "simulated": bool(simulated[e.start - FIRST : last + 1].any()),
    }  # fmt: skip


def fill(store: sa.Engine, values: np.ndarray, simulated: np.ndarray, rows: list[dict[str, Any]]) -> None:
    cell = lambda value: None if np.isnan(value) else float(value)  # noqa: E731
    hours = [
        {"city": city, "hour_end": EPOCH + (FIRST + h) * HOUR, "pm25_24h_ugm3": cell(values[0, c, h]),
         "o3_8h_ugm3": cell(values[1, c, h]), "simulated": bool(simulated[h]), **TRACE}
        for c, city in enumerate(CITIES) for h in range(HOURS)
        if not np.isnan(values[:, c, h]).all()
    ]  # fmt: skip
    with begin_write(store) as connection:
        connection.execute(sa.insert(air_city_hour), hours)
        if rows:
            connection.execute(sa.insert(episode_event), rows)


def made(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = np.array([history(rng, (40.0, 70.0, 95.0)), history(rng, (90.0, 150.0, 200.0))])
    return values, (rng.random(HOURS) < 0.02) & ~np.isnan(values).all(axis=(0, 1))


def look(store: sa.Engine, hour: int, count: int = 100) -> list[dict[str, Any]]:
    with store.connect() as connection:
        newest = EPOCH + (FIRST + HOURS - 1) * HOUR
        return episodes_at(connection, EPOCH + (FIRST + hour) * HOUR, CITIES[::-1], newest=newest, count=count)


@pytest.mark.parametrize("seed", range(5))
def test_going_back_shows_what_was_known_then_at_every_hour(store, seed):
    values, simulated = made(seed)
    newest = found(values, simulated, HOURS - 1)
    fill(store, values, simulated, newest)
    changed = 0
    for hour in range(0, HOURS, 3):
        then = found(values, simulated, hour)
        rows = look(store, hour)
        assert in_order(rows) == then, hour
        under_way = [row["phase"] != "ended" for row in rows]
        assert under_way == sorted(under_way, reverse=True)
        changed += any(row not in newest for row in then)
    assert changed > 5, "a history in which nothing would have been cut proves nothing"


def test_at_the_newest_hour_rows_stand_as_stored(store):
    values, simulated = made(3)
    rows = [row | {"phase": "growing", "end": None} for row in found(values, simulated, HOURS - 1)]
    fill(store, values, simulated, rows)
    assert look(store, HOURS - 1) == rows


def test_the_newest_episodes_are_shown_and_withdrawn_ones_are_not(store):
    values, simulated = made(3)
    rows = found(values, simulated, HOURS - 1)
    rows[1]["phase"] = "withdrawn"
    fill(store, values, simulated, rows)
    shown = look(store, HOURS - 1, count=2)
    assert len(rows) > 3 and {row["episode"] for row in shown} == {rows[0]["episode"], rows[2]["episode"]}


def test_of_an_episode_whose_hours_are_gone_only_what_is_sure_is_told(store):
    start = EPOCH + FIRST * HOUR
    row = {
        "episode": "haze/x", "kind": "haze", "start": start, "peak": start + 9 * HOUR, "end": start + 20 * HOUR,
        "phase": "ended", "peak_value_ugm3": 120.0, "peak_city": "510100", "growth_ugm3_per_h": 2.0,
        "cities": "510100@01-01T00Z", "city_hours": 20, "edition": "HJ633-2012", "simulated": False, "version": 1,
    }  # fmt: skip
    with begin_write(store) as connection:
        connection.execute(sa.insert(episode_event), [row])
    gone = dict.fromkeys(("end", "phase", "cities", "city_hours"))
    before = dict.fromkeys(("peak", "peak_value_ugm3", "peak_city", "growth_ugm3_per_h"))
    assert look(store, 8) == [row | gone | before]
    assert look(store, 9) == [row | gone]
    assert look(store, -1) == []
