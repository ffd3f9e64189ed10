"""From the groups of organic compounds that the model carries to the 117 species at a site.

The model carries five groups for each sector. A species is its share of the group as the sector emits it, aged: a
sector's air has met so much OH as the ratio of its aromatics to its alkanes tells, against the ratio in which it
emits them; nothing else than OH takes either away in the model. In that air a species has decayed by its own rate
where its group has decayed by the group's.

What is not realistic:
* Nothing is made but a term of secondary formaldehyde, acetaldehyde and acetone in proportion to odd oxygen above a
  background (SECONDARY); no methacrolein, methyl vinyl ketone, other ketones and aldehydes.
* One exposure for all of a sector's air, though it is a mixture of ages; none for plants, which emit all the way, and
  none for what flows in, whose profile is aged already. At night alkenes are lost to ozone and NO3 as a group, not
  each at its own rate.
* The long-lived halocarbons follow the inflow's alkanes instead of standing at the level of the hemisphere.
* Without tags (a live run) the mean profile of the inventory stands for all, so the species tell nothing about the
  sectors, and the inflow makes the air look older than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.sources import INVENTORY, inventory_voc_t
from research.virtual_airshed.tracers import NMOL_PER_PPB, SECTORS, TOTAL, VOC_GROUPS, Tags
from research.virtual_airshed.world import voc_constants
from standards.voc.species import MOLAR_VOLUME, SPECIES, coefficients

FAST, SLOW = "aromatics", "alkanes"
"""The groups that tell the exposure."""
MOST_EXPOSURE = 1e11
"""14 h at 2e6 molecules of OH per cm3: what the ratio of two groups can tell [molecules/cm3 s]."""
BACKGROUND_OX_PPB = 40.0
SECONDARY = {"formaldehyde": 0.055, "acetaldehyde": 0.020, "acetone": 0.015}
"""Secondary carbonyls per odd oxygen above the background [ppb/ppb]: of the order of what is found in summer in
Chinese cities (recalled)."""
AGELESS = ("biogenic", "inflow")


@dataclass(frozen=True, eq=False)
class Profile:
    """What a source's groups are made of.

    shares: mass of each species per mass of its group (group, species). fresh_ratio: FAST to SLOW as emitted, by
    mass, NaN where the source's air tells no age.
    """

    shares: np.ndarray
    fresh_ratio: float


def species_ppb(tagged: Mapping[str, np.ndarray], tags: Tags, *, ox_ppb: np.ndarray) -> np.ndarray:
    """Give the mixing ratios of the 117 species at some cells of a tagged run [ppb]: float64 (species, cell, hour).

    tagged: each of VOC_GROUPS to its tags [ug/m3] (cell, tracer, hour), as run.Day.tagged. tags: of the run. ox_ppb:
    odd oxygen (cell, hour) [ppb]. Source: run.Day; ageing by Roberts et al. 1984 and McKeen et al. 1996 as in
    standards.voc.age. What is not realistic: see the module.
    """
    ugm3 = np.zeros((len(SPECIES), *ox_ppb.shape))
    for number, source in enumerate((*SECTORS, "inflow")):
        if source in voc_profiles.SECTORS:
            tag = tags.inflow if source == "inflow" else tags.sectors.start + number
            ugm3 += aged_ugm3(np.stack([tagged[group][:, tag] for group in VOC_GROUPS]), profile_of(source))
    return _in_ppb(ugm3) + secondary_ppb(ox_ppb)


def untagged_species_ppb(groups_ugm3: np.ndarray, *, ox_ppb: np.ndarray) -> np.ndarray:
    """Give the mixing ratios of the 117 species from the groups alone, by the inventory's mean profile [ppb]: float64
    (species, ...).

    groups_ugm3: (group, ...) in the order of VOC_GROUPS [ug/m3]. ox_ppb: (...) [ppb]. Source and limits: as
    species_ppb.
    """
    return _in_ppb(aged_ugm3(groups_ugm3, mean_profile())) + secondary_ppb(ox_ppb)


def aged_ugm3(groups_ugm3: np.ndarray, profile: Profile) -> np.ndarray:
    """Give the species of one source's air [ug/m3]: float64 (species, ...).

    groups_ugm3: (group, ...) [ug/m3], zero where there is none.
    """
    exposure = exposure_of(groups_ugm3, profile.fresh_ratio)
    own, of_group = rates_cm3_s()
    slower = (of_group - own).reshape(-1, *(1,) * exposure.ndim)
    present = groups_ugm3[voc_profiles.GROUP_INDEX]
    shares = profile.shares[voc_profiles.GROUP_INDEX, np.arange(len(SPECIES))].reshape(slower.shape)
    return present * shares * np.exp(slower * exposure)


def exposure_of(groups_ugm3: np.ndarray, fresh_ratio: float) -> np.ndarray:
    """Give the exposure of air to OH [molecules/cm3 s] (...), from 0 to MOST_EXPOSURE, from the ratio of its FAST to
    its SLOW groups.

    groups_ugm3: (group, ...). fresh_ratio: of what is emitted. Missing: 0 where either group is absent or fresh_ratio
    is NaN. Source: (ln fresh - ln now) / (k fast - k slow), Roberts et al. 1984 (recalled), with the rates at which
    the model lets the groups decay.
    """
    k = _group_rates_cm3_s()
    fast, slow = (groups_ugm3[VOC_GROUPS.index(group)] for group in (FAST, SLOW))
    told = (fast > 0) & (slow > 0) & np.isfinite(fresh_ratio)
    with np.errstate(divide="ignore", invalid="ignore"):
        exposure = (np.log(fresh_ratio) - np.log(fast / slow)) / (k[FAST] - k[SLOW])
    return np.clip(np.where(told, exposure, 0.0), 0.0, MOST_EXPOSURE)


def secondary_ppb(ox_ppb: np.ndarray) -> np.ndarray:
    """Give the secondary carbonyls [ppb]: float64 (species, ...), 0 for all others.

    ox_ppb: odd oxygen (...) [ppb]. Source: see SECONDARY.
    """
    excess, found = np.maximum(ox_ppb - BACKGROUND_OX_PPB, 0.0), np.zeros((len(SPECIES), *ox_ppb.shape))
    for number, species in enumerate(SPECIES):
        found[number] = SECONDARY.get(species.name_en, 0.0) * excess
    return found


def ox_ppb(ox_nmol: np.ndarray) -> np.ndarray:
    """Turn odd oxygen as it is carried [nmol/m3] into a mixing ratio [ppb]."""
    return ox_nmol / NMOL_PER_PPB


def groups_of(tagged: Mapping[str, np.ndarray], cell: int) -> np.ndarray:
    """Give the totals of the groups in a kept cell [ug/m3]: (group, hour)."""
    return np.stack([tagged[group][cell, TOTAL] for group in VOC_GROUPS])


@lru_cache(maxsize=16)
def profile_of(source: str) -> Profile:
    """Give what a sector's or the inflow's groups are made of; ValueError for one that has no organic compounds."""
    fractions = dict(zip(VOC_GROUPS, voc_profiles.group_fractions(source), strict=True))
    tells = source not in AGELESS and fractions[FAST] > 0 and fractions[SLOW] > 0
    return Profile(voc_profiles.species_in_groups(source), fractions[FAST] / fractions[SLOW] if tells else np.nan)


@lru_cache(maxsize=1)
def mean_profile() -> Profile:
    """Give the mean of the sectors' profiles, weighted by what the shipped inventory emits of each group."""
    emitted = {s: t * voc_profiles.group_fractions(s) for s, t in inventory_voc_t(INVENTORY).items()}
    whole = dict(zip(VOC_GROUPS, sum(emitted.values()), strict=True))
    shares = sum(mass[:, None] * voc_profiles.species_in_groups(s) for s, mass in emitted.items())
    return Profile(shares / np.array(list(whole.values()))[:, None], whole[FAST] / whole[SLOW])


@lru_cache(maxsize=1)
def rates_cm3_s() -> tuple[np.ndarray, np.ndarray]:
    """Give the reaction of each species with OH and that of its group [cm3 molecule-1 s-1], each (species,).

    A species without a rate (carbon disulfide) is given that of its group, so that it decays as the group does.
    """
    k = _group_rates_cm3_s()
    of_group = np.array([k[group] for group in VOC_GROUPS])[voc_profiles.GROUP_INDEX]
    own = coefficients("koh", [species.name_en for species in SPECIES]) * 1e-12
    return np.where(np.isfinite(own), own, of_group), of_group


@lru_cache(maxsize=1)
def _group_rates_cm3_s() -> dict[str, float]:
    # The inventory is read for them: once is enough.
    return voc_constants()[0]


def _in_ppb(ugm3: np.ndarray) -> np.ndarray:
    grams = np.array([species.molar_mass for species in SPECIES]).reshape(-1, *(1,) * (ugm3.ndim - 1))
    return ugm3 * MOLAR_VOLUME / grams
