"""The plans for heavy-pollution weather: what each level asks for, and how a warning is published and lifted.

One TOML file per plan in tables/plans, dated, with the source of every value and how far it can be trusted. A city that
knows its plan better changes the file or reads its own text with parse_plan; nothing of it is code.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parents[1] / "tables" / "plans"
_HOURS_PER_DAY = 24
CAUSES = ("pm25", "o3")
"""What an episode can be caused by."""
INDICES = ("aqi", "iaqi_o3")
"""Which daily index a plan grades."""
DURATIONS = ("longest", "sum")
"""How the days of episodes that count as one are counted: the longest unbroken run, or all together."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The index is above a threshold, strictly, on at least so many consecutive natural days."""

    above: float
    days: int


@dataclass(frozen=True, slots=True)
class WarningLevel:
    """One level of a plan: number (1 is the lowest), names, and the combinations of conditions of which one must hold.

    any_of: the conditions of one combination must all hold in the same episode. source, confidence: of the rule.
    """

    level: int
    name_zh: str
    name_en: str
    response_zh: str
    any_of: tuple[tuple[Condition, ...], ...]
    source: str
    confidence: str

    @property
    def floor(self) -> float:
        """The lowest threshold of the level: on a day at or below it, no condition of the level holds."""
        return min(condition.above for combination in self.any_of for condition in combination)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan for heavy-pollution weather; parse_plan says what a file holds.

    place: division code, "" for the whole country. cause: one of CAUSES. index: one of INDICES. optional: chosen only
    where asked for. levels: in rising order. notice_min_hours, notice_aim_hours [h]: from publication to the first day.
    lift_hours [h]: below the thresholds before a warning falls. max_break_days [days]: episodes no further apart count
    as one. durations: one of DURATIONS. reduction: by so2, nox, pm, voc, the share of all emissions (0 to 1) that the
    measures of each level take away; empty where the plan names none. traded: species that may be traded against each
    other at an unchanged sum. notes: by section, its source and confidence.
    """

    name: str
    code: str
    title: str
    place: str
    cause: str
    index: str
    optional: bool
    valid_from: dt.date
    valid_to: dt.date
    levels: tuple[WarningLevel, ...]
    notice_min_hours: float
    notice_aim_hours: float
    lift_hours: float
    max_break_days: int
    durations: str
    reduction: MappingProxyType[str, tuple[float, ...]]
    traded: tuple[str, ...]
    notes: MappingProxyType[str, tuple[str, str]]

    @property
    def lift_days(self) -> int:
        """Whole natural days that cover lift_hours."""
        return math.ceil(self.lift_hours / _HOURS_PER_DAY)

    @property
    def floor(self) -> float:
        """The lowest threshold of the plan: a day at or below it belongs to no episode."""
        return min(level.floor for level in self.levels)


def parse_plan(text: str) -> Plan:
    """Read a plan from the text of its TOML file; tables/plans/national_2024.toml explains the fields.

    Errors: ValueError naming the plan, the field, its value and what was expected. tomllib.TOMLDecodeError, which is a
    ValueError, where the text is no TOML.
    """
    data = tomllib.loads(text)
    name = data.get("name", "without a name")
    try:
        plan = _plan(data)
    except (KeyError, TypeError) as error:
        raise ValueError(f"plan {name} lacks or misstates {error}, expected the fields of national_2024.toml") from None
    _require(plan.cause in CAUSES, name, "cause", plan.cause, f"one of {', '.join(CAUSES)}")
    _require(plan.index in INDICES, name, "index", plan.index, f"one of {', '.join(INDICES)}")
    _require(plan.durations in DURATIONS, name, "durations", plan.durations, f"one of {', '.join(DURATIONS)}")
    numbers = [level.level for level in plan.levels]
    _require(numbers == list(range(1, len(numbers) + 1)) and numbers, name, "levels", numbers, "1, 2, ... in order")
    days = [c.days for level in plan.levels for combination in level.any_of for c in combination]
    _require(min(days) >= 1, name, "days", min(days), "1 or more")
    _require(plan.lift_hours > 0, name, "lift hours", plan.lift_hours, "more than 0")
    breaks = plan.max_break_days
    _require(
        0 <= breaks < plan.lift_days, name, "max_break_days", breaks, f"0 to {plan.lift_days - 1}, fewer than lift"
    )
    shares = [share for row in plan.reduction.values() for share in row]
    _require(all(0 <= share <= 1 for share in shares), name, "reduction", shares, "shares from 0 to 1")
    return plan


@cache
def plans() -> tuple[Plan, ...]:
    """Give all plans of the tables folder in the order of their names, read once."""
    return tuple(parse_plan(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.toml")))


def plan_named(name: str) -> Plan:
    """Give the plan of a file, for instance "chengdu_2024", whatever the date; raise ValueError for another name."""
    for plan in plans():
        if plan.name == name:
            return plan
    raise ValueError(f"plan is {name!r}, expected one of {', '.join(p.name for p in plans())}")


def plan_for(date: dt.date, *, cause: str = "pm25", place: str = "", optional: bool = False) -> Plan | None:
    """Give the plan in force on a day: that of the city, else of its province, else of the country.

    date: the natural day in local time. cause: "pm25" or "o3". place: six-digit division code, for instance "510100";
    "" for the country. optional: also take scales that are not known to be in force (Chengdu's of 2021 for ozone).
    Returns the plan, of several of one place the newest, or None where no plan holds: ozone has no colours since 2024,
    and before 2024 no plan is kept here.
    Errors: ValueError for another cause, or a place that is no division code.
    Source: valid_from and valid_to of the files.
    """
    if cause not in CAUSES:
        raise ValueError(f"cause is {cause!r}, expected one of {', '.join(CAUSES)}")
    if place and not (len(place) == 6 and place.isdecimal()):
        raise ValueError(f'place is {place!r}, expected a division code of six digits, or "" for the country')
    holding = [p for p in plans() if p.cause == cause and p.valid_from <= date <= p.valid_to]
    for where in (place, place[:2] + "0000", ""):
        local = [p for p in holding if p.place == where and (optional or not p.optional)]
        if local:
            return max(local, key=lambda p: p.valid_from)
    return None


def _plan(data: dict) -> Plan:
    reduction = dict(data.get("reduction", {}))
    notes = {"": (data["source"], data["confidence"])}
    for section in ("notice", "lift", "one_episode", "reduction"):
        if section in data:
            notes[section] = data[section]["source"], data[section]["confidence"]
    return Plan(
        **{key: data[key] for key in ("name", "code", "title", "place", "cause", "index", "optional", "valid_from")},
        valid_to=data.get("valid_to", dt.date.max),
        levels=tuple(_level(row) for row in data["level"]),
        notice_min_hours=data["notice"]["min_hours"],
        notice_aim_hours=data["notice"]["aim_hours"],
        lift_hours=data["lift"]["hours"],
        max_break_days=data["one_episode"]["max_break_days"],
        durations=data["one_episode"]["durations"],
        reduction=MappingProxyType({s: tuple(row) for s, row in reduction.items() if s in ("so2", "nox", "pm", "voc")}),
        traded=tuple(reduction.get("traded", ())),
        notes=MappingProxyType(notes),
    )


def _level(row: dict) -> WarningLevel:
    any_of = tuple(tuple(Condition(**condition) for condition in combination) for combination in row["any_of"])
    if not any_of or not all(any_of):
        raise KeyError(f"any_of of level {row.get('level')}")
    return WarningLevel(**{**row, "any_of": any_of})


def _require(holds: object, name: str, field: str, value: object, expected: str) -> None:
    if not holds:
        raise ValueError(f"plan {name}: {field} is {value!r}, expected {expected}")
