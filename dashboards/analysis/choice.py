"""What an analysis page was asked beside the selection, read from the address within bounds. Pure.

What cannot be read falls back to its default, and its name is kept so that the page says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from standards.days import UTC_OFFSET_HOURS
from standards.pollutants import ITEMS
from streams.records import SPECIES

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SPANS = {"7d": 7, "30d": 30, "90d": 90, "year": 366}
"""Days back from the hour shown."""
LONGEST_DAYS = 366
LEAD_DAYS = 7
WEATHER = ("wind_speed", "temperature_c", "humidity_pct", "mixing_height_m", "rain_mm")
ATTRIBUTED = ("pm25", "o3", "ox")
_AHEAD = dt.timedelta(hours=UTC_OFFSET_HOURS)


@dataclass(frozen=True)
class Quantity:
    """One quantity at one place. kind: air, wind (observed), weather, forecast (of lead_day), emission or attribution."""

    place: str
    kind: str
    name: str
    lead_day: int = 0

    def __str__(self) -> str:
        return ":".join((self.place, self.kind, self.name, *([str(self.lead_day)] if self.lead_day else [])))

    @classmethod
    def read(cls, text: str, cities: Collection[str], stations: Collection[str]) -> Quantity:
        """Read "510100:air:pm25", "1431A:air:o3", "510100:forecast:pm25:2"; raise ValueError for what does not exist."""
        place, kind, name, *lead = text.split(":")
        if place not in cities and not (place in stations and kind == "air"):
            raise ValueError(text)
        if name not in NAMES.get(kind, ()) or bool(lead) != (kind in LED) or len(lead) > 1:
            raise ValueError(text)
        return cls(place, kind, name, whole(lead[0], 1, LEAD_DAYS) if lead else 0)


NAMES: Mapping[str, tuple[str, ...]] = {
    "air": (*ITEMS, "aqi"),
    "wind": ("wind_speed",),
    "weather": WEATHER,
    "forecast": (*ITEMS, "aqi"),
    "emission": tuple(SPECIES),
    "attribution": ATTRIBUTED,
}
"""By kind what there is; stations have the air alone."""
LED = ("forecast", "weather")
"""Kinds that a run of a model gives for days ahead."""


@dataclass(frozen=True)
class Span:
    """Hours of a span. name: of SPANS, "" where from and to were given. first, last: hour ends, naive UTC, both included."""

    name: str
    first: dt.datetime
    last: dt.datetime

    @property
    def count(self) -> int:
        """How many hours."""
        return (self.last - self.first) // HOUR + 1


@dataclass(frozen=True)
class Two:
    """Two quantities over one span. troubles: names of the parameters that fell back."""

    a: Quantity
    b: Quantity
    span: Span
    troubles: tuple[str, ...]


class Asked:
    """Reads the parameters of a page. troubles: names of those that fell back to their default, each once."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._params = params
        self.troubles: list[str] = []

    def read(self, name: str, by: Callable[[str], Any], default: Any) -> Any:
        """Read one parameter by a function that raises ValueError for what it does not know."""
        if self._params.get(name) is None:
            return default
        try:
            return by(str(self._params[name]))
        except ValueError:
            if name not in self.troubles:
                self.troubles.append(name)
            return default

    def among(self, name: str, choices: Collection[str], default: str) -> str:
        """Read one of several words."""
        return self.read(name, lambda text: one_of(text, choices), default)

    def quantity(self, name: str, cities: Collection[str], stations: Collection[str], default: Quantity) -> Quantity:
        """Read a quantity of a place."""
        return self.read(name, lambda text: Quantity.read(text, cities, stations), default)

    def span(self, hour: dt.datetime, default: str) -> Span:
        """Read from and to (days in Beijing, both included) or else span, which ends with the hour shown.

        Of days that are asked for the hours after the hour shown are left out, and a span of more than LONGEST_DAYS falls back.
        """
        first, last = self.read("from", day, None), self.read("to", day, None)
        if first is not None or last is not None:
            begin = _midnight(first) + HOUR if first else None
            end = min(_midnight(last) + DAY, hour) if last else hour
            begin = begin or end - (SPANS[default] * DAY - HOUR)
            if begin <= end and end - begin < LONGEST_DAYS * DAY:
                return Span("", begin, end)
            self.troubles += [name for name in ("from", "to") if name in self._params and name not in self.troubles]
        name = self.among("span", SPANS, default)
        return Span(name, hour - SPANS[name] * DAY + HOUR, hour)


def one_of(text: str, choices: Collection[str]) -> str:
    """Give a word that is among several; raise ValueError otherwise."""
    if text not in choices:
        raise ValueError(text)
    return text


def whole(text: str, low: int, high: int) -> int:
    """Read a whole number within bounds; raise ValueError otherwise."""
    if not (text.isascii() and text.isdigit() and len(text) < 6) or not low <= int(text) <= high:
        raise ValueError(text)
    return int(text)


def hour_in(text: str, span: Span) -> dt.datetime:
    """Read an hour of a span, "YYYY-MM-DDTHH" as people in Beijing count them; raise ValueError for any other."""
    found = dt.datetime.strptime(text, "%Y-%m-%dT%H")
    if found.year < 2000 or not span.first <= found - _AHEAD <= span.last:
        raise ValueError(text)
    return found - _AHEAD


def day(text: str) -> dt.date:
    """Read YYYY-MM-DD from 2000 to 2100; raise ValueError otherwise."""
    found = dt.date.fromisoformat(text)
    if not 2000 <= found.year <= 2100:
        raise ValueError(text)
    return found


def _midnight(date: dt.date) -> dt.datetime:
    """Give the start of a day in Beijing as naive UTC."""
    return dt.datetime.combine(date, dt.time()) - _AHEAD
