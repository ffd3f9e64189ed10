"""The tags of a store as an ensemble: all models that tell of some hours, at the cities, with what their zero-outs
told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from ml.attribution.tags import AGREES, LEAST, TagEnsemble, ensemble_of
from ml.scenario.cuts import CutError
from ml.scenario.members import common_pairs, together, told_of, with_values
from streams.contributors import ALL, OUTSIDE, SECTORS, TAG_QUANTITIES
from streams.store.tags import Tags, models_of, read_tags

APART = {"ug m-3": 0.05, "mg m-3": 5e-5}
"""How far the sums of a tag file may be apart at least, by unit (docs/layouts/tags.md)."""
REMOVED = ("o3", "ox")
"""Quantities whose removal is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredTags:
    """Tags of a store. tags: the ensemble. by_place: what would be less without a city, by quantity (member,
    receptor, city, hour).

    newest_run: epoch hour of the newest run that is used. simulated: whether any of it is.
    """

    tags: TagEnsemble
    by_place: Mapping[str, np.ndarray]
    newest_run: int
    simulated: bool


def stored_tags(engine: sa.Engine, cities: Sequence[str], first: int, end: int, *, at: int | None = None) -> StoredTags:
    """Read the tags of all models at the cities for the epoch hours [first, end), as they were known at an hour.

    A model whose contributors make no whole, or that lacks what the others answer by, is left out; a city of which a model
    says nothing is NaN. Errors: CutError where no model tells of these hours."""
    cities = tuple(cities)
    with engine.connect() as connection:
        models = sorted({model for city in cities for model in models_of(connection, city, first, end)})
    read = {model: _of_model(engine, model, cities, first, end, at, "allocation") for model in models}
    read = {model: tags for model, tags in read.items() if any(each.quantities for each in tags)}
    if not read:
        raise CutError(
            f"the store has no tags of the hours {first} to {end - 1}, expected tag files in the inbox (docs/layouts/tags.md)"
        )
    told = {model: {q for each in tags for q in each.quantities} for model, tags in read.items()}
    named = {model: {pair for each in tags for pair in each.contributors} for model, tags in read.items()}
    chosen, left = together(named, told, cities)
    if not chosen:
        lacks = "; ".join(f"{model}: {why}" for model, why in left.items())
        raise CutError(f"the tags of the store do not make a whole ({lacks}), expected sectors, cities and outside")
    read = {model: read[model] for model in chosen}
    quantities = tuple(q for q in TAG_QUANTITIES if all(q in told[model] for model in chosen))
    pairs = common_pairs([named[model] for model in chosen], cities)
    stacked = [np.stack([told_of(each, quantities, pairs, cities) for each in tags], axis=2) for tags in read.values()]
    values = closed(np.stack(stacked).astype(float), pairs, cities, quantities)
    gone = {model: _of_model(engine, model, cities, first, end, at, "removal") for model in read}
    removal, by_place = _removal(gone, cities)
    ensemble = ensemble_of(
        values, members=tuple(read), quantities=quantities, contributors=pairs, receptors=cities, cities=cities, first_hour=first,
        removal=removal or None,
    )  # fmt: skip
    every = [each for tags in read.values() for each in tags]
    return StoredTags(tags=ensemble, by_place=by_place, newest_run=max(int(each.run_init.max()) for each in every),
                      simulated=any(bool(each.simulated.any()) for each in every))  # fmt: skip


def _of_model(
    engine: sa.Engine, model: str, cities: Sequence[str], first: int, end: int, at: int | None, definition: str
) -> list[Tags]:
    wanted = REMOVED if definition == "removal" else None
    return [
        with_values(read_tags(engine, city, first, end, model=model, at=at, definition=definition, quantities=wanted))
        for city in cities
    ]


def _stacked(tags: Sequence[Tags], quantities: Sequence[str], pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Put the cities' tags side by side: (quantity, contributor, receptor, hour)."""
    made = np.full((len(quantities), len(pairs), len(tags), tags[0].hours.size), np.nan)
    for place, each in enumerate(tags):
        q = [(i, each.quantities.index(name)) for i, name in enumerate(quantities) if name in each.quantities]
        c = [(i, each.contributors.index(pair)) for i, pair in enumerate(pairs) if pair in each.contributors]
        if q and c:
            (to_q, of_q), (to_c, of_c) = (np.array(list(zip(*each_, strict=True))) for each_ in (q, c))
            made[to_q[:, None], to_c, place] = each.values[of_q[:, None], of_c]
    return made


def closed(
    values: np.ndarray, pairs: Sequence[tuple[str, str]], cities: Sequence[str], quantities: Sequence[str] = ()
) -> np.ndarray:
    """Let the sums over cities, and over sector x city, equal those over sectors (member, quantity, pair, receptor, hour).

    Contributions of both signs, as those to nitric acid, may cancel to next to nothing, of which the rounding of what is
    stored is much. What is apart by less than AGREES of all that is added, regardless of sign, is put on the others by
    their size; what is further apart stays, and is refused by ensemble_of. quantities: with their names, also what is within the
    least that a tag file may be apart (docs/layouts/tags.md). Missing: NaN stays.
    """
    at = {pair: i for i, pair in enumerate(pairs)}
    sides = {
        "sector": [at.get((sector, ALL)) for sector in SECTORS],
        "city": [at.get((ALL, city)) for city in cities],
        "cross": [at.get((sector, city)) for sector in SECTORS for city in cities],
    }
    if None in sides["sector"]:
        return values
    out = values.copy()
    least = np.array([APART[TAG_QUANTITIES[name]] for name in quantities] or [0.0])[:, None, None, None]
    whole = values[:, :, sides["sector"]].sum(axis=2, keepdims=True)
    for name in ("city", "cross"):
        if None in sides[name]:
            continue
        part = values[:, :, sides[name]]
        size = np.abs(part)
        added = size.sum(axis=2, keepdims=True)
        gap = whole - part.sum(axis=2, keepdims=True)
        small = np.abs(gap) <= np.maximum(AGREES * added, 1.02 * least)  # stored as half precision
        share = np.where(added > LEAST, size / np.maximum(added, LEAST), 1.0 / len(sides[name]))
        out[:, :, sides[name]] = part + np.where(small, gap, 0.0) * share
    return out


def _removal(
    gone: Mapping[str, Sequence[Tags]], cities: Sequence[str]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Give what all members tell by sector and outside, and by city; a quantity that one of them lacks is left out."""
    sides = {True: [*((s, ALL) for s in SECTORS), (ALL, OUTSIDE)], False: [(ALL, city) for city in cities]}
    found: dict[bool, dict[str, np.ndarray]] = {True: {}, False: {}}
    for side, pairs in sides.items():
        for quantity in REMOVED:
            if all(_tells(tags, quantity, pairs) for tags in gone.values()):
                each = [_stacked(tags, (quantity,), pairs)[0] for tags in gone.values()]
                found[side][quantity] = np.stack([np.moveaxis(v, 0, 1) for v in each])
    return found[True], found[False]


def _tells(tags: Sequence[Tags], quantity: str, pairs: Sequence[tuple[str, str]]) -> bool:
    # Of air from outside there may be no zero-out; it is not asked for in an answer to cuts.
    wanted = {pair for pair in pairs if pair != (ALL, OUTSIDE)}
    return any(quantity in each.quantities and wanted <= set(each.contributors) for each in tags)


__all__ = ["StoredTags", "stored_tags"]
