"""Which warning the rules of a plan ask for in a city: on from day to day, by the days observed and the runs that one had.

    found = warned_at(connection, "510100", hour)         # what is asked as one knew it at an epoch hour
    found.state.level, found.state.first_day, found.days, found.in_force

Nothing here is a warning: people publish one, and the platform does not know of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from standards.averaging import daily_values
from standards.days import HOURS_PER_DAY, date_of_day, first_hour_of_day, natural_day
from standards.editions import edition_runs
from standards.exact_means import averageable
from standards.index.aqi import daily_aqi
from standards.pollutants import ITEMS, POLLUTANTS
from standards.warning.plan import WarningState, advance
from standards.warning.plan_files import Plan, plan_for
from streams.store.lines import EPOCH
from streams.store.schema import air_city_day, air_city_hour, forecast_city_hour

BACK_DAYS = 10
"""So many days before a day its warning is followed from; one that has lasted longer is taken to have begun then."""
AHEAD_DAYS = 7
_HOUR = dt.timedelta(hours=1)
_FORECAST = tuple(f"forecast_{POLLUTANTS[item].column}" for item in ITEMS)


@dataclass(frozen=True, slots=True)
class Day:
    """A natural day of a city. index: of the whole day [0 to 500], None where it is not known. observed: whether it was."""

    day: int
    index: int | None
    observed: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """What the rules ask of a city. day: natural day of the last decision. days: those before, observed, and those ahead.

    state: after the decision. in_force: natural day to the level that held on it, up to the last decision's day. run:
    name of the forecast run of the last decision, "" where there is none. simulated: whether that run is.
    """

    plan: Plan
    day: int
    state: WarningState
    days: tuple[Day, ...]
    in_force: Mapping[int, int]
    run: str
    simulated: bool

    @property
    def holds(self) -> bool:
        """Tell whether a warning has taken effect, as against one that is foreseen."""
        return self.state.level > 0 and self.state.first_day is not None and self.state.first_day <= self.day

    @property
    def known(self) -> bool:
        """Tell whether there was a forecast of a day ahead to decide by."""
        return any(each.day > self.day and each.index is not None for each in self.days)


def plan_of(city: str, day: int) -> Plan | None:
    """Give the plan for PM2.5 in force in a city on a natural day; a place that is no division has the country's."""
    return plan_for(date_of_day(day), place=city if len(city) == 6 and city.isdecimal() else "")


def followed(
    plan: Plan, first_day: int, observed: Sequence[float], ahead: Sequence[Sequence[float]]
) -> list[WarningState]:
    """Take the decisions of consecutive days, each by what was known on it; give the state after each.

    observed: index of each day, NaN where it is not known. ahead: for each day the forecast index of the days after it.
    """
    state, states = WarningState(), []
    for at, (seen, coming) in enumerate(zip(observed, ahead, strict=True)):
        state, _ = advance(state, first_day + at, coming, seen, plan=plan)
        states.append(state)
    return states


def in_force(states: Sequence[WarningState], first_day: int) -> dict[int, int]:
    """Give which level held on each day after the first, by the decision of the day before it."""
    return {
        first_day + at + 1: state.level if state.first_day is not None and state.first_day <= first_day + at + 1 else 0
        for at, state in enumerate(states[:-1])
    }


def daily_indices(values: np.ndarray, first_hour: int) -> tuple[int, np.ndarray]:
    """Give the first natural day and the daily index (day,) of hours of a city (item, hour), NaN where it is not whole."""
    days = daily_values(values, first_hour)
    spans = edition_runs(days.first_day, days.means.shape[-1])
    found = [daily_aqi(np.ascontiguousarray(days.means[..., span]), edition=edition).aqi for span, edition in spans]
    return days.first_day, np.concatenate(found) if found else np.empty(0)


def warned_at(connection: sa.Connection, city: str, hour: int) -> Warned | None:
    """Say what a plan asks of a city as one knew it at an epoch hour; None where no plan holds on that day.

    Runs that started later and days that had not ended are not seen; of the day under way the hours so far count, and
    for the others the newest run. Missing: a day without an observation or a
    forecast never starts, raises, lowers or lifts a warning (standards.warning.plan).
    """
    today = int(natural_day(hour))
    plan = plan_of(city, today)
    if plan is None:
        return None
    first = today - BACK_DAYS
    seen = _observed(connection, city, first, today)
    decisions = range(first, today + 1)
    chosen = _runs(connection, city, [min(hour, int(first_hour_of_day(d + 1)) - 1) for d in decisions])
    runs = {each[1]: _Run.read(connection, city, *each) for each in set(chosen) if each}
    newest = runs[chosen[-1][1]] if chosen[-1] else None
    seen[today] = _of_today(connection, city, hour, newest)
    ahead = [_ahead(runs[each[1]].by_day, d) if each else [] for each, d in zip(chosen, decisions, strict=True)]
    states = followed(plan, first, [seen.get(d, np.nan) for d in decisions], ahead)
    days = [Day(d, _whole(seen.get(d)), d < today) for d in decisions]
    days += [Day(today + 1 + at, _whole(index), False) for at, index in enumerate(ahead[-1])]
    return Warned(
        plan, today, states[-1], tuple(days), in_force(states, first), chosen[-1][1] if chosen[-1] else "",
        newest is not None and newest.simulated,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """A forecast run of a city. values: (item, hour) from an epoch hour on. by_day: natural day to its index."""

    first: int
    values: np.ndarray
    by_day: Mapping[int, float]
    simulated: bool

    @classmethod
    def read(cls, connection: sa.Connection, city: str, start: dt.datetime, run: str) -> _Run:
        c = forecast_city_hour.c
        query = sa.select(c.hour_end, *(c[name] for name in _FORECAST), c.simulated)
        rows = connection.execute(query.where(c.city == city, c.run_init == start, c.run == run)).all()
        first, values = _laid_out(rows)
        first_day, index = daily_indices(values, first)
        by_day = {first_day + i: float(each) for i, each in enumerate(index)}
        return cls(first, values, by_day, any(row.simulated for row in rows))


def _laid_out(rows: Sequence[sa.Row]) -> tuple[int, np.ndarray]:
    """Lay rows of hour_end, six items and more out as (item, hour) from the first hour on."""
    hours = np.array([(row[0] - EPOCH) // _HOUR for row in rows])
    first = int(hours.min())
    values = np.full((len(ITEMS), int(hours.max()) - first + 1), np.nan)
    told = np.array([row[1 : 1 + len(ITEMS)] for row in rows], float).T
    # A forecast may hold what is no concentration; the index would refuse the whole day for it, and the page with it.
    values[:, hours - first] = averageable(told)
    return first, values


def _of_today(connection: sa.Connection, city: str, hour: int, run: _Run | None) -> float:
    """Give the index of the day that is under way: of its hours observed so far, and forecast from then."""
    today = int(natural_day(hour))
    first = int(first_hour_of_day(today))
    values = np.full((len(ITEMS), HOURS_PER_DAY), np.nan)
    if run is not None:
        at = np.arange(first, first + HOURS_PER_DAY) - run.first
        told = (at >= 0) & (at < run.values.shape[1])
        values[:, told] = run.values[:, at[told]]
    c = air_city_hour.c
    query = sa.select(c.hour_end, *(c[POLLUTANTS[item].column] for item in ITEMS))
    ends = (EPOCH + each * _HOUR for each in (first, hour))
    rows = connection.execute(query.where(c.city == city, c.hour_end.between(*ends))).all()
    if rows:
        begin, seen = _laid_out(rows)
        part = values[:, begin - first : begin - first + seen.shape[1]]
        part[:] = np.where(np.isfinite(seen), seen, part)
    return float(daily_indices(values, first)[1][0])


def _whole(index: float | None) -> int | None:
    return None if index is None or index != index else int(index)


def _ahead(by_day: Mapping[int, float], day: int) -> list[float]:
    """Give the index of the days after a day, up to the last that is known."""
    last = max((d for d, index in by_day.items() if index == index), default=day)
    return [by_day.get(d, np.nan) for d in range(day + 1, min(last, day + AHEAD_DAYS) + 1)]


def _observed(connection: sa.Connection, city: str, first: int, end: int) -> dict[int, float]:
    """Read the index of the natural days [first, end)."""
    c = air_city_day.c
    query = sa.select(c.day, c.aqi).where(c.city == city, c.day.between(date_of_day(first), date_of_day(end - 1)))
    epoch = EPOCH.date()
    return {(day - epoch).days: float(aqi) for day, aqi in connection.execute(query) if aqi is not None}


def _runs(connection: sa.Connection, city: str, until: Sequence[int]) -> list[tuple[dt.datetime, str] | None]:
    """Name the newest run of a city that had started by each of some epoch hours, not older than AHEAD_DAYS."""
    c = forecast_city_hour.c
    oldest, newest = (EPOCH + h * _HOUR for h in (min(until) - AHEAD_DAYS * HOURS_PER_DAY, max(until)))
    query = sa.select(c.run_init, c.run).where(c.city == city, c.run_init.between(oldest, newest)).distinct()
    known = sorted((start, run) for start, run in connection.execute(query))
    found = []
    for hour in until:
        started = [each for each in known if each[0] <= EPOCH + hour * _HOUR]
        found.append(started[-1] if started else None)
    return found


__all__ = ["Day", "Warned", "daily_indices", "followed", "in_force", "plan_of", "warned_at"]
