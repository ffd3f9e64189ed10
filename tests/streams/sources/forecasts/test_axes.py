"""Dimensions, levels and coordinates of forecast files: what the conventions say is understood, all else is refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from streams.registry import load
from tests.streams.sources.forecasts.making import (
    LAT,
    LON,
    TOP_TO_GROUND,
    block_of,
    fields_of,
    layered,
    levels,
    plain,
    read,
    refused,
    series,
    sloping,
    with_dimension,
    wrf,
)

PPB = 47.998 / 24.465
"""ug/m3 in 1 ppb of ozone at 298.15 K and 1013.25 hPa."""


SIGMA = np.array([1e-5, 0.1, 0.5, 0.9, 0.9925])
HYBRID = "atmosphere_hybrid_sigma_pressure_coordinate"


# The ground is where the table of docs/layouts/forecast.md says, which is CF-1.11 4.3 and appendix D; there are 40 ppb.
@pytest.mark.parametrize(
    ("name", "values", "attrs"),
    [
        (
            "lev",
            SIGMA,
            {
                "standard_name": HYBRID,
                "positive": "up",
                "units": "level",
                "long_name": "hybrid level at midpoints ((A/P0)+B)",
            },
        ),
        ("lev", SIGMA, {"standard_name": "atmosphere_sigma_coordinate", "units": "1"}),
        ("lev", SIGMA, {"long_name": "eta at layer midpoints"}),
        ("lev", SIGMA, {"standard_name": HYBRID, "positive": "down"}),
        ("lev", SIGMA, {"positive": "down"}),
        ("lev", [5, 4, 3, 2, 1], {"standard_name": HYBRID, "positive": "up"}),
        ("lev", [1, 2, 3, 4, 5], {"standard_name": HYBRID, "positive": "down"}),
        ("level", [100, 300, 500, 850, 1000], {"units": "hPa"}),
        ("plev", np.array([100, 300, 500, 850, 1000]) * 100, {"units": "Pa"}),
        ("level", [100, 300, 500, 850, 1000], {"units": "millibars", "positive": "up"}),
        ("isobaricInhPa", [100, 300, 500, 850, 1000], {"units": "hPa"}),
        ("height", [9000, 3000, 1000, 100, 10], {"units": "m"}),
        ("altitude", [9, 3, 1, 0.5, 0.02], {"units": "km", "positive": "up"}),
        ("z", [9000, 3000, 1000, 100, 10], {"units": "M"}),
        ("lev", [992.5, 993, 994, 995, 996], {"positive": "down", "units": "level"}),
        ("depthlike", [1, 2, 3, 4, 5], {"positive": "down", "units": "1"}),
        ("lev", [5, 4, 3, 2, 1], {"axis": "Z", "positive": "up"}),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_level_at_the_ground_is_the_one_that_the_axis_says(tmp_path, name, values, attrs, turned) -> None:
    way = slice(None, None, -1) if turned else slice(None)
    parsed = read(tmp_path, levels(name, np.asarray(values)[way], attrs, TOP_TO_GROUND[way]))
    assert parsed.rejected == [] and series(parsed)[0] == pytest.approx(40 * PPB, rel=1e-4)
    assert "taken as the ground" in block_of(parsed).provenance


@pytest.mark.parametrize("turned", [False, True])
def test_formula_terms_say_where_the_ground_is_whatever_the_level_numbers_are(tmp_path, turned) -> None:
    way = slice(None, None, -1) if turned else slice(None)
    share = {"hybm": ["f8", ("lev",), np.array([0.0, 0.1, 0.5, 0.9, 0.99])[way], {}]}
    attrs = {"standard_name": HYBRID, "formula_terms": "a: hyam b: hybm p0: P0 ps: PS"}
    parsed = read(tmp_path, levels("lev", [1, 2, 3, 4, 5], attrs, TOP_TO_GROUND[way], **share))
    assert series(parsed)[0] == pytest.approx(40 * PPB, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "values", "attrs"),
    [
        ("lev", [1, 2, 3, 4, 5], {}),
        ("level", [1, 2, 3, 4, 5], {"units": "1", "long_name": "model level"}),
        ("lev", None, {}),
        ("lev", SIGMA, {}),
        ("lev", SIGMA, {"positive": "up"}),
        ("level", [100, 300, 500, 850, 1000], {}),
        ("model_level", [1, 2, 3, 4, 5], {"standard_name": "model_level_number"}),
        ("bottom_top", None, {}),
        ("LAY", None, {}),
        ("lev", [1, 2, 3, 4, 5], {"units": "m", "long_name": "depth"}),
    ],
)
def test_an_axis_that_does_not_say_where_the_ground_is_is_refused(tmp_path, name, values, attrs) -> None:
    said = refused(read(tmp_path, levels(name, values, attrs)))
    assert f"dimension {name} does not tell" in said and "positive" in said


def test_model_levels_of_ecmwf_count_from_the_top(tmp_path) -> None:
    run = levels("level", [1, 2, 3, 4, 5], {"long_name": "model_level_number"})
    run["attrs"]["history"] = "2023-06-21 13:01:06 GMT by grib_to_netcdf-2.25.1"
    assert series(read(tmp_path, run))[0] == pytest.approx(40 * PPB, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "values", "attrs"),
    [
        ("plev", [100, 300, 500], {"units": "hPa"}),
        ("plev", [500], {"units": "hPa"}),
        ("height", [3000], {"units": "m"}),
        ("lev", [0.2, 0.5], {"standard_name": "atmosphere_sigma_coordinate"}),
    ],
)
def test_a_lowest_level_far_above_the_ground_is_none_of_a_city(tmp_path, name, values, attrs) -> None:
    said = refused(read(tmp_path, levels(name, values, attrs, [40] * len(values))))
    assert "far above the ground" in said


def test_a_single_level_of_cfgrib_without_a_dimension_counts_too(tmp_path) -> None:
    run = plain()
    run["variables"] = {
        "isobaricInhPa": ["f8", (), 500.0, {"units": "hPa", "standard_name": "air_pressure"}],
        **run["variables"],
    }
    run["variables"]["O3"][3]["coordinates"] = "isobaricInhPa"
    assert "far above the ground" in refused(read(tmp_path, run))
    run["variables"]["isobaricInhPa"][2] = 1000.0
    assert series(read(tmp_path, run))[0] == pytest.approx(40 * PPB, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "size", "word"),
    [
        ("number", 3, "member"),
        ("realization", 3, "member"),
        ("member", 2, "member"),
        ("ens", 2, "member"),
        ("nbin", 4, "size"),
        ("tile", 6, "tile"),
        ("nf", 6, "tile"),
        ("sector", 3, "source"),
        ("quantile", 3, "percentile"),
        ("foo", 2, "unknown"),
        ("step", 3, "lead"),
    ],
)
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_dimension_that_has_no_place_in_a_run_is_refused_by_name(tmp_path, name, size, word, at) -> None:
    run = with_dimension(plain(), name, None, 40.0 + np.arange(size), {}, at=at)
    said = refused(read(tmp_path, run))
    assert f"dimension {name} is not understood" in said and word in said


def test_an_ensemble_is_told_by_its_standard_name(tmp_path) -> None:
    run = with_dimension(plain(), "e", np.arange(3), 40.0 + np.arange(3), {"standard_name": "realization"})
    assert "member" in refused(read(tmp_path, run))


@pytest.mark.parametrize(("name", "noted"), [("number", False), ("foo", True), ("lev", True)])
def test_a_dimension_of_one_is_passed_over(tmp_path, name, noted) -> None:
    parsed = read(tmp_path, with_dimension(plain(), name, None, np.array([40.0]), {}))
    assert series(parsed)[0] == pytest.approx(40 * PPB, rel=1e-4)
    assert (name in block_of(parsed).provenance) is noted


def test_one_variable_with_an_ensemble_does_not_cost_the_others(tmp_path) -> None:
    run = with_dimension(plain(), "number", None, 40.0 + np.arange(3), {})
    run["variables"]["PM25"] = plain("PM25", "ug m-3", 35)["variables"]["PM25"]
    parsed = read(tmp_path, run)
    assert [(r.position, r.rows) for r in parsed.rejected] == [("variable O3", 0)] and series(parsed, "pm25")[0] == 35


STATION = load().stations["1432A"]
EXPECTED = 100 + 20 * (STATION.lon - 104) + 30 * (STATION.lat - 30)
"""The sloped field at station 1432A [ug/m3]: bilinear interpolation is exact on a plane."""


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("square", [False, True])
def test_bounds_of_coordinates_are_no_coordinates(tmp_path, first, square) -> None:
    run = sloping()
    lon, columns = (LON[:17], 17) if square else (LON, 19)
    run["dims"] |= {"nb": 2, "lon": columns}
    run["variables"]["O3"][2] = run["variables"]["O3"][2][:, :, :columns]
    run["variables"]["lon"][2] = lon
    bounds = {
        f"{n}_bnds": ["f8", (n, "nb"), np.stack([v - 0.1, v + 0.1], axis=1), {"units": u}]
        for n, v, u in (("lat", LAT, "degrees_north"), ("lon", lon, "degrees_east"))
    }
    for name in ("lat", "lon"):
        run["variables"][name][3]["bounds"] = f"{name}_bnds"
    run["variables"] = bounds | run["variables"] if first else run["variables"] | bounds
    parsed = read(tmp_path, run)
    assert parsed.rejected == [] and series(parsed)[0] == pytest.approx(EXPECTED, abs=0.01)


def test_fields_of_coordinates_that_repeat_in_time_are_a_grid_and_moving_ones_are_refused(tmp_path) -> None:
    assert series(read(tmp_path, fields_of()))[0] == pytest.approx(EXPECTED, abs=0.05)
    assert "the grid moves in time" in refused(read(tmp_path, fields_of(moving=0.05)))


def test_a_nest_of_wrf_that_moves_is_refused(tmp_path) -> None:
    assert series(read(tmp_path, wrf()))[0] == pytest.approx(EXPECTED, abs=0.05)
    assert "the grid moves in time" in refused(read(tmp_path, wrf(moving=0.05)))


def edited(**changes) -> dict:
    run = sloping()
    for name, (data, attrs) in changes.items():
        run["variables"][name][2:] = [data, attrs]
    return run


@pytest.mark.parametrize(
    ("run", "word"),
    [
        (edited(lat=(np.radians(LAT), {"units": "radians", "standard_name": "latitude"})), "unit"),
        (edited(lat=(LAT + 100, {"units": "degrees_north"})), "no latitude lies there"),
        (edited(lon=(LON * 1000, {"units": "degrees_east"})), "no longitude lies there"),
        (edited(lat=(np.where(LAT[3] == LAT, np.nan, LAT), {"units": "degrees_north"})), "missing"),
        (edited(lat=(np.where(LAT[3] == LAT, -999, LAT), {"units": "degrees_north", "_FillValue": -999.0})), "missing"),
        (edited(lat=(np.sin(np.arange(17.0)), {"units": "degrees_north"})), "neither rises nor falls"),
        (edited(lat=(LAT, {"units": "m", "standard_name": "projection_y_coordinate"})), "no latitude"),
        (edited(lat=(LAT, {"units": "degrees", "standard_name": "grid_latitude"})), "no latitude"),
        (
            edited(
                lat=(LON[:17], {"units": "degrees_east"}), lon=(np.linspace(28, 34, 19), {"units": "degrees_north"})
            ),
            "covers none|square",
        ),
    ],
)
def test_coordinates_that_make_no_grid_on_the_earth_are_refused(tmp_path, run, word) -> None:
    parsed = read(tmp_path, run)
    if "square" in word:
        # Units decide, not names: lat holds longitudes, and the field is on its turned grid.
        assert parsed.rejected == [] and np.isfinite(series(parsed)).all()
    else:
        assert word in refused(parsed)


def test_swapped_values_are_found_by_their_range(tmp_path) -> None:
    run = edited(
        lat=(np.linspace(101, 107, 17), {"units": "degrees_north"}),
        lon=(np.linspace(28, 34, 19), {"units": "degrees_east"}),
    )
    assert "no latitude lies there" in refused(read(tmp_path, run))


def test_the_coordinates_of_a_list_of_cells_are_no_grid(tmp_path) -> None:
    run = plain()
    run["dims"]["lon"] = 17
    run["variables"]["lon"] = ["f8", ("lat",), LON[:17], {"units": "degrees_east"}]
    run["variables"]["O3"] = ["f4", ("time", "lat"), np.full((6, 17), 40.0), {"units": "ppbV"}]
    assert "not a grid" in refused(read(tmp_path, run))


def test_axes_of_a_rotated_pole_beside_fields_are_left_alone(tmp_path) -> None:
    run = fields_of()
    run["variables"] = {
        "rlat": ["f8", ("y",), np.linspace(-3, 3, 17), {"standard_name": "grid_latitude", "units": "degrees"}],
        "rlon": ["f8", ("x",), np.linspace(-3, 3, 19), {"standard_name": "grid_longitude", "units": "degrees"}],
        **run["variables"],
    }
    assert series(read(tmp_path, run))[0] == pytest.approx(EXPECTED, abs=0.05)


# I/O API: VGTYP 1, 2 and 7 are sigma, 1 at the ground; 5 and 6 are heights [m]; layer 1 is the lowest.
@pytest.mark.parametrize(
    ("edges", "kind", "ppb"),
    [
        ([1, 0.98, 0.9, 0.5], 7, 40),
        ([0.5, 0.9, 0.98, 0.99], 7, 80),
        ([0, 50, 200, 1000], 6, 40),
        ([1, 0.98], 2, 40),
        ([-1, -1], 99, 40),
    ],
)
def test_layers_of_the_io_api_begin_at_the_ground(tmp_path, edges, kind, ppb) -> None:
    parsed = read(tmp_path, layered(edges, kind))
    assert parsed.rejected == [] and series(parsed)[0] == pytest.approx(ppb * PPB, rel=1e-4)


def test_layers_cut_out_above_the_ground_are_refused(tmp_path) -> None:
    assert "far above the ground" in refused(read(tmp_path, layered([0.5, 0.4, 0.3], 7)))


def test_faces_of_a_cubed_sphere_are_no_moving_grid(tmp_path) -> None:
    run = fields_of(moving=1.0)
    run["dims"] |= {"nf": 6}
    for name in ("lat", "lon"):
        run["variables"][name][1] = ("nf", "y", "x")
    assert "along nf" in refused(read(tmp_path, run))
