"""How near factors come to the known shares of sources at the virtual airshed's super-sites. SIMULATED. Prints JSON.

Run: python -m tests.bench.bench_airshed_receptor [--json FILE] [--seed N] [--days N] [--scenario NAME]... [--factors N]
    [--hidden mild|severe]

A nature run with its sectors told apart is measured at both super-sites as their chromatographs do (noise, detection limits), the
table goes through the receptor model, and the factors are mapped to groups of sources **by profiles alone**: each factor's profile
is explained as a sum of source profiles, fresh and aged by OH, by non-negative weighted least squares, and its compounds belong to
the sources in those parts. The customary way, each factor whole to the group of its largest part, stands beside it. The true
contributions serve only to judge. Profiles are taken twice: as they are emitted, which
nobody knows in real air, and as published ones, off by a factor of PROFILE_ERROR for each source and compound.

Judged is the share of each group in the sum of the measured compounds by amount [ppb/ppb], mean of all hours. Beside it stand equal
shares, the shares of the inventory, and the same source profiles fitted to the mean air without any factors: what the factors add.

The settings below were chosen with seed 1 and frozen; figures are told from other seeds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from research.receptor.factorise import factorise
from research.receptor.solution import Solution
from research.receptor.table import Table, table_of
from research.receptor.uncertainty import epa_uncertainty, with_limits
from research.virtual_airshed.grid import Cells
from research.virtual_airshed.inventories import voc_profiles
from research.virtual_airshed.observe import chromatograph, speciation
from research.virtual_airshed.observe.sites import SUPER_SITES, sites_of
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.sources import INVENTORY, inventory_voc_t
from research.virtual_airshed.tracers import SECTORS, VOC_GROUPS, Tags
from research.virtual_airshed.world import shipped_world
from standards.voc.species import MOLAR_VOLUME, SPECIES
from tests.bench.parts import tell

GROUPS = {
    "industry": ("industry",), "traffic": ("vehicles", "nonroad"), "solvent": ("solvent",),
    "burning": ("coal", "residential", "agriculture"), "plants": ("biogenic",), "inflow": ("inflow",), "secondary": ("secondary",),
}  # fmt: skip
"""What is told apart: sectors whose profiles are near to each other, or that are small, stand together."""
FACTORS, STARTS = 7, 8
ERROR_SHARE, LEAST_ABOVE = 0.1, 0.25
"""As research.receptor.stored has them: error of a value, and the share of hours above the limit that a compound needs."""
EXPOSURES_CM3_S = (0.0, 2e10, 6e10)
"""Of OH in which source profiles are aged: 0, 3 and 8 hours at 2e6 molecules per cm3."""
PROFILE_SHARE, PROFILE_LEAST = 0.1, 0.1
"""Weight of a compound in the mapping: error of a share of the profile, and of a share of its mean in the air."""
PROFILE_ERROR = 1.28
"""One geometric standard deviation, as published particle profiles of the airshed have it."""
WITHIN_POINTS = 10.0
GRAMS = np.array([species.molar_mass for species in SPECIES])


@dataclass(frozen=True, eq=False)
class Air:
    """Air of some hours. true: by source (source, compound, site, hour) [ppb]; measured: (compound, site, hour) [ppb]."""

    sources: tuple[str, ...]
    true: np.ndarray
    measured: np.ndarray
    first_hour: int


def air_of(name: str, *, seed: int, days: int, hidden: str) -> Air:
    """Run a scenario, driven by an inventory with hidden errors, and measure its compounds at the super-sites."""
    asked = scenario(name, seed=seed, days=days, hidden=hidden)
    world = asked.world(shipped_world())
    tags, sites = Tags(world.grid.cities), sites_of(world.grid, SUPER_SITES)
    true, measured = [], []
    for day in simulate(asked.plan(), world, tags=tags, cells=Cells(sites.row, sites.column)):
        ox = speciation.ox_ppb(day.ground.at(sites.row, sites.column).of("ox"))
        true.append(by_source(day, tags, ox))
        ppb = speciation.species_ppb(day.tagged, tags, ox_ppb=ox)
        hours = day.first_hour + np.arange(day.hours)
        measured.append(chromatograph.measured_ppb(ppb, sites.codes, hours, seed=asked.seed, noise=1.0))
        if not np.allclose(true[-1].sum(axis=0), chromatograph.together(ppb)):
            raise AssertionError("the parts of the sources do not add up to the air")
    joined = (np.concatenate(each, axis=-1) for each in (true, measured))
    return Air((*voc_profiles.SECTORS, "secondary"), *joined, asked.first_hour)


def by_source(day: Day, tags: Tags, ox_ppb: np.ndarray) -> np.ndarray:
    """Tell the compounds of a day apart by source [ppb], (source, compound, site, hour)."""
    parts = []
    for source in voc_profiles.SECTORS:
        tag = tags.inflow if source == "inflow" else tags.sectors.start + SECTORS.index(source)
        groups = np.stack([day.tagged[group][:, tag] for group in VOC_GROUPS])
        ugm3 = speciation.aged_ugm3(groups, speciation.profile_of(source))
        parts.append(chromatograph.together(ugm3 * MOLAR_VOLUME / GRAMS[:, None, None]))
    return np.stack([*parts, chromatograph.together(speciation.secondary_ppb(ox_ppb))])


def table_at(air: Air, site: int) -> tuple[Table, np.ndarray]:
    """Give a site's table as the store's is made, and which compounds are in it, bool."""
    x, limits = air.measured[:, site].T, np.array(chromatograph.LIMITS)
    shown, under = with_limits(x, np.where(x < limits, limits, np.nan))
    u = epa_uncertainty(shown, limits, ERROR_SHARE)
    kept = (~under).mean(axis=0) >= LEAST_ABOVE
    times = ((air.first_hour + np.arange(len(x)) + 8) * 60).astype("datetime64[m]")
    names = [name for name, there in zip(chromatograph.NAMES, kept, strict=True) if there]
    where = f"virtual airshed, {SUPER_SITES[site].code}"
    return table_of(names, times, shown[:, kept], u[:, kept], unit="ppb", source=where, simulated=True), kept


def source_profiles(*, error: float, seed: int) -> np.ndarray:
    """Give what the groups' compounds are made of by amount, fresh and aged: (exposure, group, compound).

    error: geometric standard deviation of each source and compound, 1 for as they are emitted. Sources of a group stand together as
    the inventory emits them.
    """
    chance, emitted, own = np.random.default_rng([seed, 71]), inventory_voc_t(INVENTORY), speciation.rates_cm3_s()[0]
    shipped, found = voc_profiles.shipped(), np.zeros((len(EXPOSURES_CM3_S), len(GROUPS), len(chromatograph.COMPOUNDS)))
    for number, members in enumerate(GROUPS.values()):
        for source in members:
            if source == "secondary":
                amount = speciation.secondary_ppb(np.array(speciation.BACKGROUND_OX_PPB + 1.0))
            else:
                amount = emitted.get(source, 1.0) * shipped.mass_fraction[shipped.row(source)] / GRAMS
            amount = amount * np.exp(np.log(error) * chance.standard_normal(amount.size))
            for e, exposure in enumerate(EXPOSURES_CM3_S):
                ages = source not in (*speciation.AGELESS, "secondary")
                found[e, number] += chromatograph.together(amount * np.exp(-own * exposure * ages))
    return found / found.sum(axis=2, keepdims=True)


def parts_of(profile: np.ndarray, sources: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Give which parts of a profile (compound,) belong to the groups [1], (group,), by non-negative weighted least squares.

    sources: (exposure, group, compound). mean: of the compounds in the air.
    """
    weight = 1.0 / (PROFILE_SHARE * profile + PROFILE_LEAST * mean)
    flat = sources.reshape(-1, profile.size)
    found, _ = nnls((flat * weight).T, profile * weight)
    amount = (found * flat.sum(axis=1)).reshape(sources.shape[:2]).sum(axis=0)
    return amount / amount.sum()


def judged(shares: np.ndarray, known: np.ndarray) -> dict[str, Any]:
    """Tell shares beside the known ones, in points."""
    off = 100.0 * (shares - known)
    return {"share_pct": rounded(100.0 * shares), "off_points": rounded(off), "worst": round(float(np.abs(off).max()), 1),
            "mean": round(float(np.abs(off).mean()), 1), "within_10": int((np.abs(off) <= WITHIN_POINTS).sum())}  # fmt: skip


def rounded(values: np.ndarray, digits: int = 1) -> dict[str, float]:
    """Name numbers by group."""
    return {name: round(float(value), digits) for name, value in zip(GROUPS, values, strict=True)}


def of_site(air: Air, site: int, *, factors: int, seed: int) -> dict[str, Any]:
    """Factorise a site's table, map its factors and judge them."""
    table, kept = table_at(air, site)
    start = time.process_time()
    found = factorise(table, factors=factors, starts=STARTS, seed=seed)
    cpu_s = time.process_time() - start
    members = [[air.sources.index(source) for source in group] for group in GROUPS.values()]
    hourly = np.array([air.true[rows][:, kept, site].sum(axis=(0, 1)) for rows in members])
    known = hourly.sum(axis=1) / hourly.sum()
    told = {"hours": len(table.times), "compounds": len(table.names), "cpu_s": round(cpu_s, 1), "hits": found.hits,
            "q_over_expected": round(found.q_true / found.q_expected, 2), "known_pct": rounded(100.0 * known)}  # fmt: skip
    for kind, error in (("emitted", 1.0), ("published", PROFILE_ERROR)):
        told[f"{kind}_profiles"] = mapped(found, source_profiles(error=error, seed=seed)[:, :, kept], known, hourly)
    return told | {"without_profiles": baselines(known)}


def mapped(found: Solution, sources: np.ndarray, known: np.ndarray, hourly: np.ndarray) -> dict[str, Any]:
    """Map the factors by profiles and judge their shares, and their contributions hour by hour."""
    table = found.table
    mean, amount = table.concentration.mean(axis=0), found.profiles.sum(axis=1)
    parts = np.stack([parts_of(profile, sources, mean) for profile in found.profiles])
    whole = np.eye(len(GROUPS))[parts.argmax(axis=1)]
    hours = found.contributions @ (amount[:, None] * parts)
    pairs = zip(hours.T, hourly, strict=True)
    r = [np.corrcoef(ours, true)[0, 1] if ours.std() > 0 else 0.0 for ours, true in pairs]
    return {
        "factors": judged(amount @ parts / amount.sum(), known), "whole_factors": judged(amount @ whole / amount.sum(), known),
        "mean_air": judged(parts_of(mean, sources, mean), known), "r_of_hours": rounded(np.array(r), 2),
        "purest_part": [round(float(each), 2) for each in parts.max(axis=1)],
    }  # fmt: skip


def baselines(known: np.ndarray) -> dict[str, Any]:
    """Judge equal shares and those of the inventory, which knows nothing of inflow and secondary compounds."""
    emitted = inventory_voc_t(INVENTORY)
    tonnes = np.array([sum(emitted.get(source, 0.0) for source in group) for group in GROUPS.values()])
    equal = np.full(len(GROUPS), 1.0 / len(GROUPS))
    return {"equal": judged(equal, known), "inventory": judged(tonnes / tonnes.sum(), known)}


def summary(told: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Count over all tables: shares within 10 points, mean and worst error, tables of which all shares are within."""
    ways = [
        (f"{kind}_profiles", way)
        for kind in ("published", "emitted")
        for way in ("factors", "whole_factors", "mean_air")
    ]
    found = {}
    for first, second in (*ways, ("without_profiles", "equal"), ("without_profiles", "inventory")):
        each = [table[first][second] for table in told.values()]
        found[f"{second}, {first}"] = {
            "within_10_pct": round(100.0 * sum(e["within_10"] for e in each) / (len(each) * len(GROUPS)), 1),
            "tables_all_within": sum(e["within_10"] == len(GROUPS) for e in each), "tables": len(each),
            "mean": round(float(np.mean([e["mean"] for e in each])), 1), "worst": max(e["worst"] for e in each),
            "bias_points": rounded(np.mean([list(e["off_points"].values()) for e in each], axis=0)),
        }  # fmt: skip
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Run, judge and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--json", type=Path)
    asked.add_argument("--seed", type=int, default=21)
    asked.add_argument("--days", type=int, default=31)
    asked.add_argument("--hidden", default="mild", help="errors of the inventory that nobody is told: mild, severe")
    asked.add_argument("--factors", type=int, default=FACTORS)
    asked.add_argument("--scenario", action="append", help="summer_ozone and winter_haze unless told")
    args = asked.parse_args(given)
    told, start = {}, time.process_time()
    for name in args.scenario or ("summer_ozone", "winter_haze"):
        air = air_of(name, seed=args.seed, days=args.days, hidden=args.hidden)
        for site, station in enumerate(SUPER_SITES):
            told[f"{name} {station.code}"] = of_site(air, site, factors=args.factors, seed=args.seed)
    settings = {"seed": args.seed, "days": args.days, "hidden": args.hidden, "factors": args.factors, "starts": STARTS}
    used = round(time.process_time() - start, 1)
    figures = {"simulated": True, "settings": settings, "cpu_s": used, "summary": summary(told), "tables": told}
    tell(figures, args.json)


if __name__ == "__main__":
    main()
