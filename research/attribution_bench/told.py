"""What a method is given of a world: tags, observations, foreseen weather, the told inventory. Nothing of the truth is here."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.attributing.sent import DARK, averaged, calibrated_micro
from ml.attribution import organic
from ml.attribution.observations import Observations, components_of
from ml.attribution.pseudo import COMPONENTS
from ml.attribution.tags import SOURCES, TagEnsemble
from research.attribution_bench.making import HISTORY_H, WEATHER
from research.attribution_bench.plan import Case
from research.attribution_bench.worlds import Worlds
from research.virtual_airshed.chance import generator
from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.observe import cems, chromatograph, composition
from research.virtual_airshed.observe.sites import BACKGROUND_SITE, RESEARCH_SITES, SUPER_SITES
from standards.days import hour_of_day
from standards.voc.species import SPECIES as COMPOUNDS
from streams.contributors import SECTORS, TAG_QUANTITIES
from streams.records import SPECIES

GROUPS = ("alkanes", "alkenes", "aromatics", "ovoc", "isoprene")
PROFILE_ERROR, PROFILE_SEED = 0.3, 20262
"""The compounds of each source that a platform knows differ from the true ones by this (sd of the log), once for all worlds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What a method is given.

    start: first natural day. tags: the ensemble, of the span. seen: observations of the span. weather: name of making.WEATHER to
    (city, hour), and kg: (city, sector, species, hour) [kg/h] of the told inventory, both from HISTORY_H before the span on.
    """

    start: dt.date
    tags: TagEnsemble
    seen: Observations
    weather: Mapping[str, np.ndarray]
    kg: np.ndarray

    @property
    def emitted(self) -> np.ndarray:
        """Give the told emissions of the span alone (city, sector, species, hour) [kg/h]."""
        return self.kg[..., HISTORY_H:]


def told_of(worlds: Worlds, case: Case) -> Told:
    """Read what is told of a world; the file of its truth is not opened."""
    runs = [worlds.told(unit) for unit in case.twins]
    tags = ensemble_from(runs, tuple(unit.kind for unit in case.twins))
    first = runs[0]
    seen = observations_from(worlds.seen(case.nature), tags, first["kg"][..., HISTORY_H:])
    weather = dict(zip(WEATHER, first["weather"].astype(float), strict=True))
    return Told(start=case.nature.scenario().start, tags=tags, seen=seen, weather=weather, kg=first["kg"].astype(float))


def ensemble_from(runs: Sequence[Mapping[str, np.ndarray]], members: tuple[str, ...]) -> TagEnsemble:
    """Put the tags of some twins together; sectors and places in double precision, both in single."""
    names = tuple(runs[0]["names"].tolist())
    cities = names[: -len(RESEARCH_SITES)]
    city_of = [*range(len(cities)), *(cities.index(s.city) if s in SUPER_SITES else -1 for s in RESEARCH_SITES)]
    return TagEnsemble(
        members=members, cities=cities, receptors=names, city_of=np.array(city_of), quantities=tuple(TAG_QUANTITIES),
        first_hour=int(runs[0]["first_hour"]), sector=np.stack([run["sector"] for run in runs]).astype(float),
        place=np.stack([run["place"] for run in runs]).astype(float), joint=np.stack([run["joint"] for run in runs]),
    )  # fmt: skip


def observations_from(sent: Mapping[str, np.ndarray], tags: TagEnsemble, told_kg: np.ndarray) -> Observations:
    """Turn what the real world sent into observations. told_kg: the told inventory of the span (city, sector, species, hour)."""
    items = city_means(sent["stations"], sent["counts"])
    sites = [site.code for site in RESEARCH_SITES]
    background = sites.index(BACKGROUND_SITE.code)
    analysed = {
        code: components_of(
            dict(zip(composition.COMPONENTS, sent["composition"][:, i], strict=True)), COMPONENTS, items.shape[-1]
        )
        for i, code in enumerate(sites)
    }
    return Observations(
        first_hour=int(sent["first_hour"]), items=items, micro=calibrated_micro(sent["micro"].astype(float), items),
        background={BACKGROUND_SITE.code: sent["sites"][:, background].astype(float)},
        composition=analysed,
        stacks=stack_ratios(sent["cems"].astype(float), sent["cems_cities"].tolist(), tags.cities, told_kg),
        organic=organic_factors(sent["voc"].astype(float), tags), organic_city=SUPER_SITES[0].city,
    )  # fmt: skip


def city_means(stations: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Average (item, station, hour) over the assessment points of each city, bool (city, station): (item, city, hour)."""
    found = np.full((stations.shape[0], len(counts), stations.shape[-1]), np.nan)
    for city, own in enumerate(counts):
        part = stations[:, own].astype(float)
        known = np.isfinite(part)
        count = known.sum(axis=1)
        found[:, city] = np.where(count > 0, np.where(known, part, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
    return found


def stack_ratios(
    measured: np.ndarray, measured_cities: Sequence[str], cities: Sequence[str], told_kg: np.ndarray
) -> dict[tuple[str, str, str], float]:
    """Give measured over told emission of the stacks over the hours that were measured: (city, sector, species) to a ratio."""
    found, sector = {}, SECTORS.index(cems.SECTOR)
    for i, species in enumerate(cems.MEASURED):
        for j, city in enumerate(measured_cities):
            told = told_kg[cities.index(city), sector, SPECIES.index(species)]
            known = np.isfinite(measured[i, j])
            if known.any() and told[known].sum() > 0:
                found[city, cems.SECTOR, species] = float(measured[i, j][known].sum() / told[known].sum())
    return found


def organic_factors(voc_ppb: np.ndarray, tags: TagEnsemble) -> dict[str, tuple[float, float]]:
    """Give the factors on organic emissions that the analysers of the super-sites tell (compound, site, hour), averaged in the
    log over the sites."""
    hour = hour_of_day(tags.first_hour + np.arange(tags.hours))
    dark = (hour >= DARK[0]) & (hour <= DARK[1])
    profiles, masses = known_profiles()
    answers = []
    for i, site in enumerate(SUPER_SITES):
        receptor = tags.receptors.index(site.code)
        told = np.stack([tags.by_sector(group)[:, receptor].mean(axis=0) for group in GROUPS])
        answers.append(
            organic.factors(
                voc_ppb[:, i][:, dark], told[..., dark], profiles, compounds=chromatograph.NAMES, molar_masses=masses
            )
        )
    return averaged(answers)


@functools.cache
def known_profiles() -> tuple[np.ndarray, np.ndarray]:
    """Give the compounds of each source as a platform knows them (source, group, compound), and molar masses (compound,)."""
    names, chance = [each.name_en for each in COMPOUNDS], generator(PROFILE_SEED, "known profiles")
    parts = [["m-xylene", "p-xylene"] if name not in names else [name] for name in chromatograph.NAMES]
    pick = np.array([[name in own for name in names] for own in parts], float)
    masses = np.array([COMPOUNDS[names.index(own[0])].molar_mass for own in parts])
    found = np.zeros((len(SOURCES), len(GROUPS), len(parts)))
    for i, source in enumerate((*SECTORS, "inflow")):
        error = np.exp(PROFILE_ERROR * chance.standard_normal(len(names)))
        if source in voc_profiles.SECTORS:
            found[i] = (voc_profiles.species_in_groups(source) * error) @ pick.T
    return found, masses
