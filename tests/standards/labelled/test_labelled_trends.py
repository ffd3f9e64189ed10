"""Trends, warnings and modelling quality on labelled data: the numbers of standards, with their labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import standards.assessment.trends
import standards.verification.fairmode
import standards.warning.plan
from standards import labelled
from standards.warning.plan_files import plan_named

YEARLY = {"510100": [60, 57, 52, 51, 46, 43, 41, 40], "510600": [50, 51, np.nan, 49, 52, 50, 51, 50]}


def yearly() -> pd.Series:
    index = pd.MultiIndex.from_product([YEARLY, range(2016, 2024)], names=["city", "year"])
    made = pd.Series(np.concatenate(list(YEARLY.values())), index, name="pm25_mean_ugm3")
    made.attrs = {"units": "ug m-3", "simulated": 1}
    return made


def test_trends_are_those_of_standards_for_each_place():
    series = yearly()
    made = labelled.spearman(series.sample(frac=1, random_state=1))
    for city, row in YEARLY.items():
        expected = standards.assessment.trends.spearman(np.array(row))
        assert made.loc[city, ["r_s", "n", "critical"]].tolist() == [expected.r_s, expected.n, expected.critical]
        kendall = standards.assessment.trends.mann_kendall(np.array(row))
        assert labelled.mann_kendall(series).loc[city, ["s", "z", "p", "n"]].tolist() == [
            kendall.s, kendall.z, kendall.p, kendall.n,
        ]  # fmt: skip
        sen = standards.assessment.trends.theil_sen(np.array(row), np.arange(2016.0, 2024))
        assert labelled.theil_sen(series).loc[city].tolist() == [sen.slope, sen.intercept, sen.n]
        means = standards.assessment.trends.moving_year_mean(np.array(row))
        np.testing.assert_array_equal(labelled.moving_year_mean(series).loc[city], means)
    assert made["verdict"].to_dict() == {"510100": "falling", "510600": "not significant"}
    assert made.attrs["simulated"] == 1 and "HJ 663-2013" in made.attrs["references"]
    assert labelled.theil_sen(series).attrs["units"]["slope"] == "ug m-3 year-1"


def test_trends_of_arrays_and_of_one_place():
    array = xr.DataArray.from_series(yearly()).assign_attrs(units="ug m-3", simulated=1)
    data = labelled.spearman(array.transpose())
    frame = labelled.spearman(yearly())
    assert data["r_s"].dims == ("city",) and data.attrs["simulated"] == 1
    np.testing.assert_array_equal(data["r_s"].sel(city="510100"), frame.loc["510100", "r_s"])
    assert labelled.moving_year_mean(array).dims == ("city", "year")
    alone = yearly().loc["510100"]
    assert len(labelled.spearman(alone)) == 1
    assert labelled.spearman(array.sel(city="510100", drop=True))["r_s"].item() == frame.loc["510100", "r_s"]
    gap = alone.drop(2018)
    assert labelled.moving_year_mean(gap).index.tolist() == list(range(2016, 2024))
    assert np.isnan(labelled.moving_year_mean(gap).loc[2019])
    texts = alone.set_axis(pd.Index([str(year) for year in alone.index], name="year"))
    pd.testing.assert_frame_equal(labelled.theil_sen(texts), labelled.theil_sen(alone))


def test_years_that_are_none_or_twice_are_refused():
    alone = yearly().loc["510100"]
    with pytest.raises(ValueError, match="has no level year"):
        labelled.spearman(alone.rename_axis("time"))
    with pytest.raises(ValueError, match="the year 2016 occurs more than once"):
        labelled.spearman(pd.concat([alone, alone.iloc[:1]]))
    with pytest.raises(ValueError, match=r"a year is 2016\.5, expected a form of 2023"):
        labelled.spearman(alone.set_axis(alone.index + 0.5))


def daily_aqi() -> pd.DataFrame:
    days = pd.date_range("2025-01-06", periods=4, name="day")
    rows = {"510100": [120, 210, 230, 260], "510600": [90, 95, 210, 80], "110000": [90, np.nan, 90, 90]}
    frame = pd.concat({c: pd.DataFrame({"forecast_aqi": r}, days) for c, r in rows.items()}, names=["city"])
    frame.attrs = {"simulated": 1}
    return frame


def test_a_warning_is_graded_by_the_plan_of_the_city():
    frame = daily_aqi()
    made = labelled.warning_levels(frame)
    assert made["plan"].to_dict() == {"510100": "chengdu_2024", "510600": "sichuan_2024", "110000": "national_2024"}
    for city in made.index:
        level = standards.warning.plan.warning_level(
            frame.loc[city, "forecast_aqi"].to_numpy(), plan=plan_named(made.loc[city, "plan"])
        )
        assert made["warning_level"].fillna(-1).loc[city] == (-1 if level is None else level)
    assert made.loc["510100", "warning_level"] > 0 and made.loc["510100", "name_zh"]
    assert np.isnan(made.loc["110000", "warning_level"]) and made.attrs["simulated"] == 1
    data = labelled.warning_levels(frame.to_xarray())
    np.testing.assert_array_equal(data["warning_level"].sel(city=made.index.to_list()), made["warning_level"])
    assert data["plan"].sel(city="510600").item() == "sichuan_2024"
    one = labelled.warning_levels(frame.loc["510100", "forecast_aqi"], plan="chengdu_2024")
    assert one["warning_level"].item() == made.loc["510100", "warning_level"]


def test_what_is_no_daily_index_is_not_graded():
    frame = daily_aqi()
    with pytest.raises(ValueError, match="no plan for o3 is in force on 2025-01-06 in 510100"):
        labelled.warning_levels(frame, cause="o3")
    with pytest.raises(ValueError, match="grades iaqi_o3, expected column="):
        labelled.warning_levels(frame, plan="chengdu_o3_2021")
    with pytest.raises(ValueError, match="there is none of forecast_aqi, aqi"):
        labelled.warning_levels(frame.rename(columns={"forecast_aqi": "pm25_ugm3"}))
    with pytest.raises(ValueError, match="occur more than once"):
        labelled.warning_levels(pd.concat([frame, frame.iloc[:1]]))
    alone = frame.loc["510100"]
    with pytest.raises(ValueError, match="the days of day have the time zone"):
        labelled.warning_levels(alone.tz_localize("Asia/Shanghai"))
    alone.attrs = {"units": {"forecast_aqi": "ug m-3"}}
    with pytest.raises(ValueError, match="forecast_aqi is in 'ug m-3', expected a number without unit"):
        labelled.warning_levels(alone)


def pairs(n_stations: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    days = pd.date_range("2023-01-01", "2023-12-31", name="day")
    rows = {}
    for i in range(n_stations):
        obs = rng.uniform(10, 120, len(days))
        rows[f"{i:02d}A"] = pd.DataFrame(
            {"pm25_ugm3": obs, "forecast_pm25_ugm3": obs * rng.uniform(0.3, 1.2 + i / 8, len(days))}, days
        )
    return pd.concat(rows, names=["station"])


def test_a_model_is_measured_by_the_uncertainty_of_observations():
    frame = pairs()
    frame.attrs = {"simulated": 1}
    made = labelled.mqi(frame, "pm25")
    by = standards.verification.fairmode.uncertainty_of("pm25", "day", edition="v3.3")  # in force in 2023
    obs, fcst = (frame[c].to_numpy().reshape(12, -1) for c in ("pm25_ugm3", "forecast_pm25_ugm3"))
    np.testing.assert_array_equal(made["mqi"], standards.verification.fairmode.mqi(obs, fcst, by=by).value)
    np.testing.assert_array_equal(made["mqi_year"], standards.verification.fairmode.mqi_year(obs, fcst, by=by).value)
    assert (made["n"] == 365).all() and made.attrs["simulated"] == 1
    objective = labelled.mqo(made)
    assert objective["mqo"].item() == standards.verification.fairmode.mqo(made["mqi"].to_numpy(), by=by).value
    assert objective["n"].item() == objective["n_year"].item() == 12 and objective.attrs["simulated"] == 1
    data = labelled.mqi(frame.to_xarray(), "pm25")
    np.testing.assert_array_equal(data["mqi"], made["mqi"])
    assert labelled.mqo(data)["mqo_year"].item() == objective["mqo_year"].item()
    assert made.attrs["edition"] == objective.attrs["edition"] == "v3.3"
    now = labelled.mqi(frame, "pm25", edition="v4.0")
    by = standards.verification.fairmode.uncertainty_of("pm25", "day", edition="v4.0")
    np.testing.assert_array_equal(now["mqi"], standards.verification.fairmode.mqi(obs, fcst, by=by).value)
    assert labelled.mqo(now).attrs["edition"] == "v4.0" and labelled.mqo(now)["mqo"].item() != objective["mqo"].item()


def test_the_edition_of_fairmode_is_that_of_the_data_and_two_need_a_choice():
    days = pd.date_range("2026-05-01", "2026-05-20", name="day")
    data = pd.DataFrame({"co_mgm3": 1.0, "forecast_co_mgm3": 2.0}, days)
    with pytest.raises(ValueError, match=r"over the editions v3\.3 and v4\.0 of FAIRMODE, expected edition="):
        labelled.mqi(data, "co")
    found = labelled.mqi(data.loc["2026-05-06":], "co")
    # An error of 1 over sqrt(1 + 3.2^2) times 0.5 + 1 * 0.1 / 4; there is no uncertainty of the mean of a year.
    np.testing.assert_allclose(found["mqi"], 1 / (np.sqrt(1 + 3.2**2) * (0.5 + 0.1 / 4)))
    assert found["mqi_year"].isna().all() and found.attrs["edition"] == "v4.0"
    with pytest.raises(ValueError, match=r"FAIRMODE v3\.3 has no uncertainty of 'co'"):
        labelled.mqi(data, "co", edition="v3.3")


def test_a_model_is_not_measured_in_another_unit_or_by_another_mean():
    frame = pairs(1)
    with pytest.raises(ValueError, match="missing are o3_mda8_ugm3, forecast_o3_mda8_ugm3"):
        labelled.mqi(frame, "o3")
    with pytest.raises(ValueError, match="the item is 'ozone', expected one of"):
        labelled.mqi(frame, "ozone")
    hours = frame.droplevel("station").rename_axis("hour_end").add_prefix("x")
    hours = hours.set_axis(["no2_ugm3", "forecast_no2_ugm3"], axis=1)
    with pytest.raises(ValueError, match="have no time zone"):
        labelled.mqi(hours, "no2")
    with pytest.raises(ValueError, match="expected what mqi gives"):
        labelled.mqo(frame)
    frame.attrs["units"] = {"forecast_pm25_ugm3": "ppb"}
    with pytest.raises(ValueError, match="forecast_pm25_ugm3 is in 'ppb', expected ug/m3"):
        labelled.mqi(frame, "pm25")
