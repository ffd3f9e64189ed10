"""Attributions as rows of the table attribution. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ml.attributing.decide import Step
from ml.attribution.outcome import Grounds
from ml.attribution.words import BETWEEN, ERRS, LEVELS, OF_USE, catalogue, confidence, reasons, summary
from ml.registry.confidence import GRADES, LOW, NONE, Signs
from ml.registry.confidence import confidence as registry_confidence
from standards.days import HOURS_PER_DAY, date_of_day, day_of_date, first_hour_of_day
from streams.store.attribution import as_json, packed, packed_removal

METHOD = "attribution 1"
"""Name and version of the method; a change of what it answers is a new version."""
TAGGED = ("corrected tags", "raw tags")
DAYS_A_YEAR = 365.25
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What stands beside all rows of some hours. inventories: city to the version in force, "" for none. learned: first and
    last epoch hour that the correction was learned from. simulated: (city, hour) of the hours from `first` on."""

    first: int
    simulated: np.ndarray
    inventories: Mapping[str, str]
    learned: tuple[int, int] | None = None


def age_years(inventory: str, hour: int) -> float | None:
    """Give how long before an epoch hour the middle of the year was that an inventory names [years]; None where it names
    none."""
    years = _YEAR.findall(inventory)
    return max(0.0, hour / HOURS_PER_DAY - day_of_date(dt.date(int(years[-1]), 7, 1))) / DAYS_A_YEAR if years else None


def hour_rows(steps: Sequence[Step], quantity: str, hours: Iterable[int], known: Known) -> list[Row]:
    """Give the rows of some hours, each city's of the best tier that tells of it."""
    wanted = set(hours)
    return [
        _row(step, c, t, quantity, "hour", (int(hour), int(hour)), known, words=False)
        for step, c, t, hour in _best(steps)
        if int(hour) in wanted
    ]


def day_rows(steps: Sequence[Step], quantity: str, span: str, known: Known) -> list[Row]:
    """Give the rows of natural days."""
    rows = []
    for step, c, t, day in _best(steps):
        first = first_hour_of_day(int(day))
        rows.append(_row(step, c, t, quantity, span, (first, first + 23), known))
    return rows


def episode_rows(steps: Sequence[Step], quantity: str, first: int, last: int, known: Known) -> list[Row]:
    """Give the rows of an episode from its first hour up to another."""
    return [_row(step, c, t, quantity, "episode", (first, last), known) for step, c, t, _ in _best(steps)]


def none_rows(
    total: np.ndarray,
    told: np.ndarray,
    cities: Sequence[str],
    hours: Iterable[int],
    known: Known,
    faults: Mapping[str, str],
) -> list[Row]:
    """Give a row without an attribution for each observed hour of PM2.5 (city, hour) that nothing tells of, with its
    reason."""
    rows = []
    for hour in hours:
        t = hour - known.first
        for c, city in enumerate(cities):
            if np.isfinite(total[c, t]) and not told[c, t]:
                row = _frame(city, "pm25", "hour", (hour, hour), known, cities, simulated=bool(known.simulated[c, t]))
                why = ["fault"] if city in faults else ["no tags", "no inventory or weather"]
                rows.append(row | {"total": float(total[c, t]), "observed": True, "reasons": as_json(why)})
    return rows


def _best(steps: Sequence[Step]) -> Iterable[tuple[Step, int, int, Any]]:
    """Give of each city and time the first step that tells of it."""
    taken: set[tuple[int, int]] = set()
    for step in steps:
        for c, t in np.argwhere(np.isfinite(step.made.total)).tolist():
            at = (c, int(step.made.times[t]))
            if at not in taken:
                taken.add(at)
                yield step, c, t, step.made.times[t]


def _frame(
    city: str, quantity: str, span: str, hours: tuple[int, int], known: Known, cities: Sequence[str], *, simulated: bool
) -> Row:
    return {
        "city": city, "hour_end": hours[1], "quantity": quantity, "span": span, "first_hour": hours[0], "total": None,
        "observed": False, "cities": ",".join(cities), "packed": None, "removal": None, "definition": "allocation",
        "tier": "none", "confidence": "none", "reasons": "[]", "summary_zh": None, "summary_en": None, "models": "",
        "learned_from": None, "learned_to": None, "inventory": known.inventories.get(city) or None, "method": METHOD,
        "simulated": simulated,
    }  # fmt: skip


def _row(
    step: Step, c: int, t: int, quantity: str, span: str, hours: tuple[int, int], known: Known, *, words: bool = True
) -> Row:
    made, city = step.made, step.made.cities[c]
    inside = slice(max(hours[0] - known.first, 0), hours[1] - known.first + 1)
    row = _frame(
        city, quantity, span, hours, known, made.cities, simulated=bool(known.simulated[c, inside].any())
    )  # fmt: skip
    observed = bool(made.observed[c, t])
    row |= {"total": float(made.total[c, t]), "observed": observed}
    age = age_years(known.inventories.get(city, ""), hours[1])
    level, codes = trust(made.grounds, quantity=quantity, observed=observed, age=age)
    if level == "none":
        return row | {"reasons": as_json(codes)}
    learned = known.learned if step.learned else None
    row |= {
        "packed": packed(made.values[c, :, t], {kind: half[c, :, t] for kind, half in made.half_width.items()}),
        "removal": _removal(made.removal, c, t), "tier": made.grounds.tier, "confidence": level, "reasons": as_json(codes),
        "models": _models(step, hours), "learned_from": learned and learned[0], "learned_to": learned and learned[1],
    }  # fmt: skip
    if words:
        row |= {f"summary_{lang}": _said(step, c, t, city, lang, level, observed) for lang in ("zh", "en")}
    return row


def trust(grounds: Grounds, *, quantity: str, observed: bool, age: float | None) -> tuple[str, list[str]]:
    """Give the confidence, of LEVELS or "none", and the reasons for it as codes.

    It is the lower of that of ml.attribution and that of ml.registry, which looks at the inventory's age and the poorer
    way taken. Where the registry would give none, tags are poor and nothing is told without them: only observations that
    are laid against tags see what an old inventory has wrong.
    """
    level = confidence(grounds, quantity=quantity, observed=observed)
    fallback = "" if grounds.tier in TAGGED else grounds.tier
    grade = registry_confidence(
        Signs(needs_inventory=True, inventory_days=None if age is None else age * DAYS_A_YEAR, fallback=fallback)
    ).grade
    codes = _codes(grounds, quantity=quantity, observed=observed, age=age)
    if grade == NONE:
        return ("poor" if not fallback else "none"), codes
    cap = LEVELS.index({LOW: "low"}.get(grade, grade)) if grade in GRADES else 0
    return LEVELS[max(LEVELS.index(level), cap)], codes


def _codes(grounds: Grounds, *, quantity: str, observed: bool, age: float | None) -> list[str]:
    codes = []
    if grounds.tier in TAGGED:
        codes.append(f"members:{grounds.members}")
    if grounds.tier == "corrected tags":
        codes += [f"missing:{feed}" for feed in OF_USE[quantity] if feed in grounds.missing]
    codes.append("inventory of unknown age" if age is None else f"inventory:{age:.1f}")
    if (grounds.inventory_errs or 0.0) > ERRS:
        codes.append("inventory errs")
    return codes + ([] if observed else ["not observed"]) + (["simulated"] if grounds.simulated else [])


def _removal(removal: np.ndarray | None, c: int, t: int) -> str | None:
    if removal is None or not np.isfinite(removal[c, :, t]).all():
        return None
    return packed_removal(removal[c, :, t])


def _models(step: Step, hours: tuple[int, int]) -> str:
    """Name the models with the first and the last of the runs that the hours rest on."""
    told = []
    for m, model in enumerate(step.models):
        runs = step.runs[m, max(hours[0] - step.first, 0) : hours[1] - step.first + 1]
        runs = runs[runs >= 0]
        if runs.size:
            first, last = (_run(int(each)) for each in (runs.min(), runs.max()))
            told.append(f"{model}/{first}" + (f"…{last}" if last != first else ""))
    return ", ".join(told)


@lru_cache(maxsize=4096)
def _run(start: int) -> str:
    return f"{date_of_day(start // 24)}T{start % 24:02d}Z"


def _said(step: Step, c: int, t: int, city: str, lang: str, level: str, observed: bool) -> str:
    """Say it in words, with the confidence that is stored."""
    made = step.made
    text = summary(made, lang, city=city, t=t)
    own = confidence(made.grounds, quantity=made.quantity, observed=observed)
    if own == level:
        return text
    texts = {name: part[lang] for name, part in catalogue().items()}
    why = BETWEEN[lang].join(reasons(made.grounds, lang, quantity=made.quantity, observed=observed))
    said, meant = (
        texts["sentence"]["confidence"].format(level=texts["level"][each], reasons=why) for each in (own, level)
    )
    return text.replace(said, meant)
