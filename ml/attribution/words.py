"""An attribution in plain words, Chinese or English, from its numbers alone: "X or Y" where nobody can say which."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from ml.attribution.outcome import Attribution, Grounds
from ml.attribution.tags import SOURCES, AttributionError

LANGUAGES = ("zh", "en")
LEVELS = ("high", "medium", "low", "poor")
"""How far an attribution can be trusted, from the best."""
OLD_YEARS = 3.0
"""An inventory older than this is held against an attribution [years]."""
ERRS = 0.5
"""So likely a large error of the inventory must be to be told."""
OF_USE = {
    "pm25": ("stations", "stacks", "composition", "background"),
    "o3": ("stations", "organic"),
    "ox": ("stations", "organic"),
}
"""The feeds whose lack is told."""
BETWEEN = {"zh": "、", "en": ", "}


@cache
def catalogue() -> Mapping:
    """Read the texts of the package."""
    return tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def leading(attribution: Attribution, city: int, t: int) -> tuple[int, int | None]:
    """Give the largest of the nine sectors, and the largest of those whose intervals overlap its own, None where there is
    none, as numbers in SOURCES. A wide third sector may be the first though a narrow second one is not."""
    shares = attribution.shares("sector")[city, :-1, t]
    low, high = (end[city, :-1, t] for end in attribution.interval("sector"))
    first, *others = np.argsort(-shares, kind="stable").tolist()
    return first, next((other for other in others if high[other] >= low[first]), None)


def confidence(grounds: Grounds, *, quantity: str, observed: bool) -> str:
    """Give one of LEVELS: the tier sets the best that can be, and each lack takes a step off."""
    start = {"corrected tags": 0, "raw tags": 1, "light tagger": 2, "inventory shares": 3}[grounds.tier]
    lacks = sum(feed in grounds.missing for feed in OF_USE[quantity]) if grounds.tier == "corrected tags" else 0
    steps = start + (lacks + 1) // 2 + (not observed)
    steps += grounds.members < 2
    age = grounds.inventory_age_years
    steps += (age is not None and age > OLD_YEARS) or (grounds.inventory_errs or 0.0) > ERRS
    return LEVELS[min(steps, len(LEVELS) - 1)]


def reasons(
    grounds: Grounds, lang: str, *, quantity: str, observed: bool, more: Sequence[tuple[str, str]] = ()
) -> list[str]:
    """Give the reasons of a confidence in words: the tier, the inventory's age and the feeds that are missing in any case.

    more: further ones, keys of the texts of reasons with a value.
    """
    texts = {name: part[lang] for name, part in catalogue().items()}
    said = [texts["tier"][grounds.tier]]
    if grounds.tier in ("corrected tags", "raw tags"):
        said.append(texts["reason"]["one" if grounds.members < 2 else "members"].format(count=grounds.members))
    if grounds.tier == "corrected tags":
        missing = [texts["feed"][feed] for feed in OF_USE[quantity] if feed in grounds.missing]
        key = "missing" if missing else "complete"
        said.append(texts["reason"][key].format(feeds=BETWEEN[lang].join(missing)))
    if grounds.inventory_age_years is None:
        said.append(texts["reason"]["unknown_age"])
    else:
        old = "old" if grounds.inventory_age_years > OLD_YEARS else "age"
        said.append(texts["reason"][old].format(years=f"{grounds.inventory_age_years:.1f}"))
    if (grounds.inventory_errs or 0.0) > ERRS:
        said.append(texts["reason"]["errs"])
    said += [texts["reason"][key].format(value=value) for key, value in more]
    if not observed:
        said.append(texts["reason"]["unobserved"])
    if grounds.simulated:
        said.append(texts["reason"]["simulated"])
    return said


def summary(
    attribution: Attribution, lang: str, *, city: str, t: int = 0, level: str = "", more: Sequence[tuple[str, str]] = ()
) -> str:
    """Say in words who made the air of a city in one hour, day or episode of an attribution.

    lang: zh or en. city: its code. t: which of the attribution's times. level: the confidence of LEVELS where more is
    known of it than the attribution knows, with the reasons for that, more (see reasons). Errors: AttributionError for
    another language or city. Missing: where nothing is known it says so and names nobody.
    """
    if lang not in LANGUAGES or city not in attribution.cities:
        raise AttributionError(f"asked for {lang!r} and {city!r}, expected {LANGUAGES} and one of {attribution.cities}")
    c, quantity = attribution.cities.index(city), attribution.quantity
    texts = {name: part[lang] for name, part in catalogue().items()}
    if not np.isfinite(attribution.total[c, t]):
        return texts["sentence"]["nothing"]
    observed = bool(attribution.observed[c, t])
    say = texts["sentence"]
    # Of a total of 0 nobody has a share.
    shared = (
        [_largest(attribution, texts, c, t), _places(attribution, say, c, t)] if attribution.total[c, t] > 0 else []
    )
    parts = [
        say["total"].format(quantity=texts["quantity"][quantity], total=_whole(attribution.total[c, t]),
                            observed=say["seen" if observed else "modelled"]),
        *(shared or [say["nobody"]]), _without(attribution, texts, c, t) if shared else "", say["definition"],
        say["confidence"].format(
            level=texts["level"][level or confidence(attribution.grounds, quantity=quantity, observed=observed)],
            reasons=BETWEEN[lang].join(
                reasons(attribution.grounds, lang, quantity=quantity, observed=observed, more=more)
            ),
        ),
    ]  # fmt: skip
    return ("" if lang == "zh" else " ").join(part for part in parts if part)


def _whole(value: float, *, signed: bool = False) -> str:
    """Write a whole number; what is rounded to 0 has no sign, for nobody knows it."""
    said = f"{value:+.0f}" if signed else f"{value:.0f}"
    return "0" if said in ("-0", "+0") else said


def _largest(attribution: Attribution, texts: Mapping, c: int, t: int) -> str:
    shares, mass = attribution.shares("sector")[c, :, t], attribution.by("sector")[c, :, t]
    low, high = (end[c, :, t] for end in attribution.interval("sector"))
    first, second = leading(attribution, c, t)
    names = texts["sector"]
    if second is None:
        return texts["sentence"]["first"].format(
            name=names[SOURCES[first]], share=_whole(shares[first]), low=_whole(low[first]), high=_whole(high[first]),
            mass=_whole(mass[first]),
        )  # fmt: skip
    return texts["sentence"]["either"].format(
        name=names[SOURCES[first]], other=names[SOURCES[second]], share=_whole(shares[first]), other_share=_whole(shares[second])
    )  # fmt: skip


def _places(attribution: Attribution, say: Mapping, c: int, t: int) -> str:
    own, others, outside = 100.0 * attribution.three_places()[c, :, t] / attribution.total[c, t]
    half = attribution.half_width["place"][c, c, t]
    open_question = abs(own - 50.0) <= half
    return say["place_either" if open_question else "place"].format(
        own=_whole(own), others=_whole(others), outside=_whole(outside)
    )


def _without(attribution: Attribution, texts: Mapping, c: int, t: int) -> str:
    if attribution.removal is None:
        return ""
    first, _ = leading(attribution, c, t)
    value = attribution.removal[c, first, t]
    if not np.isfinite(value):
        return ""
    return texts["sentence"]["removal"].format(name=texts["sector"][SOURCES[first]], mass=_whole(-value, signed=True))


__all__ = ["LANGUAGES", "LEVELS", "catalogue", "confidence", "leading", "reasons", "summary"]
