"""How long a normalisation takes beside the published way, drawing weather n times, on the same model. Prints JSON.

Run: python -m tests.bench.bench_normalise [days] [draws]

The peer is the algorithm of rmweather as it is written: n tables with drawn weather, each predicted by LightGBM itself. `error`
is how far its mean still lies from the mean over all weather, which ours is.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ml.normalise.design import design_of
from ml.normalise.models import LIGHTGBM, MODELS, lightgbm_booster, trained
from ml.normalise.normalised import KEEP_TREND, resampled_features
from ml.normalise.trees import mean_over_pool
from tests.ml.normalise.made import series


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Give the seconds of a call and its result."""
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def by_drawing(booster: Any, table: np.ndarray, free: np.ndarray, draws: int) -> np.ndarray:
    """Normalise by the published way: the mean over predictions with drawn rows."""
    chance, total = np.random.default_rng(1), np.zeros(len(table))
    for _ in range(draws):
        drawn = np.where(free, table[chance.integers(len(table), size=len(table))], table)
        total += booster.predict(drawn, num_threads=1)
    return total / draws


def main(days: int = 3650, draws: int = 300) -> None:
    """Measure and print."""
    values, ends, weather = series(days=days)
    design = design_of(values, ends, weather)
    free = resampled_features(design, keep=KEEP_TREND)
    figures: dict[str, Any] = {"rows": len(design.rows), "draws": draws}
    for model in MODELS:
        small = trained(design.table[:400], design.target[:400], model=model, seed=1)
        mean_over_pool(small, design.table[:5], design.table[:5], resampled=free)  # compiled before the clock runs
        figures[f"{model}_train_s"], trees = timed(
            lambda model=model: trained(design.table, design.target, model=model, seed=1)
        )
        figures[f"{model}_normalise_s"], exact = timed(
            lambda trees=trees: mean_over_pool(trees, design.table, design.table, resampled=free)
        )
        if model == LIGHTGBM:
            booster = lightgbm_booster(design.table, design.target, seed=1)
            figures["drawing_s"], drawn = timed(partial(by_drawing, booster, design.table, free, draws))
            figures["drawing_error"] = float(np.sqrt(np.mean((drawn - exact) ** 2)))
            figures["times_as_fast"] = figures["drawing_s"] / figures["lightgbm_normalise_s"]
    print(json.dumps({k: round(v, 4) for k, v in figures.items()}, indent=1))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
