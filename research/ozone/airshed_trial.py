"""Whether the box of a super-site reads the regime that the virtual airshed really has there. Prints JSON. SIMULATED.

Run: python -m research.ozone.airshed_trial [--scenario summer_ozone] [--days 31] [--seed N] [--ozone PPB]

The nature run makes odd oxygen by a table over NOx and reactivity (research/virtual_airshed/chemistry); how that changes with
either, at the site's own air, hour by hour, is the truth. The box is told what a perfect super-site would measure: compounds,
NO2, CO, ozone, weather, cloud. Both rest on MOZART T1S2, so this tells of compounds, holding, history and light, and not of the
mechanism.

The table holds ozone at 60 ppb, in whatever air: nature's sensitivities are those of 60 ppb. `--ozone 60` holds the box there too,
which parts what the box misreads from what the two are told differently.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.ozone.conditions import Settings, conditions
from research.ozone.days import gather
from research.ozone.groups import Group, nox_group, voc_group
from research.ozone.hours import Hours
from research.ozone.obm import obm_of
from research.ozone.records import Recorded
from research.ozone.regime import NOX_LIMITED, UNKNOWN, VOC_LIMITED, by_slopes, sign_of_radicals
from research.ozone.rir import rir_of
from research.virtual_airshed.chemistry.surface import production
from research.virtual_airshed.grid import Cells
from research.virtual_airshed.observe.sites import SUPER_SITES
from research.virtual_airshed.observe.speciation import untagged_species_ppb
from research.virtual_airshed.run import Day, simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import NMOL_PER_PPB, VOC_GROUPS, Tags
from research.virtual_airshed.world import World, shipped_world
from standards.voc.species import SPECIES

PRESSURE_PA = 96_000.0
LEAST_PPB_H = 1.0
"""Production below which an hour is not counted: where hardly anything is made, nothing is sensitive."""
STEP = 1.1


@dataclass(frozen=True, slots=True)
class Agreement(Recorded):
    """How many hours of a site agree. hours: counted. same: share with the same of three readings. leading: share in which
    the same precursor leads. nox_sign: share in which NOx is fuel or brake in both. no_contradiction: share in which not one reads
    VOC and the other NOx. l_n_q: share of `same` by L_N/Q. truth, box: share of hours by reading."""

    site: str
    hours: int
    same: float
    leading: float
    nox_sign: float
    no_contradiction: float
    l_n_q: float
    truth: dict[str, float]
    box: dict[str, float]


def trial(name: str, *, days: int, seed: int | None = None, ozone_ppb: float | None = None) -> list[Agreement]:
    """Run a scenario, and compare box and truth at each super-site.

    name: of the scenario. days: how many. seed: of the weather, the scenario's own where left out. ozone_ppb: held in the box, what
    the site measures where left out.
    """
    asked = scenario(name, days=days, **({} if seed is None else {"seed": seed}))
    world = asked.world(shipped_world())
    row, column = world.grid.cells_of(*(np.array([getattr(s, c) for s in SUPER_SITES]) for c in ("lon", "lat")))
    ran = list(simulate(asked.plan(), world, tags=Tags(world.grid.cities, tagged=False), cells=Cells(row, column)))
    return [_compared(i, ran, world, (row[i], column[i]), ozone_ppb) for i in range(len(SUPER_SITES))]


def _compared(at: int, ran: Sequence[Day], world: World, cell: tuple[int, int], ozone_ppb: float | None) -> Agreement:
    row, column = cell
    record = perfect_record(at, ran, row, column)
    if ozone_ppb is not None:
        record = replace(record, series={**record.series, "o3_ppb": np.full(len(record.hour_end), ozone_ppb)})
    days = [conditions(each, Settings(o3_held=True)) for each in gather(record).days]
    first = int(record.hour_end[0])
    places = np.concatenate([np.arange(24) + each.day.first_hour_end - first for each in days])
    made, true_voc, true_nox = (each[places] for each in true_slopes(ran, world, row, column))

    def groups(day) -> list[Group]:
        every = voc_group(day.lumping)
        return [Group("VOC", every.voc_share, co_share=1.0), nox_group()]

    results = rir_of(days, groups)
    less = np.concatenate([(r.net_by_hour - r.net_without_by_hour) / r.cut for r in results], axis=1)
    l_n_q = np.concatenate([each.l_n_q for each in obm_of(days)])
    counted = made >= LEAST_PPB_H
    truth = [by_slopes(v, n) for v, n in zip(true_voc[counted], true_nox[counted], strict=True)]
    box = [by_slopes(v, n) for v, n in less[:, counted].T]
    radicals = [sign_of_radicals(x).reading for x in l_n_q[counted]]
    both = {frozenset((VOC_LIMITED, NOX_LIMITED))}
    return Agreement(
        SUPER_SITES[at].code, int(counted.sum()),
        same=_share(a == b for a, b in zip(truth, box, strict=True)),
        leading=float(np.mean((true_voc > true_nox)[counted] == (less[0] > less[1])[counted])),
        nox_sign=float(np.mean((true_nox > 0)[counted] == (less[1] > 0)[counted])),
        no_contradiction=_share(frozenset((a, b)) not in both for a, b in zip(truth, box, strict=True)),
        l_n_q=_share(a == b for a, b in zip(truth, radicals, strict=True)),
        truth=_shares(truth), box=_shares(box),
    )  # fmt: skip


def perfect_record(at: int, ran: Sequence[Day], row: int, column: int) -> Hours:
    """Give what a site would measure without any error, from the hours of a run at its cell."""
    site, ground = SUPER_SITES[at], [day.ground.at(np.array([row]), np.array([column])) for day in ran]
    parts = [each.odd_oxygen() for each in ground]
    air = [each.of("ox") / NMOL_PER_PPB for each in ground]
    groups = [np.stack([each.of(name) for name in VOC_GROUPS]) for each in ground]
    voc = np.concatenate([untagged_species_ppb(g, ox_ppb=ox)[:, 0] for g, ox in zip(groups, air, strict=True)], axis=1)
    sky = [day.weather for day in ran]
    series = {
        "no2_ppb": np.concatenate([each.no2_ppb[0] for each in parts]),
        "o3_ppb": np.concatenate([each.o3_ppb[0] for each in parts]),
        "co_ppb": np.concatenate([each.of("co")[0] / NMOL_PER_PPB for each in ground]),
        "temperature_c": np.concatenate([each.temperature_c[:, row, column] for each in sky]),
        "humidity_pct": np.concatenate([each.humidity_pct[:, row, column] for each in sky]),
        "cloud_transmission": np.concatenate([each.cloud_transmission[:, row, column] for each in sky]),
        "mixing_height_m": np.concatenate([
            (each.mixing_height_m[1:, row, column] + each.mixing_height_m[:-1, row, column]) / 2.0 for each in sky
        ]),
    }  # fmt: skip
    n = voc.shape[1]
    return Hours(
        station=site.code, lon=site.lon, lat=site.lat, hour_end=np.arange(n) + ran[0].first_hour,
        compounds=tuple(each.name_en for each in SPECIES), voc_ppb=voc, below_ppb=np.full(voc.shape, np.nan),
        series={**series, "pressure_pa": np.full(n, PRESSURE_PA)}, simulated=True, source="nature run, without instruments",
    )  # fmt: skip


def true_slopes(ran: Sequence[Day], world: World, row: int, column: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give what the nature run makes [ppb/h], and how that changes with ln reactivity and ln NOx [ppb/h], each (hour,)."""
    found = []
    for day in ran:
        ground = day.ground.at(np.array([row]), np.array([column]))
        nox = ground.of("nox")[0] / NMOL_PER_PPB
        reactivity = sum(per_unit * ground.of(name)[0] for name, per_unit in world.reactivity_per_unit.items())
        sky = (
            day.weather.cos_zenith,
            *(getattr(day.weather, n)[:, row, column] for n in ("cloud_transmission", "temperature_c")),
        )
        width = 2.0 * np.log(STEP)
        by_voc = (production(nox, reactivity * STEP, *sky) - production(nox, reactivity / STEP, *sky)) / width
        by_nox = (production(nox * STEP, reactivity, *sky) - production(nox / STEP, reactivity, *sky)) / width
        found.append((production(nox, reactivity, *sky), by_voc, by_nox))
    return tuple(np.concatenate(each) for each in zip(*found, strict=True))


def _share(values) -> float:
    return float(np.mean(list(values)))


def _shares(readings: Sequence[str]) -> dict[str, float]:
    return {name: readings.count(name) / len(readings) for name in (VOC_LIMITED, "transition", NOX_LIMITED, UNKNOWN)}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m research.ozone.airshed_trial", description=__doc__)
    parser.add_argument("--scenario", default="summer_ozone")
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--ozone", type=float, metavar="PPB")
    told = parser.parse_args()
    found = trial(told.scenario, days=told.days, seed=told.seed, ozone_ppb=told.ozone)
    print(json.dumps([each.as_record() for each in found], indent=1))


if __name__ == "__main__":
    main()
