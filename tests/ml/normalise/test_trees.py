"""The exact mean over a pool of weather, against the libraries' own predictions of every combination."""

from __future__ import annotations

import numpy as np
import pytest

from ml.normalise import models
from ml.normalise.normalised import drawn
from ml.normalise.trees import mean_over_pool, predicted

FEATURES = 5
RESAMPLED = np.array([False, True, False, True, True])


@pytest.fixture(scope="module")
def table():
    chance = np.random.default_rng(3)
    x = chance.normal(size=(500, FEATURES))
    return x, x[:, 0] * x[:, 1] + np.abs(x[:, 2]) - x[:, 3] + chance.normal(0, 0.1, 500)


def library_of(model, x, y):
    return models.lightgbm_booster(x, y, seed=1) if model == models.LIGHTGBM else models.forest_of(x, y, seed=1)


@pytest.mark.parametrize("model", models.MODELS)
def test_the_arrays_predict_what_the_library_predicts(table, model):
    x, y = table
    np.testing.assert_allclose(
        predicted(models.trained(x, y, model=model, seed=1), x), library_of(model, x, y).predict(x), atol=1e-5
    )


@pytest.mark.parametrize("model", models.MODELS)
def test_the_mean_is_that_of_the_library_over_every_row_of_the_pool(table, model):
    x, y = table
    rows, pool, library = x[:20], x[100:200], library_of(model, x, y)
    expected = [library.predict(np.where(RESAMPLED, pool, row)).mean() for row in rows]
    trees = models.trained(x, y, model=model, seed=1)
    np.testing.assert_allclose(mean_over_pool(trees, rows, pool, resampled=RESAMPLED), expected, atol=1e-5)


def test_drawing_approaches_the_mean(table):
    x, y = table
    trees = models.trained(x, y, model=models.LIGHTGBM, seed=1)
    exact = mean_over_pool(trees, x, x, resampled=RESAMPLED)
    mean, spread = drawn(trees, x, x, resampled=RESAMPLED, draws=100, seed=5)
    away = (mean - exact) / (spread / np.sqrt(100))
    assert 0.8 < away.std() < 1.2  # the error of a mean of draws is its deviation over the root of their number
    assert abs(away.mean()) < 0.2


def test_nothing_resampled_is_the_prediction_and_everything_resampled_is_one_number(table):
    x, y = table
    trees = models.trained(x, y, model=models.LIGHTGBM, seed=1)
    none, every = np.zeros(FEATURES, bool), np.ones(FEATURES, bool)
    np.testing.assert_allclose(mean_over_pool(trees, x, x, resampled=none), predicted(trees, x), atol=1e-9)
    np.testing.assert_allclose(mean_over_pool(trees, x, x, resampled=every), predicted(trees, x).mean(), atol=1e-9)


def test_gaps_and_an_empty_pool_are_refused(table):
    x, y = table
    trees = models.trained(x, y, model=models.LIGHTGBM, seed=1)
    for rows, pool in ((x, x[:0]), (np.full_like(x, np.nan), x), (x, np.full_like(x, np.nan))):
        with pytest.raises(ValueError, match="expected numbers"):
            mean_over_pool(trees, rows, pool, resampled=RESAMPLED)


def test_an_unknown_model_is_refused(table):
    with pytest.raises(ValueError, match="expected one of lightgbm, forest"):
        models.trained(*table, model="oracle", seed=1)
