"""Receptor model of a site's hours: factors with intervals of displacement and bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from research.bench.kinds import Inputs, Tell, period_asked
from research.receptor import Solution, Table, factorise
from research.receptor.bootstrap import PERCENTILES, bootstrap
from research.receptor.displacement import displace
from research.receptor.naming import propose_names
from research.receptor.stored import stored_table
from streams.registry import Registry

SOFTWARE = "receptor 1"
DISP_LEVEL = 4.0
"""Level of dQ at which intervals are shown, the lowest of EPA PMF 5."""
_EPOCH = np.datetime64("1970-01-01T00:00")


def read(engine: sa.Engine, registry: Registry, question: Mapping[str, Any]) -> Inputs:
    """Read the hours as a table with uncertainties; ReceptorError where there is too little."""
    start, end = period_asked(question)
    table = stored_table(engine, question["station"], start=start, end=end)
    return Inputs(table.digest(), bool(table.simulated), table)


def work(question: Mapping[str, Any], data: Table, tell: Tell) -> dict[str, Any]:
    """Factorise from many starts, and find the intervals; shares of species in per cent."""

    def part(begin: float, share: float, step: str):
        return lambda done, of: tell(begin + share * done / max(of, 1), step)

    found = factorise(
        data,
        factors=question["factors"],
        starts=question["starts"],
        seed=question["seed"],
        robust=question["robust"] == "yes",
        floor=float(question["floor"]),
        threads=1,
        tell=part(0.05, 0.3, "starts"),
    )
    low = high = low_bs = high_bs = np.full(found.profiles.shape, np.nan)
    told: dict[str, Any] = {}
    if question["disp"] == "yes":
        moved = displace(found, levels=(DISP_LEVEL,), threads=1, tell=part(0.35, 0.45, "disp"))
        low, high = moved.low[0], moved.high[0]
        told["disp"] = {"level": DISP_LEVEL, "swaps": moved.swaps[0], "largest_decrease": moved.largest_decrease}
    if question["bootstraps"]:
        drawn = bootstrap(
            found, resamples=question["bootstraps"], seed=question["seed"], threads=1, tell=part(0.8, 0.19, "bootstrap")
        )
        low_bs, high_bs = drawn.percentiles[0], drawn.percentiles[-1]
        told["bootstrap"] = {
            "percents": list(PERCENTILES),
            "mapped": drawn.mapped,
            "resamples": drawn.resamples,
            "lower": drawn.lower,
        }
    return {**_plain(found, low, high, low_bs, high_bs), **told}


def _plain(
    found: Solution, low: np.ndarray, high: np.ndarray, low_bs: np.ndarray, high_bs: np.ndarray
) -> dict[str, Any]:
    total = found.profiles.sum(axis=0)
    whole = np.where(total > 0, total, np.nan)
    proposed = propose_names(found)
    mass = found.profiles.sum(axis=1)
    hours = (
        found.table.times[found.table.used].astype("datetime64[m]") - np.timedelta64(480, "m") - _EPOCH
    ) // np.timedelta64(60, "m")
    return {
        "factors": list(found.names),
        "proposed": [[each.as_record() for each in of][:1] for of in proposed],
        "species": list(found.species),
        "profile_pct": 100.0 * found.profiles / whole,
        "low_pct": 100.0 * low / whole,
        "high_pct": 100.0 * high / whole,
        "bs_low_pct": 100.0 * low_bs / whole,
        "bs_high_pct": 100.0 * high_bs / whole,
        "profile_ppb": found.profiles,
        "contribution_pct": 100.0 * mass / mass.sum(),
        "q_true": found.q_true,
        "q_robust": found.q_robust,
        "q_expected": found.q_expected,
        "hits": found.hits,
        "starts": len(found.runs),
        "hour_end": hours.astype(int),
        "contribution": np.round(found.contributions[found.table.used].T, 4),
    }
