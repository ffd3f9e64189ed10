"""What an assessment is asked: which days, against which, under which edition, of which places; as texts and back.

A period is written 2026-09, 2026-Q3, 2026-H1, 2026, ozone-2026 (campaigns.toml), or 2026-05-03..2026-06-11. The same texts
stand in addresses, in the API and in publications.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboards.phase.campaigns import Campaign, campaign_of, shipped
from standards.assessment.periods import Period, campaign, half_year, month, quarter, year
from standards.editions import EDITIONS, edition_for
from standards.errors import AirshedError

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_DAYS = 1100
"""Of a period of any dates: three years and some days, so that what one asks costs what can be borne."""
REGION = "region"
"""Stands among the places for all of them together."""
NAMES = ("period", "base", "edition", "places")
"""Of what a question is made, as parameters of an address."""
_FORMS = (
    (re.compile(r"(\d{4})-(\d{2})"), month),
    (re.compile(r"(\d{4})-Q(\d)"), quarter),
    (re.compile(r"(\d{4})-H(\d)"), half_year),
)
_YEAR = re.compile(r"\d{4}")
_CAMPAIGN = re.compile(r"([a-z][a-z_]{1,20})-(\d{4})")
_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
EXPECTED = "2026-09, 2026-Q3, 2026-H1, 2026, ozone-2026 or 2026-05-03..2026-06-11"


class QuestionRefused(AirshedError, ValueError):
    """A question that cannot be understood: which part, what was found and what was expected. part: one of NAMES."""

    def __init__(self, part: str, found: str, expected: str) -> None:
        super().__init__(f"{part} is {found!r}, expected {expected}")
        self.part, self.found, self.expected = part, found, expected


@dataclass(frozen=True, slots=True)
class Question:
    """One question. period, base: natural days, both ends included. edition: the one that both are compared under.

    cities: division codes in the order asked. region: whether all of them together are told too.
    """

    period: Period
    base: Period
    edition: str
    cities: tuple[str, ...]
    region: bool

    @property
    def texts(self) -> dict[str, str]:
        """Give the question as parameters of an address, each written out."""
        places = (*self.cities, *([REGION] if self.region else []))
        return {
            "period": self.period.name, "base": self.base.name, "edition": self.edition, "places": ",".join(places),
        }  # fmt: skip

    @property
    def text(self) -> str:
        """Give the canonical text: equal questions have equal texts, and question_of_text reads it back."""
        return ";".join(f"{name}={self.texts[name]}" for name in NAMES)


def question_of(
    asked: Mapping[str, str], known: Sequence[str], *, campaigns: Sequence[Campaign] | None = None
) -> Question:
    """Read a question from its parameters.

    asked: by NAMES; only the period is needed. base: by default the same days of the year before. edition: by default
    the one in force at the end of the period. places: division codes joined by commas, with "region"; by default all of
    `known` and the region. Errors: QuestionRefused.
    """
    held = shipped() if campaigns is None else campaigns
    period = period_of(asked.get("period", ""), campaigns=held)
    base = period_of(asked["base"], part="base", campaigns=held) if asked.get("base") else year_before(period, held)
    edition = asked.get("edition") or edition_for(period.last_date).name
    if edition not in (names := [each.name for each in EDITIONS]):
        raise QuestionRefused("edition", edition, f"one of {', '.join(names)}")
    cities, region = _places(asked.get("places", ""), known)
    return Question(period, base, edition, cities, region)


def question_of_text(text: str, *, campaigns: Sequence[Campaign] | None = None) -> Question:
    """Read back what Question.text wrote; raise QuestionRefused for another text."""
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    if tuple(parts) != NAMES:
        raise QuestionRefused("period", text, ";".join(f"{name}=…" for name in NAMES))
    cities = tuple(code for code in parts["places"].split(",") if code != REGION)
    return question_of(parts, cities, campaigns=campaigns)


def period_of(text: str, *, part: str = "period", campaigns: Sequence[Campaign] | None = None) -> Period:
    """Read a period as it is written in addresses; raise QuestionRefused for what is none."""
    held = shipped() if campaigns is None else campaigns
    if not text.isascii():
        raise QuestionRefused(part, text, EXPECTED)
    try:
        found = _period(text, held)
    except ValueError as error:
        raise QuestionRefused(part, text, f"{EXPECTED} ({error})") from error
    if found is None:
        raise QuestionRefused(part, text, EXPECTED)
    if not FIRST_YEAR <= found.first_date.year <= found.last_date.year <= LAST_YEAR:
        raise QuestionRefused(part, text, f"days from {FIRST_YEAR} to {LAST_YEAR}")
    if found.n_days > LONGEST_DAYS:
        raise QuestionRefused(part, text, f"at most {LONGEST_DAYS} days")
    return found


def year_before(period: Period, campaigns: Sequence[Campaign] | None = None, *, years: int = 1) -> Period:
    """Give the same days of an earlier year; the end of February stays the end of February."""
    held = shipped() if campaigns is None else campaigns
    if period.kind == "campaign":
        if found := _CAMPAIGN.fullmatch(period.name):
            earlier = campaign_of(found[1], int(found[2]) - years, held)
            if earlier is not None:
                return earlier
        first, last = (date_before(date, years) for date in (period.first_date, period.last_date))
        return campaign(f"{first}..{last}", first, last)
    return period_of(f"{int(period.name[:4]) - years:04d}{period.name[4:]}", part="base", campaigns=held)


def date_before(date: dt.date, years: int = 1) -> dt.date:
    """Give the same date of an earlier year: of 29 February, and of a 28 February that ends the month, the month's end."""
    ends = date.month == 2 and date.day == calendar.monthrange(date.year, 2)[1]
    day = calendar.monthrange(date.year - years, 2)[1] if ends else date.day
    return date.replace(year=date.year - years, day=day)


def _period(text: str, campaigns: Sequence[Campaign]) -> Period | None:
    for form, make in _FORMS:
        if found := form.fullmatch(text):
            return make(int(found[1]), int(found[2]))
    if _YEAR.fullmatch(text):
        return year(int(text))
    if found := _CAMPAIGN.fullmatch(text):
        return campaign_of(found[1], int(found[2]), campaigns)
    if found := _DATES.fullmatch(text):
        return campaign(text, *map(dt.date.fromisoformat, found.groups()))
    return None


def _places(text: str, known: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    if not text:
        return tuple(known), True
    asked = text.split(",")
    unknown = [code for code in asked if code not in known and code != REGION]
    if unknown or len(set(asked)) != len(asked):
        raise QuestionRefused("places", text, f"codes of {', '.join(known)} or {REGION}, each once")
    cities = tuple(code for code in asked if code != REGION)
    return cities or tuple(known), REGION in asked
