"""What an assessment is computed from, as plain arrays and rows; its canonical form can be kept and read back exactly."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dashboards.phase.question import Question
from standards.assessment.periods import Period
from standards.errors import AirshedError
from standards.pollutants import ITEMS

SCHEMA = 2
ABSENT, PROVISIONAL, REVIEWED = 0, 1, 2
"""How a day stands: without a row, provisional, reviewed."""
LEADS = 7
"""Days ahead of which forecasts are scored."""

Row = tuple[str | int | float | None, ...]


class InputsRefused(AirshedError, ValueError):
    """A form that holds no inputs of an assessment: what was found and what was expected."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Daily values of places. first_day [days since 1970-01-01 local]: of the first column.

    values [ug/m3, CO mg/m3]: float64 (6, place, day), MDA8 in the o3 row, NaN where missing. standing: int8 (place, day).
    simulated: bool (place, day). published: bool (place, day), a daily value that was published and not computed from hours.
    """

    first_day: int
    values: np.ndarray
    standing: np.ndarray
    simulated: np.ndarray
    published: np.ndarray

    @property
    def n_days(self) -> int:
        """Give the number of columns."""
        return self.values.shape[-1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Days) and _bytes(_plain(self)) == _bytes(_plain(other))


def no_days(places: int, first_day: int, n_days: int) -> Days:
    """Give days of which nothing is known."""
    none = np.zeros((places, n_days), bool)
    return Days(first_day, np.full((len(ITEMS), places, n_days), np.nan), none.astype(np.int8), none, none.copy())


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that an assessment needs, and nothing of the moment at which it was read.

    question: what is asked. known_to: the last whole day that the store knows of these places [days since 1970-01-01 local],
    None where it knows none. version: the highest of the rows that were read. registry: SHA-256 of what the registry says of
    the places. stations: (code, city). now, base: days of the cities. earlier: (years before, days of the cities) of the same
    days of earlier years that hold anything, the nearest first. station_now: days of the stations.
    to_date: days of the cities from the first of January to the end of the period, where a target asks for them, else None.
    revisions: (city, item or "standing", rows) of days of the period that were replaced; revised_last: when last (UTC, ISO), "".
    episodes: (episode, kind, start, peak, end, phase, peak value, peak city, city hours, simulated), moments UTC as ISO.
    forecasts: index of the day by lead, float64 (LEADS, city, day), NaN where not told; forecast_model: of whom, "".
    attributed: (city, quantity, "sector" or "place", name, mean, low, high, mean total, days, method, simulated) [ug/m3].
    unattributed: why there is none, "" where there is. normalised: (city, item, observed change, ours, the weather's,
    half width of the 90 % interval of both, skill, why it is not told, model, method, simulated) [ug/m3] of whole months.
    targets: (place, year, kind, value, source). events: (kind, first, last, cities, items, source), lists joined by commas.
    """

    question: Question
    known_to: int | None
    version: int
    registry: str
    cities: tuple[str, ...]
    stations: tuple[tuple[str, str], ...]
    now: Days
    base: Days
    station_now: Days
    earlier: tuple[tuple[int, Days], ...] = ()
    to_date: Days | None = None
    revisions: tuple[Row, ...] = ()
    revised_last: str = ""
    episodes: tuple[Row, ...] = ()
    forecasts: np.ndarray = dataclasses.field(default_factory=lambda: np.empty((LEADS, 0, 0)))
    forecast_model: str = ""
    attributed: tuple[Row, ...] = ()
    unattributed: str = "no_rows"
    normalised: tuple[Row, ...] = ()
    targets: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()

    @property
    def period(self) -> Period:
        """Give the days that are assessed: those asked for, as far as the store knows them."""
        return so_far(self.question.period, self.known_to)

    @property
    def running(self) -> bool:
        """Tell whether days of the period are still to come."""
        return self.known_to is None or self.known_to < self.question.period.last_day

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gathered) and self.as_bytes() == other.as_bytes()

    def as_bytes(self) -> bytes:
        """Give the canonical form: equal inputs give equal bytes, and gathered_from reads them back exactly."""
        return _bytes({"schema": SCHEMA, **_plain(self)})


def so_far(period: Period, known_to: int | None) -> Period:
    """Give a period that is over as it is, and of one that still runs the days so far as a run of days (at least one)."""
    if known_to is None or known_to >= period.last_day:
        return period
    return Period("campaign", period.name, period.first_day, max(period.first_day, known_to))


def base_period(gathered: Gathered) -> Period:
    """Give the days that are compared with: the base, or the part of it that a period that still runs is compared with."""
    base, days = gathered.question.base, gathered.base
    last = days.first_day + days.n_days - 1
    if last == base.last_day and not gathered.running:
        return base
    return Period("campaign", base.name, base.first_day, last)


def whole_months(period: Period) -> tuple[dt.date, dt.date] | None:
    """Give the first days of the first and the last month of a period that is made of whole months; None for another."""
    months = period.months()
    whole = months and (months[0].first_day, months[-1].last_day) == (period.first_day, period.last_day)
    return (months[0].first_date, months[-1].first_date) if whole else None


def gathered_from(form: bytes) -> Gathered:
    """Read a canonical form back; raise InputsRefused where it is none, or of another schema."""
    try:
        found = orjson.loads(form)
        if found.pop("schema") != SCHEMA:
            raise InputsRefused(f"the inputs are of another schema, expected {SCHEMA}")
        question = found["question"]
        periods = {name: Period(**question[name]) for name in ("period", "base")}
        days = {name: _days(found[name]) for name in ("now", "base", "station_now")}
        rows = {name: tuple(map(tuple, found[name])) for name in _ROWS}
        return Gathered(
            **found
            | {"question": Question(**question | periods | {"cities": tuple(question["cities"])})}
            | {"cities": tuple(found["cities"]), "to_date": _days(found["to_date"]) if found["to_date"] else None}
            | {"earlier": tuple((back, _days(each)) for back, each in found["earlier"])}
            | {"forecasts": _array(found["forecasts"])} | days | rows
        )  # fmt: skip
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputsRefused(f"the inputs cannot be read: {error}, expected those of an assessment") from error


_ROWS = ("stations", "revisions", "episodes", "attributed", "normalised", "targets", "events")


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        small = value.dtype.newbyteorder("<")
        held = np.where(np.isnan(value), np.nan, value) if value.dtype.kind == "f" else value
        data = base64.b64encode(np.ascontiguousarray(held.astype(small)).tobytes()).decode("ascii")
        return {"dtype": small.str, "shape": list(value.shape), "data": data}
    if dataclasses.is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _bytes(plain: Any) -> bytes:
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def _array(form: dict[str, Any]) -> np.ndarray:
    found = np.frombuffer(base64.b64decode(form["data"]), np.dtype(form["dtype"])).reshape(form["shape"])
    return found.astype(found.dtype.newbyteorder("="))


def _days(form: dict[str, Any]) -> Days:
    return Days(form["first_day"], *(_array(form[name]) for name in ("values", "standing", "simulated", "published")))
