"""How far to trust what a model says now: drift, the age of the inventory and missing feeds lower the confidence, in
words.

Pure: what was seen is handed in. Every reason caps the grade, none raises it; the lowest cap is the grade, down to
NONE, at which nothing is shown ("no attribution", "no forecast").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ml.registry.card import Reference
from ml.registry.errors import RegistryError
from ml.registry.words import catalogue, word

HIGH, MEDIUM, LOW, NONE = "high", "medium", "low", "none"
GRADES = (NONE, LOW, MEDIUM, HIGH)
BINS = 10
_LEAST_SHARE = 1e-4
MOVED_KEY = "confidence_moved"

DRIFT = ((0.25, LOW), (0.1, MEDIUM))
"""Population stability index from which a feature caps the grade. Source: Siddiqi 2006, Credit Risk Scorecards: below
0.1 no shift, from 0.25 on a large one."""
ERROR = ((2.0, NONE), (1.5, LOW), (1.25, MEDIUM))
"""Rolling mean absolute error over that of the card, from which it caps the grade. Chosen."""
INVENTORY_DAYS = ((3650, NONE), (1096, LOW), (366, MEDIUM))
"""Age of the emission inventory [d] from which it caps the grade. Chosen: inventories are renewed yearly."""
MOVED = ((2.5, NONE), (1.6, LOW), (1.25, MEDIUM))
"""Factor by which the relation of observed to told has moved beyond chance since it was learned, from which it caps the
grade. Chosen."""
BEHIND_DAYS = ((91, NONE), (46, LOW), (16, MEDIUM))
"""Days since what was learned last, from which they cap the grade. Chosen: a correction is renewed every 15 days."""
LEAST_PAIRS = 48
"""Pairs below which a rolling error says nothing; a model of which that is so is not trusted fully yet."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the grade is no higher: key of the sentence in the catalogue, its values, and the cap."""

    key: str
    cap: str
    values: Mapping[str, str | float | int] = field(default_factory=dict)

    def words(self, language: str) -> str:
        """Give the reason in "zh" or "en"."""
        feeds = self.values.get("feeds")
        if not isinstance(feeds, str):
            return word(self.key, language, **self.values)
        named = [
            word(f"feed_{feed}", language) if f"feed_{feed}" in catalogue() else feed for feed in feeds.split(", ")
        ]
        return word(
            self.key, language, **(dict(self.values) | {"feeds": ("、" if language == "zh" else ", ").join(named)})
        )


@dataclass(frozen=True, slots=True)
class Confidence:
    """A grade of GRADES with its reasons, the gravest first; without a reason it is HIGH."""

    grade: str
    reasons: tuple[Reason, ...] = ()

    def words(self, language: str, *, purpose: str = "") -> str:
        """Give grade and reasons as one sentence in "zh" or "en".

        purpose: "attribution" or "forecast", so that at NONE it is said what there is none of; empty: nothing in
        particular.
        """
        grade = f"no_{purpose}" if purpose and self.grade == NONE else f"grade_{self.grade}"
        parts = [word(grade, language), *(reason.words(language) for reason in self.reasons)]
        return word("grade_joined", language).join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What was seen of a model at work, each part left out where it is not known or does not apply.

    served: whether a model is approved and serves. drift: by feature the index beyond chance (drift).
    rolling_mae, rolling_pairs: the error of late on how many pairs; card_mae: that of the card, in the same unit.
    inventory_days [d]: since the year that the inventory stands for; None: not known, which caps as the oldest but
    one. needs_inventory: whether the model uses one. missing_needed, missing_helpful: feeds that are not there,
    without which it cannot, or can less well. moved: by quantity the factor by which observed over told has moved since
    it was learned, beyond chance; behind_days: how long ago that was [d]. fallback: a poorer way that had to be taken,
    as a key of the catalogue ("light tags", "inventory shares").
    """

    served: bool = True
    drift: Mapping[str, float] = field(default_factory=dict)
    rolling_mae: float | None = None
    rolling_pairs: int = 0
    card_mae: float | None = None
    needs_inventory: bool = False
    inventory_days: float | None = None
    missing_needed: Sequence[str] = ()
    missing_helpful: Sequence[str] = ()
    moved: Mapping[str, float] = field(default_factory=dict)
    behind_days: float | None = None
    fallback: str = ""


def confidence(signs: Signs) -> Confidence:
    """Give the confidence in what a model says, with every reason for it being no higher."""
    reasons = [reason for step in _STEPS for reason in step(signs)]
    reasons.sort(key=lambda reason: GRADES.index(reason.cap))
    return Confidence(reasons[0].cap if reasons else HIGH, tuple(reasons))


def reference(values: np.ndarray, *, bins: int = BINS) -> Reference:
    """Give how a feature lay in training, for the card: bins of equal shares, and the share that was missing.

    values: float64, any shape, NaN for missing. Equal values fall into one bin. Errors: RegistryError where all are
    missing.
    """
    values = np.asarray(values, float).ravel()
    known = values[np.isfinite(values)]
    if not len(known):
        raise RegistryError(f"none of {len(values)} values of a feature is known, expected some to refer to")
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = np.bincount(np.searchsorted(edges, known, "right"), minlength=len(edges) + 1) / len(known)
    return Reference(tuple(map(float, edges)), tuple(map(float, shares)), float(1 - len(known) / len(values)))


def stability(reference: Reference, values: np.ndarray) -> float:
    """Give the population stability index of values of late against training, sum((a - e) ln(a / e)); missing is a
    bin too.

    values: float64, NaN for missing. Returns NaN where there is no value at all.
    Source: Siddiqi 2006, Credit Risk Scorecards, chapter 8; empty bins count as a share of 1e-4.
    """
    values = np.asarray(values, float).ravel()
    if not len(values):
        return float("nan")
    known = values[np.isfinite(values)]
    counts = np.bincount(np.searchsorted(reference.edges, known, "right"), minlength=len(reference.shares))
    actual = np.append(counts, len(values) - len(known)) / len(values)
    expected = np.append(np.array(reference.shares) * (1 - reference.missing), reference.missing)
    actual, expected = (np.maximum(each, _LEAST_SHARE) for each in (actual, expected))
    return float(((actual - expected) * np.log(actual / expected)).sum())


def drift(reference: Reference, values: np.ndarray, *, independent: int) -> float:
    """Give by how much the index of values exceeds what chance alone gives in 95 of 100 cases; 0 where it does not.

    independent: how many of the values tell of something new; hours of air go together for days, so that a month
    holds about ten. NaN where there is no value. Source: Yurdakul 2018, Statistical Properties of Population
    Stability Index (dissertation, Western Michigan University): the index of n values over B bins is about chi-square
    of B - 1 degrees divided by n.
    """
    by_chance = chi_square_95(len(reference.shares)) / max(independent, 1)
    index = stability(reference, values)
    return index if np.isnan(index) else max(0.0, index - by_chance)


def chi_square_95(degrees: int) -> float:
    """Give the 95th percentile of chi-square, within 3 % for one degree and 0.2 % from ten on.

    Source: Wilson and Hilferty 1931, doi 10.1073/pnas.17.12.684.
    """
    part = 2 / (9 * degrees)
    return degrees * (1 - part + 1.6448536269514722 * part**0.5) ** 3


def _not_served(signs: Signs) -> list[Reason]:
    return [] if signs.served else [Reason("confidence_not_served", NONE)]


def _needed(signs: Signs) -> list[Reason]:
    return (
        [Reason("confidence_needed", NONE, {"feeds": ", ".join(signs.missing_needed)})] if signs.missing_needed else []
    )


def _helpful(signs: Signs) -> list[Reason]:
    count = len(signs.missing_helpful)
    cap = LOW if count > 2 else MEDIUM
    return [Reason("confidence_helpful", cap, {"feeds": ", ".join(signs.missing_helpful)})] if count else []


def _fallback(signs: Signs) -> list[Reason]:
    return [Reason("confidence_fallback", LOW, {"way": signs.fallback})] if signs.fallback else []


def _drifted(signs: Signs) -> list[Reason]:
    known = {name: value for name, value in signs.drift.items() if not np.isnan(value)}
    worst = max(known, key=known.__getitem__, default="")
    cap = _cap(DRIFT, known.get(worst))
    return [Reason("confidence_drift", cap, {"feature": worst, "index": known[worst]})] if cap else []


def _worse(signs: Signs) -> list[Reason]:
    if not signs.card_mae:
        return []
    if signs.rolling_mae is None or np.isnan(signs.rolling_mae) or signs.rolling_pairs < LEAST_PAIRS:
        return [Reason("confidence_error_unknown", MEDIUM, {"least": LEAST_PAIRS})]
    times = signs.rolling_mae / signs.card_mae
    cap = _cap(ERROR, times)
    return [Reason("confidence_error", cap, {"times": times, "pairs": signs.rolling_pairs})] if cap else []


def _moved(signs: Signs) -> list[Reason]:
    known = {name: value for name, value in signs.moved.items() if not np.isnan(value)}
    worst = max(known, key=known.__getitem__, default="")
    cap = _cap(MOVED, known.get(worst))
    return [Reason(MOVED_KEY, cap, {"quantity": worst, "factor": known[worst]})] if cap else []


def _behind(signs: Signs) -> list[Reason]:
    cap = _cap(BEHIND_DAYS, signs.behind_days)
    return [Reason("confidence_behind", cap, {"days": signs.behind_days})] if cap else []


def _inventory(signs: Signs) -> list[Reason]:
    if not signs.needs_inventory:
        return []
    if signs.inventory_days is None or np.isnan(signs.inventory_days):
        return [Reason("confidence_inventory_unknown", LOW)]
    cap = _cap(INVENTORY_DAYS, signs.inventory_days)
    return [Reason("confidence_inventory", cap, {"years": signs.inventory_days / 365.25})] if cap else []


def _cap(limits: Sequence[tuple[float, str]], value: float | None) -> str:
    if value is None or np.isnan(value):
        return ""
    return next((cap for limit, cap in limits if value >= limit), "")


_STEPS = (_not_served, _needed, _worse, _drifted, _moved, _behind, _inventory, _fallback, _helpful)
