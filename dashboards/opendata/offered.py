"""What can be asked for: each collection with its table, its key in order, its filters and the unit of each column."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from standards.pollutants import POLLUTANTS
from streams.store import schema

LEFT_OUT = frozenset({"upwind_weights", "packed", "removal", "sectors"})
"""Columns that are packed for machines of this platform, not for a reader."""
UNITS = {
    "_ugm3_per_h": "ug m-3 h-1", "_ugm3": "ug m-3", "_mgm3": "mg m-3", "_ms": "m s-1", "_c": "degC", "_pct": "%",
    "_mm": "mm", "_m": "m", "_hours": "h",
}  # fmt: skip
"""By how a column's name ends, its unit."""
_BARE = {"total": "ug m-3", "completeness": "1"}


@dataclass(frozen=True)
class Collection:
    """Rows that can be paged through. The table's key begins with a place and a moment: pages follow it.

    place: the parameter that restricts the first part of the key; texts: other columns that can be asked for by value;
    sparse: filters that leave few rows of many, so that they need a period. monthly: whether there are files of months.
    """

    name: str
    table: sa.Table
    key: tuple[str, ...]
    place: str
    texts: tuple[str, ...] = ()
    sparse: frozenset[str] = field(default_factory=frozenset)
    monthly: bool = False

    @property
    def time(self) -> str:
        return self.key[1]

    @property
    def is_daily(self) -> bool:
        return isinstance(self.table.c[self.time].type, sa.Date)

    def columns(self, items: tuple[str, ...] = ()) -> list[sa.Column]:
        """Give the columns that are shown: of concentrations only those of items, where there are any."""
        shown = [column for column in self.table.c if column.name not in LEFT_OUT]
        return [c for c in shown if not items or item_of(c.name) in (None, *items)]

    @property
    def has_items(self) -> bool:
        return any(item_of(column.name) for column in self.table.c)


def item_of(column: str) -> str | None:
    """Give the item that a column is a concentration of, None for any other column."""
    bare = column.removeprefix("forecast_")
    first = bare.partition("_")[0]
    return first if first in POLLUTANTS and unit_of(column) else None


def shown_as(collection: Collection, column: str) -> str:
    """Give the name of a column for readers: with its unit, where the table's has none."""
    return "total_ugm3" if (collection.name, column) == ("attributions", "total") else column


def unit_of(column: str) -> str:
    """Give the unit of a column as CF writes it, empty for texts, counts and indices."""
    return _BARE.get(column) or next((unit for end, unit in UNITS.items() if column.endswith(end)), "")


_ALL = (
    Collection("city-hours", schema.air_city_hour, ("city", "hour_end"), "city", monthly=True),
    Collection("station-hours", schema.air_station_hour, ("station", "hour_end"), "station", monthly=True),
    Collection("city-days", schema.air_city_day, ("city", "day"), "city"),
    Collection("station-days", schema.air_station_day, ("station", "day"), "station"),
    Collection("forecasts", schema.forecast_city_hour, ("city", "hour_end", "run"), "city",
               ("run", "lead_hours"), frozenset({"lead_hours"})),
    Collection("episodes", schema.episode_event, ("kind", "start", "episode"), "kind"),
    Collection("attributions", schema.attribution, ("city", "hour_end", "quantity", "span"), "city",
               ("quantity", "span"), frozenset({"quantity", "span"})),
)  # fmt: skip
COLLECTIONS = {each.name: each for each in _ALL}
MONTHLY = {each.name: each for each in _ALL if each.monthly}
BY_TABLE = {each.table.name: each for each in _ALL}
