"""Pseudo-worlds: what the air could be like, if the tags are wrong in the ways in which they may be.

Each is the middle of the ensemble, moved by what its members have wrong (random mixtures of their deviations), by
further errors of dilution, life times and inflow, and by errors of the emissions of each city, sector and species. Of
each the true contributions are known, and what instruments would have seen of it. A correction is learned from the
two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ml.attribution.background import LINEAR, PARTS, Background
from ml.attribution.ozone import moved_ozone
from ml.attribution.salt import AMMONIUM_G, NITRATE_G, SULPHATE_G, product_of, shared_salt
from ml.attribution.tags import LEAST
from streams.contributors import SECTORS

FAMILIES = ("so2", "nox", "nh3", "co", "pm25", "voc")
"""Emitted species whose errors are their own."""
FAMILY_OF = {
    "so2": "so2", "sulphate": "so2", "nox": "nox", "nitrate": "nox", "ammonia": "nh3", "co": "co", "coarse": "pm25",
    "pm25_primary": "pm25", "soa": "voc",
}  # fmt: skip


MARKERS = ("ec", "oc", "crustal", "k", "levoglucosan", "chloride", "zn", "pb", "as")
"""The components of profiles.csv."""
COMPONENTS = ("sulphate", "nitrate", "ammonium", *MARKERS)
"""What of a particle's composition is compared."""
ORGANIC_MASS = 1.8
"""Secondary organic mass to a gram of its carbon (Turpin and Lim 2001, Aerosol Sci. Technol. 35:602: 1.6 to 2.1;
recalled)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """How wrong tags may be: standard deviations of logarithms.

    activity, common, species: of emissions by city and sector, by sector in all cities alike, by sector and species
    (Jing-Jin-Ji totals: SO2 17 %, NOx 16, PM2.5 24, NH3 51, VOC 46 at 95 %; a line of one city is worse than a
    total). life: of the life time of each species, in the order of LINEAR. dilution: of a city, of all cities, of a
    city's day. inflow: of all that comes in, by species, by receptor, by day. far: of what one city carries to
    another. site: of a city's mean of an item (siting and instruments). far_site: how much less a background site's
    air is that of the cities, for all items and for each. markers: of a source's share of a component. ratio: of NO2
    over NOx. response: of how ozone answers to emissions.
    """

    activity: float = 0.30
    common: float = 0.15
    species: float = 0.25
    life: tuple[float, ...] = (0.15, 0.20, 0.05, 0.15, 0.08, 0.20, 0.20, 0.20, 0.25)
    dilution: tuple[float, float, float] = (0.08, 0.08, 0.12)
    inflow: tuple[float, float, float, float] = (0.20, 0.10, 0.10, 0.12)
    far: float = 0.20
    site: tuple[float, ...] = (0.08, 0.08, 0.06, 0.08, 0.06, 0.03)
    far_site: tuple[float, float] = (0.30, 0.15)
    response: float = 0.15
    markers: float = 0.35
    ratio: float = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A pseudo-world. linear: (species, receptor, source, day) as in Background. parts: (part, receptor, source, day)
    [ug/m3]. places: (receptor, cities, day), PM2.5 of the cities. items: (so2 no2 co coarse pm25 o3; receptor, day)
    as seen, o3 of afternoons. components: (component, receptor, day). ozone: (receptor, source, day), of afternoons
    [ug/m3], ozone_places (receptor, city, day). emissions: log factors (city, sector, family)."""

    linear: np.ndarray
    parts: np.ndarray
    places: np.ndarray
    items: np.ndarray
    components: np.ndarray
    ozone: np.ndarray
    ozone_places: np.ndarray
    emissions: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What all pseudo-worlds of a background share: base is the world without any error, product the salt's
    (receptor, day), profiles (source, component)."""

    background: Background
    product: np.ndarray
    profiles: np.ndarray
    base: World | None = None


def stage_of(background: Background, profiles: np.ndarray) -> Stage:
    """Set the stage. profiles: share of primary PM2.5 (source, component)."""
    b = background
    product = salt_product(b.linear, b.held)
    stage = Stage(b, product, profiles)
    zero = np.zeros((b.places.shape[2], len(SECTORS), len(FAMILIES)))
    ozone = b.ozone.by_source, b.ozone.by_place
    base = _world(stage, b.linear, b.places, np.ones_like(b.no2), profiles, zero, ozone)
    return Stage(b, product, profiles, base)


def draw(stage: Stage, rng: np.random.Generator, sizes: tuple[float, ...], prior: Prior) -> list[World]:
    """Draw one pseudo-world for each size of the emissions' error (1 for the prior's, 0 for none), alike in all
    else."""
    b = stage.background
    physics, far, no2, mix = _physics(b, rng, prior)
    emissions = _emissions(b.places.shape[2], rng, prior)
    profiles = stage.profiles * np.exp(prior.markers * rng.standard_normal(stage.profiles.shape))
    seen = _seen(b, rng, prior)
    analysed = np.exp(0.08 * rng.standard_normal((len(COMPONENTS), b.linear.shape[1], 1)))
    answer = rng.standard_normal(4)
    worlds = []
    for size in sizes:
        linear, places = _moved(b, size * emissions, physics, far)
        ozone = moved_ozone(b.ozone, b.cross, size * emissions, mix, answer * prior.response)
        world = _world(stage, linear, places, no2, profiles, size * emissions, ozone)
        worlds.append(replace(world, items=world.items * seen, components=world.components * analysed))
    return worlds


def _seen(b: Background, rng: np.random.Generator, prior: Prior) -> np.ndarray:
    """Draw by which factor instruments and sites miss the air of a receptor (item, receptor, day)."""
    items, receptors = len(prior.site), b.linear.shape[1]
    log = np.array(prior.site)[:, None, None] * rng.standard_normal((items, receptors, 1))
    log = log + 0.03 * rng.standard_normal((items, receptors, b.days))
    alike, single = prior.far_site
    apart = alike * rng.standard_normal((1, receptors, 1)) + single * rng.standard_normal((items, receptors, 1))
    log[:-1, b.far] += apart[:-1, b.far]  # ozone of a ridge is that of the region
    return np.exp(log)


def _emissions(cities: int, rng: np.random.Generator, prior: Prior) -> np.ndarray:
    normal = rng.standard_normal
    sectors, families = len(SECTORS), len(FAMILIES)
    by_city = prior.activity * normal((cities, sectors, 1)) + prior.common * normal((1, sectors, 1))
    return by_city + prior.species * normal((1, sectors, families))


def _physics(b: Background, rng: np.random.Generator, prior: Prior) -> tuple[np.ndarray, ...]:
    """Draw what is wrong beside emissions: log factors on the linear species and on what cities carry, the factor on
    NO2, and how the members are mixed."""
    normal = rng.standard_normal
    species, receptors, _, days = b.linear.shape
    members = len(b.deviations)
    # The truth is one more draw of what the members are drawn from: its variance about their mean is 1 + 1/n of theirs.
    mix = normal(members) * np.sqrt((1.0 + 1.0 / members) / max(members - 1, 1))
    log = np.tensordot(mix, b.deviations, axes=1)
    local = np.array(prior.life)[:, None, None] * normal((species, 1, 1))
    city, whole, day = prior.dilution
    local = local + (city * normal((1, receptors, 1)) + whole * normal() + day * smooth_days(rng, (receptors,), days))
    all_in, by_species, by_receptor, by_day = prior.inflow
    inflow = all_in * normal() + by_species * normal((species, 1, 1)) + by_receptor * normal((1, receptors, 1))
    inflow = inflow + by_day * smooth_days(rng, (1,), days)
    log[:, :, :-1] += local[:, :, None]
    log[:, :, -1] += inflow
    far = prior.far * normal((receptors, b.places.shape[2]))
    here = np.arange(b.places.shape[2])
    far[here, here] = 0.0
    ratio = prior.ratio * normal() + np.tensordot(mix, b.no2_deviations - _nox_deviations(b), axes=1)
    return log, far, np.exp(np.clip(ratio, -0.7, 0.7)), mix


def smooth_days(rng: np.random.Generator, shape: tuple[int, ...], days: int) -> np.ndarray:
    """Draw series of variance 1 whose days resemble each other (autoregression of 0.6)."""
    noise = rng.standard_normal((*shape, days))
    for i in range(1, days):
        noise[..., i] = 0.6 * noise[..., i - 1] + 0.8 * noise[..., i]
    return noise


def _nox_deviations(b: Background) -> np.ndarray:
    nox = LINEAR.index("nox")
    moved = (b.linear[nox] * np.exp(b.deviations[:, nox])).sum(axis=-2)
    return np.log(np.maximum(moved, LEAST) / np.maximum(b.linear[nox].sum(axis=-2), LEAST))


def _moved(b: Background, emissions: np.ndarray, physics: np.ndarray, far: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give linear species and places of a world; what a place brings keeps the sum of what the sectors do."""
    by_family = np.exp(emissions[..., [FAMILIES.index(FAMILY_OF[name]) for name in LINEAR]])
    carried = np.exp(far)
    by_sector = np.einsum("frsc,csf,rc->frs", b.cross, by_family, carried, optimize=True)
    linear = b.linear * np.exp(physics)
    linear[:, :, :-1] *= by_sector[..., None]
    mixed = np.maximum(b.linear[:, :, :-1], 0.0).mean(axis=-1)
    origin = b.cross * mixed[..., None]
    origin = origin / np.maximum(origin.sum(axis=2, keepdims=True), LEAST)
    by_city = np.einsum("frsc,csf,rc->frc", origin, by_family, carried, optimize=True)
    places = b.places * by_city[..., None]
    local = linear[:, :, :-1].sum(axis=2)
    return linear, places * (local / np.maximum(places.sum(axis=2), LEAST))[:, :, None]


def _inorganic(linear: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give total nitrate and free ammonia by source [nmol/m3]."""
    sulphate = 1e3 * linear[LINEAR.index("sulphate")] / SULPHATE_G
    return linear[LINEAR.index("nitrate")], linear[LINEAR.index("ammonia")] - 2.0 * sulphate


def salt_product(linear: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Give the product under which a part `held` of the nitrate is particle (receptor, ...); linear: (species,
    receptor, source, ...)."""
    nitrate, free = (x.sum(axis=-2) for x in _inorganic(linear))
    return product_of(nitrate, np.maximum(free, 0.0), held * nitrate)


def _world(
    stage: Stage,
    linear: np.ndarray,
    places: np.ndarray,
    no2_factor: np.ndarray,
    profiles: np.ndarray,
    emissions: np.ndarray,
    ozone: tuple[np.ndarray, np.ndarray],
) -> World:
    at = LINEAR.index
    parts = particles(linear, stage.product)
    fine = parts.sum(axis=0)
    local = np.maximum(fine[:, :-1].sum(axis=1), 0.0)
    mass = sum(
        places[at(name)] / np.maximum(places[at(name)].sum(axis=1, keepdims=True), LEAST) * parts[i][:, :-1].sum(axis=1)[:, None]
        for i, name in enumerate(("pm25_primary", "sulphate", "nitrate", "ammonia", "soa"))
    )  # fmt: skip
    mass = mass * (local / np.maximum(mass.sum(axis=1), LEAST))[:, None]
    sums = {name: linear[at(name)].sum(axis=1) for name in ("so2", "nox", "co", "coarse")}
    items = np.stack(
        [sums["so2"], sums["nox"] * no2_factor, sums["co"], sums["coarse"], fine.sum(axis=1), ozone[0].sum(axis=1)]
    )
    ions = parts[1:4].sum(axis=2)
    markers = np.einsum("rsd,sm->mrd", linear[at("pm25_primary")], profiles)
    markers[MARKERS.index("oc")] += parts[PARTS.index("soa")].sum(axis=1) / ORGANIC_MASS
    return World(linear, parts, mass, items, np.concatenate([ions, markers]), *ozone, emissions)


def particles(linear: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Give PM2.5 by part, receptor, source and day of linear species (species, receptor, source, day) [ug/m3]."""
    at = LINEAR.index
    nitrate, free = _inorganic(linear)
    held = shared_salt(nitrate, free, product, axis=-2)
    rich = (free.sum(axis=-2) > 0)[..., None, :]
    bound = np.where(rich, linear[at("ammonia")] - free, linear[at("ammonia")])
    ammonium, nitrate = 1e-3 * AMMONIUM_G * (bound + held), 1e-3 * NITRATE_G * held
    return np.stack([linear[at("pm25_primary")], linear[at("sulphate")], nitrate, ammonium, linear[at("soa")]])


__all__ = ["FAMILIES", "Prior", "Stage", "World", "draw", "particles", "stage_of"]
