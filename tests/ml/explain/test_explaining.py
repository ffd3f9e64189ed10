"""Parts of a forecast add up, equal Shapley values worked out from their definition, and say what they are."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import factorial

import lightgbm as lgb
import numpy as np
import pytest

from ml.explain.clean_day import clean_day
from ml.explain.contributions import ExplanationError, explain, in_concentration
from ml.explain.forecast_day import explain_day
from ml.explain.words import catalogue, title, words
from ml.forecast.boosted import fit_boosted
from ml.forecast.daily import fit_daily
from ml.forecast.features import GROUPS, Input, start
from ml.forecast.linear import Linear
from ml.forecast.quantiles import MEDIAN
from tests.ml.forecast import made

UNTIL = made.FIRST + 24 * 360
ISSUES = made.FIRST + 24 * 365 + 11 + 12 * np.arange(40)


@cache
def hourly():
    return fit_boosted(
        [(made.history(), made.runs())], item="pm25", until=UNTIL, spans=((13, 24),), settings=made.SMALL
    )


@cache
def table() -> np.ndarray:
    return hourly().table(made.history(), made.runs(), ISSUES, np.full(len(ISSUES), 24))


def test_parts_of_groups_add_up_to_the_forecast_less_that_of_the_clean_day():
    x, booster = table(), hourly().boosters[0][0]
    found = explain(booster, x[1:], x[0], hourly().inputs)
    assert found.groups == GROUPS
    np.testing.assert_allclose(found.parts.sum(axis=0), found.forecast - found.baseline, atol=1e-9)
    np.testing.assert_allclose(found.forecast, booster.predict(x[1:]), atol=1e-12)
    # LightGBM's own contributions are against another baseline, but of the same forecast.
    contrib = booster.predict(x[1:], pred_contrib=True)
    np.testing.assert_allclose(contrib.sum(axis=1), found.forecast, atol=1e-9)


def test_parts_of_line_and_trees_add_up_to_the_centre_of_the_forecast():
    x, model = table(), hourly()
    found = explain(model.boosters[0][0], x[1:], x[0], model.inputs, line=model.lines[0])
    centre = model.change(x, np.full(len(x), 24))[3]
    np.testing.assert_allclose(found.baseline + found.parts.sum(axis=0), centre[1:], atol=1e-6)


def test_parts_are_shapley_values_as_their_definition_has_them():
    random = np.random.default_rng(3)
    x = np.rint(random.standard_normal((400, 4)) * 1024) / 1024
    y = x[:, 0] * x[:, 1] + np.abs(x[:, 2]) - 0.5 * x[:, 3]
    options = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "seed": 1}
    booster = lgb.train(options, lgb.Dataset(x, y), 20)
    inputs = [Input(f"x{i}", group, "observed", "observation") for i, group in enumerate(GROUPS[:4])]
    found = explain(booster, x[5:8], x[0], inputs)
    for row in range(3):
        np.testing.assert_allclose(found.inputs[:, row], _shapley(booster, x[5 + row], x[0]), atol=1e-6)


def _shapley(booster: lgb.Booster, x: np.ndarray, clean: np.ndarray) -> np.ndarray:
    # Shapley 1953: each input's gain, averaged over all orders in which inputs go from the clean day to the forecast.
    n, found = len(x), np.zeros(len(x))
    said = {}
    for size in range(n + 1):
        for chosen in combinations(range(n), size):
            mixed = clean.copy()
            mixed[list(chosen)] = x[list(chosen)]
            said[chosen] = booster.predict(mixed[None])[0]
    for i in range(n):
        for chosen in said:
            if i not in chosen:
                weight = factorial(len(chosen)) * factorial(n - len(chosen) - 1) / factorial(n)
                found[i] += weight * (said[tuple(sorted((*chosen, i)))] - said[chosen])
    return found


def test_inputs_that_are_close_together_are_told_apart():
    # Pressures that differ in their last digits fall into one number of single precision, unless they lie on a grid.
    random = np.random.default_rng(8)
    x = 1016.0 + np.rint(random.random((3000, 3)) * 8) / 1024
    y = (x[:, 0] - 1016.0) * 500 + (x[:, 1] > 1016.004)
    booster = lgb.train({"verbose": -1, "num_threads": 1, "seed": 1}, lgb.Dataset(x, y), 30)
    inputs = [Input(f"x{i}", "weather", "run", "forecast") for i in range(3)]
    found = explain(booster, x[:500], x[0], inputs)
    np.testing.assert_allclose(found.parts.sum(axis=0), found.forecast - found.baseline, atol=1e-9)


def test_parts_that_miss_the_forecast_are_refused():
    random = np.random.default_rng(8)
    x = 1016.0 + random.random((3000, 2)) * 1e-4
    booster = lgb.train({"verbose": -1, "num_threads": 1, "seed": 1}, lgb.Dataset(x, (x[:, 0] - 1016.0) * 1e4), 30)
    inputs = [Input(f"x{i}", "weather", "run", "forecast") for i in range(2)]
    with pytest.raises(ExplanationError, match="miss the forecast"):
        explain(booster, x[:500], x[0], inputs)


def test_parts_in_concentration_add_up_and_keep_their_signs():
    x, model = table(), hourly()
    found = explain(model.boosters[0][0], x[1:], x[0], model.inputs)
    at = start(made.history(), ISSUES, "pm25")
    parts, difference = in_concentration(found, at[1:], at[0], log=True)
    expected = np.exp(at[1:] + found.forecast) - np.exp(at[0] + found.baseline)
    np.testing.assert_allclose(difference, expected)
    np.testing.assert_allclose(parts.sum(axis=0), expected, atol=1e-6)
    weather = GROUPS.index("weather")
    assert (np.sign(parts[weather]) == np.sign(found.parts[weather])).all()


def test_a_line_alone_counts_each_input_by_its_distance():
    line = Linear(1.0, np.array([0.0, 2.0]), np.array([3.0, -1.0]))
    np.testing.assert_array_equal(line.parts(np.array([[1.0, 5.0], [np.nan, 2.0]])), [[3.0, -3.0], [0.0, 0.0]])


def test_the_clean_day_is_an_earlier_one_of_the_season_near_its_tenth():
    days = np.arange(20000, 20400)
    values = np.where((days % 7) == 0, 10.0, 60.0) + (days % 3)
    chosen = clean_day(values, days, day=20390)
    season = [
        d for d in days if d < 20390 and min(abs(d - 20390) % 365.2425, 365.2425 - abs(d - 20390) % 365.2425) <= 45
    ]
    target = np.quantile(values[np.isin(days, season)], 0.10)
    assert days[chosen] in season
    assert abs(values[chosen] - target) == min(abs(values[days == d][0] - target) for d in season)


def test_the_clean_day_does_not_know_the_days_after():
    days = np.arange(20000, 20400)
    values = 30.0 + (days * 7919 % 101)
    later = values.copy()
    later[days >= 20380] = 0.0
    assert clean_day(values, days, day=20380) == clean_day(later, days, day=20380)


def test_without_an_earlier_day_of_the_season_there_is_no_baseline():
    with pytest.raises(ValueError, match="expected one or more"):
        clean_day(np.array([10.0]), np.array([20000]), day=20000)
    with pytest.raises(ValueError, match="expected one or more"):
        clean_day(np.array([np.nan]), np.array([20000]), day=20010)


def test_words_say_why_the_forecast_is_so_and_never_who_caused_it():
    assert title("zh") == "预报为何如此"
    assert title("en") == "Why the forecast is so"
    parts = dict(zip(GROUPS, (30.0, 0.4, -5.0, 12.0, 0.0), strict=True))
    for language in ("zh", "en"):
        said = words(parts, item="pm25", forecast=95.0, baseline=57.6, clean_date="2023-01-05", language=language)
        assert "2023-01-05" in said
        assert "30" in said
    text = "".join(each for entry in catalogue().values() for each in entry.values())
    for forbidden in ("caused by", "responsible", "责任", "造成", "来源解析"):
        assert forbidden not in text


@cache
def daily(item: str):
    places = [(made.history(), made.runs())]
    return fit_daily(places, item=item, until=UNTIL, settings=made.SMALL_DAYS)


@pytest.mark.parametrize(("item", "ahead_days"), [("pm25", 1), ("o3", 1), ("pm25", 3)])
def test_parts_of_a_day_add_up_to_its_forecast_less_that_of_the_clean_day(item, ahead_days):
    issue, past, runs = int(ISSUES[5]), made.history(), made.runs()
    found = explain_day(daily(item), past, runs, issue=issue, ahead_days=ahead_days)
    told = daily(item).predict(past, runs, np.array([issue]), np.array([ahead_days]))[MEDIAN, 0]
    assert found.forecast == told
    assert sum(found.parts.values()) == pytest.approx(found.forecast - found.baseline, abs=1e-6)
    assert found.clean < found.day
    assert set(found.parts) == set(GROUPS)


def test_the_explanation_of_a_day_knows_nothing_after_the_issue():
    issue, past = int(ISSUES[5]), made.history()
    told, other = (
        explain_day(daily("pm25"), each, made.runs(), issue=issue, ahead_days=1)
        for each in (past, made.disturbed(past, issue))
    )
    assert vars(told) == vars(other)


def test_a_day_without_a_forecast_is_not_explained():
    with pytest.raises(ExplanationError, match="no forecast"):
        explain_day(daily("pm25"), made.history(), made.runs(), issue=made.FIRST + 5, ahead_days=1)


def test_a_difference_is_that_of_the_numbers_that_are_said_and_never_minus_nothing() -> None:
    parts = {"weather": -0.04}
    for language in ("zh", "en"):
        said = words(parts, item="co", forecast=0.91, baseline=0.94, clean_date="2023-01-05", language=language)
        assert "-0.0" not in said and "+0.0" in said
        said = words(parts, item="pm25", forecast=10.4, baseline=5.6, clean_date="2023-01-05", language=language)
        assert "10 µg/m³" in said and "6 µg/m³" in said and "+4" in said
