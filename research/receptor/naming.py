"""What a factor may be, by rules of tracers that are data with sources: a proposal with its reasons, never a name."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from research.receptor.refusals import ReceptorError
from research.receptor.solution import Solution
from standards.voc.species import species_named

TABLE = Path(__file__).with_name("tracers.toml")
LEAST_SCORE = 0.35
"""Below this nothing is proposed [1]."""
FEW = 0.5
"""A rule of which one tracer alone is in the table speaks less than one of several: so much is added to their number."""
RATIO_WEIGHT, DAILY_WEIGHT = 0.5, 0.5
"""A ratio and the hours of the day count half of what the shares of the tracers do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the table: names, least shares of species, bounds of ratios, hours of the day, weight, source, confidence."""

    key: str
    zh: str
    en: str
    share: dict[str, float]
    ratio: dict[str, tuple[float, float]]
    daily: tuple[tuple[int, int], ...]
    weight: float
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was looked at: what (share, ratio or daily), of which species, what was found, what was asked, and whether it
    speaks for the rule."""

    kind: str
    of: str
    found: float
    asked: tuple[float, ...]
    holds: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a factor may be: the rule, its score from 0 to 1, and the reasons. Always a proposal: a person names factors."""

    factor: int
    key: str
    zh: str
    en: str
    score: float
    reasons: tuple[Reason, ...]
    source: str
    confidence: str
    proposal: bool = True

    def as_record(self) -> dict[str, Any]:
        """Give it as plain JSON."""
        return asdict(self)


def propose_names(
    solution: Solution, *, most: int = 3, rules: Sequence[Rule] | None = None
) -> tuple[tuple[Proposal, ...], ...]:
    """Give for each factor what it may be, the likeliest first, at most so many; nothing where no rule speaks for it.

    rules: those of tracers.toml unless given. Species are known by any name of standards.voc; a rule is scored by what of it the
    table holds, and by nothing where it holds none of its tracers.
    """
    places = _places(solution.species)
    shares, hours = np.nan_to_num(solution.shares()), _hour_means(solution)
    found = []
    for k in range(solution.factors):
        held = [
            _scored(k, rule, places, shares[k], solution.profiles[k], hours[:, k]) for rule in rules or shipped_rules()
        ]
        good = sorted(
            (each for each in held if each is not None and each.score >= LEAST_SCORE), key=lambda each: -each.score
        )
        found.append(tuple(good[:most]))
    return tuple(found)


def named(solution: Solution, names: Sequence[str]) -> Solution:
    """Give the solution with the names that a person gave. Errors: ReceptorError for another number, or one that stands twice."""
    if len(names) != solution.factors or len(set(names)) != len(names) or not all(each.strip() for each in names):
        raise ReceptorError(f"names are {list(names)}, expected {solution.factors} different ones")
    return replace(solution, names=tuple(names))


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """Read the rules that are shipped."""
    return rules_of(TABLE.read_text(encoding="utf-8"))


def rules_of(text: str) -> tuple[Rule, ...]:
    """Read rules from a text in the form of tracers.toml. Errors: ReceptorError names the rule and what it lacks."""
    try:
        held = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise ReceptorError(f"the rules cannot be read: {error}") from error
    found = []
    for each in held:
        for need in ("key", "zh", "en", "share", "source", "confidence"):
            if not each.get(need):
                raise ReceptorError(f"rule {each.get('key', len(found) + 1)!r} has no {need}, expected one")
        found.append(Rule(
            each["key"], each["zh"], each["en"], dict(each["share"]),
            {name: (float(low), float(high)) for name, (low, high) in each.get("ratio", {}).items()},
            tuple((int(a), int(b)) for a, b in each.get("daily", [])), float(each.get("weight", 1.0)), each["source"],
            each["confidence"],
        ))  # fmt: skip
    return tuple(found)


def _scored(
    k: int, rule: Rule, places: dict[str, int], shares: np.ndarray, profile: np.ndarray, hours: np.ndarray
) -> Proposal | None:
    reasons, total, most = [], 0.0, 0.0
    for name, least in rule.share.items():
        j = places.get(_known(name))
        if j is not None:
            reasons.append(Reason("share", name, float(shares[j]), (least,), bool(shares[j] >= least)))
            total += min(shares[j] / least, 1.5) / 1.5 * (1.0 if shares[j] >= least else 0.5)
            most += 1.0
    if not any(each.holds for each in reasons):
        return None
    total, most = total / (most + FEW), 1.0
    for name, (low, high) in rule.ratio.items():
        a, b = (places.get(_known(each)) for each in name.split("/"))
        if a is not None and b is not None and profile[b] > 0:
            ratio = float(profile[a] / profile[b])
            reasons.append(Reason("ratio", name, ratio, (low, high), low <= ratio <= high))
            total += RATIO_WEIGHT / len(rule.ratio) * (low <= ratio <= high)
            most += RATIO_WEIGHT / len(rule.ratio)
    if rule.daily and np.isfinite(hours).all():
        inside = np.zeros(24, bool)
        for first, last in rule.daily:
            inside[first : last + 1] = True
        over = float(hours[inside].mean() / max(hours[~inside].mean(), 1e-9))
        reasons.append(Reason("daily", "", over, (1.1,), over >= 1.1))
        total += DAILY_WEIGHT * (over >= 1.1)
        most += DAILY_WEIGHT
    score = min(1.0, rule.weight * total / most)
    return Proposal(k, rule.key, rule.zh, rule.en, float(score), tuple(reasons), rule.source, rule.confidence)


def _hour_means(solution: Solution) -> np.ndarray:
    """Give the mean contribution of each hour of the day (24, factor), by the ends of the hours; NaN where there is none."""
    end = solution.table.times.astype("datetime64[h]").astype(np.int64) % 24
    found = np.full((24, solution.factors), np.nan)
    for hour in range(24):
        rows = (end == (hour + 1) % 24) & solution.table.used
        if rows.any():
            found[hour] = solution.contributions[rows].mean(axis=0)
    return found


def _places(species: Sequence[str]) -> dict[str, int]:
    return {_known(name): j for j, name in enumerate(species)}


@cache
def _known(name: str) -> str:
    try:
        return species_named(name).name_en
    except ValueError:
        return name.casefold().replace("_", ",").strip()
