"""Attributions as rows of the table attribution. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from ml.attributing.decide import Step
from ml.attribution.outcome import Grounds
from ml.attribution.words import ERRS, LEVELS, OF_USE, confidence, summary
from ml.registry.confidence import BEHIND_DAYS, GRADES, INVENTORY_DAYS, LOW, MOVED, MOVED_KEY, NONE, Signs
from ml.registry.confidence import confidence as registry_confidence
from standards.days import HOURS_PER_DAY, date_of_day, day_of_date, first_hour_of_day, natural_day
from streams.store.attribution import as_json, packed, packed_removal

METHOD = "attribution 2"
"""Name and version of the method; a change of what it answers is a new version."""
NO_INVENTORY, NO_WEATHER = "no inventory", "no weather"
"""What the tiers below tags may lack, as codes."""
TAGGED = ("corrected tags", "raw tags")
DAYS_A_YEAR = 365.25
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What stands beside all rows of some hours. inventories: city to the version in force, "" for none. learned: first and
    last epoch hour that the correction was learned from. moved: natural day to the factors by which observed over told
    had moved since, as one knew before that day (drift.QUANTITIES, city). simulated: (city, hour) of the hours from
    `first` on. lacks: what there is not of the poorer tiers, (city, hour) each by its code, where they were asked."""

    first: int
    simulated: np.ndarray
    inventories: Mapping[str, str]
    learned: tuple[int, int] | None = None
    moved: Mapping[int, np.ndarray] = field(default_factory=dict)
    lacks: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """How things stand when an hour is attributed. age: of the inventory [years], None where not known. moved: factor by
    which observed over told has moved, NaN where not known. behind_days: since the last hour that was learned from, None
    where nothing was learned."""

    age: float | None
    moved: float = np.nan
    behind_days: float | None = None


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
                why = ["fault"] if city in faults else _lacking(known, city, c, hour)
                rows.append(row | {"total": float(total[c, t]), "observed": True, "reasons": as_json(why)})
    return rows


def _lacking(known: Known, city: str, c: int, hour: int) -> list[str]:
    """Give why nothing tells of an hour: without tags, what the poorer tiers lack; an inventory that was there once with
    its age."""
    t = hour - known.first
    lacks = [code for code, there in known.lacks.items() if there[c, t]]
    age = age_years(known.inventories.get(city, ""), hour)
    if NO_INVENTORY in lacks and age is not None:
        lacks[lacks.index(NO_INVENTORY)] = f"inventory over:{age:.1f}"
    return ["no tags", *(lacks or ["no inventory or weather"])]


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
    lately = _lately(step, c, city, quantity, hours[1], known)
    level, codes = trust(made.grounds, quantity=quantity, observed=observed, lately=lately)
    if level == "none":
        return row | {"reasons": as_json(codes)}
    learned = known.learned if step.learned else None
    row |= {
        "packed": packed(made.values[c, :, t], {kind: half[c, :, t] for kind, half in made.half_width.items()}),
        "removal": _removal(made.removal, c, t), "tier": made.grounds.tier, "confidence": level, "reasons": as_json(codes),
        "models": _models(step, hours), "learned_from": learned and learned[0], "learned_to": learned and learned[1],
    }  # fmt: skip
    if words:
        own = replace(made, grounds=replace(made.grounds, inventory_age_years=lately.age))
        row |= {
            f"summary_{lang}": summary(own, lang, city=city, t=t, level=level, more=_more(lately))
            for lang in ("zh", "en")
        }
    return row


def _lately(step: Step, c: int, city: str, quantity: str, last: int, known: Known) -> Lately:
    age = age_years(known.inventories.get(city, ""), last)
    if not step.learned or known.learned is None:
        return Lately(age=age)
    factors = known.moved.get(int(natural_day(last)))
    moved = np.nan if factors is None else float(factors[0 if quantity == "pm25" else 1, c])
    return Lately(age=age, moved=moved, behind_days=(last - known.learned[1]) / HOURS_PER_DAY)


def _more(lately: Lately) -> list[tuple[str, str]]:
    """Give the reasons that a correction does not know of itself, as keys of the texts with their values."""
    found = [("moved", f"{lately.moved:.1f}")] if lately.moved >= MOVED[-1][0] else []
    behind = lately.behind_days or 0.0
    return found + ([("behind", f"{behind:.0f}")] if behind >= BEHIND_DAYS[-1][0] else [])


def trust(grounds: Grounds, *, quantity: str, observed: bool, lately: Lately) -> tuple[str, list[str]]:
    """Give the confidence, of LEVELS or "none", and the reasons for it as codes.

    It is the lower of that of ml.attribution and that of ml.registry, which looks at the inventory's age, at feeds, at how
    observed over told has moved, at how old the correction is and at the poorer way taken. Where the registry would give
    none for one reason, tags are poor and nothing is told without them: only observations that are laid against tags see
    what an old inventory has wrong. Where there are two such reasons, or where observations no longer stand to tags as
    they did, nothing is told at all.
    """
    level = confidence(grounds, quantity=quantity, observed=observed)
    fallback = "" if grounds.tier in TAGGED else grounds.tier
    lacking = _missing(grounds, quantity)
    found = registry_confidence(
        Signs(
            needs_inventory=True, inventory_days=None if lately.age is None else lately.age * DAYS_A_YEAR,
            missing_needed=[feed for feed in lacking if feed == "stations"],
            missing_helpful=[feed for feed in lacking if feed != "stations"], moved={quantity: lately.moved},
            behind_days=lately.behind_days, fallback=fallback,
        )
    )  # fmt: skip
    gravest = [reason.key for reason in found.reasons if reason.cap == NONE]
    nothing = bool(gravest) and (bool(fallback) or len(gravest) > 1 or MOVED_KEY in gravest)
    codes = _codes(grounds, quantity=quantity, observed=observed, lately=lately, too_old=nothing)
    if nothing:
        return "none", codes
    cap = LEVELS.index({LOW: "low", NONE: "poor"}.get(found.grade, found.grade)) if found.grade in GRADES else 0
    return LEVELS[max(LEVELS.index(level), cap)], codes


def _missing(grounds: Grounds, quantity: str) -> list[str]:
    return [feed for feed in OF_USE[quantity] if feed in grounds.missing] if grounds.tier == "corrected tags" else []


def _codes(grounds: Grounds, *, quantity: str, observed: bool, lately: Lately, too_old: bool) -> list[str]:
    codes = []
    if grounds.tier in TAGGED:
        codes.append(f"members:{grounds.members}")
    codes += [f"missing:{feed}" for feed in _missing(grounds, quantity)]
    codes.append(_age_code(lately.age, too_old=too_old))
    if (grounds.inventory_errs or 0.0) > ERRS:
        codes.append("inventory errs")
    codes += [f"{key}:{value}" for key, value in _more(lately)]
    return codes + ([] if observed else ["not observed"]) + (["simulated"] if grounds.simulated else [])


def _age_code(age: float | None, *, too_old: bool) -> str:
    """Say how old the inventory is; and where nothing is told and that is a reason, that it is too old."""
    if age is None:
        return "inventory of unknown age"
    oldest = too_old and age * DAYS_A_YEAR >= INVENTORY_DAYS[0][0]
    return f"inventory too old:{age:.1f}" if oldest else f"inventory:{age:.1f}"


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
