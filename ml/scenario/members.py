"""Which models' tags go together as one ensemble: a model that tells less than the others is left out of it, by name, and
takes nothing from them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from streams.contributors import ALL, OUTSIDE, SECTORS
from streams.store.tags import Tags

ANSWERED = ("pm25", "o3", "ox")
"""The quantities of which answers are given."""
Pair = tuple[str, str]


def lacking(pairs: Collection[Pair], cities: Sequence[str]) -> str:
    """Say which contributors are missing for a whole by sectors and by cities, nothing where none is.

    pairs: what a model tells. cities: those that some model tells apart. Sector x city stands for both.
    """
    told = set(pairs)
    if (ALL, OUTSIDE) not in told:
        return f"no {ALL}/{OUTSIDE}"
    if cities and all((sector, city) in told for sector in SECTORS for city in cities):
        return ""
    missing = [f"{sector}/{place}" for sector, place in sides_of(cities) if (sector, place) not in told]
    if not cities:
        missing.append(f"{ALL}/a city")
    return f"no {', '.join(missing[:5])}{' and others' if len(missing) > 5 else ''}" if missing else ""


def together(
    pairs: Mapping[str, Collection[Pair]], quantities: Mapping[str, Collection[str]], cities: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Choose the models that make an ensemble: those that are complete and by whose common quantities most is answered,
    then the most models. Give them, and the others with what they lack, in words.

    pairs, quantities: what each model tells, by its name.
    """
    named = {place for told in pairs.values() for _, place in told}
    apart = [city for city in cities if city in named]
    left = {model: why for model, told in pairs.items() if (why := lacking(told, apart))}
    whole = [model for model in pairs if model not in left]
    best: tuple[tuple[int, int, int], list[str]] = ((-1, 0, 0), [])
    for model in whole:
        least = set(quantities[model])
        for common in (least, least.intersection(*(quantities[other] for other in whole))):
            some = [other for other in whole if common <= set(quantities[other])]
            worth = (sum(quantity in common for quantity in ANSWERED), len(some), len(common))
            best = max(best, (worth, some), key=lambda each: each[0])
    chosen = best[1]
    told = set.intersection(*(set(quantities[model]) for model in chosen)) if chosen else set()
    for model in whole:
        if model not in chosen:
            left[model] = f"no {', '.join(sorted(told - set(quantities[model])))}"
    return chosen, left


def common_pairs(told: Sequence[set[Pair]], cities: Sequence[str]) -> list[Pair]:
    """Name the contributors that all models tell, or that are sums of what they tell, where some tell only these."""
    common = set.intersection(*told)
    named = {place for each in told for _, place in each}
    apart = [city for city in cities if city in named]
    cross = [(sector, city) for sector in SECTORS for city in cities]
    if {(sector, city) for sector in SECTORS for city in apart} <= common:
        sides = [pair for pair in sides_of(cities) if pair in common]
    else:
        # Some tell sector x city and some its sums: the sums are what all have.
        sides, cross = sides_of(apart), []
    return [*sides, *(pair for pair in cross if pair in common), (ALL, OUTSIDE)]


def sides_of(cities: Sequence[str]) -> list[Pair]:
    """Name the sectors and the cities as contributors."""
    return [*((sector, ALL) for sector in SECTORS), *((ALL, city) for city in cities)]


def with_values(tags: Tags) -> Tags:
    """Give tags without the quantities and the contributors of which they have no value: to be named is not to be told."""
    there = np.isfinite(tags.values).any(axis=2)
    q, c = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if len(q) == len(tags.quantities) and len(c) == len(tags.contributors):
        return tags
    return replace(
        tags, quantities=tuple(tags.quantities[i] for i in q), contributors=tuple(tags.contributors[i] for i in c),
        values=tags.values[np.ix_(q, c)],
    )  # fmt: skip


def told_of(tags: Tags, quantities: Sequence[str], pairs: Sequence[Pair], cities: Sequence[str]) -> np.ndarray:
    """Give what tags tell of quantities and contributors (quantity, contributor, hour). A sector or a city of which they
    tell sector x city alone is the sum, over all of `cities`; what they do not tell is NaN."""
    found = np.full((len(quantities), len(pairs), tags.values.shape[-1]), np.nan, np.float32)
    at = {pair: i for i, pair in enumerate(tags.contributors)}
    rows = [(i, tags.quantities.index(q)) for i, q in enumerate(quantities) if q in tags.quantities]
    for c, (sector, place) in enumerate(pairs):
        parts = [(sector, place)]
        if (sector, place) not in at and ALL in (sector, place):
            parts = [(sector, city) for city in cities] if place == ALL else [(each, place) for each in SECTORS]
        if all(part in at for part in parts):
            columns = [at[part] for part in parts]
            for to, of in rows:
                found[to, c] = tags.values[of, columns].sum(axis=0)
    return found


__all__ = ["common_pairs", "lacking", "sides_of", "together", "told_of"]
