"""The box model of a day that was measured: what makes ozone and uses it up, radicals, reactivity, the night's chemistry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.chemistry import photolysis
from research.chemistry.rate_constants import rate_constants
from research.ozone.boxes import Boxes, alike, run, spin_up
from research.ozone.budgets import (
    FORMALDEHYDE,
    Counted,
    gross_ozone,
    joined,
    nitrate_radical,
    ozone_pathways,
    peroxides,
    radical_sinks,
    radical_sources,
    with_nox,
)
from research.ozone.chemistries import mechanism_for
from research.ozone.compounds import GROUPS, OTHER
from research.ozone.conditions import Conditions
from research.ozone.records import Recorded
from research.ozone.roles import peroxy_radicals

REPORTED = ("O3", "NO", "NO2", "OH", "HO2", "NO3", "N2O5", "H2O2", "HNO3", "PAN", *FORMALDEHYDE)
"""Species that a result gives by the hour, beside RO2."""
RO2 = "RO2"
OTHER_REACTIVITY = ("CO", "CH4", "NO2 and NO", "inorganic", "products")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ObmDay(Recorded):
    """What the box of a day came to; every series is float64 (24,) by the hour of the local day, hour ends 01:00 to 24:00.

    concentration_ppb: by species, means. RO2 is the sum of all peroxy radicals. ozone_ppb_h: by pathway, changes of odd
    oxygen, losses below 0; their sum is net_ozone_ppb_h. radical_source_ppb_h, radical_sink_ppb_h: by pathway. no3_ppb_h: by
    pathway of NO3. oh_reactivity_per_s: by group of what was measured, and products that the box made.
    no3_reactivity_per_s: with compounds that were measured. l_n_q: share of ending radicals that end with NOx.
    made_h2o2_ppb_h, made_hno3_ppb_h: production. l_n_q_daylight, h2o2_hno3: of the daylight hours together, the latter the
    ratio of productions. reactivity_kept: share of the OH reactivity of measured compounds that is in the box. o3_bias_ppb:
    mean of box less measured ozone in daylight, NaN where ozone was not measured or is held. settings, assumed, bridged,
    below, unmeasured, left_out, simulated, source: of the day.
    """

    station: str
    day: dt.date
    concentration_ppb: Mapping[str, np.ndarray]
    ozone_ppb_h: Mapping[str, np.ndarray]
    net_ozone_ppb_h: np.ndarray
    radical_source_ppb_h: Mapping[str, np.ndarray]
    radical_sink_ppb_h: Mapping[str, np.ndarray]
    no3_ppb_h: Mapping[str, np.ndarray]
    oh_reactivity_per_s: Mapping[str, np.ndarray]
    no3_reactivity_per_s: np.ndarray
    l_n_q: np.ndarray
    made_h2o2_ppb_h: np.ndarray
    made_hno3_ppb_h: np.ndarray
    l_n_q_daylight: float
    h2o2_hno3: float
    reactivity_kept: float
    o3_bias_ppb: float
    settings: Mapping
    assumed: Mapping[str, str]
    bridged: Mapping[str, int]
    below: float
    unmeasured: tuple[str, ...]
    left_out: tuple[str, ...]
    simulated: bool
    source: str


def obm_of(days: Sequence[Conditions], *, rtol: float | None = None, threads: int = 1) -> list[ObmDay]:
    """Run the boxes of days and stations, and give each day's result in their order.

    days: conditions, of any stations, alike or not. rtol: of the solver; threads: 0 for one on each core.
    """
    found: dict[int, ObmDay] = {}
    for places in alike(days):
        part = [days[at] for at in places]
        mechanism = mechanism_for(part[0].settings.mechanism)
        counted = joined([
            gross_ozone(mechanism), ozone_pathways(mechanism), radical_sources(mechanism), radical_sinks(mechanism),
            peroxides(mechanism), nitrate_radical(mechanism),
        ])  # fmt: skip
        start = spin_up(part, threads=threads)
        boxes = run(part, counted, start_ppb=start, keep=mechanism.species, rtol=rtol, threads=threads)
        found |= {place: _result(day, boxes, i) for i, (place, day) in enumerate(zip(places, part, strict=True))}
    return [found[at] for at in range(len(days))]


def _result(day: Conditions, boxes: Boxes, at: int) -> ObmDay:
    mechanism = boxes.kernel.mechanism
    ppb = {
        s: day.hourly(boxes.ppb(s)[at, 0]) for s in (*REPORTED, *peroxy_radicals(mechanism)) if s in mechanism.species
    }
    means = {s: ppb[s] for s in REPORTED if s in ppb}
    means[RO2] = np.sum([ppb[s] for s in peroxy_radicals(mechanism)], axis=0)
    totals = boxes.totals_ppb[at, 0]
    per_h = {name: day.hourly(totals[:, i]) * day.windows_per_hour for i, name in enumerate(boxes.counted.names)}
    sinks = radical_sinks(mechanism)
    lit, kept = day.daylight, day.lumping.reactivity_kept(day.day.voc_ppb.mean(axis=1))
    reactivity, by_no3 = _reactivities(day, boxes, at)
    made = {s: boxes.total(s)[at, 0] for s in ("H2O2", "HNO3")}
    return ObmDay(
        station=day.day.station, day=day.day.day, concentration_ppb=means, ozone_ppb_h=_named(per_h, "ozone"),
        net_ozone_ppb_h=per_h["made"] - per_h["lost"], radical_source_ppb_h=_named(per_h, "source"),
        radical_sink_ppb_h=_named(per_h, "sink"),
        no3_ppb_h={name: per_h[name] for name in nitrate_radical(mechanism).names}, oh_reactivity_per_s=reactivity,
        no3_reactivity_per_s=by_no3, l_n_q=_share(sinks, boxes.counted, day.hourly(totals.T).T),
        made_h2o2_ppb_h=per_h["H2O2"], made_hno3_ppb_h=per_h["HNO3"],
        l_n_q_daylight=float(_share(sinks, boxes.counted, totals[lit].sum(axis=0)[None])[0]),
        h2o2_hno3=float(made["H2O2"][lit].sum() / made["HNO3"][lit].sum()), reactivity_kept=float(kept),
        o3_bias_ppb=_bias(day, means["O3"]), settings=day.settings.as_record(), assumed=dict(day.assumed),
        bridged=dict(day.day.bridged), below=day.day.below, unmeasured=day.day.unmeasured, left_out=day.lumping.left_out,
        simulated=day.day.simulated, source=day.day.source,
    )  # fmt: skip


def _named(per_h: Mapping[str, np.ndarray], what: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(f"{what}: "): values for name, values in per_h.items() if name.startswith(f"{what}: ")}


def _share(sinks: Counted, counted: Counted, totals: np.ndarray) -> np.ndarray:
    """Give L_N/Q (...) of totals (..., total) of everything counted; NaN where no radical ends."""
    mine = counted.of(totals, sinks.names)
    every = mine.sum(axis=-1)
    return np.divide(with_nox(sinks, mine), every, out=np.full(every.shape, np.nan), where=every > 0.0)


def _reactivities(day: Conditions, boxes: Boxes, at: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Give the reactivity of OH by group, and that of NO3 with compounds [1/s], both by the hour."""
    mechanism = boxes.kernel.mechanism
    constants = rate_constants(
        mechanism, temperature_k=day.temperature_k[None], pressure_pa=day.pressure_pa[None], h2o_ppb=day.h2o_ppb[None],
        photolysis_s1={name: each[None] for name, each in photolysis(mechanism, day.cos_zenith, day.light).items()},
    )[0]  # fmt: skip
    of = dict(zip(day.lumping.species, day.lumping.species_kinds, strict=True))
    kinds = [kind for kind in GROUPS if kind != OTHER or OTHER in of.values()]
    by_oh = {name: np.zeros(len(day.local_h)) for name in (*kinds, *OTHER_REACTIVITY)}
    by_no3 = np.zeros(len(day.local_h))
    for q, reaction in enumerate(mechanism.reactions):
        partners = [s for s in reaction.reactants if s not in ("OH", "NO3", *mechanism.air)]
        if len(partners) != 1:
            continue
        rate = constants[:, q] * boxes.ppb(partners[0])[at, 0]
        if "OH" in reaction.reactants:
            by_oh[_group(partners[0], of)] += rate
        elif "NO3" in reaction.reactants and partners[0] in of:
            by_no3 += rate
    return {name: day.hourly(values) for name, values in by_oh.items()}, day.hourly(by_no3)


def _group(species: str, measured: Mapping[str, str]) -> str:
    if species in ("NO", "NO2"):
        return "NO2 and NO"
    if species in ("CO", "CH4"):
        return species
    if species in measured:
        return measured[species]
    return "inorganic" if species in ("O3", "H2", "HO2", "H2O2", "HNO3", "HO2NO2", "O", "N2O5") else "products"


def _bias(day: Conditions, o3_ppb: np.ndarray) -> float:
    if "o3_ppb" not in day.day.series or day.settings.o3_held:
        return float("nan")
    lit = day.hourly(day.daylight.astype(float)) > 0.5
    return float((o3_ppb - day.day.series["o3_ppb"])[lit].mean())
