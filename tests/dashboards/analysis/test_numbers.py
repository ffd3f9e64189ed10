"""Statistics of the exploring pages against SciPy and pandas, and against what is known of made series."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dashboards.analysis.cycles import cycle, day_means
from dashboards.analysis.effective import (
    autocorrelation,
    effective_of_mean,
    effective_pairs,
    envelope,
    fitted,
    student95,
)
from dashboards.analysis.winds import CALM_MS, SPEEDS, sector_of, winds
from tests.dashboards.analysis import made

X, Y = made.pm25(made.HOME), made.pm25("510600") - 70.0
INDEX = pd.date_range(made.FIRST + dt.timedelta(hours=8), periods=made.HOURS, freq="h")
"""Hour ends in Beijing."""


def test_the_line_is_that_of_scipy_over_complete_pairs() -> None:
    y = np.where(np.arange(len(Y)) % 7 == 0, np.nan, Y + 0.5 * X)
    both = np.isfinite(X) & np.isfinite(y)
    expected, found = stats.linregress(X[both], y[both]), fitted(X, y)
    assert (found.slope, found.intercept, found.r) == pytest.approx(
        (expected.slope, expected.intercept, expected.rvalue)
    )
    assert found.n == both.sum() and found.low < found.r < found.high


def test_without_memory_the_bounds_are_those_of_scipy() -> None:
    """Of white noise nearly every pair is effective: Fisher's bounds, stats.pearsonr(...).confidence_interval()."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=4000)
    y = 0.4 * x + rng.normal(size=4000)
    bounds = stats.pearsonr(x, y).confidence_interval()
    found = fitted(x, y)
    assert (found.low, found.high) == pytest.approx((bounds.low, bounds.high), abs=0.006)


def test_series_that_remember_have_fewer_effective_pairs() -> None:
    """Of two AR(1) series: N (1 - a b) / (1 + a b), Bretherton et al. (1999), J. Climate 12, 1990, eq. 31."""
    ratios = [effective_pairs(made.remembering(i, 6000), made.remembering(50 + i, 6000)) / 6000 for i in range(12)]
    assert np.mean(ratios) == pytest.approx((1 - 0.81) / (1 + 0.81), rel=0.25)


def test_the_band_holds_95_of_100_unrelated_series() -> None:
    """Counting every hour would call two unrelated series related in more than half the cases."""
    inside = naive = 0
    for i in range(150):
        x, y = made.remembering(1000 + i, 1500), made.remembering(5000 + i, 1500)
        found = fitted(x, y)
        inside += found.low <= 0 <= found.high
        naive += abs(found.r) < 1.96 / np.sqrt(1500)
    assert inside / 150 >= 0.90 and naive / 150 < 0.60


@pytest.mark.parametrize(
    "y", [np.full(len(X), np.nan), np.full(len(X), 3.0), np.where(np.arange(len(X)) < 2, Y, np.nan)]
)
def test_there_is_no_line_without_three_pairs_or_without_variation(y) -> None:
    found = fitted(X, y)
    assert np.isnan([found.slope, found.r, found.low, found.effective]).all() and found.n == np.isfinite(y * X).sum()


def test_autocorrelation_is_that_over_complete_pairs() -> None:
    found, anomaly = autocorrelation(X, 30), X - np.nanmean(X)
    variance = np.nanmean(anomaly**2)
    for lag in (1, 5, 24, 30):
        assert found[lag] == pytest.approx(np.nanmean(anomaly[lag:] * anomaly[:-lag]) / variance)


@pytest.mark.parametrize("freedom", [2, 3, 5, 10, 40, 300])
def test_the_quantile_of_student_is_that_of_scipy(freedom: int) -> None:
    assert student95(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=0.02)


@pytest.mark.parametrize("columns", [1, 7, 672, 5000])
def test_an_envelope_holds_every_value_and_knows_of_gaps(columns: int) -> None:
    low, high, mean = envelope(X, columns)
    step = -(-len(X) // columns)
    groups = pd.Series(X).groupby(np.arange(len(X)) // step)
    for found, expected in ((low, groups.min()), (high, groups.max()), (mean, groups.mean())):
        np.testing.assert_allclose(found, expected.to_numpy())
    assert len(low) <= columns


def test_the_hours_of_a_day_are_those_of_a_clock_in_beijing() -> None:
    """01:00 to 24:00 by hour ends: midnight belongs to the day that it ends."""
    by_hour = pd.Series(X, INDEX).groupby(np.where(INDEX.hour == 0, 24, INDEX.hour))
    found = cycle(X, made.FIRST, "hour", quartiles=False)
    assert [group.key for group in found] == list(range(1, 25))
    np.testing.assert_allclose([g.middle for g in found], by_hour.mean())
    assert [g.n for g in found] == by_hour.count().tolist()
    quartiles = cycle(X, made.FIRST, "hour", quartiles=True)
    for name, share in (("low", 0.25), ("middle", 0.5), ("high", 0.75)):
        np.testing.assert_allclose([getattr(g, name) for g in quartiles], by_hour.quantile(share))


@pytest.mark.parametrize(("kind", "of"), [("weekday", "weekday"), ("month", "month")])
def test_weekdays_and_months_are_of_means_of_days_with_20_hours(kind: str, of: str) -> None:
    days = pd.Series(X, INDEX - pd.Timedelta(hours=1)).resample("D").agg(["mean", "count"])
    days = days["mean"][days["count"] >= 20]
    expected = days.groupby(getattr(days.index, of)).agg(["mean", "count"])
    found = {g.key: g for g in cycle(X, made.FIRST, kind, quartiles=False) if g.n}
    assert {key: g.n for key, g in found.items()} == expected["count"].to_dict()
    np.testing.assert_allclose([found[key].middle for key in expected.index], expected["mean"])


def test_a_day_that_has_only_begun_has_no_mean() -> None:
    means, days = day_means(np.ones(50), dt.datetime(2023, 1, 1, 10))
    assert [str(day) for day in days] == ["2023-01-01", "2023-01-02", "2023-01-03"], "7, 24 and 19 hours"
    np.testing.assert_array_equal(means, [np.nan, 1.0, np.nan])


def test_the_interval_of_a_mean_without_memory_is_that_of_scipy() -> None:
    values = np.random.default_rng(5).normal(size=24 * 400)
    for group in cycle(values, made.FIRST, "hour", quartiles=False):
        members = values[(np.arange(len(values)) + (made.FIRST.hour + 7) % 24) % 24 + 1 == group.key]
        half = stats.t.ppf(0.975, group.effective - 1) * members.std(ddof=1) / np.sqrt(group.effective)
        assert group.high - group.middle == pytest.approx(half, rel=1e-3)
        assert group.effective == pytest.approx(400, rel=0.25)


def test_a_mean_of_what_remembers_rests_on_fewer_values() -> None:
    assert effective_of_mean(made.remembering(2, 20_000)) / 20_000 == pytest.approx(0.1 / 1.9, rel=0.15)


@pytest.mark.parametrize(
    ("u", "v", "sector"),
    [(0, -1, 0), (-1, -1, 2), (-1, 0, 4), (0, 1, 8), (1, 0, 12), (1, -1, 14), (0.2, -1.1, 0), (-0.3, -1, 1)],
)
def test_a_wind_has_the_sector_that_it_comes_from(u: float, v: float, sector: int) -> None:
    """A wind that blows to the south (v < 0) is a north wind."""
    assert sector_of(np.array([u]), np.array([v]))[0] == sector


def test_the_rose_counts_each_hour_with_wind_once_and_its_means_are_those_of_pandas() -> None:
    u, v = made.wind(made.HOME)
    found = winds(u, v, X, made.FIRST)
    frame = pd.DataFrame({"u": u, "v": v, "x": X, "day": (INDEX - pd.Timedelta(hours=1)).date}).dropna(
        subset=["u", "v"]
    )
    frame["speed"] = np.hypot(frame.u, frame.v)
    assert found.known == len(frame) and found.calm == (frame.speed < CALM_MS).sum()
    assert found.counts.sum() + found.calm == found.known
    blowing = frame[frame.speed >= CALM_MS].copy()
    blowing["from"] = (np.degrees(np.arctan2(-blowing.u, -blowing.v)) + 11.25) % 360 // 22.5
    blowing["class"] = pd.cut(blowing.speed, [*SPEEDS, np.inf], right=False, labels=False)
    for means, keys in ((found.by_sector, ["from"]), (found.by_cell, ["from", "class"])):
        for key, group in blowing.dropna(subset=["x"]).groupby(keys):
            place = tuple(int(k) for k in key)
            assert means.hours[place] == len(group) and means.mean[place] == pytest.approx(group.x.mean())
            if group.day.nunique() > 1:
                assert means.error[place] == pytest.approx(group.x.std() / np.sqrt(group.day.nunique()))
            else:
                assert np.isnan(means.error[place])


def test_winds_of_nothing_are_of_no_hour() -> None:
    nothing = np.full(48, np.nan)
    found = winds(nothing, nothing, nothing, made.FIRST)
    assert found.known == found.calm == found.counts.sum() == 0 and np.isnan(found.by_cell.mean).all()
