"""Correlation at lags against pandas, and against a lag that is known."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest

from dashboards.analysis.effective import effective_pairs
from dashboards.analysis.lags import LAGS, LEAST_PAIRS, band, best, correlations, without_cycle
from tests.dashboards.analysis import made
from tests.dashboards.analysis.conftest import shown

PLACES = (made.HOME, made.NORTH, "510600")
GRID = np.array([made.pm25(city) for city in PLACES])


def test_each_lag_has_the_correlation_and_the_pairs_of_pandas() -> None:
    r, pairs = correlations(GRID)
    frame = pd.DataFrame(GRID.T)
    for lag in (-24, -3, 0, 1, 24):
        for i in range(3):
            for j in range(3):
                later = frame[j].shift(-lag)
                assert r[i, j, LAGS + lag] == pytest.approx(frame[i].corr(later))
                assert pairs[i, j, LAGS + lag] == (frame[i].notna() & later.notna()).sum()


def test_the_best_lag_is_the_one_that_was_made() -> None:
    """Chengdu follows Mianyang by BEHIND hours: seen from Mianyang it is that much later, seen from Chengdu earlier."""
    value, lag = best(correlations(without_cycle(GRID, made.FIRST))[0])
    assert lag[1, 0] == made.BEHIND and lag[0, 1] == -made.BEHIND and value[1, 0] > 0.97
    assert lag[0, 0] == 0 and value[0, 0] == pytest.approx(1.0)


def test_a_shared_daily_cycle_is_no_correlation_once_it_is_taken_out() -> None:
    raw, rest = (correlations(grid)[0][0, 2, LAGS] for grid in (GRID, without_cycle(GRID, made.FIRST)))
    cycle = (
        pd.DataFrame(GRID.T)
        .groupby((np.arange(GRID.shape[1]) + made.FIRST.hour + 8) % 24)
        .transform("mean")
        .to_numpy()
        .T
    )
    np.testing.assert_allclose(without_cycle(GRID, made.FIRST), GRID - cycle, atol=1e-9)
    assert abs(rest) < band(without_cycle(GRID, made.FIRST))[0, 2] and raw > rest


def test_the_band_is_that_of_the_effective_pairs() -> None:
    whole = np.where(np.isnan(GRID), 60.0, GRID)
    half = band(whole)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert half[i, j] == pytest.approx(1.96 / np.sqrt(effective_pairs(whole[i], whole[j])), rel=1e-3)


@pytest.mark.parametrize(
    "row", [np.full(500, np.nan), np.full(500, 7.0), np.where(np.arange(500) < LEAST_PAIRS - 1, 1.0, np.nan)]
)
def test_what_has_no_pairs_or_does_not_vary_has_no_correlation(row: np.ndarray) -> None:
    grid = np.array([made.remembering(1, 500), row])
    r, _ = correlations(grid)
    value, lag = best(r)
    assert np.isnan(r[0, 1]).all() and np.isnan([value[0, 1], lag[0, 1]]).all() and np.isfinite(r[0, 0]).all()


def test_spans_shorter_than_the_lags_are_no_error() -> None:
    assert np.isnan(correlations(np.ones((2, 10)))[0]).all() and np.isnan(band(np.ones((2, 10)))).all()


def test_the_page_names_the_lag_and_what_it_rests_on(drawn) -> None:
    said = str(drawn("between", city=made.NORTH, params={"with": made.HOME}))
    assert f"成都 相对 绵阳 滞后 +{made.BEHIND} 小时" in said and re.search(r"n = 21\d\d", said) and "Pyper" in said
    assert "无法识别" in str(drawn("between-choice", params={"with": made.HOME})), "a city with itself"
    assert "不计算相关" in str(drawn("between", item="so2"))


def test_the_calendar_counts_the_days_of_each_level(drawn) -> None:
    """Indices 1 to 119 but the tenth (NA) and the twentieth (not stored): 48 to 50, 50 to 100, 19 above (HJ 633-2012, Table 1).

    The newest hour ends at 23:00, so that 30 April is not over.
    """
    said = str(drawn("months", item="aqi"))
    counts = re.findall(r"Td\(children='(\d+)', className='number'\)", said)
    assert counts == ["48", "50", "19", "0", "0", "0", "1", "1"]
    assert "41.0 %" in said and "有记录 118 / 119 天" in said and said.count('class="date"') == 365
    assert "2023-01-10 AQI NA" in said and "2023-04-29 AQI 119" in said


def test_a_day_that_is_not_over_is_not_shown(drawn) -> None:
    back = made.NEWEST - dt.timedelta(days=1)
    said = shown(drawn("months", item="aqi", hour=back))
    assert "2023-04-29" not in said and "2023-04-28" in said


@pytest.mark.parametrize("year", ["2012", "2024", "x", "20２3", "-1", "999999999"])
def test_a_year_that_cannot_be_falls_back_and_says_so(drawn, year: str) -> None:
    assert "无法识别" in str(drawn("months-choice", params={"year": year}))
    assert shown(drawn("months", params={"year": year})) == shown(drawn("months"))


def test_ozone_has_its_eight_hours_and_other_items_their_mean(drawn) -> None:
    assert "2023-02-01 O₃ 62" in str(drawn("months", item="o3")) and "日最大 8 小时" in str(drawn("months", item="o3"))
    assert "2023-02-01 PM₂.₅ 32" in str(drawn("months", item="pm25"))
