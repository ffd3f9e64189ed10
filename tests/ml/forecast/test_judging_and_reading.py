"""Pairs for a judge, rolling scores, and a city's past as the store has it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error

from ml.forecast.inputs import ForecastError
from ml.forecast.judging import pairs, rolling_scores, scores_by_lead
from ml.forecast.quantiles import MEDIAN
from ml.forecast.simple import fit_persistence, fit_usual
from ml.forecast.stored import read_city
from tests.ml.forecast import made
from tests.streams.store.test_dataset import forecast, hours, write

UNTIL = made.FIRST + 24 * 360
ISSUES = UNTIL + 24 * np.arange(40)
HOUR = 465_000


def _pairs():
    past = [made.history()]
    persistence, usual = (fit(past, item="pm25", until=UNTIL) for fit in (fit_persistence, fit_usual))
    return pairs(persistence, [(past[0], None)], ISSUES, (1, 24), persistence=persistence, usual=usual)


def test_pairs_are_of_the_hours_that_the_leads_reach():
    found = _pairs()
    assert found.quantity == "pm25_ugm3"
    np.testing.assert_array_equal(np.unique(found.hour - found.lead_h), ISSUES)
    np.testing.assert_array_equal(found.observed, made.history().at("pm25_ugm3", found.hour))
    np.testing.assert_array_equal(found.quantiles[MEDIAN], found.baselines["persistence"])


def test_scores_by_lead_are_those_of_the_standards():
    found = _pairs()
    told = scores_by_lead(found)
    of_lead = found.lead_h == 24
    o, f = found.observed[of_lead], found.quantiles[MEDIAN][of_lead]
    both = np.isfinite(o) & np.isfinite(f)
    assert told["mae"].lead.tolist() == [1, 24]
    assert told["mae"].value[1] == pytest.approx(mean_absolute_error(o[both], f[both]))  # scikit-learn
    assert told["mae"].n[1] == both.sum()
    assert 0.5 < told["coverage_80"].value[1] <= 1.0


def test_a_rolling_score_rests_on_the_hours_of_its_window_alone():
    found = _pairs()
    told = rolling_scores(found, window_h=240, step_h=120)
    assert len(told) > 3
    end, scores = told[2]
    inside = (found.hour > end - 240) & (found.hour <= end)
    assert scores["mae"].n.sum() == (inside & np.isfinite(found.observed + found.quantiles[MEDIAN])).sum()
    found.observed[found.hour > end] = 1e5  # what comes later changes no score of before
    again = dict(rolling_scores(found, window_h=240, step_h=120))[end]
    np.testing.assert_array_equal(again["mae"].value, scores["mae"].value)


def test_a_city_is_read_with_the_runs_of_its_model(store):
    write(
        store,
        hours(
            "510100", HOUR, [10.0, None, 30.0], primary_pollutants=0, aqi=60, wind_u_ms=[3.0] * 3, wind_v_ms=[4.0] * 3
        ),
    )
    run = {"run": "CDAQS/2023-01-18T00Z", "run_init": HOUR, "lead_hours": 2, "forecast_aqi": None}
    write(
        store, forecast(**{**run, "hour_end": HOUR + 2, "forecast_pm25_ugm3": 44.0, "wind_u_ms": 6.0, "wind_v_ms": 8.0})
    )
    write(store, forecast(**{**run, "run": "OTHER/2023-01-18T00Z", "hour_end": HOUR + 2, "forecast_pm25_ugm3": 99.0}))
    start, end = dt.datetime(2023, 1, 10), dt.datetime(2023, 1, 30)
    history, ahead = read_city(store, city="510100", start=start, end=end)
    np.testing.assert_array_equal(history.at("pm25_ugm3", HOUR + np.arange(4)), [10.0, np.nan, 30.0, np.nan])
    assert history.at("wind_speed_ms", np.array([HOUR]))[0] == 5.0
    assert ahead.issues.tolist() == [HOUR]
    assert ahead.columns["forecast_pm25_ugm3"][0, 1] == 44.0
    assert ahead.columns["wind_speed_ms"][0, 1] == 10.0
    assert np.isfinite(ahead.columns["forecast_pm25_ugm3"]).sum() == 1


def test_a_city_without_runs_has_none_and_one_without_hours_is_said(store):
    write(store, hours("510100", HOUR, [10.0], primary_pollutants=0, aqi=60))
    start, end = dt.datetime(2023, 1, 10), dt.datetime(2023, 1, 30)
    assert read_city(store, city="510100", start=start, end=end)[1] is None
    with pytest.raises(ForecastError, match="expected observations"):
        read_city(store, city="510600", start=start, end=end)
