"""Some hours from the store to rows: gather, decide, lay out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from ml.attributing import emitted as sources
from ml.attributing.corrections import Learned
from ml.attributing.decide import Ladder, days_of, decide, episode_of
from ml.attributing.drift import QUANTITIES as RELATED
from ml.attributing.drift import Relations, moved, relation_of
from ml.attributing.gather import Gathered, gather
from ml.attributing.region import Region
from ml.attributing.rows import (
    NO_INVENTORY,
    NO_WEATHER,
    Known,
    Row,
    age_years,
    day_rows,
    episode_rows,
    hour_rows,
    none_rows,
)
from ml.attribution.tags import TagEnsemble
from ml.tagger.tagger import BACK_HOURS
from standards.days import first_hour_of_day, natural_day
from standards.pollutants import ITEMS
from streams.records import Rejected
from streams.store.lines import EPOCH
from streams.store.schema import attribution, emission_city_hour, episode_event

SOURCE = "attribution"
"""As what the rejects of an attribution are filed."""
LONGEST_EPISODE_H = 480
_HOUR = dt.timedelta(hours=1)
PM25 = ITEMS.index("pm25")


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """Rows of some hours, what could not be done, and what they were made of."""

    rows: list[Row]
    rejects: list[Rejected]
    gathered: Gathered
    ladder: Ladder
    known: Known


def attribute_days(
    engine: sa.Engine, region: Region, first: int, end: int, learned: Learned | None, *, hours: Collection[int],
    last_hour: int, gathered: Gathered | None = None, relations: Relations | None = None,
) -> Done:  # fmt: skip
    """Attribute the epoch hours [first, end), which begin with a natural day.

    learned: the correction, None for raw tags. hours: those of which rows are wanted; days that have ended by last_hour
    come with any of their hours. gathered: what was gathered of these hours already. relations: remembers how
    observations stood to tags.
    """
    gathered = gathered or gather(engine, region.cities, first, end, sites=region.far or None)
    relations = relations or relations_of(engine, region.cities)
    relations.keep(first, relation_of(gathered.tags, gathered.seen))
    names = inventories(engine, region.cities, end - 1)
    ages = [age_years(name, end - 1) for name in names.values() if name]
    age = max(ages) if ages and None not in ages else None
    correction = learned.correction if learned and learned.correction.cities == region.cities else None
    found = _Poorer(engine, region, first, end)
    ladder = decide(gathered, correction, age_years=age, poorer=found)
    simulated = gathered.simulated | found.simulated
    moves = _moves(learned, relations, first, end) if correction else {}
    known = Known(first, simulated, names, (learned.first, learned.last) if learned else None, moves, found.lacks)
    rows = _rows(gathered, ladder, known, set(hours), last_hour)
    rejects = [
        Rejected(SOURCE, f"city {city}", "attribution failed", why, "tags and observations that fit", hour_end=end - 1)
        for city, why in ladder.faults.items()
    ] + [
        Rejected(SOURCE, f"model {model}", "its tags are left out", why, "what the other models tell", hour_end=end - 1)
        for model, why in gathered.left.items()
    ]
    return Done(rows, rejects, gathered, ladder, known)


def relations_of(engine: sa.Engine, cities: tuple[str, ...]) -> Relations:
    """Give what remembers how observations stood to tags, and reads the days that it does not know."""

    def read(first: int, end: int) -> np.ndarray:
        hours = [int(first_hour_of_day(day)) for day in (first, end)]
        found = gather(engine, cities, *hours, quantities=RELATED)
        return relation_of(found.tags, found.seen)

    return Relations(read)


def _moves(learned: Learned, relations: Relations, first: int, end: int) -> dict[int, np.ndarray]:
    """Give by natural day by which factor observed over told had moved before it, since the correction was learned."""
    if learned.usual is None:
        return {}
    days = range(int(natural_day(first)), int(natural_day(end - 1)) + 1)
    return {day: moved(learned.usual, relations.before(day)) for day in days}


class _Poorer:
    """The poorer tiers of some hours, read when they are asked for, and what they lack."""

    def __init__(self, engine: sa.Engine, region: Region, first: int, end: int) -> None:
        self._engine, self._region, self._first, self._end = engine, region, first, end
        self.simulated = np.zeros((len(region.cities), end - first), bool)
        self.lacks: dict[str, np.ndarray] = {}

    def __call__(self) -> Iterable[tuple[str, TagEnsemble, str, np.ndarray]]:
        back = self._first - BACK_HOURS
        found = sources.emitted(self._engine, self._region.cities, back, self._end)
        self.simulated = found.simulated[:, BACK_HOURS:]
        runs = found.runs[BACK_HOURS:]
        self.lacks = {
            NO_INVENTORY: (found.versions == "")[:, BACK_HOURS:],
            NO_WEATHER: ~np.isfinite(found.weather["wind_u_ms"])[:, BACK_HOURS:],
        }
        if self._region.places is not None:
            light = sources.light_tags(found, self._region.places, self._first)
            if light is not None:
                yield "light tagger", light, f"light-tagger on {found.model}", runs
        shares = sources.inventory_shares(found, self._first)
        if shares is not None:
            yield "inventory shares", shares, "", runs


def _rows(gathered: Gathered, ladder: Ladder, known: Known, hours: set[int], last_hour: int) -> list[Row]:
    rows: list[Row] = []
    for quantity, steps in ladder.steps.items():
        rows += hour_rows(steps, quantity, hours, known)
    observed = gathered.seen.items[PM25]
    told = np.zeros(observed.shape, bool)
    for step in ladder.steps["pm25"]:
        told |= np.isfinite(step.made.total)
    rows += none_rows(observed, told, gathered.cities, sorted(hours), known, ladder.faults)
    for (span, quantity), steps in days_of(ladder, gathered.seen, last_hour=last_hour).items():
        made = day_rows(steps, quantity, span, known)
        rows += [row for row in made if any(row["first_hour"] <= hour <= row["hour_end"] for hour in hours)]
    return rows


def episode_spans(engine: sa.Engine, hours: Collection[int]) -> list[tuple[str, int, list[int]]]:
    """Give the episodes that some hours lie in: kind, first hour, and which of the hours, up to the longest that is
    attributed as a whole."""
    if not hours:
        return []
    c = episode_event.c
    first, last = (EPOCH + each * _HOUR for each in (min(hours), max(hours)))
    query = sa.select(c.kind, c.start, c.end).where(
        c.start <= last,
        c.start >= first - LONGEST_EPISODE_H * _HOUR,
        c.phase != "withdrawn",
        c.kind.in_(("haze", "ozone")),
    )
    found = []
    with engine.connect() as connection:
        for kind, start, end in connection.execute(query.order_by(c.start)):
            begun = (start - EPOCH) // _HOUR
            ended = (end - EPOCH) // _HOUR if end is not None else max(hours)
            inside = sorted(h for h in hours if begun <= h <= min(ended, begun + LONGEST_EPISODE_H))
            if inside:
                found.append((kind, begun, inside))
    return found


def episode_rows_of(done: Done, kind: str, first: int, hours: Iterable[int]) -> list[Row]:
    """Give the rows of an episode up to each of some hours, of hours that were attributed together."""
    rows: list[Row] = []
    for hour in hours:
        for quantity, steps in episode_of(done.ladder, kind, first, hour).items():
            rows += episode_rows(steps, quantity, first, hour, done.known)
    return rows


def inventories(engine: sa.Engine, cities: Sequence[str], last: int) -> dict[str, str]:
    """Give the inventory of each city that was in force at an epoch hour, "" for none."""
    c, found = emission_city_hour.c, {}
    with engine.connect() as connection:
        for city in cities:
            query = sa.select(c.inventory).where(c.city == city, c.hour_end <= EPOCH + last * _HOUR)
            found[city] = connection.scalar(query.order_by(c.hour_end.desc()).limit(1)) or ""
    return found


def changed(engine: sa.Engine, rows: Sequence[Row]) -> list[Row]:
    """Leave out the rows that the store has as they are."""
    if not rows:
        return []
    c = attribution.c
    first, last = (
        EPOCH + each * _HOUR for each in (min(r["hour_end"] for r in rows), max(r["hour_end"] for r in rows))
    )
    query = sa.select(attribution).where(
        c.city.in_(sorted({row["city"] for row in rows})), c.hour_end.between(first, last)
    )
    with engine.connect() as connection:
        held = {_key(row := _plain(each)): row for each in connection.execute(query).mappings()}
    return [row for row in rows if held.get(_key(row)) != _rounded(row)]


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["city"], row["hour_end"], row["quantity"], row["span"]


def _plain(row: Mapping[str, Any]) -> Row:
    plain = {name: value for name, value in row.items() if name != "version"}
    for name in ("hour_end", "first_hour", "learned_from", "learned_to"):
        plain[name] = None if plain[name] is None else (plain[name] - EPOCH) // _HOUR
    return plain


def _rounded(row: Row) -> Row:
    return row | {"total": None if row["total"] is None else np.rint(row["total"] * 1000) / 1000}
