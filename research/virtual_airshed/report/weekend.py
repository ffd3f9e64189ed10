"""What quiet Sundays do to the air: some summer weeks again, in the same weather, with Wednesday's emissions on
Saturdays and Sundays.

A composite by the day of the week is mostly weather: with 26 Sundays in half a year its chance alone is several per
cent. In the same weather what is left is the effect of the emissions.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from research.virtual_airshed.grid import NO_CELLS
from research.virtual_airshed.model import Model
from research.virtual_airshed.receptors import over_cells
from research.virtual_airshed.report.noon import SUMMER
from research.virtual_airshed.report.sites import Sites
from research.virtual_airshed.run import DAY_HOURS, Plan, run_hours, series_of
from research.virtual_airshed.sources import hourly_kg
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.weather.fields import weather_of
from research.virtual_airshed.world import World
from standards.days import day_of_date, first_hour_of_day

MOST_WEEKS = 8
WEEK_DAYS = 7
WEDNESDAY, SATURDAY, SUNDAY = 2, 5, 6


@dataclass(frozen=True, eq=False)
class Weeks:
    """The summer weeks of a run, with and without weekends, from a Monday on.

    first_hour: 01:00 of the Monday. kept, changed: the six items at the sites (item, site, week, weekday, 24): as
    in the run, and with Wednesday's emissions on Saturdays and Sundays [ug/m3, CO mg/m3].
    """

    first_hour: int
    kept: np.ndarray
    changed: np.ndarray


def weeks_of(start: dt.date, days: int) -> tuple[int, int]:
    """Give on which day of a run (from 0) its whole weeks of summer begin, and how many there are, at most
    MOST_WEEKS; (0, 0) for none.

    start: first day of the run. The first day is never taken: a second run begins with the state at the end of the
    day before.
    """
    mondays = [n for n in range(1, days) if _at(start, n).month in SUMMER and _at(start, n).weekday() == 0]
    for begin in mondays:
        whole = 0
        while whole < MOST_WEEKS and _is_summer_week(start, begin + WEEK_DAYS * whole, days):
            whole += 1
        if whole:
            return begin, whole
    return 0, 0


def without_weekends(
    world: World, plan: Plan, sites: Sites, *, totals: np.ndarray, monday: dt.date, weeks: int
) -> np.ndarray:
    """Run summer weeks again with Wednesday's emissions on Saturdays and Sundays; give the items at the sites
    (item, site, hour).

    plan: of the first run. totals: its state at the end of the day before the Monday, as Tracers.copy_totals gives
    it.
    """
    model = Model(world, Tags(world.grid.cities, tagged=False))
    model.tracers.take_totals(totals)
    found = []
    first = int(first_hour_of_day(day_of_date(monday)))
    for number in range(WEEK_DAYS * weeks):
        hour = first + DAY_HOURS * number
        weekday = number % WEEK_DAYS
        emitted = hour - DAY_HOURS * max(weekday - WEDNESDAY, 0) if weekday in (SATURDAY, SUNDAY) else hour
        weather = weather_of(world.grid, series_of(plan, hour - 1, DAY_HOURS + 1), hour)
        kg = hourly_kg(plan.inventory, world.registry, emitted, DAY_HOURS, factors=plan.factors)
        ground, _ = run_hours(model, weather, kg, NO_CELLS)
        items = ground.at(sites.row, sites.column).items()
        found.append(over_cells(sites.air, items))
    model.close()
    return np.concatenate(found, axis=-1)


def by_week(items: np.ndarray) -> np.ndarray:
    """Fold hours into weeks: (item, site, hour) to (item, site, week, weekday, 24)."""
    return items.reshape(*items.shape[:2], -1, WEEK_DAYS, DAY_HOURS)


def _at(start: dt.date, number: int) -> dt.date:
    return start + dt.timedelta(days=number)


def _is_summer_week(start: dt.date, begin: int, days: int) -> bool:
    last = begin + WEEK_DAYS - 1
    return last < days and _at(start, begin).month in SUMMER and _at(start, last).month in SUMMER
