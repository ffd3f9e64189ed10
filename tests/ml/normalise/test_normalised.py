"""A series in the weather of its whole record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.normalise.changes import changes_of, effect_of
from ml.normalise.design import TooLittle, design_of, local_moments
from ml.normalise.models import FOREST, LIGHTGBM
from ml.normalise.normalised import KEEP_TIME, KEEP_TREND, SEASON, monthly, normalise
from ml.normalise.skill import skill_of
from ml.normalise.trend import LEAST_MONTHS, trend_of
from standards.assessment.trends import theil_sen
from tests.ml.normalise.made import series
from tests.streams.real_data import real


def trend_by(values, hour_ends, weather, **options):
    design = design_of(values, hour_ends, weather)
    made = normalise(design, len(values), **options)
    return trend_of(*monthly(made.by_seed, local_moments(hour_ends)))


def test_a_trend_that_the_weather_hides_is_found_again():
    # By construction emission falls by 5 a year; the rising wind takes away 2 a year more.
    values, ends, weather = series()
    bare = trend_of(*monthly(values, local_moments(ends)))
    found = trend_by(values, ends, weather, seeds=(1, 2))
    assert bare.slope < -6.0
    assert found.slope == pytest.approx(-5.0, abs=0.5)
    assert found.low < found.slope < found.high


def test_a_forest_damps_the_trend_as_the_documentation_says():
    # A forest offers a third of the variables at a split, so that weather which drifts takes a part of the trend.
    found = trend_by(*series(), model=FOREST, seeds=(1, 2))
    assert -4.5 < found.slope < -3.5


def test_the_slope_is_that_of_the_assessment():
    months = np.arange(np.datetime64("2015-01"), np.datetime64("2020-01"))
    values = np.random.default_rng(1).normal(size=60)
    times = (months.astype(int) + 0.5) / 12
    assert trend_of(months, values).slope == theil_sen(values, times).slope


def test_the_interval_of_months_that_go_together_is_wider_than_that_of_months_that_do_not():
    months = np.arange(np.datetime64("2000-01"), np.datetime64("2020-01"))
    noise = np.random.default_rng(2).normal(size=240)
    alone, together = noise, np.convolve(np.pad(noise, (5, 0)), np.ones(6) / np.sqrt(6), "valid")[:240]
    one, other = trend_of(months, alone), trend_of(months, together)
    assert other.high - other.low > 1.3 * (one.high - one.low)


def test_the_interval_of_the_trend_holds_a_slope_of_nothing_about_as_often_as_it_says():
    months = np.arange(np.datetime64("2010-01"), np.datetime64("2020-01"))
    held = 0
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(size=123)
        told = trend_of(months, np.convolve(noise, np.ones(4) / 4, "valid"), draws=200)
        held += told.low <= 0.0 <= told.high
    assert 30 <= held <= 40  # of 40 at 95 %: blocks of a series this short hold somewhat less than they say


def test_too_few_months_have_no_trend():
    months = np.arange(np.datetime64("2018-01"), np.datetime64("2020-01"))
    values = np.arange(24.0)
    assert np.isfinite(trend_of(months, values).slope)
    values[3] = np.nan
    told = trend_of(months, values)
    assert np.isnan(told.slope) and told.months == LEAST_MONTHS - 1


def test_the_same_seed_gives_the_same_series_and_another_seed_another():
    values, ends, weather = series(days=800)
    design = design_of(values, ends, weather)
    one, same, other = (normalise(design, 800, seeds=seeds) for seeds in ((1, 2), (1, 2), (3, 4)))
    assert np.array_equal(one.by_seed, same.by_seed)
    assert not np.array_equal(one.by_seed, other.by_seed)
    assert (one.spread > 0).all()


def test_missing_stays_missing():
    values, ends, weather = series(days=800)
    values[10], weather["wind"][20], weather["warm"][30] = np.nan, np.nan, np.inf
    made = normalise(design_of(values, ends, weather), 800, seeds=(1,))
    assert np.flatnonzero(np.isnan(made.values)).tolist() == [10, 20, 30]
    assert np.isnan(made.spread).all()  # one seed has no spread


@pytest.mark.parametrize(("days", "gap"), [(300, slice(0)), (500, slice(200, 380)), (400, slice(0, 45))])
def test_too_little_is_refused_in_words(days, gap):
    values, ends, weather = series(days=days)
    values[gap] = np.nan
    with pytest.raises(TooLittle, match=r"rows have a value and all weather, over .* expected at least"):
        design_of(values, ends, weather)


def test_input_that_does_not_fit_is_refused():
    values, ends, weather = series(days=400)
    for bad in (
        (values[:-1], ends, weather),
        (values, ends[::-1], weather),
        (values, ends, {}),
        (values, ends, {"trend": ends}),
    ):
        with pytest.raises(ValueError, match="expected"):
            design_of(*bad)
    design = design_of(values, ends, weather)
    for options in ({"keep": "all"}, {"pool": SEASON}, {"pool": "month"}, {"model": "oracle"}):
        with pytest.raises(ValueError, match="expected"):
            normalise(design, 400, **options)


def test_averaging_over_all_but_the_trend_takes_the_season_of_emissions_and_over_weather_alone_leaves_it():
    values, ends, weather = series()
    week = (local_moments(ends).astype("datetime64[D]").astype(int) + 3) % 7
    values = values + 20.0 * (week < 5)
    design = design_of(values, ends, weather)
    for options, least, most in (
        ({"keep": KEEP_TREND}, -0.5, 0.5), ({"keep": KEEP_TIME}, 17, 21), ({"keep": KEEP_TIME, "pool": SEASON}, 17, 21)
    ):  # fmt: skip
        made = normalise(design, len(values), seeds=(1,), **options).values
        assert least < made[week < 5].mean() - made[week >= 5].mean() < most


def test_days_beside_known_days_flatter_a_model():
    chance = np.random.default_rng(1)
    values, ends, weather = series(days=1000)
    slow = np.repeat(chance.normal(0, 15, 100), 10)  # a course that nothing but the neighbours' days tells
    told = skill_of(design_of(values + slow, ends, weather))
    assert told.leaks and told.random > told.left_out + 0.05
    assert told.forward < told.random
    plain = skill_of(design_of(*series(days=1000)))
    assert not plain.leaks and plain.left_out > 0.7


def test_a_step_is_found_in_its_month_and_an_even_fall_has_none():
    months = np.arange(np.datetime64("2010-01"), np.datetime64("2020-01"))
    noise = np.random.default_rng(4).normal(0, 1, 120)
    fall = 50 - 0.2 * np.arange(120)
    assert changes_of(months, fall + noise) == []
    (one,) = changes_of(months, fall + noise - 6.0 * (months >= np.datetime64("2015-04")))
    assert abs((one.month - np.datetime64("2015-04")).astype(int)) <= 1
    assert one.jump == pytest.approx(-6.0, abs=1.5)
    assert one.slope_before == pytest.approx(-2.4, abs=0.6)


def test_what_a_period_did_is_told_against_the_weather_that_there_was():
    # 15 less from day 900 on, by construction, while the wind does as it likes.
    values, ends, weather = series(step=-15.0, step_day=900, days=1000)
    first = local_moments(ends)[900]
    design = design_of(values, ends, weather)
    told = effect_of(design, first, first + np.timedelta64(59, "D"))
    assert told.low < -15.0 < told.high
    assert told.high < 0
    assert told.rows == 60 and len(told.placebos) >= 5


def test_a_period_without_a_year_before_it_is_refused_and_one_with_few_placebos_has_no_interval():
    values, ends, weather = series(days=800)
    design, moments = design_of(values, ends, weather), local_moments(ends)
    with pytest.raises(TooLittle, match="complete rows lie before"):
        effect_of(design, moments[100], moments[150])
    told = effect_of(design, moments[700], moments[799])
    assert np.isfinite(told.effect) and np.isnan(told.low) and len(told.placebos) < 5


def test_hourly_series_have_an_hour_and_months_with_too_few_hours_are_missing():
    ends = 24 * 16801 - 8 + 1 + np.arange(24 * 400)
    chance = np.random.default_rng(1)
    wind = chance.gamma(2, 1, ends.size)
    values = 50 - 5 * wind + 10 * (local_moments(ends).astype(int) % 24 == 8)
    design = design_of(values, ends, {"wind": wind})
    assert design.names == ("trend", "day_of_year", "weekday", "hour_of_day", "wind")
    values[: 24 * 20] = np.nan
    months, means = monthly(values, local_moments(ends))
    assert months[0] == np.datetime64("2016-01") and np.isnan(means[0]) and np.isfinite(means[1:13]).all()


@pytest.mark.parametrize(("model", "least"), [(LIGHTGBM, 0.97), (FOREST, 0.995)])
def test_london_is_normalised_as_published(model, least):
    """Months of NO2 at Marylebone Road against the series that rmweather ships (Grange 2018, all but the trend resampled)."""
    seen = pd.read_csv(real("met_normalisation/rmweather_data_london.csv"))
    published = pd.read_csv(real("met_normalisation/rmweather_data_london_normalised.csv"))
    seen = seen[seen["variable"] == "no2"]
    days = seen["date"].to_numpy("datetime64[D]").astype(int)
    ends, weather = (days + 1) * 24, ["air_temp", "atmospheric_pressure", "rh", "wd", "ws"]
    design = design_of(
        seen["value"].to_numpy(), ends, {name: seen[name].to_numpy() for name in weather}, utc_offset_h=0
    )
    made = normalise(design, len(ends), keep=KEEP_TREND, model=model)
    months, ours = monthly(made.values, local_moments(ends, utc_offset_h=0), min_share=0.0)
    theirs = pd.Series(published["value_predict"].to_numpy(), index=published["date"].to_numpy("datetime64[M]"))
    both = np.isin(months, theirs.index.to_numpy("datetime64[M]")) & np.isfinite(ours)
    assert both.sum() >= 250
    assert np.corrcoef(ours[both], theirs[months[both]])[0, 1] >= least


def test_no_percent_is_told_of_a_series_that_is_not_above_nothing() -> None:
    months = np.arange("2015-01", "2018-01", dtype="datetime64[M]")
    falls = trend_of(months, -5.0 - np.arange(36) / 12.0)
    assert falls.slope == pytest.approx(-1.0) and np.isnan(falls.percent)
    days = np.arange(800)
    nothing = design_of(np.zeros(800), 400_000 + 24 * days, {"wind": np.sin(days)})
    made = effect_of(nothing, np.datetime64("2017-06-01"), np.datetime64("2017-06-10"))
    assert made.effect == 0.0 and np.isnan(made.percent)


@pytest.mark.parametrize(("seeds", "length"), [((), 800), ((1,), 700)])
def test_no_seed_and_a_length_that_is_too_short_are_refused(seeds: tuple[int, ...], length: int) -> None:
    days = np.arange(800)
    design = design_of(np.cos(days), 400_000 + 24 * days, {"wind": np.sin(days)})
    with pytest.raises(ValueError, match=r"expected one seed or more and more than 799 rows"):
        normalise(design, length, seeds=seeds)
