"""What measures would change, worked out beside the attribution and kept as rows of the table scenario.

Of the newest run of tags: the natural days after its own that it tells in full, at most AHEAD_DAYS, with the measures
in force from the first hour on. And after a warning: the days that it has lasted, by the newest runs that tell of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from ml.scenario.cuts import CutError
from ml.scenario.effect import Effect, effect_of, shown_for
from ml.scenario.free import FreeTable, free_tables
from ml.scenario.measures import ANSWERED, FREE, averaged_hours, distances_km, standing_measures
from ml.scenario.response import ages_of, respond
from ml.scenario.stored import StoredTags, stored_tags
from ml.scenario.warned import Warned, plan_of, warned_at
from ml.scenario.words import why_key
from standards.days import HOURS_PER_DAY, date_of_day, first_hour_of_day, natural_day
from standards.warning.plan_files import Plan, plan_named
from streams.records import Rejected
from streams.registry import Registry
from streams.store.lines import EPOCH
from streams.store.scenarios import AHEAD, SINCE, packed_free
from streams.store.schema import scenario, tag_hour

METHOD = "scenario 1"
"""Name and version of the method; a change of what it answers is a new version."""
SOURCE = "scenario"
AHEAD_DAYS = 3
LEAST_HOURS = 6
"""Where a run tells no whole day ahead, it is asked about what it tells after its start, if that is so much."""
OTHERWISE = "sichuan_2024"
"""Whose levels are answered where no plan holds on a day."""
_HOUR = dt.timedelta(hours=1)
Row = dict[str, Any]
Part = tuple[list[Row], list[Rejected]]


@dataclass(frozen=True, slots=True)
class Window:
    """Of which hours it is asked: first and last epoch hour, and the hour at which one knew no more."""

    kind: str
    first: int
    last: int
    at: int


class Foreseer:
    """Works out what measures would change, once for each run of tags and each day of a warning."""

    def __init__(self, engine: sa.Engine, registry: Registry) -> None:
        self.engine, self.registry = engine, registry
        self.cities = tuple(registry.cities)
        self._done: set[Window] = set()

    def step(self, newest: int, *, tagged: bool) -> Part:
        """Give the rows that are due at the newest observed hour, and rejects. tagged: whether tags have come, so that
        what was worked out is worked out again."""
        if tagged:
            self._done.clear()
        rows: list[Row] = []
        try:
            ahead = window_ahead(self.engine, self.cities, newest)
            day = int(natural_day(newest + 1)) - 1  # the last that has ended
            if ahead is None or {ahead, Window(SINCE, 0, day, 0)} <= self._done:
                return rows, []
            asked = self._asked(newest)
            since = window_since(asked, day)
            for window in (ahead, since):
                if window is not None and window not in self._done and (tagged or not self._held(window)):
                    rows += window_rows(self.engine, self.registry, window, asked)
            self._done |= {ahead, Window(SINCE, 0, day, 0), *([since] if since else [])}
        except sa.exc.OperationalError:
            raise
        except CutError:
            return rows, []  # no tags of these hours; the page says that there are none
        except Exception as error:  # what goes wrong here costs no attribution
            self._done.add(ahead)
            return rows, [Rejected(SOURCE, f"hour {newest}", "scenario failed", f"{type(error).__name__}: {error}",
                                   "tags that fit", hour_end=newest)]  # fmt: skip
        return rows, []

    def _asked(self, newest: int) -> dict[str, Warned | None]:
        with self.engine.connect() as connection:
            return {city: warned_at(connection, city, newest) for city in self.cities}

    def _held(self, window: Window) -> bool:
        c = scenario.c
        query = sa.select(c.city).where(
            c.city == self.cities[0], c.kind == window.kind, c.first_hour == EPOCH + window.first * _HOUR,
            c.hour_end == EPOCH + window.last * _HOUR,
            c.run_init == EPOCH + window.at * _HOUR if window.kind == AHEAD else c.run_init.between(
                EPOCH + window.first * _HOUR, EPOCH + window.last * _HOUR),
        )  # fmt: skip
        with self.engine.connect() as connection:
            return connection.execute(query.limit(1)).first() is not None


def window_ahead(engine: sa.Engine, cities: tuple[str, ...], newest: int) -> Window | None:
    """Give the window of the newest run of tags that had started by an epoch hour, None where no run reaches so far."""
    c = tag_hour.c
    begin, end = (EPOCH + (newest + more) * _HOUR for more in (1, HOURS_PER_DAY))
    with engine.connect() as connection:
        runs: set[str] = set()
        for city in cities:
            told = sa.select(c.run).where(c.place == city, c.hour_end.between(begin, end), c.packed != "")
            runs |= set(connection.scalars(told.distinct()))
        starts = [start for start in map(_start, runs) if start <= newest]
        if not starts:
            return None
        start = max(starts)
        names = sorted(run for run in runs if _start(run) == start)
        last = 0
        for city in cities:  # city by city, along the key
            reach = sa.select(sa.func.max(c.hour_end)).where(
                c.place == city, c.run.in_(names), c.packed != "",
                c.hour_end.between(begin, EPOCH + (start + (AHEAD_DAYS + 2) * HOURS_PER_DAY) * _HOUR),
            )  # fmt: skip
            found = connection.scalar(reach)
            last = max(last, 0 if found is None else (found - EPOCH) // _HOUR)
    first = int(first_hour_of_day(int(natural_day(start)) + 1))
    days = min((last + 1 - first) // HOURS_PER_DAY, AHEAD_DAYS)
    if days > 0:
        return Window(AHEAD, first, first + days * HOURS_PER_DAY - 1, start)
    return Window(AHEAD, start + 1, last, start) if last - start >= LEAST_HOURS else None


def window_since(asked: Mapping[str, Warned | None], day: int) -> Window | None:
    """Give the natural days on which the rules held a warning somewhere, up to the last that has ended; None where they
    held none on that day."""
    held = {d for warned in asked.values() if warned for d, level in warned.in_force.items() if level > 0}
    if day not in held:
        return None
    first = day
    while first - 1 in held:
        first -= 1
    last = int(first_hour_of_day(day + 1)) - 1
    return Window(SINCE, int(first_hour_of_day(first)), last, last)


def window_rows(engine: sa.Engine, registry: Registry, window: Window, asked: Mapping[str, Warned | None]) -> list[Row]:
    """Ask the tags of a window for all measures. Errors: CutError where no model tells of its hours."""
    cities = tuple(registry.cities)
    read = stored_tags(engine, cities, window.first, window.last + 1, at=window.at)
    plan = _plan(cities, window)
    hours = {quantity: averaged_hours(quantity, window.first, window.last) for quantity in ANSWERED}
    ages = ages_of(distances_km(registry))
    frame = _Frame(window, read, plan, asked)
    rows: list[Row] = []
    for measure, cuts in standing_measures(plan, cities, (window.first, window.last)).items():
        response = respond(read.tags, cuts, ages=ages, by_place=read.by_place)
        for quantity, when in hours.items():
            if not when.size:
                continue
            why = None if quantity in response.change else response.unanswered.get(quantity, "no_tags")
            effect = (
                None if why else effect_of(response, quantity, when - response.first_hour, shown=frame.shown(quantity))
            )
            rows += frame.rows(measure, quantity, effect, why)
    if window.kind == AHEAD:
        tables = free_tables(read.tags, ages, hours, cut_hours=(window.first, window.last), by_place=read.by_place)
        for quantity, table in tables.items():
            rows += frame.free_rows(quantity, table)
    return rows


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands in all rows of a window."""

    window: Window
    read: StoredTags
    plan: Plan
    asked: Mapping[str, Warned | None]

    def shown(self, quantity: str):
        return shown_for(quantity, date_of_day(int(natural_day(self.window.first))).month)

    def rows(self, measure: str, quantity: str, effect: Effect | None, why: str | None) -> list[Row]:
        names = ("level", "change", "low", "high")
        return [
            self._row(city, quantity, measure)
            | {name: None if effect is None else _known(getattr(effect, name)[i]) for name in names}
            | {"unanswered": why and (why_key(why) or "no_tags")}
            for i, city in enumerate(self.read.tags.receptors)
            if effect is None or np.isfinite(effect.change[i])
        ]

    def free_rows(self, quantity: str, table: FreeTable) -> list[Row]:
        return [
            self._row(city, quantity, FREE)
            | {"level": float(table.level[i]), "packed": packed_free(table.middle[..., i], table.spread[..., i])}
            for i, city in enumerate(table.receptors)
            if np.isfinite(table.level[i])
        ]

    def _row(self, city: str, quantity: str, measure: str) -> Row:
        window = self.window
        return {
            "city": city, "hour_end": window.last, "run_init": self.read.newest_run, "quantity": quantity, "measure": measure,
            "kind": window.kind, "first_hour": window.first, "plan": self.plan.name, "asked": self._level(city),
            "level": None, "change": None, "low": None, "high": None, "unanswered": None, "packed": None,
            "definition": "removal", "models": ", ".join(self.read.tags.members), "method": METHOD,
            "simulated": self.read.simulated,
        }  # fmt: skip

    def _level(self, city: str) -> int | None:
        """Give the level that the rules ask of a city: what is foreseen, or the highest that was in force."""
        warned = self.asked.get(city)
        if warned is None:
            return None
        if self.window.kind == AHEAD:
            return warned.state.level if warned.known or warned.state.level else None
        days = range(int(natural_day(self.window.first)), int(natural_day(self.window.last)) + 1)
        return max((warned.in_force.get(day, 0) for day in days), default=0)


def _plan(cities: tuple[str, ...], window: Window) -> Plan:
    found = plan_of(cities[0][:2] + "0000", int(natural_day(window.first)))
    return found if found is not None and found.reduction else plan_named(OTHERWISE)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _start(run: str) -> int:
    """Give the epoch hour at which a run such as TWIN-A/2023-01-19T12Z started."""
    moment = dt.datetime.strptime(run.rpartition("/")[2], "%Y-%m-%dT%HZ")
    return (moment - EPOCH) // _HOUR


__all__ = ["METHOD", "Foreseer", "Window", "window_ahead", "window_rows", "window_since"]
