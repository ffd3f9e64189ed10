"""Cells of forecast files: packing, marks for missing, valid ranges, sentinels, and what no air can have."""

from __future__ import annotations

import numpy as np
import pytest

from tests.streams.sources.forecasts.making import LAT, LON, plain, read, reasons, refused, series

GOOD = np.array([40.0, 50, 60, 70, 80, 90])


def marked(mark: float, *, kind: str = "f4", units: str = "ug m-3", name: str = "O3", **attrs) -> dict:
    """A run whose third hour holds a mark everywhere."""
    values = np.where(np.arange(6) == 2, mark, GOOD)
    run = plain(name, units, values, dtype=kind)
    run["variables"][name][3] |= attrs
    return run


# NetCDF User's Guide, appendix A: values outside the valid range are missing, limits are of the stored type; CF-1.11 2.5.1.
@pytest.mark.parametrize(
    "run",
    [
        marked(900, valid_range=np.float32([0, 500])),
        marked(900, valid_max=np.float32(500)),
        marked(-5, valid_min=np.float32(0)),
        marked(900, kind="i2", valid_range=np.int16([0, 500])),
        marked(900, valid_max=500),
        marked(900, valid_range=np.array([0, 500.0])),
        marked(-1, missing_value=np.float32(-1)),
        marked(77, missing_value=np.float32([-1, 77])),
        marked(-1, _FillValue=np.float32(-1)),
        marked(0.1, _FillValue=np.float32(0.1)),
        marked(1e20, missing_value=1e20),
        marked(9.96921e36),
        marked(-9.999e36),
        marked(np.nan),
        marked(-999, missing_value="-999"),
    ],
)
def test_a_cell_that_the_file_declares_missing_is_missing_and_no_more_is_said(tmp_path, run) -> None:
    parsed = read(tmp_path, run)
    assert parsed.rejected == []
    np.testing.assert_allclose(series(parsed), np.where(np.arange(6) == 2, np.nan, GOOD), rtol=1e-6)


PACKED = {"scale_factor": 0.01, "add_offset": 50.0}
STORED = np.rint((GOOD - 50) / 0.01)


# 900 is stored as 85,000, which is beyond int16: the range of the packed values (NUG) is -5,000 to 45,000, of values 0 to 500.
@pytest.mark.parametrize(
    "attrs",
    [
        {"valid_range": np.int32([-5000, 45000])},
        {"valid_range": np.float64([0, 500])},
        {"valid_max": np.int32(45000)},
        {"valid_max": np.float32(500)},
        {"missing_value": np.int32(85000)},
        {"_FillValue": np.int32(85000)},
    ],
)
def test_limits_of_packed_data_are_of_the_stored_type(tmp_path, attrs) -> None:
    run = plain("O3", "ug m-3", np.where(np.arange(6) == 2, 85_000, STORED), dtype="i4")
    run["variables"]["O3"][3] |= PACKED | attrs
    parsed = read(tmp_path, run)
    assert parsed.rejected == []
    np.testing.assert_allclose(series(parsed), np.where(np.arange(6) == 2, np.nan, GOOD), rtol=1e-6)


@pytest.mark.parametrize(
    "attrs",
    [PACKED, {"scale_factor": "0.01", "add_offset": "50"}, {"scale_factor": np.float32(0.01), "add_offset": 50}],
)
def test_packed_data_are_unpacked(tmp_path, attrs) -> None:
    run = plain("O3", "ug m-3", STORED, dtype="i2")
    run["variables"]["O3"][3] |= attrs
    np.testing.assert_allclose(series(read(tmp_path, run)), GOOD, rtol=1e-6)


def test_bytes_that_are_said_to_be_unsigned_are(tmp_path) -> None:
    run = plain("O3", "ug m-3", np.array([40, 127, -128, -6, -1, 0]), dtype="i1")
    run["variables"]["O3"][3] |= {"_Unsigned": "true", "_FillValue": np.int8(-1)}
    np.testing.assert_allclose(series(read(tmp_path, run)), [40, 127, 128, 250, np.nan, 0])
    run = plain("O3", "ug m-3", np.array([40, 127, 128, 250, 1, 0]), dtype="u1")
    np.testing.assert_allclose(series(read(tmp_path, run)), [40, 127, 128, 250, 1, 0])


@pytest.mark.parametrize(
    "attrs",
    [
        {"scale_factor": "a tenth"},
        {"scale_factor": np.array([1.0, 2.0])},
        {"scale_factor": np.nan},
        {"add_offset": np.inf},
        {"scale_factor": 0.0},
        {"valid_range": np.float32([1])},
        {"valid_range": "0 to 500"},
        {"valid_max": np.float32([1, 2])},
        {"missing_value": "missing"},
        {"scale_factor": ""},
    ],
)
def test_an_attribute_of_packing_that_is_no_number_costs_its_variable(tmp_path, attrs) -> None:
    run = plain()
    run["variables"]["O3"][3] |= attrs
    assert next(iter(attrs)) in refused(read(tmp_path, run))


@pytest.mark.parametrize("mark", [-999, -9999, -99, -999.9, 9999, 99999, -32767, 1e20, 1e30])
@pytest.mark.parametrize("units", ["ug m-3", "ppbv"])
def test_an_undeclared_sentinel_is_missing_and_named(tmp_path, mark, units) -> None:
    parsed = read(tmp_path, marked(mark, units=units))
    assert np.flatnonzero(np.isnan(series(parsed))).tolist() == [2]
    assert all(r.rows == 0 for r in parsed.rejected)
    if abs(mark) < 1e15:
        assert "undeclared" in reasons(parsed) and f"{mark:g}" in reasons(parsed)


def test_a_pressure_of_99999_pa_is_a_pressure(tmp_path) -> None:
    # 40 ppb at 99,999 Pa and 300 K are 40e-9 x 99,999 / (8.314463 x 300) = 1.6036e-6 mol/m3.
    run = plain("O3", "mol m-3", 1.6036e-6)
    for name, units, value in (("T2", "K", 300), ("PSFC", "Pa", 99_999)):
        run["variables"][name] = plain(name, units, value)["variables"][name]
    parsed = read(tmp_path, run)
    assert parsed.rejected == [] and series(parsed)[0] == pytest.approx(78.477, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "units", "good", "mark", "variable"),
    [
        ("T2", "K", 280.15, -999, "temperature_c"),
        ("T2", "degC", 7, -99, "temperature_c"),
        ("PBLH", "m", 7, -9999, "mixing_height_m"),
    ],
)
def test_weather_has_its_sentinels_too(tmp_path, name, units, good, mark, variable) -> None:
    parsed = read(tmp_path, plain(name, units, np.where(np.arange(6) == 2, mark, good)))
    np.testing.assert_allclose(series(parsed, variable), np.where(np.arange(6) == 2, np.nan, 7), rtol=1e-5)
    assert "undeclared" in reasons(parsed)


def test_a_run_without_a_value_is_refused(tmp_path) -> None:
    assert "no value over our cities" in refused(read(tmp_path, plain(value=np.nan)))


def near(value: float, *, everywhere: bool = False, name: str = "O3", units: str = "ug m-3") -> dict:
    """A run of 80 with another value in the third hour, at one cell over Chengdu or at a share of them."""
    data = np.full((6, LAT.size, LON.size), 80.0)
    row, column = int(np.argmin(abs(LAT - 30.66))), int(np.argmin(abs(LON - 104.07)))
    cells = (
        (slice(2, 3), slice(None), slice(None))
        if everywhere
        else (slice(2, 3), slice(row, row + 1), slice(column, column + 1))
    )
    data[cells] = value
    return plain(name, units, data)


# Advection and spectral models undershoot: a hair below zero is zero (1 % of the variable's largest value).
@pytest.mark.parametrize("value", [-1e-12, -0.3, -0.79])
def test_a_cell_a_hair_below_zero_is_zero(tmp_path, value) -> None:
    parsed = read(tmp_path, near(value, everywhere=True))
    assert parsed.rejected == [] and series(parsed)[2] == 0 and series(parsed)[1] == 80


@pytest.mark.parametrize("value", [-50.0, 90_000.0, np.inf, -np.inf])
def test_a_few_cells_that_no_air_can_have_are_missing_and_told(tmp_path, value) -> None:
    run = near(value)
    run["variables"]["PM10"] = plain("PM10", "ug m-3", 90)["variables"]["PM10"]
    parsed = read(tmp_path, run)
    assert [(r.position, r.rows) for r in parsed.rejected] == [("variable O3", 0)] and "1 of" in reasons(parsed)
    values = np.concatenate([block.values[3] for block in parsed.blocks])
    assert np.isnan(values[:, 2]).any() and not np.isnan(values[:, 2]).all()
    assert not np.isnan(values[:, [0, 1, 3, 4, 5]]).any()
    np.testing.assert_allclose(values[~np.isnan(values)], 80, rtol=1e-6)


def test_undershoot_at_a_tenth_of_the_cells_costs_these_cells_alone(tmp_path) -> None:
    data = np.full((6, LAT.size, LON.size), 80.0)
    data[2, : LAT.size // 3] = -3.0
    parsed = read(tmp_path, plain("O3", "ug m-3", data))
    assert [(r.position, r.rows) for r in parsed.rejected] == [("variable O3", 0)] and series(parsed)[2] == 80


@pytest.mark.parametrize("value", [-50.0, 90_000.0, np.inf])
def test_many_cells_that_no_air_can_have_say_that_the_unit_is_wrong(tmp_path, value) -> None:
    assert "unit is not what it says" in refused(read(tmp_path, near(value, everywhere=True)))


@pytest.mark.parametrize("kind", ["S1", str])
def test_text_is_no_value(tmp_path, kind) -> None:
    run = plain()
    data = np.full((6, LAT.size, LON.size), "x", dtype=object if kind is str else "S1")
    run["variables"]["O3"] = [kind, ("time", "lat", "lon"), data, {"units": "ppbV"}]
    assert "no number" in refused(read(tmp_path, run)) or "no variable" in refused(read(tmp_path, run))


# GB 3095-2012 3.14: 273 K until 2018-08-31, 298.15 K since (its amendment); 1 ppb is 47.998/22.401 and 47.998/24.465 ug/m3.
@pytest.mark.parametrize(
    ("units", "old", "new"), [("ppbV", 85.705, 78.477), ("ug/kg", 51.718, 47.357), ("ug m-3", 40, 40)]
)
def test_gases_are_told_at_the_state_that_held_on_the_natural_day(tmp_path, units, old, new) -> None:
    run = plain("O3", units, 40)
    # The natural day of 2018-08-31 ends at 16:00Z.
    run["variables"]["time"][3]["units"] = "hours since 2018-08-31 14:00:00"
    np.testing.assert_allclose(series(read(tmp_path, run)), [old, old, old, new, new, new], rtol=1e-4)
