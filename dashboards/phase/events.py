"""Exceptional events that an authority accepted, from the file events.toml in the portal's folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboards.phase.dated_files import Fields, Held, held, read_entries
from standards.assessment.exceptional import DUST_ITEMS
from standards.assessment.periods import Period
from standards.pollutants import ITEMS

FILE = "events.toml"
EXAMPLE = Path(__file__).with_name(FILE)
"""Comes with the portal: empty, with the form in comments."""
FIELDS = ("kind", "first", "last", "cities", "items", "source")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: kind, both ends (Beijing days), cities (() for all), items that are left out, who accepted it."""

    kind: str
    first: dt.date
    last: dt.date
    cities: tuple[str, ...]
    items: tuple[str, ...]
    source: str

    def touches(self, cities: Sequence[str], periods: Sequence[Period]) -> bool:
        """Tell whether it lies in one of the periods and in one of the cities."""
        here = not self.cities or bool(set(self.cities) & set(cities))
        return here and any(self.first <= p.last_date and self.last >= p.first_date for p in periods)

    def row(self, cities: Sequence[str]) -> tuple[str, str, str, str, str, str]:
        """Give it as a plain row with the cities that it concerns of those named."""
        mine = [code for code in cities if not self.cities or code in self.cities]
        return (
            self.kind, self.first.isoformat(), self.last.isoformat(), ",".join(mine), ",".join(self.items), self.source
        )  # fmt: skip


def events_at(folder: Path | None) -> Held[Event]:
    """Give the events of the portal's folder, with what is wrong with the file; without a folder there are none."""
    return Held() if folder is None else held(folder / FILE, read_events)


def read_events(path: Path) -> tuple[Event, ...]:
    """Read a file of events; raise FileRefused by file and line for an entry that is none."""
    return read_entries(path, "event", read_event, FIELDS)


def read_event(fields: Fields) -> Event:
    """Read one entry; raise FileRefused naming the field."""
    first, last = fields.date("first"), fields.date("last")
    if last < first:
        raise fields.refused("last", f"a day on or after {first}")
    items = fields.texts("items", ITEMS) or DUST_ITEMS
    return Event(fields.text("kind"), first, last, fields.texts("cities"), items, fields.text("source"))
