"""What the particles at a site are made of: ions, carbon, elements and markers, from what the model carries [ug/m3].

Sulphate, nitrate and ammonium are those of the model. The rest is primary PM2.5 of each source by the source's profile, and
secondary organic aerosol as carbon. The coarse particles count nowhere: a sampler for PM2.5 does not see them.

What is not realistic:
* A profile has no hour, no season and no place; nothing of the particles changes on the way but that sources mix. Chloride
  and levoglucosan do not decay, ammonium chloride does not evaporate.
* Desert dust is told from the rest of the inflow by the ratio of its coarse to its fine particles. Coarse ones fall out on the
  way, so that some dust counts as the rest.
* Without tags (a live run) the inventory's mean profile stands for all sources, so that markers tell nothing about them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from research.virtual_airshed.ground import PARTS
from research.virtual_airshed.inflow import DUST_COARSE_UGM3, DUST_FINE_UGM3
from research.virtual_airshed.inventories.particle_profiles import COMPONENTS as PRIMARY
from research.virtual_airshed.inventories.particle_profiles import SOURCES, ParticleProfiles
from research.virtual_airshed.sources import INVENTORY
from research.virtual_airshed.tracers import SECTORS, Tags

IONS = ("sulphate", "nitrate", "ammonium")
COMPONENTS = (*IONS, *PRIMARY)
"""What is reported, in the order of its columns."""
MATTER_PER_CARBON = 1.8
"""Secondary organic aerosol over its carbon, by mass: of the order of aged urban aerosol (recalled: Turpin and Lim 2001 give 1.6
for urban and 2.1 for non-urban aerosol)."""
BASIN_RATIO, DUST_RATIO = 2.2, DUST_COARSE_UGM3 / DUST_FINE_UGM3
"""Coarse over primary fine particles in air from the basin (inflow.LEVELS, the highest of its seasons), and in desert dust."""


def components_ugm3(parts_ugm3: np.ndarray, primary_ugm3: np.ndarray, profiles: ParticleProfiles) -> np.ndarray:
    """Give what the particles are made of [ug/m3]: float64 (component, ...), in the order of COMPONENTS.

    parts_ugm3: what PM2.5 is made of (PARTS, ...), as GroundHours.pm25_parts_ugm3. primary_ugm3: its primary part by source
    (source, ...), in the order of particle_profiles.SOURCES. Missing: NaN stays NaN. What is reported never weighs more than
    PM2.5, as no profile sums to more than its source.
    """
    primary = np.tensordot(profiles.shares, primary_ugm3, axes=(0, 0))
    primary[PRIMARY.index("oc")] += parts_ugm3[PARTS.index("soa")] / MATTER_PER_CARBON
    return np.concatenate([parts_ugm3[[PARTS.index(ion) for ion in IONS]], primary])


def primary_by_source(tagged: Mapping[str, np.ndarray], tags: Tags) -> np.ndarray:
    """Tell primary PM2.5 apart by source at some cells of a tagged run [ug/m3]: float64 (source, cell, hour).

    tagged: "primary" and "coarse" to their tags [ug/m3] (cell, tracer, hour), as run.Day.tagged. tags: of the run.
    """
    primary, coarse = tagged["primary"], tagged["coarse"]
    by_source = {sector: primary[:, tags.sectors.start + number] for number, sector in enumerate(SECTORS)}
    inflow = primary[:, tags.inflow]
    dust = np.clip((coarse[:, tags.inflow] - BASIN_RATIO * inflow) / (DUST_RATIO - BASIN_RATIO), 0.0, inflow)
    by_source |= {"inflow": inflow - dust, "dust_storm": dust}
    return np.stack([by_source[source] for source in SOURCES])


def untagged_primary(primary_ugm3: np.ndarray) -> np.ndarray:
    """Give primary PM2.5 by source as the shipped inventory emits it in a year [ug/m3]: (source, ...); none flows in."""
    return mean_shares().reshape(-1, *(1,) * primary_ugm3.ndim) * primary_ugm3


@lru_cache(maxsize=1)
def mean_shares() -> np.ndarray:
    """Give the share of each source in the primary PM2.5 of the shipped inventory (source,), adding up to 1."""
    emitted = dict.fromkeys(SOURCES, 0.0)
    with (INVENTORY / "inventory.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["species"] == "pm25":
                emitted[row["sector"]] += float(row["emission_t"])
    mass = np.array(list(emitted.values()))
    return mass / mass.sum()
