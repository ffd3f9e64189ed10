"""The simulated days of the cities, in the columns of the real ones, so that both can be described by the same
function.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from research.virtual_airshed.receptors import Receptors, over_cells, receptors_of
from research.virtual_airshed.run import DAY_HOURS, Day
from research.virtual_airshed.world import World
from standards.averaging import mda8
from standards.days import date_of_day, hour_of_day, natural_day
from standards.editions import edition_for, limit
from standards.pollutants import ITEMS, POLLUTANTS

O3 = ITEMS.index("o3")


def receptors(world: World, day: dt.date) -> Receptors:
    """Give where the stations that count for the cities on a day stand: a simulated city is their mean, as its published
    values are.
    """
    registry = world.registry
    counting = [registry.stations[code] for city in world.grid.cities for code in registry.stations_of(city, day)]
    return receptors_of(world.grid, [(each.city, each.lon, each.lat) for each in counting])


class CityDays:
    """Collects the daily values of the cities, day after day; memory grows by a row for each city and day."""

    def __init__(self, at: Receptors) -> None:
        self._at = at
        self._rows: list[pd.DataFrame] = []

    def add(self, day: Day, items: np.ndarray) -> None:
        """Add a natural day. items: (item, cell, hour) of the receptors' cells [ug/m3, CO mg/m3]; ValueError for
        another span of hours.
        """
        if hour_of_day(day.first_hour) != 1 or day.hours != DAY_HOURS:
            raise ValueError(
                f"hours {day.first_hour} and {day.hours - 1} more, expected a natural day, ending at 01:00 to 24:00"
            )
        date = date_of_day(int(natural_day(day.first_hour)))
        by_city = over_cells(self._at.weight, items)
        o3_limit = limit("o3", "8h", edition=edition_for(date))
        at_stations, _ = mda8(items[O3], limit=o3_limit)
        row = {POLLUTANTS[item].column: by_city[i].mean(axis=-1) for i, item in enumerate(ITEMS) if i != O3}
        row |= {"o3_1h_max_ugm3": by_city[O3].max(axis=-1), "o3_mda8_ugm3": self._at.weight @ at_stations}
        index = pd.MultiIndex.from_product([self._at.cities, [pd.Timestamp(date)]], names=["city", "date"])
        self._rows.append(pd.DataFrame(row, index=index))

    def table(self) -> pd.DataFrame:
        """Give all days: index (city, date), columns as in reference.describing.describe, day means, the largest
        hourly mean and the MDA8 of ozone.

        The city's ozone hour is the mean of its stations; its MDA8 is the mean of the stations' (HJ 663-2026 Table
        A.2).
        """
        made = pd.concat(self._rows).sort_index()
        made.attrs = {"simulated": True}
        return made


def simulated_days(days: Iterable[Day], at: Receptors) -> pd.DataFrame:
    """Give the daily values of a run's days, tagged or not; the table of CityDays."""
    found = CityDays(at)
    for day in days:
        found.add(day, day.ground.at(at.cells.row, at.cells.column).items())
    return found.table()
