"""The small worlds of the notebooks: what is true, what is seen and what is told belong together, and are not the same."""

from __future__ import annotations

import datetime as dt

import numpy as np

from ml.attribution.tags import SOURCES
from research.notebooks.worlds import AHEAD_H, INSTRUMENT, RUN_H, city_to_forecast, haze
from standards.pollutants import ITEMS


def test_the_truth_of_a_haze_adds_up_to_what_is_seen_but_for_the_instruments() -> None:
    made = haze(days=1, members=("TWIN-A",))
    assert made.truth.shape == (8, len(SOURCES), 24)
    seen = made.seen.items[ITEMS.index("pm25")]
    apart = np.log(seen / made.truth.sum(axis=1))
    # 192 values: the standard deviation of so many is known to within a fifth, 4 of its own standard errors.
    assert abs(apart.std() / INSTRUMENT - 1) < 0.2 and abs(apart.mean()) < 0.02
    told = made.tags.by_sector("pm25")[0].sum(axis=1)
    np.testing.assert_allclose(told, made.tags.by_place("pm25")[0].sum(axis=1), rtol=1e-3)
    assert np.abs(told - made.truth.sum(axis=1)).mean() > 1.0  # a twin is no copy of nature
    assert made.tags.first_hour == made.seen.first_hour


def test_runs_foresee_the_weather_worse_the_further_they_reach() -> None:
    history, ahead = city_to_forecast("summer_ozone", days=12, start=dt.date(2015, 7, 1))
    assert history.hours == 12 * 24
    assert (np.diff(ahead.issues) == RUN_H).all() and ahead.issues[0] == history.first_hour - 1
    leads = ahead.issues[:, None] + np.arange(1, AHEAD_H + 1)
    miss = np.abs(ahead.columns["temperature_c"] - history.at("temperature_c", leads))
    first, second = np.nanmean(miss[:, :12]), np.nanmean(miss[:, 24:])
    assert 0 < first < second
    assert "forecast_pm25_ugm3" not in ahead.columns


def test_concentrations_of_runs_are_told_up_to_the_next_run_and_no_further() -> None:
    history, ahead = city_to_forecast("winter_haze", days=2, concentrations=True)
    told = ahead.columns["forecast_pm25_ugm3"]
    assert np.isfinite(told[:, :RUN_H]).all() and np.isnan(told[:, RUN_H:]).all()
    seen = history.at("pm25_ugm3", ahead.issues[:2, None] + np.arange(1, RUN_H + 1))
    assert np.abs(told[:2, :RUN_H] - seen).mean() > 1.0
    assert 0.3 < np.median(told[:2, :RUN_H] / seen) < 3.0
