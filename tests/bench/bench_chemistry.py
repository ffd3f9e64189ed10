"""How fast the chemistry is, and how right: EKMA, a mechanism of the MCM's size, held observations, first use. Prints JSON.

Run: python -m tests.bench.bench_chemistry [--json FILE] [--only ekma mcm held cold] [--repeats 3]

CPU seconds of one core, the least of the repeats. Days are made: sun of late July at 30.6 degrees north, 20 to 32 °C, NOx 30 ppb
and VOC 40 ppb (the mixture of the ozone surface) times 0.1 to 2.1 in 21 x 21 boxes, emissions of 2 and 4 ppb/h, a growing layer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from research.chemistry import Windows, compiled, integrate, kept, load_mechanism, pathways, photolysis, reduced
from research.chemistry.runs import Run
from research.virtual_airshed.chemistry.mixture import load_mixture
from tests.bench.chains_of_voc import EMITTED, chains_of_voc
from tests.bench.parts import Parts, measure

MINUTES = 5
AIR = ("O3", "NO", "NO2", "CO", "CH4", "H2")
BACKGROUND = {"O3": 40.0, "CH4": 1900.0, "H2": 530.0, "CO": 150.0}


def hours_of(first: float, last: float) -> np.ndarray:
    """Give the middle of each window, in hours of the day."""
    return np.arange(first, last, MINUTES / 60.0) + MINUTES / 120.0


def cosine(hour: np.ndarray) -> np.ndarray:
    """Give the cosine of the sun's zenith angle at an hour of China's time in Chengdu, late in July."""
    lat, declination = np.radians(30.6), np.radians(18.0)
    angle = np.pi * (hour - 13.0) / 12.0
    return np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(angle)


def mixture() -> dict[str, float]:
    """Give the molar share of each VOC, and CO for each ppb of VOC."""
    told = load_mixture()
    return dict(zip(told.species, told.molar_share.tolist(), strict=True))


def plane() -> tuple[np.ndarray, np.ndarray]:
    """Give the factors of NOx and VOC of 441 boxes."""
    factor = np.linspace(0.1, 2.1, 21)
    nox, voc = np.meshgrid(factor, factor, indexing="ij")
    return nox.ravel(), voc.ravel()


def day(mechanism, emitted: dict[str, float]) -> tuple[Windows, dict[str, np.ndarray | float]]:
    """Make the day: windows, and amounts at the start; emitted: share of each VOC."""
    hour, (nox, voc) = hours_of(7.0, 19.0), plane()
    sources = {"NO": 1.8 / 3600.0 * nox[:, None], "NO2": 0.2 / 3600.0 * nox[:, None]}
    sources |= {s: 4.0 / 3600.0 * share * voc[:, None] for s, share in emitted.items() if s != "CO"}
    windows = Windows(
        seconds=MINUTES * 60.0,
        temperature_k=293.15 + 12.0 * np.sin(np.pi * (hour - 7.0) / 16.0),
        pressure_pa=95000.0,
        h2o_ppb=1.8e7,
        photolysis_s1=photolysis(mechanism, cosine(hour), 0.8),
        dilution_s1=np.where(hour < 12.0, 1.0 / 10800.0, 1.0 / 43200.0),
        background_ppb=BACKGROUND,
        source_ppb_s=sources,
    )
    start = {"O3": 30.0, "CH4": 1900.0, "H2": 530.0, "NO": 7.5 * nox, "NO2": 22.5 * nox, "CO": 800.0 * voc}
    return windows, start | {s: 40.0 * share * voc for s, share in emitted.items() if s != "CO"}


def least(repeats: int, what: Callable[[], Run]) -> tuple[float, Run]:
    """Give the least CPU seconds of some runs, and what the last gave; the first use is not counted."""
    spent = []
    what()
    for _ in range(repeats):
        begin = time.process_time()
        run = what()
        spent.append(time.process_time() - begin)
    return min(spent), run


def ekma(repeats: int) -> dict[str, float]:
    """441 boxes over twelve hours with T1S2, and the same at tolerances of 1e-7; MINUTES against one minute."""
    shares = mixture()
    mechanism = reduced(load_mechanism("t1s2"), present=(*AIR, *shares), to=("O3", "NO", "NO2"))
    kernel, rows = compiled(mechanism), pathways(mechanism)

    def run(count=None) -> Run:
        windows, start = day(mechanism, shares)  # rates of photolysis too are part of the time
        return integrate(kernel, start, windows, keep=("O3",), count=count)

    plain, _ = least(repeats, run)
    counted, usual = least(repeats, lambda: run(rows.count))
    windows, start = day(mechanism, shares)
    tight = integrate(kernel, start, windows, keep=("O3",), rtol=1e-7, atol_ppb=1e-8)
    off = np.abs(usual.ppb("O3") - tight.ppb("O3"))
    peak = np.abs(usual.ppb("O3").max(axis=1) - tight.ppb("O3").max(axis=1))
    return {
        "species": len(mechanism.species),
        "reactions": len(mechanism.reactions),
        "cpu_s": plain,
        "cpu_s_with_pathways": counted,
        "steps_of_a_block": float(usual.steps.mean()),
        "most_o3_ppb": float(tight.ppb("O3").max()),
        "error_of_most_o3_ppb": float(peak.max()),
        "error_at_any_time_ppb": float(off.max()),
    }


def mcm(repeats: int) -> dict[str, float]:
    """441 boxes over twelve hours with made chains of VOC of the size of an MCM subset."""
    mechanism = chains_of_voc()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AIRSHED_CACHE"] = folder
        begin = time.process_time()
        compiled(mechanism)
        ordered = time.process_time() - begin
        begin = time.process_time()
        kernel = compiled(mechanism)
        again = time.process_time() - begin
        assert kept.fetch(kept.key_of(mechanism.digest, ())) is not None
        del os.environ["AIRSHED_CACHE"]
    windows, start = day(mechanism, {s: 1.0 / len(EMITTED) for s in EMITTED})
    spent, run = least(max(1, repeats - 2), lambda: integrate(kernel, start, windows, keep=("O3",)))
    some = np.arange(0, 441, 63)
    few = replace(windows, source_ppb_s={s: v[some] for s, v in windows.source_ppb_s.items()})
    begun = {s: v[some] if np.ndim(v) else v for s, v in start.items()}
    tight = integrate(kernel, begun, few, keep=("O3",), rtol=1e-6, atol_ppb=1e-8)
    return {
        "species": len(mechanism.species),
        "reactions": len(mechanism.reactions),
        "entries_of_lu": len(kernel.tables[3][0]) - 1,
        "order_cpu_s": ordered,
        "order_again_cpu_s": again,
        "cpu_s": spent,
        "steps_of_a_block": float(run.steps.mean()),
        "error_of_most_o3_ppb": float(np.abs(run.ppb("O3")[some].max(axis=1) - tight.ppb("O3").max(axis=1)).max()),
    }


def held(repeats: int) -> dict[str, float]:
    """Twenty runs of each of thirty days, VOC, CO and NO2 held: what RIR by species takes, with its differences."""
    shares = mixture()
    mechanism = reduced(load_mechanism("t1s2"), present=(*AIR, *shares), to=("O3", "NO", "NO2"))
    names = (*(s for s in shares if s != "CO"), "CO", "NO2")
    kernel, rows = compiled(mechanism, held=names), pathways(mechanism)
    hour, random, days, runs = hours_of(0.0, 24.0), np.random.default_rng(1), 30, 20
    level = np.array([40.0 * shares[s] for s in names if s in shares and s != "CO"] + [700.0, 18.0])
    shape = (1.0 + 0.4 * np.cos(2.0 * np.pi * (hour - 8.0) / 24.0)) * random.uniform(0.7, 1.3, (days, 1))
    mean_k = random.normal(298.15, 2.0, (days, 1))
    factor = np.ones((len(names), runs))
    factor[np.arange(len(names)), np.arange(1, runs)] = 0.9
    site = np.repeat(np.arange(days), runs)

    def run(**tolerances) -> Run:
        warm = mean_k + 7.0 * np.sin(np.pi * (hour - 9.0) / 12.0)
        values = {s: level[i] * shape[site] * np.tile(factor[i], days)[:, None] for i, s in enumerate(names)}
        windows = Windows(
            seconds=MINUTES * 60.0,
            temperature_k=warm,
            pressure_pa=95000.0,
            h2o_ppb=1.8e7,
            photolysis_s1=photolysis(mechanism, np.broadcast_to(cosine(hour), (days, len(hour))), 0.8),
            site=site,
            dilution_s1=1.0 / 86400.0,
            background_ppb={"O3": 40.0},
            held_ppb=values,
        )
        start = {"O3": 30.0, "NO": 2.0, "CH4": 1900.0, "H2": 530.0}
        return integrate(kernel, start, windows, cells=days * runs, keep=("O3",), count=rows.count, **tolerances)

    def rir(done: Run) -> np.ndarray:
        noon = (hour > 9.0) & (hour < 18.0)
        net = rows.net(done.totals_ppb)[:, noon].sum(axis=1).reshape(days, runs)
        return (net[:, :1] - net[:, 1:]) / net[:, :1] / 0.1

    spent, done = least(max(1, repeats - 1), run)
    tight = rir(run(rtol=1e-6, atol_ppb=1e-8))
    return {
        "runs": runs * days,
        "cpu_s": spent,
        "error_of_rir": float(np.abs(rir(done) - tight).max()),
        "rir_of_no2": float(tight[:, -1].mean()),
    }


def cold(_: int) -> dict[str, float]:
    """The first use on a machine: everything compiled anew, in a process of its own."""
    program = (
        "import time; b = time.process_time(); import numpy as np; from research.chemistry import *\n"
        "m = reduced(load_mechanism('t1s2'), present=('O3', 'NO', 'NO2', 'CH4'), to=('O3',)); k = compiled(m)\n"
        "t = np.full(2, 298.0)\n"
        "w = Windows(seconds=60.0, temperature_k=t, pressure_pa=1e5, h2o_ppb=1e7, photolysis_s1=photolysis(m, t * 0 + 0.5))\n"
        "integrate(k, {'O3': 40.0, 'NO': 1.0, 'CH4': 1900.0}, w, count=pathways(m).count)\n"
        "print(time.process_time() - b)"
    )
    spent = []
    with tempfile.TemporaryDirectory() as folder:
        for _again in range(2):
            told = {**os.environ, "NUMBA_CACHE_DIR": folder, "AIRSHED_CACHE": folder}
            done = subprocess.run(
                [sys.executable, "-c", program], env=told, capture_output=True, text=True, check=True, cwd=Path.cwd()
            )
            spent.append(float(done.stdout))
    return {"first_cpu_s": spent[0], "second_cpu_s": spent[1]}


PARTS: Parts = {"ekma": ekma, "mcm": mcm, "held": held, "cold": cold}

if __name__ == "__main__":
    measure(PARTS, program="tests.bench.bench_chemistry", about=__doc__)
