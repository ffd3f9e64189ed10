"""A super-site for the notebooks, made in memory: what its instruments report, and whose air that really was. SIMULATED."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.notebooks.worlds import INSTRUMENT
from research.ozone.airshed_trial import perfect_record
from research.ozone.hours import Hours
from research.receptor.table import Table, table_of
from research.receptor.uncertainty import epa_uncertainty, with_limits
from research.virtual_airshed.chance import generator
from research.virtual_airshed.grid import Cells
from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.observe import chromatograph
from research.virtual_airshed.observe.sites import SUPER_SITES
from research.virtual_airshed.observe.speciation import aged_ugm3, ox_ppb, profile_of, secondary_ppb
from research.virtual_airshed.receptors import Receptors
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import SECTORS, VOC_GROUPS, Tags
from research.virtual_airshed.truth import QUANTITIES, contributions
from research.virtual_airshed.world import shipped_world
from standards.days import UTC_OFFSET_HOURS
from standards.voc.species import MOLAR_VOLUME, SPECIES

INFLOW, MADE_IN_AIR = "inflow", "made in the air"
SOURCES = (*voc_profiles.SECTORS, MADE_IN_AIR)
"""Whose air compounds are in: sectors, what flows in, and what is made on the way."""
LOST, LEAST_SEEN = 0.02, 0.9
"""Share of hours that a calibration takes; share of hours in which a compound has to be above its limit to be modelled."""
FRACTION = 0.05
"""Error fraction of EPA's formula: the noise of the analyser."""


@dataclass(frozen=True, eq=False)
class SuperSite:
    """Hours of a super-site. hours: as instruments report them. For judging alone: voc_ppb (source, compound, hour) [ppb],
    sources as SOURCES, compounds as those of hours; o3_ugm3: sector or inflow to what it contributes (hour,) [ug/m3]."""

    hours: Hours
    voc_ppb: np.ndarray
    o3_ugm3: Mapping[str, np.ndarray]

    def table(self, **options: object) -> Table:
        """Give the compounds as a receptor model takes them [ppb]; times are the ends of hours, Asia/Shanghai.

        Half the detection limit stands for what is below it, and uncertainties are EPA's. Compounds are left out that are below
        their limit in more than a tenth of the hours. options: as research.receptor.table_of.
        """
        x, under = with_limits(self.hours.voc_ppb.T, self.hours.below_ppb.T)
        u = epa_uncertainty(x, np.array(chromatograph.LIMITS), FRACTION)
        there = np.isfinite(x).any(axis=1)
        kept = np.flatnonzero(under[there].mean(axis=0) <= 1.0 - LEAST_SEEN)
        times = self.hours.hour_end.astype("datetime64[h]") + np.timedelta64(UTC_OFFSET_HOURS, "h")
        return table_of(
            [self.hours.compounds[j] for j in kept], times[there], x[np.ix_(there, kept)], u[np.ix_(there, kept)], unit="ppb",
            source=self.hours.source, simulated=True, **options,
        )  # fmt: skip


def super_site(name: str = "summer_ozone", *, days: int, site: int = 0, seed: int = 3) -> SuperSite:
    """Run a scenario and give the hours of one of its super-sites.

    name: of the scenario. days: how many. site: 0 the town's, 1 the suburban one. seed: of instruments and gaps. Instruments err by
    some per cent, compounds below their limits are reported as below them, and calibrations take single hours.
    """
    asked = scenario(name, days=days)
    world, where = asked.world(shipped_world()), SUPER_SITES[site]
    row, column = world.grid.cells_of(np.array([where.lon]), np.array([where.lat]))
    tags, cells = Tags(world.grid.cities), Cells(row, column)
    ran = list(simulate(asked.plan(), world, tags=tags, cells=cells))
    return SuperSite(
        _reported(perfect_record(site, ran, int(row[0]), int(column[0])), ran, tags, seed),
        np.concatenate([chromatograph.together(_of_sources(day, tags).swapaxes(0, 1)) for day in ran], axis=-1).swapaxes(0, 1),
        _ozone(ran, tags, Receptors((where.code,), cells, np.ones((1, 1)))),
    )  # fmt: skip


def _of_sources(day: Day, tags: Tags) -> np.ndarray:
    """Give whose air the compounds of some hours are in [ppb], (source, species, hour)."""
    grams = np.array([species.molar_mass for species in SPECIES])[:, None]
    found = []
    for source in voc_profiles.SECTORS:
        tag = tags.inflow if source == INFLOW else tags.sectors.start + SECTORS.index(source)
        groups = np.stack([day.tagged[group][0, tag] for group in VOC_GROUPS])
        found.append(aged_ugm3(groups, profile_of(source)) * MOLAR_VOLUME / grams)
    return np.stack([*found, secondary_ppb(ox_ppb(day.tagged["ox"][0, 0]))])


def _reported(perfect: Hours, ran: Sequence[Day], tags: Tags, seed: int) -> Hours:
    """Give what the instruments make of it: noise, limits, and hours that are lost."""
    true = np.concatenate([_of_sources(day, tags).sum(axis=0) for day in ran], axis=-1)
    voc = chromatograph.measured_ppb(true[:, None], (perfect.station,), perfect.hour_end, seed=seed, noise=1.0)[:, 0]
    limits = np.array(chromatograph.LIMITS)[:, None]
    chance = generator(seed, "notebook", "super-site")
    lost = chance.random(len(perfect.hour_end)) < LOST
    below = np.where((voc < limits) & ~lost, limits, np.nan)
    series = dict(perfect.series)
    for name in ("no2_ppb", "co_ppb", "o3_ppb"):
        series[name] = series[name] * np.exp(INSTRUMENT * chance.standard_normal(len(lost)))
    return replace(
        perfect, compounds=chromatograph.NAMES, voc_ppb=np.where((voc < limits) | lost, np.nan, voc), below_ppb=below,
        series=series, source=f"virtual airshed, {perfect.station}",
    )  # fmt: skip


def _ozone(ran: Sequence[Day], tags: Tags, at: Receptors) -> dict[str, np.ndarray]:
    """Give what sectors and inflow contribute to ozone at the site [ug/m3]."""
    row = list(QUANTITIES).index("o3_ugm3")
    parts = np.concatenate([contributions(day, tags, at).allocation[row, 0] for day in ran], axis=-1)
    return {name: parts[tags.sources.index(name)] for name in (*SECTORS, INFLOW)}
