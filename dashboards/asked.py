"""What the pages that judge were asked beside the selection, read from the address within bounds. Pure.

A parameter that cannot be read falls back to its default, and its name is kept so that the page says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.moment import SHANGHAI

DAY = dt.timedelta(days=1)
SPANS = (7, 14, 30, 60)
"""Days of issue times that are offered; no more than the last are judged at once."""
DEFAULT_SPAN = 14
ATTRIBUTED_SPANS = (7, 14, 31)
LEAD_DAYS = 7
FIRST_YEAR = 2000
MOST_PAGES = 50
"""So far back one may turn; what is skipped has to be read."""
LONGEST_MODEL = 80


@dataclass(frozen=True)
class Days:
    """Days in Beijing. first, last: both included. troubles: names of the parameters that fell back."""

    first: dt.date
    last: dt.date
    troubles: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many."""
        return (self.last - self.first) // DAY + 1

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """Give the first and the last moment of the days (naive UTC); the last is the one before midnight."""
        first = dt.datetime.combine(self.first, dt.time()) - SHANGHAI
        return first, dt.datetime.combine(self.last + DAY, dt.time()) - SHANGHAI - dt.timedelta(minutes=1)

    def moved(self, days: int) -> dict[str, str]:
        """Give the parameters of as many days, so much later."""
        return {"first": f"{self.first + days * DAY}", "last": f"{self.last + days * DAY}"}


def days_asked(params: Mapping[str, Any], hour: dt.datetime, *, spans: tuple[int, ...], default: int) -> Days:
    """Read first and last; by default the days up to that of an hour (naive UTC), of which the asked ones are no later.

    A span longer than the longest of spans is cut to its last days, and last is named among the troubles.
    """
    today = (hour + SHANGHAI - dt.timedelta(hours=1)).date()
    troubles: list[str] = []
    last = _read(params, "last", _date, None, troubles) or today
    if last > today:
        last, troubles = today, [*troubles, "last"]
    first = _read(params, "first", _date, None, troubles) or last - (default - 1) * DAY
    if first > last or (last - first) // DAY + 1 > max(spans):
        first = last - ((default if first > last else max(spans)) - 1) * DAY
        troubles.append("first")
    return Days(first, last, tuple(dict.fromkeys(troubles)))


@dataclass(frozen=True)
class Judging:
    """What the page of verification was asked. lead_day: 1 to LEAD_DAYS. model: "" for the first there is."""

    days: Days
    lead_day: int
    model: str
    troubles: tuple[str, ...]

    @classmethod
    def read(cls, params: Mapping[str, Any], hour: dt.datetime) -> Judging:
        """Read the parameters first, last, lead and model."""
        days = days_asked(params, hour, spans=SPANS, default=DEFAULT_SPAN)
        troubles = list(days.troubles)
        lead = _read(params, "lead", _whole(1, LEAD_DAYS), 1, troubles)
        model = _read(params, "model", _short, "", troubles)
        return cls(days, lead, model, tuple(troubles))


@dataclass(frozen=True)
class Listing:
    """Which episodes are listed. kind: haze, ozone or "" for both. city: whose, "" for all. year: None for all. page: from 1."""

    kind: str
    city: str
    year: int | None
    page: int
    troubles: tuple[str, ...]

    @classmethod
    def read(cls, params: Mapping[str, Any], cities: Any, hour: dt.datetime) -> Listing:
        """Read the parameters kind, of, year and page."""
        troubles: list[str] = []
        kind = _read(params, "kind", _among(("", "haze", "ozone")), "", troubles)
        city = _read(params, "of", _among(("", *cities)), "", troubles)
        year = _read(params, "year", _whole(FIRST_YEAR, (hour + SHANGHAI).year), None, troubles)
        return cls(kind, city, year, page_asked(params, troubles), tuple(troubles))


def page_asked(params: Mapping[str, Any], troubles: list[str], name: str = "page") -> int:
    """Read the number of a page, from 1."""
    return _read(params, name, _whole(1, MOST_PAGES), 1, troubles)


def _read(params: Mapping[str, Any], name: str, read: Callable[[str], Any], default: Any, troubles: list[str]) -> Any:
    if params.get(name) is None:
        return default
    try:
        return read(str(params[name]))
    except ValueError:
        troubles.append(name)
        return default


def _date(text: str) -> dt.date:
    day = dt.date.fromisoformat(text)
    if day.year < FIRST_YEAR:
        raise ValueError(text)
    return day


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            raise ValueError(text)
        return int(text)

    return read


def _among(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return read


def _short(text: str) -> str:
    if len(text) > LONGEST_MODEL or not text.isprintable():
        raise ValueError(text)
    return text
