"""A city's model as a whole: in the job's seam, as parts of bytes, and with what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from ml.forecast.city import KNOTS_H, CityModel, days_ahead, fit_city, hours_ahead, index_ahead
from ml.forecast.features import COLUMNS
from ml.forecast.inputs import LEADS, ForecastError, History
from ml.forecast.parts import from_parts, to_parts
from ml.forecast.quantiles import LEVELS
from ml.forecast.serving import LOOKBACK_H, NEEDS, build
from standards.days import hour_of_day
from streams.assess.joined import JoinedHours
from streams.scorers import Scorer, Scorers
from tests.ml.forecast import made

UNTIL = made.FIRST + 24 * 360
ISSUE = made.FIRST + 24 * 380 + 11
SMALL, SMALL_DAYS = replace(made.SMALL, trees=8), replace(made.SMALL_DAYS, trees=8)


@cache
def model(items: tuple[str, ...] = ("pm25", "o3"), with_runs: bool = True) -> CityModel:
    places = [(past(), _as_told() if with_runs else None)]
    return fit_city(places, city=made.CITY, until=UNTIL, items=items, settings=SMALL, day_settings=SMALL_DAYS)


@cache
def past() -> History:
    """What the job hands in of observed hours: items and wind."""
    names = (*COLUMNS, "wind_u_ms", "wind_v_ms", "wind_speed_ms")
    whole = made.history()
    columns = {name: whole.columns[name] for name in names}
    columns["wind_speed_ms"] = np.hypot(columns["wind_u_ms"], columns["wind_v_ms"])
    return History(whole.place, whole.first_hour, columns)


@cache
def _as_told():
    # What the job hands in of a run: no more than its columns.
    runs = made.runs()
    columns = {name: values for name, values in runs.columns.items() if name in (*NEEDS, "wind_speed_ms")}
    columns["wind_speed_ms"] = np.hypot(columns["wind_u_ms"], columns["wind_v_ms"])
    return replace(runs, columns=columns)


def joined(observed: History, issue: int = ISSUE) -> JoinedHours:
    """The hours of a run with those before it, as the job joins them."""
    first, runs = issue + 1 - LOOKBACK_H, _as_told()
    hours = first + np.arange(LOOKBACK_H + LEADS)
    seen = hours <= issue
    columns = {name: np.where(seen, observed.at(name, hours), np.nan) for name in COLUMNS}
    columns |= {f"observed_wind_{c}_ms": np.where(seen, observed.at(f"wind_{c}_ms", hours), np.nan) for c in "uv"}
    row = int(np.searchsorted(runs.issues, issue))
    for name in (each for each in NEEDS if each in runs.columns):
        columns[name] = np.concatenate([np.full(LOOKBACK_H, np.nan), runs.columns[name][row]])
    columns["lead_hours"] = (hours - issue).astype(float)
    nothing = np.full(len(hours), np.nan)
    columns = {name: columns.get(name, nothing) for name in NEEDS}
    return JoinedHours(
        made.CITY, "CDAQS/x", int(first), LOOKBACK_H, columns, np.ones(len(hours), bool), np.ones(len(hours), bool)
    )


def scorer() -> Scorer:
    return build(SimpleNamespace(parts=to_parts(model())), SimpleNamespace(name="city-forecast", version="3"))


def test_the_scorer_gives_what_the_model_says_to_the_bit():
    told = scorer().score(joined(past()))
    hours = hours_ahead(model(), past(), _as_told(), ISSUE)
    for item, column in (("pm25", "pm25_ugm3"), ("o3", "o3_ugm3")):
        for level in (0.10, 0.50, 0.90):
            np.testing.assert_array_equal(told[f"{column}_q{round(100 * level)}"], hours[item][LEVELS.index(level)])
    assert np.isfinite(told["pm25_ugm3_q50"]).all()


def test_the_scorer_looks_at_nothing_after_the_start_of_the_run():
    plain = joined(past())
    seen = plain.first_hour + np.arange(len(plain.simulated)) <= ISSUE
    columns = {n: v if n == "lead_hours" or n not in (*COLUMNS, "observed_wind_u_ms") else np.where(seen, v, 5e3)
               for n, v in plain.columns.items()}  # fmt: skip
    told, other = (scorer().score(each) for each in (plain, replace(plain, columns=columns)))
    assert told.keys() == other.keys()
    for name in told:
        np.testing.assert_array_equal(told[name], other[name])


def test_the_seam_takes_what_the_scorer_gives():
    held = Scorers(lambda notice: scorer())
    notice = SimpleNamespace(name="city-forecast", version="3")
    assert held.take({"city-forecast": notice}) == []
    found = held.run(held.at_work()[0], joined(past()))
    assert all(values.shape == (LEADS,) for values in found.values())
    assert max(map(len, found)) <= 40


def test_values_of_a_day_stand_at_the_hour_with_which_it_ends():
    told = scorer().score(joined(past()))
    at = np.flatnonzero(np.isfinite(told["pm25_day_ugm3_q50"]))
    assert len(at) >= 5
    assert (hour_of_day(ISSUE + 1 + at) == 24).all()
    days = days_ahead(model(), past(), _as_told(), ISSUE)
    np.testing.assert_array_equal(told["o3_mda8_ugm3_q50"][at], days["o3"][LEVELS.index(0.50)][: len(at)])


def test_another_city_and_hours_without_a_run_get_no_values():
    hours = joined(past())
    assert scorer().score(replace(hours, city="510600")) == {}
    assert scorer().score(replace(hours, run="")) == {}


def test_a_model_that_was_stored_is_the_model():
    parts = to_parts(model())
    assert all(name.endswith((".json", ".txt")) and name == name.lower() for name in parts)
    again = from_parts(parts)
    assert to_parts(again) == parts
    for item, told in hours_ahead(model(), past(), _as_told(), ISSUE).items():
        np.testing.assert_array_equal(hours_ahead(again, past(), _as_told(), ISSUE)[item], told)


def test_parts_of_another_schema_or_with_a_hole_are_refused():
    parts = to_parts(model())
    with pytest.raises(ForecastError, match="schema"):
        from_parts({**parts, "model.json": json.dumps({"schema": "x/9"}).encode()})
    lost = next(name for name in parts if name.endswith(".txt"))
    with pytest.raises(ForecastError, match="expected parts"):
        from_parts({name: content for name, content in parts.items() if name != lost})


def test_weights_of_members_add_up_at_every_lead():
    for item, members in model().members.items():
        assert list(members) == ["cdaqs", "mos", "lightgbm", "persistence", "climatology"]
        assert model().weights[item].shape == (5, len(KNOTS_H))
        np.testing.assert_allclose(model().weights[item].sum(axis=0), 1.0)


def test_without_any_numerical_model_there_is_a_forecast_all_the_same():
    alone = model(("pm25",), False)
    assert list(alone.members["pm25"]) == ["lightgbm", "persistence", "climatology"]
    told = hours_ahead(alone, past(), None, ISSUE)["pm25"]
    assert np.isfinite(told).all()
    assert np.isfinite(days_ahead(alone, past(), None, ISSUE)["pm25"]).all()


def test_where_nothing_was_observed_only_the_usual_course_is_told():
    whole = past()
    silent = History(whole.place, whole.first_hour, {n: np.full(whole.hours, np.nan) for n in whole.columns})
    alone = model(("pm25",), False)
    told = hours_ahead(alone, silent, None, ISSUE)["pm25"]
    usual = alone.members["pm25"]["climatology"].predict(silent, None, np.full(LEADS, ISSUE), np.arange(1, LEADS + 1))
    np.testing.assert_allclose(told, usual)
    assert np.isnan(days_ahead(alone, silent, None, ISSUE)["pm25"]).all()


def test_two_items_alone_make_no_index_below_a_hundred():
    days = {item: np.full((len(LEVELS), 7), 30.0) for item in ("pm25", "o3")}
    assert all(np.isnan(each.aqi).all() for each in index_ahead(model(), days, ISSUE))


def test_a_city_without_observations_cannot_be_learned():
    whole = past()
    silent = History(whole.place, whole.first_hour, {n: np.full(whole.hours, np.nan) for n in whole.columns})
    with pytest.raises(ForecastError, match="60 days"):
        fit_city([(silent, None)], city=made.CITY, until=UNTIL, settings=SMALL)


def test_a_model_of_inputs_that_the_job_does_not_have_is_refused():
    # Trained with the temperature that was observed, which no joined hour tells: it would be missing in every hour.
    more = fit_city(
        [(made.history(), _as_told())],
        city=made.CITY,
        until=UNTIL,
        items=("pm25",),
        settings=SMALL,
        day_settings=SMALL_DAYS,
    )
    with pytest.raises(ForecastError, match="temperature_c_now"):
        build(SimpleNamespace(parts=to_parts(more)), SimpleNamespace(name="city-forecast", version="3"))


def test_items_learned_side_by_side_give_the_same_model_to_the_byte():
    places, small = [(past(), _as_told())], {"settings": SMALL, "day_settings": SMALL_DAYS}
    one, two = (fit_city(places, city=made.CITY, until=UNTIL, threads=n, items=("pm25", "o3"), **small) for n in (1, 3))
    assert to_parts(one) == to_parts(two)
