"""The quality objective of FAIRMODE against worked examples."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from standards.verification.fairmode import (
    FAIRMODE_EDITIONS,
    fairmode_edition,
    measurement_uncertainty,
    mqi,
    mqi_year,
    mqo,
    rmsu,
    uncertainty_of,
    year_uncertainty,
)

NAN = float("nan")
# Ten days observed and modelled [ug/m3]; values beside them to the digits computed beside this code.
PM25 = [35, 48, 61, 80, 98, 72, 55, 40, 33, 29], [30, 55, 70, 95, 90, 60, 50, 52, 41, 25]
OZONE = [90, 120, 150, 175, 160, 130, 110, 140, 185, 200], [100, 115, 140, 160, 165, 120, 118, 150, 170, 190]
BY_PM25, BY_OZONE = (uncertainty_of(*key, edition="v3.3") for key in (("pm25", "day"), ("o3", "8h")))
OF_2022, OF_2026 = (edition.uncertainties for edition in FAIRMODE_EDITIONS.values())


def test_worked_quality_of_pm25():
    assert round(float(rmsu(PM25[0], by=BY_PM25).value), 3) == 18.984
    assert round(float(mqi(*PM25, by=BY_PM25).value), 3) == 0.241
    assert round(float(year_uncertainty(np.mean(PM25[0]), by=BY_PM25)), 3) == 5.316
    assert round(float(mqi_year(*PM25, by=BY_PM25).value), 3) == 0.160


def test_worked_quality_of_ozone():
    assert round(float(rmsu(OZONE[0], by=BY_OZONE).value), 3) == 23.750
    assert round(float(mqi(*OZONE, by=BY_OZONE).value), 3) == 0.217


# item, period: u_r, RV, alpha, Np, Nnp, percentile: EvalTools and pyaerocom
PRINTED = {
    ("no2", "hour"): (0.24, 200, 0.20, 5.2, 5.5, 99.8),
    ("o3", "8h"): (0.18, 120, 0.79, 11, 3, 92.9),
    ("pm10", "day"): (0.28, 50, 0.25, 20, 1.5, 90.1),
    ("pm25", "day"): (0.36, 25, 0.50, 20, 1.5, 90.1),
}


def test_parameters_are_those_of_the_two_codes():
    got = {key: (u.u_r, u.rv, u.alpha, u.np, u.nnp, u.percentile) for key, u in OF_2022.items()}
    assert got == PRINTED
    assert all((u.beta, u.mqo_share, u.min_availability) == (2, 0.9, 0.75) for u in OF_2022.values())


@pytest.mark.parametrize("key", PRINTED)
def test_uncertainty_at_the_reference_value_is_the_relative_one(key):
    by = uncertainty_of(*key, edition="v3.3")
    assert measurement_uncertainty(by.rv, by=by) == pytest.approx(by.u_r * by.rv, rel=1e-15)
    assert measurement_uncertainty(0, by=by) == pytest.approx(by.u_r * by.alpha * by.rv, rel=1e-15)
    assert np.isnan(measurement_uncertainty(NAN, by=by))


# item, period: LV, relative uncertainty there, uncertainty at nothing, beta: JRC146736 Table 1, fixed measurements, as
# the specification of a public program prints it.
PRINTED_2026 = {
    ("no2", "hour"): (200, 0.15, 3, 3.2),
    ("no2", "day"): (50, 0.15, 3, 3.2),
    ("no2", "year"): (20, 0.30, 6, 1.4),
    ("o3", "8h"): (120, 0.15, 10, 2.2),
    ("o3", "season"): (60, 0.15, 9, 1.7),
    ("pm10", "day"): (45, 0.25, 4, 2.2),
    ("pm10", "year"): (20, 0.20, 4, 1.3),
    ("pm25", "day"): (25, 0.25, 3, 2.5),
    ("pm25", "year"): (10, 0.30, 3, 1.7),
    ("so2", "hour"): (350, 0.15, 5, 3.2),
    ("so2", "day"): (50, 0.15, 5, 3.2),
    ("so2", "year"): (20, 0.30, 6, 1.4),
    ("co", "8h"): (10, 0.10, 0.5, 4.9),
    ("co", "day"): (4, 0.15, 0.5, 3.2),
}


def test_parameters_of_2026_are_those_quoted():
    assert {key: (u.lv, u.u_rel, u.u_phi, u.beta) for key, u in OF_2026.items()} == PRINTED_2026
    assert all((u.mqo_share, u.min_availability) == (0.9, 0.75) for u in OF_2026.values())
    assert OF_2026["o3", "8h"].long == OF_2026["o3", "season"] and OF_2026["so2", "hour"].long == OF_2026["so2", "year"]


def test_the_edition_follows_the_date_or_is_named():
    dates = {"2022-06-01": "v3.3", "2026-05-05": "v3.3", "2026-05-06": "v4.0", "2031-01-01": "v4.0"}
    assert {day: fairmode_edition(dt.date.fromisoformat(day)).name for day in dates} == dates
    assert uncertainty_of("pm25", "day", edition=dt.date(2026, 1, 1)) == BY_PM25
    assert uncertainty_of("pm25", "day") == uncertainty_of("pm25", "day", edition="v4.0") == OF_2026["pm25", "day"]


def test_the_uncertainty_of_2026_rises_to_the_limit_and_is_relative_above():
    # PM2.5 of a day: U(0) = 3, U(25) = 0.25 * 25 = 6.25, between 3 + O * 3.25 / 25, above 0.25 O.
    found = measurement_uncertainty([0, 10, 25, 40, NAN], by=OF_2026["pm25", "day"])
    assert found.tolist() == pytest.approx([3, 4.3, 6.25, 10, NAN], nan_ok=True)
    # Of the mean of a year U(LV) is U(0): 3 at all means up to 10, then 0.30 O.
    assert year_uncertainty([5, 10, 20], by=OF_2026["pm25", "day"]).tolist() == pytest.approx([3, 3, 6])


def test_an_error_may_reach_the_root_of_one_and_beta_squared_times_the_uncertainty():
    obs, by = np.full(20, 40.0), OF_2026["pm25", "day"]
    assert mqi(obs, obs + np.sqrt(1 + 2.5**2) * 10, by=by).value == pytest.approx(1, rel=1e-14)
    assert mqi_year(obs, obs + np.sqrt(1 + 1.7**2) * 12, by=by).value == pytest.approx(1, rel=1e-14)
    # PM2.5 of ten days as above: by hand U is 0.25 O, RMSU = 0.25 sqrt(34993 / 10), RMSE = sqrt(837 / 10).
    assert mqi(*PM25, by=by).value == pytest.approx(np.sqrt(83.7) / (np.sqrt(7.25) * 0.25 * np.sqrt(3499.3)), rel=1e-12)


def test_mean_square_uncertainty_is_that_of_mean_and_spread():
    obs = np.array(PM25[0])
    spread = (1 - 0.5**2) * (obs.mean() ** 2 + obs.std() ** 2) + (0.5 * 25) ** 2
    assert rmsu(obs, by=BY_PM25).value == pytest.approx(0.36 * np.sqrt(spread), rel=1e-14)


def test_a_station_needs_three_quarters_of_its_pairs():
    obs, fcst = np.tile(PM25[0], (2, 2))[:, :12].astype(float), np.tile(PM25[1], (2, 2))[:, :12].astype(float)
    obs[0, :3], obs[1, :4] = NAN, NAN
    for indicator in (mqi, mqi_year):
        score = indicator(obs, fcst, by=BY_PM25)
        assert score.n.tolist() == [9, 8] and np.isnan(score.value).tolist() == [False, True]
    assert not np.isnan(mqi(obs, fcst, by=replace(BY_PM25, min_availability=0.5)).value).any()


def test_a_perfect_model_has_no_error_and_an_error_of_twice_the_uncertainty_is_one():
    obs = np.full(20, 40.0)
    assert mqi(obs, obs, by=BY_PM25).value == mqi_year(obs, obs, by=BY_PM25).value == 0
    twice = 2 * measurement_uncertainty(40.0, by=BY_PM25)
    assert mqi(obs, obs + twice, by=BY_PM25).value == pytest.approx(1, rel=1e-14)
    twice = 2 * year_uncertainty(40.0, by=BY_PM25)
    assert mqi_year(obs, obs + twice, by=BY_PM25).value == pytest.approx(1, rel=1e-14)


# Indicators of n stations, and by hand: s = floor(0.9 n), MQI(s) + (MQI(s + 1) - MQI(s)) (0.9 n - s).
@pytest.mark.parametrize(
    ("stations", "expected"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0], 0.9),  # 9 + 0
        ([1.0, 0.5], 0.9),  # s = 1, rest 0.8: 0.5 + 0.5 * 0.8
        ([0.2, 1.2, 0.7], 1.05),  # s = 2, rest 0.7: 0.7 + 0.5 * 0.7
        ([0.4], 0.4),
        ([NAN, 1.0, 0.5, NAN], 0.9),
        ([NAN], NAN),
        ([], NAN),
    ],
)
def test_the_objective_is_the_90th_percentile_of_the_stations(stations, expected):
    score = mqo(stations, by=BY_PM25)
    assert float(score.value) == pytest.approx(expected, rel=1e-14, nan_ok=True)
    assert score.n == np.isfinite(np.array(stations)).sum()


def test_the_objective_takes_any_axis():
    table = np.array([[0.5, 1.0], [NAN, 2.0]])
    assert mqo(table, by=BY_PM25).value.tolist() == pytest.approx([0.9, 2.0])
    assert mqo(table, by=BY_PM25, axis=0).value.tolist() == pytest.approx([0.5, 1.8])
    assert mqo(table, by=BY_PM25, axis=None).n == 3


def test_bad_input_is_refused_by_name():
    with pytest.raises(ValueError, match=r"v3\.3 has no uncertainty of 'so2' over 'day', expected one of no2 hour"):
        uncertainty_of("so2", "day", edition="v3.3")
    with pytest.raises(ValueError, match=r"FAIRMODE v4\.0 has no uncertainty of 'o3' over 'day', expected one of no2"):
        uncertainty_of("o3", "day")
    with pytest.raises(ValueError, match=r"edition of FAIRMODE is 'v5', expected one of v3\.3, v4\.0 or a date"):
        uncertainty_of("o3", "8h", edition="v5")
    with pytest.raises(ValueError, match="no uncertainty of a yearly mean"):
        mqi_year([1, 1], [1, 1], by=uncertainty_of("co", "day"))
    with pytest.raises(ValueError, match="obs is -1, expected 0 or more"):
        mqi([-1, 1], [1, 1], by=BY_PM25)
    with pytest.raises(ValueError, match="fcst has shape"):
        mqi_year([1, 1], [1], by=BY_PM25)
    with pytest.raises(ValueError, match="obs is inf ug/m3"):
        measurement_uncertainty(np.inf, by=BY_PM25)
    with pytest.raises(ValueError, match=r"indicator is -0\.1"):
        mqo([-0.1], by=BY_PM25)
    with pytest.raises(ValueError, match="axis is 3"):
        mqo([0.1], by=BY_PM25, axis=3)
