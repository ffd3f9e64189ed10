"""Campaigns that come again every year, from a dated file: summer ozone, winter haze, and what cities add."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from standards.assessment.periods import Period, campaign
from standards.errors import AirshedError

CAMPAIGNS = Path(__file__).with_name("campaigns.toml")
_CODE = re.compile(r"[a-z][a-z_]{1,20}")
_DAY = re.compile(r"(\d\d)-(\d\d)")


class CampaignsRefused(AirshedError, ValueError):
    """A file of campaigns that cannot be read: which entry, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Days that come again: code, (month, day) of both ends, first year with these dates, who fixed them."""

    code: str
    first: tuple[int, int]
    last: tuple[int, int]
    since: int
    source: str

    def in_year(self, year: int) -> Period:
        """Give the campaign that begins in a year; February ends as the calendar has it."""
        first, last = _date(year, *self.first), _date(year + (self.last < self.first), *self.last)
        return campaign(f"{self.code}-{year}", first, last)


def read_campaigns(path: Path = CAMPAIGNS) -> tuple[Campaign, ...]:
    """Read a file of campaigns; raise CampaignsRefused naming the entry that is none."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("campaign", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CampaignsRefused(
            f"{path.name} cannot be read: {error}, expected TOML with [[campaign]] entries"
        ) from error
    return tuple(_campaign(entry, f"{path.name}, campaign {at}") for at, entry in enumerate(entries, 1))


@cache
def shipped() -> tuple[Campaign, ...]:
    """Give the campaigns that come with the portal."""
    return read_campaigns()


def campaign_of(code: str, year: int, known: Sequence[Campaign]) -> Period | None:
    """Give the campaign of a code that begins in a year, by the newest entry that holds then; None where there is none."""
    holding = [each for each in known if each.code == code and each.since <= year]
    return max(holding, key=lambda each: each.since).in_year(year) if holding and year < 9998 else None


def _campaign(entry: dict, where: str) -> Campaign:
    for name, kind, said in (("code", str, "a text"), ("source", str, "a text"), ("since", int, "a year")):
        if not isinstance(entry.get(name), kind) or isinstance(entry.get(name), bool) or not entry[name]:
            raise CampaignsRefused(f"{where}: {name} is {entry.get(name)!r}, expected {said}")
    if not _CODE.fullmatch(entry["code"]):
        raise CampaignsRefused(f"{where}: code is {entry['code']!r}, expected small letters")
    return Campaign(
        entry["code"], _day(entry, "first", where), _day(entry, "last", where), entry["since"], entry["source"]
    )


def _day(entry: dict, name: str, where: str) -> tuple[int, int]:
    found = _DAY.fullmatch(str(entry.get(name)))
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(2024, month)[1]):
        raise CampaignsRefused(f"{where}: {name} is {entry.get(name)!r}, expected month and day, for instance 05-01")
    return month, day


def _date(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))
