"""Small made-up runs in the shapes of research.attribution_bench.making: nothing of them is real."""

from __future__ import annotations

import numpy as np

from research.attribution_bench.making import HISTORY_H, WEATHER
from research.attribution_bench.plan import Unit
from research.virtual_airshed.observe import cems, chromatograph, composition
from research.virtual_airshed.observe.sites import RESEARCH_SITES
from standards.pollutants import ITEMS
from streams.contributors import SECTORS, TAG_QUANTITIES
from streams.records import SPECIES

CITIES = ("510100", "510600", "510700", "510900", "511100", "511400", "511800", "512000")
LEVEL = {"co": 0.8, "o3": 150.0, "ox": 180.0, "pm25": 90.0, "pm10": 130.0}


def nature(unit: Unit) -> tuple[dict, dict]:
    """Make what is seen and what is true."""
    chance, hours = np.random.default_rng([unit.seed, len(unit.what)]), 24 * unit.days
    items = np.array([LEVEL.get(item, 20.0) for item in ITEMS])[:, None, None]

    def around(*shape: int) -> np.ndarray:
        return chance.gamma(20.0, 0.05, shape).astype(np.float32)

    seen = {
        "stations": items * around(6, 16, hours), "counts": np.repeat(np.eye(8, dtype=bool), 2, axis=1),
        "micro": items * around(6, 8, hours), "sites": items * around(6, 3, hours),
        "voc": around(len(chromatograph.NAMES), 2, hours), "composition": around(len(composition.COMPONENTS), 3, hours),
        "cems": 100.0 * around(len(cems.MEASURED), 2, hours), "cems_cities": np.array(CITIES[1:3]),
        "first_hour": np.array(unit.scenario().first_hour),
    }  # fmt: skip
    return seen, true_of(chance, hours)


def true_of(chance: np.random.Generator, hours: int) -> dict:
    """Make a truth: sectors, cities, inflow, sector x city, which add up."""
    found = {}
    for name in ("pm25", "o3"):
        pairs = (
            LEVEL[name]
            / 80
            * chance.gamma(1.0, 1.0, (8, len(SECTORS), 8, 1))
            * chance.gamma(9.0, 1 / 9, (8, 1, 1, hours))
        )
        inflow = 0.1 * LEVEL[name] * chance.gamma(20.0, 0.05, (8, 1, hours))
        parts = (pairs.sum(axis=2), pairs.sum(axis=1), inflow, pairs.reshape(8, -1, hours))
        found[name] = np.concatenate(parts, axis=1).astype(np.float32)
        found[f"{name}_total"] = (pairs.sum(axis=(1, 2)) + inflow[:, 0]).astype(np.float32)
    return found


def twin(unit: Unit) -> dict:
    """Make what a twin says."""
    chance, hours = np.random.default_rng([unit.seed, *map(ord, unit.kind)]), 24 * unit.days
    names = (*CITIES, *(site.code for site in RESEARCH_SITES))
    level = np.array([LEVEL.get(q, 15.0) for q in TAG_QUANTITIES])[:, None, None, None, None]
    shape = (len(TAG_QUANTITIES), len(names), len(SECTORS), 8)
    joint = level / 80 * chance.gamma(2.0, 0.5, (*shape, 1)) * chance.gamma(9.0, 1 / 9, (1, len(names), 1, 1, hours))
    outside = 0.1 * level[:, :, 0] * chance.gamma(20.0, 0.05, (1, len(names), 1, hours))
    first = unit.scenario().first_hour
    air = np.array([1.0, 1.0, 500.0, 0.1, 10.0, 60.0, 0.8])[: len(WEATHER), None, None]
    return {
        "sector": np.concatenate([joint.sum(axis=3), outside], axis=2).astype(np.float32),
        "place": np.concatenate([joint.sum(axis=2), outside], axis=2).astype(np.float32),
        "joint": joint.astype(np.float32), "names": np.array(names), "first_hour": np.array(first),
        "weather": (air * chance.gamma(9.0, 1 / 9, (len(WEATHER), 8, hours + HISTORY_H))).astype(np.float32),
        "kg": (100.0 * chance.gamma(3.0, 1 / 3, (8, len(SECTORS), len(SPECIES), hours + HISTORY_H))).astype(np.float32),
    }  # fmt: skip
