"""The models that a normalisation may use: LightGBM, and scikit-learn's random forest as its peer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.normalise.trees import Trees, trees_of_forest, trees_of_lightgbm

LIGHTGBM, FOREST = "lightgbm", "forest"
MODELS = (LIGHTGBM, FOREST)
ROUNDS, LIGHTGBM_SETTINGS = 300, {
    "objective": "regression", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 20, "feature_fraction": 0.6,
    "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 255, "num_threads": 1, "deterministic": True, "force_row_wise": True,
    "verbosity": -1,
}  # fmt: skip
FOREST_SETTINGS = {"n_estimators": 100, "min_samples_leaf": 5, "max_features": 1 / 3, "max_samples": 0.632, "n_jobs": 1}
"""After Grange et al. (2018): a third of the variables at each split, leaves of five; a hundred trees instead of 300 (no
difference beyond the spread between seeds)."""


def trained(table: np.ndarray, target: np.ndarray, *, model: str, seed: int) -> Trees:
    """Train a model on a table (row, feature) and its target (row,); the same seed gives the same trees.

    Errors: ValueError where the model is none of MODELS.
    """
    return _TRAINERS[_known(model)](table, target, seed)


def _known(model: str) -> str:
    if model not in MODELS:
        raise ValueError(f"the model is {model!r}, expected one of {', '.join(MODELS)}")
    return model


def _lightgbm(table: np.ndarray, target: np.ndarray, seed: int) -> Trees:
    return trees_of_lightgbm(lightgbm_booster(table, target, seed=seed))


def lightgbm_booster(table: np.ndarray, target: np.ndarray, *, seed: int) -> Any:
    """Train the booster of which `trained` gives the trees."""
    import lightgbm

    data = lightgbm.Dataset(table, target, params={"verbosity": -1})
    return lightgbm.train({**LIGHTGBM_SETTINGS, "seed": seed}, data, num_boost_round=ROUNDS)


def forest_of(table: np.ndarray, target: np.ndarray, *, seed: int) -> Any:
    """Train the random forest of which `trained` gives the trees."""
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(random_state=seed, **FOREST_SETTINGS).fit(table, target)


def _forest(table: np.ndarray, target: np.ndarray, seed: int) -> Trees:
    return trees_of_forest(forest_of(table, target, seed=seed))


_TRAINERS = {LIGHTGBM: _lightgbm, FOREST: _forest}
