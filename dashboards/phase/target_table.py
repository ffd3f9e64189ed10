"""Targets of the year: what is reached up to the end of the period, the gap, and what the days that are left allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboards.phase.assessed import Statistics, statistics_of
from dashboards.phase.content import CODE, TEXT, Column, Table
from dashboards.phase.core import sources_of
from dashboards.phase.gathered import Gathered
from dashboards.phase.measures import CITY, DAY, GOOD_RATIO, HEAVY, PERCENT
from dashboards.phase.question import REGION
from dashboards.phase.tabled import Rows
from dashboards.phase.targets import GOOD_DAYS, HEAVY_DAYS, PM25_MEAN, bad_days_left, mean_left
from standards.assessment.periods import Period
from standards.days import day_of_date
from standards.exact_means import exact_number, round_fraction
from standards.pollutants import ITEMS

PM25 = ITEMS.index("pm25")
MET, MISSED, ON_PATH, OFF_PATH, LOST = "met", "missed", "on_path", "off_path", "lost"
STATES = "phase.state."


@dataclass(frozen=True, slots=True)
class ToDate:
    """A place from the first of January on: value of an indicator, days that count, days left (city-days of a region)."""

    value: float
    good: int
    days: int
    left: int


def targets(gathered: Gathered) -> Table | None:
    """Give one row for each place that has a target; None where none has."""
    if gathered.to_date is None or not gathered.targets:
        return None
    days, question = gathered.to_date, gathered.question
    last = gathered.period.last_date
    span = Period("campaign", str(last.year), days.first_day, gathered.period.last_day)
    of = statistics_of(days, gathered.cities, span, question.edition, region=question.region)
    left = day_of_date(dt.date(last.year, 12, 31)) - gathered.period.last_day
    wanted = {(place, kind): (value, source) for place, _, kind, value, source in gathered.targets}
    rows = Rows("targets", [CITY, *(c for kind in _KINDS for c in _columns(kind, of)), Column("left_days", unit=DAY),
                            Column("target_source", TEXT)])  # fmt: skip
    for place in of.places:
        mine = {kind: wanted[place, kind] for kind in _KINDS if (place, kind) in wanted}
        if mine:
            rows.add(*_row(of, place, mine, left))
    return rows.table(notes=("targets_path", "edition_applied"), sources=sources_of(question.edition))


def _row(
    of: Statistics, place: str, mine: dict[str, tuple[float, str]], left: int
) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {"city": place, "left_days": left}
    values["target_source"] = "; ".join(dict.fromkeys(source for _, source in mine.values()))
    why: dict[str, str] = {}
    for kind, told in _KINDS.items():
        keys = [c.key for c in _columns(kind, of)]
        found = told.values(of)[of.at(place)]
        values[keys[0]] = found
        why |= dict.fromkeys(keys, "no_days" if kind in mine else "no_target")
        if kind not in mine:
            continue
        target, at = mine[kind][0], of.at(place)
        members = len(of.of_cities.overall) if place == REGION else 1
        counted = of.period.n_days if kind == PM25_MEAN and place == REGION else _days(of, kind, at)
        ahead = left if kind == PM25_MEAN else left * members
        values[keys[1]] = target
        if np.isfinite(found):
            rest = told.rest(target, ToDate(float(found), int(of.good_days[at]), counted, ahead))
            values |= {keys[2]: _less(float(found), target, 1), keys[3]: rest}
            values[keys[4]] = _state(found <= target if told.at_most else found >= target, left, rest)
            why[keys[3]] = "year_over"
    return values, why


def _days(of: Statistics, kind: str, at: int) -> int:
    return int(of.valid_days[PM25, at]) if kind == PM25_MEAN else int(of.days[at])


def _state(kept: bool, left: int, rest: float | None) -> str:
    if left == 0:
        return MET if kept else MISSED
    if rest is not None and rest < 0:
        return LOST
    return ON_PATH if kept else OFF_PATH


def _less(value: float, target: float, decimals: int) -> float:
    return float(round_fraction(exact_number(value) - exact_number(target), decimals))


def _mean_rest(target: float, now: ToDate) -> float | None:
    rest = mean_left(target, now.value, now.days, now.days + now.left)
    return None if rest is None else float(round_fraction(exact_number(rest), 1))


def _bad_rest(target: float, now: ToDate) -> float | None:
    return bad_days_left(target, now.good, now.days, now.left)


def _heavy_rest(target: float, now: ToDate) -> float | None:
    return target - now.value if now.left else None


@dataclass(frozen=True, slots=True)
class _Kind:
    keys: tuple[str, str, str, str, str]
    values: Callable[[Statistics], np.ndarray]
    rest: Callable[[float, ToDate], float | None]
    at_most: bool


_KINDS = {
    PM25_MEAN: _Kind(
        ("pm25_to_date_ugm3", "pm25_target_ugm3", "pm25_gap_ugm3", "pm25_left_ugm3", "pm25_state"),
        lambda of: of.mean[PM25], _mean_rest, True),
    GOOD_DAYS: _Kind(
        ("good_ratio_to_date_pct", "good_ratio_target_pct", "good_ratio_gap_pp", "bad_days_left_d", "good_ratio_state"),
        GOOD_RATIO.values, _bad_rest, False),
    HEAVY_DAYS: _Kind(
        ("heavy_to_date_d", "heavy_target_d", "heavy_gap_d", "heavy_left_d", "heavy_state"), HEAVY.values, _heavy_rest, True),
}  # fmt: skip


def _columns(kind: str, of: Statistics) -> list[Column]:
    value, target, gap, rest, state = _KINDS[kind].keys
    told = Column(state, CODE, family=STATES)
    if kind == PM25_MEAN:
        unit = "µg/m³"
        first = Column(value, unit=unit, decimals=of.rules.statistic_decimals[PM25])
        return [first, *(Column(key, unit=unit, decimals=1) for key in (target, gap, rest)), told]
    if kind == GOOD_DAYS:
        shares = [Column(value, unit=PERCENT, decimals=1), Column(target, unit=PERCENT, decimals=1)]
        return [*shares, Column(gap, unit="pp", decimals=1), Column(rest, unit=DAY), told]
    return [*(Column(key, unit=DAY) for key in (value, target, gap, rest)), told]
