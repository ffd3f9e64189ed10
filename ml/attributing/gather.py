"""What the store knows of some hours, as an attribution takes it: tags of the newest runs, observations, episodes.

Of each hour the newest run that tells of it counts. A run tells of hours after its start alone, so nothing that was
made later than an hour is seen in it; a row that a revision replaced is seen as it stands.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import sqlalchemy as sa

from ml.attributing import instruments
from ml.attributing.instruments import between
from ml.attributing.sent import Sent
from ml.attribution.background import NEEDED
from ml.attribution.observations import Observations
from ml.attribution.ozone import ORGANIC
from ml.attribution.tags import SOURCES, AttributionError, TagEnsemble, ensemble_of
from ml.scenario.members import common_pairs, together, told_of, with_values
from ml.scenario.stored import closed
from streams.contributors import ALL, OUTSIDE, SECTORS
from streams.store.lines import EPOCH
from streams.store.schema import air_city_hour, composition_station_hour, tag_axes, tag_hour, voc_station_hour
from streams.store.tags import Tags, models_of, read_tags

QUANTITIES = (*NEEDED, "ox", *ORGANIC)
"""The quantities of tags that are used."""
REMOVED = ("pm25", "o3", "ox")
"""Quantities of which removal is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """What is known of the hours [first, first + hours). tags: None where no model tells of them. runs: (member, hour),
    epoch hour of the start of each run, -1 for none. simulated: (city, hour), of the tags and of the observations.
    faults: by city what could not be read of it, in words. sent: of stacks and of analysers of compounds, where sites were
    asked for; it becomes a part of the observations with the span that is learned from (ml.attributing.sent)."""

    cities: tuple[str, ...]
    first: int
    seen: Observations
    simulated: np.ndarray
    tags: TagEnsemble | None = None
    runs: np.ndarray | None = None
    sent: Sent | None = None
    faults: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    """The models whose tags were left out, and what they lack, in words."""

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return self.seen.hours


def gather(
    engine: sa.Engine, cities: Sequence[str], first: int, end: int, *, sites: Mapping[str, str] | None = None,
    quantities: tuple[str, ...] = QUANTITIES,
) -> Gathered:  # fmt: skip
    """Gather what is known of the epoch hours [first, end).

    cities: codes of the region's cities. sites: stations to the city of each, "" for a site of the background; None where
    only the cities are wanted. They count where they have tags, those of a city for their composition and compounds.
    quantities: of tags that are wanted. Missing: NaN; a city of which something cannot be read is NaN throughout and named
    in faults.
    """
    cities, faults = tuple(cities), {}
    items, made_up = instruments.city_items(engine, cities, first, end)
    left: dict[str, str] = {}
    tags, runs, told_up = _tags(engine, cities, first, end, sites or {}, faults, left, quantities)
    more, sent = {}, None
    if sites is not None and tags is not None:
        there = tags.receptors[len(cities) :]
        far = [site for site in there if not sites[site]]
        read = instruments.station_items(engine, far, first, end).astype(float)
        more = {
            "background": {site: read[:, i] for i, site in enumerate(far)},
            "composition": instruments.composition(engine, there, first, end),
        }
        near = [site for site in there if sites[site]]
        sent = Sent(
            first, end - first, instruments.stacks(engine, cities, first, end),
            instruments.compounds(engine, near, first, end),
        )  # fmt: skip
    # A site of which something cannot be read has no tags; that takes nothing from its city.
    faults = {place: why for place, why in faults.items() if place in cities}
    for city in faults:
        items[:, cities.index(city)] = np.nan
    seen = Observations(first_hour=first, items=items, **more)
    return Gathered(cities, first, seen, made_up | told_up, tags, runs, sent, faults, left)


def newest_hour(engine: sa.Engine, cities: Sequence[str]) -> int | None:
    """Give the newest epoch hour that is observed in any city."""
    c = air_city_hour.c
    with engine.connect() as connection:
        found = [connection.scalar(sa.select(sa.func.max(c.hour_end)).where(c.city == city)) for city in cities]
    return max(((each - EPOCH) // instruments.HOUR for each in found if each is not None), default=None)


def _tags(
    engine: sa.Engine, cities: tuple[str, ...], first: int, end: int, sites: Mapping[str, str], faults: dict[str, str],
    left: dict[str, str], wanted: tuple[str, ...],
) -> tuple[TagEnsemble | None, np.ndarray | None, np.ndarray]:  # fmt: skip
    made_up = np.zeros((len(cities), end - first), bool)
    with engine.connect() as connection:
        models = sorted({model for city in cities for model in models_of(connection, city, first, end)})
        there = [site for site in sites if models and _useful(connection, site, sites[site], first, end)]
        removal = (
            models
            and wanted == QUANTITIES
            and connection.scalar(sa.select(tag_axes.c.axes).where(tag_axes.c.definition == "removal").limit(1))
        )
    places = (*cities, *there)
    members, removals, runs = [], [], []
    for model in models:
        read = partial(read_tags, engine, first=first, end=end, model=model)
        told, taken, of = {}, {}, np.full(end - first, -1)
        for place in places:
            tags = _guarded(partial(read, place=place, quantities=wanted), place, faults)
            if tags is None or not tags.quantities:
                continue
            told[place] = tags
            of = np.maximum(of, tags.run_init)
            if place in cities:
                made_up[cities.index(place)] |= tags.simulated
            if place in cities and removal:
                of_removal = partial(read, place=place, definition="removal", quantities=REMOVED)
                removed = _guarded(of_removal, place, faults)
                if removed is not None and removed.quantities:
                    taken[place] = removed
        if any(city in told for city in cities):
            members.append((model, told))
            removals.append(taken)
            runs.append(of)
    if not members:
        return None, None, made_up
    kept, missed = _going_together(members, cities)
    left.update(missed)
    members, removals, runs = ([each[i] for i in kept] for each in (members, removals, runs))
    if not members:
        return None, None, made_up
    # A place that a model does not tell would make the whole ensemble unknown there.
    receptors = (*cities, *(p for p in there if all(p in told for _, told in members)))
    city_of = [cities.index(at) if (at := sites.get(p, p)) in cities else -1 for p in receptors]
    made = _ensemble(members, removals, cities, receptors, city_of, first, end, faults)
    return made, None if made is None else np.stack(runs), made_up


def _going_together(
    members: Sequence[tuple[str, Mapping[str, Tags]]], cities: tuple[str, ...]
) -> tuple[list[int], dict[str, str]]:
    """Give which members make an ensemble, and the models that do not with what they lack; by what they tell of cities."""
    of_cities = {model: [tags for place, tags in told.items() if place in cities] for model, told in members}
    pairs = {model: {pair for tags in told for pair in tags.contributors} for model, told in of_cities.items()}
    quantities = {model: {q for tags in told for q in tags.quantities} for model, told in of_cities.items()}
    chosen, left = together(pairs, quantities, cities)
    return [i for i, (model, _) in enumerate(members) if model in chosen], left


def _guarded(read: Callable[[], Tags], place: str, faults: dict[str, str]) -> Tags | None:
    """Read the tags of a place; what is wrong with them costs this place alone."""
    try:
        return with_values(read())
    except (ValueError, KeyError, OSError, EOFError, zlib.error) as error:
        faults[place] = f"tags cannot be read: {error}"
        return None


def _ensemble(
    members: list[tuple[str, dict[str, Tags]]], removals: list[dict[str, Tags]], cities: tuple[str, ...],
    receptors: tuple[str, ...], city_of: list[int], first: int, end: int, faults: dict[str, str],
) -> TagEnsemble | None:  # fmt: skip
    """Lay the tags of all members out alike: the quantities and contributors that each of them tells of some city. What a
    place lacks of them is NaN there. A city whose sums do not agree is NaN and named in faults; None where none is left."""
    of_cities = [[tags for place, tags in told.items() if place in cities] for _, told in members]
    told = [{q for tags in each for q in tags.quantities} for each in of_cities]
    quantities = [q for q in QUANTITIES if all(q in each for each in told)]
    wanted = common_pairs([{pair for tags in each for pair in tags.contributors} for each in of_cities], cities)
    untold = _untold([tags for each in of_cities for tags in each], cities)
    wanted = [*wanted, *untold]
    apart = [city for city in cities if (ALL, city) not in untold]
    values = np.full((len(members), len(quantities), len(wanted), len(receptors), end - first), np.nan, np.float32)
    known = wanted[: len(wanted) - len(untold)]
    for m, (_, by_place) in enumerate(members):
        for r, place in enumerate(receptors):
            if (tags := by_place.get(place)) is not None:
                some = told_of(tags, quantities, known, apart)
                values[m, :, : len(known), r] = some
                values[m, :, len(known) :, r] = np.where(np.isfinite(some).any(axis=1, keepdims=True), 0.0, np.nan)
    removal = _removal(removals, cities, receptors, end - first)

    def made(values: np.ndarray) -> TagEnsemble:
        return ensemble_of(
            values, members=[model for model, _ in members], quantities=quantities, contributors=wanted,
            receptors=receptors, cities=cities, city_of=city_of, first_hour=first, removal=removal,
        )  # fmt: skip

    try:
        return made(values)
    except AttributionError:
        values = closed(values, wanted, cities, quantities)
    for r, place in enumerate(receptors):
        alone = np.full_like(values, np.nan)
        alone[..., r, :] = values[..., r, :]
        try:
            made(alone)
        except AttributionError as error:
            values[..., r, :] = np.nan
            if place in cities:
                faults[place] = str(error)
    return made(values) if np.isfinite(values[..., : len(cities), :]).any() else None


def _untold(told: list[Tags], cities: tuple[str, ...]) -> list[tuple[str, str]]:
    """Give the contributors of cities that no model tells apart: what they send counts as from outside."""
    named = {place for tags in told for _, place in tags.contributors}
    crossed = all(any(s in SECTORS and p in cities for s, p in tags.contributors) for tags in told)
    silent = [city for city in cities if city not in named] if named & {*cities} else []
    return [(sector, city) for city in silent for sector in (*(SECTORS if crossed else ()), ALL)]


def _removal(
    removals: list[dict[str, Tags]], cities: tuple[str, ...], receptors: tuple[str, ...], hours: int
) -> dict[str, np.ndarray] | None:
    found = {}
    for quantity in REMOVED:
        if not all(quantity in t.quantities for taken in removals for t in taken.values()) or not any(removals):
            continue
        values = np.full((len(removals), len(receptors), len(SOURCES), hours), np.nan)
        for m, taken in enumerate(removals):
            for place, tags in taken.items():
                for s, source in enumerate(SOURCES):
                    pair = (ALL, OUTSIDE) if source == OUTSIDE else (source, ALL)
                    if pair in tags.contributors:
                        values[m, receptors.index(place), s] = tags.values[
                            tags.quantities.index(quantity), tags.contributors.index(pair)
                        ]
        found[quantity] = values
    return found or None


def _useful(connection: sa.Connection, site: str, city: str, first: int, end: int) -> bool:
    """Tell whether a site has tags, and where it stands in a city composition or compounds too."""

    def has(table: sa.Table, column: str) -> bool:
        query = sa.select(sa.literal(1)).where(table.c[column] == site, *between(table.c.hour_end, first, end))
        return connection.execute(query.limit(1)).first() is not None

    analysed = (composition_station_hour, voc_station_hour)
    return has(tag_hour, "place") and (not city or any(has(table, "station") for table in analysed))
