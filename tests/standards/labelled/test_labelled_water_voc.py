"""Indices of water, volatile organic compounds and guideline levels on labelled data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import standards.voc.age
import standards.voc.ratios
import standards.voc.reactivity
import standards.water.cwqi
import standards.water.trophic
from standards import labelled
from standards.assessment.limits import guideline
from standards.water.classes import BASIC_ITEMS, water_limit


def test_the_water_of_cities_is_indexed():
    row = {c: 7.5 if c == "ph" else water_limit(c, 3) for c in BASIC_ITEMS}
    frame = pd.DataFrame([row, row | {"do": np.nan}, row], index=pd.Index(list("abc"), name="city"))
    frame.attrs = {"simulated": 1}
    made = labelled.cwqi(frame)
    expected = standards.water.cwqi.cwqi({c: frame[c].to_numpy() for c in BASIC_ITEMS})
    np.testing.assert_array_equal(made, expected)
    assert made.attrs["simulated"] == 1 and np.isnan(made["b"])
    np.testing.assert_array_equal(labelled.cwqi(frame.to_xarray()), expected)
    lake, n = made * 0.5, pd.Series({"a": 3, "b": 0, "c": 1})
    both = labelled.cwqi_city(made, lake, river_sections=n, lake_sections=n.iloc[::-1])
    assert both["a"] == standards.water.cwqi.cwqi_city(made["a"], lake["a"], river_sections=3, lake_sections=3)
    change = labelled.cwqi_change(made, lake.iloc[:1])
    assert change["a"] == standards.water.cwqi.cwqi_change(made["a"], lake["a"]) and np.isnan(change["c"])
    frame.attrs = {"units": {"nh3n": "ug/L"}}
    with pytest.raises(ValueError, match="nh3n is in 'ug/L', expected mg/L"):
        labelled.cwqi(frame)


def test_lakes_have_a_trophic_state():
    frame = pd.DataFrame({"chla": [5.0, 60], "tp": [0.02, 0.2], "tn": [0.5, 3], "codmn": [2.0, 8], "sd": [3.0, np.nan]})
    frame.attrs = {"simulated": 1}
    made = labelled.tli(frame)
    expected = standards.water.trophic.tli({c: frame[c].to_numpy() for c in frame})
    np.testing.assert_array_equal(made["tli"], expected)
    assert (
        made["state"].tolist() == standards.water.trophic.trophic_state(expected).tolist() and made["state_en"][1] == ""
    )
    assert made.attrs["simulated"] == 1
    data = frame.to_xarray()
    np.testing.assert_array_equal(labelled.tli(data)["tli"], expected)
    data["chla"].attrs["units"] = "mg/L"
    with pytest.raises(ValueError, match="chla is in 'mg/L', expected ug/L"):
        labelled.tli(data)


def test_volatile_compounds_give_ratios_ages_and_potentials():
    names = ["toluene", "benzene", "m,p-xylene", "ethylbenzene"]
    frame = pd.DataFrame([[4.0, 1.0, 1.5, 1.0], [1.0, np.nan, 3.0, 1.0]], columns=names)
    frame.attrs = {"units": "ppb", "simulated": 1}
    made = labelled.diagnostic_ratios(frame)
    expected = standards.voc.ratios.diagnostic_ratios(frame.to_numpy().T, names, unit="ppb")
    for name, found in expected.items():
        np.testing.assert_array_equal(made[name], found.value)
    assert "solvents" in made["toluene/benzene_reading"][0] and made["toluene/benzene_reading"][1] == ""
    assert made.attrs["simulated"] == 1
    array = xr.DataArray(frame.to_numpy(), dims=("hour", "species"), coords={"species": names}).assign_attrs(
        units="ppb"
    )
    np.testing.assert_array_equal(labelled.diagnostic_ratios(array)["toluene/benzene"], made["toluene/benzene"])
    ratio = made["m,p-xylene/ethylbenzene"].rename("ratio")
    ratio.attrs = {}
    age = labelled.photochemical_age(ratio, initial_ratio=3.5)
    told = standards.voc.age.photochemical_age(ratio.to_numpy(), initial_ratio=3.5)
    np.testing.assert_array_equal(age["age_hours"], told.hours)
    ratio.attrs["units"] = "ppb"
    with pytest.raises(ValueError, match="ratio is in 'ppb', expected a number without unit"):
        labelled.photochemical_age(ratio, initial_ratio=3.5)
    for name in ("propylene_equivalent", "soa_potential", "tvoc"):
        values = getattr(standards.voc.reactivity, name)(frame.to_numpy().T, names, unit="ppb")
        found = getattr(labelled, name)(frame)
        np.testing.assert_array_equal(found["total"], values.total)
        assert found.attrs["simulated"] == 1
    with pytest.raises(ValueError, match="attrs say 'ppb' and unit is 'ug/m3'"):
        labelled.diagnostic_ratios(frame, unit="ug/m3")


def test_guideline_levels_stand_in_a_table():
    made = labelled.guidelines()
    assert made.loc[("pm25", "year"), "aqg"] == guideline("pm25", "year") == 5
    assert np.isnan(made.loc[("no2", "hour"), "it1"]) and "2021" in made.attrs["edition"]


def test_water_is_classed_rounded_or_as_it_is():
    frame = pd.DataFrame({"tp": [0.2004, 0.2006], "do": [6.0, 6.0]})
    assert labelled.assess_sections(frame)["water_class"].tolist() == [3, 4]
    as_it_is = labelled.assess_sections(frame, edition="2011")
    assert as_it_is["water_class"].tolist() == [4, 4] and as_it_is.attrs["rounding"] == "环办〔2011〕22号"
    lake = pd.DataFrame({"chla": [4.6], "tp": [0.02], "tn": [0.5], "codmn": [2.0], "sd": [3.0]})
    np.testing.assert_array_equal(labelled.tli(lake)["tli"], labelled.tli(lake.assign(chla=5.0), edition="2011")["tli"])
