"""Rankings, scores by lead, water and volatile organic compounds on labelled data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import standards.verification.scores
import standards.voc.reactivity
import standards.water.sections
from standards import labelled
from standards.labelled.columns import DAY_COLUMNS


def assessed(scale: tuple[float, ...], *, edition: str = "2026T") -> pd.DataFrame:
    index = pd.date_range("2025-01-01", "2025-12-31", name="day")
    middle = np.array([6, 28, 0.8, 120, 58, 32])
    rows = {
        f"city{i}": pd.DataFrame([middle * s] * len(index), index, list(DAY_COLUMNS.values()))
        for i, s in enumerate(scale)
    }
    return labelled.assess_period(pd.concat(rows, names=["city"]), "2025", edition=edition)


def test_equal_indices_share_a_rank_and_keep_their_labels():
    values = pd.Series([3.5, 3.1, 3.5, np.nan, 4.0], index=list("abcde"), name="ranking_index")
    made = labelled.rank(values)
    assert made.to_dict() == {"a": 2, "b": 1, "c": 2, "d": 0, "e": 4}
    assert labelled.rank(values, valid=pd.Series({"e": True, "a": True, "b": False})).tolist() == [1, 0, 0, 0, 2]
    array = labelled.rank(xr.DataArray(values.rename_axis("city")), descending=True)
    assert array.sel(city="e").item() == 1 and array.name == "rank"


def test_cities_are_ranked_by_change_against_the_same_cities():
    now, base = assessed((0.9, 1.1, 1.0)), assessed((1.0, 1.0, 1.0)).iloc[[2, 0, 1]]
    made = labelled.change_ranking(now, base)
    assert made["rank"].tolist() == [1, 3, 2] and made["change_pct"].iloc[2] == 0
    assert made.loc["city0", "change_pct"] < 0 < made.loc["city1", "change_pct"]
    data = labelled.change_ranking(*(each.to_xarray().assign_attrs(now.attrs) for each in (now, base)))
    assert data["rank"].sel(city="city1").item() == 3
    lost = labelled.change_ranking(now, base.drop("city1"))
    assert np.isnan(lost.loc["city1", "change_pct"]) and lost.loc["city1", "rank"] == 0
    with pytest.raises(ValueError, match="edition is '2026T' now and '2012' before, expected one"):
        labelled.change_ranking(now, assessed((1.0, 1.0, 1.0), edition="2012"))


def joined() -> xr.Dataset:
    """Two cities, two runs and the hours without a run, as the store gives joined hours."""
    rng = np.random.default_rng(2)
    shape = (2, 48, 3)
    obs = np.broadcast_to(rng.uniform(20, 90, shape[:2])[..., None], shape)
    forecast, lead = obs * rng.uniform(0.7, 1.5, shape), np.broadcast_to([np.nan, 1.0, 2.0], shape).copy()
    forecast[..., 0] = np.nan
    forecast[0, 3, 1] = np.nan
    dims = ("city", "hour_end", "run")
    hours = pd.date_range("2023-01-01", periods=48, freq="h")
    return xr.Dataset(
        {"pm25_ugm3": (dims, obs), "forecast_pm25_ugm3": (dims, forecast), "lead_day": (dims, lead)},
        {"city": ["510100", "510600"], "hour_end": hours, "run": ["", "A", "B"]},
    )


def test_forecasts_are_scored_by_lead():
    data = joined()
    made = labelled.scores_by_lead(data, "pm25")
    assert made.index.tolist() == [1, 2] and made["n"].tolist() == [95, 96]
    first = data.isel(run=1)
    expected = standards.verification.scores.nmb(
        first["pm25_ugm3"].values.ravel(), first["forecast_pm25_ugm3"].values.ravel()
    )
    assert made.loc[1, "nmb"] == pytest.approx(float(expected.value), rel=1e-12)
    assert made.attrs["units"]["nmb"] == "%" and made.attrs["units"]["rmse"] == "ug m-3"
    by_city = labelled.scores_by_lead(data, "pm25", by=("city", "lead_day"), names=("mb", "r"))
    assert by_city.index.names == ["city", "lead_day"] and by_city["n"].tolist() == [47, 48, 48, 48]
    frame = data.to_dataframe()
    pd.testing.assert_frame_equal(labelled.scores_by_lead(frame, "pm25"), made)
    assert labelled.scores_by_lead(data.isel(run=[0]), "pm25").empty
    with pytest.raises(ValueError, match="missing are o3_ugm3, forecast_o3_ugm3"):
        labelled.scores_by_lead(data, "o3")
    data["forecast_pm25_ugm3"].attrs["units"] = "ppb"
    with pytest.raises(ValueError, match="forecast_pm25_ugm3 is in 'ppb', expected ug/m3"):
        labelled.scores_by_lead(data, "pm25")


def test_water_is_classified_with_its_labels():
    frame = pd.DataFrame(
        {"do": [8.0, 5.5, np.nan], "codmn": [1.5, 5.0, 3.0], "nh3n": [0.1, 1.2, 2.5], "name": list("xyz")},
        index=pd.Index(["a", "b", "c"], name="section"),
    )
    made = labelled.assess_sections(frame)
    expected = standards.water.sections.assess_sections({k: frame[k].to_numpy() for k in ("do", "codmn", "nh3n")})
    assert made["water_class"].tolist() == expected.water_class.tolist() == [1, 4, 6]
    assert made.loc["b", "deciding"] == "nh3n" and made.loc["b", "verdict_zh"] == "轻度污染"
    assert made["do_class"].tolist() == [1, 3, 0] and made.attrs["edition"] == "GB 3838-2002"
    data = labelled.assess_sections(frame.to_xarray())
    assert data["water_class"].dims == ("section",) and data["level"].values.tolist() == made["level"].tolist()
    frame.attrs["units"] = {"nh3n": "ug/L"}
    with pytest.raises(ValueError, match="nh3n is in 'ug/L', expected mg/L"):
        labelled.assess_sections(frame)
    with pytest.raises(ValueError, match="expected codes such as do"):
        labelled.assess_sections(frame[["name"]])


def test_ozone_formation_potential_keeps_species_and_says_its_coverage():
    frame = pd.DataFrame({"toluene": [1.0, 2.0], "间二甲苯": [0.5, np.nan]}, index=pd.Index([1, 2], name="hour"))
    made = labelled.ofp(frame, unit="ppb", least_measured=0.0)
    expected = standards.voc.reactivity.ofp(frame.to_numpy().T, list(frame.columns), unit="ppb", least_measured=0.0)
    np.testing.assert_array_equal(made["total"], expected.total)
    np.testing.assert_array_equal(made["toluene"], expected.by_species[0])
    assert made["measured"].tolist() == [1.0, 0.5] and made.attrs["units"]["total"] == "ug O3/m3"
    array = xr.DataArray(frame.to_numpy(), dims=("hour", "species"), coords={"species": list(frame.columns)})
    data = labelled.ofp(array.assign_attrs(units="ppb"), least_measured=0.0)
    assert data["by_species"].dims == ("species", "hour")
    np.testing.assert_array_equal(data["total"], expected.total)
    assert labelled.oh_reactivity(frame, unit="ppb")["total"].iloc[0] > 0
    for unit, attrs, message in [
        (None, {}, "no unit is said"),
        ("mg/m3", {}, "the unit is 'mg/m3', expected one of ppb, ug/m3"),
        ("ppb", {"units": "µg/m³"}, "attrs say 'µg/m³' and unit is 'ppb'"),
    ]:
        frame.attrs = attrs
        with pytest.raises(ValueError, match=message):
            labelled.ofp(frame, unit=unit)
