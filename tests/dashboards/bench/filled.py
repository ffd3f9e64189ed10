"""A store with a month of compounds of a super-site and a result of each kind, as research.bench keeps them. Made up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from typing import Any

import numpy as np
import sqlalchemy as sa

from research.ozone.isopleths import CUTS, Grid, cheapest_cut, cut_path, ridge
from streams import registry
from streams.registry import Registry
from streams.registry.places import Station
from streams.store import begin_write
from streams.store import bench_kinds as kinds
from streams.store import bench_requests as requests
from streams.store.bench_results import Kept, keep
from streams.store.schema import voc_station_hour
from tests.dashboards.stores import NEWEST

SITE, HOURS = "9001A", 24 * 40
HOUR = dt.timedelta(hours=1)
MEANS = {
    "ethane": 4.1, "propane": 3.6, "n-butane": 1.8, "isopentane": 1.4, "n-pentane": 0.9, "ethylene": 2.7, "propene": 0.6,
    "isoprene": 0.3, "acetylene": 2.2, "benzene": 0.6, "toluene": 1.3, "ethylbenzene": 0.4, "m,p-xylene": 1.0, "o-xylene": 0.3,
    "dichloromethane": 1.1, "acetone": 2.4, "formaldehyde": 4.8, "acetaldehyde": 1.7,
}  # fmt: skip


def known() -> Registry:
    """Give the shipped registry with a super-site beside its stations."""
    shipped = registry.load()
    site = Station(SITE, "超级站", "super", 104.07, 30.66, "510100")
    return dataclasses.replace(shipped, stations={**shipped.stations, SITE: site})


def fill(engine: sa.Engine, newest: dt.datetime = NEWEST) -> dict[str, str]:
    """Fill the compounds, one request of each state, and a result of each kind; give their digests by kind."""
    rows = [_row(newest - back * HOUR) for back in range(HOURS)]
    with begin_write(engine) as connection:
        connection.execute(sa.insert(voc_station_hour), rows)
        digests = {}
        for kind, content in CONTENTS.items():
            for settings in ({}, {"below": "zero"}):
                digest = keep(connection, _kept(kind, content, settings, newest), newest)
                digests.setdefault(kind, digest)
        for n, state in enumerate(requests.STATES):
            question = {"station": SITE, "first": "2023-01-01", "last": f"2023-01-{n + 1:02d}"}
            found = requests.ask(
                connection, "ekma", SITE, question, by="researcher", now=newest + n * dt.timedelta(seconds=1)
            )
            if state != requests.QUEUED:
                requests.take(connection, "here:1", newest, id=found.id)
                requests.tell(connection, found.id, "here:1", newest, progress=0.4, step="grid")
            if state not in requests.OPEN:
                requests.end(connection, found.id, "here:1", state, newest, result=digests["ekma"] if state == "done" else None,
                             reason="the period has 0 days, expected 1 to 31 for ekma" if state == "failed" else None)  # fmt: skip
    return digests


def _row(hour: dt.datetime) -> dict[str, Any]:
    local = (hour.hour + 8) % 24
    swing = 1.0 + 0.35 * math.cos((local - 8) / 12 * math.pi)
    sun = max(0.0, math.cos((local - 13) / 12 * math.pi))
    cells: dict[str, Any] = {name: round(mean * swing, 3) for name, mean in MEANS.items()}
    cells["isoprene"] = round(0.05 + 0.9 * sun, 3) if sun > 0.1 else "<0.05"
    cells["m,p-xylene"] = round(MEANS["m,p-xylene"] * swing * (1.0 - 0.5 * sun), 3)
    return {
        "station": SITE, "hour_end": hour, "city": "510100", "species_ppb": json.dumps(cells), "n_species": len(cells),
        "n_below": 0, "status": "provisional", "revision": 0, "simulated": True, "version": 1,
    }  # fmt: skip


def kept_of(kind: str, settings: dict[str, Any], newest: dt.datetime) -> Kept:
    """Give a result of a kind, of the 30 days up to an hour."""
    return _kept(kind, CONTENTS[kind], settings, newest)


def _kept(kind: str, content: dict[str, Any], settings: dict[str, Any], newest: dt.datetime) -> Kept:
    question = {"station": SITE, "first": "2022-12-22", "last": "2023-01-20", **settings}
    return Kept(
        kind=kind, station=SITE, first_hour=newest - 720 * HOUR, last_hour=newest, question=question, inputs="a" * 64,
        settings=settings or {"below": "half"}, software=f"{kind} 1; t1s2", simulated=True, cpu_s=1.4, content=content,
    )  # fmt: skip


_FACTORS = [round(0.1 * n, 1) for n in range(21)]
_AXIS = np.array(_FACTORS)
_GRID = Grid(
    _AXIS, _AXIS, 40.0 + 60.0 * ((0.1 + _AXIS) / (0.5 + _AXIS))[:, None] * (_AXIS / (0.2 + _AXIS**2))[None, :]
)  # highest along NOx at the root of 0.2
_ASSUMED = {
    "left_out": [{"day": "2023-01-03", "what": "no2_ppb", "gap_h": 7}, {"day": "2023-01-05", "what": "toluene", "gap_h": 0}],
    "assumed": {"light": "0.8", "pressure_pa": "95460 Pa (500 m)", "o3_ppb": "40 ppb", "mixing_height_m": "300–1500 m"},
    "without": [{"day": "2023-01-04", "what": "2,2-dimethylbutane", "share": 0.002}],
}  # fmt: skip
_SUN = [round(max(0.0, math.sin((hour - 6) / 12 * math.pi)), 3) for hour in range(24)]
_PROFILE = [[60.0, 20.0, 10.0, 5.0], [10.0, 55.0, 30.0, 40.0], [30.0, 25.0, 60.0, 55.0]]
CONTENTS: dict[str, dict[str, Any]] = {
    kinds.COMPOSITION: {
        "now": {"groups": ["alkane", "alkene"], "group_ppb": [11.0, 3.5],
                "species": ["ethane", "ethylene"], "ofp_ugm3": [1.0, 28.0]},
        "before": None,
    },
    kinds.RECEPTOR: {
        "factors": ["Factor 1", "Factor 2", "Factor 3"],
        "proposed": [[{"zh": "燃烧", "en": "combustion"}], [{"zh": "机动车尾气", "en": "vehicle exhaust"}], []],
        "contribution_pct": [31.0, 42.0, 27.0],
        "species": ["ethane", "toluene", "m,p-xylene", "benzene"], "profile_pct": _PROFILE,
        "low_pct": [[v * 0.8 for v in row] for row in _PROFILE], "high_pct": [[v * 1.2 for v in row] for row in _PROFILE],
        "bs_low_pct": _PROFILE, "bs_high_pct": _PROFILE, "q_true": 4210.2, "q_robust": 4105.9, "q_expected": 4000.0, "hits": 17,
        "starts": 40, "profile_ppb": [[2.0, 0.6, 0.3, 0.1], [0.3, 1.1, 0.6, 0.8], [0.9, 0.5, 1.1, 1.0]],
        "hour_end": list(range(464_000, 464_000 + 48)),
        "contribution": [[1.0 + 0.6 * math.cos((hour + 8 - peak) / 12 * math.pi) for hour in range(464_000, 464_000 + 48)]
                         for peak in (8, 19, 3)],
    },
    kinds.OZONE_DAY: {"budget_ppb": {
        "HO2 + NO": 31.2, "RO2 + NO": 24.0, "OH + NO2": -6.1, "O3 + HO2": -2.2, "O3 + alkenes": -1.4, "PANs": -2.9,
        "NO3 + VOC": -0.3, "other": -0.6},
        "hours": {
            "net_ppb_h": [6.1 * sun - 0.4 for sun in _SUN],
            "ozone_ppb_h": {"HO2 + NO": [4.1 * sun for sun in _SUN], "RO2 + NO": [3.1 * sun for sun in _SUN],
                            "OH + NO2": [-0.8 * sun for sun in _SUN], "O3 + HO2": [-0.3 * sun for sun in _SUN],
                            "other": [-0.4 for _ in _SUN]},
            "oh_reactivity_per_s": {name: [value * (1.0 - 0.3 * sun) for sun in _SUN] for name, value in (
                ("alkanes", 1.4), ("alkenes", 3.2), ("aromatics", 1.9), ("ovoc", 4.4), ("biogenic", 0.6), ("CO", 2.6),
                ("CH4", 0.3), ("NO2 and NO", 4.9), ("inorganic", 0.2), ("products", 1.1))},
            "radicals_ppb": {"OH": [3e-4 * sun for sun in _SUN], "HO2": [0.014 * sun for sun in _SUN],
                             "RO2": [0.011 * sun for sun in _SUN]},
        }, **_ASSUMED},
    kinds.EKMA: {
        "day": "2023-01-20", "voc_factor": _FACTORS, "nox_factor": _FACTORS,
        "o3_ppb": _GRID.o3_ppb.T.tolist(), "base_o3_ppb": float(_GRID.at(1.0, 1.0)), "ridge": ridge(_GRID).as_record(),
        "cuts": [cut_path(_GRID, ratio, steps=20).as_record() for ratio in CUTS],
        "cheapest": cheapest_cut(_GRID, 65.0).as_record(),
        "days": [{"day": f"2023-01-{n:02d}", "voc": 0.7 + 0.05 * n, "nox": 1.4 - 0.06 * n, "expected_ppb": 70.0 + n,
                  "observed_ppb": 64.0 + 2 * n} for n in range(1, 15)],
        "unlike": ["2023-01-16"], **_ASSUMED,
    },
    kinds.RIR: {
        "groups": [{"group": name, "rir": value, "low": value - 0.1, "high": value + 0.12} for name, value in (
            ("alkanes", 0.11), ("alkenes", 0.52), ("aromatics", 0.38), ("ovoc", 0.47), ("biogenic", 0.07), ("VOC", 1.32),
            ("CO", 0.09), ("NOx", -0.61))],
        **_ASSUMED,
    },
    kinds.REGIME: {
        "days": [{
            "day": "2023-01-20", "most": ["voc"], "disagreeing": ["H2O2/HNO3"],
            "signs": [
                {"kind": "EKMA", "reading": "voc", "value": -0.83,
                 "what": "dO3/dln VOC 41.2 ppb, dO3/dln NOx -12.9 ppb; value: NOx less VOC over both"},
                {"kind": "RIR", "reading": "voc", "value": -0.98,
                 "what": "RIR of VOC 1.32, of NOx -0.61; value: NOx less VOC over both"},
                {"kind": "L_N/Q", "reading": "voc", "value": 0.84, "what": "share of radicals that end with NOx"},
                {"kind": "H2O2/HNO3", "reading": "unknown", "value": None, "what": "ratio of productions, P(H2O2)/P(HNO3)"},
                {"kind": "VOC/NOx", "reading": "transition", "value": 9.4,
                 "what": "ppbC per ppb, 6 to 9 o'clock, NOx by NO2 alone"},
            ],
        }, {"day": "2023-01-21", "most": [], "disagreeing": [], "signs": []}],
        **_ASSUMED,
    },
    kinds.SOURCE_OZONE: {
        "sources": ["1 Factor 1", "2 Factor 2", "3 Factor 3", "in no factor"],
        "share": {"ofp": [0.3, 0.4, 0.2, 0.1], "box, a tenth": [0.4, 0.3, 0.2, 0.1], "box, all": [0.5, 0.4, 0.1, None]},
        "low": [0.3, 0.3, 0.1, 0.1], "high": [0.5, 0.4, 0.2, 0.1], "assumed": {},
        "why_none": "which sectors a factor stands for is a person's to say: the attribution stands beside, by its own sectors",
        "attribution_ugm3": {"vehicles": 31.4, "solvent": 22.0, "outside": 60.2}, "attribution_days": 12,
    },
}  # fmt: skip
