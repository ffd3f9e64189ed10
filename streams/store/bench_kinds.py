"""What the bench can be asked: kinds of work, the longest period of each, and their settings with bounds.

It stands beside the tables because pages and commands ask, and research.bench answers: both read a question by this one table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streams.contributors import SECTORS
from streams.store.bench_results import BenchError

COMPOSITION, RECEPTOR, OZONE_DAY = "composition", "receptor", "ozone_day"
EKMA, RIR, REGIME, SOURCE_OZONE = "ekma", "rir", "regime", "source_ozone"
STATION = re.compile(r"[\w.-]{1,24}", re.ASCII)
HELD, EMITTED = "held", "emitted"
"""What the factors of EKMA multiply: amounts that are held, or the emissions that would keep them."""
NO_TARGET = 0
"""Of EKMA: no highest ozone is asked to be reached."""
FACTORS = "factors"
"""By what RIR cuts: factors of a receptor result."""
MOST_FACTORS = 12
_DIGEST = re.compile(r"[0-9a-f]{64}")
YEARS = (2000, 2100)


@dataclass(frozen=True, slots=True)
class Whole:
    """A setting that is a whole number between two, both included."""

    default: int
    low: int
    high: int

    def read(self, value: Any) -> int:
        """Read a number or its digits; ValueError otherwise."""
        found = int(str(value))
        if not self.low <= found <= self.high or isinstance(value, bool):
            raise ValueError(value)
        return found

    def __str__(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """A setting that is one of some words; the first is the default."""

    choices: tuple[str, ...]

    @property
    def default(self) -> str:
        """The first of them."""
        return self.choices[0]

    def read(self, value: Any) -> str:
        """Read a word; ValueError otherwise."""
        if value not in self.choices:
            raise ValueError(value)
        return value

    def __str__(self) -> str:
        return f"one of {', '.join(self.choices)}"


@dataclass(frozen=True, slots=True)
class Digest:
    """A setting that names a result by its digest. default: "" where it may be left out, None where it must be given."""

    default: str | None = None

    def read(self, value: Any) -> str:
        """Read 64 hexadecimal digits; ValueError otherwise."""
        if not isinstance(value, str) or not _DIGEST.fullmatch(value):
            raise ValueError(value)
        return value

    def __str__(self) -> str:
        return "the digest of a result (64 hexadecimal digits)"


@dataclass(frozen=True, slots=True)
class Sectors:
    """A setting that says which factor each sector of the attribution belongs to, "vehicles=2,solvent=3"; a sector once."""

    default: str = ""

    def read(self, value: Any) -> str:
        """Read sectors in any order, and give them in that of the attribution; ValueError otherwise."""
        found = sectors_of(str(value))
        if not all(sector in SECTORS and 1 <= number <= MOST_FACTORS for sector, number in found.items()):
            raise ValueError(value)
        return sectors_words(found)

    def __str__(self) -> str:
        return f"sectors with the numbers of factors such as vehicles=2,solvent=3, of {', '.join(SECTORS)}"


def sectors_of(text: str) -> dict[str, int]:
    """Give the factor's number by sector; ValueError for what is not written so, or names a sector twice."""
    pairs = [part.strip().split("=") for part in text.split(",") if part.strip()]
    found = {sector.strip(): int(number) for sector, number in pairs}
    if len(found) < len(pairs):
        raise ValueError(text)
    return found


def sectors_words(found: Mapping[str, int]) -> str:
    """Write factors by sector in one way: sectors in the order of the attribution."""
    return ",".join(f"{sector}={found[sector]}" for sector in SECTORS if sector in found)


Setting = Whole | OneOf | Digest | Sectors


@dataclass(frozen=True, slots=True)
class Asking:
    """What a kind may be asked. longest_days: of the period; settings: by name."""

    longest_days: int
    settings: Mapping[str, Setting]


_BELOW = OneOf(("half", "limit", "zero"))
ASKINGS: Mapping[str, Asking] = {
    COMPOSITION: Asking(1100, {"least_hours": Whole(3, 1, 1000)}),
    RECEPTOR: Asking(1100, {
        "factors": Whole(5, 2, MOST_FACTORS), "starts": Whole(40, 1, 400), "floor": OneOf(("0", "-0.2")),
        "robust": OneOf(("yes", "no")), "seed": Whole(1, 0, 1_000_000), "bootstraps": Whole(20, 0, 200),
        "disp": OneOf(("yes", "no")),
    }),
    OZONE_DAY: Asking(31, {"below": _BELOW}),
    EKMA: Asking(31, {
        "size": Whole(21, 5, 31), "over": OneOf((HELD, EMITTED)), "target_ppb": Whole(NO_TARGET, 0, 400), "below": _BELOW,
    }),
    RIR: Asking(31, {"by": OneOf(("groups", "compounds", FACTORS)), "receptor": Digest(""), "below": _BELOW}),
    REGIME: Asking(31, {"below": _BELOW}),
    SOURCE_OZONE: Asking(31, {"receptor": Digest(), "sectors": Sectors(), "below": _BELOW}),
}  # fmt: skip
"""By kind, in the order in which pages show them."""


def question_of(
    kind: str, station: str, first: str, last: str, settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give a question in one way of writing, with every setting; days are ISO dates, both included.

    Raises BenchError, naming it, for an unknown kind or setting, a period that is none or too long, and a value out of bounds.
    """
    if kind not in ASKINGS:
        raise BenchError(f"the kind is {kind!r}, expected one of {', '.join(ASKINGS)}")
    if not STATION.fullmatch(station):
        raise BenchError(f"the station is {station[:40]!r}, expected its code")
    asking, days = ASKINGS[kind], [_day(text) for text in (first, last)]
    length = (days[1] - days[0]).days + 1
    if not 1 <= length <= asking.longest_days:
        raise BenchError(f"the period has {length} days, expected 1 to {asking.longest_days} for {kind}")
    given = dict(settings or {})
    if unknown := sorted(set(given) - set(asking.settings)):
        raise BenchError(f"{kind} has no setting {unknown[0][:40]!r}, expected one of {', '.join(asking.settings)}")
    read = {name: _setting(kind, name, each, given.get(name)) for name, each in asking.settings.items()}
    return {"station": station, "first": days[0].isoformat(), "last": days[1].isoformat(), **read}


def _setting(kind: str, name: str, about: Setting, value: Any) -> Any:
    if value in (None, "") and about.default is not None:
        return about.default
    try:
        return about.read(value)
    except ValueError as error:
        raise BenchError(f"the setting {name} of {kind} is {str(value)[:40]!r}, expected {about}") from error


def _day(text: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError as error:
        raise BenchError(f"the day is {text[:40]!r}, expected a date such as 2026-07-01") from error
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise BenchError(f"the day is {text[:40]!r}, expected one from {YEARS[0]} to {YEARS[1]}")
    return found
