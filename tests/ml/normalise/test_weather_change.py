"""What a change was the weather's, on series of which both parts are known, and on what may not be told."""

from __future__ import annotations

import numpy as np
import pytest

from ml.normalise.design import design_of
from ml.normalise.fitted import fitted, held_out
from ml.normalise.weather_change import WHY_HOURS, WHY_SEASONS, WHY_SKILL, mean_error, weather_change

FIRST = np.datetime64("2024-01-01")
THIS, LAST = (
    (np.datetime64("2025-11-01"), np.datetime64("2025-12-30")),
    (
        np.datetime64("2024-11-01"),
        np.datetime64("2024-12-30"),
    ),
)


def made(*, cut: float = 0.0, calm: float = 0.0, noise: float = 3.0, seed: int = 1, days: int = 730):
    """Two years of daily means: level 60, less `cut` in the second; 20 more for each unit of stagnation, which is `calm`
    higher in the last two months."""
    chance, day = np.random.default_rng(seed), np.arange(days)
    dates = FIRST + day
    stagnation = np.convolve(chance.normal(0, 1, days + 2), np.ones(3) / np.sqrt(3), "valid")
    stagnation = stagnation + np.where(dates >= THIS[0], calm, 0.0)
    warm = 15 - 10 * np.cos(2 * np.pi * day / 365.25) + chance.normal(0, 3, days)
    level = 60.0 - np.where(dates >= np.datetime64("2025-01-01"), cut, 0.0)
    values = level + 20 * stagnation + chance.normal(0, noise, days)
    # A day of Beijing ends at 16:00 UTC.
    ends = dates.astype("datetime64[h]").astype(np.int64) + 16
    return values, ends, {"stagnation": stagnation, "warm": warm}


def test_what_was_cut_is_us_and_what_was_calm_is_the_weather():
    # By construction: emissions fall by 15 and stagnation, 20 a unit, rises by 0.8: +16.
    values, ends, weather = made(cut=15.0, calm=0.8)
    found = weather_change(fitted(values, ends, weather), now=THIS, base=LAST, hours_per_day=1)
    stagnation = weather["stagnation"]
    inside = [(FIRST + np.arange(730) >= a) & (FIRST + np.arange(730) <= b) for a, b in (THIS, LAST)]
    by_weather = 20 * (stagnation[inside[0]].mean() - stagnation[inside[1]].mean())
    assert found.why == "" and found.skill > 0.5
    assert found.observed.value == pytest.approx(values[inside[0]].mean() - values[inside[1]].mean(), abs=1e-9)
    assert found.us.value == pytest.approx(-15.0, abs=4.0)
    assert found.weather.value == pytest.approx(by_weather, abs=4.0)
    assert found.us.low < -15.0 < found.us.high
    assert found.weather.low < by_weather < found.weather.high


def test_us_and_the_weather_add_up_to_what_was_observed():
    values, ends, weather = made(cut=8.0, calm=-0.5, seed=3)
    found = weather_change(fitted(values, ends, weather), now=THIS, base=LAST, hours_per_day=1)
    assert found.us.value + found.weather.value == pytest.approx(found.observed.value, abs=1e-9)
    assert found.now - found.base == pytest.approx(found.observed.value, abs=1e-9)


def test_where_nothing_was_cut_the_interval_of_us_holds_nothing_about_as_often_as_it_says():
    # Of ten that hold nothing in nine of ten cases, fewer than 7 do so once in eighty (binomial); in half of them the
    # weather shifts by 14.
    held = 0
    for seed in range(10):
        values, ends, weather = made(calm=0.7 if seed % 2 else 0.0, seed=seed)
        found = weather_change(fitted(values, ends, weather, seeds=(1,)), now=THIS, base=LAST, hours_per_day=1)
        held += found.us.low <= 0.0 <= found.us.high
    assert held >= 7


def test_a_series_that_the_weather_does_not_move_is_refused_by_its_skill():
    values, ends, weather = made()
    values = np.random.default_rng(9).normal(60, 10, len(values))
    found = weather_change(fitted(values, ends, weather), now=THIS, base=LAST, hours_per_day=1)
    assert found.why == WHY_SKILL and found.skill < 0.3
    assert np.isnan(found.us.value) and np.isnan(found.weather.value) and np.isfinite(found.observed.value)


def test_a_period_of_which_half_is_missing_is_refused():
    values, ends, weather = made()
    values[-45:] = np.nan
    found = weather_change(fitted(values, ends, weather), now=THIS, base=LAST, hours_per_day=1)
    assert found.why == WHY_HOURS and found.hours == (15, 60)


def test_summer_against_winter_is_refused_for_their_usual_weather_is_not_the_same():
    values, ends, weather = made()
    summer = (np.datetime64("2025-06-01"), np.datetime64("2025-07-30"))
    assert weather_change(fitted(values, ends, weather), now=THIS, base=summer, hours_per_day=1).why == WHY_SEASONS


def test_the_turn_of_the_year_is_no_season_of_its_own():
    values, ends, weather = made()
    now, base = (
        (np.datetime64("2025-12-20"), np.datetime64("2025-12-30")),
        (np.datetime64("2024-12-28"), np.datetime64("2025-01-07")),
    )
    assert weather_change(fitted(values, ends, weather), now=now, base=base, hours_per_day=1).why == ""


def test_a_fortnight_is_told_by_models_that_have_not_seen_it():
    # A single day of 1000 is not to be found in what is said of its fortnight.
    values, ends, weather = made(noise=1.0)
    values[400] = 1000.0
    told = held_out(design_of(values, ends, weather), seed=1)
    assert told[400] < 300.0


def test_the_error_of_a_mean_is_that_of_its_windows():
    # Residuals of +2 and -2 in turns of 30 days: their means by 30 days are 2 off each.
    values, ends, weather = made()
    fit = fitted(values, ends, weather, seeds=(1,))
    off = np.where(np.arange(730) // 30 % 2 == 0, 2.0, -2.0)
    known = type(fit)(fit.days, fit.hours, fit.held_out + off, fit.held_out, fit.by_seed, fit.skill, fit.digest)
    assert mean_error(known, 30) == pytest.approx(2.0, abs=1e-9)


def test_equal_rows_have_equal_digests_and_one_other_value_has_another():
    values, ends, weather = made()
    one, same = (fitted(values, ends, weather, seeds=(1,)) for _ in range(2))
    assert one.digest == same.digest and np.array_equal(one.by_seed, same.by_seed)
    values[0] += 1
    assert fitted(values, ends, weather, seeds=(1,)).digest != one.digest
