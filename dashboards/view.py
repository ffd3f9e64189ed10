"""What the reader selected, as it stands in the URL: ?city=510100&item=pm25&lang=en&hour=2023-01-20T12:00Z&source=cdaqs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from dashboards.moment import YEARS
from ml.scenario.free import CUTTABLE
from standards.pollutants import ITEMS
from streams.contributors import ALL

LANGUAGES = ("zh", "en")
CHOICES = ("pm25", "o3", *(item for item in ITEMS if item not in ("pm25", "o3")), "aqi")
"""What the curves can show, the two items of the joint work first."""
LONGEST_SOURCE = 40
"""Characters of a source's name in the store."""
PERCENTS = (10, 20, 30, 50, 100)
"""How much a free cut may take away [%]."""
_HOUR = "%Y-%m-%dT%H:00Z"


@dataclasses.dataclass(frozen=True)
class View:
    """A selection. hour: naive UTC end of the averaging hour, None for the newest. source: whose files are listed, "" for none.

    cut: a free cut as SECTOR:PLACE:PERCENT, "" for the one that is offered first.
    """

    city: str
    item: str = "pm25"
    lang: str = "zh"
    hour: dt.datetime | None = None
    source: str = ""
    cut: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, Any], cities: Collection[str]) -> View:
        """Read a selection from a URL's query; what is unknown or unreadable falls back to the default."""
        return cls(
            city=_one_of(query.get("city"), tuple(cities)),
            item=_one_of(query.get("item"), CHOICES),
            lang=_one_of(query.get("lang"), LANGUAGES),
            hour=_hour(query.get("hour")),
            source=_source(query.get("source")),
            cut=_cut(query.get("cut"), cities),
        )

    def link(self, **changes: Any) -> str:
        """Give the query that shows this selection with changes, as text: "?city=510700&lang=en"."""
        return "?" + urlencode(dataclasses.replace(self, **changes).query(), safe=":")

    def query(self) -> dict[str, str]:
        """Give the query that shows this selection, by name; from_query reads it."""
        query = {"city": self.city, "item": self.item, "lang": self.lang}
        if self.hour is not None:
            query["hour"] = self.hour.strftime(_HOUR)
        query |= {"source": self.source} if self.source else {}
        return query | {"cut": self.cut} if self.cut else query

    @property
    def free_cut(self) -> tuple[str, str, int]:
        """Give the free cut as sector, place and percent; without one 30 % of the own city's vehicles."""
        sector, place, percent = (self.cut or f"vehicles:{self.city}:30").split(":")
        return sector, place, int(percent)


def _one_of(value: Any, choices: tuple[str, ...]) -> str:
    return value if value in choices else choices[0]


def _source(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= LONGEST_SOURCE else ""


def _cut(value: Any, cities: Collection[str]) -> str:
    parts = str(value).split(":")
    known = ({*CUTTABLE}, {ALL, *cities}, {str(percent) for percent in PERCENTS})
    fits = len(parts) == 3 and all(part in choices for part, choices in zip(parts, known, strict=True))
    return ":".join(parts) if fits else ""


def _hour(value: Any) -> dt.datetime | None:
    try:
        read = dt.datetime.strptime(str(value), _HOUR)
    except ValueError:
        return None
    return read if read.year in YEARS else None
