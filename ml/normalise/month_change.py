"""A change between stored months, parted into the weather's and the rest. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEAK = 0.1
"""Share of the weather's part that may have been taken for a trend, or the reverse: in made series whose weather shifts once
and stays 4 to 8 % were (tests/ml/normalise/test_weather_change.py); errors on fortnights not seen do not show it."""
Row = Mapping[str, Any]
WHY_NONE, WHY_SEASONS, WHY_MODELS = "none", "seasons", "models"
"""Why a change is not told: a month is not stored, the months are not the same ones of the year, two runs made them."""


@dataclass(frozen=True, slots=True)
class MonthChange:
    """A change from a base to now [unit of the item]. observed = us + weather, NaN where not told; half: half width of the 90 %
    interval of both. now, base: observed means. hours: of both. skill: R2 of stretches not seen. why: a code, empty where all
    is told. simulated: whether anything of it is. row: one of the newest month, for its trace; None without any.
    """

    observed: float
    us: float
    weather: float
    half: float
    now: float
    base: float
    hours: tuple[int, int]
    skill: float
    why: str
    simulated: bool
    row: Row | None


def change_of_months(now: Sequence[Row], base: Sequence[Row], *, months: int) -> MonthChange:
    """Part the change between two runs of months (rows of normalised_month, in order), each of so many.

    Means go by hours. Within a period the months' half widths are taken to err together, the two periods apart; LEAK of the
    weather's part comes to it as in weather_change. Refused by a code: of WHY_…, or what a row says in unanswered.
    """
    every = [*now, *base]
    seen = [_mean(rows, "observed") for rows in (now, base)]
    why = _refused(now, base, months)
    us = weather = half = math.nan
    if not why:
        us = _mean(now, "normalised") - _mean(base, "normalised")
        weather = seen[0] - seen[1] - us
        half = math.hypot(*(_half(rows) for rows in (now, base)), LEAK * weather)
    return MonthChange(
        seen[0] - seen[1], us, weather, half, *seen, (_hours(now), _hours(base)), _skill(every), why,
        any(row["simulated"] for row in every), now[-1] if now else None,
    )  # fmt: skip


def _refused(now: Sequence[Row], base: Sequence[Row], months: int) -> str:
    if len(now) != months or len(base) != months:
        return WHY_NONE
    if silent := [row["unanswered"] for row in (*now, *base) if row["unanswered"]]:
        return str(silent[0])
    if [row["month"].month for row in now] != [row["month"].month for row in base]:
        return WHY_SEASONS
    return "" if len({row["model"] for row in (*now, *base)}) == 1 else WHY_MODELS


def _mean(rows: Sequence[Row], name: str) -> float:
    hours = _hours(rows)
    return math.fsum(row[name] * row["hours"] for row in rows) / hours if hours else math.nan


def _half(rows: Sequence[Row]) -> float:
    if any(row["low"] is None or row["high"] is None for row in rows):
        return math.nan
    return math.fsum((row["high"] - row["low"]) / 2 * row["hours"] for row in rows) / _hours(rows)


def _hours(rows: Sequence[Row]) -> int:
    return sum(row["hours"] for row in rows)


def _skill(rows: Sequence[Row]) -> float:
    return min((row["skill"] for row in rows if row["skill"] is not None), default=math.nan)
