"""Models for tests: a card, an artefact of the kind linear, the gates that are handed in, and a clock that counts."""

from __future__ import annotations

import itertools
from pathlib import Path

from ml.gates.features import OBSERVED, RUN, Feature, Known
from ml.gates.results import GateResult
from ml.registry.artefact import Artefact
from ml.registry.card import Card, Words
from ml.registry.linear import linear
from ml.registry.registry import Registry
from tests.ml.gates.pairs import TRAINED_UNTIL, evaluation

NAME = "pm25-linear"
LEAKAGE = GateResult("leakage", "passed", "leakage_none", {"issues": 8})
REPRODUCIBLE = GateResult("reproducible", "passed", "reproducible_bytes", {"seed": 1, "parts": 1})
LEAKS = GateResult("leakage", "failed", "leakage_one", {"name": "x", "ahead": 3.0, "others": ""})
BLIND = GateResult("blind", "passed", "blind_bytes", {"parts": 1})
GATES = (LEAKAGE, REPRODUCIBLE, BLIND)


def card(version: str = "1", **given) -> Card:
    plain = {
        "name": NAME, "version": version, "kind": "linear", "title": Words("细颗粒物线性订正", "linear correction of PM2.5"),
        "quantities": ("pm25_ugm3",), "trained_from": TRAINED_UNTIL - 8760, "trained_until": TRAINED_UNTIL,
        "edition": "HJ 633-2026", "revision": "ebeee54",
        "features": (Feature("forecast_pm25_ugm3", "ug m-3", "forecast", Known(RUN, 6.0)),
                     Feature("pm25_ugm3", "ug m-3", "observation", Known(OBSERVED, 1.0), 24)),
        "data": {"joined hours": "ab" * 32}, "seeds": (1,), "horizon_h": 24, "lookback_h": 24,
        "not_for": (Words("来源解析", "attribution to sources"),), "limits": (Words("重污染日偏低", "too low on heavy days"),),
        "trained_by": "王工", "trained_at": 1_700_000_000.0, "simulated": False,
    }  # fmt: skip
    return Card(**(plain | given))


def artefact(weight: float = 1.0, **given) -> Artefact:
    return linear({"pm25_ugm3": {"pm25_ugm3": weight}}, **({"of_runs": False, "of_hours": True} | given))


def registry(root: Path, **given) -> Registry:
    ticks = itertools.count(1_700_000_100)
    return Registry(root, **({"clock": lambda: float(next(ticks))} | given))


def trained(
    models: Registry, version: str = "1", *, error: float = 5.0, gates=GATES, weight: float = 1.0, **given
) -> str:
    """Enter a version and evaluate it; error [ug/m3]: how far off it is (10 and 20: the baselines)."""
    models.train(card(version, **given), artefact(weight))
    models.evaluate(NAME, version, [evaluation(error=error, seed=int(version))], gates, by="李工")
    return version


def serving(models: Registry, *versions: str) -> None:
    """Let versions come to serve, one after the other, each compared with the one before."""
    for version in versions:
        trained(models, version, error=6.0 - 0.1 * int(version), weight=float(version))
        if (present := models.standings().serving.get(NAME)) is not None:
            models.compare(NAME, version, present, by="李工")
        models.approve(NAME, version, by="赵主任", why="tested")
