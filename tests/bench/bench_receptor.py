"""What the receptor model takes and reaches on real tables: CPU seconds of one core, sums, hits, intervals, a peer. Prints JSON.

Run: AIRSHED_DATA=FOLDER python -m tests.bench.bench_receptor [--json FILE] [--quick]

The tables are those of tests/research/receptor/published.py. The peer is ESAT's LS-NMF (package esat) from the same starts in the
same process, where it is installed; it is no requirement of the project, and the bench says so where it is missing. --quick leaves
out the whole displacement and draws with random starts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from research.receptor.bootstrap import bootstrap
from research.receptor.displacement import LEVELS, displace, displaced
from research.receptor.factorise import SETTLED, factorise, from_start, to_the_end
from research.receptor.problem import Fit, Problem, fitted, problem_of, sums
from research.receptor.solution import Solution
from tests.bench.parts import tell
from tests.research.receptor.made import made_table, matched
from tests.research.receptor.published import baton_rouge, redlands, redlands_by_epa

PEER_STARTS = 20


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Give the CPU seconds of a call and its result."""
    start = time.process_time()
    result = call()
    return round(time.process_time() - start, 3), result


def of_baton_rouge(*, quick: bool) -> dict[str, Any]:
    """Factorise EPA's sample set, displace and draw it."""
    table = baton_rouge()
    cpu_s, found = timed(lambda: factorise(table, factors=6, starts=100, robust=False))
    told: dict[str, Any] = {"starts": 100, "cpu_s": cpu_s, "best_q": found.q_true, "hits": found.hits}
    problem = found.problem
    falls = []
    for n in range(100):
        loose = from_start(problem, 6, [11, n], SETTLED)
        falls.append(loose.objective - to_the_end(problem, loose, tolerance=1e-7).objective)
    told["polishing_lowers_q_by_at_most"] = max(falls)
    warm_s, warm = timed(lambda: bootstrap(found, resamples=100, block=3))
    told["bs_100_warm"] = {"cpu_s": warm_s, "mapped_pct": 100.0 * float(np.diag(warm.mapped).sum() / warm.mapped.sum())}
    if not quick:
        cold_s, cold = timed(lambda: bootstrap(found, resamples=100, block=3, starts=5))
        told["bs_100_five_starts"] = {"cpu_s": cold_s, "lower_than_warm": cold.lower}
        told["disp"] = of_displacement(found)
    told["peer"] = against_esat(problem)
    return told


def of_displacement(found: Solution) -> dict[str, Any]:
    """Displace all elements at all levels, and twenty of them again to a tight end."""
    cpu_s, disp = timed(lambda: displace(found))
    base, chance, worst = (
        Fit(found.g, found.f, found.objective, found.q_true, found.q_robust, 0),
        np.random.default_rng(0),
        0.0,
    )
    for _ in range(20):
        k, j, side = int(chance.integers(6)), int(chance.integers(len(found.species))), int(chance.choice([-1, 1]))
        tight = displaced(found.problem, base, k, j, side, LEVELS, tolerance=1e-7, most=20_000).at
        ours = (disp.low if side < 0 else disp.high)[:, k, j]
        worst = max(worst, float((np.abs(ours - tight) / np.maximum(np.abs(tight), 1e-9)).max()))
    return {"cpu_s": cpu_s, "fits": disp.fits, "swaps": disp.swaps.sum(axis=1).tolist(), "worst_of_twenty": worst,
            "largest_decrease": disp.largest_decrease, "reached_pct": 100.0 * float(disp.reached.mean())}  # fmt: skip


def of_redlands() -> dict[str, Any]:
    """Compare with the output of EPA PMF 5 for nine factors."""
    table = redlands()
    g, f = redlands_by_epa()
    _, true, robust = sums(problem_of(table, robust=True, floor=-0.2), g, f.T)
    cpu_s, found = timed(lambda: factorise(table, factors=9, starts=40, floor=-0.2))
    return {
        "q_true_at_epa": true, "q_robust_at_epa": robust, "starts": 40, "cpu_s": cpu_s, "q_robust": found.q_robust,
        "q_true": found.q_true, "hits": found.hits, "share_r_least": float(matched(found.shares().T, (f / f.sum(axis=0)).T).min()),
        "contribution_r_least": float(matched(found.g, g).min()),
    }  # fmt: skip


def against_esat(problem: Problem) -> dict[str, Any]:
    """Time both from the same starts in turn, from the project's starts and from the peer's own, and polish what the peer gave."""
    try:
        from esat.model.sa import SA
    except ImportError:
        return {"missing": "the package esat is not installed, so nothing was compared"}
    found: dict[str, Any] = {"starts": PEER_STARTS}
    for kind, start in (("from_our_starts", our_start), ("from_its_starts", its_start)):
        ours_s = theirs_s = 0.0
        falls = []
        for n in range(PEER_STARTS):
            # Its compiled half reads arrays column by column whatever their order: rows first, it fits a scrambled table.
            x, u = np.asfortranarray(problem.x), np.asfortranarray(1.0 / np.sqrt(problem.w))
            peer = SA(factors=6, V=x, U=u, method="ls-nmf", seed=n, verbose=False)
            g, f = start(problem, peer, n)
            peer.initialize(W=np.asfortranarray(g), H=np.asfortranarray(f.T))
            seconds, _ = timed(lambda g=g, f=f: fitted(problem, g, f, tolerance=SETTLED))
            ours_s += seconds
            seconds, _ = timed(peer.train)
            theirs_s += seconds
            # The peer works in single precision; the kernels take double.
            w, h = (np.ascontiguousarray(each, np.float64) for each in (peer.W, peer.H.T))
            falls.append(sums(problem, w, h)[1] - to_the_end(problem, Fit(w, h, 0.0, 0.0, 0.0, 0)).q_true)
        found[kind] = {"ours_cpu_s": ours_s, "esat_cpu_s": theirs_s, "times": theirs_s / ours_s,
                       "polishing_lowers_its_q_by": [round(each, 2) for each in sorted(falls)]}  # fmt: skip
    return found


def our_start(problem: Problem, _: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Give a start as factorise draws it: contributions (sample, factor) and profiles (species, factor)."""
    x, chance = problem.x, np.random.default_rng([3, n])
    g = np.abs(chance.normal(1.0, 1.0, (len(x), 6)))
    return g, np.abs(chance.normal(1.0, 1.0, (x.shape[1], 6))) * x.mean(axis=0)[:, None] / 6


def its_start(_: Problem, peer: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the start that the peer draws from its seed; n is in it already."""
    peer.initialize()
    return np.ascontiguousarray(peer.W, np.float64), np.ascontiguousarray(peer.H.T, np.float64)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--json", type=Path)
    asked.add_argument("--quick", action="store_true")
    given = asked.parse_args()
    small, _ = made_table(hours=48)
    first_s, _ = timed(lambda: factorise(small, factors=2, starts=1, floor=-0.2))  # compiled before the clock runs
    figures = {"first_use_cpu_s": first_s, "baton_rouge": of_baton_rouge(quick=given.quick), "redlands": of_redlands()}
    tell(figures, given.json)


if __name__ == "__main__":
    main()
