"""What observations say beside what the tags said they would: one vector of log ratios over a span of days.

Only what was observed makes a number, and pseudo-worlds are asked for the same numbers in the same order. So a feed
that is missing is missing in training too, and the correction knows how much less it knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.attribution.background import Background
from ml.attribution.observations import Observations
from ml.attribution.ozone import afternoon
from ml.attribution.pseudo import COMPONENTS, FAMILIES, World
from ml.attribution.tags import TagEnsemble
from standards.days import HOURS_PER_DAY
from standards.pollutants import ITEMS
from streams.contributors import SECTORS

SEEN = ("so2", "no2", "co", "coarse", "pm25", "o3")
"""What is compared of the six items: coarse for PM10, ozone of the afternoons."""
LEAST_DAYS = 5
"""So many days a ratio needs before it counts."""
LEAST_HOURS = 18
"""So many hours a daily mean needs."""
MOST = 20.0
"""A ratio beyond this, or below its inverse, counts as this."""
STACK_ERROR = 0.06
"""Standard deviation of the log of what stacks measure of a sector of a city."""
FAMILY_OF_SPECIES = {
    "so2": "so2", "nox": "nox", "co": "co", "nh3": "nh3", "voc": "voc", "pm25": "pm25", "pm10": "pm25"
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Misfit:
    """Log ratios of a span. names: (feed, receptor, what) of each. values: (name,). places: how each is read off a
    pseudo-world, (kind, index, index, error)."""

    names: tuple[tuple[str, str, str], ...]
    values: np.ndarray
    places: tuple[tuple[str, int, tuple[int, ...], float], ...]


def misfit_of(seen: Observations, tags: TagEnsemble, background: Background, base: World) -> Misfit:
    """Compare the observations of some whole days with the middle of the tags of the same days.

    Missing: a ratio that has fewer than LEAST_DAYS days is left out.
    """
    found = _items(seen, tags, background, base) + _components(seen, tags, base)
    found += _stacks(seen, tags) + _organic(seen, tags)
    known = [each for each in found if np.isfinite(each[1])]
    return Misfit(tuple(e[0] for e in known), np.array([e[1] for e in known]), tuple(e[2] for e in known))


def item_days(items: np.ndarray) -> np.ndarray:
    """Give daily values of SEEN (SEEN, ..., day) of hourly items (item, ..., hour): NaN for a day of fewer than
    LEAST_HOURS hours."""
    days = items.shape[-1] // HOURS_PER_DAY
    by_day = items[..., : days * HOURS_PER_DAY].reshape(*items.shape[:-1], days, HOURS_PER_DAY)
    enough = np.isfinite(by_day).sum(axis=-1) >= LEAST_HOURS
    mean = np.where(enough, np.nansum(by_day, axis=-1) / np.maximum(np.isfinite(by_day).sum(axis=-1), 1), np.nan)
    at = ITEMS.index
    coarse = np.maximum(mean[at("pm10")] - mean[at("pm25")], 1.0)
    o3 = afternoon(items[at("o3")])
    return np.stack([mean[at("so2")], mean[at("no2")], mean[at("co")], coarse, mean[at("pm25")], o3])


def day_misfits(seen: Observations, background: Background, base: World) -> np.ndarray:
    """Give the log ratios of the cities day by day (SEEN, city, day), NaN where not observed.

    Micro-stations speak where no assessment point does; they make no total.
    """
    values = item_days(items_spoken(seen))
    return _log(values, told_items(background, base)[:, : values.shape[1]])


def items_spoken(seen: Observations) -> np.ndarray:
    """Give what is compared with the tags (item, city, hour): assessment points, micro-stations where there is none."""
    return seen.items if seen.micro is None else np.where(np.isfinite(seen.items), seen.items, seen.micro)


def told_items(background: Background, base: World) -> np.ndarray:
    """Give what the tags say of SEEN (SEEN, receptor, day); NO2 as the models have it."""
    told = base.items.copy()
    told[SEEN.index("no2")] = background.no2
    return told


def of_world(misfit: Misfit, world: World, base: World, rng: np.random.Generator) -> np.ndarray:
    """Give the same log ratios of a pseudo-world (name,)."""
    items = _ratio(world.items, base.items).mean(axis=-1)
    components = _ratio(world.components.mean(axis=-1), base.components.mean(axis=-1))
    tables = {"item": items, "component": components, "emission": world.emissions}
    values = np.array([tables[kind][(i, *rest)] for kind, i, rest, _ in misfit.places])
    errors = np.array([error for *_, error in misfit.places])
    return values + errors * rng.standard_normal(len(values))


def _ratio(world: np.ndarray, base: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.clip(np.where(base > 0, world / base, 1.0), 1.0 / MOST, MOST))


def _log(seen: np.ndarray, told: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((seen > 0) & (told > 0), np.log(np.clip(seen / told, 1.0 / MOST, MOST)), np.nan)


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) >= LEAST_DAYS else np.nan


def _items(seen: Observations, tags: TagEnsemble, background: Background, base: World) -> list:
    told, found = told_items(background, base), []
    by_city = day_misfits(seen, background, base)
    for i, what in enumerate(SEEN):
        for c, city in enumerate(tags.cities):
            found.append((("stations", city, what), _mean(by_city[i, c]), ("item", i, (c,), 0.0)))
    for site, hourly in seen.background.items():
        if site in tags.receptors:
            r = tags.receptors.index(site)
            ratios = _log(item_days(hourly), told[:, r])
            found += [(("background", site, w), _mean(ratios[i]), ("item", i, (r,), 0.0)) for i, w in enumerate(SEEN)]
    return found


def _components(seen: Observations, tags: TagEnsemble, base: World) -> list:
    found = []
    for place, by_component in seen.composition.items():
        if place not in tags.receptors:
            continue
        r = tags.receptors.index(place)
        for i, what in enumerate(COMPONENTS):
            values, told = _days(by_component[i]), base.components[i, r]
            both = np.isfinite(values) & np.isfinite(told)
            ratio = _log(values[both].mean(), told[both].mean()) if both.sum() >= LEAST_DAYS else np.nan
            found.append((("composition", place, what), float(ratio), ("component", i, (r,), 0.0)))
    return found


def _days(hourly: np.ndarray) -> np.ndarray:
    days = hourly.shape[-1] // HOURS_PER_DAY
    by_day = hourly[: days * HOURS_PER_DAY].reshape(days, HOURS_PER_DAY)
    known = np.isfinite(by_day)
    return np.where(known.any(axis=-1), np.nansum(by_day, axis=-1) / np.maximum(known.sum(axis=-1), 1), np.nan)


def _stacks(seen: Observations, tags: TagEnsemble) -> list:
    found = []
    for (city, sector, species), ratio in seen.stacks.items():
        if city in tags.cities and sector in SECTORS and species in FAMILY_OF_SPECIES and ratio > 0:
            place = SECTORS.index(sector), FAMILIES.index(FAMILY_OF_SPECIES[species])
            found.append((("stacks", city, f"{sector} {species}"), float(np.log(ratio)),
                          ("emission", tags.cities.index(city), place, STACK_ERROR)))  # fmt: skip
    return found


def _organic(seen: Observations, tags: TagEnsemble) -> list:
    if seen.organic_city not in tags.cities:
        return []
    c, family, found = tags.cities.index(seen.organic_city), FAMILIES.index("voc"), []
    for sector, (factor, deviation) in seen.organic.items():
        if sector in SECTORS and factor > 0:
            place = ("emission", c, (SECTORS.index(sector), family), deviation)
            found.append((("organic", seen.organic_city, sector), float(np.log(factor)), place))
    return found


def feeds_of(misfit: Misfit) -> Sequence[str]:
    """Name the feeds of which at least one ratio counts."""
    return tuple(dict.fromkeys(feed for feed, *_ in misfit.names))


__all__ = ["Misfit", "day_misfits", "feeds_of", "items_spoken", "misfit_of", "of_world", "told_items"]
