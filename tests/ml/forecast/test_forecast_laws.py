"""What holds of every forecast, whatever the air: it knows nothing of the future, keeps its order and its signs, and
repeats itself."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ml.forecast.boosted import fit_boosted
from ml.forecast.climatology import fit_climatology
from ml.forecast.daily import fit_daily, fit_heavy
from ml.forecast.days import day_design, day_ends, day_values_at, target_days
from ml.forecast.features import ahead_mean, design
from ml.forecast.inputs import Ahead, ForecastError, History, weather_observed_ahead
from ml.forecast.mos import fit_mos
from ml.forecast.quantiles import LEVELS, MEDIAN
from ml.forecast.simple import fit_persistence, fit_usual
from tests.ml.forecast import made

UNTIL = made.FIRST + 24 * 360
ISSUES = made.FIRST + 24 * 370 + 11 + 12 * np.arange(20)
SPANS = ((1, 1), (13, 24))


@cache
def hourly(with_runs: bool):
    return fit_boosted(_places(with_runs), item="pm25", until=UNTIL, spans=SPANS, settings=made.SMALL)


@cache
def daily(item: str, with_runs: bool = True):
    return fit_daily(_places(with_runs), item=item, until=UNTIL, settings=made.SMALL_DAYS)


@cache
def heavy():
    return fit_heavy(_places(True), above=100.0, until=UNTIL, settings=made.SMALL_DAYS)


def _places(with_runs: bool) -> list:
    return [(made.history(), made.runs() if with_runs else None)]


@cache
def _members() -> dict:
    past = [made.history()]
    simple = {
        "persistence": fit_persistence(past, item="pm25", until=UNTIL),
        "usual": fit_usual(past, item="pm25", until=UNTIL),
    }
    hours = {
        "with runs": hourly(True),
        "without runs": hourly(False),
        "mos": fit_mos(_places(True), item="pm25", until=UNTIL),
    }
    found = {name: (model, 24) for name, model in (hours | simple).items()}
    return found | {"day pm25": (daily("pm25"), 2), "day o3": (daily("o3"), 2)}


NAMES = ("with runs", "without runs", "mos", "persistence", "usual", "day pm25", "day o3")


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_after_the_issue_changes_no_forecast(name):
    model, lead = _members()[name]
    for issue in ISSUES[:4]:
        at, leads = np.array([issue]), np.array([lead])
        told = model.predict(made.history(), made.runs(), at, leads)
        other = model.predict(made.disturbed(made.history(), issue), made.runs(), at, leads)
        assert np.isfinite(told).all()
        np.testing.assert_array_equal(told, other)


def test_what_comes_after_the_training_changes_no_model():
    changed = [(made.disturbed(made.history(), UNTIL), made.runs())]
    again = fit_boosted(changed, item="pm25", until=UNTIL, spans=SPANS, settings=made.SMALL)
    assert again.texts == hourly(True).texts
    np.testing.assert_array_equal(again.widths, hourly(True).widths)
    assert fit_daily(changed, item="o3", until=UNTIL, settings=made.SMALL_DAYS).texts == daily("o3").texts
    again = fit_heavy(changed, above=100.0, until=UNTIL, settings=made.SMALL_DAYS)
    assert again.texts == heavy().texts
    np.testing.assert_array_equal(again.thresholds, heavy().thresholds)


def test_runs_that_start_later_are_not_looked_at():
    runs = made.runs()
    later = runs.issues > ISSUES[3]
    other = Ahead(runs.issues, {n: np.where(later[:, None], 7.0, v) for n, v in runs.columns.items()})
    leads = np.full(4, 24)
    told, again = (hourly(True).predict(made.history(), each, ISSUES[:4], leads) for each in (runs, other))
    np.testing.assert_array_equal(told, again)


@pytest.mark.parametrize("name", NAMES)
def test_quantiles_do_not_cross(name):
    model, lead = _members()[name]
    q = model.predict(made.history(), made.runs(), ISSUES, np.full(len(ISSUES), lead))
    assert q.shape == (len(LEVELS), len(ISSUES))
    assert (np.diff(q, axis=0)[:, np.isfinite(q[0])] >= 0).all()
    assert np.nanmin(q) >= 0


@pytest.mark.parametrize(("name", "lead"), [("hour", 1), ("hour", 24), ("day", 1), ("day", 3)])
def test_no_quantile_of_pm25_rises_with_wind_or_mixing_height(name, lead):
    model = hourly(True) if name == "hour" else daily("pm25")
    leads = np.full(len(ISSUES), lead)
    runs, told = made.runs(), []
    for more in (0.0, 0.3, 1.0, 3.0, 10.0):
        columns = {**runs.columns, "wind_speed_ms": runs.columns["wind_speed_ms"] + more,
                   "mixing_height_m": runs.columns["mixing_height_m"] + 300.0 * more}  # fmt: skip
        told.append(model.predict(made.history(), Ahead(runs.issues, columns), ISSUES, leads))
    told = np.array(told)
    assert (np.diff(told, axis=0) <= 1e-9).all()
    assert (told[-1] < told[0] - 1.0).any()


def test_the_ends_of_an_item_with_signs_are_split_by_no_input_that_has_one():
    for model in (hourly(True), daily("pm25")):
        signed = [i for i, each in enumerate(model.inputs) if each.sign]
        assert signed
        for _, *ends in model.boosters:
            for end in ends:
                split = end.feature_importance("split")
                assert split.sum() > 0
                assert not split[signed].any()


@pytest.mark.parametrize(("item", "window"), [("wind_speed_ms", 12), ("mixing_height_m", None), ("temperature_c", 1)])
def test_means_of_what_a_run_says_are_those_of_its_hours_up_to_the_lead(item, window):
    # NumPy's mean of the very hours, half of which and the last must be told.
    runs = made.runs()
    told = {n: np.where(np.random.default_rng(3).random(v.shape) < 0.3, np.nan, v) for n, v in runs.columns.items()}
    runs, random = Ahead(runs.issues, told), np.random.default_rng(4)
    rows, leads = random.integers(0, 100, 200), random.integers(1, 169, 200)
    found = ahead_mean(runs, item, runs.issues[rows], leads, window=window)
    for row, lead, mean in zip(rows, leads, found, strict=True):
        hours = told[item][row, max(lead - window, 0) if window else 0 : lead]
        known = np.isfinite(hours)
        expected = hours[known].mean() if known[-1] and 2 * known.sum() >= len(hours) else np.nan
        np.testing.assert_allclose(mean, expected, rtol=1e-9)


def test_missing_inputs_give_nothing_and_no_guess():
    past, leads = made.history(), np.full(len(ISSUES), 24)
    silent = History(past.place, past.first_hour, {n: np.full(past.hours, np.nan) for n in past.columns})
    without = Ahead(np.array([], int), {n: np.empty((0, 168)) for n in made.runs().columns})
    for model in (hourly(True), hourly(False), fit_persistence([past], item="pm25", until=UNTIL)):
        assert np.isnan(model.predict(silent, made.runs(), ISSUES, leads)).all()
    assert np.isnan(hourly(True).predict(past, None, ISSUES, leads)).all()
    assert np.isnan(hourly(True).predict(past, without, ISSUES, leads)).all()
    assert np.isfinite(hourly(False).predict(past, None, ISSUES, leads)).all()
    assert np.isnan(daily("o3").predict(past, None, ISSUES, np.ones(len(ISSUES), int))).all()
    probability, called = heavy().predict(silent, made.runs(), ISSUES, np.ones(len(ISSUES), int))
    assert np.isnan(probability).all()
    assert np.isnan(called).all()


def test_a_lead_that_was_not_learned_gives_nothing():
    assert np.isnan(hourly(False).predict(made.history(), None, ISSUES[:1], np.array([48]))).all()


def test_the_same_past_and_seed_give_the_same_model():
    again = fit_boosted(_places(True), item="pm25", until=UNTIL, spans=SPANS, settings=made.SMALL)
    assert again.texts == hourly(True).texts


def test_inputs_of_a_short_history_equal_those_of_a_long_one_to_the_bit():
    past, climate = made.history(), hourly(False).climate
    issue = int(ISSUES[0])
    start = issue - past.first_hour - 200
    short = History(past.place, issue - 200, {n: v[start : start + 201] for n, v in past.columns.items()})
    at = np.array([issue])
    for item in ("pm25", "o3"):
        whole = design(past, made.runs(), at, np.array([24]), item=item, climate=climate)
        piece = design(short, made.runs(), at, np.array([24]), item=item, climate=climate)
        np.testing.assert_array_equal(whole.values, piece.values)
        whole = day_design(past, made.runs(), at, np.array([2]), item=item, climate=climate)
        piece = day_design(short, made.runs(), at, np.array([2]), item=item, climate=climate)
        np.testing.assert_array_equal(whole.values, piece.values)


def test_every_input_says_when_it_is_known():
    found = design(
        made.history(), made.runs(), ISSUES, np.full(len(ISSUES), 24), item="pm25", climate=hourly(True).climate
    )
    assert {each.known for each in found.inputs} == {"calendar", "observed", "run"}
    assert len({each.name for each in found.inputs}) == len(found.inputs)
    assert {each.name for each in found.inputs if each.sign} == {
        f"{name}_{part}" for name in ("wind_speed_ms", "mixing_height_m") for part in ("then", "then_mean12", "then_mean_all")
    }  # fmt: skip
    for each in found.inputs:
        assert set(each.declared()) == {"name", "unit", "feed", "known", "delay_h", "lookback_h"}


def test_a_perfect_forecast_of_the_weather_says_what_came():
    ahead = weather_observed_ahead(made.history(), ("temperature_c",))
    assert ahead.source == "observed"
    rows, there = ahead.rows_of(ISSUES)
    assert there.all()
    for lead in (1, 24, 168):
        np.testing.assert_array_equal(
            ahead.columns["temperature_c"][rows, lead - 1], made.history().at("temperature_c", ISSUES + lead)
        )


def test_models_beat_persistence_and_climatology_where_weather_drives_the_air():
    past, leads = made.history(), np.full(len(ISSUES), 24)
    at = np.arange(UNTIL + 11, past.first_hour + past.hours - 30)
    at = at[np.isin(at, made.runs().issues)]
    leads = np.full(len(at), 24)
    obs = past.at("pm25_ugm3", at + 24)
    maes = {}
    for name in ("with runs", "persistence", "usual"):
        maes[name] = np.nanmean(np.abs(_members()[name][0].predict(past, made.runs(), at, leads)[MEDIAN] - obs))
    assert maes["with runs"] < 0.7 * min(maes["persistence"], maes["usual"])


def test_mos_takes_away_what_a_model_is_always_wrong_by():
    at = made.runs().issues[(made.runs().issues > UNTIL) & (made.runs().issues < UNTIL + 24 * 40)]
    leads = np.full(len(at), 48)
    obs = made.history().at("pm25_ugm3", at + 48)
    told = fit_mos(_places(True), item="pm25", until=UNTIL).predict(made.history(), made.runs(), at, leads)[MEDIAN]
    assert abs(np.nanmean(np.log1p(told) - np.log1p(obs))) < 0.05  # the runs are a third too low, 0.4 in the logarithm


def test_too_little_to_learn_from_is_said():
    short = History("x", made.FIRST, {n: v[:100] for n, v in made.history().columns.items()})
    with pytest.raises(ForecastError, match="expected"):
        fit_boosted([(short, None)], item="pm25", until=made.FIRST + 99, settings=made.SMALL)
    assert np.isnan(fit_climatology(short.columns["pm25_ugm3"], made.FIRST + np.arange(100)).weights).all()


def test_days_ahead_begin_with_the_first_day_after_the_issue():
    ends = day_ends(made.history())
    np.testing.assert_array_equal((ends + 8) % 24, 0)
    issue = ends[:1]  # a day that ends with the issue is no day ahead
    np.testing.assert_array_equal(target_days(issue, np.array([1])), (issue + 8) // 24)
    by_hand = np.array(made.history().columns["pm25_ugm3"][24:48])
    assert day_values_at(made.history(), target_days(issue, np.array([1])), "pm25")[0] == pytest.approx(
        np.nanmean(by_hand)
    )


def test_a_numerical_model_that_reaches_three_days_is_corrected_to_there_and_no_further() -> None:
    whole = made.runs()
    short = Ahead(whole.issues, {name: values[:, :72] for name, values in whole.columns.items()})
    at, leads = np.full(168, whole.issues[-30]), np.arange(1, 169)
    told = fit_mos([(made.history(), short)], item="pm25", until=UNTIL).predict(made.history(), short, at, leads)
    assert np.isfinite(told[:, :72]).mean() > 0.9  # the made runs have the gaps of what was observed
    assert np.isnan(told[:, 72:]).all()
