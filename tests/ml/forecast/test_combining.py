"""Members as one, quantiles in order, joint samples and the index that follows: by hand, and against other
implementations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, spearmanr
from sklearn.linear_model import Ridge

from ml.forecast.ensemble import LEAST, combined, rolling_weights
from ml.forecast.index import index_forecast, shuffled, templates
from ml.forecast.linear import fit_linear
from ml.forecast.quantiles import LEVELS, MEDIAN, between, in_order
from standards.editions import edition_named
from standards.index.aqi import daily_aqi

EDITION = edition_named("2012")
RANDOM = np.random.default_rng(4)


def test_between_levels_a_normal_distribution_is_met_exactly():
    known = norm.ppf((0.1, 0.5, 0.9), 40.0, 12.0)  # scipy
    np.testing.assert_allclose(
        between(known, (0.1, 0.5, 0.9), np.array(LEVELS)), norm.ppf(LEVELS, 40.0, 12.0), rtol=1e-12
    )


def test_crossing_quantiles_are_put_in_order_and_missing_ones_stay_missing():
    q = np.array([[3.0, np.nan], [2.0, 2.0], [5.0, 1.0]])
    np.testing.assert_array_equal(in_order(q), [[2.0, np.nan], [3.0, np.nan], [5.0, np.nan]])


def _errors(n: int = 120):
    observed = RANDOM.gamma(3.0, 20.0, (n, 2))
    median = np.stack([observed + 2.0, observed + 8.0, observed * 0.5])
    return median, observed, 1000 + 6 * np.arange(n), np.array([6, 48])


def test_weights_add_up_and_go_with_the_inverse_of_past_errors():
    median, observed, issues, leads = _errors()
    weights = rolling_weights(median[:2], observed, issues, leads, power=1.0)
    np.testing.assert_allclose(weights.sum(axis=0), 1.0)
    np.testing.assert_allclose(weights[:, -1, 0], [0.8, 0.2])  # errors of 2 and 8: 1/2 to 1/8


def test_weights_know_no_error_that_had_not_happened():
    median, observed, issues, leads = _errors()
    weights = rolling_weights(median, observed, issues, leads)
    at = 60
    for column, lead in enumerate(leads):
        other, changed = observed.copy(), median.copy()
        unknown = issues + lead > issues[at]
        other[unknown, column] = 1e4
        changed[:, issues > issues[at]] = 7.0
        again = rolling_weights(changed, other, issues, leads)
        np.testing.assert_array_equal(again[:, at, column], weights[:, at, column])
    other = observed.copy()
    other[0, 0] = 1e4  # but one that had happened counts
    assert (rolling_weights(median, other, issues, leads)[:, at, 0] != weights[:, at, 0]).any()


def test_until_enough_errors_are_known_members_weigh_alike():
    median, observed, issues, leads = _errors()
    np.testing.assert_allclose(rolling_weights(median, observed, issues, leads)[:, LEAST - 1, 0], 1 / 3)


def test_a_member_that_says_nothing_has_no_weight():
    median, observed, issues, leads = _errors()
    median[0, 50:] = np.nan
    weights = rolling_weights(median, observed, issues, leads)
    assert (weights[0, 50:] == 0).all()
    np.testing.assert_allclose(weights[:, 50:].sum(axis=0), 1.0)
    median[:] = np.nan
    assert (rolling_weights(median, observed, issues, leads) == 0).all()


def test_combined_quantiles_are_the_weighted_mean_and_keep_their_order():
    one, two = norm.ppf(LEVELS, 40, 5)[:, None], norm.ppf(LEVELS, 80, 20)[:, None]
    found = combined(np.stack([one, two]), np.array([[0.25], [0.75]]))
    np.testing.assert_allclose(found, 0.25 * one + 0.75 * two)
    alone = np.full_like(one, np.nan)
    alone[MEDIAN] = 100.0  # a numerical model says no quantiles: it moves the median, and the ends with it
    found = combined(np.stack([one, alone]), np.array([[0.5], [0.5]]))
    np.testing.assert_allclose(found[:, 0], one[:, 0] + 30.0)
    assert np.isnan(combined(np.full((2, 7, 1), np.nan), np.zeros((2, 1)))).all()


def test_the_line_equals_the_ridge_of_another_library():
    x, weights = RANDOM.standard_normal((500, 6)) * [1, 2, 3, 4, 5, 6], np.array([1, -1, 0.5, 0, 2, 0.1])
    y = x @ weights + 3.0 + 0.1 * RANDOM.standard_normal(500)
    ours = fit_linear(x, y)
    scale = (x - ours.means).std(axis=0)
    theirs = Ridge(alpha=100.0, fit_intercept=False).fit((x - ours.means) / scale, y - y.mean())
    np.testing.assert_allclose(ours.weights, theirs.coef_ / scale, rtol=1e-6)
    signed = fit_linear(x, y, signs=[-1, 0, 0, 0, -1, 0])
    assert signed.weights[0] <= 0 and signed.weights[4] <= 0


def _past(n: int = 400) -> np.ndarray:
    common = RANDOM.standard_normal(n)
    own = RANDOM.standard_normal((6, n))
    return np.exp(3.0 + 0.9 * common + 0.3 * own) * np.array([0.3, 1, 0.03, 2, 1.6, 1])[:, None]


def _quantiles(middle) -> np.ndarray:
    spread = np.exp(0.3 * norm.ppf(LEVELS))
    return (np.asarray(middle, float)[:, None] * spread)[:, :, None]


def test_joint_samples_keep_the_ranks_of_the_past_and_the_quantiles_of_each_item():
    template, quantiles = _past(), _quantiles((10, 40, 1, 90, 120, 80))
    samples = shuffled(quantiles, template)[:, :, 0]
    for i in range(6):
        assert (np.argsort(samples[i], kind="stable") == np.argsort(template[i], kind="stable")).all()
        np.testing.assert_allclose(np.quantile(samples[i], LEVELS), quantiles[i, :, 0], rtol=0.02)
    ours, theirs = (spearmanr(each[4], each[5]).statistic for each in (samples, template))  # scipy
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_probabilities_of_the_index_are_those_of_samples_counted_by_the_standards():
    template, quantiles = _past(), _quantiles((10, 40, 1, 90, 120, 110))
    found = index_forecast(quantiles, template, edition=EDITION, daily=True)
    report = daily_aqi(shuffled(quantiles, template)[:, :, 0], edition=EDITION)
    np.testing.assert_allclose(found.level.sum(axis=0), 1.0)
    assert found.level[2, 0] == np.mean(report.level == 3)
    assert found.heavy[0] == np.mean(report.aqi > 200)
    assert found.primary[5, 0] == np.mean(report.primary >> 5 & 1) > 0.5
    assert (np.diff(found.aqi[:, 0]) >= 0).all()


def test_a_forecast_without_spread_has_the_index_of_its_values():
    values = np.array([10.0, 40.0, 1.0, 90.0, 120.0, 110.0])
    found = index_forecast(
        np.repeat(values[:, None], len(LEVELS), axis=1)[:, :, None], _past(), edition=EDITION, daily=True
    )
    report = daily_aqi(values, edition=EDITION)
    assert found.aqi[:, 0] == pytest.approx(np.full(len(LEVELS), float(report.aqi)), abs=1e-9)
    assert found.level[int(report.level) - 1, 0] == 1.0


def test_without_a_value_or_a_past_there_is_no_index():
    quantiles = _quantiles((10, 40, 1, 90, 60, 30))
    assert np.isnan(index_forecast(quantiles, _past()[:, :10], edition=EDITION, daily=True).aqi).all()
    quantiles[2] = np.nan
    found = index_forecast(quantiles, _past(), edition=EDITION, daily=True)
    assert np.isnan(found.aqi).all() and np.isnan(found.level).all() and np.isnan(found.heavy).all()


def test_the_order_of_items_is_taken_from_complete_days_of_the_season():
    past, of_year = _past(365), np.arange(365.0)
    past[2, 10] = np.nan
    chosen = templates(past, of_year, 5.0)
    expected = [d for d in range(365) if min(abs(d - 5), 365.2425 - abs(d - 5)) <= 45 and d != 10]
    np.testing.assert_array_equal(chosen, past[:, expected])
