"""Training gives the same twice, and a model is monotone where it says so."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from ml.gates.errors import GateError
from ml.gates.training import blind, monotone, reproducible

NAMES = ("emission", "wind")


def booster(seed: int, *, constraints: list[int] | None = None) -> lightgbm.Booster:
    rng = np.random.default_rng(0)
    rows = rng.random((400, 2))
    target = rows[:, 0] + np.sin(9 * rows[:, 0]) - rows[:, 1] + rng.normal(0, 0.1, 400)
    settings = {"seed": seed, "num_threads": 1, "deterministic": True, "verbose": -1, "bagging_fraction": 0.7,
                "bagging_freq": 1, "num_leaves": 7}  # fmt: skip
    if constraints:
        settings["monotone_constraints"] = constraints
    return lightgbm.train(settings, lightgbm.Dataset(rows, target), 20)


def test_a_booster_with_a_seed_is_the_same_to_the_byte() -> None:
    said = reproducible(lambda seed: {"model.txt": booster(seed).model_to_string().encode()}, seed=7)
    assert said.allows and "同" in said.words("zh")
    assert booster(7).model_to_string() != booster(8).model_to_string(), "the seed is used"


def test_a_training_that_forgets_its_seed_fails() -> None:
    calls = iter((1, 2))
    said = reproducible(lambda seed: {"a.json": b"1", "b.json": b"%d" % next(calls)}, seed=7)
    assert (said.outcome, said.values["parts"]) == ("failed", "b.json")
    parts = iter(({"a.json": b"1"}, {"a.json": b"1", "c.json": b""}))
    assert reproducible(lambda seed: next(parts), seed=7).values["parts"] == "c.json"


def test_a_model_that_is_not_monotone_as_declared_fails_and_one_that_is_passes() -> None:
    rows = np.random.default_rng(1).random((60, 2))
    declared = {"emission": 1, "wind": -1}
    free = monotone(booster(1).predict, rows, names=NAMES, declared=declared)
    assert free.outcome == "failed" and "declared to rise with emission" in free.words("en")
    held = monotone(booster(1, constraints=[1, -1]).predict, rows, names=NAMES, declared=declared)
    assert held.allows
    other_way = monotone(booster(1, constraints=[1, -1]).predict, rows, names=NAMES, declared={"wind": 1})
    assert other_way.outcome == "failed"


def test_monotone_in_what_is_no_feature_is_an_error() -> None:
    with pytest.raises(GateError, match="rain is declared monotone and is no feature"):
        monotone(lambda rows: rows[:, 0], np.ones((3, 2)), names=NAMES, declared={"rain": -1})
    with pytest.raises(GateError, match="wind has no value in 3 rows"):
        monotone(lambda rows: rows[:, 0], np.full((3, 2), np.nan), names=NAMES, declared={"wind": -1})


def test_one_prediction_that_is_missing_hides_no_other() -> None:
    rows = np.linspace(0.0, 1.0, 40)[:, None]
    for silent in (lambda row, at: row == 0, lambda row, at: (at > 0.3) & (at < 0.6)):

        def falls(given: np.ndarray, silent=silent) -> np.ndarray:
            return np.where(silent(np.arange(len(given)), given[:, 0]), np.nan, -given[:, 0])

        assert monotone(falls, rows, names=("wind",), declared={"wind": 1}).outcome == "failed"
        assert monotone(falls, rows, names=("wind",), declared={"wind": -1}).allows


def test_a_training_gate_that_was_shown_nothing_does_not_pass() -> None:
    with pytest.raises(GateError, match="wind is 3 in all 5 rows, expected several"):
        monotone(lambda rows: rows[:, 0], np.full((5, 1), 3.0), names=("wind",), declared={"wind": -1})
    rows = np.linspace(0.0, 1.0, 5)[:, None]
    with pytest.raises(GateError, match="no row has predictions for two values of wind"):
        monotone(lambda rows: np.full(len(rows), np.nan), rows, names=("wind",), declared={"wind": -1})
    for taken in (lambda: blind(lambda replaced: {}), lambda: reproducible(lambda seed: {}, seed=1)):
        with pytest.raises(GateError, match="gave no part of an artefact"):
            taken()
