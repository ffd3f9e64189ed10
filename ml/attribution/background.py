"""From tags of every hour to what a correction works on: daily means of linear species by source, of the ensemble's
middle.

The middle is the geometric mean of the members: tags are products of factors, and so are their errors. How the
members deviate from it, species by species, source by source and day by day, is the measure of what models have
wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ml.attribution.ozone import Afternoons, afternoons_of
from ml.attribution.salt import AMMONIA_G, AMMONIUM_G, NITRATE_G, NITRIC_ACID_G
from ml.attribution.tags import LEAST, TagEnsemble
from standards.days import HOURS_PER_DAY
from streams.contributors import SECTORS

LINEAR = ("so2", "nox", "co", "coarse", "pm25_primary", "sulphate", "nitrate", "ammonia", "soa")
"""The species whose tags are linear in emissions; nitrate and ammonia with their gases [nmol/m3], the others as tags
have them."""
PARTS = ("pm25_primary", "sulphate", "nitrate", "ammonium", "soa")
"""What PM2.5 is made of."""
NEEDED = ("so2", "no2", "nox", "co", "coarse", "pm25", *PARTS, "nitric_acid", "ammonia", "o3")
"""What tags must tell so that they can be corrected."""
MOST_LOG = 1.5
"""Deviations of a member beyond this count as this [log]."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The middle of an ensemble, day by day.

    linear: (species, receptor, source, day) in the order of LINEAR. deviations: the members' from it in the log,
    (member, species, receptor, source, day). held: (receptor, day), which part of nitrate is particle. places:
    (species, receptor, city, day), what the cities contribute. cross: (species, receptor, sector, city), of what a
    sector contributes the share of each city, over the span. no2: (receptor, day), and its deviations (member,
    receptor, day). ozone: of the afternoons. far: (receptor,), whether it is a site of the background, which belongs
    to no city.
    """

    linear: np.ndarray
    deviations: np.ndarray
    held: np.ndarray
    places: np.ndarray
    cross: np.ndarray
    no2: np.ndarray
    no2_deviations: np.ndarray
    ozone: Afternoons
    far: np.ndarray

    @property
    def days(self) -> int:
        """How many days there are."""
        return self.linear.shape[-1]


def daily(values: np.ndarray) -> np.ndarray:
    """Average whole days (..., day) of hours that begin with the first hour of a day; the rest of the last day is
    left out."""
    days = values.shape[-1] // HOURS_PER_DAY
    return values[..., : days * HOURS_PER_DAY].reshape(*values.shape[:-1], days, HOURS_PER_DAY).mean(axis=-1)


def background_of(tags: TagEnsemble) -> Background:
    """Work out the middle of an ensemble whose first hour begins a natural day. Missing: NaN days stay NaN."""
    by_source = {q: daily(tags.by_sector(q)) for q in NEEDED}
    by_place = {q: daily(tags.by_place(q)) for q in NEEDED}
    members = np.stack([linear_of(by_source, name) for name in LINEAR], axis=1)
    logs = np.log(np.maximum(members, LEAST))
    middle = logs.mean(axis=0)
    places = np.stack([linear_of(by_place, name) for name in LINEAR], axis=1).mean(axis=0)[..., :-1, :]
    no2 = np.log(np.maximum(by_source["no2"].sum(axis=-2), LEAST))
    return Background(
        np.exp(middle), np.clip(logs - middle, -MOST_LOG, MOST_LOG), held_fraction(by_source),
        places, _cross(tags, places), np.exp(no2.mean(axis=0)), no2 - no2.mean(axis=0), afternoons_of(tags), tags.city_of < 0,
    )  # fmt: skip


def held_fraction(by_source: dict[str, np.ndarray]) -> np.ndarray:
    """Give which part of total nitrate is particle (receptor, ...), the mean over members; 0 where there is none."""
    particle = by_source["nitrate"].sum(axis=-2) / NITRATE_G
    whole = particle + by_source["nitric_acid"].sum(axis=-2) / NITRIC_ACID_G
    return np.divide(particle, whole, out=np.zeros_like(whole), where=whole > LEAST).mean(axis=0)


def middle_of(members: np.ndarray) -> np.ndarray:
    """Give the geometric mean over members, the mean where a contribution is not positive in all of them."""
    positive = (members > LEAST).all(axis=0)
    return np.where(positive, np.exp(np.log(np.maximum(members, LEAST)).mean(axis=0)), members.mean(axis=0))


def linear_of(by: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Give a linear species of tags by quantity, in their shape."""
    if name == "nitrate":
        return 1e3 * (by["nitrate"] / NITRATE_G + by["nitric_acid"] / NITRIC_ACID_G)
    if name == "ammonia":
        return 1e3 * (by["ammonium"] / AMMONIUM_G + by["ammonia"] / AMMONIA_G)
    return by[name]


def _cross(tags: TagEnsemble, places: np.ndarray) -> np.ndarray:
    """Give of each sector's contribution the share of each city; alike for all sectors where the models do not tell
    it."""
    shape = (*places.shape[:2], len(SECTORS), places.shape[2])
    if tags.joint is None:
        whole = np.broadcast_to(np.maximum(places, 0.0).mean(axis=-1)[:, :, None], shape)
    else:
        by = {q: tags.joint[:, tags.quantities.index(q)].mean(axis=(0, -1), keepdims=False) for q in NEEDED}
        whole = np.maximum(np.stack([linear_of(by, name) for name in LINEAR]), 0.0)
    return whole / np.maximum(whole.sum(axis=-1, keepdims=True), LEAST)
